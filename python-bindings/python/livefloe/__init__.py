"""Stateful apps rendered on the server, in plain Python."""

import atexit
from typing import TYPE_CHECKING, Any

from . import _version  # noqa: F401  (before all others)

# isort: split
from . import _native, action, errors
from ._annotations import Markdown, Slider, Text
from ._native import (
    Cell,
    Picture,
    Session,
    Strokes,
    Upload,
    accordion,
    after,
    alert,
    alert_box,
    button,
    cancelled,
    card,
    cell,
    checkbox,
    code,
    column,
    custom,
    dialog,
    element,
    every,
    expander,
    file_field,
    form,
    grid,
    heading,
    image,
    label,
    link,
    markdown,
    members,
    menu,
    nav,
    navigate,
    number,
    page_header,
    panel,
    presence,
    progress,
    radio,
    row,
    rust,
    select,
    session,
    sketchpad,
    slider,
    spawn,
    table,
    tabs,
    text,
    text_area,
    text_field,
    title,
)
from .action import expr
from .app import App, Server
from .component import component
from .derived import Resource, computed, resource
from .errors import Invalid, LivefloeError
from .handler import handler
from .limits import Limits
from .model import Model
from .state import State, field
from .task import Job, Task, task, track
from .testing import test

if TYPE_CHECKING:
    from ._chat import chat
    from ._message import Message, Replace

#: What takes a moment to load, and most apps have no use for.
_LATER = {"Message": "_message", "Replace": "_message", "chat": "_chat"}


def __getattr__(name: str) -> Any:
    """Loads what is used for the first time."""
    if name not in _LATER:
        raise AttributeError(f"module 'livefloe' has no attribute {name!r}")
    from importlib import import_module

    found = getattr(import_module(f".{_LATER[name]}", __name__), name)
    globals()[name] = found
    return found


atexit.register(_native.close)

__all__ = [
    "App",
    "Cell",
    "Invalid",
    "Job",
    "Limits",
    "LivefloeError",
    "Markdown",
    "Message",
    "Model",
    "Picture",
    "Replace",
    "Resource",
    "Server",
    "Session",
    "Slider",
    "State",
    "Strokes",
    "Task",
    "Text",
    "Upload",
    "accordion",
    "action",
    "after",
    "alert",
    "alert_box",
    "button",
    "cancelled",
    "card",
    "cell",
    "chat",
    "checkbox",
    "code",
    "column",
    "component",
    "computed",
    "custom",
    "dialog",
    "element",
    "errors",
    "every",
    "expander",
    "expr",
    "field",
    "file_field",
    "form",
    "grid",
    "handler",
    "heading",
    "image",
    "label",
    "link",
    "markdown",
    "members",
    "menu",
    "nav",
    "navigate",
    "number",
    "page_header",
    "panel",
    "presence",
    "progress",
    "radio",
    "resource",
    "row",
    "rust",
    "select",
    "session",
    "sketchpad",
    "slider",
    "spawn",
    "table",
    "tabs",
    "task",
    "test",
    "text",
    "text_area",
    "text_field",
    "title",
    "track",
]
