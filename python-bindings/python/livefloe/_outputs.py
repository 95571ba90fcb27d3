"""What an interface's function returned, as something to look at.

`describe` makes a *view* of a value: plain texts and numbers that a state can hold and a store can
keep, of bounded size, whatever the value was. `show` places the widgets for a view.
"""

from __future__ import annotations

import base64
import dataclasses
import datetime
import decimal
import enum
import io
import itertools
import json
import math
import numbers
import pathlib
import sys
import types
import typing
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from . import _native as widget
from ._annotations import Markdown
from ._inputs import label_from

#: What is shown: a kind, and what that kind consists of.
View: TypeAlias = tuple[Any, ...]

#: What is left out beyond this, and said to be. Whoever needs more places widgets by hand.
MAX_CHARACTERS = 200_000
MAX_ROWS = 200
MAX_COLUMNS = 30
MAX_PICTURE_BYTES = 1_500_000

#: The side of a picture in pixels, past which it is shown smaller.
MAX_SIDE = 2048

_SCALARS = (
    str,
    int,
    float,
    bool,
    type(None),
    decimal.Decimal,
    datetime.date,
    datetime.time,
    datetime.timedelta,
    uuid.UUID,
    pathlib.PurePath,
    enum.Enum,
)


def describe(value: Any, annotation: Any = Any) -> View:
    """What to show for a value.

    Args:
        value: Any value.
        annotation: What the function says that it returns.

    Returns:
        The view.
    """
    annotation, _ = _strip(annotation)
    if typing.get_origin(annotation) is tuple and isinstance(value, tuple):
        return _several(value, annotation)
    if isinstance(value, Markdown) or (annotation is Markdown and isinstance(value, str)):
        return "markdown", _cut(value)
    if _says_scores(annotation, value):
        return "scores", [(str(name), float(score)) for name, score in value.items()]
    return _of_value(value)


def plain(value: Any) -> Any:
    """A value as JSON has it, for the interface's API.

    Args:
        value: What the function returned.

    Returns:
        Lists, dicts, texts and numbers; of what JSON has no word for, its text.
    """
    if isinstance(value, enum.Enum):
        return plain(value.value)
    if isinstance(value, str | int | None):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)
        }
    if hasattr(value, "model_dump"):  # pydantic
        return value.model_dump(mode="json")
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if _is_frame(value):
        rows = value.to_dict("records") if hasattr(value, "to_dict") else value.rows(named=True)
        return [plain(row) for row in rows]
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Real):
        return plain(float(value))
    if hasattr(value, "tolist") and callable(value.tolist):  # numpy, torch
        return plain(value.tolist())
    if (picture := _picture(value)) is not None:
        return picture[1] if picture[0] == "picture" else None
    if isinstance(value, Sequence | set | frozenset):
        return [plain(each) for each in value]
    return str(value)


def show(view: View) -> None:
    """Places the widgets for a view."""
    kind, *parts = view
    _SHOWN[kind](*parts)


def _of_value(value: Any) -> View:
    if value is None:
        return ("nothing",)
    if isinstance(value, str):
        return "text", _cut(value)
    if isinstance(value, bool):
        return "value", "Yes" if value else "No"
    if isinstance(value, (*_SCALARS, numbers.Number)):
        return "value", _cell(value)
    if isinstance(value, tuple):
        return _several(value, tuple)
    if (view := _picture(value)) is not None:
        return view
    if _is_frame(value):
        return _frame(value)
    if (parts := _fields(value)) is not None:
        if all(_is_scalar(part) for part in parts.values()):
            rows = [(_header(name), _cell(part)) for name, part in parts.items()]
            return _table([], rows)
        return _json(plain(value))
    if hasattr(value, "tolist") and hasattr(value, "shape"):  # numpy, torch
        listed = value.tolist() if math.prod(value.shape) <= MAX_ROWS * MAX_COLUMNS else None
        return _of_value(listed) if listed is not None else ("text", _cut(repr(value)))
    if isinstance(value, Sequence | set | frozenset) and not isinstance(value, bytes | bytearray):
        return _list(list(itertools.islice(value, MAX_ROWS + 1)), len(value), value)
    return "code", _cut(repr(value)), None


