"""Fields that the page's address or the visitor's browser has as well."""

from __future__ import annotations

import datetime
import enum
import html
import json
import logging
import re
from typing import Any, Literal
from urllib.parse import parse_qsl, urlencode

import livefloe as lf
import pytest
from livefloe.errors import StateError, TestFailed

from visitor import Visitor, get


class Colour(enum.Enum):
    RED = "r"
    BLUE = "b"


class Search(lf.State):
    words: str = lf.field("", url="q")
    page: int = lf.field(1, url="page", push=True)
    heat: float = lf.field(0.7, url="t")
    exact: bool = lf.field(False, url="exact")
    order: Literal["new", "old"] = lf.field("new", url="order")
    colour: Colour = lf.field(Colour.RED, url="colour")
    day: datetime.date = lf.field(datetime.date(2026, 1, 31), url="day")
    most: int | None = lf.field(10, url="most")
    tags: list[str] = lf.field(["a"], url="tag")
    numbers: list[int] = lf.field([], url="n")
    kept_inside: int = 0


class Taste(lf.State):
    theme: Literal["light", "dark"] = lf.field("light", browser="theme")
    sizes: list[int] = lf.field([1], browser="sizes")


FIELDS = [name for name, _ in Search.__livefloe_mirrored__]


def search_page():
    s = Search()
    lf.text(" ".join(f"{name}={getattr(s, name)!r}" for name in FIELDS))

    def change(**values):
        for name, value in values.items():
            setattr(s, name, value)

    lf.button("more", lambda: change(page=2, heat=1.5, exact=True, order="old"))
    lf.button(
        "others", lambda: change(colour=Colour.BLUE, day=datetime.date(2027, 1, 1), most=None)
    )
    lf.button("tag", lambda: s.tags.append("b c"))
    lf.button("no tags", lambda: s.tags.clear())
    lf.button("back", lambda: change(**{n: m.default for n, m in Search.__livefloe_mirrored__}))


def addresses(text: str) -> list[tuple[dict[str, str], list[tuple[str, str]]]]:
    """The elements that keep the address, and what they say."""
    found = []
    for tag in re.findall(r"<lf-address[^>]*>", text):
        attributes = {
            name: html.unescape(value or "")
            for name, value in re.findall(r'([\w-]+)(?:="([^"]*)")?', tag[len("<lf-address") :])
        }
        found.append((attributes, parse_qsl(attributes["query"], keep_blank_values=True)))
    return found


def query(text: str) -> dict[str, list[str]]:
    pairs: dict[str, list[str]] = {}
    for _, parameters in addresses(text):
        for name, value in parameters:
            pairs.setdefault(name, []).append(value)
    return pairs


GIVEN = [
    ("?q=ice+cream", "words='ice cream'"),
    ("?page=3", "page=3"),
    ("?t=2", "heat=2.0"),
    ("?exact=true", "exact=True"),
    ("?order=old", "order='old'"),
    ("?colour=b", "colour=<Colour.BLUE: 'b'>"),
    ("?day=2027-02-03", "day=datetime.date(2027, 2, 3)"),
    ("?most=", "most=None"),
    ("?tag=x&tag=y", "tags=['x', 'y']"),
    ("?tag=", "tags=[]"),
    ("?n=1&n=2", "numbers=[1, 2]"),
    ("?q=", "words=''"),
]


@pytest.mark.parametrize(("address", "shown"), GIVEN)
def test_the_first_value_is_what_the_address_says(open_page, address, shown):
    with open_page(search_page, query=address) as p:
        p.sees(shown)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("?page=many", "page=1 "),
        ("?t=inf", "heat=0.7 "),
        ("?exact=perhaps", "exact=False"),
        ("?order=random", "order='new'"),
        ("?colour=green", "Colour.RED"),
        ("?day=yesterday", "datetime.date(2026, 1, 31)"),
        ("?n=1&n=two", "numbers=[]"),
        ("?kept_inside=5&words=no", "words='' "),
    ],
)
def test_what_does_not_fit_gives_the_default(open_page, address, shown, caplog):
    with caplog.at_level(logging.WARNING, "livefloe"), open_page(search_page, query=address) as p:
        p.sees(shown)
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == (0 if "kept_inside" in address else 1)
    assert all(re.match(r"Search\.\w+ has its default: expected ", line) for line in said)


