"""Handlers of every kind."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import threading

import livefloe as lf
import pytest
from livefloe.errors import HandlerError


class S(lf.State):
    n: int = 0
    log: list[str] = []

    def step(self, by: int = 1):
        self.n += by

    async def step_later(self):
        await asyncio.sleep(0)
        self.n += 1


def page_of(*handlers, args=()):
    def page():
        s = S()
        for index, handler in enumerate(handlers):
            lf.button(f"b{index}", on_click=handler, args=args)
        lf.text(f"n={s.n} log={','.join(s.log)}")

    return page


def plain():
    S().n += 1


async def asynchronous():
    await asyncio.sleep(0.001)
    S().n += 1


def returns_coroutine():
    return asynchronous()


class Callable:
    def __call__(self):
        S().n += 1


@pytest.mark.parametrize(
    "handler",
    [
        plain,
        asynchronous,
        returns_coroutine,
        lambda: S().step(),
        lambda: asynchronous(),
        functools.partial(lambda by: S().step(by), 1),
        functools.partial(asynchronous),
        Callable(),
    ],
    ids=[
        "plain",
        "asynchronous",
        "returns_coroutine",
        "lambda",
        "lambda_coroutine",
        "partial",
        "partial_async",
        "callable",
    ],
)
def test_handlers_of_every_kind_run(open_page, handler):
    with open_page(page_of(handler)) as p:
        p.click("b0")
        p.sees("n=1")
        p.click("b0")
        p.sees("n=2")


def test_bound_methods_are_handlers(open_page):
    def page():
        s = S()
        lf.button("now", on_click=s.step)
        lf.button("later", on_click=s.step_later)
        lf.button("five", on_click=s.step, args=(5,))
        lf.text(f"n={s.n}")

    with open_page(page) as p:
        p.click("now")
        p.click("later")
        p.click("five")
        p.sees("n=7")


def test_each_yield_shows_what_changed_so_far(open_page):
    def count():
        for n in (1, 2, 3):
            S().n = n
            yield

    with open_page(page_of(count)) as p:
        p.click("b0")
        p.sees("n=1")
        p.sees("n=3", within_s=5)
        assert len(p.patches) == 3


def test_an_asynchronous_generator_shows_what_changed_so_far(open_page):
    async def count():
        for n in (1, 2, 3):
            S().n = n
            await asyncio.sleep(0.001)
            yield

    with open_page(page_of(count)) as p:
        p.click("b0")
        p.sees("n=3", within_s=5)
        assert len(p.patches) == 3


def test_other_events_run_between_the_yields(open_page):
    release = threading.Event()

    def slow():
        S().log.append("start")
        yield
        release.wait(5)
        S().log.append("end")

    def note():
        S().log.append("note")
        release.set()

    def quick():
        S().log.append("quick")

    async def agen():
        S().log.append("a")
        yield
        await asyncio.sleep(0.01)
        S().log.append("b")

    with open_page(page_of(slow, quick, note, agen)) as p:
        p.click("b3")
        p.click("b1")
        p.sees("b", within_s=5)
        assert "log=a,quick,b" in p.text or "log=a,b,quick" in p.text
        release.set()
        p.click("b0")
        p.sees("end", within_s=5)


@pytest.mark.parametrize("is_async", [False, True])
def test_a_failure_undoes_what_changed_since_the_last_yield(open_page, is_async):
    def plain_steps():
        S().n = 1
        yield
        S().n = 2
        raise ValueError("no")

    async def async_steps():
        S().n = 1
        yield
        await asyncio.sleep(0)
        S().n = 2
        raise ValueError("no")

    with open_page(page_of(async_steps if is_async else plain_steps)) as p:
        p.click("b0")
        p.until_message("ValueError: no")
        p.sees("n=1")


def test_a_failure_names_the_line_and_undoes(open_page, refused):
    def fails():
        S().n = 5
        S().log.append("x")
        raise ValueError("this is wrong")

    async def fails_later():
        S().n = 5
        await asyncio.sleep(0)
        raise ValueError("this too")

    with open_page(page_of(fails, fails_later, plain)) as p:
        line = fails.__code__.co_firstlineno + 3
        with refused(3, f"ValueError: this is wrong (in test_handler.py:{line}, in "):
            p.click("b0")
        with refused(3, "ValueError: this too (in test_handler.py:"):
            p.click("b1")
        assert p.patches[-1].operations[0].startswith("refused: ")
        p.click("b2")
        p.sees("n=1 log=")


@pytest.mark.parametrize(
    "exception", [SystemExit, KeyboardInterrupt, asyncio.CancelledError, GeneratorExit]
)
def test_exceptions_that_end_programs_end_only_their_event(open_page, refused, exception):
    def leaves():
        S().n = 9
        raise exception

    async def leaves_later():
        S().n = 9
        await asyncio.sleep(0)
        raise exception

    with open_page(page_of(leaves, leaves_later, plain, asynchronous)) as p:
        for target in ("b0", "b1"):
            with refused(3, exception.__name__):
                p.click(target)
        p.click("b2")
        p.click("b3")
        p.sees("n=2")


def test_a_rendering_that_fails_undoes_the_handler(open_page, refused):
    def page():
        s = S()

        def break_it():
            s.n = 13

        def step():
            s.n += 1

        lf.button("break", break_it)
        lf.button("step", step)
        child()

    @lf.component
    def child():
        if S().n == 13:
            raise ValueError("unlucky")
        lf.text(f"n={S().n}")

    with open_page(page) as p:
        with refused(3, "ValueError: unlucky"):
            p.click("break")
        p.sees("n=0")
        p.click("step")
        p.sees("n=1")


def test_what_is_no_function_is_refused_when_it_is_rendered(app):
    @app.page("/")
    def page():
        lf.button("x", on_click=S().step())

    @app.page("/wrong")
    def wrong():
        lf.button("x", on_click=7)

    site = lf.testing.Site(app)
    assert site.get("/")[0] == 500  # the call changes state while rendering
    status, body = site.get("/wrong")
    assert status == 500
    assert "lf.button(on_click=…) expected a function or an lf.action, got int" in body
    assert issubclass(HandlerError, lf.LivefloeError)


def test_a_late_click_means_what_was_on_the_screen(open_page):
    """Rows without keys: the same id names another row in the next rendering, and the table of the
    version decides."""

    class Rows(lf.State):
        names: list[str] = ["a", "b", "c"]
        removed: list[str] = []

    def page():
        rows = Rows()
        for name in rows.names:

            def remove(name=name):
                Rows().names.remove(name)
                Rows().removed.append(name)

            lf.button(f"remove {name}", on_click=remove)
        lf.text("removed " + ",".join(rows.removed))

    with open_page(page) as p:
        p.click("remove a")
        p.click("remove b")
        p.click("remove c")
        p.sees("removed a,b,c")


def test_handlers_of_one_session_run_one_at_a_time(open_page):
    running = []
    overlaps = []

    async def slow():
        overlaps.extend(running)
        running.append(1)
        await asyncio.sleep(0.01)
        running.pop()

    with open_page(page_of(slow)) as p:
        for _ in range(3):
            p.click("b0")
        assert overlaps == []


def test_sessions_run_in_parallel(app):
    barrier = threading.Barrier(2, timeout=5)
    app.page("/")(page_of(lambda: (barrier.wait(), S().step())[1]))
    with lf.test(app) as one, lf.test(app) as other:
        thread = threading.Thread(target=lambda: one.click("b0"))
        thread.start()
        other.click("b0")
        thread.join()
        one.sees("n=1")
        other.sees("n=1")


def test_context_variables_do_not_leak_from_one_event_to_the_next(open_page):
    variable = contextvars.ContextVar("variable", default="unset")
    seen = []

    def sets():
        seen.append(variable.get())
        variable.set("set")

    with open_page(page_of(sets)) as p:
        for _ in range(20):
            p.click("b0")
    assert set(seen) == {"unset"}


def test_a_generator_keeps_its_context_variables(open_page):
    variable = contextvars.ContextVar("variable", default="unset")
    seen = []

    def steps():
        variable.set("mine")
        yield
        seen.append(variable.get())
        S().n = 1

    with open_page(page_of(steps)) as p:
        p.click("b0")
        p.sees("n=1", within_s=5)
    assert seen == ["mine"]


def test_to_thread_keeps_the_session(open_page):
    async def works():
        await asyncio.to_thread(lambda: S().step())

    with open_page(page_of(works)) as p:
        p.click("b0")
        p.sees("n=1")


def test_navigate_goes_to_pages_of_this_site(open_page, refused):
    def page():
        lf.button("go", on_click=lambda: lf.navigate("/thanks"))
        for index, path in enumerate(
            ["//evil.test", "https://evil.test", "thanks", "/\\evil.test", "/a\nb"]
        ):
            lf.button(f"wrong {index}", on_click=lf.navigate, args=(path,))

    with open_page(page) as p:
        for index in range(5):
            with refused(3, "path expected a path of this site"):
                p.click(f"wrong {index}")
        assert p.navigated is None
        p.click("go")
        assert p.navigated == "/thanks"


def test_effects_are_for_handlers(app):
    @app.page("/")
    def page():
        lf.navigate("/elsewhere")

    status, body = lf.testing.Site(app).get("/")
    assert status == 500
    assert "lf.navigate is for handlers" in body
