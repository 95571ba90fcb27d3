"""Runs an app's function of any kind beside its session, and hands on what it brings meanwhile.

For `@app.interface` and `@app.chat`. A plain function or generator runs on a thread of its own, an
asynchronous one on the loop that all sessions share.
"""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

from ._context import current

#: The shortest time between two flushes, in seconds: faster than that nobody reads.
FLUSH_S = 0.03

#: Values that may wait for a flush. A generator that makes more meanwhile waits for it.
MAX_WAITING = 1024

#: Threads that run such functions at the same time, in all sessions. Further runs wait.
MAX_THREADS = 64

_threads: asyncio.Semaphore | None = None


class Run:
    """One run of a function.

    Args:
        call: Calls the function; the only argument is its own.
        show: Takes what has come since it was called last, in order. Called at most every 30 ms.
        is_thorough: Whether `show` takes time, and so runs on a thread.
    """

    def __init__(
        self,
        call: Callable[[], Any],
        show: Callable[[list[Any]], None],
        *,
        is_thorough: bool = False,
    ) -> None:
        self._call = call
        self._show = show
        self._is_thorough = is_thorough
        self._waiting: list[Any] = []
        self._inbox = threading.Lock()
        self._has_room = threading.Event()
        self._has_room.set()
        self._news: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._producing: asyncio.Future[None] | None = None
        self._lock = threading.Lock()
        self.is_stopped = False
        """Whether somebody has stopped it. It shows nothing any more then."""

    async def follow(self) -> None:
        """Runs the function to its end, or until it is stopped.

        Raises:
            BaseException: What the function raised; what it had brought is shown before.
        """
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()
        with self._lock:
            if self.is_stopped:
                return
            self._producing = asyncio.ensure_future(self._produce())
        try:
            while not self._producing.done():
                news = asyncio.ensure_future(self._news.wait())
                await asyncio.wait({news, self._producing}, return_when=asyncio.FIRST_COMPLETED)
                news.cancel()
                await self._flush()
                await asyncio.wait({self._producing}, timeout=FLUSH_S)
            await self._flush()
        except asyncio.CancelledError:  # the session has ended, or the component is gone
            self.stop()
            raise
        if not self._producing.cancelled() and not self.is_stopped:
            self._producing.result()

    def stop(self) -> None:
        """Stops it, from any thread.

        Asynchronous code is cancelled where it waits, a generator is closed at its next value, and
        a plain function is told by `lf.cancelled()`.
        """
        with self._lock:
            if self.is_stopped:
                return
            self.is_stopped = True
            producing, loop = self._producing, self._loop
        self._has_room.set()
        if producing is not None and loop is not None:
            loop.call_soon_threadsafe(producing.cancel)

    def show(self, change: Callable[[], None]) -> None:
        """Changes what is shown, unless it has been stopped: nobody stops it meanwhile."""
        with self._lock:
            if not self.is_stopped:
                change()

    async def _flush(self) -> None:
        assert self._news is not None
        self._news.clear()
        with self._inbox:
            values, self._waiting = self._waiting, []
            self._has_room.set()
        if not values or self.is_stopped:
            return
        if self._is_thorough:
            await asyncio.to_thread(self._show, values)
        else:
            self._show(values)

    async def _produce(self) -> None:
        plain = inspect.unwrap(self._call)
        while hasattr(plain, "func"):  # a partial
            plain = plain.func
        is_async = inspect.iscoroutinefunction(plain) or inspect.isasyncgenfunction(plain)
        try:
            # What a plain function returns may be asynchronous all the same.
            made = self._call() if is_async else await self._on_thread(self._take_all, self._call)
            if isinstance(made, Awaitable):
                made = await made
            if isinstance(made, AsyncIterator):
                await self._take_each(made)
            elif isinstance(made, Iterator):
                await self._on_thread(self._take_all, lambda: made)
            elif made is not _TAKEN:
                self._put(made)
        except asyncio.CancelledError:
            if (session := current.get()) is not None:
                session.cancel()
            raise
        except (SystemExit, KeyboardInterrupt) as exception:
            # It would end the loop, and with that every session.
            raise RuntimeError(f"the function raised {type(exception).__name__}") from exception

    def _take_all(self, call: Callable[[], Any]) -> Any:
        """On a thread: the value; those of a generator; or something asynchronous as it is."""
        made = call()
        if isinstance(made, Awaitable | AsyncIterator):
            return made
        if not _is_iterator(made):
            self._put(made)
            return _TAKEN
        try:
            for value in made:
                self._put(value)
                self._has_room.wait()
                if self.is_stopped:
                    break
        finally:
            if hasattr(made, "close"):
                made.close()
        return _TAKEN

    async def _take_each(self, made: AsyncIterator[Any]) -> None:
        try:
            async for value in made:
                self._put(value)
                while not self._has_room.is_set():
                    await asyncio.sleep(FLUSH_S / 10)
        finally:
            if hasattr(made, "aclose"):
                await made.aclose()

    def _put(self, value: Any) -> None:
        assert self._loop is not None
        assert self._news is not None
        with self._inbox:
            self._waiting.append(value)
            n_waiting = len(self._waiting)
            if n_waiting >= MAX_WAITING and not self.is_stopped:
                self._has_room.clear()
        if n_waiting == 1:
            self._loop.call_soon_threadsafe(self._news.set)

    async def _on_thread(self, work: Callable[..., Any], *args: Any) -> Any:
        global _threads
        if _threads is None:
            _threads = asyncio.Semaphore(MAX_THREADS)
        await _threads.acquire()
        return await self._thread(work, args, _threads)

    def _thread(
        self, work: Callable[..., Any], args: Any, threads: asyncio.Semaphore
    ) -> asyncio.Future[Any]:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        context = contextvars.copy_context()

        def settle(result: Any, exception: BaseException | None) -> None:
            # The place is free when the thread has ended, also where nobody waits for it any more.
            threads.release()
            if future.done():
                return
            if exception is None:
                future.set_result(result)
            elif isinstance(exception, StopIteration | SystemExit | KeyboardInterrupt):
                # A future can't hold the first; the others would end the loop, with every session.
                raised = RuntimeError(f"the function raised {type(exception).__name__}")
                raised.__cause__ = exception
                future.set_exception(raised)
            else:
                future.set_exception(exception)

        def run() -> None:
            result, exception = None, None
            try:
                result = context.run(work, *args)
            except BaseException as raised:
                exception = raised
            loop.call_soon_threadsafe(settle, result, exception)

        # Its own: work that takes minutes would take a handler's thread away for as long.
        threading.Thread(target=run, name="livefloe-run", daemon=True).start()
        return future


#: What a function gave has been taken.
_TAKEN: Any = object()


def _is_iterator(made: Any) -> bool:
    """A generator, or another iterator; files and the like are values."""
    return inspect.isgenerator(made) or (isinstance(made, Iterator) and not hasattr(made, "read"))


class Runs:
    """The runs under way of one function, one for each session."""

    def __init__(self) -> None:
        self._runs: dict[int | None, Run] = {}

    def begin(self, run: Run) -> None:
        """Puts this one in the place of the one that the session has, which is stopped."""
        self.stop()
        self._runs[_number()] = run

    def end(self, run: Run) -> None:
        """Forgets this one."""
        number = _number()
        if self._runs.get(number) is run:
            del self._runs[number]

    def stop(self) -> bool:
        """Stops the one of the calling session, and says whether there was one."""
        run = self._runs.pop(_number(), None)
        if run is not None:
            run.stop()
        return run is not None


def _number() -> int | None:
    session = current.get()
    return session.number if session is not None else None
