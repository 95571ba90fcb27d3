"""Fields are tracked: what read one runs again when it changes, and only that."""

from __future__ import annotations

import copy
import json
import pickle
from dataclasses import dataclass, field
from typing import ClassVar

import livefloe as lf
import pytest
from livefloe import errors
from livefloe.errors import NoSessionError, Refused, StateError


@dataclass
class Message:
    text: str
    tags: list[str] = field(default_factory=list)


def test_only_the_component_that_read_a_field_runs_again(open_page):
    runs = []

    class Pair(lf.State):
        left: int = 0
        right: int = 0

        def step(self):
            self.left += 1

    @lf.component
    def left():
        runs.append("left")
        lf.text(f"left {Pair().left}")

    @lf.component
    def right():
        runs.append("right")
        lf.text(f"right {Pair().right}")

    def page():
        runs.append("page")
        lf.button("step", on_click=Pair().step)
        left()
        right()

    with open_page(page) as p:
        assert runs == ["page", "left", "right"]
        runs.clear()
        p.click("step")
        p.sees("left 1")
        assert runs == ["left"]
        assert len(p.patches) == 1
        assert p.patches[0].operations == ['paragraph: the text "left 0" becomes "left 1"']
        assert p.patches[0].bytes < 24


def test_a_component_that_no_longer_reads_a_field_does_not_run_for_it(open_page):
    runs = []

    class S(lf.State):
        is_open: bool = True
        detail: int = 0

    @lf.component
    def details():
        runs.append(1)
        s = S()
        lf.text(f"detail {s.detail}" if s.is_open else "closed")

    def page():
        def close():
            S().is_open = False

        def change():
            S().detail += 1

        lf.button("close", close)
        lf.button("change", change)
        details()

    with open_page(page) as p:
        p.click("change")
        p.sees("detail 1")
        p.click("close")
        p.sees("closed")
        runs.clear()
        p.click("change")
        assert runs == []


def test_an_equal_value_is_no_change(open_page):
    runs = []

    class S(lf.State):
        n: int = 1

    def page():
        runs.append(S().n)

        def same():
            S().n = 1

        lf.button("same", same)

    with open_page(page) as p:
        p.click("same")
        assert runs == [1]
        assert p.patches == []


CHANGES = {
    "append": lambda s: s.items.append("c"),
    "extend": lambda s: s.items.extend(["c"]),
    "add": lambda s: s.items.__iadd__(["c"]),
    "insert": lambda s: s.items.insert(0, "c"),
    "set": lambda s: s.items.__setitem__(0, "c"),
    "slice": lambda s: s.items.__setitem__(slice(0, 1), ["c"]),
    "delete": lambda s: s.items.__delitem__(0),
    "pop": lambda s: s.items.pop(),
    "remove": lambda s: s.items.remove("a"),
    "clear": lambda s: s.items.clear(),
    "sort": lambda s: s.items.sort(reverse=True),
    "reverse": lambda s: s.items.reverse(),
    "multiply": lambda s: s.items.__imul__(2),
    "dict set": lambda s: s.table.__setitem__("k", 2),
    "dict delete": lambda s: s.table.__delitem__("k"),
    "dict pop": lambda s: s.table.pop("k"),
    "dict popitem": lambda s: s.table.popitem(),
    "dict clear": lambda s: s.table.clear(),
    "dict update": lambda s: s.table.update(k=3, j=4),
    "dict setdefault": lambda s: s.table.setdefault("j", 4),
    "dict merge": lambda s: s.table.__ior__({"j": 4}),
    "set add": lambda s: s.names.add("c"),
    "set discard": lambda s: s.names.discard("a"),
    "set remove": lambda s: s.names.remove("a"),
    "set pop": lambda s: s.names.pop(),
    "set clear": lambda s: s.names.clear(),
    "set update": lambda s: s.names.update({"c"}),
    "set or": lambda s: s.names.__ior__({"c"}),
    "set xor": lambda s: s.names.__ixor__({"a"}),
    "set minus": lambda s: s.names.__isub__({"a"}),
    "set and": lambda s: s.names.__iand__({"a"}),
    "attribute": lambda s: setattr(s.message, "text", "changed"),
    "nested list": lambda s: s.message.tags.append("t"),
    "list in list": lambda s: s.rows[0].append(3),
    "list in dict": lambda s: s.table_of_lists["a"].append(3),
    "data class in list": lambda s: setattr(s.messages[0], "text", "changed"),
    "data class put in": lambda s: (
        s.messages.append(Message("new")),
        setattr(s.messages[-1], "text", "newer"),
    ),
    "whole": lambda s: setattr(s, "items", ["z"]),
}


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("fails", [False, True], ids=["kept", "undone"])
def test_every_change_is_noticed_and_undone_when_the_handler_fails(open_page, name, fails):
    class S(lf.State):
        items: list[str] = ["a", "b"]
        table: dict[str, int] = {"k": 1}
        names: set[str] = {"a", "b"}
        message: Message = Message("hello")
        messages: list[Message] = [Message("one")]
        rows: list[list[int]] = [[1, 2]]
        table_of_lists: dict[str, list[int]] = {"a": [1]}

    runs = []

    def shown():
        s = S()
        values = (
            s.items,
            s.table,
            sorted(s.names),
            s.message,
            s.messages,
            s.rows,
            s.table_of_lists,
        )
        return repr(values)

    def page():
        runs.append(shown())

        def change():
            CHANGES[name](S())
            if fails:
                CHANGES[
                    name
                    if "remove" not in name and "delete" not in name and "pop" not in name
                    else "clear"
                ](S())
                raise RuntimeError("no")

        def check():
            runs.append(shown())

        lf.button("change", change)
        lf.button("check", check)

    with open_page(page) as p:
        before = runs[0]
        if fails:
            with pytest.raises(Refused):
                p.click("change")
            assert len(runs) == 1
            p.click("check")
            assert runs[1] == before
        else:
            p.click("change")
            assert len(runs) == 2
            assert runs[1] != before


