"""What `@app.interface` asks for: a control for each parameter, made from its annotation.

An `Input` is a control, a `Group` several that make one value, such as a data class. What people
entered is kept as the texts that a form sends, by name: `size`, or `box.width` in a group.
"""

from __future__ import annotations

import dataclasses
import datetime
import enum
import inspect
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, TypeAlias

from . import _native as widget
from ._annotations import Slider, Text
from ._convert import Form, convert
from ._docstring import read_docstring
from .errors import HandlerError, Invalid

#: What was entered, by the name of the control.
Texts: TypeAlias = Mapping[str, str]

#: More choices than this are in a list that opens, and not all in view.
MAX_RADIOS = 4

_EMPTY: Any = inspect.Parameter.empty


@dataclasses.dataclass(frozen=True)
class Asked:
    """What is known of a value that is asked for, before its control is chosen."""

    name: str
    label: str
    help: str | None
    annotation: Any
    extras: tuple[Any, ...]
    default: Any
    is_optional: bool

    @property
    def is_required(self) -> bool:
        """Whether a call without it would fail."""
        return self.default is _EMPTY and not self.is_optional


class Input:
    """A control for one value."""

    kind = "text"
    #: The value as JSON schema says it.
    schema: Mapping[str, Any] = {"type": "string"}

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.name = asked.name

    def names(self) -> list[str]:
        """The names of its controls."""
        return [self.name]

    def texts(self, value: Any) -> dict[str, str]:
        """A value as what its controls would send."""
        return {self.name: "" if value is None else _text(value)}

    def sent(self, value: Any) -> dict[str, str]:
        """The same of a value in JSON."""
        return self.texts(value)

    def convert(self, texts: Texts) -> Any:
        """The value that was entered.

        Raises:
            ValueError: It does not fit; the message is for the person.
        """
        text = texts.get(self.name, "")
        if text == "" and self.asked.is_optional:
            return None
        return convert(self.asked.annotation, [text])

    def read(self, texts: Texts, problems: dict[str, str]) -> Any:
        """The value that was entered, its default, or a problem at its name."""
        if self._is_left_out(texts):
            return self.asked.default
        try:
            return self.convert(texts)
        except ValueError as error:
            problems[self.name] = str(error)
            return None

    def _is_left_out(self, texts: Texts) -> bool:
        return (
            self.asked.default is not _EMPTY
            and self.asked.annotation is not str
            and not any(texts.get(name) for name in self.names())
        )

    def options(self, problems: Mapping[str, str]) -> dict[str, Any]:
        """The keywords that all controls take."""
        return {
            "name": self.name,
            "help": self.asked.help,
            "error": problems.get(self.name),
            "key": self.name,
        }

    def show(self, texts: Texts, problems: Mapping[str, str]) -> None:
        """Places the control."""
        extra = _find(self.asked.extras, Text) or Text()
        options = self.options(problems)
        shown = texts.get(self.name, "")
        if extra.lines > 1:
            widget.text_area(
                self.asked.label,
                shown,
                rows=extra.lines,
                placeholder=extra.placeholder,
                max_length=extra.max_length,
                **options,
            )
        else:
            widget.text_field(
                self.asked.label,
                shown,
                placeholder=extra.placeholder,
                max_length=extra.max_length,
                **options,
            )


class Number(Input):
    """A number, typed or chosen with a slider."""

    def __init__(self, asked: Asked) -> None:
        super().__init__(asked)
        self.slider = _find(asked.extras, Slider)
        self.schema = {"type": "integer" if asked.annotation is int else "number"}
        self.min, self.max = _bounds(asked.extras)
        if self.slider is not None:
            self.min, self.max = self.slider.min, self.slider.max
        if self.min is not None:
            self.schema["minimum"] = self.min
        if self.max is not None:
            self.schema["maximum"] = self.max

    def convert(self, texts: Texts) -> Any:
        """The number."""
        value = super().convert(texts)
        if value is not None and self.min is not None and value < self.min:
            raise ValueError(f"expected at least {self.min}, got {value}")
        if value is not None and self.max is not None and value > self.max:
            raise ValueError(f"expected at most {self.max}, got {value}")
        return value

    def show(self, texts: Texts, problems: Mapping[str, str]) -> None:
        """Places the control."""
        options = self.options(problems)
        try:
            value = convert(self.asked.annotation, [texts.get(self.name, "")])
        except ValueError:
            value = None
        if self.slider is not None:
            widget.slider(
                self.asked.label,
                self.slider.min,
                self.slider.max,
                self.slider.min if value is None else value,
                step=self.slider.step
                or (
                    1 if self.asked.annotation is int else (self.slider.max - self.slider.min) / 100
                ),
                unit=self.slider.unit,
                **options,
            )
        else:
            step: Any = 1 if self.asked.annotation is int else "any"
            widget.number(self.asked.label, value, min=self.min, max=self.max, step=step, **options)


