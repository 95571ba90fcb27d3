"""What becomes of an event while a run for an earlier one is under way; cancelling; time limits."""

from __future__ import annotations

import asyncio
import threading
import time

import livefloe as lf
import pytest
from livefloe.errors import HandlerError


class S(lf.State):
    log: list[str] = []
    n: int = 0


class Gate:
    """What handlers wait at, asynchronous or not; and who has come, and who was sent away."""

    def __init__(self):
        self.came = []
        self.cancelled = []
        self.is_open = threading.Event()

    async def wait(self, name):
        self.came.append(name)
        try:
            while not self.is_open.is_set():
                await asyncio.sleep(0.001)
        except asyncio.CancelledError:
            self.cancelled.append(name)
            raise


def until(condition):
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        threading.Event().wait(0.001)


def enter(page, *texts):
    """Enters texts one after the other, without waiting for anything."""
    with page.without_waiting():
        for text in texts:
            page.type("Text", text)


def make(app, handler):
    @app.page("/")
    def page():
        lf.text_field("Text", on_input=handler)
        lf.text(f"log: {', '.join(S().log)}; n {S().n}")
        lf.button("other", on_click=other)

    def other():
        S().n += 1

    return lf.test(app)


@pytest.mark.parametrize("kind", ["async", "async generator"])
def test_latest_cancels_what_is_under_way_undoes_it_and_leaves_out_what_waits(app, kind):
    gate = Gate()

    @lf.handler(concurrency="latest")
    async def search(text: str):
        S().log.append(f"began {text}")
        await gate.wait(text)
        S().log.append(f"ended {text}")

    @lf.handler(concurrency="latest")
    async def stream(text: str):
        S().log.append(f"began {text}")
        yield
        await gate.wait(text)
        S().log.append(f"ended {text}")
        yield

    with make(app, search if kind == "async" else stream) as p:
        enter(p, "a")
        until(lambda: gate.came == ["a"])
        enter(p, "b", "c")
        until(lambda: gate.came[-1] == "c")
        assert gate.cancelled[0] == "a"
        gate.is_open.set()
        p.sees("ended c", within_s=5)
        expected = "log: began c, ended c;"
        if kind == "async generator":  # what it had shown stays
            expected = "began a"
            p.misses("ended a")
            p.misses("ended b")
        p.sees(expected)


def test_latest_tells_a_plain_function_that_it_is_to_end(app):
    began = []

    @lf.handler(concurrency="latest")
    def search(text: str):
        S().log.append(text)
        began.append(text)
        while text == "a" and not lf.cancelled():
            time.sleep(0.001)
        assert lf.cancelled() == (text == "a")

    with make(app, search) as p:
        enter(p, "a")
        until(lambda: began == ["a"])
        enter(p, "b")
        p.sees("log: b;", within_s=5)


def test_drop_leaves_out_what_comes_meanwhile(app):
    gate = Gate()

    @lf.handler(concurrency="drop")
    async def save(text: str):
        await gate.wait(text)
        S().log.append(text)

    with make(app, save) as p:
        enter(p, "a")
        until(lambda: gate.came == ["a"])
        enter(p, "b", "c")
        gate.is_open.set()
        p.sees("log: a;", within_s=5)
        p.type("Text", "d")
        p.sees("log: a, d;")
        assert gate.came == ["a", "d"]


def test_queue_runs_one_after_the_other(app):
    gate = Gate()

    async def save(text: str):
        await gate.wait(text)
        S().log.append(text)

    with make(app, save) as p:
        for text in "abc":
            enter(p, text)
        until(lambda: gate.came == ["a"])
        gate.is_open.set()
        p.sees("log: a, b, c;", within_s=5)
        assert gate.came == ["a", "b", "c"]


