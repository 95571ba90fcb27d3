"""What is left of a session after a restart."""

from __future__ import annotations

import collections
import datetime
import decimal
import enum
import fractions
import logging
import math
import pathlib
import re
import uuid
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import livefloe as lf
import pytest
from livefloe._saved import accepts
from livefloe.errors import AppError, StateError, TestFailed


class Colour(enum.Enum):
    RED = "r"
    BLUE = "b"


class Point(NamedTuple):
    x: float
    y: float


@dataclass
class Message:
    who: str
    text: str = ""
    likes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Place:
    name: str


@dataclass(slots=True)
class Slot:
    n: int


class Everything(lf.State):
    value: Any = None


class Opaque:
    """Something that can't be saved."""


VALUES = [
    None,
    True,
    0,
    -5,
    2**63 - 1,
    -(2**63),
    2**64,
    10**100,
    0.1,
    -0.0,
    math.inf,
    "",
    "Zürich 👋",
    "half a pair \ud83d",
    b"\x00\xff",
    [],
    [1, [2, [3]]],
    (1, (2,), [3]),
    {},
    {"a": {1: (2, 3)}, (1, 2): None, 3.5: "x", True: "y"},
    {1, 2, 3},
    frozenset({"a"}),
    bytearray(b"ab"),
    1 + 2j,
    range(1, 10, 2),
    datetime.datetime(2026, 11, 23, 1, 2, 3, 4, tzinfo=datetime.timezone.utc),
    datetime.date(2026, 11, 23),
    datetime.time(1, 2, 3),
    datetime.timedelta(days=-1, microseconds=5),
    decimal.Decimal("1.10"),
    fractions.Fraction(1, 3),
    uuid.UUID(int=7),
    pathlib.Path("/a/b"),
    collections.OrderedDict(b=1, a=2),
    collections.Counter("aab"),
    collections.deque([1, 2], maxlen=3),
    Colour.BLUE,
    [Colour.RED, {"colour": Colour.BLUE}],
    Point(1.0, 2.0),
    Message("Ada", "hi", ["Grace"]),
    [Message("Ada"), Place("here")],
    {"who": Message("Ada", "hi", ["Grace"])},
    Place("there"),
    Slot(3),
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_value_is_there_again_after_a_restart(open_page, value):
    def page():
        state = Everything()
        lf.text(f"{type(state.value).__mro__[-2].__name__} {state.value!r}")

        def put():
            state.value = value

        lf.button("put", on_click=put)

    with open_page(page) as opened:
        opened.click("put")
        before = opened.text
        n_patches = len(opened.patches)
        opened.restart()
        opened.click("put")  # the same again: shows nothing new, and the session answers
        assert opened.text == before
        assert len(opened.patches) - n_patches <= 1


def test_nan_stays_not_a_number(open_page):
    def page():
        state = Everything()
        lf.text(f"value {state.value}")

        def put():
            state.value = math.nan

        lf.button("put", on_click=put)

    with open_page(page) as opened:
        opened.click("put")
        opened.restart()
        opened.sees("value nan", within_s=5)


class Chat(lf.State):
    messages: list[Message] = []
    draft: str = ""
    model: Any = lf.field(factory=Opaque, save=False)
    cache: dict[str, int] = lf.field(factory=dict, save=False)


def chat():
    state = Chat()

    def send(text: str):
        state.messages.append(Message("me", text))
        state.cache[text] = len(text)

    def like():
        state.messages[-1].likes.append("Ada")

    with lf.form(on_submit=send):
        lf.text_field("Say", name="text")
        lf.button("Send")
    for message in state.messages:
        lf.text(f"{message.who}: {message.text} ({len(message.likes)})")
    lf.text(f"cached {len(state.cache)}, {type(state.model).__name__}")
    lf.button("Like", on_click=like)


def test_what_is_not_to_be_saved_is_the_default_again(open_page):
    with open_page(chat) as page:
        page.type("Say", "hello")
        page.submit("Send")
        page.sees("me: hello (0)")
        page.sees("cached 1, Opaque")
        page.restart()
        page.sees("cached 0, Opaque", within_s=5)
        page.sees("me: hello (0)")


def test_what_was_restored_is_tracked(open_page):
    with open_page(chat) as page:
        page.type("Say", "hello")
        page.submit("Send")
        page.restart()
        page.click("Like")
        page.sees("me: hello (1)")
        page.restart()
        page.click("Like")
        page.sees("me: hello (2)")


def test_a_click_on_what_was_shown_before_the_restart_means_the_same(open_page):
    class Rows(lf.State):
        names: list[str] = ["a", "b", "c"]

    def page():
        rows = Rows()
        for name in rows.names:
            lf.button(f"remove {name}", on_click=rows.names.remove, args=(name,), key=name)

    with open_page(page) as opened:
        opened.click("remove a")
        opened.restart()
        opened.click("remove b")
        assert opened.text.split() == ["remove", "c"]


def test_components_are_the_same_after_a_restart(open_page):
    class Inner(lf.State):
        n: int = 0

    @lf.component
    def row(name: str):
        inner = Inner()
        lf.text(f"{name}: {inner.n}")

        def add():
            inner.n += 1

        lf.button(f"add to {name}", on_click=add)

    def page():
        for name in ("one", "two"):
            row(name, key=name)

    with open_page(page) as opened:
        opened.click("add to two")
        n_patches = len(opened.patches)
        opened.restart()
        opened.click("add to one")
        opened.sees("two: 2")
        assert len(opened.patches) == n_patches + 1, "nothing had to be sent again"


def test_a_state_that_nobody_asked_for_between_two_restarts_is_kept(open_page):
    class Seldom(lf.State):
        n: int = 0

    class Shown(lf.State):
        is_open: bool = True

    def page():
        shown = Shown()

        def toggle():
            shown.is_open = not shown.is_open

        lf.button("toggle", on_click=toggle)
        if shown.is_open:
            seldom = Seldom()
            lf.text(f"n={seldom.n}")

            def add():
                seldom.n += 1

            lf.button("add", on_click=add)

    with open_page(page) as opened:
        opened.click("add")
        opened.click("toggle")
        opened.restart()
        opened.restart()
        opened.click("toggle")
        opened.sees("n=1")


def test_parameters_of_the_visit_are_there_after_a_restart(app):
    @app.page("/room/{room}")
    def page(room: str, q: str = ""):
        lf.text(f"{room}/{q}")

    with lf.test(app, "/room/harbour?q=fish") as opened:
        opened.sees("harbour/fish")
        opened.restart()
        opened.sees("harbour/fish")
        assert not opened.patches


def test_a_field_that_can_not_be_saved_is_named_once_and_the_rest_is_kept(open_page, caplog):
    class Mixed(lf.State):
        handle: Any = None
        n: int = 0

    def page():
        mixed = Mixed()

        def change():
            mixed.handle = Opaque()
            mixed.n += 1

        lf.text(f"n={mixed.n} {type(mixed.handle).__name__}")
        lf.button("change", on_click=change)

    with caplog.at_level(logging.WARNING), open_page(page) as opened:
        opened.click("change")
        opened.restart()
        opened.sees("n=1 NoneType", within_s=5)
        opened.click("change")
        opened.restart()
        opened.sees("n=2 NoneType", within_s=5)
    messages = [record.getMessage() for record in caplog.records]
    said = [message for message in messages if "Mixed.handle" in message]
    assert len(said) == 1
    assert "a test_saved.Opaque can't be saved" in said[0]
    assert "save=False" in said[0]


def test_a_list_that_contains_itself_is_left_out(open_page, caplog):
    class Endless(lf.State):
        value: Any = None
        n: int = 0

    def page():
        endless = Endless()

        def change():
            endless.n += 1
            # Beside the tracked copy, which has an end.
            loop: list[Any] = []
            inner = (loop,)
            loop.append(inner)
            object.__setattr__(holder, "loop", loop)
            endless.value = holder

        lf.text(f"n={endless.n}")
        lf.button("change", on_click=change)

    holder = Holder()
    with caplog.at_level(logging.WARNING), open_page(page) as opened:
        opened.click("change")
        opened.restart()
        opened.sees("n=1")
    assert "deep in one another" in caplog.text


@dataclass(slots=True)
class Holder:
    loop: Any = None


def test_a_value_over_its_limit_is_left_out(caplog):
    class Large(lf.State):
        blob: bytes = b""
        n: int = 0

    app = lf.App("Limited", limits={"max_value_bytes": 1_000})

    @app.page("/")
    def page():
        large = Large()

        def change():
            large.blob = bytes(1_000)
            large.n += 1

        lf.text(f"n={large.n} bytes={len(large.blob)}")
        lf.button("change", on_click=change)

    with caplog.at_level(logging.WARNING), lf.test(app, "/") as opened:
        opened.click("change")
        opened.restart()
        opened.sees("n=1 bytes=0", within_s=5)
    assert "max_value_bytes allows 1000" in caplog.text


def test_app_state_is_the_process_and_not_the_sessions(open_page):
    class Shared(lf.State, scope="app"):
        n: int = 0

    def page():
        shared = Shared()

        def add():
            shared.n += 1

        lf.text(f"n={shared.n}")
        lf.button("add", on_click=add)

    with open_page(page) as opened:
        opened.click("add")
        opened.restart()
        opened.click("add")
        opened.sees("n=2")


class Changed(lf.State):
    n: int = 0
    ratio: float = 0.0
    names: list[str] = []
    choice: Literal["a", "b"] = "a"
    maybe: int | None = None
    pair: tuple[int, str] = (0, "")
    many: tuple[int, ...] = ()
    table: dict[str, list[int]] = {}
    colour: Colour = Colour.RED
    anything: Any = None
    forgotten: int = lf.field(0, save=False)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n", 3),
        ("ratio", 1),
        ("ratio", 0.5),
        ("names", ["a"]),
        ("choice", "b"),
        ("maybe", None),
        ("maybe", 3),
        ("pair", (1, "x")),
        ("many", (1, 2, 3)),
        ("table", {"a": [1]}),
        ("colour", Colour.BLUE),
        ("anything", object()),
    ],
)
def test_a_value_that_fits_its_field_is_taken(name, value):
    assert accepts(Changed, name, value)


