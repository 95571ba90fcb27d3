"""What the client does by itself, at once: ``on_click=lf.action.toggle(details)``.

An action is data. Steps on *bindings* (a cell, or a field of a state such as ``Chat.n``) show at
once, and the server runs them as well, on its own values: when it refuses, the state before shows
again. Other steps are about the page alone. Several are joined by a list, in which a handler may
stand as well: ``on_click=[lf.action.set(open, False), save]``.
"""

# ruff: noqa: D105, D107 - operators mean what they say, and only this module makes actions

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from functools import wraps
from typing import Any, TypeAlias

from . import _native
from ._native import Cell, Field, HandlerFunction
from .errors import HandlerError

__all__ = [
    "Action",
    "Expression",
    "add_class",
    "attribute",
    "close",
    "copy",
    "copy_shown",
    "disable",
    "dispatch",
    "enable",
    "expr",
    "focus",
    "hide",
    "increment",
    "navigate",
    "open",
    "remove_class",
    "scroll",
    "set",
    "show",
    "text",
    "toggle",
    "toggle_class",
]

#: What an expression is made of.
Operand: TypeAlias = "Expression | Cell[Any] | bool | int | float | str | Enum | None"


class Expression:
    """A value made of bindings, such as ``lf.expr(n) + 1``; client and server compute the same.

    There are ``+ - * / %``, ``== != < <= > >=``, ``&`` (and), ``|`` (or), ``~`` (not), and the
    methods. Numbers are those of a browser: exact up to 2**53. Nothing is converted by itself:
    adding a text fails, and then the event is refused.
    """

    __slots__ = ("operator", "parts")
    __hash__ = None  # type: ignore[assignment]  # `==` gives an expression

    def __init__(self, operator: str, *parts: Any) -> None:
        self.operator = operator
        self.parts = parts

    def __bool__(self) -> bool:
        raise TypeError(
            "an expression is computed later, so it is neither true nor false here: "
            "write & for `and`, | for `or`, ~ for `not`, x.then(a, b) for `a if x else b`"
        )

    def __repr__(self) -> str:
        if self.operator == "get":
            return f"expr({self.parts[0]!r})"
        return f"{self.operator}({', '.join(map(repr, self.parts))})"

    def __eq__(self, other: object) -> Expression:  # type: ignore[override]
        return Expression("eq", self, other)

    def __ne__(self, other: object) -> Expression:  # type: ignore[override]
        return Expression("ne", self, other)

    def __lt__(self, other: Operand) -> Expression:
        return Expression("lt", self, other)

    def __le__(self, other: Operand) -> Expression:
        return Expression("le", self, other)

    def __gt__(self, other: Operand) -> Expression:
        return Expression("gt", self, other)

    def __ge__(self, other: Operand) -> Expression:
        return Expression("ge", self, other)

    def __add__(self, other: Operand) -> Expression:
        return Expression("add", self, other)

    def __radd__(self, other: Operand) -> Expression:
        return Expression("add", other, self)

    def __sub__(self, other: Operand) -> Expression:
        return Expression("sub", self, other)

    def __rsub__(self, other: Operand) -> Expression:
        return Expression("sub", other, self)

    def __mul__(self, other: Operand) -> Expression:
        return Expression("mul", self, other)

    def __rmul__(self, other: Operand) -> Expression:
        return Expression("mul", other, self)

    def __truediv__(self, other: Operand) -> Expression:
        return Expression("div", self, other)

    def __rtruediv__(self, other: Operand) -> Expression:
        return Expression("div", other, self)

    def __mod__(self, other: Operand) -> Expression:
        return Expression("mod", self, other)

    def __rmod__(self, other: Operand) -> Expression:
        return Expression("mod", other, self)

    def __neg__(self) -> Expression:
        return Expression("sub", 0, self)

    def __and__(self, other: Operand) -> Expression:
        return Expression("and", self, other)

    def __rand__(self, other: Operand) -> Expression:
        return Expression("and", other, self)

    def __or__(self, other: Operand) -> Expression:
        return Expression("or", self, other)

    def __ror__(self, other: Operand) -> Expression:
        return Expression("or", other, self)

    def __invert__(self) -> Expression:
        return Expression("not", self)

    def __round__(self) -> Expression:
        return Expression("round", self)

    def at_most(self, other: Operand) -> Expression:
        """The smaller of two numbers."""
        return Expression("min", self, other)

    def at_least(self, other: Operand) -> Expression:
        """The larger of two numbers."""
        return Expression("max", self, other)

    def clamp(self, low: Operand, high: Operand) -> Expression:
        """The nearest number from `low` to `high`."""
        return self.at_most(high).at_least(low)

    def then(self, yes: Operand, no: Operand) -> Expression:
        """One value if this is true, and another one if not."""
        return Expression("if", self, yes, no)

    def join(self, other: Operand) -> Expression:
        """Both as texts, one after the other."""
        return Expression("join", self, other)


