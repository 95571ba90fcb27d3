"""Tabs, questions, a dialog and a menu: what answers at once, and is on the server all the same.

`python app.py`, then open http://127.0.0.1:8000.
"""

import livefloe as lf

app = lf.App("Desk")

MAX_LIKES = 3


class Desk(lf.State):
    view: str = "note"
    count: int = 0
    likes: int = 0
    is_asking: bool = False

    def like(self) -> None:
        self.likes += 1
        if self.likes > MAX_LIKES:
            raise lf.Invalid("Three are enough")

    def clear(self) -> None:
        self.count = self.likes = 0


@app.page("/")
def desk() -> None:
    state = Desk()
    lf.title("Desk")
    lf.page_header("Desk", subtitle="What opens here opens at once, and the server knows.")
    with lf.tabs("Views", selected=Desk.view) as tabs:
        with tabs.tab("Note", "note"):
            lf.text_area("Note", id="note")
        with tabs.tab("Numbers", "numbers"):
            numbers(state)
    with lf.accordion() as questions:
        with questions.item("Who sees this?"):
            lf.text("You do, and the server, which keeps it over a reload.")
        with questions.item("Why so fast?"):
            lf.text("The page knows by itself what a click does.")
    with lf.card(), lf.row():
        lf.button("Clear", lf.action.set(Desk.is_asking, True), variant="danger")
        with lf.menu("Go to") as menu:
            menu.item("The note", [lf.action.set(Desk.view, "note"), lf.action.focus("#note")])
            menu.item("The numbers", lf.action.set(Desk.view, "numbers"))
            menu.separator()
            menu.item("Copy the count", lf.action.copy(lf.expr(Desk.count)))
        lf.text(f"Now at: {state.view}")
    with lf.dialog("Really?", open=Desk.is_asking):
        lf.text("Count and likes begin anew.")
        close = lf.action.set(Desk.is_asking, False)
        lf.button("Clear all", [close, state.clear], variant="primary")


def numbers(state: Desk) -> None:
    less = (lf.expr(Desk.count) - 1).at_least(0)
    lf.text(lf.expr("Count: ").join(Desk.count))
    with lf.row():
        lf.button("Less", lf.action.set(Desk.count, less))
        lf.button("More", lf.action.increment(Desk.count))
        lf.button("Like", state.like, pending=lf.action.increment(Desk.likes))
        lf.text(lf.expr("Likes: ").join(Desk.likes))


if __name__ == "__main__":
    app.run()
