"""State: a class whose fields know who shows them."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from ._native import Field, Session, StateCore, state_in, state_of
from .errors import NoSessionError, StateError

if TYPE_CHECKING:
    from ._turn import Turn
    from .app import App

Value = TypeVar("Value")
Self_ = TypeVar("Self_", bound="State")

_MISSING: Any = object()

#: Types whose values can't be changed in place: a default of theirs needs no copy.
_PLAIN = (str, int, float, bool, bytes, type(None), frozenset)


class _Default:
    """What `field` gives: how to make a field's first value."""

    def __init__(
        self,
        default: Any,
        factory: Callable[[], Any] | None,
        save: bool = True,
        mirror: Mirror | None = None,
    ) -> None:
        self.default = default
        self.factory = factory
        self.save = save
        self.mirror = mirror


class Mirror:
    """Where a field's value is as well, outside of the session."""

    __slots__ = ("browser", "default", "push", "url")

    def __init__(self, default: Any, url: str | None, browser: str | None, push: bool) -> None:  # noqa: D107
        self.default = default
        self.url = url
        self.browser = browser
        self.push = push


def field(
    default: Any = _MISSING,
    *,
    factory: Callable[[], Any] | None = None,
    save: bool = True,
    url: str | None = None,
    browser: str | None = None,
    push: bool = False,
) -> Any:
    """Says more of a field of a state than its default: how it is made, where else it is kept.

    With `url` the field is a parameter of the page's address. Its first value is what the address
    says; when it changes, the address follows; going back and forward changes it. With `browser`
    the visitor's browser keeps it, for later visits and for its other tabs. What comes from there
    is converted to the field's annotation (`str`, `int`, `float`, `bool`, `Literal`, `Enum`,
    `date`, and lists of those); what doesn't fit it gives the default, and a warning in the log.
    People can change both: they say nothing about who somebody is or what they may do.

    Args:
        default: The value. Lists, dicts and the like are copied for each session.
        factory: A function that makes the value, called once for each session.
        save: Whether the value is kept when the session is saved, and is there again after a
            restart of the server. Without that it is the default again then.
        url: The name of the address's parameter. It is absent while the field has its default.
        browser: The name under which the visitor's browser keeps the value.
        push: Whether a change is a step of the history, to go back from. By default the address
            changes without one.

    Returns:
        What to write after the field's annotation.

    Raises:
        StateError: A default and a factory are given; a mirrored field has no plain default, is
            mirrored in two places, or has a name with spaces.

    Examples:
        >>> class Game(State):
        ...     seed: int = field(factory=lambda: 4)
    """
    if default is not _MISSING and factory is not None:
        raise StateError("field() expected a default or a factory, got both")
    if url is None and browser is None:
        if push:
            raise StateError("field(push=True) is about the address: say url=… as well")
        return _Default(default, factory, save)
    if url is not None and browser is not None:
        raise StateError("field() expected url=… or browser=…, got both")
    if default is _MISSING:
        raise StateError("field(url=…) and field(browser=…) expected a default, got none")
    name = url if url is not None else browser
    if not isinstance(name, str) or not name or any(letter.isspace() for letter in name):
        raise StateError(
            f"field() expected a name without spaces for url and browser, got {name!r}"
        )
    if push and url is None:
        raise StateError("field(push=True) is about the address: say url=… instead of browser=…")
    return _Default(default, factory, save, Mirror(default, url, browser, push))


def copied(value: Any) -> Any:
    """A default as a value of one's own."""
    return value if isinstance(value, _PLAIN) else copy.deepcopy(value)


def _annotations(namespace: dict[str, Any]) -> dict[str, Any]:
    if "__annotations__" in namespace:
        return dict(namespace["__annotations__"])
    annotate = namespace.get("__annotate_func__") or namespace.get("__annotate__")  # Python 3.14
    if annotate is None:
        return {}
    import annotationlib  # type: ignore[import-not-found, unused-ignore]

    return dict(annotationlib.call_annotate_function(annotate, annotationlib.Format.FORWARDREF))


def _is_behaviour(value: Any) -> bool:
    """Whether it is a method, a property, a class or the like, and no value that could change."""
    return callable(value) or hasattr(type(value), "__get__")


