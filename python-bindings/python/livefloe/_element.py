"""Elements of pages under test, and how they are found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from . import _native
from .errors import TestFailed

if TYPE_CHECKING:
    import re

    from .testing import Page

    Words = str | re.Pattern[str]

Role = Literal[
    "alert",
    "alertdialog",
    "article",
    "banner",
    "blockquote",
    "button",
    "caption",
    "cell",
    "checkbox",
    "code",
    "columnheader",
    "combobox",
    "complementary",
    "contentinfo",
    "definition",
    "dialog",
    "feed",
    "figure",
    "form",
    "grid",
    "gridcell",
    "group",
    "heading",
    "img",
    "link",
    "list",
    "listbox",
    "listitem",
    "log",
    "main",
    "marquee",
    "math",
    "menu",
    "menubar",
    "menuitem",
    "menuitemcheckbox",
    "menuitemradio",
    "meter",
    "navigation",
    "note",
    "option",
    "paragraph",
    "progressbar",
    "radio",
    "radiogroup",
    "region",
    "row",
    "rowgroup",
    "rowheader",
    "scrollbar",
    "search",
    "searchbox",
    "separator",
    "slider",
    "spinbutton",
    "status",
    "switch",
    "tab",
    "table",
    "tablist",
    "tabpanel",
    "term",
    "textbox",
    "timer",
    "toolbar",
    "tooltip",
    "tree",
    "treegrid",
    "treeitem",
]
"""What an element is to the person in front of it: a role of WAI-ARIA."""


class Within:
    """Something to find elements in: a page, or an element of it."""

    def _place(self) -> tuple[Page, _native.Node | None]:
        """The page, and what in it; `None` is all of it."""
        raise NotImplementedError

    def get(
        self,
        role: Role | None = None,
        name: Words | None = None,
        *,
        label: Words | None = None,
        text: Words | None = None,
        has: Words | None = None,
        id: str | None = None,
        test_id: str | None = None,
    ) -> Element:
        """The one element that fits everything that is said here. What is hidden is not found.

        A `str` is all of the words; for anything else give a compiled pattern, which is searched.

        Args:
            role: What it is to a person: `button`, `heading`, `textbox`, `row`, `alert`, …
            name: What a person calls it: its label, its words, its `aria-label`.
            label: The label of a field, whatever its role.
            text: Its text, and no other; without a role the innermost element with it.
            has: Text that is anywhere in it; here a `str` may be a part.
            id: Its `id`.
            test_id: Its `data-testid`.

        Raises:
            TestFailed: None fits, and the error says what there is; or more than one, and it lists
                them.
            ValueError: There is no such role.

        Examples:
            >>> import livefloe as lf
            >>> app = lf.App("Fruit")
            >>> @app.page("/")
            ... def fruit() -> None:
            ...     lf.table(["Name", "Price"], [("fig", 3), ("plum", 2)])
            >>> page = lf.test(app, "/")
            >>> page.get("row", has="plum").get("cell", "2")
            <cell "2">
            >>> [cell.text for cell in page.all("columnheader")]
            ['Name', 'Price']
        """
        return self._find(
            True, role, name, label=label, text=text, has=has, id=id, test_id=test_id
        )[0]

    def all(
        self,
        role: Role | None = None,
        name: Words | None = None,
        *,
        label: Words | None = None,
        text: Words | None = None,
        has: Words | None = None,
        id: str | None = None,
        test_id: str | None = None,
    ) -> list[Element]:
        """All elements that fit, in the order of the page; see `get`.

        Raises:
            ValueError: There is no such role.
        """
        return self._find(
            False, role, name, label=label, text=text, has=has, id=id, test_id=test_id
        )

    def _find(
        self,
        one: bool,
        role: Role | None,
        name: Words | None,
        *,
        label: Words | None,
        text: Words | None,
        has: Words | None,
        id: str | None,
        test_id: str | None,
    ) -> list[Element]:
        page, inside = self._place()
        nodes = page._native.find(
            role=role,
            name=name,
            label=label,
            text=text,
            has=has,
            id=id,
            test_id=test_id,
            inside=inside,
            one=one,
        )
        return [Element(page, node) for node in nodes]


class Element(Within):
    """Something on a page, found by `get` or `all`; what it says is as the page is now.

    Once it is no longer on the page, everything but `visible` raises `TestFailed`. Two are equal
    when they are the same element.
    """

    def __init__(self, page: Page, node: _native.Node) -> None:
        self._page = page
        self._node = node

    def _place(self) -> tuple[Page, _native.Node | None]:
        return self._page, self._node

    @property
    def role(self) -> Role | None:
        """What it is to a person, such as `button`; `None` for what is only there for its looks."""
        return self._page._native.role_of(self._node)  # type: ignore[return-value]

    @property
    def name(self) -> str:
        """What a person, or a screen reader, calls it: label, words, `aria-label`; may be empty."""
        return self._page._native.name_of(self._node)

    @property
    def text(self) -> str:
        """All text in it that is not hidden, as it is read."""
        return self._page._native.text_of(self._node)

    @property
    def value(self) -> str | None:
        """What a field holds; of radio buttons the value of the one that is on.

        `None` for what holds none.
        """
        return self._page._native.value_of(self._node)

    @property
    def checked(self) -> bool | None:
        """Whether a box, radio button or switch is on; `None` for what can't be."""
        return self._page._native.checked_of(self._node)

    @property
    def disabled(self) -> bool:
        """Whether it, or the fieldset around it, is disabled."""
        return self._page._native.disabled_of(self._node)

    @property
    def visible(self) -> bool:
        """Whether it is on the page and nothing hides it, as far as HTML says (no stylesheet)."""
        return self._page._native.visible_of(self._node)

    @property
    def outline(self) -> str:
        """It as lines that people read, see `Page.outline`."""
        return self._page._native.outline_of(self._node)

    def attribute(self, name: str) -> str | None:
        """An attribute as the server rendered it; `None` when it has none."""
        return self._page._native.attribute_of(self._node, name)

    def click(self) -> None:
        """Clicks it.

        Raises:
            TestFailed: Nothing would happen, or it is disabled.
            Refused: The server refused the event.
        """
        self._page._native.click(self._node)

    def type(self, text: str) -> None:
        """Enters text into it, in place of what it holds, and leaves it.

        Raises:
            TestFailed: It takes no text.
            Refused: The server refused the event; the text stays.
        """
        self._page._native.enter(self._node, text)

    def select(self, choice: str) -> None:
        """Chooses in it, by what people see or by the value.

        Raises:
            TestFailed: It has no such choice; the error says which it has.
            Refused: The server refused the event.
        """
        self._page._native.select(self._node, choice)

    def check(self, on: bool = True) -> None:
        """Switches it on or off.

        Raises:
            TestFailed: It can't be switched.
            Refused: The server refused the event.
        """
        self._page._native.check(self._node, on)

    def press(self, key: str) -> None:
        """Presses a key in it, such as `Enter`.

        Raises:
            TestFailed: Nothing would happen.
            Refused: The server refused the event.
        """
        self._page._native.press(self._node, key)

    def submit(self) -> None:
        """Submits the form around it.

        Raises:
            TestFailed: There is none.
            Refused: The server refused the event.
        """
        self._page._native.submit(self._node)

    def __eq__(self, other: object) -> bool:
        """Whether it is the same element."""
        return (
            isinstance(other, Element) and self._page is other._page and self._node == other._node
        )

    def __hash__(self) -> int:
        """By the element, not by what it says."""
        return hash(self._node)

    def __repr__(self) -> str:
        """The element in a line, such as `<button "Save" [disabled]>`."""
        try:
            return f"<{self._page._native.line_of(self._node)}>"
        except TestFailed:
            return f"<{self._node!r}, which is gone>"