@pytest.mark.parametrize("name", ["gone", "forgotten"])
def test_a_value_of_no_saved_field_is_dropped(name):
    assert not accepts(Changed, name, 1)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n", "3"),
        ("n", True),
        ("n", None),
        ("ratio", "0.5"),
        ("names", "abc"),
        ("names", [1]),
        ("choice", "c"),
        ("maybe", "x"),
        ("pair", (1,)),
        ("pair", [1, "x"]),
        ("many", (1, "2")),
        ("table", {"a": [None]}),
        ("table", {1: []}),
        ("colour", "r"),
    ],
)
def test_a_value_that_does_not_fit_its_field_any_more_is_refused_by_name(name, value):
    with pytest.raises(StateError, match=r"expected .*, got "):
        accepts(Changed, name, value)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("max_session", 1, "limits has no `max_session`; there are max_sessions, "),
        ("max_sessions", 0.5, 'limits["max_sessions"] expected a whole number, got 0.5'),
        ("max_sessions", -1, 'limits["max_sessions"] expected a whole number, got -1'),
        ("handler_time", -1, 'limits["handler_time"] expected seconds, got -1'),
        ("handler_time", math.nan, 'limits["handler_time"] expected seconds, got NaN'),
    ],
)
def test_a_limit_that_can_not_be_is_an_error_at_once(name, value, said):
    with pytest.raises(AppError, match=re.escape(said)):
        lf.App(limits={name: value})


def test_a_limit_may_be_infinite():
    app = lf.App(limits={"session_time": math.inf, "max_sessions": math.inf, "grace_time": 3})

    @app.page("/")
    def page():
        lf.text("here")

    with lf.test(app, "/") as opened:
        opened.sees("here")


def test_a_session_over_its_limit_is_gone_after_a_restart():
    app = lf.App("Small", limits={"max_snapshot_bytes": 10})

    @app.page("/")
    def page():
        lf.text("here")

    with lf.test(app, "/") as opened, pytest.raises(TestFailed):
        opened.restart()
