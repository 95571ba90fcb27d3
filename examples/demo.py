"""All examples in one process: the Python ones below /python, the Rust ones below /rust.

`python examples/demo.py`; HOST and PORT say where it listens, STORE where sessions are kept.
"""

import os

import livefloe as lf

from counter.app import counter
from desk.app import desk
from digits.app import digits
from faults import faults
from room.app import page as room
from signup.app import signup
from todo.app import todo

#: Path, title, and what it shows.
EXAMPLES = [
    ("counter", "Counter", "State, handlers, and children with a state of their own."),
    ("todo", "Todo", "A list with keys, forms, and a filter."),
    ("room/harbour", "Room", "Many visitors: shared state, messages, and who is here."),
    ("signup", "Sign up", "A form that checks while it is filled in."),
    ("desk", "Desk", "Tabs, questions, a dialog and a menu that answer at once."),
    ("digits", "Digits", "A sketchpad, and a network that reads it."),
]

app = lf.App("Livefloe examples", store=os.environ.get("STORE"))
app.mount_rust_examples("/rust")
for path, function in {
    "counter": counter,
    "todo": todo,
    "room/{room}": room,
    "signup": signup,
    "desk": desk,
    "digits": digits,
    "faults": faults,
}.items():
    app.page(f"/python/{path}")(function)


@app.page("/")
def index() -> None:
    lf.page_header("Livefloe examples", subtitle="Small apps, each in one file, and each twice.")
    for language in ("Python", "Rust"):
        lf.heading(language)
        with lf.grid():
            for path, title, description in EXAMPLES:
                with lf.card(title, link=f"/{language.lower()}/{path}"):
                    lf.text(description)


if __name__ == "__main__":
    host = os.environ.get("HOST", "127.0.0.1")
    with app.start(host, int(os.environ.get("PORT", "8000"))) as server:
        print(f"listening on {server.address}", flush=True)
        server.wait()