@pytest.mark.parametrize("kind", ["async", "generator"])
def test_parallel_runs_beside_everything_else(app, kind):
    gate = Gate()

    @lf.handler(concurrency="parallel")
    async def work(text: str):
        await gate.wait(text)
        S().log.append(text)

    @lf.handler(concurrency="parallel")
    async def steps(text: str):
        S().n += 10
        yield
        await gate.wait(text)
        S().log.append(text)

    with make(app, work if kind == "async" else steps) as p:
        for text in "abc":
            p.type("Text", text)
        until(lambda: sorted(gate.came) == ["a", "b", "c"])
        p.click("other")
        p.sees("n 1" if kind == "async" else "n 31", within_s=5)
        gate.is_open.set()
        for text in "abc":
            p.sees(text, within_s=5)


def test_a_parallel_run_that_fails_says_so_and_is_undone(app):
    @lf.handler(concurrency="parallel")
    async def work(text: str):
        S().log.append(text)
        await asyncio.sleep(0)
        raise ValueError("no such thing")

    with make(app, work) as p:
        p.type("Text", "a")
        p.until_message("no such thing")
        p.click("other")
        p.sees("log: ; n 1")


@pytest.mark.parametrize("kind", ["async", "plain", "generator"])
def test_what_takes_too_long_is_cancelled_undone_and_said(app, kind):
    gate = Gate()

    @lf.handler(timeout_s=0.05)
    async def wait(text: str):
        S().log.append(text)
        await gate.wait(text)

    @lf.handler(timeout_s=0.05)
    def work(text: str):
        S().log.append(text)
        while not lf.cancelled():
            time.sleep(0.001)

    @lf.handler(timeout_s=0.05)
    async def steps(text: str):
        yield
        S().log.append(text)
        await gate.wait(text)
        yield

    with make(app, {"async": wait, "plain": work, "generator": steps}[kind]) as p:
        enter(p, "a")
        p.until_message("longer than")
        p.sees("log: ;")
        p.click("other")
        p.sees("n 1")


def test_a_function_is_told_when_its_session_ends(app):
    ended, began = threading.Event(), threading.Event()

    def work(text: str):
        began.set()
        while not lf.cancelled():
            time.sleep(0.001)
        ended.set()

    site = lf.testing.Site(make(app, work) and app)
    p = site.open()
    enter(p, "a")
    assert began.wait(5)
    del p
    site.close()
    assert ended.wait(5)


def test_methods_keep_what_is_said_of_them_and_can_be_called_by_others(app):
    class Search(lf.State):
        found: list[str] = []

        @lf.handler(concurrency="drop")
        def look(self, text: str):
            """Looks."""
            self.found.append(text)

    @app.page("/")
    def page():
        s = Search()

        def both(text: str):
            s.look(text)
            Search.look(s, text.upper())

        lf.text_field("One", on_input=s.look)
        lf.text_field("Two", on_input=both)
        lf.text(", ".join(s.found))

    assert Search.look.__doc__ == "Looks."
    assert Search.look.__name__ == "look"
    with lf.test(app) as p:
        p.type("One", "a")
        p.type("Two", "b")
        p.sees("a, b, B")


def test_what_it_says_goes_to_the_control(app):
    @lf.handler(debounce_ms=250)
    def one(text: str): ...

    @lf.handler(throttle_ms=100)
    def two(text: str): ...

    @app.page("/")
    def page():
        lf.text_field("One", on_input=one)
        lf.text_field("Two", on_input=two)
        lf.text_field("Three", on_input=one, debounce_ms=10)

    with lf.test(app) as p:
        assert 'lf-debounce="250"' in p.html
        assert 'lf-throttle="100"' in p.html
        assert 'lf-debounce="10"' in p.html


def test_it_is_declared_in_ways_that_work():
    with pytest.raises(HandlerError, match="concurrency expected one of 'queue', 'latest'"):
        lf.handler(concurrency="newest")
    with pytest.raises(HandlerError, match="timeout_s expected a time in seconds above 0, got -1"):
        lf.handler(timeout_s=-1)
    with pytest.raises(HandlerError, match="expected a function, got int"):
        lf.handler(3)
