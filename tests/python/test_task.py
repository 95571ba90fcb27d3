"""Tasks: runs that outlive their page, wait for their turn, and say how far they are."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
import types
import weakref

import livefloe as lf
import pytest
from livefloe.errors import StateError, TaskBusyError, TaskLostError


def until(condition):
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        threading.Event().wait(0.002)


def shown(job):
    if job is None:
        return "none"
    progress = "" if job.progress is None else f" {job.progress:.0%}"
    place = f" place {job.position}" if job.position else ""
    result = "" if job.result is None else f" → {job.result}"
    error = "" if job.error is None else f" ! {job.error}"
    return f"{job.status}{progress}{place} {job.note}{result}{error}"


def make(app, task, *args):
    @app.page("/")
    def page():
        lf.button("start", task, args=args)
        lf.button("cancel", on_click=lambda: task.latest.cancel())
        lf.text(f"[{shown(task.latest)}]")
        lf.text(f"{len(task.jobs)} jobs")

    return lf.testing.Site(app)


class Gate:
    def __init__(self):
        self.began = 0
        self.lock = threading.Lock()
        self.open = threading.Semaphore(0)

    def enter(self):
        with self.lock:
            self.began += 1
        while not self.open.acquire(timeout=0.002):
            if lf.cancelled():
                return False
        return True

    async def pass_by(self):
        self.began += 1
        while not self.open.acquire(blocking=False):
            await asyncio.sleep(0.002)


@pytest.mark.parametrize("kind", ["async", "plain"])
def test_a_run_goes_on_beside_the_page_and_shows_how_far_it_is(app, kind):
    gate = Gate()

    @lf.task
    async def later(job: lf.Job, n: int) -> int:
        for index in range(n):
            job.report(index / n, f"step {index}")
            await gate.pass_by()
        return n * 10

    @lf.task
    def beside(job: lf.Job, n: int) -> int:
        for index in range(n):
            job.report(index / n, f"step {index}")
            gate.enter()
        return n * 10

    with make(app, later if kind == "async" else beside, 4) as site:
        page = site.open()
        page.sees("[none]")
        page.click("start")
        page.sees("[running 0% step 0]", within_s=5)
        gate.open.release()
        page.sees("[running 25% step 1]", within_s=5)
        page.disconnect()  # the run goes on, and is there after a reload
        gate.open.release()
        until(lambda: gate.began == 3)
        page.connect()
        page.sees("[running 50% step 2]", within_s=5)
        gate.open.release(2)
        page.sees("[done 100% step 3 → 40]", within_s=5)


def test_it_starts_when_its_handler_has_succeeded_and_not_before(app, refused):
    began = []

    @lf.task
    async def work():
        began.append(1)

    @app.page("/")
    def page():
        def fail():
            work()
            raise ValueError("no")

        def two():
            work()
            work()
            assert began == []

        lf.button("fail", fail)
        lf.button("two", two)
        lf.text(f"{[job.status for job in work.jobs]}")

    with lf.test(app) as p:
        with refused(3, "no"):
            p.click("fail")
        p.sees("[]")
        p.click("two")
        p.sees("['done', 'done']", within_s=5)
        assert began == [1, 1]


def test_they_wait_for_their_turn_and_say_at_which_place(app):
    gate = Gate()

    @lf.task(max_running=1)
    async def train():
        await gate.pass_by()

    with make(app, train) as site:
        first, second, third = site.open(), site.open(), site.open()
        for page in (first, second, third):
            page.click("start")
        first.sees("[running", within_s=5)
        second.sees("[waiting place 1", within_s=5)
        third.sees("[waiting place 2", within_s=5)
        assert train.n_waiting == 2
        second.click("cancel")
        second.sees("[cancelled", within_s=5)
        third.sees("[waiting place 1", within_s=5)
        gate.open.release()
        first.sees("[done", within_s=5)
        third.sees("[running", within_s=5)
        assert gate.began == 2
        gate.open.release()
        third.sees("[done", within_s=5)


@pytest.mark.parametrize("kind", ["async", "plain"])
def test_cancelling_ends_it(app, kind):
    gate = Gate()

    @lf.task
    async def later():
        try:
            await gate.pass_by()
        finally:
            gate.began += 10

    @lf.task
    def beside():
        gate.enter()

    with make(app, later if kind == "async" else beside) as site:
        page = site.open()
        page.click("start")
        until(lambda: gate.began == 1)
        page.click("cancel")
        page.sees("[cancelled", within_s=5)
        assert gate.began == (11 if kind == "async" else 1)


def test_a_failure_is_shown_and_logged(app, caplog):
    @lf.task
    async def work():
        raise ConnectionError("nobody there")

    with make(app, work) as site:
        page = site.open()
        page.click("start")
        page.sees("[failed ! nobody there]".replace(" !", "  !"), within_s=5)
        assert "ConnectionError: nobody there" in caplog.text
        page.click("start")
        page.sees("2 jobs")


def test_runs_of_the_app_are_everybodys(app):
    gate = Gate()

    @lf.task(scope="app")
    async def index():
        await gate.pass_by()

    with make(app, index) as site:
        one, two = site.open(), site.open()
        one.click("start")
        two.sees("[running", within_s=5)
        two.click("cancel")
        one.sees("[cancelled", within_s=5)


def test_runs_of_a_user_are_in_all_of_their_sessions():
    app = lf.App(user_header="x-user")
    gate = Gate()

    @lf.task(scope="user")
    async def index():
        await gate.pass_by()

    with make(app, index) as site:
        one, two = site.open(headers={"x-user": "ada"}), site.open(headers={"x-user": "ada"})
        other = site.open(headers={"x-user": "grace"})
        one.click("start")
        two.sees("[running", within_s=5)
        two.click("cancel")
        one.sees("[cancelled", within_s=5)
        other.sees("[none]")


def test_the_work_may_change_state_and_show_progress_in_other_ways(app):
    class S(lf.State):
        log: list[str] = []

    tqdm = pytest.importorskip("tqdm")
    gate = Gate()

    @lf.task
    def work():
        for item in lf.track(["a", "b"], "tracking"):
            S().log.append(item)
        lf.progress("by hand", 3, max=4)
        gate.enter()
        for _ in tqdm.tqdm(range(10), desc="bar", mininterval=0):
            pass
        gate.enter()

    @app.page("/")
    def page():
        lf.button("start", work)
        lf.text(f"[{shown(work.latest)}] {S().log}")

    with lf.test(app) as p:
        p.click("start")
        p.sees("[running 75% by hand] ['a', 'b']", within_s=5)
        gate.open.release()
        p.sees("100% bar", within_s=5)
        gate.open.release()
        p.sees("[done 100% bar]", within_s=5)
    assert [item for item in lf.track([1, 2])] == [1, 2]


def test_too_many_are_refused_and_old_ones_forgotten(app, refused):
    gate = Gate()

    @lf.task(max_running=1, max_waiting=2, keep=3)
    async def work():
        await gate.pass_by()

    with make(app, work) as site:
        page = site.open()
        for _ in range(3):
            page.click("start")
        until(lambda: work.n_waiting == 2)
        with refused(3, "`work` has 2 runs waiting, which is all it takes"):
            page.click("start")
        page.sees("3 jobs")
        gate.open.release(3)
        page.settled()
        page.click("start")
        page.sees("3 jobs")
        gate.open.release()
        page.settled()
    assert issubclass(TaskBusyError, lf.LivefloeError)


def test_a_run_ends_with_its_session(app):
    gate, references = Gate(), []

    class Big:
        pass

    @lf.task
    async def work(big):
        references.append(weakref.ref(big))
        await gate.pass_by()

    @app.page("/")
    def page():
        lf.button("start", on_click=lambda: work(Big()))

    site = lf.testing.Site(app)
    p = site.open()
    p.click("start")
    until(lambda: gate.began == 1)
    site.close()
    del p

    def is_gone():
        gc.collect()
        return references[0]() is None

    until(is_gone)


def test_what_a_server_took_down_with_it_is_said_to_be_lost(app):
    gate = Gate()

    @lf.task
    async def work(n: int) -> int:
        if n > 1:
            await gate.pass_by()
        return n

    @app.page("/")
    def page():
        lf.button("short", work, args=(1,))
        lf.button("long", work, args=(2,))
        lf.text(f"{[shown(job) for job in work.jobs]}")

    with lf.test(app) as p:
        p.click("short")
        p.sees("done 100%  → 1", within_s=5)
        p.click("long")
        p.sees("running", within_s=5)
        p.restart()
        p.sees("lost ! the server ended while the task `work` was under way", within_s=5)
        p.sees("done 100% → 1")


def test_others_can_wait_for_it(app):
    @lf.task
    async def double(n: int) -> int:
        await asyncio.sleep(0)
        if n < 0:
            raise ValueError("too small")
        return n * 2

    @lf.task
    async def both() -> int:
        return await double(2).wait() + await double(3).wait()

    @lf.task
    async def lost() -> str:
        job = double(1)
        job.cancel()
        try:
            await job.wait()
        except TaskLostError as error:
            return str(error)
        return "was not cancelled"

    @lf.task
    async def failed() -> str:
        try:
            await double(-1).wait()
        except ValueError as error:
            return f"heard of it: {error}"
        return "did not fail"

    @app.page("/")
    def page():
        for task in (both, lost, failed):
            lf.button(task.__name__, task)
            lf.text(f"[{shown(task.latest)}]")

    with lf.test(app) as p:
        p.click("both")
        p.sees("→ 10", within_s=5)
        p.click("lost")
        p.sees("→ the task `double` was cancelled", within_s=5)
        p.click("failed")
        p.sees("→ heard of it: too small", within_s=5)


def test_how_long_it_takes_is_told_from_how_it_went():
    job = lf.Job(None, "work", ((), {}))
    assert job.eta_s is None
    job._status = "running"
    job._started = time.time() - 10
    job.report(0.25)
    assert 29 < job.eta_s < 31
    job.report(7.0)
    assert job.progress == 1.0
    job.report(float("nan"))
    assert job.progress == 1.0


def test_it_is_declared_in_ways_that_work(app):
    with pytest.raises(StateError, match="is a generator"):

        @lf.task
        def one():
            yield

    with pytest.raises(StateError, match="expected a function, got int"):
        lf.task(3)
    with pytest.raises(StateError, match="max_running expected a number from 1 on, got 0"):
        lf.task(max_running=0)(lambda: None)

    @lf.task
    def named():
        """Does it."""

    assert (named.__name__, named.__doc__) == ("named", "Does it.")
    assert isinstance(named.__wrapped__, types.FunctionType)

    @app.page("/")
    def page():
        named()

    status, body = lf.testing.Site(app).get("/")
    assert status == 500
    assert "was changed while `page` was rendering" in body
