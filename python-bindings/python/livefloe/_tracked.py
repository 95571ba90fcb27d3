"""Lists, dicts, sets and data classes that notice when they change.

They are subclasses (data classes: the same class), so that `isinstance`, `json` and the like keep
working. What is put into a field is copied into them; what is put into them is wrapped in turn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from ._beside import SOURCE, adopt_model, adopt_slotted, is_model
from ._native import Source


class TrackedList(list[Any]):
    """A list that notices when it changes."""

    __slots__ = ("__livefloe_source__", "__weakref__")

    def __reduce_ex__(self, protocol: Any) -> Any:
        """A copy is a plain list."""
        return (list, (list(self),))


class TrackedDict(dict[Any, Any]):
    """A dict that notices when it changes."""

    __slots__ = ("__livefloe_source__", "__weakref__")

    def __reduce_ex__(self, protocol: Any) -> Any:
        """A copy is a plain dict."""
        return (dict, (dict(self),))

    def __ior__(self, other: Any) -> TrackedDict:  # type: ignore[misc]
        """Updates this dict."""
        self.update(other)
        return self


class TrackedSet(set[Any]):
    """A set that notices when it changes."""

    __slots__ = ("__livefloe_source__",)

    def __reduce_ex__(self, protocol: Any) -> Any:
        """A copy is a plain set."""
        return (set, (set(self),))


def wrap(value: Any, parent: Source) -> Any:
    """Gives the value with all that can change in it tracked.

    Args:
        value: Any value. Those of other types than list, dict, set, tuple and data class stay as
            they are.
        parent: The source of what the value is put into.

    Returns:
        The value itself, or a tracked copy.
    """
    kind = type(value)
    wrapper = _WRAPPERS.get(kind)
    if wrapper is not None:
        return wrapper(value, parent)
    if hasattr(kind, "__dataclass_fields__"):
        return value if kind.__dataclass_params__.frozen else _adopt_dataclass(value, parent)
    return adopt_model(value, parent, wrap) if is_model(kind) else value


def _wrap_list(value: Iterable[Any], parent: Source) -> TrackedList:
    source = Source()
    source.adopt(parent)
    tracked = TrackedList(wrap(item, source) for item in value)
    tracked.__livefloe_source__ = source  # type: ignore[attr-defined]
    return tracked


def _wrap_dict(value: dict[Any, Any], parent: Source) -> TrackedDict:
    source = Source()
    source.adopt(parent)
    tracked = TrackedDict((key, wrap(item, source)) for key, item in value.items())
    tracked.__livefloe_source__ = source  # type: ignore[attr-defined]
    return tracked


def _wrap_set(value: Iterable[Any], parent: Source) -> TrackedSet:
    source = Source()
    source.adopt(parent)
    tracked = TrackedSet(value)
    tracked.__livefloe_source__ = source  # type: ignore[attr-defined]
    return tracked


def _wrap_tuple(value: tuple[Any, ...], parent: Source) -> tuple[Any, ...]:
    wrapped = tuple(wrap(item, parent) for item in value)
    return value if all(new is old for new, old in zip(wrapped, value, strict=True)) else wrapped


def _adopt(value: Any, parent: Source) -> Any:
    value.__livefloe_source__.adopt(parent)
    return value


_WRAPPERS: dict[type, Callable[[Any, Source], Any]] = {
    list: _wrap_list,
    dict: _wrap_dict,
    set: _wrap_set,
    tuple: _wrap_tuple,
    TrackedList: _adopt,
    TrackedDict: _adopt,
    TrackedSet: _adopt,
}


def _adopt_dataclass(value: Any, parent: Source) -> Any:
    source = getattr(value, SOURCE, None)
    if source is not None:
        source.adopt(parent)
        return value
    try:
        attributes = vars(value)
    except TypeError:  # slots: it has no room for a source
        return adopt_slotted(value, parent, wrap)
    source = Source()
    source.adopt(parent)
    for name in type(value).__dataclass_fields__:
        if name in attributes:
            attributes[name] = wrap(attributes[name], source)
    attributes[SOURCE] = source
    _watch(type(value))
    return value


def _watch(kind: type) -> None:
    """Has a data class tell of assignments. Instances that are part of no state pay one look."""
    plain_set: Callable[..., None] = kind.__setattr__
    plain_delete: Callable[..., None] = kind.__delattr__
    if getattr(plain_set, SOURCE, False):
        return

    @wraps(plain_set)
    def set_attribute(self: Any, name: str, value: Any) -> None:
        source = self.__dict__.get(SOURCE)
        if source is None:
            plain_set(self, name, value)
            return
        _change_attribute(self, name, source, lambda: plain_set(self, name, wrap(value, source)))

    @wraps(plain_delete)
    def delete_attribute(self: Any, name: str) -> None:
        source = self.__dict__.get(SOURCE)
        if source is None:
            plain_delete(self, name)
            return
        _change_attribute(self, name, source, lambda: plain_delete(self, name))

    setattr(set_attribute, SOURCE, True)
    kind.__setattr__ = set_attribute  # type: ignore[method-assign, assignment]
    kind.__delattr__ = delete_attribute  # type: ignore[method-assign, assignment]


def _change_attribute(value: Any, name: str, source: Source, change: Callable[[], None]) -> None:
    turn = source.begin(f"{type(value).__name__}.{name}")
    if turn == 1:
        before = dict(vars(value))

        def undo() -> None:
            vars(value).clear()
            vars(value).update(before)

        source.on_undo(undo)
    change()
    source.end(turn)


def _noticed(kind: type, name: str, n_wrapped: str, restore: Callable[[Any, Any], None]) -> None:
    """Makes a method of a tracked type tell of the change that it makes."""
    plain = getattr(kind, name)

    @wraps(plain)
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        source = self.__livefloe_source__
        turn = source.begin(f"a {kind.__base__.__name__ if kind.__base__ else kind.__name__}")
        if turn == 1:
            before = kind.__base__(self)  # type: ignore[misc]
            source.on_undo(lambda: restore(self, before))
        if n_wrapped:
            args, kwargs = _ARGUMENTS[n_wrapped](args, kwargs, source)
        result = plain(self, *args, **kwargs)
        source.end(turn)
        return result

    setattr(kind, name, method)


def _last(args: Any, kwargs: Any, source: Source) -> Any:
    return (*args[:-1], wrap(args[-1], source)), kwargs


def _items(args: Any, kwargs: Any, source: Source) -> Any:
    return (*args[:-1], [wrap(item, source) for item in args[-1]]), kwargs


def _setitem(args: Any, kwargs: Any, source: Source) -> Any:
    if isinstance(args[0], slice):
        return _items(args, kwargs, source)
    return _last(args, kwargs, source)


def _default(args: Any, kwargs: Any, source: Source) -> Any:
    return (args[0], *(wrap(value, source) for value in args[1:])), kwargs


def _mapping(args: Any, kwargs: Any, source: Source) -> Any:
    wrapped = {key: wrap(value, source) for key, value in dict(*args, **kwargs).items()}
    return (wrapped,), {}


_ARGUMENTS: dict[str, Callable[[Any, Any, Source], Any]] = {
    "last": _last,
    "items": _items,
    "setitem": _setitem,
    "default": _default,
    "mapping": _mapping,
}


def _restore_list(value: Any, before: Any) -> None:
    list.__setitem__(value, slice(None), before)


def _restore_dict(value: Any, before: Any) -> None:
    dict.clear(value)
    dict.update(value, before)


def _restore_set(value: Any, before: Any) -> None:
    set.clear(value)
    set.update(value, before)


for _name, _wrapped in {
    "append": "last",
    "insert": "last",
    "extend": "items",
    "__iadd__": "items",
    "__imul__": "",
    "__setitem__": "setitem",
    "__delitem__": "",
    "pop": "",
    "remove": "",
    "clear": "",
    "sort": "",
    "reverse": "",
}.items():
    _noticed(TrackedList, _name, _wrapped, _restore_list)

for _name, _wrapped in {
    "__setitem__": "last",
    "__delitem__": "",
    "setdefault": "default",
    "update": "mapping",
    "pop": "",
    "popitem": "",
    "clear": "",
}.items():
    _noticed(TrackedDict, _name, _wrapped, _restore_dict)

for _name in [
    "add",
    "discard",
    "remove",
    "pop",
    "clear",
    "update",
    "difference_update",
    "intersection_update",
    "symmetric_difference_update",
    "__iand__",
    "__ior__",
    "__isub__",
    "__ixor__",
]:
    _noticed(TrackedSet, _name, "", _restore_set)
