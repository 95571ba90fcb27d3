"""Drives pages without a browser.

Open one, click, type, choose, look at what it shows and at the patches that came.

```python
with lf.test(app, "/") as page:
    page.click("+1")
    page.sees("Clicked 1 times")
    assert not page.get("button", "+1").disabled
```

The page runs in its real session, over the real protocol; only the socket and the browser's tree
are memory, so a test takes milliseconds. Each action returns when its event is settled. Nothing
sleeps: what comes later, from tasks and other visitors, is waited for.
"""

from __future__ import annotations

import mimetypes
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import NamedTuple, TypeVar

from . import _native
from ._element import Element, Role, Within
from .app import App
from .errors import Refused, TestFailed

__all__ = ["Element", "Page", "Patch", "Role", "Site", "test"]

T = TypeVar("T")

# What a condition sees changes with what comes to the page; one that looks elsewhere is looked at
# again after so long.
_LOOK_AGAIN_S = 0.01


class Patch(NamedTuple):
    """A patch that came."""

    seq: int
    """Its number."""
    bytes: int
    """Its size on the wire."""
    operations: list[str]
    """What it did, in words: `paragraph: the text "0" becomes "1"`."""


class Page(Within):
    """A visitor's page.

    Actions take what a person sees: the text or label of what is meant; `#id`; or an `Element`.
    """

    def __init__(self, native: _native.Page, site: Site) -> None:  # noqa: D107
        self._native = native
        self._closes_site = False
        self.site = site
        """The app under test, for opening pages as other visitors."""

    def _place(self) -> tuple[Page, None]:
        return self, None

    def click(self, target: str | Element) -> None:
        """Clicks what is called so.

        A button that submits submits its form. A link without a handler says where it goes, in
        `navigated`.

        Raises:
            TestFailed: Nothing is called so, or more than one thing, or nothing would happen.
            Refused: The server refused the event.
        """
        self._native.click(_what(target))

    def type(self, field: str | Element, text: str) -> None:
        """Enters text into a field, in place of what it holds, and leaves it.

        Raises:
            TestFailed: There is no such field, or more than one, or it takes no text.
            Refused: The server refused the event; the text stays.
        """
        self._native.enter(_what(field), text)

    def select(self, field: str | Element, choice: str) -> None:
        """Chooses in a list or in a group of radio buttons.

        Args:
            field: The field.
            choice: What people see, or else the value.

        Raises:
            TestFailed: There is no such field or choice; the error says which there are.
            Refused: The server refused the event.
        """
        self._native.select(_what(field), choice)

    def check(self, field: str | Element, on: bool = True) -> None:
        """Switches a checkbox or a radio button on or off.

        Raises:
            TestFailed: There is no such field, or more than one.
            Refused: The server refused the event.
        """
        self._native.check(_what(field), on)

    def press(self, field: str | Element, key: str) -> None:
        """Presses a key in a field, such as `Enter`, which submits a form.

        Raises:
            TestFailed: There is no such field, or nothing would happen.
            Refused: The server refused the event.
        """
        self._native.press(_what(field), key)

    def upload(
        self, field: str | Element, *files: bytes | str | PathLike[str], name: str | None = None
    ) -> None:
        """Chooses files in a `file_field`, in place of those that it has.

        Args:
            field: The field.
            *files: Bytes, or paths; none takes away what is chosen.
            name: What the first file is called. By default what its path is called, or `file`.

        Raises:
            TestFailed: There is no such field, or it doesn't take the file.
            Refused: The server refused the event.
            OSError: A path can't be read.
        """
        chosen = []
        for number, file in enumerate(files):
            path = None if isinstance(file, bytes) else Path(file)
            called = name if name and not number else path.name if path else "file"
            kind = mimetypes.guess_type(called)[0] or ""
            chosen.append(
                (called, kind, file if isinstance(file, bytes) else Path(file).read_bytes())
            )
        self._native.upload(_what(field), chosen)

    def submit(self, inside: str | Element) -> None:
        """Submits the form that holds this field or button.

        Raises:
            TestFailed: There is none.
            Refused: The server refused the event.
        """
        self._native.submit(_what(inside))

    def sees(self, text: str, *, within_s: float | None = None) -> None:
        """Expects the page to show a text.

        Args:
            text: The text; any white space is one space. What is hidden does not count.
            within_s: `None` expects it now; a number of seconds waits for it, for what tasks and
                other visitors bring.

        Raises:
            TestFailed: It does not.
        """
        if within_s is not None:
            self._native.until_sees(text, within_s)
        elif not self._native.sees(text):
            raise TestFailed(f"expected to see {text!r}; {self._native.shown()}")

    def misses(self, text: str, *, within_s: float | None = None) -> None:
        """Expects the page not to show a text.

        Args:
            text: The text.
            within_s: `None` expects it to be gone now; a number of seconds waits until it is.

        Raises:
            TestFailed: It does.
        """
        if within_s is not None:
            self.wait(lambda: not self._native.sees(text), within_s=within_s)
        elif self._native.sees(text):
            raise TestFailed(f"expected not to see {text!r}; {self._native.shown()}")

    def wait(self, condition: Callable[[], T], *, within_s: float = 5.0) -> T:
        """Waits until a condition is true, and gives what it returned.

        It is looked at again with everything that comes to the page, and at least a hundred times
        a second.

        Args:
            condition: Returns something true when it holds. A `TestFailed` in it, such as that of
                a `get`, means that it does not hold yet.
            within_s: How long to wait at most, in seconds.

        Raises:
            TestFailed: It did not become true in time.
        """
        end = time.monotonic() + within_s
        while True:
            failed: TestFailed | None = None
            try:
                result = condition()
                if result:
                    return result
            except Refused:
                raise
            except TestFailed as error:
                failed = error
            left_s = end - time.monotonic()
            if left_s <= 0:
                why = failed or self._native.shown()
                raise TestFailed(f"waited {within_s:g} s for a condition, in vain; {why}")
            self._native.next(min(left_s, _LOOK_AGAIN_S))

    @contextmanager
    def without_waiting(self) -> Iterator[None]:
        """Makes actions not wait until their event is settled, as of people faster than the server.

        What is refused is among the `messages`.

        Examples:
            >>> def hurry(page: Page) -> None:
            ...     with page.without_waiting():
            ...         page.click("Save")
            ...         page.click("Save")
        """
        self._native.set_waiting(False)
        try:
            yield
        finally:
            self._native.set_waiting(True)

    def settled(self, *, within_s: float = 5.0) -> None:
        """Waits until nothing of the session is under way.

        That is: no handler or step of a generator runs or waits, no work that `lf.spawn` began, no
        resource that loads,
        no message of another visitor; and the page shows all of it.

        Args:
            within_s: How long to wait at most, in seconds.

        Raises:
            TestFailed: Something is still under way; the error says what.
        """
        self._native.settled(within_s)

    def until_message(self, text: str, *, within_s: float = 5.0) -> None:
        """Waits until the person was shown a message with this text.

        Raises:
            TestFailed: It does not come.
        """
        self._native.until_message(text, within_s)

    def snapshot(self, name: str) -> None:
        """Expects the page's outline to be what a file beside the test says.

        The file is `snapshots/TEST_MODULE/NAME.txt`. `pytest --livefloe-update`, or
        `LIVEFLOE_UPDATE=1` in the environment, writes what the page shows. A file that is not
        there yet is written, but where the environment has `CI`: there it is an error.

        Args:
            name: Names the snapshot among those of the test's file: letters, digits, `-`, `_`, `.`.

        Raises:
            TestFailed: The page shows something else, and the error says what; or there is no
                such file.
            ValueError: The name can't be one of a file.
        """
        from ._snapshot import compare  # loads what only tests need

        compare(name, self.outline)

    @property
    def text(self) -> str:
        """All text on the page that is not hidden, as it is read."""
        return self._native.text()

    @property
    def outline(self) -> str:
        """The page as lines that people read: roles, names, values and states, indented.

        Nothing in it changes by itself, such as ids.

        Examples:
            >>> import livefloe as lf
            >>> app = lf.App("Greeting")
            >>> @app.page("/")
            ... def greeting() -> None:
            ...     lf.heading("Hello")
            ...     lf.text_field("Name")
            >>> print(lf.test(app, "/").outline)
            - heading "Hello" [level=2]
            - textbox "Name"
        """
        return self._native.outline()

    @property
    def html(self) -> str:
        """The page's content as HTML."""
        return self._native.html()

    @property
    def title(self) -> str:
        """The document's title."""
        return self._native.title()

    @property
    def changes(self) -> list[str]:
        """The lines of the outline that are others since the last action began.

        `- ` and the line that is gone, `+ ` and the one that came.

        Examples:
            >>> import livefloe as lf
            >>> class Counter(lf.State):
            ...     n: int = 0
            ...     def add(self) -> None:
            ...         self.n += 1
            >>> app = lf.App("Counter")
            >>> @app.page("/")
            ... def counter() -> None:
            ...     lf.text(Counter().n)
            ...     lf.button("+1", Counter().add)
            >>> page = lf.test(app, "/")
            >>> page.click("+1")
            >>> page.changes
            ['- paragraph: 0', '+ paragraph: 1']
            >>> page.last_patch.operations
            ['paragraph: the text "0" becomes "1"']
            >>> page.touched == [page.get(text="1")]
            True
        """
        return self._native.changes()

    @property
    def touched(self) -> list[Element]:
        """The elements that patches have changed since the last action began.

        Those whose own text, attributes or children are others, and that are still there.
        """
        return [Element(self, node) for node in self._native.touched()]

    @property
    def patches(self) -> list[Patch]:
        """The patches that came, oldest first."""
        return [Patch(*patch) for patch in self._native.patches(False)]

    @property
    def new_patches(self) -> list[Patch]:
        """The patches that came since the last action began, oldest first."""
        return [Patch(*patch) for patch in self._native.patches(True)]

    @property
    def last_patch(self) -> Patch:
        """The newest patch.

        Raises:
            TestFailed: None has come.
        """
        patches = self.patches
        if not patches:
            raise TestFailed("expected a patch, none has come")
        return patches[-1]

    @property
    def messages(self) -> list[str]:
        """What the person was told besides the page, such as that a task has failed."""
        return self._native.messages()

    @property
    def navigated(self) -> str | None:
        """Where the page was told to go, or a link that was clicked goes."""
        return self._native.navigated()

    def value(self, field: str) -> str:
        """What a field holds; of radio buttons the value of the one that is on.

        Raises:
            TestFailed: There is no such field, or more than one.
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
        """Disconnects; of a page that `lf.test` opened, ends the app's sessions."""
        self.disconnect()
        if self._closes_site:
            self.site.close()

    def __repr__(self) -> str:
        """The page's text, shortened."""
        return f"<Page {self.title!r}>"


