"""Rust components in Python pages. The one of these tests comes with the feature `examples`."""

from __future__ import annotations

import livefloe as lf
import pytest
from livefloe import _native

needs_examples = pytest.mark.skipif(not _native.HAS_EXAMPLES, reason="built without the examples")


class S(lf.State):
    step: int = 1
    names: list[str] = ["a", "b"]


@needs_examples
def test_a_rust_component_keeps_its_state_in_a_python_page(open_page):
    runs = []

    def page():
        s = S()
        runs.append(1)

        def double():
            s.step *= 2

        lf.button("double", on_click=double)
        lf.button("reverse", on_click=lambda: s.names.reverse())
        for name in s.names:
            lf.rust("tally", {"label": name, "step": s.step}, key=name)

    with open_page(page) as p:
        p.sees("a: 0 b: 0")
        p.click("a: 0")
        p.sees("a: 1 b: 0")
        assert len(runs) == 1
        p.click("double")
        p.click("a: 1")
        p.sees("a: 3 b: 0")
        p.click("reverse")
        p.sees("b: 0 a: 3")


@needs_examples
def test_properties_that_do_not_fit_say_so(app):
    @app.page("/")
    def page():
        lf.rust("tally", {"label": 1})

    status, body = lf.testing.Site(app).get("/")
    assert status == 500
    assert "the properties don't fit `tally`: invalid type: integer `1`, expected a string" in body


@needs_examples
def test_the_rust_examples_stand_beside_python_pages(app):
    app.page("/")(lambda: lf.text("python"))
    app.mount_rust_examples("/rust")
    site = lf.testing.Site(app)
    with site.open("/rust/counter") as p:
        p.click("+1")
        p.sees("Count: 1")
    with site.open() as p:
        p.sees("python")