def _several(values: tuple[Any, ...], annotation: Any) -> View:
    names = getattr(type(values), "_fields", None)
    hints = typing.get_args(annotation)
    if hints[1:] == (...,):
        hints = (hints[0],) * len(values)
    if names is not None:
        hints = tuple(getattr(type(values), "__annotations__", {}).get(name, Any) for name in names)
    described = []
    for index, value in enumerate(values[:MAX_COLUMNS]):
        hint = hints[index] if index < len(hints) else Any
        given = names[index] if names else _strip(hint)[1]
        name = label_from(given) if given else f"Result {index + 1}"
        described.append((name, describe(value, hint)))
    return "several", described


def _list(items: list[Any], n_items: int, whole: Any) -> View:
    if not items:
        return "note", "Nothing: an empty list."
    if all(_is_scalar(item) for item in items):
        return "list", [_cell(item) for item in items[:MAX_ROWS]], _rest(n_items)
    rows = [_fields(item) for item in items]
    if all(row is not None and all(_is_scalar(cell) for cell in row.values()) for row in rows):
        found = [row for row in rows if row is not None]
        columns = list(dict.fromkeys(name for row in found for name in row))[:MAX_COLUMNS]
        cells = [[_cell(row.get(name)) for name in columns] for row in found[:MAX_ROWS]]
        return _table([_header(name) for name in columns], cells, n_items)
    return _json(plain(whole))


def _frame(frame: Any) -> View:
    columns = [str(column) for column in list(frame.columns)[:MAX_COLUMNS]]
    head = frame.head(MAX_ROWS)
    has_tuples = hasattr(head, "itertuples")
    rows: Iterable[Any] = head.itertuples(index=False) if has_tuples else head.iter_rows()
    return _table(
        columns, [[_cell(cell) for cell in row[:MAX_COLUMNS]] for row in rows], len(frame)
    )


def _table(headers: Sequence[str], rows: Sequence[Sequence[Any]], n_rows: int = 0) -> View:
    cells = [list(row) for row in rows[:MAX_ROWS]]
    return "table", list(headers), cells, _rest(max(n_rows, len(rows)))


def _rest(n_rows: int) -> str | None:
    return f"The first {MAX_ROWS:,} of {n_rows:,}." if n_rows > MAX_ROWS else None


def _json(value: Any) -> View:
    return "code", _cut(json.dumps(value, indent=2, ensure_ascii=False)), "json"


def _picture(value: Any) -> View | None:
    """PIL's pictures and Matplotlib's figures, if it is one: neither is imported here."""
    module = type(value).__module__
    buffer = io.BytesIO()
    if module.startswith("PIL.") and hasattr(value, "save") and hasattr(value, "size"):
        if max(value.size) > MAX_SIDE:
            value = value.copy()
            value.thumbnail((MAX_SIDE, MAX_SIDE))
        if value.mode not in ("1", "L", "LA", "P", "RGB", "RGBA"):
            value = value.convert("RGB")
        value.save(buffer, format="PNG")
        width, height = value.size
    elif module.startswith("matplotlib.") and hasattr(value, "savefig"):
        value.savefig(buffer, format="png", dpi=150, bbox_inches="tight")
        width = height = None
    else:
        return None
    if len(buffer.getvalue()) > MAX_PICTURE_BYTES:
        size = f"{len(buffer.getvalue()) / 1e6:.1f} MB"
        return "note", f"The picture has {size}: too large to be shown here. Make it smaller."
    data = base64.b64encode(buffer.getvalue()).decode()
    return "picture", f"data:image/png;base64,{data}", width, height