def expr(binding: Cell[Any] | Any) -> Expression:
    """The value of a binding, to compute with: ``lf.action.set(n, lf.expr(n) + 1)``.

    Args:
        binding: A cell, or a field of a state's class such as ``Chat.n``; or a value, to begin
            with: ``lf.expr("n = ").join(n)``.

    Raises:
        TypeError: It is none of these.
    """
    if isinstance(binding, Expression):
        return binding
    if binding is None or isinstance(binding, (bool, int, float, str, Enum)):
        return Expression("value", binding)
    return Expression("get", _bindable("expr", binding))


class Action:
    """Steps that the client takes at once; made by the functions of this module."""

    __slots__ = ("steps",)

    def __init__(self, *steps: tuple[Any, ...]) -> None:
        self.steps = steps

    def then(self, *others: Action) -> Action:
        """These steps, and others after them."""
        return Action(*self.steps, *(step for other in others for step in other.steps))

    def __repr__(self) -> str:
        return f"<livefloe.action {', '.join(step[0] for step in self.steps)}>"


def set(binding: Any, value: Operand | Callable[[Expression], Operand]) -> Action:
    """Sets a binding.

    Args:
        binding: A cell, or a field of a state's class such as ``Chat.n``.
        value: A value, an expression, or a function that makes one of the present value:
            ``lambda n: (n + 1) % 5``. It is called now, and not at the click.
    """
    target = _bindable("action.set", binding)
    if not isinstance(value, Expression) and callable(value) and not isinstance(value, type):
        value = value(Expression("get", target))
    return Action(("let", target, value))


def increment(binding: Any, by: Operand = 1) -> Action:
    """Adds a number to a binding, which may be negative."""
    return Action(("let", _bindable("action.increment", binding), expr(binding) + by))


def toggle(what: Any) -> Action:
    """Turns a binding from true to false and back.

    Given a selector such as ``"#details"``, it shows what that finds where it is hidden, and hides
    it where it is not.
    """
    if isinstance(what, str):
        return Action(("flip", what, "hidden"))
    return Action(("let", _bindable("action.toggle", what), ~expr(what)))


def show(selector: str) -> Action:
    """Shows what a selector such as ``"#details"`` finds first in the same component."""
    return attribute("hidden", None, selector)


def hide(selector: str = "") -> Action:
    """Hides what a selector finds."""
    return attribute("hidden", "", selector)


def disable(selector: str = "") -> Action:
    """Greys out a control."""
    return attribute("disabled", "", selector)


def enable(selector: str) -> Action:
    """Lets a control be used."""
    return attribute("disabled", None, selector)


def attribute(name: str, value: str | None, selector: str = "") -> Action:
    """Sets an attribute; removes it for ``None``. Without a selector, that of the widget itself.

    Raises:
        ValueError: It is one that would run something.
    """
    if not name or name.lower().startswith("on") or not name.replace("-", "").isalnum():
        raise ValueError(
            f"expected an attribute that runs nothing, such as hidden or aria-label, got {name!r}"
        )
    return Action(("set", selector, name, value))


