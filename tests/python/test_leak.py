"""Nothing stays of what is gone: observers, sessions, arguments, closures."""

from __future__ import annotations

import gc
import time
import weakref

import livefloe as lf


class Shared(lf.State, scope="app"):
    n: int = 0
    items: list[int] = [1, 2, 3]


def observers(app):
    return Shared.n.n_observers(Shared.of(app))


def until(condition, what):
    """Sessions end in their own task, a moment after their socket is gone."""
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline, what
        gc.collect()
        time.sleep(0.01)


def test_components_that_are_gone_observe_nothing(open_page, app):
    @lf.component
    def row(index):
        lf.text(f"{index} {Shared().n}")

    class S(lf.State):
        n_rows: int = 20

    def page():
        def shrink():
            S().n_rows //= 2

        def touch():
            Shared().n += 1

        lf.button("shrink", on_click=shrink)
        lf.button("touch", on_click=touch)
        for index in range(S().n_rows):
            row(index, key=index)

    with open_page(page) as p:
        assert observers(app) == 20
        for expected in (10, 5, 2, 1, 0):
            p.click("shrink")
            p.click("touch")
            assert observers(app) == expected


def test_rendering_again_and_again_adds_no_observer(open_page, app):
    def page():
        shared = Shared()

        def change():
            shared.n += 1
            shared.items.append(shared.items.pop(0))

        lf.button("change", on_click=change)
        lf.text(f"{shared.n} {shared.items}")

    with open_page(page) as p:
        for _ in range(20):
            p.click("change")
        assert observers(app) == 1


def test_a_session_that_has_ended_leaves_nothing(app):
    class Big:
        pass

    made = []

    class S(lf.State):
        big: object = lf.field(factory=lambda: made.append(weakref.ref(value := Big())) or value)

    @lf.component
    def child(argument):
        lf.button("x", on_click=lambda: argument)
        lf.text(f"{Shared().n}")

    @app.page("/")
    def page():
        argument = Big()
        made.append(weakref.ref(argument))
        s = S()
        lf.button("keep", on_click=lambda: s.big)
        child(argument)

    site = lf.testing.Site(app)
    pages = [site.open() for _ in range(5)]
    for p in pages:
        p.click("keep")
    assert observers(app) == 5
    assert len(made) == 10
    assert all(reference() is not None for reference in made)
    assert site.n_sessions == 5
    site.close()
    del pages, p
    until(lambda: site.n_sessions == 0, "the sessions to end")
    until(lambda: observers(app) == 0, "the observers to go")
    until(lambda: all(reference() is None for reference in made), "the objects to be freed")


def test_a_page_that_could_not_be_rendered_leaves_nothing(app):
    made = []

    class Big:
        pass

    class S(lf.State):
        big: object = lf.field(factory=lambda: made.append(weakref.ref(value := Big())) or value)

    @app.page("/")
    def page():
        S().big  # noqa: B018
        lf.text(Shared().n)
        raise ValueError("no")

    site = lf.testing.Site(app)
    for _ in range(3):
        assert site.get("/")[0] == 500
    assert observers(app) == 0
    until(lambda: all(reference() is None for reference in made), "the objects to be freed")
    assert len(made) == 3


def test_a_generator_is_closed_when_its_session_ends(app):
    events = []

    def steps():
        try:
            while True:
                yield
                time.sleep(0.001)
        finally:
            events.append("closed")

    async def async_steps():
        try:
            while True:
                yield
        finally:
            events.append("async closed")

    @app.page("/")
    def page():
        lf.button("steps", on_click=steps)
        lf.button("async", on_click=async_steps)

    for target in ("steps", "async"):
        site = lf.testing.Site(app)
        p = site.open()
        p.click(target)
        site.close()
        del p
    until(lambda: sorted(events) == ["async closed", "closed"], events)


def test_a_thousand_mounts_leave_no_observer_of_values_and_cells(open_page, app):
    class S(lf.State):
        round: int = 0
        n: int = 1

        @lf.computed
        def double(self) -> int:
            return self.n * 2

        @lf.computed
        def shared(self) -> int:
            return Shared().n + self.double

    cells = []

    @lf.component
    def row(index):
        cell = lf.cell(0)
        cells.append(weakref.ref(cell))
        lf.text(f"{index} {S().double} {S().shared} {cell.value} {Shared().n}")

    def page():
        def again():
            S().round += 1

        def touch():
            S().n += 1
            Shared().n += 1

        lf.button("again", on_click=again)
        lf.button("touch", on_click=touch)
        if S().round % 2 == 0:
            for index in range(20):
                row(index, key=index)

    with open_page(page) as p:
        n_first = observers(app)
        assert n_first == 21, "twenty rows, and the value that is computed from it"
        for _ in range(50):
            p.click("again")
            p.click("touch")
            p.click("again")
            # They come back the same, cells included.
            assert observers(app) == n_first
        assert len({id(cell()) for cell in cells}) == 20
        p.click("again")
        p.click("touch")
        assert observers(app) <= 1, "nobody shows the computed value, which may still be told"
    del p
    until(lambda: observers(app) == 0, "the observers to go")
    until(lambda: all(cell() is None for cell in cells), "the cells to be freed")