class Check(Input):
    """A box to tick."""

    schema: Mapping[str, Any] = {"type": "boolean"}

    def texts(self, value: Any) -> dict[str, str]:
        """A value as what its control would send."""
        return {self.name: "true" if value else ""}

    def _is_left_out(self, texts: Texts) -> bool:
        return False

    def convert(self, texts: Texts) -> bool:
        """Whether it is ticked."""
        return texts.get(self.name, "") not in ("", "false")

    def show(self, texts: Texts, problems: Mapping[str, str]) -> None:
        """Places the control."""
        widget.checkbox(self.asked.label, self.convert(texts), **self.options(problems))


class Choice(Input):
    """One of several values."""

    def __init__(self, asked: Asked, choices: dict[str, Any]) -> None:
        super().__init__(asked)
        self.choices = choices
        self.schema = {"enum": [_plain(value) for value in choices.values()]}

    def convert(self, texts: Texts) -> Any:
        """The value that was chosen."""
        return choose(texts.get(self.name, ""), self.choices, self.asked.is_optional)

    def texts(self, value: Any) -> dict[str, str]:
        """A value as what its control would send."""
        return {self.name: "" if value is None else name_of(value, self.choices)}

    def show(self, texts: Texts, problems: Mapping[str, str]) -> None:
        """Places the control."""
        labels = {name: label_of(name, value) for name, value in self.choices.items()}
        shown = texts.get(self.name, "")
        options = self.options(problems)
        if self.asked.is_optional:
            widget.select(self.asked.label, labels, shown, placeholder="–", **options)
        elif len(labels) > MAX_RADIOS:
            hint = None if shown else "Choose…"
            widget.select(self.asked.label, labels, shown, placeholder=hint, **options)
        else:
            widget.radio(self.asked.label, labels, shown, inline=True, **options)


class Choices(Input):
    """Any number of several values, a box for each."""

    def __init__(self, asked: Asked, kind: Any, choices: dict[str, Any]) -> None:
        super().__init__(asked)
        self.kind_of = kind
        self.choices = choices
        item = {"enum": [_plain(value) for value in choices.values()]}
        self.schema = {"type": "array", "items": item}

    def names(self) -> list[str]:
        """The names of its boxes."""
        return [f"{self.name}.{index}" for index in range(len(self.choices))]

    def _is_left_out(self, texts: Texts) -> bool:
        return False

    def texts(self, value: Any) -> dict[str, str]:
        """A value as what its boxes would send."""
        chosen = {name_of(each, self.choices) for each in value or ()}
        return {
            name: "true" if choice in chosen else ""
            for name, choice in zip(self.names(), self.choices, strict=True)
        }

    def convert(self, texts: Texts) -> Any:
        """The values whose boxes are ticked, in the order of the choices."""
        pairs = zip(self.names(), self.choices.values(), strict=True)
        return self.kind_of(value for name, value in pairs if texts.get(name))

    def show(self, texts: Texts, problems: Mapping[str, str]) -> None:
        """Places the boxes."""
        with _fieldset(self.name, self.asked.label, self.asked.help, problems.get(self.name)):
            for name, (choice, value) in zip(self.names(), self.choices.items(), strict=True):
                is_on = bool(texts.get(name))
                widget.checkbox(label_of(choice, value), is_on, name=name, key=name)


class Lines(Input):
    """Any number of values, one a line."""

    def __init__(self, asked: Asked, kind: Any, item: Any) -> None:
        super().__init__(asked)
        self.kind_of, self.item = kind, item
        self.schema = {"type": "array", "items": _SCHEMAS.get(item, {"type": "string"})}

    def texts(self, value: Any) -> dict[str, str]:
        """A value as what its control would send."""
        return {self.name: "\n".join(_text(each) for each in value or ())}

    def convert(self, texts: Texts) -> Any:
        """The values, without empty lines."""
        lines = [line.strip() for line in texts.get(self.name, "").splitlines()]
        return self.kind_of(convert(self.item, [line]) for line in lines if line)

    def show(self, texts: Texts, problems: Mapping[str, str]) -> None:
        """Places the control."""
        options = self.options(problems)
        options["help"] = " ".join(filter(None, [self.asked.help, "One a line."]))
        extra = _find(self.asked.extras, Text) or Text(lines=3)
        shown = texts.get(self.name, "")
        widget.text_area(self.asked.label, shown, rows=extra.lines, **options)