def _fields(value: Any) -> dict[Any, Any] | None:
    """The parts of a data class, pydantic model, named tuple or dict; `None` for anything else."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if hasattr(type(value), "model_fields") and hasattr(value, "model_dump"):
        return {name: getattr(value, name) for name in type(value).model_fields}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return dict(value._asdict())
    return dict(value) if isinstance(value, Mapping) else None


def _is_frame(value: Any) -> bool:
    """A data frame of pandas or polars; of neither if neither is loaded."""
    return any(
        (module := sys.modules.get(name)) is not None
        and isinstance(value, getattr(module, "DataFrame", ()))
        for name in ("pandas", "polars")
    )


def _is_scalar(value: Any) -> bool:
    return isinstance(value, (*_SCALARS, numbers.Number))


def _cell(value: Any) -> str | int | float:
    if isinstance(value, enum.Enum):
        return str(value.value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        # A store takes 64 bits, and people no more either.
        return value if isinstance(value, float) or abs(value) < 2**53 else str(value)
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, numbers.Number) and hasattr(value, "item"):  # numpy
        return _cell(value.item())
    return "–" if value is None else _cut(str(value))


def _header(name: Any) -> str:
    text = str(name)
    return label_from(text) if text.isidentifier() and text.islower() else text


def _says_scores(annotation: Any, value: Any) -> bool:
    if not isinstance(value, Mapping) or not value:
        return False
    if not all(
        isinstance(score, numbers.Real) and 0 <= float(score) <= 1 for score in value.values()
    ):
        return False
    if annotation is Any or annotation is dict:
        # Nobody said so, but they look like it: shares of one.
        return all(isinstance(score, float) for score in value.values()) and (
            sum(value.values()) <= 1.001
        )
    return typing.get_args(annotation)[1:] == (float,)


def _strip(annotation: Any) -> tuple[Any, str | None]:
    """The type itself, and what `Annotated` calls it."""
    name = None
    while True:
        if typing.get_origin(annotation) is typing.Annotated:
            annotation, *extras = typing.get_args(annotation)
            name = next((extra for extra in extras if isinstance(extra, str)), name)
        elif typing.get_origin(annotation) in (typing.Union, types.UnionType):
            rest = [each for each in typing.get_args(annotation) if each is not type(None)]
            if len(rest) != 1:
                return Any, name
            annotation = rest[0]
        else:
            return annotation, name


def returned(annotation: Any) -> Any:
    """What a function brings, of what it says that it returns: of a generator, what it yields."""
    origin = typing.get_origin(annotation)
    if isinstance(origin, type) and issubclass(origin, Iterator | typing.AsyncIterator):
        return (typing.get_args(annotation) or (Any,))[0]
    iterables = (
        typing.get_origin(typing.Iterable[Any]),
        typing.get_origin(typing.AsyncIterable[Any]),
    )
    return (typing.get_args(annotation) or (Any,))[0] if origin in iterables else annotation


def _cut(text: str) -> str:
    text = str.__str__(text)
    return text if len(text) <= MAX_CHARACTERS else f"{text[:MAX_CHARACTERS]}…"


def _show_several(parts: list[tuple[str, View]]) -> None:
    for index, (name, view) in enumerate(parts):
        with widget.element("section", class_="lf-part", key=index):
            widget.heading(name, level=3)
            show(view)


def _show_table(headers: list[str], rows: list[list[Any]], rest: str | None) -> None:
    if headers:
        widget.table(headers, rows)
    else:
        with widget.element("dl", class_="lf-facts"):
            for index, (name, value) in enumerate(rows):
                with widget.element("dt", key=index):
                    widget.text(name)
                with widget.element("dd", key=-index - 1):
                    widget.text(value)
    if rest:
        widget.text(rest, muted=True)


def _show_list(items: list[Any], rest: str | None) -> None:
    with widget.element("ul", class_="lf-list"):
        for index, item in enumerate(items):
            with widget.element("li", key=index):
                widget.text(item)
    if rest:
        widget.text(rest, muted=True)


def _show_picture(source: str, width: int | None, height: int | None) -> None:
    widget.image(source, "The result", width=width, height=height)


def _show_value(value: Any) -> None:
    with widget.element("div", class_="lf-value"):
        widget.text(value)


_SHOWN: dict[str, Callable[..., None]] = {
    "nothing": lambda: widget.text("Done.", muted=True),
    "note": lambda text: widget.text(text, muted=True),
    "text": lambda text: widget.text(text),
    "markdown": lambda text: widget.markdown(text),
    "value": _show_value,
    "code": lambda text, language: widget.code(text, language=language),
    "scores": lambda pairs: widget.label(pairs),
    "list": _show_list,
    "table": _show_table,
    "picture": _show_picture,
    "several": _show_several,
}
