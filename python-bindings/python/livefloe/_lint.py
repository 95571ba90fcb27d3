"""What is looked at in development only; what is found is a warning in the log, once a place."""

from __future__ import annotations

import logging
import weakref
from collections.abc import Callable
from typing import Any

from ._native import Field

_log = logging.getLogger("livefloe")

#: Places that something has been said of.
_said: set[Any] = set()

#: The most places that are remembered, and the most that is looked at of one field.
_MAX_SAID, _MAX_ITEMS, _MAX_DEPTH = 1000, 2000, 6


def _warn(place: Any, message: str, *args: object) -> None:
    if place not in _said and len(_said) < _MAX_SAID:
        _said.add(place)
        _log.warning(message, *args)


#: For handlers of one run: by their code, the cells of the last one and what was in them.
_closures: dict[Any, list[tuple[int, int]]] = {}
_run = 0


def closure(function: Any, run: int) -> None:
    """Warns if a handler captures a variable that a later one of the same place finds changed.

    Args:
        function: The handler.
        run: Which run of a component registers it.
    """
    global _run
    code, cells = getattr(function, "__code__", None), getattr(function, "__closure__", None)
    if code is None or not cells:
        return
    if run != _run:
        _closures.clear()
        _run = run
    now: list[tuple[int, int]] = []
    for cell in cells:
        try:
            # Addresses, which keep nothing alive. The cells themselves live in the handlers.
            now.append((id(cell), id(cell.cell_contents)))
        except ValueError:  # it has none yet
            now.append((id(cell), 0))
    before = _closures.get(code)
    _closures[code] = now
    for name, (old, was), (new, contents) in zip(code.co_freevars, before or (), now):  # noqa: B905
        if old == new and was != contents:
            place = f"{code.co_filename}:{code.co_firstlineno}"
            _warn(
                (place, name),
                "%s: all handlers that this loop makes use the last `%s`, since they look it up "
                "when they run: hand it over with args=(%s,)",
                place,
                name,
                name,
            )


def keyless(line: str, n_before: int, n_now: int) -> None:
    """Warns of a loop over something that changes, whose components have no keys."""
    _warn(
        ("keyless", line),
        "%s: a loop made %s of these, and %s before, without key=: when one goes, all after it "
        "take over what belonged to their neighbours; give key= what tells them apart",
        line,
        n_now,
        n_before,
    )


#: For each state, the version and the content of its fields when they were last looked at.
_known: weakref.WeakKeyDictionary[Any, dict[str, tuple[int, int]]] = weakref.WeakKeyDictionary()


def unnoticed(states: list[Any], origin: Callable[..., Any] | None) -> None:
    """Warns if something that pages show has another content, and no version says so.

    Args:
        states: The states to look at.
        origin: The handler that ran, if it is known.
    """
    for state in states:
        kind = type(state)
        known = _known.setdefault(state, {})
        for name in kind.__livefloe_fields__:
            field = getattr(kind, name, None)
            if not isinstance(field, Field) or not field.n_observers(state):
                known.pop(name, None)
                continue
            version = field.version(state)
            now = (version, _content(getattr(state, name, None)))
            before = known.get(name)
            known[name] = now
            if before is not None and before[0] == version and before[1] != now[1]:
                code = getattr(origin, "__code__", None)
                where = ""
                if code is not None:
                    handler = getattr(origin, "__qualname__", code.co_name)
                    where = f" by `{handler}` ({code.co_filename}:{code.co_firstlineno})"
                _warn(
                    (kind.__qualname__, name, code),
                    "%s.%s was changed%s in a way that can't be noticed, so pages show what it was "
                    "before: use the methods of its own, or call .touch(%r) afterwards",
                    kind.__name__,
                    name,
                    where,
                    name,
                )


def _content(value: Any) -> int:
    """A number that is another when the value's content is, as far as it is cheap to tell."""
    left = _MAX_ITEMS

    def look(value: Any, depth: int) -> int:
        nonlocal left
        left -= 1
        if isinstance(value, (str, int, float, bytes, bool)):
            return hash(value)
        if left < 0 or depth > _MAX_DEPTH:
            return 0
        if isinstance(value, (list, tuple)):
            return hash((len(value), *[look(item, depth + 1) for item in value[:left]]))
        if isinstance(value, dict):
            items = list(value.items())[: max(left, 0)]
            pairs = [(hash(key), look(item, depth + 1)) for key, item in items]
            return hash((len(value), *pairs))
        if isinstance(value, (set, frozenset)):
            return hash(frozenset(value))
        if hasattr(type(value), "__dataclass_fields__") or hasattr(type(value), "model_dump"):
            inside = getattr(value, "__dict__", {})
            return hash(
                tuple(look(item, depth + 1) for name, item in inside.items() if name[:2] != "__")
            )
        return id(value)

    return look(value, 0)