def add_class(name: str, selector: str = "") -> Action:
    """Adds a class. Without a selector, to the widget itself."""
    return Action(("class", selector, name, True))


def remove_class(name: str, selector: str = "") -> Action:
    """Removes a class."""
    return Action(("class", selector, name, False))


def toggle_class(name: str, selector: str = "") -> Action:
    """Adds a class, or removes it where it is there."""
    return Action(("class", selector, name, None))


def text(content: str, selector: str = "") -> Action:
    """Changes the first text of an element."""
    return Action(("text", selector, content))


def focus(selector: str) -> Action:
    """Gives an element the focus."""
    return Action(("focus", selector))


def scroll(selector: str) -> Action:
    """Scrolls as far as it takes to see an element."""
    return Action(("scroll", selector))


def open(selector: str) -> Action:
    """Opens a dialog, a popover or details."""
    return Action(("open", selector))


def close(selector: str) -> Action:
    """Closes a dialog, a popover or details."""
    return Action(("close", selector))


def copy(content: Operand) -> Action:
    """Copies a text or an expression to the clipboard."""
    return Action(("copy", "", content))


def copy_shown(selector: str) -> Action:
    """Copies what an element shows: the value of a control, or else its text."""
    return Action(("copy_shown", selector))


def dispatch(kind: str, detail: Any = None, selector: str = "") -> Action:
    """Dispatches a ``CustomEvent``, which bubbles: for custom elements and scripts of your own.

    Args:
        kind: Its type.
        detail: What JSON can say.
        selector: At which element; without one, at the widget itself.
    """
    import json

    return Action(("dispatch", selector, kind, json.dumps(detail)))


def navigate(path: str) -> Action:
    """Goes to another page of this app.

    Args:
        path: Starts with one ``/``.

    Raises:
        ValueError: It is anything else.
    """
    is_local = path.startswith("/") and not path.startswith(("//", "/\\"))
    if not is_local or any(character == "\\" or not character.isprintable() for character in path):
        raise ValueError(f"expected a path of this app such as /thanks, got {path!r}")
    return Action(("go", path))


def _bindable(what: str, binding: Any) -> Cell[Any] | Field:
    if isinstance(binding, (Cell, Field)):
        return binding
    raise TypeError(
        f"lf.{what} expected a cell, or a field of a state's class such as Chat.n, got {binding!r}"
    )


def resolve(given: Any) -> tuple[Callable[..., Any] | None, Action | None]:
    """What a widget was given for an event: what the server runs, and what the client does."""
    parts = list(given) if isinstance(given, (list, tuple)) else [given]
    actions = [part for part in parts if isinstance(part, Action)]
    handlers = [part for part in parts if not isinstance(part, Action)]
    if len(handlers) > 1 or not all(map(callable, handlers)):
        raise HandlerError(
            "expected a function, an lf.action, or a list of actions and at most one function, "
            f"got {given!r}"
        )
    action = Action().then(*actions) if actions else None
    sets = [step for step in action.steps if step[0] == "let"] if action else []

    def run() -> None:
        for _, target, value in sets:
            _assign(target, _native.evaluate(value))

    if not handlers:
        return (run if sets else None), action
    function: Callable[..., Any] = handlers[0]
    if not sets:
        return function, action

    called = function.function if isinstance(function, HandlerFunction) else function

    @wraps(called)
    def both(*args: Any, **kwargs: Any) -> Any:
        run()
        return called(*args, **kwargs)

    return (function.around(both) if isinstance(function, HandlerFunction) else both), action


def _assign(target: Cell[Any] | Field, value: Any) -> None:
    """Writes what an expression gave, as what the binding has been."""
    present = _native.read_binding(target)
    if isinstance(present, Enum):
        value = type(present)(value)
    elif isinstance(present, float) and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if isinstance(target, Cell):
        target.value = value
    else:
        setattr(target.owner(), target.name, value)
