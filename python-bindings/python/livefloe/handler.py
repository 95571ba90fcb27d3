"""How a function runs as a handler."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, Literal, TypeVar, cast, overload

from ._native import HandlerFunction
from .errors import HandlerError

Function = TypeVar("Function", bound=Callable[..., Any])

#: The numbers are those of `manner.rs`.
_CONCURRENCY = {"queue": 0, "latest": 1, "drop": 2, "parallel": 3}


@overload
def handler(function: Function, /) -> Function: ...
@overload
def handler(
    *,
    concurrency: Literal["queue", "latest", "drop", "parallel"] = "queue",
    timeout_s: float | None = None,
    debounce_ms: int | None = None,
    throttle_ms: int | None = None,
) -> Callable[[Function], Function]: ...
def handler(
    function: Any = None,
    /,
    *,
    concurrency: Literal["queue", "latest", "drop", "parallel"] = "queue",
    timeout_s: float | None = None,
    debounce_ms: int | None = None,
    throttle_ms: int | None = None,
) -> Any:
    """Says how a function, or a method of a state, runs as a handler.

    Those of which nothing needs to be said need no decorator.

    A handler is a plain function, an async one, or a generator of either kind, each of whose
    `yield`s shows what has changed so far. What it changes shows together at its end, and is undone
    if it raises.

    Args:
        function: The function, where nothing else is said.
        concurrency: What becomes of an event while a run for an earlier one of the same control is
            under way. `queue`: it waits; events of a session run one after the other. `latest`: it
            takes the place of the earlier one, which is cancelled where it waits, and undone: for
            a search while somebody types. `drop`: it is left out. `parallel`: it runs at once,
            beside whatever else the session does; what it changes can be seen by others before it
            ends.
        timeout_s: The longest that it may take, in seconds. After that it is cancelled where it
            waits, and undone; a plain function can't be stopped, and is told by `lf.cancelled()`.
            By default as the app's limit `handler_time` says; a plain function is told of that one
            too, but what it does counts.
        debounce_ms: How long the client waits, in milliseconds, for the input to rest before it
            sends, where the control doesn't say itself.
        throttle_ms: How often the client sends at the most, in milliseconds.

    Returns:
        The function, or a decorator.

    Raises:
        HandlerError: It is no function, or what is said of it makes no sense.

    Examples:
        >>> @handler(concurrency="latest", debounce_ms=200)
        ... async def search(text: str) -> None:
        ...     print(f"looking for {text}")
    """
    if concurrency not in _CONCURRENCY:
        expected = ", ".join(repr(name) for name in _CONCURRENCY)
        raise HandlerError(f"concurrency expected one of {expected}, got {concurrency!r}")
    if timeout_s is not None and not timeout_s > 0:
        raise HandlerError(f"timeout_s expected a time in seconds above 0, got {timeout_s!r}")

    def decorate(function: Function) -> Function:
        if not callable(function):
            raise HandlerError(f"lf.handler expected a function, got {type(function).__name__}")
        made = HandlerFunction(
            function, _CONCURRENCY[concurrency], timeout_s, debounce_ms, throttle_ms
        )
        return cast("Function", update_wrapper(made, function))

    return decorate if function is None else decorate(function)
