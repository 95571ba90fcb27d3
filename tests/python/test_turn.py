"""`with state.turn():`: changes of tasks and threads that belong together."""

from __future__ import annotations

import asyncio
import threading

import livefloe as lf
import pytest
from livefloe.errors import NoSessionError, StateError

WAIT_S = 10


class S(lf.State):
    n: int = 0
    m: int = 0
    items: list[int] = []
    log: str = ""


class Room(lf.State, scope="app"):
    n: int = 0
    items: list[int] = []


@pytest.fixture
def opened(open_page):
    """Opens a page with these buttons, and gives it with its session and what it has shown."""
    shown = []
    sessions = []

    def opened(**handlers):
        def page():
            s, room = S(), Room()
            sessions.append(lf.session())
            text = f"n={s.n} m={s.m} items={s.items} log={s.log} room={room.n} {room.items}"
            shown.append(text)
            lf.text(text)
            for name, handler in handlers.items():
                lf.button(name, handler)

        return open_page(page), shown, sessions

    return opened


def in_thread(work, *args):
    failed = []

    def run():
        try:
            work(*args)
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(WAIT_S)
    assert not thread.is_alive()
    return failed


def test_what_a_thread_changes_shows_together(opened):
    page, shown, sessions = opened()

    def work():
        s = S.of(sessions[0])
        with s.turn():
            s.n = 1
            s.items.append(7)
            s.m = 2

    with page as p:
        assert in_thread(work) == []
        p.sees("n=1 m=2 items=[7]", within_s=5)
        assert not any(("n=1" in text) != ("m=2" in text) for text in shown)


def test_what_raises_is_undone(opened):
    page, shown, sessions = opened()

    def work():
        s = S.of(sessions[0])
        with s.turn():
            s.n = 1
            s.items.append(7)
            raise ValueError("no")

    with page as p:
        (error,) = in_thread(work)
        assert isinstance(error, ValueError)
        s = S.of(sessions[0])
        assert (s.n, list(s.items)) == (0, [])
        p.settled()
        assert not any("n=1" in text for text in shown)


def test_no_handler_runs_meanwhile_and_no_update_is_lost(opened):
    n_each = 40

    def add():
        s = S()
        n = s.n
        threading.Event().wait(0.0005)
        s.n = n + 1

    page, _, sessions = opened(add=add)

    def work():
        s = S.of(sessions[0])
        for _ in range(n_each):
            with s.turn():
                n = s.n
                threading.Event().wait(0.0005)
                s.n = n + 1

    with page as p:
        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for _ in range(n_each):
            p.click("add")
        for thread in threads:
            thread.join(WAIT_S)
        p.sees(f"n={3 * n_each} ", within_s=5)


def test_async_work_waits_for_its_turn_too(opened):
    async def work():
        s = S()
        for _ in range(10):
            async with s.turn():
                n = s.n
                await asyncio.sleep(0)
                s.n = n + 1

    async def both():
        await asyncio.gather(work(), work())

    async def fails():
        s = S()
        try:
            async with s.turn():
                s.m = 5
                raise ValueError("no")
        except ValueError:
            s.log = "undone"

    page, shown, _ = opened(both=lambda: lf.spawn(both), fails=lambda: lf.spawn(fails))
    with page as p:
        p.click("both")
        p.sees("n=20 ", within_s=5)
        p.click("fails")
        p.sees("log=undone", within_s=5)
        assert not any("m=5" in text for text in shown)


def test_async_code_that_would_block_is_told(opened):
    async def work():
        s = S()
        try:
            with s.turn():
                pass
        except StateError as error:
            s.log = str(error)

    page, _, _ = opened(go=lambda: lf.spawn(work))
    with page as p:
        p.click("go")
        p.sees("write `async with`", within_s=5)


def test_a_turn_that_is_cancelled_while_it_waits_keeps_nobody_waiting(opened):
    inside, leave = threading.Event(), threading.Event()

    def slow():
        inside.set()
        leave.wait(WAIT_S)

    async def waits():
        async with S().turn():
            raise AssertionError("it was cancelled before")

    async def gives_up():
        await asyncio.to_thread(inside.wait, WAIT_S)
        task = asyncio.ensure_future(waits())
        done, _ = await asyncio.wait([task], timeout=0.05)
        assert not done
        task.cancel()
        await asyncio.wait([task])
        leave.set()

    page, _, _ = opened(
        give=lambda: lf.spawn(gives_up), slow=slow, add=lambda: setattr(S(), "n", S().n + 1)
    )
    with page as p:
        p.click("give")
        p.click("slow")
        p.click("add")
        p.sees("n=1 ")


def test_in_a_handler_it_is_part_of_the_handlers_turn(opened, refused):
    def keeps():
        s = S()
        s.n = 1
        s.items.append(1)
        try:
            with s.turn():
                s.n = 2
                s.m = 2
                s.items.append(2)
                raise ValueError("only this")
        except ValueError:
            s.log = f"{s.n} {s.m} {list(s.items)}"
        with s.turn():
            s.m = 3

    def fails():
        s = S()
        s.n = 8
        with s.turn():
            s.n = 9
            s.m = 9
            s.items.append(9)
        try:
            with s.turn():
                s.n = 10
                raise KeyError
        except KeyError:
            pass
        s.m = 10
        raise ValueError("all of it")

    page, shown, _ = opened(keeps=keeps, fails=fails)
    with page as p:
        p.click("keeps")
        p.sees("n=1 m=3 items=[1] log=1 0 [1]")
        n_shown = len(shown)
        with refused(3):
            p.click("fails")
        p.sees("n=1 m=3 items=[1] log=1 0 [1]")
        assert len(shown) == n_shown


def test_turns_of_shared_state_exclude_each_other(opened, app):
    def add(room):
        for _ in range(50):
            with room.turn():
                n = room.n
                threading.Event().wait(0.0002)
                with room.turn():
                    room.n = n + 1

    def handler():
        with Room().turn():
            Room().n += 1

    page, _, _ = opened(add=handler)
    with page as p:
        room = Room.of(app)
        threads = [threading.Thread(target=add, args=(room,)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for _ in range(10):
            p.click("add")
        for thread in threads:
            thread.join(WAIT_S)
        p.sees("room=160 ", within_s=5)

        def fails():
            with room.turn():
                room.n = 0
                room.items.append(1)
                raise ValueError("no")

        assert len(in_thread(fails)) == 1
        assert (room.n, list(room.items)) == (160, [])


def test_what_can_not_be_shown_is_undone_and_said(open_page):
    sessions = []

    def page():
        sessions.append(lf.session())
        if S().n:
            raise ValueError("can't show this")

    def work():
        s = S.of(sessions[0])
        with s.turn():
            s.n = 1

    with open_page(page):
        (error,) = in_thread(work)
        assert isinstance(error, StateError)
        assert "can't show this" in str(error)
        assert S.of(sessions[0]).n == 0


def test_a_session_that_has_ended_has_no_turns(app):
    states = []
    app.page("/")(lambda: states.append(S()))
    with lf.testing.Site(app) as site:
        site.open()
    tick = threading.Event()

    def is_over():
        try:
            with states[0].turn():
                pass
        except (NoSessionError, StateError):
            return True
        return False

    assert any(is_over() or tick.wait(0.01) for _ in range(500))
