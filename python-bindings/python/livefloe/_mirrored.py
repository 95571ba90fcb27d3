"""Fields that the page's address or the visitor's browser has as well, as text."""

from __future__ import annotations

import datetime
import enum
import json
import logging
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

from . import _native
from ._convert import convert
from ._saved import hint
from .errors import HandlerError, StateError
from .state import Mirror, copied

_log = logging.getLogger("livefloe")

#: An empty list in an address, where a parameter that is absent means the default.
_EMPTY = [""]


def fill(state: Any, query: list[tuple[str, str]], others: list[Any]) -> None:
    """Gives a new state what the address says.

    Args:
        state: The state, with its defaults.
        query: The query that the page was opened with.
        others: The session's other states with mirrored fields.

    Raises:
        StateError: Two fields want the same name; a field is of a type that is no text.
    """
    _refuse_doubles([*others, state])
    for name, mirror in type(state).__livefloe_mirrored__:
        _check_type(state, name)
        texts = [value for parameter, value in query if parameter == mirror.url]
        if texts:
            _take(state, name, mirror, texts)


def mirrored_fields() -> None:
    """The component that shows them, to nobody but the client."""
    states = _native.mirrored()
    for is_pushed in (False, True):
        parameters = [
            (mirror.url, _parameter(getattr(state, name), mirror.default))
            for state, name, mirror in _fields(states)
            if mirror.url is not None and mirror.push == is_pushed
        ]
        if parameters:
            _native.mirror_address(parameters, is_pushed, take_query, (is_pushed,))
    for state, name, mirror in _fields(states):
        if mirror.browser is not None:
            texts = to_texts(getattr(state, name))
            kept = json.dumps(texts, ensure_ascii=False)
            _native.mirror_kept(mirror.browser, kept, take_kept, (mirror.browser,))


def take_query(is_pushed: bool, query: str) -> None:
    """The visitor has gone back or forward.

    Args:
        is_pushed: Which of the fields it is about.
        query: What the address says of them.
    """
    given: dict[str, list[str]] = {}
    for parameter, value in parse_qsl(query, keep_blank_values=True):
        given.setdefault(parameter, []).append(value)
    for state, name, mirror in _fields(_native.mirrored()):
        if mirror.url is not None and mirror.push == is_pushed:
            _take(state, name, mirror, given.get(mirror.url))


def take_kept(browser: str, kept: str) -> None:
    """The browser has another value than the session.

    Args:
        browser: The name under which it is kept.
        kept: What is kept; empty for nothing.
    """
    for state, name, mirror in _fields(_native.mirrored()):
        if mirror.browser == browser:
            try:
                texts = json.loads(kept) if kept else None
            except (ValueError, RecursionError):
                texts = [kept]  # somebody else's; maybe it fits
            texts = [texts] if isinstance(texts, str) else texts
            if texts is not None and not (
                isinstance(texts, list) and all(isinstance(text, str) for text in texts)
            ):
                _warn(state, name, f"what the browser kept is no text: {kept!r:.100}")
                texts = None
            _take(state, name, mirror, texts)


def to_texts(value: Any) -> str | list[str]:
    """A value as text; a list as one for each of its items."""
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_text(item) for item in value]
    return _text(value)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, enum.Enum):
        return str(value.value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime.date):
        return value.isoformat()
    return str(value)


def _parameter(value: Any, default: Any) -> list[str]:
    """The values of a parameter; none for the default."""
    if type(value) is type(default) and value == default:
        return []
    texts = to_texts(value)
    if isinstance(texts, str):
        return [texts]
    # A tracked list is of a type of its own.
    return [] if to_texts(default) == texts else texts or _EMPTY


def _take(state: Any, name: str, mirror: Mirror, texts: list[str] | None) -> None:
    """Gives a field what is said elsewhere, or its default where that doesn't fit."""
    value = copied(mirror.default)
    if texts is not None:
        if isinstance(mirror.default, (list, tuple, set, frozenset)) and texts == _EMPTY:
            texts = []
        try:
            value = convert(hint(type(state), name), texts)
        except ValueError as error:
            _warn(state, name, str(error))
    setattr(state, name, value)


def _warn(state: Any, name: str, problem: str) -> None:
    _log.warning("%s.%s has its default: %s", type(state).__name__, name, problem)


def _fields(states: list[Any]) -> Iterator[tuple[Any, str, Mirror]]:
    for state in states:
        for name, mirror in type(state).__livefloe_mirrored__:
            yield state, name, mirror


def _refuse_doubles(states: list[Any]) -> None:
    taken: dict[tuple[str, str | None], str] = {}
    for state, name, mirror in _fields(states):
        field = f"{type(state).__name__}.{name}"
        for place, text in (("url", mirror.url), ("browser", mirror.browser)):
            if text is not None and taken.setdefault((place, text), field) != field:
                other = taken[place, text]
                raise StateError(f"{field} has {place}={text!r}, which is {other}'s on this page")


def _check_type(state: Any, name: str) -> None:
    annotation = hint(type(state), name)
    try:
        convert(annotation, [""])
    except ValueError:
        pass  # a type that empty text is none of
    except HandlerError as error:
        raise StateError(
            f"{type(state).__name__}.{name} is to be part of the address or kept by the browser, "
            f"as text: {error}"
        ) from None
