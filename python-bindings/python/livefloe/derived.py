"""Values that a state makes from its fields: computed at once, or loaded in the background."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar, overload

from ._native import Computed, Resource, ResourceField
from .errors import StateError

__all__ = ["Resource", "computed", "resource"]

T = TypeVar("T")
S = TypeVar("S")


def computed(method: Callable[[S], T]) -> Computed[T]:
    """Makes a value of a method that computes it from a state's fields.

    It is computed when it is first read, and again only when something that it read has changed.
    Who reads it runs again only when it came out different. It reads fields, other computed values,
    and other states, in any number and under any condition; it changes nothing.

    Args:
        method: A plain method without parameters.

    Returns:
        The value, to be read like a field.

    Raises:
        StateError: The method is async, a generator or takes parameters. When it is read: values
            are computed from each other in a circle; something is changed while computing.

    Examples:
        >>> import livefloe as lf
        >>> class Cart(lf.State):
        ...     prices: list[float] = []
        ...
        ...     @lf.computed
        ...     def total(self) -> float:
        ...         return sum(self.prices)
    """
    name = _check(method, "lf.computed")
    if method.__code__.co_flags & _COROUTINE:
        raise StateError(
            f"lf.computed expected a plain method, and `{name}` is async: use lf.resource"
        )
    return Computed(method)


@overload
def resource(method: Callable[[S], Coroutine[Any, Any, T]]) -> ResourceField[T]: ...
@overload
def resource(method: Callable[[S], T]) -> ResourceField[T]: ...
def resource(method: Callable[[S], Any]) -> ResourceField[Any]:
    """Makes a value of a method that takes its time: a download, a query, a long computation.

    It is loaded beside the session when it is first read, and again when something that it read has
    changed and somebody shows it; a run that is still under way then is cancelled. Meanwhile the
    last value stays. An async method runs on the shared event loop, and depends on what it read
    before it first waited for something; a plain one runs on a thread, and depends on all that it
    read.

    Args:
        method: A method without parameters, async or plain.

    Returns:
        Read from a state, a `Resource`: `.value`, `.ready`, `.loading`, `.error`, `.reload()`.

    Raises:
        StateError: The method is a generator or takes parameters.

    Examples:
        >>> import livefloe as lf
        >>> class Weather(lf.State):
        ...     city: str = "Oslo"
        ...
        ...     @lf.resource
        ...     async def forecast(self) -> str:
        ...         return f"{self.city}: sun"
    """
    _check(method, "lf.resource")
    return ResourceField(method)


#: Flags of code, as in `inspect`, which takes longer to load than all of Livefloe.
_COROUTINE, _GENERATOR = 0x80, 0x20 | 0x200


def _check(method: Any, what: str) -> str:
    code = getattr(method, "__code__", None)
    if code is None:
        raise StateError(f"{what} expected a method, got {type(method).__name__}")
    name = str(getattr(method, "__qualname__", method))
    if code.co_flags & _GENERATOR:
        raise StateError(
            f"{what} expected a method that returns its value, and `{name}` is a generator"
        )
    if code.co_argcount + code.co_kwonlyargcount != 1:
        raise StateError(f"{what} expected a method without parameters, and `{name}` takes some")
    return name
