"""A page whose address and browser have some of its state: PORT says where."""

import os
from typing import Literal

import livefloe as lf


class View(lf.State):
    heat: float = lf.field(0.7, url="t")
    page: int = lf.field(1, url="page", push=True)
    tags: list[str] = lf.field([], url="tag")
    theme: Literal["light", "dark"] = lf.field("light", browser="theme")
    n: int = 0

    def tag(self) -> None:
        self.tags.append(f"tag {len(self.tags)}")

    def step(self) -> None:
        self.page += 1

    def count(self) -> None:
        self.n += 1

    def paint(self) -> None:
        self.theme = "dark" if self.theme == "light" else "light"


app = lf.App("Mirrored")


@app.page("/")
def page() -> None:
    view = View()
    lf.page_header("Mirrored")
    lf.slider("Heat", 0, 2, step=0.1, bind=View.heat)
    with lf.row():
        lf.button("Tag", view.tag)
        lf.button("Next", view.step)
        lf.button("Count", view.count)
        lf.button("Paint", view.paint)
    lf.text(f"heat {view.heat} page {view.page} tags {', '.join(view.tags)} n {view.n}")
    lf.text(f"theme {view.theme}")


if __name__ == "__main__":
    with app.start(port=int(os.environ["PORT"])) as server:
        print(f"listening on {server.address}", flush=True)
        server.wait()
