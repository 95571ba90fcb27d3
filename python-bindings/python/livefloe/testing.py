"""Drives pages without a browser.

Open one, click, enter, submit, look at what it shows and at the patches that came.

```python
with lf.test(app, "/") as page:
    page.click("+1")
    page.sees("Clicked 1 times")
```

The page runs in its real session, over the real protocol; only the socket and the browser's tree
are memory. Each action returns when its event is settled.
"""

from __future__ import annotations

from typing import NamedTuple

from . import _native
from .app import App
from .errors import TestFailed


class Patch(NamedTuple):
    """A patch that came."""

    seq: int
    """Its number."""
    bytes: int
    """Its size on the wire."""
    operations: list[str]
    """What it did, in words."""


class Page:
    """A visitor's page.

    Things to click and fields are named by what a person sees: their text or label; or by `#id`.
    """

    def __init__(self, native: _native.Page) -> None:  # noqa: D107
        self._native = native

    def click(self, target: str) -> None:
        """Clicks what is called so; a button that submits submits its form.

        Raises:
            TestFailed: Nothing is called so, or nothing would happen.
            Refused: The server refused the event.
        """
        self._native.click(target)

    def type(self, field: str, text: str) -> None:
        """Enters text into a field and leaves it.

        Raises:
            TestFailed: There is no such field.
            Refused: The server refused the event; the text stays.
        """
        self._native.enter(field, text)

    def check(self, field: str, on: bool = True) -> None:
        """Switches a checkbox or a radio button on or off.

        Raises:
            TestFailed: There is no such field.
            Refused: The server refused the event.
        """
        self._native.check(field, on)

    def submit(self, inside: str) -> None:
        """Submits the form that holds this field or button.

        Raises:
            TestFailed: There is none.
            Refused: The server refused the event.
        """
        self._native.submit(inside)

    def sees(self, text: str, *, within_s: float | None = None) -> None:
        """Expects the page to show a text.

        Args:
            text: The text; any white space is one space.
            within_s: `None` expects it now; any number of seconds waits for it (at most five), for
                what tasks and other visitors bring.

        Raises:
            TestFailed: It does not.
        """
        if within_s is not None:
            self._native.until_sees(text)
        elif not self._native.sees(text):
            raise TestFailed(f"expected the page to show {text!r}; it shows: {self.text}")

    def misses(self, text: str) -> None:
        """Expects the page not to show a text.

        Raises:
            TestFailed: It does.
        """
        if self._native.sees(text):
            raise TestFailed(f"expected the page not to show {text!r}; it shows: {self.text}")

    def until_message(self, text: str) -> None:
        """Waits, at most five seconds, until the person was shown a message with this text.

        Raises:
            TestFailed: It does not come.
        """
        self._native.until_message(text)

    @property
    def text(self) -> str:
        """All text on the page, as it is read."""
        return self._native.text()

    @property
    def html(self) -> str:
        """The page's content as HTML."""
        return self._native.html()

    @property
    def title(self) -> str:
        """The document's title."""
        return self._native.title()

    @property
    def patches(self) -> list[Patch]:
        """The patches that came, oldest first."""
        return [Patch(*patch) for patch in self._native.patches()]

    @property
    def messages(self) -> list[str]:
        """What the person was told besides the page, such as that a task has failed."""
        return self._native.messages()

    @property
    def navigated(self) -> str | None:
        """Where the page was told to go."""
        return self._native.navigated()

    def value(self, field: str) -> str:
        """What a field holds.

        Raises:
            TestFailed: There is no such field.
        """
        return self._native.value(field)

    def disconnect(self) -> None:
        """Loses the connection, as when a cable is pulled."""
        self._native.disconnect()

    def connect(self) -> None:
        """Joins the session again, with what was missed.

        Raises:
            TestFailed: The session has ended.
        """
        self._native.connect()

    def restart(self) -> None:
        """Has the session saved and made again, as when the server is stopped and started.

        What is left is what a store keeps: the states' fields. The page is connected after it.

        Raises:
            TestFailed: The session can't be saved, or made again.
        """
        self._native.restart()

    def __enter__(self) -> Page:
        """Gives the page itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Disconnects."""
        self.disconnect()


class Site:
    """An app under test: each page that is opened of it is a visitor of their own.

    Args:
        app: The app.

    Raises:
        PageError: A path is none.
    """

    def __init__(self, app: App) -> None:  # noqa: D107
        self._native = _native.Site(app._core)

    def open(self, path: str = "/") -> Page:
        """Opens a page as a new visitor.

        Raises:
            TestFailed: There is no such page, or it could not be rendered.
        """
        return Page(self._native.open(path))

    def get(self, path: str) -> tuple[int, str]:
        """The status and the body of a GET."""
        return self._native.get(path)

    def close(self) -> None:
        """Ends every session, as a server that stops does."""
        self._native.close()

    @property
    def n_sessions(self) -> int:
        """How many sessions live."""
        return self._native.n_sessions()


def test(app: App, path: str = "/") -> Page:  # noqa: PT028
    """Opens a page of an app as a visitor without a browser.

    Args:
        app: The app.
        path: The page's path, with its query.

    Returns:
        The page; it is also a context manager.

    Raises:
        TestFailed: There is no such page, or it could not be rendered.
    """
    return Site(app).open(path)


test.__test__ = False  # type: ignore[attr-defined]  # no test of pytest's