class Site:
    """An app under test: each page that is opened of it is a visitor of their own.

    Args:
        app: The app.

    Raises:
        PageError: A path is none.

    Examples:
        >>> import livefloe as lf
        >>> app = lf.App("Hello")
        >>> @app.page("/")
        ... def hello() -> None:
        ...     lf.text("Hello")
        >>> with lf.testing.Site(app) as site:
        ...     ada, grace = site.open("/"), site.open("/")
        ...     site.n_sessions
        2
    """

    def __init__(self, app: App) -> None:  # noqa: D107
        self._native = _native.Site(app._core)

    def open(self, path: str = "/", *, headers: Mapping[str, str] | None = None) -> Page:
        """Opens a page as a new visitor.

        Args:
            path: The page's path, with its query.
            headers: What the visitor's requests say besides, such as the header by which the app
                knows its users.

        Raises:
            TestFailed: There is no such page, or it could not be rendered.
        """
        return Page(self._native.open(path, list((headers or {}).items())), self)

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

    def __enter__(self) -> Site:
        """Gives the app under test itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Ends every session."""
        self.close()


def test(app: App, path: str = "/") -> Page:  # noqa: PT028
    """Opens a page of an app as a visitor without a browser.

    Args:
        app: The app.
        path: The page's path, with its query.

    Returns:
        The page; it is also a context manager, which ends the session. Its `site` opens pages as
        other visitors of the same app.

    Raises:
        TestFailed: There is no such page, or it could not be rendered.
    """
    page = Site(app).open(path)
    page._closes_site = True
    return page


test.__test__ = False  # type: ignore[attr-defined]  # no test of pytest's


def _what(target: str | Element) -> str | _native.Node:
    if isinstance(target, Element):
        return target._node
    if isinstance(target, str):
        return target
    raise TypeError(f"expected a str or an Element, got {type(target).__name__}")
