"""A page whose handler keeps the interpreter to itself, beside one in Rust: PORT says where."""

import ctypes
import os

import livefloe as lf

HELD_S = 6


class Greedy(lf.State):
    count: int = 0

    def hold(self) -> None:
        # `PyDLL` keeps the interpreter's lock while C runs, as a library does that never lets go of it.
        ctypes.PyDLL(None).usleep(HELD_S * 1_000_000)
        self.count += 10

    def add(self) -> None:
        self.count += 1


# Heard every second, so that a server that says nothing is noticed after two.
app = lf.App("Greedy", store="memory", limits={"heartbeat": 1})
app.mount_rust_examples("/rust")


@app.page("/")
def page() -> None:
    greedy = Greedy()
    lf.text(f"Count: {greedy.count}")
    lf.button("Hold", on_click=greedy.hold)
    lf.button("Add", on_click=greedy.add)


if __name__ == "__main__":
    with app.start(port=int(os.environ["PORT"])) as server:
        print(f"listening on {server.address}", flush=True)
        server.wait()
