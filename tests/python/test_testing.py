"""Driving pages without a browser: what is found, done and said."""

from __future__ import annotations

import asyncio
import re
import threading
from typing import get_args

import livefloe as lf
import pytest
from livefloe.errors import Refused, TestFailed
from livefloe.testing import Element, Page, Role, Site


class Todo(lf.State):
    items: list[str] = []
    size: str = "s"
    urgent: bool = False
    n: int = 0

    def add(self, title: str, where: str = ""):
        if not title:
            raise lf.Invalid(title="say what")
        self.items.append(f"{title} {where}".strip())

    def remove(self, index: int):
        del self.items[index]

    def count(self):
        self.n += 1

    def count_slowly(self):
        lf.spawn(asyncio.sleep, 0, then=self.counted)

    def counted(self, _):
        self.n += 1
        if self.n < 100:
            lf.spawn(asyncio.sleep, 0, then=self.counted)

    def steps(self):
        for _ in range(5):
            self.n += 1
            yield


def todo():
    s = Todo()
    lf.heading("To do", level=1)
    with lf.form(on_submit=s.add):
        lf.text_field("Title", "title")
        lf.radio("Where", {"h": "Home", "w": "Work"}, name="where")
        lf.button("Add", submit=True)
    lf.select("Size", {"s": "Small", "l": "Large"}, bind=Todo.size)
    lf.checkbox("Urgent", bind=Todo.urgent)
    with lf.element("ul"):
        for index, item in enumerate(s.items):
            with lf.element("li", key=item):
                lf.text(item)
                lf.button("Remove", s.remove, args=(index,))
    lf.text(f"counted {s.n}")
    for name, handler in (("Count", s.count), ("Slowly", s.count_slowly), ("Steps", s.steps)):
        lf.button(name, handler)
    lf.button("Nothing", disabled=True)
    lf.link("About", "/about")


@pytest.fixture
def page(app):
    app.page("/")(todo)
    with lf.test(app) as page:
        yield page


def fails(text: str):
    return pytest.raises(TestFailed, match=re.escape(text))


def test_the_roles_are_those_of_the_framework():
    assert list(get_args(Role)) == lf._native.roles()


def test_elements_are_found_and_say_what_they_are(page):
    heading = page.get("heading", "To do")
    assert (heading.role, heading.name, heading.text) == ("heading", "To do", "To do")
    assert repr(heading) == '<heading "To do" [level=1]>'
    assert page.get(text="counted 0").role == "paragraph"
    assert page.get(label="Urgent").checked is False
    assert page.get("combobox").value == "s"
    assert page.get("button", re.compile("^Noth")).disabled
    assert page.get("link").attribute("href") == "/about"
    assert page.get("link").attribute("title") is None
    assert page.get(label=re.compile("(?i)title")) == page.get("textbox", name="Title")
    assert [radio.name for radio in page.get("radiogroup").all("radio")] == ["Home", "Work"]
    assert len({page.get("heading"), page.get(text="To do")}) == 1
    assert page.get("heading") != page.get("link")


def test_what_is_not_there_or_twice_says_what_there_is(page):
    with fails('expected button "Ad", found none; every button there is:\n  1. button "Add"'):
        page.get("button", "Ad")
    with fails("expected dialog, found none; the page shows:\n  - heading"):
        page.get("dialog")
    with fails('expected button /^.$/, found none; every button there is:\n  1. button "Add"'):
        page.get("button", re.compile("^.$"))
    with fails('radiogroup "Where" has no choice "Moon"; it has "Home", "Work"'):
        page.select("Where", "Moon")
    with fails("expected to see 'more'; the page shows:\n  - heading \"To do\""):
        page.sees("more")
    with fails("expected not to see 'To do'; the page shows:"):
        page.misses("To do")
    with pytest.raises(ValueError, match=r"expected a role such as button, .*, got `buton`"):
        page.get("buton")
    with pytest.raises(TypeError, match="compiled pattern"):
        page.get("button", 3)
    with pytest.raises(TypeError, match="expected a str or an Element, got int"):
        page.click(3)
    for item in ("milk", "tea"):
        page.type("Title", item)
        page.click("Add")
    with fails('expected one thing to click called "Remove", found 2:\n  1. button "Remove", in'):
        page.click("Remove")
    with fails('expected listitem that has "…coffee…" in it, found none; every listitem there is'):
        page.get("listitem", has="coffee")
    page.get("listitem", has="tea").get("button").click()
    page.misses("tea")


def test_a_form_is_filled_in_by_what_people_see(page):
    page.type("Title", "milk")
    page.select("Where", "Home")
    page.select(page.get(label="Where"), "Work")
    assert page.value("Where") == "w"
    page.press("Title", "Enter")
    assert page.get("listitem").text == "milk w Remove"
    page.get(label="Title").type("")
    with pytest.raises(Refused) as refused:
        page.get("button", "Add").submit()
    assert refused.value.fields == {"title": "say what"}
    page.select("Size", "Large")
    assert (page.value("Size"), page.get("combobox").value) == ("l", "l")
    page.get("checkbox").check()
    assert page.get("checkbox").checked is True
    page.get("checkbox").check(False)
    assert page.get("checkbox").checked is False
    page.get("link").click()
    assert page.navigated == "/about"


