"""What a state's values are made of, for a store: taken apart into plain values, and put together.

Only values of types that the program has loaded are made, none of their constructors runs, and no
code is ever read from a store.
"""

from __future__ import annotations

import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import numbers
import pathlib
import sys
import types
import typing
import uuid
from collections.abc import Callable
from typing import Any

from ._beside import is_model
from .errors import StateError
from .task import Job

#: How values of these types are written and read. Their names are in stores: never change them.
_KINDS: dict[type, tuple[str, Callable[[Any], Any], Callable[[Any], Any]]] = {
    bytearray: ("bytearray", bytes, bytearray),
    complex: ("complex", lambda value: [value.real, value.imag], lambda parts: complex(*parts)),
    range: (
        "range",
        lambda value: [value.start, value.stop, value.step],
        lambda parts: range(*parts),
    ),
    datetime.datetime: ("datetime", lambda v: v.isoformat(), datetime.datetime.fromisoformat),
    datetime.date: ("date", lambda value: value.isoformat(), datetime.date.fromisoformat),
    datetime.time: ("time", lambda value: value.isoformat(), datetime.time.fromisoformat),
    datetime.timedelta: (
        "timedelta",
        lambda value: [value.days, value.seconds, value.microseconds],
        lambda parts: datetime.timedelta(*parts),
    ),
    decimal.Decimal: ("decimal", str, decimal.Decimal),
    fractions.Fraction: ("fraction", str, fractions.Fraction),
    uuid.UUID: ("uuid", lambda value: value.bytes, lambda value: uuid.UUID(bytes=value)),
    collections.OrderedDict: ("ordered", dict, collections.OrderedDict),
    collections.Counter: ("counter", dict, collections.Counter),
    collections.deque: (
        "deque",
        lambda value: [list(value), value.maxlen],
        lambda parts: collections.deque(*parts),
    ),
}
_KINDS[Job] = ("job", Job._record, Job._restored)
_READERS = {name: read for name, _, read in _KINDS.values()}


def take_apart(value: Any) -> list[Any]:
    """What a value is made of.

    Args:
        value: One that is none of the plain ones.

    Returns:
        Which kind it is, and what it is made of.

    Raises:
        StateError: It is of a kind that can't be saved.
    """
    kind = type(value)
    known = _KINDS.get(kind)
    if known is not None:
        return [known[0], known[1](value)]
    if isinstance(value, enum.Enum):
        return ["enum", _key(kind), value.name]
    if isinstance(value, tuple) and hasattr(kind, "_fields"):
        return ["named", _key(kind), list(value)]
    if dataclasses.is_dataclass(kind):
        names = [field.name for field in dataclasses.fields(kind)]
        values = {name: getattr(value, name) for name in names if hasattr(value, name)}
        return ["dataclass", _key(kind), values]
    if is_model(kind):
        names = vars(value).keys() & kind.__pydantic_fields__.keys()
        values = {name: vars(value)[name] for name in sorted(names)}
        given = sorted(value.model_fields_set)
        return ["model", _key(kind), values, given, dict(value.__pydantic_extra__ or {})]
    if isinstance(value, pathlib.PurePath):
        return ["path", str(value)]
    if isinstance(value, str):
        # A plain text gets here if it has half of a pair of surrogates.
        return ["text", value.encode("utf-8", "surrogatepass")]
    # Those of numpy, too.
    if isinstance(value, numbers.Integral):
        return ["number", int(value)]
    if isinstance(value, numbers.Real):
        return ["number", float(value)]
    raise StateError(f"a {kind.__module__}.{kind.__qualname__} can't be saved")


def put_together(parts: list[Any]) -> Any:
    """The value that was taken apart.

    Args:
        parts: What `take_apart` gave.

    Returns:
        The value.

    Raises:
        StateError: Its type is not there any more, or is another one.
    """
    kind = parts[0]
    if kind in _READERS:
        return _READERS[kind](parts[1])
    if kind == "path":
        return pathlib.Path(parts[1])
    if kind == "text":
        return parts[1].decode("utf-8", "surrogatepass")
    if kind == "number":
        return parts[1]
    if kind == "enum":
        return _class(parts[1], lambda found: issubclass(found, enum.Enum))[parts[2]]
    if kind == "named":
        return _class(parts[1], lambda found: hasattr(found, "_fields"))._make(parts[2])
    if kind == "dataclass":
        return _make_dataclass(_class(parts[1], dataclasses.is_dataclass), parts[2])
    if kind == "model":
        found = _class(parts[1], lambda found: hasattr(found, "model_validate"))
        if len(parts) == 3:  # as it was written before fields were kept one by one
            return found.model_validate(parts[2])
        return _make_model(found, *parts[2:])
    raise StateError(f"it is of a kind that this version doesn't know, {kind!r}")


