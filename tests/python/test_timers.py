"""Handlers that run by themselves."""

from __future__ import annotations

import livefloe as lf


class Clock(lf.State):
    ticks: int = 0
    greetings: int = 0
    is_silent: bool = False


def test_timers_run_while_their_component_is_on_the_page(app):
    def tick(by):
        Clock().ticks += by

    async def greet():
        Clock().greetings += 1

    @lf.component
    def bell():
        lf.every(0.05, tick, 2)
        lf.text(f"ticks {Clock().ticks}")

    @app.page("/")
    def page():
        clock = Clock()

        def turn():
            clock.is_silent = not clock.is_silent

        lf.after(0.05, greet)
        lf.text(f"greetings {clock.greetings}")
        lf.button("turn", turn)
        if not clock.is_silent:
            bell()

    with lf.test(app) as p:
        p.sees("ticks 4", within_s=5)
        p.sees("greetings 1", within_s=5)
        p.click("turn")
        p.misses("ticks")
        p.sees("greetings 1")


def test_what_they_are_given_has_to_make_sense(app):
    pages = {
        "/none": lambda: lf.every(1, None),
        "/text": lambda: lf.every(1, "tick"),
        "/negative": lambda: lf.after(-1, print),
    }
    for path, function in pages.items():
        app.page(path)(function)
    site = lf.testing.Site(app)
    expected = {
        "/none": "expected a function, got NoneType",
        "/text": "expected a function, got str",
        "/negative": "that is not negative, got -1",
    }
    for path, text in expected.items():
        status, body = site.get(path)
        assert status == 500
        assert text in body
