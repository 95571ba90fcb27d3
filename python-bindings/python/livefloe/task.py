"""Tasks: work that outlives the page that started it, with a state that pages show."""

from __future__ import annotations

import math
import sys
import time
import weakref
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sized
from contextvars import Context, ContextVar
from functools import update_wrapper
from typing import Any, Concatenate, Generic, Literal, ParamSpec, TypeVar, cast, overload

from ._context import current
from ._native import Guard, Session, Source, after_turn
from .errors import StateError, TaskBusyError, TaskLostError
from .state import State, StateMeta, field

P = ParamSpec("P")
T = TypeVar("T")
Item = TypeVar("Item")

Status = Literal["waiting", "running", "cancelling", "done", "failed", "cancelled", "lost"]

#: How often at the most progress is shown, in seconds: more often nobody can see.
_SHOWN_EVERY_S = 0.03

_job: ContextVar[Job[Any] | None] = ContextVar("livefloe.job", default=None)


class Job(Generic[T]):
    """One run of a task. A component that reads something of it runs again when that changes."""

    def __init__(self, task: Task[..., T] | None, name: str, arguments: tuple[Any, Any]) -> None:  # noqa: D107
        self._task = task
        self._name = name
        self._arguments = arguments
        self._source = Source()
        self._status: Status = "waiting"
        self._progress: float | None = None
        self._note = ""
        self._result: T | None = None
        self._error: BaseException | None = None
        self._position = 0
        self._started = 0.0
        self._ended = 0.0
        self._session = Session()
        self._running: Any = None
        self._shown = 0.0
        self._is_late = False
        self._under_way: Guard | None = None

    @property
    def name(self) -> str:
        """What the task is called."""
        return self._name

    @property
    def status(self) -> Status:
        """How far it is.

        `waiting` for its turn, `running`, `cancelling` (asked to end, and still at it), `done`,
        `failed`, `cancelled`, or `lost`: the server ended before it did.
        """
        self._source.read()
        return self._status

    @property
    def is_over(self) -> bool:
        """Whether nothing comes of it any more."""
        return self.status not in ("waiting", "running", "cancelling")

    @property
    def progress(self) -> float | None:
        """How far it has come, from 0 to 1; `None` if it doesn't say."""
        self._source.read()
        return self._progress

    @property
    def note(self) -> str:
        """What it says that it is doing."""
        self._source.read()
        return self._note

    @property
    def result(self) -> T | None:
        """What it returned; `None` before that."""
        self._source.read()
        return self._result

    @property
    def error(self) -> BaseException | None:
        """The exception that it ended with, if it failed or was lost."""
        self._source.read()
        return self._error

    @property
    def position(self) -> int:
        """Its place among those that wait, from 1; 0 when it doesn't."""
        self._source.read()
        return self._position

    @property
    def seconds(self) -> float:
        """How long it has been running, or ran."""
        self._source.read()
        return (self._ended or time.time()) - self._started if self._started else 0.0

    @property
    def eta_s(self) -> float | None:
        """How many seconds are left, if it goes on as it went; `None` if that can't be told."""
        progress = self.progress
        if self._status != "running" or progress is None or progress < 0.02:
            return None
        return self.seconds * (1 - progress) / progress

    def report(self, progress: float | None = None, note: str | None = None) -> None:
        """Says how far it is. For the task itself.

        Args:
            progress: From 0 to 1; what lies outside counts as the end that it is beyond.
            note: What it is doing.
        """
        if progress is not None and not math.isnan(progress):
            self._progress = min(max(float(progress), 0.0), 1.0)
        if note is not None:
            self._note = note
        now = time.monotonic()
        if now - self._shown >= _SHOWN_EVERY_S:
            self._shown = now
            self._source.end(0)
        elif not self._is_late:
            self._is_late = True
            from . import _loop

            _loop.call_later(_SHOWN_EVERY_S, self._show_late)

    def _show_late(self) -> None:
        self._is_late = False
        self._shown = time.monotonic()
        self._source.end(0)

    def track(self, items: Iterable[Item], note: str | None = None) -> Iterator[Item]:
        """Goes through items and reports how far it is.

        Args:
            items: The items; without a length there is no progress, only the note.
            note: What it is doing.

        Yields:
            The items.
        """
        length = len(items) if isinstance(items, Sized) else 0
        self.report(0.0 if length else None, note)
        for index, item in enumerate(items, 1):
            yield item
            self.report(index / length if length else None)

    def cancel(self) -> None:
        """Has it end.

        One that waits is taken out of the queue, and an async one is cancelled where it waits. A
        plain function is told by `lf.cancelled()`, and is `cancelling` until it returns.

        Raises:
            StateError: Something is being rendered.
        """
        self._source.begin("a job")
        if self._task is not None:
            self._task._cancel(self)

    async def wait(self) -> T:
        """Waits until it is over. For async handlers and other tasks.

        Returns:
            What it returned.

        Raises:
            TaskLostError: It was cancelled, or lost.
            BaseException: What it raised.
        """
        import asyncio

        while self._status in ("waiting", "running", "cancelling"):
            await asyncio.sleep(_SHOWN_EVERY_S)
        if self._status == "done":
            return cast("T", self._result)
        raise self._error or TaskLostError(f"the task `{self._name}` was {self._status}")

    def _change(self, **values: Any) -> None:
        for name, value in values.items():
            setattr(self, f"_{name}", value)
        self._source.end(0)

    def _record(self) -> dict[str, Any]:
        """What is kept of it when its session is saved."""
        error = self._error
        return {
            "name": self._name,
            "status": self._status,
            "progress": self._progress,
            "note": self._note,
            "result": self._result if _is_plain(self._result) else None,
            "error": None if error is None else f"{type(error).__name__}: {error}",
            "started": self._started,
            "ended": self._ended,
        }

    @classmethod
    def _restored(cls, record: dict[str, Any]) -> Job[Any]:
        job: Job[Any] = cls(None, record["name"], ((), {}))
        for name in ("status", "progress", "note", "result", "started", "ended"):
            setattr(job, f"_{name}", record[name])
        if record["error"] is not None:
            job._error = TaskLostError(record["error"])
        if job._status in ("waiting", "running", "cancelling"):
            job._status = "lost"
            job._error = TaskLostError(
                f"the server ended while the task `{job._name}` was under way"
            )
        return job

    def __repr__(self) -> str:
        """Says what it is and how far."""
        return f"<livefloe.Job {self._name} {self._status}>"


