"""Computed values: lazy, remembered, never half new, and silent when they come out equal."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import livefloe as lf
import pytest
from livefloe.errors import StateError


def test_it_is_computed_when_it_is_first_read_and_then_remembered(open_page):
    runs = []

    class S(lf.State):
        n: int = 4

        @lf.computed
        def square(self) -> int:
            runs.append(self.n)
            return self.n * self.n

    def page():
        s = S()

        def step():
            s.n += 1
            assert runs == [4]  # nobody has asked since
            assert s.square == s.square == 25

        lf.button("step", step)
        lf.button("nothing", lambda: None)
        lf.text(f"{s.square} {s.square}")

    with open_page(page) as p:
        p.sees("16 16")
        assert runs == [4]
        p.click("nothing")
        assert runs == [4]
        p.click("step")
        p.sees("25 25")
        assert runs == [4, 5]


def test_who_read_it_does_not_run_when_it_came_out_equal(open_page):
    runs = []

    class S(lf.State):
        n: int = 0

        @lf.computed
        def tens(self) -> int:
            return self.n // 10

        @lf.computed
        def label(self) -> str:
            runs.append("label")
            return f"tens {self.tens}"

    @lf.component
    def shown():
        runs.append("shown")
        lf.text(S().label)

    def page():
        def step(by):
            S().n += by

        lf.button("one", step, args=(1,))
        lf.button("ten", step, args=(10,))
        shown()

    with open_page(page) as p:
        assert runs == ["shown", "label"]
        runs.clear()
        p.click("one")
        assert runs == []
        assert p.patches == []
        p.click("ten")
        p.sees("tens 1")
        assert runs == ["label", "shown"]


def test_a_diamond_is_never_seen_half_new(open_page):
    seen = []

    class S(lf.State):
        n: int = 1

        @lf.computed
        def double(self) -> int:
            return self.n * 2

        @lf.computed
        def minus(self) -> int:
            return -self.n

        @lf.computed
        def both(self) -> tuple[int, int, int]:
            seen.append((self.n, self.double, self.minus))
            return seen[-1]

    def page():
        s = S()

        def step():
            s.n += 1

        lf.button("step", step)
        lf.text(f"{s.n} {s.both}")

    with open_page(page) as p:
        p.click("step")
        p.click("step")
        p.sees("3 (3, 6, -3)")
        assert seen == [(1, 2, -1), (2, 4, -2), (3, 6, -3)]


def test_what_it_no_longer_reads_does_not_concern_it(open_page):
    runs = []

    class S(lf.State):
        is_long: bool = True
        text: str = "long text"

        @lf.computed
        def shown(self) -> str:
            runs.append(1)
            return self.text if self.is_long else "…"

    def page():
        s = S()

        def shorten():
            s.is_long = False

        def write():
            s.text += "!"

        lf.button("shorten", shorten)
        lf.button("write", write)
        lf.text(s.shown)

    with open_page(page) as p:
        p.click("write")
        p.sees("long text!")
        p.click("shorten")
        runs.clear()
        p.click("write")
        assert runs == []


def test_a_condition_guards_what_is_computed_behind_it(open_page):
    class S(lf.State):
        items: list[str] = ["a", "b"]
        index: int = 1

        @lf.computed
        def chosen(self) -> str:
            return self.items[self.index]

    @lf.component
    def shown():
        lf.text(f"chosen {S().chosen}")

    def page():
        s = S()

        def clear():
            s.items.clear()

        lf.button("clear", clear)
        if s.items:
            shown()  # is gone before anybody computes it again
        else:
            lf.text("nothing")

    with open_page(page) as p:
        p.sees("chosen b")
        p.click("clear")
        p.sees("nothing")


def test_changes_deep_in_a_list_reach_it(open_page):
    @dataclass
    class Item:
        price: float

    class Cart(lf.State):
        items: list[Item] = [Item(1.0), Item(2.0)]

        @lf.computed
        def total(self) -> float:
            return sum(item.price for item in self.items)

        @lf.computed
        def dear(self) -> list[Item]:
            return [item for item in self.items if item.price > 1]

    def page():
        cart = Cart()

        def raise_price():
            cart.items[0].price += 0.5

        lf.button("raise", raise_price)
        lf.text(f"{cart.total} {[item.price for item in cart.dear]}")

    with open_page(page) as p:
        p.sees("3.0 [2.0]")
        p.click("raise")
        p.sees("3.5 [1.5, 2.0]")
        p.click("raise")
        p.sees("4.0 [2.0, 2.0]")


def test_a_state_s_own_list_handed_on_is_watched_like_the_list(open_page):
    class S(lf.State):
        rows: list[list[int]] = [[1], [2]]
        index: int = 0

        @lf.computed
        def row(self) -> list[int]:
            return self.rows[self.index]

    @lf.component
    def shown():
        lf.text(f"row {S().row}")

    def page():
        def add():
            S().rows[0].append(9)

        lf.button("add", add)
        shown()

    with open_page(page) as p:
        p.click("add")
        p.sees("row [1, 9]")


def test_a_failed_turn_takes_it_back(open_page, refused):
    class S(lf.State):
        n: int = 1

        @lf.computed
        def double(self) -> int:
            return self.n * 2

    def page():
        s = S()

        def fail():
            s.n = 5
            assert s.double == 10
            raise ValueError("no")

        def check():
            assert s.double == 2

        lf.button("fail", fail)
        lf.button("check", check)
        lf.text(f"double {s.double}")

    with open_page(page) as p:
        with refused(3, "no"):
            p.click("fail")
        p.click("check")
        p.sees("double 2")


def test_circles_are_named(open_page, refused):
    class S(lf.State):
        n: int = 0

        @lf.computed
        def one(self) -> int:
            return self.two + self.n

        @lf.computed
        def two(self) -> int:
            return self.one

    def page():
        lf.button("look", on_click=lambda: S().one)

    with (
        open_page(page) as p,
        refused(3, "in a circle: S.one → S.two → S.one"),
    ):
        p.click("look")


@pytest.mark.parametrize("name", ["write", "show", "place"])
def test_it_only_reads(open_page, refused, name):
    @lf.component
    def child():
        pass

    class S(lf.State):
        n: int = 0

        @lf.computed
        def write(self) -> int:
            self.n += 1
            return 1

        @lf.computed
        def show(self) -> int:
            lf.text("no")
            return 1

        @lf.computed
        def place(self) -> int:
            child()
            return 1

    expected = {
        "write": "S.n was changed while `S.write` was being computed",
        "show": "lf.text was called by `S.show`, which gives a value",
        "place": "was called by `S.place`, which gives a value",
    }

    def page():
        if S().n:
            getattr(S(), name)

        def start():
            S().n = 1

        lf.button("start", start)

    with open_page(page) as p, refused(3, expected[name]):
        p.click("start")


def test_an_exception_is_raised_where_it_is_read_and_goes_with_its_cause(open_page):
    class S(lf.State):
        divisor: int = 0

        @lf.computed
        def share(self) -> float:
            return 6 / self.divisor

        @lf.computed
        def text(self) -> str:
            try:
                return f"share {self.share}"
            except ZeroDivisionError:
                return "nobody there"

    def page():
        s = S()

        def add():
            s.divisor += 1

        lf.button("add", add)
        lf.text(s.text)

    with open_page(page) as p:
        p.sees("nobody there")
        p.click("add")
        p.sees("share 6.0")
        p.click("add")
        p.sees("share 3.0")


def test_shared_state_computes_for_all(app):
    runs = []

    class Poll(lf.State, scope="app"):
        votes: list[int] = [0, 0]

        @lf.computed
        def leader(self) -> int:
            runs.append(1)
            return self.votes.index(max(self.votes))

    @app.page("/")
    def page():
        def vote(index):
            Poll().votes[index] += 1

        lf.button("A", vote, args=(0,))
        lf.button("B", vote, args=(1,))
        lf.text(f"leader {Poll().leader}")

    site = lf.testing.Site(app)
    with site.open() as one, site.open() as two:
        assert runs == [1]
        one.click("B")
        one.sees("leader 1")
        two.sees("leader 1", within_s=5)
        assert runs == [1, 1]
        threading.Thread(target=lambda: Poll.of(app).votes.__setitem__(0, 5)).start()
        two.sees("leader 0", within_s=5)


def test_subclasses_override_and_use_what_they_inherit(open_page):
    class Base(lf.State):
        n: int = 2

        @lf.computed
        def value(self) -> int:
            return self.n

        @lf.computed
        def text(self) -> str:
            return f"value {self.value}"

    class Derived(Base):
        @lf.computed
        def value(self) -> int:
            return self.n * 100

    def page():
        d = Derived()

        def step():
            d.n += 1

        lf.button("step", step)
        lf.text(d.text)

    with open_page(page) as p:
        p.sees("value 200")
        p.click("step")
        p.sees("value 300")


def test_it_is_declared_in_ways_that_work(open_page, refused):
    with pytest.raises(StateError, match=r"is async: use lf\.resource"):

        @lf.computed
        async def one(self): ...

    with pytest.raises(StateError, match="is a generator"):

        @lf.computed
        def two(self):
            yield

    with pytest.raises(StateError, match="without parameters"):

        @lf.computed
        def three(self, n): ...

    with pytest.raises(StateError, match="expected a method, got int"):
        lf.computed(3)

    class S(lf.State):
        @lf.computed
        def one(self) -> int:
            return 1

    def page():
        def write():
            S().one = 2

        lf.button("write", write)

    with open_page(page) as p, refused(3, "`S.one` is computed"):
        p.click("write")


def test_arrays_count_as_changed_and_do_not_ask_in_one_word():
    numpy = pytest.importorskip("numpy")
    app = lf.App()

    class S(lf.State):
        n: int = 3

        @lf.computed
        def array(self):
            return numpy.zeros(self.n % 2 + 2)

    @app.page("/")
    def page():
        s = S()

        def step():
            s.n += 1

        lf.button("step", step)
        lf.text(f"{s.n} {len(s.array)}")

    with lf.test(app) as p:
        p.click("step")
        p.sees("4 2")
