"""Converts what clients send, which is text, to what annotations say."""

from __future__ import annotations

import dataclasses
import datetime
import enum
import inspect
import math
import types
import typing
from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeAlias

from ._native import Picture, Strokes, Upload
from .errors import HandlerError, Invalid

#: What a field has: text, or a file that the server knows under what was sent.
Value: TypeAlias = str | Upload

#: A form as it was sent: names with values, in order.
Form: TypeAlias = Sequence[tuple[str, Value]]

#: What controls send; the same numbers as in `handler.rs`.
_NUMBER, _TRUTH, _PICTURE, _STROKES, _FILE, _FILES = 2, 3, 5, 6, 7, 8

_EMPTY: Any = inspect.Parameter.empty
_REQUIRED = "is required"


@dataclasses.dataclass(frozen=True)
class Parameter:
    """A parameter of a handler."""

    name: str
    annotation: Any
    default: Any
    is_positional: bool
    is_rest: bool


#: Parameters by code, and by whether it is called as a method: what a lambda takes is the same at
#: every rendering.
_parameters: dict[tuple[types.CodeType, bool], list[Parameter]] = {}


def read_parameters(function: Callable[..., Any]) -> list[Parameter]:
    """What a function takes.

    Args:
        function: Anything that can be called.

    Returns:
        Its parameters, without those that a method or a `partial` has filled.

    Raises:
        HandlerError: Its annotations can't be read.
    """
    code = getattr(function, "__code__", None)
    key = (code, inspect.ismethod(function)) if code is not None else None
    if key is not None and key in _parameters:
        return _parameters[key]
    plain = function
    while hasattr(plain, "func"):  # a partial
        plain = plain.func
    is_function = inspect.isroutine(plain) or inspect.isclass(plain)
    named = plain if is_function else type(plain).__call__
    try:
        hints = typing.get_type_hints(named, include_extras=False)
        signature = inspect.signature(function)
    except (NameError, TypeError, ValueError) as error:
        name = getattr(function, "__qualname__", repr(function))
        raise HandlerError(f"the parameters of `{name}` can't be read: {error}") from error
    read = [_parameter(parameter, hints) for parameter in signature.parameters.values()]
    if key is not None:
        _parameters[key] = read
    return read


def _parameter(parameter: inspect.Parameter, hints: dict[str, Any]) -> Parameter:
    return Parameter(
        name=parameter.name,
        annotation=hints.get(parameter.name, _EMPTY),
        default=parameter.default,
        is_positional=parameter.kind
        in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD, parameter.VAR_POSITIONAL),
        is_rest=parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD),
    )


def read_form(
    function: Callable[..., Any],
    args: tuple[Any, ...],
    pairs: Form,
    parameters: list[Parameter] | None = None,
) -> tuple[list[Any], dict[str, Any]]:
    """What a function gets of a form.

    Args:
        function: The function.
        args: What it gets before.
        pairs: The form.
        parameters: Its parameters, if they are at hand.

    Returns:
        Further arguments, by position and by name.

    Raises:
        Invalid: Fields don't fit the annotations.
        HandlerError: A parameter is of a type that no text converts to.
    """
    parameters = (read_parameters(function) if parameters is None else parameters)[len(args) :]
    fields: dict[str, list[Value]] = {}
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    if len(parameters) == 1 and parameters[0].name not in fields:
        (only,) = parameters
        if dataclasses.is_dataclass(only.annotation) and isinstance(only.annotation, type):
            return [_read_dataclass(only.annotation, fields)], {}
        if (typing.get_origin(only.annotation) or only.annotation) is dict:
            return [{name: values[-1] for name, values in fields.items()}], {}
    named: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for parameter in parameters:
        if parameter.is_rest:
            continue
        _read_field(
            parameter.name, parameter.annotation, parameter.default, fields, named, problems
        )
    if problems:
        raise Invalid(**problems)
    if any(parameter.is_rest and not parameter.is_positional for parameter in parameters):
        declared = {parameter.name for parameter in parameters}
        named.update({name: values[-1] for name, values in fields.items() if name not in declared})
    return [], named


def _read_dataclass(kind: type, fields: dict[str, list[Value]]) -> Any:
    hints = typing.get_type_hints(kind)
    named: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for field in dataclasses.fields(kind):
        if not field.init:
            continue
        has_default = (
            field.default is not dataclasses.MISSING
            or field.default_factory is not dataclasses.MISSING
        )
        default = _DEFAULT if has_default else _EMPTY
        _read_field(field.name, hints.get(field.name, _EMPTY), default, fields, named, problems)
    if problems:
        raise Invalid(**problems)
    try:
        return kind(**named)
    except ValueError as error:  # of the class's own checks
        raise Invalid(str(error)) from error


#: A default that the class fills in itself.
_DEFAULT: Any = object()


