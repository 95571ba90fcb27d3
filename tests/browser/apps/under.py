"""Two pages that lead to each other, for those who mount them: PORT, PREFIX and PROXIES say how."""

import os

import livefloe as lf


class Visits(lf.State):
    count: int = 0

    def add(self) -> None:
        self.count += 1

    def leave(self) -> None:
        lf.navigate("/room/cellar?from=home")


app = lf.App(
    "Under a path",
    store="memory",
    prefix=os.environ.get("PREFIX"),
    trusted_proxies=os.environ["PROXIES"].split() if "PROXIES" in os.environ else None,
)


@app.page("/")
def home() -> None:
    visits = Visits()
    lf.nav({"Home": "/", "Attic": "/room/attic"}, current="/")
    lf.heading("Home")
    lf.text(f"Count: {visits.count}")
    lf.button("+1", on_click=visits.add)
    lf.button("Leave", on_click=visits.leave)


@app.page("/room/{name}")
def room(name: str) -> None:
    lf.heading(name)
    lf.link("Home", "/")


if __name__ == "__main__":
    with app.start(port=int(os.environ["PORT"])) as server:
        print(f"listening on {server.address}", flush=True)
        server.wait()
