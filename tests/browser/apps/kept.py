"""A page whose state is kept, each event before it is shown: PORT says where, STORE in what."""

import os

import livefloe as lf


class Kept(lf.State):
    notes: list[str] = []
    stars: dict[str, int] = {}

    def add(self, note: str) -> None:
        self.notes.append(note)

    def star(self, note: str) -> None:
        self.stars[note] = self.stars.get(note, 0) + 1


app = lf.App("Kept", store=os.environ["STORE"], durable=True)


@lf.component
def row(note: str) -> None:
    kept = Kept()
    lf.button(f"{note}: {kept.stars.get(note, 0)}", on_click=kept.star, args=(note,))


@app.page("/")
def page() -> None:
    kept = Kept()
    with lf.form(on_submit=kept.add):
        lf.text_field("Note", name="note")
        lf.button("Add", submit=True)
    for note in kept.notes:
        row(note, key=note)


if __name__ == "__main__":
    with app.start(port=int(os.environ["PORT"])) as server:
        print(f"listening on {server.address}", flush=True)
        server.wait()
