"""State that all sessions of an app share."""

from __future__ import annotations

import threading

import livefloe as lf
import pytest
from livefloe.errors import Refused


class Room(lf.State, scope="app"):
    messages: list[str] = []
    n: int = 0

    def say(self, text: str):
        self.messages.append(text)


def make(app, runs=None):
    @app.page("/")
    def page():
        room = Room()
        if runs is not None:
            runs.append(1)
        lf.text(", ".join(room.messages) or "nobody spoke")

        def fail():
            room.say("never")
            raise ValueError("no")

        with lf.form(on_submit=room.say, reset=True):
            lf.text_field("Text")
            lf.button("Say", submit=True)
        lf.button("fail", fail)

    return lf.testing.Site(app)


def test_what_one_visitor_writes_all_see(app):
    site = make(app)
    with site.open() as ada, site.open() as grace:
        ada.type("Text", "hello")
        ada.click("Say")
        ada.sees("hello")
        grace.sees("hello", within_s=5)
        grace.type("Text", "hi")
        grace.click("Say")
        ada.sees("hello, hi", within_s=5)
        with site.open() as late:
            late.sees("hello, hi")


def test_what_fails_shows_nowhere(app):
    site = make(app)
    with site.open() as ada, site.open() as grace:
        with pytest.raises(Refused):
            ada.click("fail")
        grace.type("Text", "hi")
        grace.click("Say")
        ada.sees("hi", within_s=5)
        ada.misses("never")
        grace.misses("never")


def test_two_apps_share_nothing(app):
    other = lf.App()
    make(app), make(other)
    with lf.test(app) as one, lf.test(other) as two:
        one.type("Text", "hello")
        one.click("Say")
        two.sees("nobody spoke")


def test_a_thread_without_a_session_changes_what_the_app_shares(app):
    site = make(app)
    with site.open() as page:
        threading.Thread(target=lambda: Room.of(app).say("from outside")).start()
        page.sees("from outside", within_s=5)


def test_many_changes_from_outside_become_few_renderings(app):
    runs = []
    site = make(app, runs)
    with site.open() as page:
        runs.clear()
        for index in range(300):
            Room.of(app).say(str(index))
        page.sees("299", within_s=5)
        assert len(runs) < 150


def test_a_component_that_fails_on_shared_state_does_not_fail_events_of_others(app):
    @app.page("/")
    def page():
        fragile()

        def step():
            Own().n += 1

        lf.button("step", step)
        lf.text(f"own {Own().n}")

    class Own(lf.State):
        n: int = 0

    @lf.component
    def fragile():
        if Room().n > 0:
            raise ValueError("can't show this")
        lf.text("fine")

    with lf.test(app) as p:
        Room.of(app).n = 1
        p.click("step")
        p.sees("own 1")
        p.sees("fine")
