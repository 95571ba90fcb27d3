"""Components: functions that render parts of pages."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import update_wrapper
from typing import Any, ParamSpec, Protocol, cast, overload

from . import _native
from .errors import RenderError

Parameters = ParamSpec("Parameters")


class Component(Protocol[Parameters]):
    """A component: call it in a page or in another component to place it there.

    `key=` tells the calls of a loop apart.
    """

    __name__: str

    @overload
    def __call__(self, *args: Parameters.args, **kwargs: Parameters.kwargs) -> None: ...
    @overload
    def __call__(self, *args: Any, key: Hashable, **kwargs: Any) -> None: ...


def component(function: Callable[Parameters, None]) -> Component[Parameters]:
    """Makes a component of a function that calls widgets.

    Where it is called, it is placed. It runs again by itself when something that it read has
    changed, or when it is called with other arguments; what calls it doesn't run again for that.
    Which component is which, from one rendering to the next, follows from the place of the call; in
    a loop give `key=` what tells the items apart.

    Args:
        function: A plain function that returns nothing.

    Returns:
        The component.

    Raises:
        RenderError: The function is async or a generator, or no function.

    Examples:
        >>> @component
        ... def greeting(name: str) -> None:
        ...     print(f"Hello {name}")
    """
    check_renders(function, "a component")
    code = getattr(function, "__code__", None)
    n_parameters = code.co_argcount + code.co_kwonlyargcount if code else 0
    takes_key = code is not None and "key" in code.co_varnames[:n_parameters]
    made = _native.Component(function, takes_key)
    return cast("Component[Parameters]", update_wrapper(made, function))


def check_renders(function: Any, what: str) -> None:
    """Refuses what can't render.

    Args:
        function: What should.
        what: What it should be, for the message.

    Raises:
        RenderError: It is async, a generator, or no function.
    """
    if not callable(function):
        raise RenderError(f"{what} expected a function, got {type(function).__name__}")
    code = getattr(function, "__code__", None)
    for flags, kind in _KINDS.items():
        if code is not None and code.co_flags & flags:
            raise RenderError(
                f"{what} is a plain function, and `{code.co_name}` is {kind}: "
                "load what takes time in a handler"
            )


#: Flags of code that can't render. (`inspect` has them by name, and takes longer to load than all
#: of Livefloe.)
_KINDS = {0x80 | 0x200: "async", 0x20: "a generator"}
