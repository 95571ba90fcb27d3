"""Actions: what the client does at once is data, which the server runs on its own values."""

import json
from enum import Enum
from pathlib import Path

import livefloe as lf
import pytest
from livefloe import _native, action, errors


class View(Enum):
    CHART = "chart"
    TABLE = "table"


class Board(lf.State):
    is_open: bool = False
    n: int = 0
    ratio: float = 0.5
    view: View = View.CHART
    saved: list[str] = []


def opened(page_function):
    app = lf.App()
    app.page("/")(page_function)
    return lf.test(app)


def test_a_toggle_works_on_a_cell_and_on_a_field():
    def page():
        details = lf.cell(False)
        lf.button("cell", on_click=lf.action.toggle(details))
        lf.button("field", on_click=lf.action.toggle(Board.is_open))
        lf.text(f"{details.value} {Board().is_open}")

    with opened(page) as page:
        page.click("cell")
        page.sees("True False")
        page.click("field")
        page.sees("True True")
        page.click("cell")
        page.sees("False True")


def test_an_expression_is_computed_from_what_the_server_has():
    def page():
        n = lf.cell(3)
        lf.button("add", on_click=lf.action.increment(n))
        lf.button("round", on_click=lf.action.set(n, lambda n: (n + 1) % 5))
        lf.button("limit", on_click=lf.action.set(n, (lf.expr(n) * 10).clamp(0, 25)))
        lf.button("ratio", on_click=lf.action.set(Board.ratio, lf.expr(Board.ratio) + 0.5))
        lf.button("view", on_click=lf.action.set(Board.view, View.TABLE))
        lf.text(f"{n.value} {Board().ratio!r} {Board().view!r}")

    with opened(page) as page:
        page.click("add")
        page.click("round")
        page.sees("0 0.5 <View.CHART")
        page.click("add")
        page.click("limit")
        page.sees("10 0.5")
        page.click("limit")
        page.sees("25 0.5")
        page.click("ratio")
        page.sees("25 1.0")
        page.click("view")
        page.sees("<View.TABLE")


def test_all_sides_compute_the_same():
    cases = json.loads((Path(__file__).parents[1] / "expressions.json").read_text())
    n = [0]

    def built(tree):
        if not isinstance(tree, list):
            return tree
        if not tree or tree[0] == "get":
            raise LookupError
        return lf.action.Expression(tree[0], *map(built, tree[1:]))

    for tree, expected in cases:
        try:
            expression = built(tree)
        except LookupError:
            continue  # bindings are a session's
        n[0] += 1
        if isinstance(expected, dict):
            with pytest.raises(ValueError, match=r"expected|no number|no operator"):
                _native.evaluate(expression)
        else:
            assert _native.evaluate(expression) == expected, tree
    assert n[0] > 40


def test_an_action_that_has_no_value_changes_nothing():
    def page():
        n, other = lf.cell(1), lf.cell("x")
        lf.button("bad", on_click=[lf.action.set(other, "y"), lf.action.set(n, lf.expr(n) / 0)])
        lf.text(f"{n.value} {other.value}")

    with opened(page) as page:
        with pytest.raises(errors.Refused, match="`div` of 1 and 0 is no number"):
            page.click("bad")
        page.sees("1 x")


def test_a_handler_runs_after_the_actions_beside_it_and_undoes_them_when_it_fails():
    def save(word: str):
        board = Board()
        assert not board.is_open, "the action came first"
        if word == "bad":
            raise lf.Invalid("Not that.")
        board.saved.append(word)

    async def wait(word: str):
        save(word)

    def stream(word: str):
        save(word)
        yield

    def page():
        close = lf.action.set(Board.is_open, False)
        lf.button("open", on_click=lf.action.set(Board.is_open, True))
        for handler in (save, wait, stream):
            for word in ("good", "bad"):
                name = f"{handler.__name__} {word}"
                lf.button(name, on_click=[close, handler], args=(word,), key=name)
        lf.text(f"{Board().is_open} {len(Board().saved)}")

    with opened(page) as page:
        for count, name in enumerate(("save", "wait", "stream")):
            page.click("open")
            with pytest.raises(errors.Refused, match="Not that"):
                page.click(f"{name} bad")
            page.sees(f"True {count}")
            page.click(f"{name} good")
            page.sees(f"False {count + 1}")


def test_what_the_client_alone_does_is_no_event():
    def page():
        lf.text_field("Name", id="name")
        lf.button("go", on_click=[lf.action.focus("#name"), lf.action.add_class("x", "#name")])
        with lf.form(on_submit=lf.action.copy("x")):
            lf.button("send", submit=True)
        lf.button("leave", on_click=lf.action.navigate("/thanks"))

    with opened(page) as page:
        html = page.html
        assert 'lf-click="" lf-act="[&quot;&quot;,[&quot;focus&quot;,&quot;#name&quot;]' in html
        assert 'lf-submit="" lf-act=' in html
        before = len(page.patches)
        page.click("go")
        page.click("send")
        assert len(page.patches) == before
        page.click("leave")
        assert page.navigated == "/thanks"


