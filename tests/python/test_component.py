"""Components: placed by being called, known by where they are called."""

from __future__ import annotations

from dataclasses import dataclass

import livefloe as lf
import pytest
from livefloe.errors import RenderError


class S(lf.State):
    items: list[str] = ["a", "b", "c"]
    is_first: bool = True
    n: int = 0

    def step(self):
        self.n += 1

    def toggle(self):
        self.is_first = not self.is_first

    def drop_first(self):
        self.items.pop(0)

    def reverse(self):
        self.items.reverse()


def test_unchanged_arguments_keep_a_child_from_running(open_page):
    runs = []

    @lf.component
    def child(label, /, *, size=1):
        runs.append(label)
        lf.text(label)

    def page():
        s = S()
        lf.button("step", on_click=s.step)
        child("same", size=s.n - s.n)
        child(f"n {s.n}")

    with open_page(page) as p:
        assert runs == ["same", "n 0"]
        runs.clear()
        p.click("step")
        assert runs == ["n 1"]
        p.sees("n 1")


def test_two_calls_on_one_line_are_two_components(open_page):
    ids = []

    @lf.component
    def child(label):
        ids.append(label)
        lf.text(label)

    def page():
        child("one")
        child("two")
        lf.button("step", on_click=S().step)
        lf.text(S().n)

    with open_page(page) as p:
        p.sees("one two")
        p.click("step")
        p.sees("one two")
        assert ids == ["one", "two"]


def test_what_stands_before_does_not_change_who_is_who(open_page):
    runs = []

    @lf.component
    def child():
        runs.append("child")
        lf.text("child")

    def page():
        s = S()
        lf.button("toggle", on_click=s.toggle)
        if s.is_first:
            lf.text("something")
            lf.button("other", on_click=s.step)
        child()

    with open_page(page) as p:
        p.click("toggle")
        p.misses("something")
        p.click("toggle")
        p.sees("something")
        assert runs == ["child"]


def test_keys_let_children_move_with_what_they_are(open_page):
    runs = []

    @lf.component
    def row(text):
        runs.append(text)
        lf.text(text, key=text)

    def page():
        s = S()
        lf.button("drop", on_click=s.drop_first)
        lf.button("reverse", on_click=s.reverse)
        for item in s.items:
            row(item, key=item)

    with open_page(page) as p:
        runs.clear()
        p.click("drop")
        assert p.text == "drop reverse b c"
        p.click("reverse")
        assert p.text == "drop reverse c b"
        assert runs == []


def test_children_of_a_loop_without_keys_are_known_by_their_turn(open_page):
    runs = []

    @lf.component
    def row(text):
        runs.append(text)
        lf.text(text)

    def page():
        s = S()
        lf.button("drop", on_click=s.drop_first)
        for item in s.items:
            row(item)

    with open_page(page) as p:
        runs.clear()
        p.click("drop")
        assert p.text == "drop b c"
        assert runs == ["b", "c"]


def test_a_helper_called_twice_has_its_own_children_each_time(open_page):
    @lf.component
    def child(label):
        lf.text(label)

    def helper(label):
        with lf.row():
            child(label)
            lf.button(label, on_click=S().step)

    def page():
        helper("one")
        helper("two")
        lf.text(S().n)

    with open_page(page) as p:
        p.sees("one one two two 0")


def test_components_nest_and_each_runs_for_itself(open_page):
    runs = []

    @lf.component
    def tree(depth):
        runs.append(depth)
        lf.text(f"depth {depth}: {S().n if depth == 0 else ''}")
        if depth:
            tree(depth - 1)

    def page():
        lf.button("step", on_click=S().step)
        tree(3)

    with open_page(page) as p:
        assert runs == [3, 2, 1, 0]
        runs.clear()
        p.click("step")
        assert runs == [0]
        p.sees("depth 0: 1")


def test_a_child_that_is_no_longer_placed_does_not_run(open_page):
    runs = []

    @lf.component
    def item(index):
        runs.append(index)
        lf.text(S().items[index])

    def page():
        s = S()
        lf.button("drop", on_click=s.drop_first)
        for index in range(len(s.items)):
            item(index, key=index)

    with open_page(page) as p:
        runs.clear()
        p.click("drop")
        assert p.text == "drop b c"
        assert runs == [0, 1]


@dataclass
class Item:
    text: str


