"""A form that checks while it is filled in, and asks a slow service.

`python app.py`, then open http://127.0.0.1:8000.
"""

import asyncio
import re
from dataclasses import dataclass
from typing import Literal

import livefloe as lf

app = lf.App("Sign up")

accounts = {"ada", "grace", "linus"}
MAX_ACCOUNTS = 10_000


async def is_free(username: str) -> bool:
    """Stands for a slow database."""
    await asyncio.sleep(0.3)
    return username not in accounts


@dataclass
class Draft:
    """The form as it stands. Whatever can be typed fits in: nothing is refused half-way."""

    username: str = ""
    email: str = ""
    age: int | None = None
    plan: Literal["Hobby", "Team"] | None = None
    terms: bool = False


class Signup(lf.State):
    draft: Draft = Draft()
    availability: Literal["unknown", "asked", "free", "taken"] = "unknown"
    is_submitted: bool = False
    is_done: bool = False

    def errors(self, *, with_empty: bool) -> dict[str, str]:
        draft = self.draft
        is_username = re.fullmatch("[a-z]{3,20}", draft.username) is not None
        is_address = re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+", draft.email) is not None
        is_age = draft.age is not None and 13 <= draft.age <= 130
        # The field, what is in it, whether that will do, and what to say if not.
        checks = [
            ("username", draft.username, is_username, "3 to 20 small letters, a to z."),
            ("username", True, self.availability != "taken", "This name is taken."),
            ("email", draft.email, is_address, "An address such as ada@example.org."),
            ("age", draft.age is not None, is_age, "A number from 13 to 130."),
            ("plan", draft.plan, bool(draft.plan), "Choose a plan."),
            ("terms", draft.terms, draft.terms, "Please read the terms first."),
        ]
        return {
            field: message
            for field, content, is_fine, message in checks
            if not is_fine and (content or with_empty)
        }

    def check(self, draft: Draft) -> None:
        """Runs while the visitor types."""
        is_other_name = draft.username != self.draft.username
        self.draft = draft
        if not is_other_name:
            return
        self.availability = "unknown"
        if "username" not in self.errors(with_empty=True):
            self.availability = "asked"
            # The visitor goes on typing while the answer is on its way.
            lf.spawn(self.ask, draft.username)

    async def ask(self, username: str) -> None:
        """Asks whether a name is free. The answer may be late, and about an earlier name."""
        free = await is_free(username)
        if username == self.draft.username:
            self.availability = "free" if free else "taken"

    async def submit(self, draft: Draft) -> None:
        self.check(draft)
        self.is_submitted = True
        if self.errors(with_empty=True):
            return
        if len(accounts) == MAX_ACCOUNTS:
            raise RuntimeError("there is no room for another account")
        if await is_free(draft.username):
            accounts.add(draft.username)
            self.is_done = True
        else:
            self.availability = "taken"

    def restart(self) -> None:
        self.draft = Draft()
        self.availability = "unknown"
        self.is_submitted = self.is_done = False


HELP = {"asked": "Looking whether it is free…", "free": "This name is free."}


@app.page("/")
def signup() -> None:
    state = Signup()
    draft = state.draft
    lf.title("Sign up")
    if state.is_done:
        lf.page_header(f"Welcome, {draft.username}!")
        lf.alert(f"We wrote to {draft.email}.", "success")
        lf.button("Sign up somebody else", state.restart)
        return
    error = state.errors(with_empty=state.is_submitted).get
    lf.page_header("Sign up", subtitle="It checks while you type, and never takes away your text.")
    with lf.card(), lf.form(on_submit=state.submit, on_input=state.check, debounce_ms=250):
        help_ = HELP.get(state.availability)
        lf.text_field("Username", draft.username, error=error("username"), help=help_)
        lf.text_field("E-mail", draft.email, name="email", error=error("email"))
        lf.number("Age", draft.age, error=error("age"))
        lf.radio("Plan", ["Hobby", "Team"], draft.plan, inline=True, error=error("plan"))
        lf.checkbox("I have read the terms", draft.terms, name="terms", error=error("terms"))
        lf.button("Sign up", submit=True, variant="primary")


if __name__ == "__main__":
    app.run()
