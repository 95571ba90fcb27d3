"""Controls bound to fields: they show the value, and their events write it."""

from __future__ import annotations

import livefloe as lf
import pytest
from livefloe.errors import Refused


class S(lf.State):
    temperature: float = 0.5
    name: str = "Ada"
    text: str = "long"
    steps: int = 3
    is_on: bool = True
    size: str = "s"
    colour: str | None = None
    seen: str = ""


def page_with(**extra):
    def page():
        s = S()
        lf.slider("Temperature", 0, 2, bind=S.temperature, **extra)
        lf.text_field("Name", bind=S.name, **extra)
        lf.text_area("Text", bind=S.text, **extra)
        lf.number("Steps", bind=S.steps, **extra)
        lf.checkbox("On", bind=S.is_on, **extra)
        lf.select("Size", ["s", "l"], bind=S.size, **extra)
        lf.radio("Colour", ["red", "blue"], bind=S.colour, **extra)
        lf.text(f"{s.temperature} {s.name} {s.text} {s.steps}")
        lf.text(f"{s.is_on} {s.size} {s.colour} seen={s.seen}")

    return page


def test_controls_show_and_write_what_they_are_bound_to(open_page):
    with open_page(page_with()) as p:
        p.sees("0.5 Ada long 3 True s None")
        assert p.value("Temperature") == "0.5"
        assert 'name="temperature"' in p.html
        assert 'step="0.02"' in p.html
        p.type("Temperature", "1.5")
        p.type("Name", "Grace")
        p.type("Text", "short")
        p.type("Steps", "9")
        p.check("On", False)
        p.type("Size", "l")
        p.check("blue")
        p.sees("1.5 Grace short 9 False l")


def test_what_does_not_fit_the_field_is_refused_and_changes_nothing(open_page):
    with open_page(page_with()) as p:
        for control, entered, message in [
            ("Steps", "x", "expected a whole number, got 'x'"),
            ("Steps", "", "is required"),
            ("Temperature", "warm", "expected a number, got 'warm'"),
        ]:
            with pytest.raises(Refused) as caught:
                p.type(control, entered)
            assert caught.value.code == 2
            assert caught.value.fields == {control.lower(): message}
        p.sees("0.5 Ada long 3")


def test_a_handler_beside_the_binding_runs_after_it_with_the_value(open_page):
    def page():
        s = S()

        def saw(value: float):
            s.seen = f"{value}={s.temperature}"

        lf.slider("Temperature", 0.0, 2.0, bind=S.temperature, on_input=saw)
        lf.text(s.seen)

    with open_page(page) as p:
        p.type("Temperature", "2")
        p.sees("2.0=2.0")


def test_a_binding_to_shared_state_shows_everywhere(app):
    class Shared(lf.State, scope="app"):
        level: int = 1

    @app.page("/")
    def page():
        lf.slider("Level", 0, 10, bind=Shared.level)

    site = lf.testing.Site(app)
    with site.open() as one, site.open() as other:
        one.type("Level", "7")
        other.sees("7", within_s=5)
        assert other.value("Level") == "7"


def test_only_fields_can_be_bound(app):
    @app.page("/")
    def page():
        lf.slider("Temperature", bind=S().temperature)

    status, body = lf.testing.Site(app).get("/")
    assert status == 500
    assert "lf.slider(bind=…) expected a field of a state" in body
    assert "such as Chat.temperature, or a cell, got 0.5" in body


def test_handlers_of_controls_take_the_value_or_nothing(open_page):
    def page():
        s = S()

        def see(value):
            s.seen = repr(value)

        def changed():
            s.seen = "changed"

        lf.text_field("Text", on_input=see)
        lf.number("Number", on_input=see)
        lf.slider("Slider", on_change=see)
        lf.checkbox("Box", on_change=see)
        lf.select("Select", ["a", "b"], on_change=see)
        lf.text_field("Nothing", on_change=changed)
        lf.text_field("Bound", on_input=lambda row, value: see((row, value)), args=(4,))
        lf.text(f"seen={s.seen}")

    with open_page(page) as p:
        for control, entered, seen in [
            ("Text", "x", "'x'"),
            ("Number", "2", "2"),
            ("Number", "", "None"),
            ("Slider", "2.5", "2.5"),
            ("Select", "b", "'b'"),
            ("Nothing", "x", "changed"),
            ("Bound", "y", "(4, 'y')"),
        ]:
            p.type(control, entered)
            p.sees(f"seen={seen}")
        p.check("Box")
        p.sees("seen=True")
