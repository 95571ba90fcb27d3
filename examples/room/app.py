"""Rooms to talk in: state that visitors share, and who is here.

`python app.py`, then open http://127.0.0.1:8000/room/harbour in two windows.
"""

from dataclasses import dataclass

import livefloe as lf

ROOMS = ["harbour", "lighthouse", "pier"]
MAX_MESSAGES = 20
MAX_LENGTH = 200

app = lf.App("Rooms")


@dataclass
class Message:
    number: int
    author: str
    text: str


class Rooms(lf.State, scope="app"):
    """What was said. One for all visitors: whoever shows a list sees what is added to it."""

    messages: dict[str, list[Message]] = {room: [] for room in ROOMS}

    def add(self, room: str, author: str, text: str) -> None:
        messages = self.messages[room]
        messages.append(Message(messages[-1].number + 1 if messages else 1, author, text))
        del messages[:-MAX_MESSAGES]


class Visitor(lf.State):
    name: str = ""  # until they have said it


@app.page("/room/{room}")
def page(room: str) -> None:
    if room not in ROOMS:
        raise lf.Invalid(room=f"there is no room called {room!r}")
    visitor = Visitor()
    topic = f"room/{room}"
    present = lf.presence(topic, visitor.name) if visitor.name else lf.members(topic)
    lf.title(f"The {room}")
    lf.nav([(name, name) for name in ROOMS], label="Rooms", current=room)
    lf.page_header(f"The {room}", subtitle="Open it in a second window, and talk to yourself.")
    with lf.card():
        messages(room)
        if visitor.name:
            composer(room)
        else:
            introduction(present)
    lf.text(f"Here: {', '.join(present) or 'nobody yet'}", muted=True)


@lf.component
def messages(room: str) -> None:
    """Runs again when somebody says something; the rest of the page doesn't."""
    with lf.element("div", role="log", aria_label="Messages"):
        for message in Rooms().messages[room]:
            lf.text(f"{message.author}: {message.text}", key=message.number)


@lf.component
def introduction(present: list[str]) -> None:

    def enter(name: str) -> None:
        name = name.strip()
        if not 1 <= len(name) <= 30:
            raise lf.Invalid(name="Say who you are, in up to 30 letters.")
        if name in present:
            raise lf.Invalid(name=f"{name} is here already.")
        Visitor().name = name

    with lf.form(on_submit=enter), lf.row():
        lf.text_field("Your name", name="name", autocomplete="nickname", max_length=30)
        lf.button("Come in", submit=True, variant="primary")


@lf.component
def composer(room: str) -> None:

    def say(message: str) -> None:
        message = message.strip()
        if not 1 <= len(message) <= MAX_LENGTH:
            raise lf.Invalid(message="Say something, in up to 200 letters.")
        Rooms().add(room, Visitor().name, message)

    with lf.form(on_submit=say, reset=True), lf.row():
        lf.text_field(
            "Message",
            placeholder="Say something",
            hide_label=True,
            autocomplete="off",
            autofocus=True,
            max_length=MAX_LENGTH,
        )
        lf.button("Send", submit=True, variant="primary")


if __name__ == "__main__":
    app.run()
