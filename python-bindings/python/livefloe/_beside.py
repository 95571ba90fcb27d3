"""Objects that notice when they change, and whose sources lie beside them.

A pydantic model compares, copies and dumps what is in its `__dict__`, and a data class with slots
has none: a source must not be, or can't be, in there. It is found by the object's address instead,
for as long as the object lives.
"""

from __future__ import annotations

import logging
import weakref
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from ._native import Source

#: The attribute that gives the source of a tracked value.
SOURCE = "__livefloe_source__"

_log = logging.getLogger("livefloe")

#: Sources by the address of what they belong to, which takes its own away when it goes.
_sources: dict[int, tuple[weakref.ref[Any], Source]] = {}

#: Classes of which has been said that nothing in them is noticed.
_said: set[type] = set()

Wrap = Callable[[Any, Source], Any]


def is_model(kind: type) -> bool:
    """Whether it is a pydantic model's class (2.10 or newer), which is told without pydantic."""
    return hasattr(kind, "__pydantic_fields__") and hasattr(kind, "model_dump")


def source_of(value: Any) -> Source | None:
    """The source of an object, if it has one here."""
    entry = _sources.get(id(value))
    return entry[1] if entry is not None and entry[0]() is value else None


def adopt_model(value: Any, parent: Source, wrap: Wrap) -> Any:
    """Has a pydantic model tell of its changes, unless it is frozen.

    Args:
        value: The model.
        parent: The source of what it is put into.
        wrap: Makes what is in it tracked.

    Returns:
        The model itself.
    """
    kind = type(value)
    if kind.model_config.get("frozen"):
        return value
    known = source_of(value)
    if known is not None:
        known.adopt(parent)
        return value
    source = _enter(value)
    if source is None:
        return value
    source.adopt(parent)
    _wrap_inside(value, source, wrap)
    _watch(kind, lambda value: _ModelBefore(value).restore, wrap)
    return value


def adopt_slotted(value: Any, parent: Source, wrap: Wrap) -> Any:
    """Has a data class with slots tell of its changes, if it can be referred to weakly.

    Args:
        value: The instance.
        parent: The source of what it is put into.
        wrap: Makes what is in it tracked.

    Returns:
        The instance itself.
    """
    known = source_of(value)
    if known is not None:
        known.adopt(parent)
        return value
    source = _enter(value)
    if source is None:
        _say(type(value))
        return value
    source.adopt(parent)
    for name in _slots(value):
        inner = getattr(value, name)
        wrapped = wrap(inner, source)
        if wrapped is not inner:
            object.__setattr__(value, name, wrapped)
    _watch(type(value), _slots_before, wrap)
    return value


def _enter(value: Any) -> Source | None:
    """Gives an object a source; `None` where nothing can tell when it goes."""
    address = id(value)

    def forget(reference: weakref.ref[Any]) -> None:
        entry = _sources.get(address)
        if entry is not None and entry[0] is reference:
            _sources.pop(address, None)

    try:
        reference = weakref.ref(value, forget)
    except TypeError:
        return None
    source = Source()
    _sources[address] = (reference, source)
    return source


def _watch(kind: type, before: Callable[[Any], Callable[[], None]], wrap: Wrap) -> None:
    """Has a class tell of assignments. Instances that are part of no state pay one look."""
    plain_set: Callable[..., None] = kind.__setattr__
    plain_delete: Callable[..., None] = kind.__delattr__
    if getattr(plain_set, SOURCE, False):
        return

    def change(value: Any, name: str, source: Source, act: Callable[[], None]) -> None:
        turn = source.begin(f"{type(value).__name__}.{name}")
        if turn == 1:
            source.on_undo(before(value))
        act()
        source.end(turn)

    @wraps(plain_set)
    def set_attribute(self: Any, name: str, value: Any) -> None:
        source = source_of(self)
        if source is None:
            plain_set(self, name, value)
            return

        def act() -> None:
            plain_set(self, name, wrap(value, source))
            if is_model(kind):
                # Validation may have put other values into their places.
                _wrap_inside(self, source, wrap)

        change(self, name, source, act)

    @wraps(plain_delete)
    def delete_attribute(self: Any, name: str) -> None:
        source = source_of(self)
        if source is None:
            plain_delete(self, name)
            return
        change(self, name, source, lambda: plain_delete(self, name))

    setattr(set_attribute, SOURCE, True)
    kind.__setattr__ = set_attribute  # type: ignore[method-assign, assignment]
    kind.__delattr__ = delete_attribute  # type: ignore[method-assign, assignment]
    setattr(kind, SOURCE, property(source_of))


def _wrap_inside(value: Any, source: Source, wrap: Wrap) -> None:
    for attributes in (vars(value), value.__pydantic_extra__ or {}):
        for name, inner in attributes.items():
            wrapped = wrap(inner, source)
            if wrapped is not inner:
                attributes[name] = wrapped


class _ModelBefore:
    """What a model was."""

    def __init__(self, value: Any) -> None:
        self._value = value
        self._attributes = dict(vars(value))
        self._parts = {
            name: None if part is None else part.copy()
            for name in ("__pydantic_extra__", "__pydantic_fields_set__", "__pydantic_private__")
            for part in [getattr(value, name)]
        }

    def restore(self) -> None:
        attributes = vars(self._value)
        attributes.clear()
        attributes.update(self._attributes)
        for name, part in self._parts.items():
            object.__setattr__(self._value, name, part)


def _slots(value: Any) -> Iterable[str]:
    return [name for name in type(value).__dataclass_fields__ if hasattr(value, name)]


def _slots_before(value: Any) -> Callable[[], None]:
    before = {name: getattr(value, name) for name in _slots(value)}

    def restore() -> None:
        for name in _slots(value):
            if name not in before:
                object.__delattr__(value, name)
        for name, inner in before.items():
            object.__setattr__(value, name, inner)

    return restore


def _say(kind: type) -> None:
    if kind not in _said:
        _said.add(kind)
        _log.warning(
            "%s is a data class with slots and none for weak references, so changes in it are not "
            "noticed: write @dataclass(slots=True, weakref_slot=True), or touch the field after a "
            "change",
            kind.__qualname__,
        )
