"""Who else is there."""

from __future__ import annotations

import livefloe as lf
import pytest
from livefloe.errors import RenderError


def test_members_come_and_go(app):
    @app.page("/{name}")
    def page(name: str):
        lf.text("here: " + ", ".join(lf.presence("room", name)))

    @app.page("/")
    def watch():
        names = lf.members("room")
        lf.text(f"{len(names)} here: {', '.join(names)}")

    site = lf.testing.Site(app)
    with site.open("/") as watcher:
        with site.open("/ada") as ada:
            ada.sees("here: ada", within_s=5)
            with site.open("/grace") as grace:
                ada.sees("here: ada, grace", within_s=5)
                grace.sees("here: ada, grace", within_s=5)
                watcher.sees("2 here: ada, grace", within_s=5)
            watcher.sees("1 here: ada", within_s=5)
        watcher.sees("0 here", within_s=5)


def test_presence_is_shown_while_rendering():
    with pytest.raises(RenderError, match="outside of rendering"):
        lf.presence("room", "ada")