class Date(Input):
    """A day."""

    schema: Mapping[str, Any] = {"type": "string", "format": "date"}

    def show(self, texts: Texts, problems: Mapping[str, str]) -> None:
        """Places the control."""
        shown = texts.get(self.name, "")
        widget.text_field(self.asked.label, shown, kind="date", **self.options(problems))


class Drawing(Input):
    """A sketchpad. What is drawn stays with the visitor's page."""

    schema: Mapping[str, Any] = {"type": "string"}

    def _is_left_out(self, texts: Texts) -> bool:
        return self.asked.default is not _EMPTY and not texts.get(self.name)

    def texts(self, value: Any) -> dict[str, str]:
        """Nothing: a pad can be cleared, and not filled."""
        return {}

    def sent(self, value: Any) -> dict[str, str]:
        """A drawing as a pad sends it."""
        return {self.name: value or ""}

    def show(self, texts: Texts, problems: Mapping[str, str]) -> None:
        """Places the pad."""
        sends: Any = "strokes" if self.asked.annotation is widget.Strokes else "picture"
        widget.sketchpad(self.asked.label, sends=sends, **self.options(problems))


class Group:
    """Several controls that make one value: a data class, or a pydantic model."""

    def __init__(self, asked: Asked, items: list[Input | Group], make: Callable[..., Any]) -> None:
        self.asked = asked
        self.name = asked.name
        self.items = items
        self.make = make
        self.schema = object_schema(items)

    def names(self) -> list[str]:
        """The names of all controls in it."""
        return [name for item in self.items for name in item.names()]

    def texts(self, value: Any) -> dict[str, str]:
        """A value, or a dict of its parts, as what the controls would send."""
        texts: dict[str, str] = {}
        for item in self.items:
            name = item.name.rpartition(".")[2]
            part = (
                value.get(name, _EMPTY)
                if isinstance(value, Mapping)
                else getattr(value, name, _EMPTY)
            )
            if part is _EMPTY:
                part = item.asked.default
            texts.update(first_texts(item) if part is _EMPTY else item.texts(part))
        return texts

    def read(self, texts: Texts, problems: dict[str, str]) -> Any:
        """The value that was entered, or problems at the names of its parts."""
        n_problems = len(problems)
        parts = {item.name.rpartition(".")[2]: item.read(texts, problems) for item in self.items}
        if len(problems) > n_problems:
            return None
        try:
            return self.make(**parts)
        except Invalid as error:
            problems.update({_join(self.name, name): text for name, text in error.fields.items()})
        except ValueError as error:  # of the class's own checks, and of pydantic's
            errors = getattr(error, "errors", None)
            for each in errors() if callable(errors) else []:
                place = ".".join(str(part) for part in each["loc"])
                problems[_join(self.name, place)] = str(each["msg"])
            if len(problems) == n_problems:
                problems[self.name] = str(error)
        return None

    def show(self, texts: Texts, problems: Mapping[str, str]) -> None:
        """Places the controls, with a frame around them."""
        with _fieldset(self.name, self.asked.label, self.asked.help, problems.get(self.name)):
            for item in self.items:
                item.show(texts, problems)


class _fieldset:
    """A frame with a label, around controls that belong together."""

    def __init__(self, name: str, label: str, help: str | None, error: str | None) -> None:
        self.label, self.help, self.error = label, help, error
        self.container = widget.element("fieldset", class_="lf-group", key=name)

    def __enter__(self) -> None:
        self.container.__enter__()
        with widget.element("legend", class_="lf-label"):
            widget.text(self.label)
        if self.help:
            with widget.element("small", class_="lf-help"):
                widget.text(self.help)
        if self.error:
            with widget.element("small", class_="lf-field-error", role="alert"):
                widget.text(self.error)

    def __exit__(self, *error: Any) -> None:
        self.container.__exit__(*error)


def read_inputs(function: Callable[..., Any]) -> list[Input | Group]:
    """The controls for a function's parameters.

    Args:
        function: The function.

    Returns:
        One for each parameter.

    Raises:
        HandlerError: A parameter is of a type that there is no control for, or none that can be
            given by name.
    """
    where = getattr(function, "__qualname__", repr(function))
    try:
        hints = typing.get_type_hints(function, include_extras=True)
        signature = inspect.signature(function)
    except (NameError, TypeError, ValueError) as error:
        raise HandlerError(f"the parameters of `{where}` can't be read: {error}") from error
    _, documented = read_docstring(function)
    inputs = []
    for parameter in signature.parameters.values():
        if parameter.kind is not parameter.POSITIONAL_OR_KEYWORD and (
            parameter.kind is not parameter.KEYWORD_ONLY
        ):
            raise HandlerError(
                f"`{where}` has `{parameter}`: an interface gives each parameter by its name"
            )
        hint = hints.get(parameter.name, _EMPTY)
        inputs.append(
            _input(where, parameter.name, hint, parameter.default, documented.get(parameter.name))
        )
    return inputs


