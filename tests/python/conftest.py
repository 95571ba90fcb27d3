"""What the tests share."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager

import livefloe as lf
import pytest
from livefloe.errors import Refused
from livefloe.testing import Page


@pytest.fixture
def app():
    return lf.App("Test")


@pytest.fixture
def open_page(app):
    """Makes a page of a function and opens it."""

    def open_page(function: Callable[..., None], path: str = "/", query: str = "") -> Page:
        app.page(path)(function)
        return lf.test(app, path + query)

    return open_page


@pytest.fixture
def refused():
    """Expects an event to be refused, and gives the refusal."""

    @contextmanager
    def refused(code: int, text: str = ""):
        with pytest.raises(Refused) as caught:
            yield caught
        assert caught.value.code == code, caught.value
        assert text in str(caught.value)

    return refused