class Task(Generic[P, T]):
    """A function whose runs outlive the page that started them. Call it to start one."""

    __name__: str

    def __init__(  # noqa: D107
        self,
        function: Callable[..., Any],
        scope: str,
        max_running: int | None,
        max_waiting: int,
        keep: int,
    ) -> None:
        code = function.__code__
        self._function = function
        self._takes_job = code.co_argcount > 0 and code.co_varnames[0] == "job"
        self._is_async = bool(code.co_flags & 0x80)
        self._max_running = max_running
        self._max_waiting = max_waiting
        self._keep = keep
        self._waiting: deque[Job[Any]] = deque()
        self._n_running = 0
        # A state gives scopes, tracking and broadcasts; its name is the task's in every process.
        body = {
            "__module__": function.__module__,
            "__qualname__": f"{function.__qualname__}.jobs",
            "__annotations__": {"jobs": "list"},
            "jobs": field(factory=list),
        }
        self._state: Any = StateMeta("jobs", (State,), body, scope=scope)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Job[T]:
        """Starts a run, once the handler that asks for it has succeeded.

        Args:
            *args: What the function gets.
            **kwargs: What it gets by name.

        Returns:
            The run.

        Raises:
            TaskBusyError: Too many wait.
            StateError: Something is being rendered.
        """
        if len(self._waiting) >= self._max_waiting:
            raise TaskBusyError(
                f"the task `{self.__name__}` has {self._max_waiting} runs waiting, which is all it "
                "takes: try again later"
            )
        job: Job[T] = Job(self, self.__name__, (args, kwargs))
        session = current.get()
        if session is not None:
            job._session = session.apart()
        state = self._state()
        jobs = state.jobs
        jobs.append(job)
        over = [known for known in jobs if known._status in ("done", "failed", "cancelled", "lost")]
        for known in over[: max(0, len(jobs) - self._keep)]:
            jobs.remove(known)
        _end_with(state, job)
        after_turn(lambda: self._enqueue(job))
        return job

    @property
    def jobs(self) -> list[Job[T]]:
        """The runs of this visitor, user or app (see `scope`), oldest first."""
        return list(self._state().jobs)

    @property
    def latest(self) -> Job[T] | None:
        """The newest of them."""
        jobs = self._state().jobs
        return jobs[-1] if jobs else None

    @property
    def n_waiting(self) -> int:
        """How many runs wait, of all visitors together."""
        return len(self._waiting)

    # What follows runs on the thread of the event loop alone.

    def _enqueue(self, job: Job[Any]) -> None:
        from . import _loop

        _watch_tqdm()
        job._under_way = job._session.under_way()
        _loop.call_soon(lambda: self._add(job))

    def _add(self, job: Job[Any]) -> None:
        if job._status == "waiting":
            self._waiting.append(job)
            self._pump()

    def _pump(self) -> None:
        while self._waiting and (self._max_running is None or self._n_running < self._max_running):
            self._begin(self._waiting.popleft())
        for position, job in enumerate(self._waiting, 1):
            if job._position != position:
                job._change(position=position)

    def _begin(self, job: Job[Any]) -> None:
        import asyncio

        self._n_running += 1
        job._change(status="running", position=0, started=time.time())
        loop = asyncio.get_running_loop()
        job._running = Context().run(loop.create_task, self._run(job))
        job._running.add_done_callback(lambda ended: self._end(job, ended))

    async def _run(self, job: Job[Any]) -> tuple[Any, BaseException | None]:
        from . import _loop

        current.set(job._session)
        _job.set(job)
        args, kwargs = job._arguments
        if self._takes_job:
            args = (job, *args)
        try:
            if self._is_async:
                return await self._function(*args, **kwargs), None
            return await _loop.on_thread(lambda: self._function(*args, **kwargs)), None
        except BaseException as exception:  # SystemExit would end the loop for all sessions
            return None, exception

    def _end(self, job: Job[Any], ended: Any) -> None:
        import asyncio

        self._n_running -= 1
        # Cancelled before its first step, it has not come to `_run`.
        result, error = (None, asyncio.CancelledError()) if ended.cancelled() else ended.result()
        job._running = None
        was_asked = job._status == "cancelling"
        if isinstance(error, asyncio.CancelledError) or (was_asked and error is None):
            job._change(status="cancelled", ended=time.time())
        elif error is not None:
            from ._report import report

            report(error)
            # Its frames hold on to everything that was under way.
            error.__traceback__ = error.__context__ = error.__cause__ = None
            job._change(status="failed", error=error, ended=time.time())
        else:
            job._change(status="done", result=result, progress=1.0, ended=time.time())
        job._arguments = ((), {})
        job._under_way = None
        self._pump()

    def _cancel(self, job: Job[Any]) -> None:
        from . import _loop

        job._session.stop()
        _loop.call_soon(lambda: self._take_out(job))

    def _take_out(self, job: Job[Any]) -> None:
        if job._status == "waiting":
            if job in self._waiting:
                self._waiting.remove(job)
            job._under_way = None
            job._change(status="cancelled", position=0, ended=time.time())
            self._pump()
        elif job._status == "running":
            job._change(status="cancelling")
            if self._is_async:
                job._running.cancel()