def test_a_data_class_handed_down_runs_only_the_child_that_has_it(open_page):
    runs = []

    class Todo(lf.State):
        items: list[Item] = [Item("a"), Item("b")]

    @lf.component
    def row(item):
        runs.append(item.text)
        lf.text(item.text)

    @lf.component
    def rows():
        for index, item in enumerate(Todo().items):
            row(item, key=index)

    def page():
        def change():
            Todo().items[1].text = "changed"

        lf.button("change", change)
        rows()

    with open_page(page) as p:
        runs.clear()
        p.click("change")
        p.sees("a changed")
        assert runs == ["changed"]


def test_the_parent_of_a_component_may_catch_its_error(open_page):
    @lf.component
    def fragile():
        with lf.card("half"):
            lf.text("lost")
            raise ValueError("no")

    def page():
        try:
            fragile()
        except ValueError:
            lf.alert("could not show this", "error")

    with open_page(page) as p:
        assert p.text == "could not show this"


def test_duplicate_keys_are_an_error(app):
    @lf.component
    def row():
        lf.text("row")

    @app.page("/")
    def page():
        for _ in range(2):
            row(key="same")

    status, body = lf.testing.Site(app).get("/")
    assert status == 500
    assert "two of `row` have the key" in body


def test_what_can_not_render_is_refused_when_it_is_decorated(app):
    async def asynchronous(): ...
    def generator():
        yield

    for function, expected in [
        (asynchronous, "async"),
        (generator, "a generator"),
        ("text", "expected a function"),
    ]:
        with pytest.raises(RenderError, match=expected):
            lf.component(function)
        with pytest.raises(RenderError, match=expected):
            app.page("/")(function)


def test_a_component_has_the_name_and_documentation_of_its_function():
    @lf.component
    def child(label: str) -> None:
        """Says something."""

    assert child.__name__ == "child"
    assert child.__doc__ == "Says something."
    assert "child" in repr(child)


def test_a_component_returns_nothing(app):
    @app.page("/")
    def page():
        return "html"

    status, body = lf.testing.Site(app).get("/")
    assert status == 500
    assert "`page` returned a str" in body


def test_widgets_and_components_outside_of_rendering_say_so():
    @lf.component
    def child(): ...

    with pytest.raises(RenderError, match=r"lf.text was called outside of rendering"):
        lf.text("x")
    with pytest.raises(RenderError, match=r"lf.child was called outside of rendering"):
        child()


def test_a_container_without_with_is_found(app):
    @app.page("/")
    def page():
        lf.row()
        lf.text("not in a row")

    status, body = lf.testing.Site(app).get("/")
    assert status == 500
    assert "`page` made lf.row(…) and did not open it" in body


def test_the_title_is_the_page_s(open_page):
    def page():
        lf.title(f"n is {S().n}")
        lf.button("step", on_click=S().step)

    with open_page(page) as p:
        assert p.title == "n is 0"
        p.click("step")
        assert p.title == "n is 1"


def test_components_of_a_class_take_the_instance(open_page):
    class View:
        def __init__(self, name):
            self.name = name

        @lf.component
        def show(self):
            lf.text(f"I am {self.name}")

    view = View("Ada")

    def page():
        view.show()

    with open_page(page) as p:
        p.sees("I am Ada")


def test_the_place_of_a_call_stays_the_same_while_python_makes_it_faster(open_page):
    """Python specialises a call after it has run some times, which must not change its id."""
    htmls = []

    def page():
        s = S()
        for item in range(8):
            lf.button(f"step {item}", on_click=s.step)
        lf.button("step", s.step)
        if s.n < 0:
            lf.text(s.n)

    with open_page(page) as p:
        for _ in range(40):
            p.click("step")
            htmls.append(p.html)
    assert len(set(htmls)) == 1
    assert p.patches == []


def test_another_thing_that_is_equal_is_not_the_same_thing(open_page):
    @dataclass
    class Item:
        text: str

    class S(lf.State):
        items: list[Item] = [Item("a"), Item("a")]
        index: int = 0

    runs = []

    @lf.component
    def shown(item, plain, more=None):
        runs.append(1)
        lf.text(f"{item.text} {plain} {more}")

    def page():
        s = S()

        def turn():
            s.index = 1 - s.index

        def write():
            s.items[s.index].text += "!"

        lf.button("turn", turn)
        lf.button("write", write)
        lf.button("nothing", s.touch, args=("index",))
        shown(s.items[s.index], [1, {"a": (2, None)}], more={"b": [3]})

    with open_page(page) as p:
        p.click("nothing")
        assert runs == [1]  # plain values are compared
        p.click("turn")
        p.click("write")
        p.sees("a! [1, {'a': (2, None)}] {'b': [3]}")
