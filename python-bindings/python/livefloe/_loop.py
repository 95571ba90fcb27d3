"""The event loop that asynchronous handlers of all sessions share, on a thread of its own."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextvars import Context, copy_context
from typing import Any

from ._context import current
from ._native import Done, Session
from ._watchdog import Selector

_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None


def start(
    context: Context,
    awaitable: Awaitable[Any],
    done: Done | Callable[[object, BaseException | None], object],
) -> Callable[[], object] | None:
    """Runs an awaitable in a context and calls `done` with its result or its exception.

    Args:
        context: Where its context variables live.
        awaitable: What to run.
        done: Called once, on the loop's thread.

    Returns:
        A function that cancels it, callable from any thread; `None` if the loop has ended.
    """
    loop = _running()
    task: asyncio.Task[None] | None = None

    async def drive() -> None:
        try:
            result = await awaitable
        except BaseException as exception:  # SystemExit would end the loop for all sessions
            done(None, exception)
        else:
            done(result, None)

    def begin() -> None:
        nonlocal task
        task = loop.create_task(drive())
        task.add_done_callback(end)

    def end(ended: asyncio.Task[None]) -> None:
        # Cancelled before its first step, it has not come to `drive`.
        if ended.cancelled():
            if inspect.iscoroutine(awaitable):
                awaitable.close()
            done(None, asyncio.CancelledError())

    def cancel() -> None:
        if task is not None:
            task.cancel()

    try:
        loop.call_soon_threadsafe(begin, context=context)
    except RuntimeError:  # closed: the interpreter is going down
        return None
    return lambda: loop.call_soon_threadsafe(cancel)


async def advance(generator: AsyncGenerator[Any, None]) -> bool:
    """Runs an asynchronous generator up to its next `yield`, and says whether there was one."""
    try:
        await generator.__anext__()
    except StopAsyncIteration:
        return False
    return True


def close(generator: AsyncGenerator[Any, None]) -> None:
    """Closes an asynchronous generator that will not be resumed."""
    loop = _running()
    loop.call_soon_threadsafe(lambda: loop.create_task(_close(generator)))


async def spawned(session: Session, work: Any, args: tuple[Any, ...]) -> Any:
    """Runs work that a handler spawned: a coroutine, or a function, plain or async.

    Args:
        session: The session that it belongs to.
        work: The work.
        args: What the function gets.

    Returns:
        What the work returned.
    """
    current.set(session)
    if inspect.isawaitable(work):
        return await work
    if inspect.iscoroutinefunction(work):
        return await work(*args)
    result = await on_thread(work, *args)
    return await result if inspect.isawaitable(result) else result


def call_soon(function: Callable[[], object]) -> None:
    """Calls a function on the loop's thread."""
    _running().call_soon_threadsafe(function)


def call_later(seconds: float, function: Callable[[], object]) -> None:
    """Calls a function on the loop's thread, after some time."""
    loop = _running()
    loop.call_soon_threadsafe(lambda: loop.call_later(seconds, function))


async def on_thread(work: Callable[..., Any], *args: Any) -> Any:
    """Runs a plain function on a thread of its own, in the context of the caller."""
    # A thread of its own: work that takes minutes would take a handler's thread away for as long.
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Any] = loop.create_future()
    context = copy_context()

    def settle(result: Any, exception: BaseException | None) -> None:
        if future.cancelled():
            return
        if exception is None:
            future.set_result(result)
        elif isinstance(exception, StopIteration):
            future.set_exception(RuntimeError("the work raised StopIteration"))
        else:
            future.set_exception(exception)

    def run() -> None:
        result, exception = None, None
        try:
            result = context.run(work, *args)
        except BaseException as raised:
            exception = raised
        loop.call_soon_threadsafe(settle, result, exception)

    threading.Thread(target=run, name="livefloe-spawned", daemon=True).start()
    return await future


async def _close(generator: AsyncGenerator[Any, None]) -> None:
    # What it awaited was cancelled a moment ago, and until it has noticed, it counts as running.
    for _ in range(100):
        try:
            await generator.aclose()
        except RuntimeError:
            await asyncio.sleep(0.01)
        else:
            return


def _running() -> asyncio.AbstractEventLoop:
    global _loop
    with _lock:
        if _loop is None or _loop.is_closed():
            _loop = asyncio.SelectorEventLoop(Selector())
            threading.Thread(target=_loop.run_forever, name="livefloe-asyncio", daemon=True).start()
        return _loop