def test_the_address_follows_and_leaves_defaults_out(open_page):
    with open_page(search_page) as p:
        assert query(p.html) == {}
        p.click("more")
        assert query(p.html) == {"page": ["2"], "t": ["1.5"], "exact": ["true"], "order": ["old"]}
        p.click("others")
        p.click("tag")
        assert query(p.html)["colour"] == ["b"]
        assert query(p.html)["day"] == ["2027-01-01"]
        assert query(p.html)["most"] == [""]
        assert query(p.html)["tag"] == ["a", "b c"]
        p.click("no tags")
        assert query(p.html)["tag"] == [""]
        p.click("back")
        assert query(p.html) == {}


def test_what_is_pushed_has_an_element_of_its_own(open_page):
    with open_page(search_page) as p:
        first, second = (attributes for attributes, _ in addresses(p.html))
        assert "push" not in first
        assert "push" in second
        assert second["names"] == "page"


def test_only_what_shows_the_address_is_patched(open_page):
    @lf.component
    def hidden():
        lf.button("turn up", lambda: setattr(Search(), "heat", 0.9))

    def page():
        hidden()
        lf.text("quiet")

    with open_page(page) as p:
        assert addresses(p.html) == []
        p.click("turn up")
        assert query(p.html) == {"t": ["0.9"]}
        p.click("turn up")
        p.sees("quiet")


def test_a_state_that_a_component_uses_later_is_shown_too(open_page):
    class Open(lf.State):
        is_open: bool = False

    @lf.component
    def drawer():
        if Open().is_open:
            lf.text(f"heat {Search().heat}")
            lf.button("hot", lambda: setattr(Search(), "heat", 3.0))

    runs = []

    def page():
        runs.append(1)
        drawer()
        lf.button("open", lambda: setattr(Open(), "is_open", True))

    with open_page(page, query="?t=2") as p:
        p.click("open")
        p.sees("heat 2.0")
        assert query(p.html) == {"t": ["2.0"]}
        n_runs = len(runs)
        p.click("hot")
        assert query(p.html) == {"t": ["3.0"]}
        assert len(runs) == n_runs
        # Nothing but that attribute, and the text.
        assert len(p.last_patch.operations) == 2


def test_a_state_that_work_beside_the_session_uses_first_is_shown_too(open_page):
    def page():
        lf.button("work", lambda: lf.spawn(lambda: setattr(Search(), "heat", 4.0)))

    with open_page(page) as p:
        p.click("work")
        p.settled()
        p.wait(lambda: query(p.html) == {"t": ["4.0"]})


def test_pages_without_such_fields_have_nothing_of_it(open_page):
    class Plain(lf.State):
        n: int = 0

    with open_page(lambda: lf.text(f"n={Plain().n}")) as p:
        assert "lf-address" not in p.html
        assert "lf-kept" not in p.html
        assert p.html.count("<lf-c") == 0


def test_the_session_keeps_its_values_over_a_restart(open_page):
    with open_page(search_page, query="?t=2") as p:
        p.click("more")
        p.restart()
        p.sees("heat=1.5")
        assert query(p.html)["t"] == ["1.5"]


class Client(Visitor):
    """One that goes back and forward, and has a browser's storage."""

    def tell(self, element: str, component: int, payload: str) -> None:
        handler = re.search(rf'<{element}[^>]*lf-change="([^"]*)"', self.page)[1]
        self.seq += 1
        self.send(
            kind="event",
            seq=self.seq,
            seen=self.applied,
            component=component,
            handler=handler,
            payload=payload,
        )
        self.until(lambda: self.settled >= self.seq)


@pytest.fixture
def visit(app):
    visitors = []

    def visit(page, address="/"):
        app.page("/")(page)
        server = app.start()
        visitor = Client(server.address + address).join()
        visitors.append((server, visitor))
        return visitor

    yield visit
    for server, visitor in visitors:
        visitor.close()
        server.stop()