def _input(where: str, name: str, hint: Any, default: Any, help: str | None) -> Input | Group:
    extras: tuple[Any, ...] = ()
    is_optional = default is None
    while True:
        if typing.get_origin(hint) is typing.Annotated:
            hint, *more = typing.get_args(hint)
            extras += tuple(more)
        elif _is_union(hint) and type(None) in typing.get_args(hint):
            is_optional = True
            rest = [each for each in typing.get_args(hint) if each is not type(None)]
            hint = rest[0] if len(rest) == 1 else typing.Union[tuple(rest)]  # noqa: UP007
        else:
            break
    if hint is _EMPTY or hint is Any:
        hint = str if default is _EMPTY or default is None else type(default)
    help = next((extra for extra in extras if isinstance(extra, str)), help)
    label = label_from(name.rpartition(".")[2])
    asked = Asked(name, label, help or None, hint, extras, default, is_optional)
    made = _of_type(where, asked)
    if made is None:
        raise HandlerError(
            f"parameter `{name}` of `{where}`: there is no control for {hint!r}; expected str, "
            "int, float, bool, date, Literal, Enum, a list of those, a data class, a pydantic "
            "model, lf.Picture or lf.Strokes"
        )
    return made


def _of_type(where: str, asked: Asked) -> Input | Group | None:
    hint = asked.annotation
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint is bool:
        return Check(asked) if not asked.is_optional else Choice(asked, {"Yes": True, "No": False})
    if hint in (int, float):
        return Number(asked)
    if hint is str:
        return Input(asked)
    if hint is datetime.date:
        return Date(asked)
    if hint in (widget.Picture, widget.Strokes):
        return Drawing(asked)
    if (choices := choices_of(hint)) is not None:
        return Choice(asked, choices)
    if (origin or hint) in (list, set, frozenset, tuple) and (
        (origin or hint) is not tuple or arguments[1:] == (...,)
    ):
        item = arguments[0] if arguments else str
        if (choices := choices_of(item)) is not None:
            return Choices(asked, origin or hint, choices)
        return Lines(asked, origin or hint, item) if item in _SCHEMAS else None
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return Group(asked, _dataclass_items(where, asked), hint)
    if hasattr(hint, "model_fields") and hasattr(hint, "model_validate"):  # pydantic
        return Group(asked, _model_items(where, asked), hint)
    return None


def _dataclass_items(where: str, asked: Asked) -> list[Input | Group]:
    kind = asked.annotation
    hints = typing.get_type_hints(kind, include_extras=True)
    _, documented = read_docstring(kind)
    items = []
    for field in dataclasses.fields(kind):
        if not field.init:
            continue
        default = field.default
        if default is dataclasses.MISSING:
            factory: Any = field.default_factory
            default = _EMPTY if factory is dataclasses.MISSING else factory()
        default = _part(asked.default, field.name, default)
        name = f"{asked.name}.{field.name}"
        help = field.metadata.get("help") or documented.get(field.name)
        items.append(_input(where, name, hints[field.name], default, help))
    return items


def _model_items(where: str, asked: Asked) -> list[Input | Group]:
    kind = asked.annotation
    _, documented = read_docstring(kind)
    items = []
    for name, field in kind.model_fields.items():
        default = _EMPTY if field.is_required() else field.get_default(call_default_factory=True)
        default = _part(asked.default, name, default)
        hint = field.annotation
        if field.metadata:
            said = (hint, *field.metadata)
            hint = typing.Annotated[said]
        help = field.description or documented.get(name)
        items.append(_input(where, f"{asked.name}.{name}", hint, default, help))
    return items


def _part(whole: Any, name: str, default: Any) -> Any:
    """A part of the parameter's own default, which goes before that of its class."""
    return default if whole is _EMPTY or whole is None else getattr(whole, name, default)