def test_defaults_are_copied_for_each_session(app):
    class S(lf.State):
        items: list[str] = []
        made: list[int] = lf.field(factory=lambda: [1])

    @app.page("/")
    def page():
        s = S()
        lf.button("add", on_click=lambda: (s.items.append("x"), s.made.append(2)))
        lf.text(f"{s.items} {s.made}")

    with lf.test(app) as one, lf.test(app) as other:
        one.click("add")
        one.sees("['x'] [1, 2]")
        other.sees("[] [1]")
        other.click("add")
        other.sees("['x'] [1, 2]")


def test_tracked_values_are_what_they_stand_for(open_page):
    seen = {}

    class S(lf.State):
        items: list[int] = [1]
        table: dict[str, int] = {"a": 1}
        names: set[int] = {1}
        pair: tuple[list[int], str] = ([1], "x")
        message: Message = Message("m")

    def page():
        s = S()
        seen["values"] = (s.items, s.table, s.names, s.pair, s.message)

    open_page(page)
    items, table, names, pair, message = seen["values"]
    assert isinstance(items, list)
    assert isinstance(table, dict)
    assert isinstance(names, set)
    assert (items, table, names, pair) == ([1], {"a": 1}, {1}, ([1], "x"))
    assert json.dumps([items, table]) == '[[1], {"a": 1}]'
    assert type(message) is Message
    assert message == Message("m")
    for value in (items, table, names):
        assert (
            type(copy.copy(value))
            is type(copy.deepcopy(value))
            is type(pickle.loads(pickle.dumps(value)))
        )
        assert type(copy.copy(value)).__module__ == "builtins"
    assert copy.deepcopy(message) == message


def test_writing_while_rendering_is_an_error_that_names_field_and_component(app):
    class S(lf.State):
        n: int = 0
        items: list[int] = []

    @app.page("/field")
    def field_page():
        S().n += 1

    @app.page("/list")
    def list_page():
        S().items.append(1)

    site = lf.testing.Site(app)
    for path, expected in {
        "/field": "StateError: S.n was changed while `field_page` was rendering",
        "/list": "StateError: a list was changed while `list_page` was rendering",
    }.items():
        status, body = site.get(path)
        assert status == 500
        assert expected in body


def test_a_state_outside_of_a_session_says_that_there_is_none():
    class S(lf.State):
        n: int = 0

    with pytest.raises(
        NoSessionError, match=r"S\(\) is a visitor's own, and no session is running here"
    ):
        S()
    with pytest.raises(StateError, match="each visitor's own"):
        S.of(lf.App())


def test_states_are_declared_with_words_that_mean_something():
    with pytest.raises(StateError, match="scope expected 'session', 'user' or 'app', got 'world'"):

        class Wrong(lf.State, scope="world"):
            pass

    with pytest.raises(StateError, match="got both"):
        lf.field(1, factory=int)


def test_unknown_attributes_and_missing_values_are_errors(open_page, refused):
    class S(lf.State):
        n: int

    def page():
        s = S()

        def unknown():
            s.m = 1

        lf.button("unknown", unknown)
        lf.button("missing", on_click=lambda: s.n)

    with open_page(page) as p:
        with refused(3, "AttributeError"):
            p.click("unknown")
        with refused(3, "`S.n` has no value yet"):
            p.click("missing")


def test_a_state_inherits_fields_and_scope(open_page):
    class Base(lf.State):
        n: int = 1

        def step(self):
            self.n += 1

    class Derived(Base):
        m: int = 10

    def page():
        s = Derived()
        lf.button("step", on_click=s.step)
        lf.text(f"{s.n} {s.m} {Base().n}")

    with open_page(page) as p:
        p.click("step")
        p.sees("2 10 1")


def test_touch_shows_what_could_not_be_noticed(open_page):
    class Opaque:
        n = 0

    class S(lf.State):
        value: object = lf.field(factory=Opaque)

    def page():
        s = S()
        lf.text(f"n is {s.value.n}")

        def change():
            s.value.n += 1

        def tell():
            s.touch("value")

        lf.button("change", change)
        lf.button("tell", tell)

    with open_page(page) as p:
        p.click("change")
        p.sees("n is 0")
        p.click("tell")
        p.sees("n is 1")


@pytest.mark.parametrize("value", [[], 0, "", None])
def test_a_value_without_annotation_is_no_field_and_says_so(value):
    with pytest.raises(errors.StateError, match="has no annotation, so all visitors would share"):
        type(lf.State)("Loose", (lf.State,), {"items": value})


def test_methods_properties_and_class_variables_need_no_annotation():
    class Fine(lf.State):
        LIMIT: ClassVar[int] = 3
        n: int = 0

        @property
        def double(self):
            return self.n * 2

        @staticmethod
        def helper():
            return 1

        class Inner:
            pass

    assert Fine.LIMIT == 3