@overload
def task(function: Callable[Concatenate[Job[Any], P], Coroutine[Any, Any, T]], /) -> Task[P, T]: ...
@overload
def task(function: Callable[Concatenate[Job[Any], P], T], /) -> Task[P, T]: ...
@overload
def task(function: Callable[P, Coroutine[Any, Any, T]], /) -> Task[P, T]: ...
@overload
def task(function: Callable[P, T], /) -> Task[P, T]: ...
@overload
def task(
    *,
    scope: Literal["session", "user", "app"] = "session",
    max_running: int | None = None,
    max_waiting: int = 1000,
    keep: int = 20,
) -> _Decorator: ...
def task(
    function: Any = None,
    /,
    *,
    scope: str = "session",
    max_running: int | None = None,
    max_waiting: int = 1000,
    keep: int = 20,
) -> Any:
    """Makes a task of a function: work that takes its time and outlives the page that started it.

    Call it to start a run, which gives a `Job`: its `status`, `progress`, `note`, `result`, `error`
    and `cancel()`. Pages that show those show them live, also after a reload, and in another tab of
    the same scope. A run starts when the handler that asks for it has succeeded. A plain function
    runs on a thread of its own, an async one on the shared event loop. If the first parameter is
    called `job`, it is the run itself.

    Args:
        function: The function, where nothing else is said.
        scope: Whose the runs are: `session`, of the visitor who started them, and with whose
            session they end; `user`, of all sessions of the user, with the last of which they end;
            or `app`, of all visitors.
        max_running: How many run at once in this process, of all visitors together; the others
            wait in the order in which they came. `None`: any number.
        max_waiting: How many may wait.
        keep: How many are kept in `jobs`; of more the oldest go that are over.

    Returns:
        The task, or a decorator.

    Raises:
        StateError: It is no function, or a generator.

    Examples:
        >>> @task(max_running=1)
        ... def train(job: Job[float], epochs: int) -> float:
        ...     for epoch in job.track(range(epochs), "training"):
        ...         ...
        ...     return 0.98
    """

    def decorate(function: Callable[..., Any]) -> Task[..., Any]:
        code = getattr(function, "__code__", None)
        if code is None:
            raise StateError(f"lf.task expected a function, got {type(function).__name__}")
        if code.co_flags & (0x20 | 0x200):
            name = function.__qualname__
            raise StateError(
                f"lf.task expected a function that returns, and `{name}` is a generator"
            )
        if max_running is not None and max_running < 1:
            raise StateError(f"max_running expected a number from 1 on, got {max_running!r}")
        made: Task[..., Any] = Task(function, scope, max_running, max_waiting, keep)
        return cast("Task[..., Any]", update_wrapper(cast("Any", made), function))

    return decorate if function is None else decorate(function)