def _make_dataclass(kind: Any, values: dict[str, Any]) -> Any:
    """An instance with these values, and defaults where the class has got new fields since."""
    made = object.__new__(kind)
    for field in dataclasses.fields(kind):
        if field.name in values:
            value = values[field.name]
        elif field.default is not dataclasses.MISSING:
            value = field.default
        elif field.default_factory is not dataclasses.MISSING:
            value = field.default_factory()
        else:
            raise StateError(f"{kind.__qualname__}.{field.name} has no value and no default")
        object.__setattr__(made, field.name, value)
    return made


def _make_model(kind: Any, values: dict[str, Any], given: list[str], extra: dict[str, Any]) -> Any:
    """A model with these values, as they were: what its validators made once is not made again."""
    made = kind.__new__(kind)
    fields = kind.__pydantic_fields__
    attributes = {name: value for name, value in values.items() if name in fields}
    for name, field in fields.items():
        if name not in attributes:
            if field.is_required():
                raise StateError(f"{kind.__qualname__}.{name} has no value and no default")
            attributes[name] = field.get_default(
                call_default_factory=True, validated_data=attributes
            )
    takes_extra = kind.model_config.get("extra") == "allow"
    object.__setattr__(made, "__dict__", attributes)
    object.__setattr__(made, "__pydantic_fields_set__", set(given) & {*fields, *extra})
    object.__setattr__(made, "__pydantic_extra__", extra if takes_extra else None)
    object.__setattr__(made, "__pydantic_private__", None)
    if kind.__private_attributes__:
        private = {name: part.get_default() for name, part in kind.__private_attributes__.items()}
        object.__setattr__(made, "__pydantic_private__", private)
    return made


def _key(kind: type) -> str:
    """Where a class is found again."""
    key = f"{kind.__module__}:{kind.__qualname__}"
    if _find(key) is not kind:
        raise StateError(
            f"a {kind.__qualname__} can't be saved, since its class is no name of its module"
        )
    return key


def _find(key: str) -> Any:
    module, _, path = key.partition(":")
    found: Any = sys.modules.get(module)
    for name in path.split("."):
        found = getattr(found, name, None)
    return found


def _class(key: str, fits: Callable[[Any], bool]) -> Any:
    found = _find(key)
    if not isinstance(found, type) or not fits(found):
        raise StateError(f"the program has no such class as {key.replace(':', '.')} any more")
    return found


def accepts(state: Any, name: str, value: Any) -> bool:
    """Whether a field takes a value that was saved, maybe by an earlier version of its class.

    Args:
        state: The class of the state.
        name: The field's name.
        value: What was saved.

    Returns:
        False for a field that is not there any more, or is not saved.

    Raises:
        StateError: The field is there, and is of another type.
    """
    default = state.__livefloe_fields__.get(name)
    if default is None or not default.save:
        return False
    annotation = hint(state, name)
    if not _fits(value, annotation):
        raise StateError(f"expected {annotation}, got {value!r:.100}")
    return True


def hint(state: Any, name: str) -> Any:
    """The annotation of a state's field, as far as it can be read."""
    try:
        return typing.get_type_hints(state).get(name, Any)
    except Exception:  # names that only a type checker can see
        return Any


#: What each of the items of these is.
_SEQUENCES = (list, set, frozenset, collections.deque)


def _fits(value: Any, annotation: Any) -> bool:
    """Whether a value is what an annotation says; yes where that can't be told."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if annotation is Any or annotation is object:
        return True
    if annotation is None or annotation is type(None):
        return value is None
    if origin is typing.Annotated:
        return _fits(value, arguments[0])
    if origin is typing.Union or origin is types.UnionType:
        return any(_fits(value, argument) for argument in arguments)
    if origin is typing.Literal:
        return value in arguments
    if origin is tuple:
        return _fits_tuple(value, arguments)
    if origin in _SEQUENCES:
        return isinstance(value, origin) and all(_fits(item, arguments[0]) for item in value)
    if origin is dict:
        key, item = arguments
        return isinstance(value, dict) and all(
            _fits(name, key) and _fits(inner, item) for name, inner in value.items()
        )
    if annotation is float:
        return isinstance(value, (float, int)) and not isinstance(value, bool)
    if annotation is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if isinstance(annotation, type) and not getattr(annotation, "_is_protocol", False):
        return isinstance(value, annotation)
    return True


def _fits_tuple(value: Any, arguments: tuple[Any, ...]) -> bool:
    if not isinstance(value, tuple):
        return False
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        return all(_fits(item, arguments[0]) for item in value)
    return len(value) == len(arguments) and all(map(_fits, value, arguments))
