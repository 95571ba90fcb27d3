"""Resources: loaded beside the session, kept meanwhile, ended when nobody wants them."""

from __future__ import annotations

import asyncio
import gc
import threading
import weakref

import livefloe as lf
import pytest
from livefloe.errors import StateError


def show(resource):
    if resource.error is not None:
        lf.text(f"failed: {resource.error}")
    elif not resource.ready:
        lf.text("loading…")
    else:
        lf.text(f"{resource.value}{' (old)' if resource.loading else ''}")


@pytest.mark.parametrize("kind", ["async", "thread"])
def test_it_is_loaded_beside_the_session_and_again_when_what_it_read_changes(app, kind):
    started, go_on = threading.Semaphore(0), threading.Semaphore(0)

    class S(lf.State):
        city: str = "Oslo"
        other: int = 0

        @lf.resource
        async def later(self) -> str:
            city = self.city
            started.release()
            await asyncio.to_thread(go_on.acquire)
            return f"weather in {city}"

        @lf.resource
        def beside(self) -> str:
            city = self.city
            started.release()
            go_on.acquire()
            return f"weather in {city}"

    @app.page("/")
    def page():
        s = S()

        def move():
            s.city = "Rome"

        def other():
            s.other += 1

        lf.button("move", move)
        lf.button("other", other)
        lf.text(f"other {s.other}")
        show(s.later if kind == "async" else s.beside)

    with lf.test(app) as p:
        p.sees("loading…")
        assert started.acquire(timeout=5)
        p.click("other")  # the session goes on
        p.sees("other 1")
        go_on.release()
        p.sees("weather in Oslo", within_s=5)
        p.misses("(old)")
        p.click("other")
        assert not started.acquire(blocking=False)
        p.click("move")
        p.sees("weather in Oslo (old)")
        assert started.acquire(timeout=5)
        go_on.release()
        p.sees("weather in Rome", within_s=5)
        p.misses("(old)")


def test_a_run_that_is_overtaken_is_cancelled_and_brings_nothing(app):
    cancelled, starts = threading.Event(), threading.Semaphore(0)

    class S(lf.State):
        n: int = 0

        @lf.resource
        async def loaded(self) -> str:
            n = self.n
            starts.release()
            try:
                if n == 0:
                    await asyncio.sleep(3600)
            except asyncio.CancelledError:
                cancelled.set()
                raise
            return f"value {n}"

    @app.page("/")
    def page():
        s = S()

        def step():
            s.n += 1

        lf.button("step", step)
        show(s.loaded)

    with lf.test(app) as p:
        assert starts.acquire(timeout=5)
        p.click("step")
        p.sees("value 1", within_s=5)
        assert cancelled.wait(5)


def test_a_failure_is_shown_and_goes_with_the_next_success(app, caplog):
    class S(lf.State):
        is_up: bool = False

        @lf.resource
        async def loaded(self) -> str:
            if not self.is_up:
                raise ConnectionError("nobody there")
            return "fine"

    @app.page("/")
    def page():
        s = S()

        def mend():
            s.is_up = True

        lf.button("mend", mend)
        show(s.loaded)

    with lf.test(app) as p:
        p.sees("failed: nobody there", within_s=5)
        assert "ConnectionError" in caplog.text
        p.click("mend")
        p.sees("fine", within_s=5)


def test_it_can_be_loaded_again_by_hand(app):
    runs = []

    class S(lf.State):
        @lf.resource
        def loaded(self) -> int:
            runs.append(1)
            return len(runs)

    @app.page("/")
    def page():
        s = S()
        lf.button("again", on_click=s.loaded.reload)
        show(s.loaded)

    with lf.test(app) as p:
        p.sees("1", within_s=5)
        p.click("again")
        p.sees("2", within_s=5)


def test_computed_values_follow_it(app):
    class S(lf.State):
        @lf.resource
        async def numbers(self) -> list[int]:
            await asyncio.sleep(0)
            return [1, 2, 3]

        @lf.computed
        def total(self) -> int:
            return sum(self.numbers.value or [])

    @app.page("/")
    def page():
        lf.text(f"total {S().total}")

    with lf.test(app) as p:
        p.sees("total 6", within_s=5)


def test_nothing_stays_of_it_when_its_session_ends(app):
    states, cancelled = [], threading.Event()

    class S(lf.State):
        @lf.resource
        async def loaded(self) -> str:
            states.append(weakref.ref(self))
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                cancelled.set()
                raise
            return ""

        @lf.computed
        def itself(self):
            return self

    @app.page("/")
    def page():
        s = S()
        assert s.itself is s
        show(s.loaded)

    site = lf.testing.Site(app)
    p = site.open()
    p.sees("loading…")
    site.close()
    del p
    pause = threading.Event()
    for _ in range(500):
        gc.collect()
        if states and cancelled.is_set() and all(state() is None for state in states):
            return
        pause.wait(0.01)
    raise AssertionError("the state is still there")


def test_it_is_declared_in_ways_that_work(open_page, refused):
    with pytest.raises(StateError, match="is a generator"):

        @lf.resource
        async def one(self):
            yield

    with pytest.raises(StateError, match="without parameters"):

        @lf.resource
        def two(self, n): ...

    class S(lf.State):
        @lf.resource
        def one(self) -> int:
            return 1

    def page():
        def write():
            S().one = 2

        lf.button("write", write)

    with open_page(page) as p, refused(3, "`S.one` is loaded"):
        p.click("write")
