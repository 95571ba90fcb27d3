"""For pytest, which finds it by itself: pages and sites that close, and `--livefloe-update`.

```python
def test_counting(livefloe_page):
    page = livefloe_page(app, "/")
    page.click("+1")
    page.sees("Clicked 1 times")
```
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from . import _snapshot
from .app import App
from .testing import Page, Site

__all__ = ["livefloe_page", "livefloe_site"]


@pytest.fixture
def livefloe_page(livefloe_site: Callable[[App], Site]) -> Callable[..., Page]:
    """Opens pages of apps as visitors: `livefloe_page(app, "/path")`. They close with the test."""

    def open_page(app: App, path: str = "/") -> Page:
        return livefloe_site(app).open(path)

    return open_page


@pytest.fixture
def livefloe_site() -> Iterator[Callable[[App], Site]]:
    """Puts apps under test: `livefloe_site(app).open("/path")`. They close with the test."""
    with ExitStack() as stack:
        yield lambda app: stack.enter_context(Site(app))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the option."""
    parser.getgroup("livefloe").addoption(
        "--livefloe-update",
        action="store_true",
        help="write what pages show into their snapshots, instead of comparing",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Reads the option."""
    _snapshot.is_updating = config.getoption("--livefloe-update")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says which snapshots were written: they are to be looked at, and committed."""
    for path in _snapshot.written:
        terminalreporter.write_line(f"livefloe: wrote the snapshot {path}")