def first_texts(item: Input | Group) -> dict[str, str]:
    """What the controls hold at first."""
    if isinstance(item, Group):
        return {name: text for part in item.items for name, text in first_texts(part).items()}
    default = item.asked.default
    if default is not _EMPTY:
        return item.texts(default)
    if isinstance(item, Number) and item.slider is not None:
        return item.texts(item.slider.min)
    if isinstance(item, Choice) and not item.asked.is_optional and len(item.choices) <= MAX_RADIOS:
        return item.texts(next(iter(item.choices.values())))
    return dict.fromkeys(item.names(), "")


def read_all(inputs: Iterable[Input | Group], texts: Texts) -> dict[str, Any]:
    """What the function is called with.

    Args:
        inputs: Its controls.
        texts: What was entered.

    Returns:
        The values by the names of the parameters.

    Raises:
        Invalid: Some do not fit.
    """
    problems: dict[str, str] = {}
    values = {item.name: item.read(texts, problems) for item in inputs}
    if problems:
        raise Invalid(**problems)
    return values


def texts_of(pairs: Form | Mapping[str, str], inputs: Iterable[Input | Group]) -> dict[str, str]:
    """What a form sent for these controls, and nothing else."""
    items = pairs.items() if isinstance(pairs, Mapping) else pairs
    sent = {name: value for name, value in items if isinstance(value, str)}
    return {name: sent.get(name, "") for item in inputs for name in item.names()}


def object_schema(items: Iterable[Input | Group]) -> dict[str, Any]:
    """JSON schema of an object with these parts."""
    properties = {}
    required = []
    for item in items:
        name = item.name.rpartition(".")[2]
        schema = dict(item.schema)
        if item.asked.is_optional:
            schema = {"anyOf": [schema, {"type": "null"}]}
        schema["title"] = item.asked.label
        if item.asked.help:
            schema["description"] = item.asked.help
        if isinstance(item, Input):
            if item.asked.is_required and not isinstance(item, Check):
                required.append(name)
            elif item.asked.default is not _EMPTY and item.asked.default is not None:
                schema["default"] = _plain(item.asked.default)
        elif item.asked.is_required and item.schema.get("required"):
            required.append(name)
        properties[name] = schema
    made: dict[str, Any] = {"type": "object", "properties": properties}
    if required:
        made["required"] = required
    return {**made, "additionalProperties": False}


def label_from(name: str) -> str:
    """`max_length` as people write it."""
    words = name.strip("_").replace("_", " ")
    return words[:1].upper() + words[1:]


def choices_of(hint: Any) -> dict[str, Any] | None:
    """The values that an annotation allows, by what stands for them in a form."""
    if typing.get_origin(hint) is Literal:
        return {str(choice): choice for choice in typing.get_args(hint)}
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return {member.name: member for member in hint}
    return None


def label_of(name: str, value: Any) -> str:
    """What people read of a choice."""
    if isinstance(value, enum.Enum):
        text = value.value if isinstance(value.value, str) else label_from(value.name.lower())
        return text[:1].upper() + text[1:]
    return name


def name_of(value: Any, choices: Mapping[str, Any]) -> str:
    """What stands for a value in a form.

    Raises:
        ValueError: The value is none of the choices.
    """
    for name, choice in choices.items():
        if choice is value or (choice == value and type(choice) is type(value)):
            return name
    if isinstance(value, str):  # of an enumeration, as it is written in an example
        for name, choice in choices.items():
            if isinstance(choice, enum.Enum) and value in (name, choice.value):
                return name
    raise ValueError(f"expected one of {', '.join(choices)}, got {value!r}")


def choose(text: str, choices: Mapping[str, Any], is_optional: bool) -> Any:
    """The choice that a form names.

    Raises:
        ValueError: There is none of that name.
    """
    if text in choices:
        return choices[text]
    if not text and is_optional:
        return None
    expected = ", ".join(choices)
    raise ValueError(f"expected one of {expected}, got {text!r}" if text else "is required")


def _is_union(hint: Any) -> bool:
    return typing.get_origin(hint) in (typing.Union, types.UnionType)


def _find(extras: tuple[Any, ...], kind: type) -> Any:
    return next((extra for extra in extras if isinstance(extra, kind)), None)


def _bounds(extras: tuple[Any, ...]) -> tuple[float | None, float | None]:
    """What `annotated_types` and pydantic say of a number's ends, by the names that they use."""
    low = high = None
    for extra in extras:
        low = getattr(extra, "ge", low)
        high = getattr(extra, "le", high)
    return low, high


def _join(name: str, part: str) -> str:
    return f"{name}.{part}" if part else name


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime.date) else str(value)


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, enum.Enum):
        return value.name
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(each) for each in value]
    return value if isinstance(value, str | int | float | bool | None) else _text(value)


_SCHEMAS: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    datetime.date: {"type": "string", "format": "date"},
}
