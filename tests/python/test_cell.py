"""Cells: a component's own values, kept by the place of the call."""

from __future__ import annotations

import livefloe as lf
import pytest


def test_a_cell_belongs_to_its_component_and_runs_only_that_again(open_page):
    runs = []

    @lf.component
    def counter(label):
        runs.append(label)
        n = lf.cell(0)
        lf.button(f"{label} +1", on_click=lambda: n.set(n.value + 1))
        lf.button(f"{label} double", on_click=lambda: n.update(lambda value: value * 2))
        lf.text(f"{label} is {n.value}")

    def page():
        runs.append("page")
        counter("left")
        counter("right")

    with open_page(page) as p:
        runs.clear()
        p.click("left +1")
        p.click("left double")
        p.sees("left is 2")
        p.sees("right is 0")
        assert runs == ["left", "left"]
        p.click("right +1")
        p.sees("right is 1")


def test_it_stays_under_conditions_in_loops_and_while_its_component_is_away(open_page):
    class S(lf.State):
        names: list[str] = ["a", "b", "c"]
        is_shown: bool = True
        has_title: bool = False

    @lf.component
    def item(name):
        n = lf.cell(0)
        lf.button(f"add {name}", on_click=lambda: n.set(n.value + 1))
        lf.text(f"{name}={n.value}")

    def page():
        s = S()

        def turn():
            s.names.reverse()

        def hide():
            s.is_shown = not s.is_shown

        def head():
            s.has_title = not s.has_title

        lf.button("turn", turn)
        lf.button("hide", hide)
        lf.button("head", head)
        if s.has_title:
            title = lf.cell("title")
            lf.text(title.value)
        if s.is_shown:
            for name in s.names:
                item(name, key=name)

    with open_page(page) as p:
        p.click("add b")
        p.click("add b")
        p.click("add c")
        for action in ("turn", "head", "hide", "hide", "turn", "head"):
            p.click(action)
        p.sees("b=2")
        p.sees("c=1")
        p.sees("a=0")


def test_controls_can_be_bound_to_it(open_page):
    def page():
        name = lf.cell("Ada")
        age = lf.cell(36)
        ratio = lf.cell(0.5)
        is_on = lf.cell(False)
        colour = lf.cell("red")
        lf.text_field("Name", bind=name)
        lf.number("Age", bind=age)
        lf.slider("Ratio", 0, 1, bind=ratio)
        lf.checkbox("On", bind=is_on)
        lf.select("Colour", ["red", "blue"], bind=colour)
        values = (name.value, age.value, ratio.value, is_on.value, colour.value)
        lf.text(f"{values}")

    with open_page(page) as p:
        p.sees("('Ada', 36, 0.5, False, 'red')")
        assert p.value("Name") == "Ada"
        p.type("Name", "Grace")
        p.type("Age", "85")
        p.type("Ratio", "1")
        p.check("On")
        p.type("Colour", "blue")
        p.sees("('Grace', 85, 1.0, True, 'blue')")


def test_what_is_in_it_is_tracked_and_undone(open_page, refused):
    def page():
        items = lf.cell(["a"])

        def add():
            items.value.append("b")

        def fail():
            items.value.append("c")
            items.value = ["d"]
            raise ValueError("no")

        lf.button("add", add)
        lf.button("fail", fail)
        lf.text(", ".join(items.value))

    with open_page(page) as p:
        p.click("add")
        p.sees("a, b")
        with refused(3, "no"):
            p.click("fail")
        p.click("add")
        p.sees("a, b, b")


def test_each_visitor_has_their_own(app):
    shared = ["a"]

    @app.page("/")
    def page():
        items = lf.cell(shared)
        lf.button("add", on_click=lambda: items.value.append("b"))
        lf.text(str(items.value))

    with lf.test(app) as one, lf.test(app) as two:
        one.click("add")
        one.sees("['a', 'b']")
        two.sees("['a']")
        assert shared == ["a"]


def test_it_is_there_again_after_a_restart(app):
    class Opaque:
        pass

    @lf.component
    def inside():
        n = lf.cell(0)
        away = lf.cell(0, save=False)
        opaque = lf.cell(Opaque())
        lf.button("add", on_click=lambda: (n.set(n.value + 1), away.set(5)))
        lf.text(f"n={n.value} away={away.value} {type(opaque.value).__name__}")

    @app.page("/")
    def page():
        inside()

    with lf.test(app) as p:
        p.click("add")
        p.sees("n=1 away=5")
        p.restart()
        p.sees("n=1 away=0 Opaque", within_s=5)
        p.click("add")
        p.restart()
        p.sees("n=2 away=0 Opaque", within_s=5)


def test_what_a_component_keeps_while_it_is_away_outlives_a_restart(app):
    class S(lf.State):
        is_shown: bool = True

    @lf.component
    def inside():
        n = lf.cell(0)
        lf.button("add", on_click=lambda: n.set(n.value + 1))
        lf.text(f"n={n.value}")

    @app.page("/")
    def page():
        def flip():
            S().is_shown = not S().is_shown

        lf.button("flip", flip)
        if S().is_shown:
            inside()

    with lf.test(app) as p:
        p.click("add")
        p.click("flip")
        p.restart()
        p.misses("n=")
        p.click("flip")
        p.sees("n=1")


def test_the_longest_unused_make_room(app):
    class S(lf.State):
        first: int = 0

    @lf.component
    def item(number):
        n = lf.cell(0)
        n_again = lf.cell(number)
        lf.button(f"add {number}", on_click=lambda: n.set(n.value + 1))
        lf.text(f"{number}={n.value},{n_again.value};")

    @app.page("/")
    def page():
        def go(first):
            S().first = first

        for first in (0, 1500, 3000):
            lf.button(f"from {first}", go, args=(first,))
        for number in range(S().first, S().first + 700):
            item(number, key=number)

    def shows(p, text):
        assert text in p.text  # which is too long to be printed

    with lf.test(app) as p:
        p.click("add 0")
        p.click("from 1500")
        p.click("add 1500")
        p.click("from 0")
        shows(p, " 0=1,0;")
        p.click("from 1500")
        p.click("from 3000")  # 4,200 cells by now, of which at most 4,096 stay
        p.click("from 1500")
        shows(p, " 1500=1,1500;")
        p.click("from 0")
        shows(p, " 0=0,0;")


def test_too_many_on_one_page_are_an_error(app):
    @app.page("/")
    def page():
        for number in range(5000):
            lf.cell(0, key=number)

    status, body = lf.testing.Site(app).get("/")
    assert status == 500
    assert "at most 4096 cells" in body


def test_one_key_twice_and_a_cell_outside_of_rendering_are_errors(open_page, refused):
    def page():
        lf.button("make", on_click=lambda: lf.cell(0))

        def twice():
            S().n = 1

        lf.button("twice", twice)
        for key in "aa" if S().n else "ab":
            lf.cell(0, key=key)

    class S(lf.State):
        n: int = 0

    with open_page(page) as p:
        with refused(3, "lf.cell was called outside of rendering"):
            p.click("make")
        with refused(3, "two of `cell` have the key 'a'"):
            p.click("twice")


@pytest.mark.parametrize("value", [3, "text", None])
def test_only_fields_and_cells_can_be_bound(open_page, value, app):
    @app.page("/")
    def page():
        lf.text_field("Name", bind=value)

    status, body = lf.testing.Site(app).get("/")
    assert status == (200 if value is None else 500)
    if value is not None:
        assert "or a cell, got" in body
