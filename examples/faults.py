"""Handlers that fail in every way there is: for the browser tests, and nothing to learn from."""

import asyncio

import livefloe as lf


class Faults(lf.State):
    count: int = 0
    is_broken: bool = False

    def increment(self) -> None:
        self.count += 1

    def panic(self) -> None:
        self.count += 100
        raise RuntimeError("the ice broke")

    def error(self) -> None:
        self.count += 100
        raise ValueError("the ice is too thin")

    def break_page(self) -> None:
        self.count += 100
        self.is_broken = True

    def fail_later(self) -> None:
        self.count += 1
        lf.spawn(asyncio.sleep, 0, then=self.late)

    def late(self, _: None) -> None:
        self.count += 100
        raise RuntimeError("the ice melted")

    async def take_a_while(self) -> None:
        await asyncio.sleep(0.7)
        self.count += 10

    def add(self, amount: int) -> None:
        self.count += amount


def faults() -> None:
    state = Faults()
    if state.is_broken:
        raise RuntimeError("the ice broke while rendering")
    lf.title("Faults")
    lf.page_header("Faults", subtitle="Whatever fails here is undone, and the page lives on.")
    lf.text(f"Count: {state.count}")
    with lf.row():
        lf.button("Count", state.increment, variant="primary")
        lf.button("Panic", state.panic)
        lf.button("Error", state.error)
        lf.button("Break the page", state.break_page)
        lf.button("Fail later", state.fail_later)
        lf.button("Take a while", state.take_a_while)
    with lf.form(on_submit=state.add), lf.row():
        lf.number("Amount", min=0)
        lf.button("Add", submit=True)
