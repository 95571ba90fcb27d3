"""Runs handlers: calls the user's functions with what their parameters say that they take."""

from __future__ import annotations

from collections.abc import Callable, Generator
from types import AsyncGeneratorType, CoroutineType, GeneratorType
from typing import Any

from ._context import current
from ._convert import Form, read_control, read_form, read_parameters
from ._native import Cell, Field, Session

#: What an event brings; the same numbers as in `handler.rs`.
NOTHING, FORM = 0, 4


def begin(
    session: Session,
    expects: int,
    function: Callable[..., Any] | None,
    args: tuple[Any, ...],
    bound: Field | Cell[Any] | None,
    pairs: Form,
) -> Any:
    """Runs the handler of an event.

    Args:
        session: The session that it belongs to.
        expects: What the event brings: a number of `handler.rs`.
        function: The handler, if there is one.
        args: What the server bound to it.
        bound: The field or cell that the event writes first, if there is one.
        pairs: What the client sent.

    Returns:
        What the handler returned: nothing, or a coroutine or generator, which has not started yet.

    Raises:
        Invalid: What the client sent doesn't fit the handler's parameters.
    """
    current.set(session)
    if isinstance(bound, Cell):
        bound.value = read_control(expects, _kind(bound), pairs)
    elif bound is not None:
        setattr(bound.owner(), bound.name, read_control(expects, _annotation(bound), pairs))
    if function is None:
        return None
    if expects == NOTHING:
        return function(*args)
    if expects == FORM:
        positional, named = read_form(function, args, pairs)
        return function(*args, *positional, **named)
    annotation = _annotation_of_value(function, args)
    if annotation is _NO_PARAMETER:
        return function(*args)
    return function(*args, read_control(expects, annotation, pairs))


def enter(session: Session, function: Callable[[Any], Any], value: Any) -> Any:
    """Runs a function on a value, as code of a session."""
    current.set(session)
    return function(value)


def advance(generator: Generator[Any, None, Any]) -> bool:
    """Runs a generator up to its next `yield`, and says whether there was one."""
    try:
        next(generator)
    except StopIteration:
        return False
    return True


def kind_of(returned: Any) -> int:
    """What a handler returned: 1 generator, 2 async generator, 3 awaitable, 0 anything else."""
    if isinstance(returned, GeneratorType):
        return 1
    if isinstance(returned, AsyncGeneratorType):
        return 2
    if isinstance(returned, CoroutineType) or hasattr(returned, "__await__"):
        return 3
    return 0


def page_arguments(
    function: Callable[..., Any], path: dict[str, str], query: Form
) -> dict[str, Any]:
    """What a page is called with: parts of the path and parameters of the query, by name.

    Raises:
        Invalid: One of them doesn't fit its annotation, or is missing.
    """
    parameters = read_parameters(function)
    pairs = [(name, value) for name, value in query if name not in path]
    pairs.extend(path.items())
    _, named = read_form(function, (), pairs, parameters)
    return named


_NO_PARAMETER: Any = object()


def _annotation_of_value(function: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    """The annotation of the parameter that takes the value; `_NO_PARAMETER` if there is none."""
    for parameter in read_parameters(function)[len(args) :]:
        if parameter.is_positional:
            return parameter.annotation
    return _NO_PARAMETER


def _annotation(bound: Field) -> Any:
    from typing import get_type_hints

    return get_type_hints(bound.owner).get(bound.name, Any)


def _kind(cell: Cell[Any]) -> Any:
    """What a cell takes: the type of its first value, if it says enough."""
    kind = cell.__livefloe_kind__
    return Any if kind in (int, type(None)) else kind