def _read_field(
    name: str,
    annotation: Any,
    default: Any,
    fields: dict[str, list[Value]],
    named: dict[str, Any],
    problems: dict[str, str],
) -> None:
    values = fields.get(name, [])
    is_left_out = not values or (values == [""] and not _takes_empty(annotation))
    if (
        is_left_out
        and default is not _EMPTY
        and not (_plain(annotation) is bool and default is not _DEFAULT and fields)
    ):
        return  # the default holds
    try:
        named[name] = convert(annotation, values)
    except ValueError as error:
        problems[name] = str(error)
    except HandlerError as error:
        raise HandlerError(f"parameter `{name}`: {error}") from None


def read_control(expects: int, annotation: Any, pairs: Form) -> Any:
    """What a handler gets of a control's own event.

    Args:
        expects: What the control sends: a number of `handler.rs`.
        annotation: What the handler's parameter says.
        pairs: What came.

    Returns:
        The value.

    Raises:
        Invalid: It does not fit.
    """
    values = [value for _, value in pairs]
    if annotation is _EMPTY or annotation is Any:
        annotation = _DEFAULT_KINDS.get(expects, str)
    try:
        return convert(annotation, values)
    except ValueError as error:
        raise Invalid(**{pairs[0][0] if pairs else "": str(error)}) from error


class _Number:
    """A number of either kind, or nothing, for controls whose handlers say no more."""


#: What controls give to handlers that say no more.
_DEFAULT_KINDS: dict[int, Any] = {
    _NUMBER: _Number,
    _TRUTH: bool,
    _PICTURE: Picture,
    _STROKES: Strokes,
    _FILE: Upload | None,
    _FILES: list[Upload],
}


def convert(annotation: Any, values: Sequence[Value]) -> Any:
    """Converts what was sent for one field.

    Args:
        annotation: The type to convert to.
        values: All values of the field, in order.

    Returns:
        The value.

    Raises:
        ValueError: They don't fit; the message is for the person who entered them.
        HandlerError: No text converts to the type.
    """
    annotation = _plain(annotation)
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Union or origin is types.UnionType:
        return _convert_union(arguments, values)
    if origin in (list, set, frozenset, tuple) or annotation in (list, set, frozenset, tuple):
        kind = origin or annotation
        item = arguments[0] if arguments else str
        return kind(convert(item, [value]) for value in values)
    if annotation is bool:
        return _convert_bool(values)
    if not values:
        raise ValueError(_REQUIRED)
    text = values[-1]
    if isinstance(text, Upload):
        if annotation is _EMPTY or annotation is Any or annotation is Upload:
            return text
        raise ValueError("expected no file")
    if annotation is Upload:
        raise ValueError("expected a file")
    if annotation is _EMPTY or annotation is Any or annotation is str:
        return text
    if origin is Literal:
        return _choose(text, {str(choice): choice for choice in arguments})
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        choices = {str(member.value): member for member in annotation}
        return _choose(
            text, choices if text in choices else {member.name: member for member in annotation}
        )
    converter = _CONVERTERS.get(annotation)
    if converter is None:
        raise HandlerError(f"expected a type that text converts to, got {annotation!r}")
    return converter(text)


def _convert_union(arguments: tuple[Any, ...], values: Sequence[Value]) -> Any:
    if type(None) in arguments and (not values or list(values) == [""]):
        return None
    problem = ValueError(_REQUIRED)
    for argument in arguments:
        if argument is type(None):
            continue
        try:
            return convert(argument, values)
        except ValueError as error:
            problem = error
    raise problem


def _convert_bool(values: Sequence[Value]) -> bool:
    if not values:
        return False  # a box that is not ticked is not sent
    text = str(values[-1]).lower()
    if text in ("true", "on", "1", "yes"):
        return True
    if text in ("false", "off", "0", "no", ""):
        return False
    raise ValueError(f"expected true or false, got {values[-1]!r}")


def _choose(text: str, choices: dict[str, Any]) -> Any:
    if text not in choices:
        raise ValueError(
            f"expected one of {', '.join(choices)}, got {text!r}" if text else _REQUIRED
        )
    return choices[text]


def _int(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not number.is_integer():
        raise ValueError(f"expected a whole number, got {text!r}" if text else _REQUIRED)
    return int(number)


def _float(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"expected a number, got {text!r}" if text else _REQUIRED)
    return number


def _number(text: str) -> int | float | None:
    if not text:
        return None
    number = _float(text)
    return (
        int(number)
        if number.is_integer() and "." not in text and "e" not in text.lower()
        else number
    )


def _date(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"expected a date such as 2026-01-31, got {text!r}" if text else _REQUIRED
        ) from None


_CONVERTERS: dict[Any, Callable[[str], Any]] = {
    int: _int,
    float: _float,
    datetime.date: _date,
    _Number: _number,
    Picture: Picture.parse,
    Strokes: Strokes.parse,
}


def _plain(annotation: Any) -> Any:
    return (
        typing.get_args(annotation)[0]
        if typing.get_origin(annotation) is typing.Annotated
        else annotation
    )


def _takes_empty(annotation: Any) -> bool:
    """Whether empty text is a value of its own, rather than none."""
    return _plain(annotation) in (str, _EMPTY, Any, bool, Picture, Strokes)