class _Decorator:
    """What `task` with options gives, as type checkers see it."""

    @overload
    def __call__(
        self, function: Callable[Concatenate[Job[Any], P], Coroutine[Any, Any, T]], /
    ) -> Task[P, T]: ...
    @overload
    def __call__(self, function: Callable[Concatenate[Job[Any], P], T], /) -> Task[P, T]: ...
    @overload
    def __call__(self, function: Callable[P, Coroutine[Any, Any, T]], /) -> Task[P, T]: ...
    @overload
    def __call__(self, function: Callable[P, T], /) -> Task[P, T]: ...
    def __call__(self, function: Any, /) -> Any:
        raise NotImplementedError


def track(items: Iterable[Item], note: str | None = None) -> Iterator[Item]:
    """Goes through items, and reports how far it is if a task does so.

    Args:
        items: The items.
        note: What is being done.

    Returns:
        The items.
    """
    job = _job.get()
    return iter(items) if job is None else job.track(items, note)


def report(label: object, value: float | None, most: float) -> bool:
    """Takes what `lf.progress` says outside of rendering, and says whether a task runs."""
    job = _job.get()
    if job is None:
        return False
    job.report(None if value is None else value / most, str(label))
    return True


def _is_plain(value: Any, depth: int = 0) -> bool:
    if isinstance(value, (str, int, float, bool, type(None))):
        return True
    if depth > 8:
        return False
    if type(value) in (list, tuple):
        return all(_is_plain(item, depth + 1) for item in value)
    if type(value) is dict:
        return all(_is_plain(pair, depth + 1) for pair in value.items())
    return False


def _end_with(state: Any, job: Job[Any]) -> None:
    """Has a run end with the state that it is part of: with its session."""
    jobs = _jobs.get(state)
    if jobs is None:
        jobs = weakref.WeakSet()
        _jobs[state] = jobs
        weakref.finalize(state, _cancel_all, jobs).atexit = False
    jobs.add(job)


_jobs: weakref.WeakKeyDictionary[Any, weakref.WeakSet[Job[Any]]] = weakref.WeakKeyDictionary()


def _cancel_all(jobs: weakref.WeakSet[Job[Any]]) -> None:
    for job in list(jobs):
        if job._task is not None and job._status in ("waiting", "running"):
            job._task._cancel(job)


_is_watching = False


def _watch_tqdm() -> None:
    """Has bars of tqdm, if that is loaded, report to the task that draws them."""
    global _is_watching
    loaded = sys.modules.get("tqdm.std")
    if _is_watching or loaded is None:
        return
    _is_watching = True
    plain = loaded.tqdm.display

    def display(self: Any, *args: Any, **kwargs: Any) -> Any:
        job = _job.get()
        if job is None:
            return plain(self, *args, **kwargs)
        job.report(self.n / self.total if self.total else None, self.desc.rstrip(": ") or None)
        return None

    loaded.tqdm.display = display