def test_an_element_that_is_gone_says_so(page):
    page.type("Title", "milk")
    page.click("Add")
    remove = page.get("button", "Remove")
    remove.click()
    with fails('button "Remove" is no longer on the page, find it again; the page shows:'):
        remove.click()
    with fails('button "Remove" is no longer on the page'):
        _ = remove.text
    with fails('button "Remove" is no longer on the page'):
        remove.get("img")
    assert not remove.visible
    assert repr(remove) == '<button "Remove", which is gone>'


def test_changes_are_said_in_words(page):
    page.click("Count")
    assert page.changes == ["- paragraph: counted 0", "+ paragraph: counted 1"]
    assert page.touched == [page.get(text="counted 1")]
    assert page.last_patch.operations == ['paragraph: the text "counted 0" becomes "counted 1"']
    assert page.new_patches == [page.last_patch]
    page.check("Urgent")
    assert page.changes == ['- checkbox "Urgent"', '+ checkbox "Urgent" [checked]']
    page.type("Title", "milk")
    page.click("Add")
    assert "+ listitem:" in page.changes
    assert "list: listitem: milk Remove comes at 0" in page.last_patch.operations


def test_a_page_without_patches_has_no_last_one(page):
    assert page.patches == page.new_patches == []
    with fails("expected a patch, none has come"):
        _ = page.last_patch


def test_settled_waits_for_generators_and_work(page):
    page.click("Steps")
    page.settled()
    page.sees("counted 5")
    page.click("Slowly")
    page.settled()
    page.sees("counted 100")


def test_settled_waits_for_resources(app):
    class Report(lf.State):
        n: int = 1

        @lf.resource
        async def total(self) -> int:
            n = self.n
            await asyncio.sleep(0.02)
            return n * 10

        def more(self):
            self.n += 1

    def report():
        lf.text(f"total {Report().total.value}")
        lf.button("More", Report().more)

    app.page("/")(report)
    with lf.test(app) as page:
        page.settled()
        page.sees("total 10")
        page.click("More")
        page.settled()
        page.sees("total 20")


def test_what_never_settles_is_named(app):
    release = threading.Event()

    def forever():
        lf.button("Go", lambda: lf.spawn(release.wait))

    app.page("/")(forever)
    with lf.test(app) as page:
        page.click("Go")
        with fails("waited 0.05 s for everything to be settled, but a task is under way, in vain;"):
            page.settled(within_s=0.05)
        release.set()
        page.settled()
        with pytest.raises(ValueError, match="expected a number of seconds from 0, got -1"):
            page.settled(within_s=-1)


def test_conditions_are_waited_for(page):
    page.click("Slowly")
    assert page.wait(lambda: page.get(text="counted 100")).role == "paragraph"
    seen = []
    threading.Thread(target=lambda: seen.append(1)).start()
    assert page.wait(lambda: seen) == [1]
    with fails(
        "waited 0.05 s for a condition, in vain; expected alert, found none; the page shows"
    ):
        page.wait(lambda: page.get("alert"), within_s=0.05)
    with fails("waited 0.05 s for a condition, in vain; the page shows:"):
        page.wait(lambda: False, within_s=0.05)
    with fails('waited 0.05 s for "never", in vain; the page shows:'):
        page.sees("never", within_s=0.05)
    with pytest.raises(ZeroDivisionError):
        page.wait(lambda: 1 / 0)
    page.misses("counted 99", within_s=5)


def test_visitors_of_one_app_meet(app):
    class Room(lf.State, scope="app"):
        names: list[str] = []

        def enter(self, name: str):
            self.names.append(name)

    def room():
        lf.text(", ".join(Room().names) or "nobody")
        lf.text_field("Name", on_change=Room().enter)

    app.page("/")(room)
    with Site(app) as site:
        ada, grace = site.open(), site.open("/")
        ada.type("Name", "Ada")
        grace.wait(lambda: grace.get(text="Ada"))
        assert site.n_sessions == 2
    with lf.test(app) as ada:
        grace = ada.site.open("/")
        assert isinstance(grace, Page)
        assert grace.site.n_sessions == 2


def test_a_page_that_closes_ends_its_session(app):
    app.page("/")(todo)
    with lf.test(app) as page:
        assert page.site.n_sessions == 1
    with lf.test(app) as other:
        other.wait(lambda: page.site.n_sessions == 0)


def test_the_outline_is_what_people_read(page):
    page.type("Title", "milk")
    page.click("Add")
    assert page.get("list").outline == (
        '- list:\n  - listitem:\n    - paragraph: milk\n    - button "Remove"'
    )
    assert page.outline.startswith('- heading "To do" [level=1]\n- form:\n  - textbox "Title"')


def test_an_element_belongs_to_its_page(app):
    app.page("/")(todo)
    with Site(app) as site:
        one, other = site.open(), site.open()
        assert one.get("heading") != other.get("heading")
        assert isinstance(one.get("heading"), Element)
