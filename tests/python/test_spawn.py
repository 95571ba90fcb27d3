"""Work beside the session."""

from __future__ import annotations

import asyncio
import threading

import livefloe as lf


class S(lf.State):
    n: int = 0
    result: str = "none"

    def finish(self, value):
        self.result = f"got {value}"


def show(*handlers):
    def page():
        s = S()
        for index, handler in enumerate(handlers):
            lf.button(f"b{index}", on_click=handler)
        lf.text(f"n={s.n} result={s.result}")

    return page


def test_work_of_every_kind_runs_and_its_result_comes_back(open_page):
    async def later(value):
        await asyncio.sleep(0.001)
        return value

    kinds = [
        lambda: lf.spawn(later, "a", then=S().finish),
        lambda: lf.spawn(later("b"), then=S().finish),
        lambda: lf.spawn(lambda: "c", then=S().finish),
        lambda: lf.spawn(lambda value: value, "d", then=S().finish),
    ]
    with open_page(show(*kinds)) as p:
        for index, expected in enumerate("abcd"):
            p.click(f"b{index}")
            p.sees(f"result=got {expected}", within_s=5)


def test_the_session_goes_on_while_work_runs_and_sees_what_it_changes(open_page):
    release = threading.Event()

    def work():
        s = S()
        s.n = 1
        release.wait(5)
        s.n = 2

    def step():
        S().result = "quick"

    with open_page(show(lambda: lf.spawn(work), step, release.set)) as p:
        p.click("b0")
        p.sees("n=1", within_s=5)
        p.click("b1")
        p.sees("result=quick")
        p.click("b2")
        p.sees("n=2", within_s=5)


def test_work_that_fails_is_shown(open_page):
    def work():
        raise ValueError("the work failed")

    with open_page(show(lambda: lf.spawn(work))) as p:
        p.click("b0")
        p.until_message("ValueError: the work failed")


def test_work_of_a_handler_that_failed_does_not_start(open_page, refused):
    started = threading.Event()

    def fails():
        lf.spawn(started.set)
        raise ValueError("no")

    with open_page(show(fails)) as p:
        with refused(3):
            p.click("b0")
        assert not started.wait(0.05)
