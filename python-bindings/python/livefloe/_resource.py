"""Runs resources: calls the methods that load them, and notes what those read."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Coroutine, Generator
from contextvars import Context
from typing import Any

from . import _loop
from ._context import current
from ._native import Loaded, Session, Tracked
from ._report import report


def start(
    session: Session | None,
    function: Callable[[Any], Any],
    owner: Any,
    tracked: Tracked,
    loaded: Loaded,
) -> Callable[[], object]:
    """Starts to load.

    Args:
        session: The session that asked, if one did.
        function: The method.
        owner: The state that it is called on.
        tracked: Calls what it is given, and notes what that reads.
        loaded: Called once, with the value or the exception.

    Returns:
        A function that ends it, callable from any thread.

    Raises:
        RuntimeError: The loop has ended.
    """

    def done(value: object, exception: BaseException | None) -> None:
        if isinstance(exception, asyncio.CancelledError):
            exception = RuntimeError("it was cancelled")
        elif exception is not None:
            report(exception)
            # Its frames hold on to everything that was under way.
            exception.__traceback__ = exception.__context__ = exception.__cause__ = None
        loaded(value, exception)

    cancel = _loop.start(Context(), _run(session, function, owner, tracked), done)
    if cancel is None:
        raise RuntimeError("the event loop for asynchronous code has ended")
    return cancel


async def _run(
    session: Session | None, function: Callable[[Any], Any], owner: Any, tracked: Tracked
) -> Any:
    current.set(session)
    if inspect.iscoroutinefunction(function):
        return await _Prologue(function(owner), tracked)
    return await _loop.on_thread(tracked, function, owner)


class _Prologue:
    """Awaits a coroutine whose reads are noted until it first waits for something.

    What runs after that runs between other code, whose reads could not be told from its own.
    """

    def __init__(self, coroutine: Coroutine[Any, Any, Any], tracked: Tracked) -> None:
        self._coroutine = coroutine
        self._tracked = tracked

    def __await__(self) -> Generator[Any, Any, Any]:
        coroutine = self._coroutine
        try:
            waits_for = self._tracked(coroutine.send, None)
            while True:
                try:
                    sent = yield waits_for
                except BaseException as exception:
                    waits_for = coroutine.throw(exception)
                else:
                    waits_for = coroutine.send(sent)
        except StopIteration as end:
            return end.value
        finally:
            coroutine.close()
