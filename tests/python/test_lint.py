"""What development warns of, once for each place."""

from __future__ import annotations

import heapq
import logging
from dataclasses import dataclass, field

import livefloe as lf
import pytest
from livefloe import _lint


@dataclass
class Item:
    n: int = 0
    tags: list[str] = field(default_factory=list)


class S(lf.State):
    items: list[int] = [3, 2, 1]
    item: Item = Item()
    table: dict[str, int] = {"a": 1}
    hidden: list[int] = []
    n: int = 3


@pytest.fixture
def said(caplog):
    caplog.set_level(logging.WARNING, "livefloe")
    _lint._said.clear()

    def said(part: str) -> list[str]:
        return [r.getMessage() for r in caplog.records if part in r.getMessage()]

    return said


CHANGES = [
    (lambda s: heapq.heappush(s.items, 0), "S.items"),
    (lambda s: list.append(s.items, 9), "S.items"),
    (lambda s: dict.__setitem__(s.table, "b", 2), "S.table"),
    (lambda s: vars(s.item).update(n=5), "S.item"),
    (lambda s: list.append(s.item.tags, "x"), "S.item"),
]


@pytest.mark.parametrize(("change", "name"), CHANGES)
def test_a_change_that_can_not_be_noticed_is_said(open_page, said, change, name):
    def spoil():
        change(S())

    def page():
        s = S()
        lf.text(f"{s.items} {s.item} {s.table}")
        lf.button("spoil", spoil)

    with open_page(page) as p:
        p.click("spoil")
        p.click("spoil")
    (line,) = said("can't be noticed")
    assert line.startswith(f"{name} was changed by `")
    assert "spoil" in line
    assert f"({__file__}:{spoil.__code__.co_firstlineno})" in line
    assert ".touch(" in line


def test_changes_that_are_noticed_or_not_shown_are_fine(open_page, said):
    def proper():
        s = S()
        s.items.append(1)
        s.item.n += 1
        s.item.tags.append("x")
        s.table["c"] = 1
        heapq.heappush(s.items, 0)
        s.touch("items")
        list.append(s.hidden, 1)

    def page():
        s = S()
        lf.text(f"{s.items} {s.item} {s.table}")
        lf.button("proper", proper)

    with open_page(page) as p:
        p.click("proper")
        p.click("proper")
    assert said("can't be noticed") == []


def test_a_lambda_that_captures_a_loops_variable_is_said(open_page, said):
    def page():
        for index in range(3):
            lf.button(f"b{index}", on_click=lambda: print(index))  # noqa: B023

    with open_page(page):
        pass
    (line,) = said("args=(index,)")
    assert line.startswith(f"{__file__}:")


def test_handlers_that_bind_what_they_need_are_fine(open_page, said):
    def page():
        fixed = S()
        for index in range(3):
            lf.button(f"a{index}", on_click=print, args=(index,))
            lf.button(f"b{index}", on_click=lambda: fixed.n)

        def one(value):
            lf.button(f"c{value}", on_click=lambda: print(value))

        for index in range(3):
            one(index)

    with open_page(page):
        pass
    assert said("args=") == []


def rows(key):
    @lf.component
    def row(index):
        lf.text(index)

    def page():
        for index in range(S().n):
            row(index, key=index) if key else row(index)
        if S().n > 3:
            row("once")
        lf.button("more", lambda: setattr(S(), "n", S().n + 1))

    return page


def test_a_loop_that_changes_and_has_no_keys_is_said_once(open_page, said):
    with open_page(rows(key=False)) as p:
        assert said("key=") == []
        p.click("more")
        p.click("more")
    (line,) = said("without key=")
    assert line.startswith(f"{__file__}:")
    assert "made 4 of these, and 3 before" in line


def test_a_loop_with_keys_is_fine(open_page, said):
    with open_page(rows(key=True)) as p:
        p.click("more")
        p.click("more")
    assert said("without key=") == []