def test_pending_shows_until_the_handler_is_done():
    def like():
        Board().n += 1

    def page():
        lf.button("like", like, pending=lf.action.set(Board.n, lf.expr(Board.n) + 1))
        lf.text_field("a", on_input=like, pending=lf.action.add_class("busy"))
        lf.text(Board().n)

    with opened(page) as page:
        assert "lf-optimistic=" in page.html
        page.click("like")
        page.sees("1")


def test_panels_stay_on_the_page_and_lazy_ones_come_when_they_are_shown():
    runs = []

    def page():
        view = lf.cell("a")
        with lf.tabs("Views", selected=view) as tabs:
            with tabs.tab("A", "a"):
                lf.text_field("Name")
            with tabs.tab("B", "b"):
                lf.text("in b")
            with tabs.tab("C", "c", lazy=True) as is_wanted:
                if is_wanted:
                    runs.append(1)
                    lf.text("in c")
        lf.text(f"view {view.value}")

    with opened(page) as page:
        page.type("Name", "Ada")
        page.click("B")
        page.sees("view b")
        assert not runs
        page.click("C")
        page.sees("in c")
        page.click("A")
        page.sees("view a")
        assert "in c" in page.html, "it stays"
        assert page.value("Name") == "Ada"


def test_tabs_accordions_and_expanders_remember_by_themselves():
    def page():
        with lf.tabs("Views") as tabs:
            for title in ("One", "Two"):
                with tabs.tab(title) as is_shown:
                    lf.text(f"{title} {is_shown}")
        with lf.accordion() as accordion:
            for title in ("Who?", "Why?"):
                with accordion.item(title) as is_open:
                    lf.text(f"{title} {is_open}")
        with lf.expander("More") as is_open:
            lf.text(f"more {is_open}")
        with lf.expander("Less", open=True) as is_open:
            lf.text(f"less {is_open}")

    with opened(page) as page:
        page.sees("One True")
        page.misses("Two False")
        page.click("Two")
        page.misses("One True")
        page.misses("One False")
        page.sees("Two True")
        assert "One False" in page.html
        page.click("Who?")
        page.sees("Who? True")
        page.click("Why?")
        page.misses("Who? False")
        page.sees("Why? True")
        page.click("Why?")
        page.misses("Why? False")
        page.click("More")
        page.sees("more True")
        page.sees("less True")
        page.click("Less")
        page.misses("less False")
        page.restart()
        page.sees("more True")
        page.sees("Two True")


def test_any_element_follows_an_expression():
    def page():
        n = lf.cell(1)
        with lf.element("p", hidden=lf.expr(n) > 2, title=lf.expr(n).join(" left"), aria_busy=n):
            lf.text("few")
        lf.button("more", lf.action.increment(n))

    with opened(page) as page:
        page.sees("few")
        assert 'title="1 left" aria-busy="1"' in page.html
        page.click("more")
        page.click("more")
        page.misses("few")
        assert 'title="3 left"' in page.html


def test_dialogs_panels_and_menus():
    def rename(name: str):
        Board().saved.append(name)

    def page():
        asking = lf.cell(False)
        lf.button("ask", on_click=lf.action.set(asking, True))
        with lf.dialog("Really?", open=asking) as is_open:
            lf.text(f"asked {is_open}")
        with lf.panel(visible=~lf.expr(asking)) as is_shown:
            lf.text(f"panel {is_shown}")
        with lf.menu("More") as menu:
            menu.item("Rename", rename, args=("x",))
            menu.separator()
            menu.item("Drop", lf.action.set(asking, True), danger=True)
            menu.link("Help", "/help")
        lf.text(f"saved {len(Board().saved)}")

    with opened(page) as page:
        page.sees("panel True")
        page.click("ask")
        page.sees("asked True")
        page.misses("panel False")
        page.click("Close")
        page.sees("panel True")
        page.click("Rename")
        page.sees("saved 1")
        page.click("Drop")
        page.sees("asked True")


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: lf.action.toggle(3), TypeError, "a cell, or a field of a state's class"),
        (lambda: lf.expr(Board), TypeError, "a cell, or a field"),
        (lambda: bool(lf.expr(Board.n)), TypeError, "neither true nor false here: write &"),
        (lambda: lf.action.navigate("//evil.example"), ValueError, "a path of this app"),
        (lambda: lf.action.navigate("javascript:alert(1)"), ValueError, "a path of this app"),
        (lambda: lf.action.attribute("onclick", "x"), ValueError, "runs nothing"),
        (lambda: action.resolve([1]), errors.HandlerError, "at most one function"),
        (lambda: action.resolve([print, print]), errors.HandlerError, "at most one function"),
    ],
)
def test_what_is_no_action_says_so(make, error, words):
    with pytest.raises(error, match=words):
        make()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (lambda: lf.button("x", on_click=lf.action.toggle(Board.saved)), "truths, numbers, texts"),
        (lambda: lf.button("x", on_click=3), "a function or an lf.action, got int"),
        (lambda: lf.button("x", print, pending=print), "pending= expected an lf.action"),
        (lambda: lf.tabs("x"), "did not open it"),
        (lambda: lf.dialog("x", open=True), "a cell, or a field"),
    ],
)
def test_a_page_with_something_else_says_so(body, words):
    def page():
        body()

    app = lf.App()
    app.page("/")(page)
    with pytest.raises(errors.LivefloeError, match=words):
        lf.test(app).__enter__()