def test_back_and_forward_give_the_fields_their_values(visit):
    states = []

    def page():
        states.append(Search())
        search_page()

    visitor = visit(page, "/?t=2&q=ice&order=old")
    s = states[0]
    assert (s.heat, s.words, s.order) == (2, "ice", "old")
    moved = urlencode({"query": "t=9&n=4&n=5&order=nonsense&kept_inside=7&page=5"})
    visitor.tell("lf-address", 1, moved)
    assert (s.heat, s.numbers) == (9, [4, 5])
    assert s.words == "", "what the address lacks has its default"
    assert s.order == "new", "and so has what doesn't fit"
    assert (s.kept_inside, s.page) == (0, 1), "others' are not touched"
    assert any("9.0" in str(operation) for operation in visitor.operations)


def test_what_the_browser_kept_comes_back_if_it_fits(visit, caplog):
    states = []

    def page():
        states.append(Taste())
        lf.text(f"theme={Taste().theme}")

    visitor = visit(page)
    taste = states[0]
    assert 'value="&quot;light&quot;"' in visitor.page or "value='\"light\"'" in visitor.page
    visitor.tell("lf-kept", 1, urlencode({"theme": json.dumps("dark")}))
    assert taste.theme == "dark"
    for bad in ["[1]", "{}", "7", '"purple"', "purple", "[" * 5000]:
        visitor.tell("lf-kept", 1, urlencode({"theme": json.dumps("dark")}))
        with caplog.at_level(logging.WARNING, "livefloe"):
            visitor.tell("lf-kept", 1, urlencode({"theme": bad}))
        assert taste.theme == "light", bad
        assert "Taste.theme has its default" in caplog.text
        caplog.clear()
    visitor.tell("lf-kept", 1, urlencode({"theme": "dark"}))
    assert taste.theme == "dark", "text that is not JSON is taken as it is"
    visitor.tell("lf-kept", 1, urlencode({"theme": ""}))
    assert taste.theme == "light", "nothing is kept any more"


def test_a_page_that_is_asked_for_with_anything_answers(app):
    app.page("/")(search_page)
    with app.start() as server:
        for address in ["?t=%FF%00", "?n=" + "9" * 5000, "?day=%F0%9F%98%80&exact=&colour="]:
            assert get(server.address + "/" + address)[0] == 200


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"url": "t"}, "expected a default, got none"),
    ({"factory": list, "url": "t"}, "expected a default, got none"),
    ({"default": 1, "url": "t", "browser": "t"}, "got both"),
    ({"default": 1, "url": "a b"}, "without spaces"),
    ({"default": 1, "browser": ""}, "without spaces"),
    ({"default": 1, "push": True}, "say url=…"),
    ({"default": 1, "browser": "t", "push": True}, "say url=…"),
]


@pytest.mark.parametrize(("options", "problem"), WRONG)
def test_a_field_that_makes_no_sense_is_refused(options, problem):
    with pytest.raises(StateError, match=re.escape(problem)):
        lf.field(**options)


def test_shared_fields_are_in_no_address():
    with pytest.raises(StateError, match=r"Room\.n is shared"):

        class Room(lf.State, scope="app"):
            n: int = lf.field(0, url="n")


def test_two_fields_of_one_name_are_an_error(open_page):
    class One(lf.State):
        n: int = lf.field(0, url="n")

    class Two(lf.State):
        n: int = lf.field(0, url="n")

    def page():
        lf.text(f"{One().n} {Two().n}")

    with pytest.raises(TestFailed, match=r"Two\.n has url='n', which is One\.n's"):
        open_page(page)


def test_a_field_of_a_type_that_is_no_text_is_an_error(open_page):
    class Bad(lf.State):
        value: dict[str, int] = lf.field({}, url="v")

    with pytest.raises(TestFailed, match=r"Bad\.value is to be part of the address"):
        open_page(lambda: lf.text(Bad().value))