class StateMeta(type):
    """Turns the annotated names of a state's class into fields."""

    __livefloe_fields__: dict[str, _Default]
    __livefloe_scope__: str
    __livefloe_mirrored__: list[tuple[str, Mirror]]

    def __new__(
        cls,
        name: str,
        bases: tuple[type, ...],
        namespace: dict[str, Any],
        *,
        scope: str | None = None,
    ) -> StateMeta:
        """Makes the class.

        Args:
            name: Its name.
            bases: Its bases.
            namespace: Its body.
            scope: `session`, one instance for each page that is open; `user`, one for all pages of
                one user; or `app`, one for all.

        Returns:
            The class.

        Raises:
            StateError: The scope is another word, or a name has a value and no annotation.
        """
        defaults: dict[str, _Default] = {}
        for base in reversed(bases):
            defaults.update(getattr(base, "__livefloe_fields__", {}))
        inherited = [base.__livefloe_scope__ for base in bases if isinstance(base, StateMeta)]
        scope = scope or (inherited[0] if inherited else "session")
        if scope not in ("session", "user", "app"):
            raise StateError(f"scope expected 'session', 'user' or 'app', got {scope!r}")
        shared = set()
        for attribute, annotation in _annotations(namespace).items():
            if attribute.startswith("__") or "ClassVar" in str(annotation):
                shared.add(attribute)
                continue
            given = namespace.pop(attribute, _MISSING)
            defaults[attribute] = given if isinstance(given, _Default) else _Default(given, None)
        for attribute, value in namespace.items():
            if (
                not attribute.startswith("__")
                and attribute not in shared
                and not _is_behaviour(value)
            ):
                raise StateError(
                    f"{name}.{attribute} has no annotation, so all visitors would share it: write "
                    f"`{attribute}: {type(value).__name__} = {value!r}` for a field of each, or "
                    f"`{attribute}: ClassVar` for what they do share"
                )
        namespace.setdefault("__slots__", ())
        namespace["__livefloe_fields__"] = defaults
        namespace["__livefloe_scope__"] = scope
        mirrored = [(each, field.mirror) for each, field in defaults.items() if field.mirror]
        if mirrored and scope != "session":
            raise StateError(
                f"{name}.{mirrored[0][0]} is shared, and an address or a browser is one visitor's: "
                "put it into a state of scope='session'"
            )
        namespace["__livefloe_mirrored__"] = mirrored
        made = super().__new__(cls, name, bases, namespace)
        fields = [Field(made, index, attribute) for index, attribute in enumerate(defaults)]
        for field_ in fields:
            type.__setattr__(made, field_.name, field_)
        saved = [field_ for field_ in fields if defaults[field_.name].save]
        type.__setattr__(made, "__livefloe_saved__", saved)
        return made

    def __call__(cls: type[Value]) -> Value:
        """The calling session's instance, its user's, or the app's.

        Raises:
            NoSessionError: No session is running here.
        """
        return cast("Value", state_of(cls))

    def __livefloe_make__(cls) -> Any:
        """Makes an instance with its first values."""
        made = type.__call__(cls)
        for name, default in cls.__livefloe_fields__.items():
            if default.factory is not None:
                setattr(made, name, default.factory())
            elif default.default is not _MISSING:
                setattr(made, name, copied(default.default))
        return made


class State(StateCore, metaclass=StateMeta):
    """State that pages show: each annotated name of a subclass is a field.

    Calling the class gives the calling session's instance, made when it is first asked for. Reading
    a field in a component makes the component run again when the field has changed; handlers change
    fields, and what they change in one turn shows together.

    On the class, a field stands for itself, to bind widgets to: `lf.slider("Temperature", 0, 2,
    bind=Chat.temperature)`.

    Args:
        scope: `session` (default), one instance for each page that is open; `user`, one for all
            pages of one user (see `App(user_header=…)`; a visitor without a name has one for each
            page), for as long as one is open; or `app`, one for all pages of the app. What is
            shared shows everywhere when it changes. It isn't saved.

    Examples:
        >>> class Counter(State):
        ...     n: int = 0
        ...
        ...     def increment(self) -> None:
        ...         self.n += 1
    """

    __livefloe_scope__: ClassVar[str]

    @classmethod
    def of(cls: type[Self_], owner: App | Session, *, user: str | None = None) -> Self_:
        """An instance for code outside of sessions: a thread, a callback, a notebook's cell.

        Args:
            owner: A session (see `lf.session`), whose instance it is; or the app, for states of
                scope `app`, and with `user` for those of scope `user`.
            user: What the app calls the user, as in its `user_header`.

        Returns:
            The instance. Changes show at once.

        Raises:
            StateError: The state is of another scope.
            NoSessionError: The session has ended; the user has none.
        """
        name, scope = cls.__name__, cls.__livefloe_scope__
        if isinstance(owner, Session):
            if user is not None:
                raise StateError(f"{name}.of(session) expected no user: the session has one")
            return cast("Self_", state_in(cls, owner))
        if scope == "session":
            raise StateError(
                f"{name} is each visitor's own: hand what lf.session() gives to the thread and "
                f'write {name}.of(session), or declare it as `class {name}(lf.State, scope="app")`'
            )
        if (scope == "user") != (user is not None):
            expected = '(app, user="…")' if scope == "user" else "(app)"
            raise StateError(f"{name} has scope={scope!r}: write {name}.of{expected}")
        if user is None:
            return cast("Self_", owner._core.state(cls))
        found = owner._core.user_state(cls, user)
        if found is None:
            raise NoSessionError(f"{name}.of(app, user={user!r}): this user has no page open")
        return cast("Self_", found)

    def turn(self) -> Turn:
        """Changes that belong together, in code that is no handler: a task, a thread.

        `with state.turn():` shows what is changed in it together at its end, and takes all of it
        back if it raises. No handler of the state's session runs meanwhile, so that `s.n += 1` is
        safe: keep it short. Turns of a shared state exclude each other. In async code write `async
        with state.turn():`. In a handler it is a part of the handler's own turn.

        Returns:
            What `with` takes, once.

        Raises:
            StateError: On entering: the session was busy for `Limits.handler_time`; async code
                wrote `with`. At the end: the changes could not be shown, and are undone.
            NoSessionError: The session has ended.
        """
        from ._turn import Turn

        return Turn(self)

    def touch(self, name: str) -> None:
        """Says that a value was changed in a way that can't be noticed, such as in an array.

        Args:
            name: The field's name.

        Raises:
            StateError: There is no such field, or something is being rendered.
        """
        found = getattr(type(self), name, None)
        if not isinstance(found, Field):
            raise StateError(
                f"name expected one of {', '.join(type(self).__livefloe_fields__)}, got {name!r}"
            )
        found.touch(self)

    def __repr__(self) -> str:
        """The class with the fields' values."""
        values = ", ".join(
            f"{name}={getattr(self, name, ...)!r}" for name in type(self).__livefloe_fields__
        )
        return f"{type(self).__name__}({values})"
