"""Stateful apps rendered on the server, in plain Python."""

import atexit

from . import _version  # noqa: F401  (before all others)

# isort: split
from . import _native, errors
from ._native import (
    Cell,
    Picture,
    Strokes,
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
    element,
    every,
    form,
    grid,
    heading,
    image,
    label,
    link,
    markdown,
    members,
    nav,
    navigate,
    number,
    page_header,
    presence,
    progress,
    radio,
    row,
    rust,
    select,
    sketchpad,
    slider,
    spawn,
    table,
    text,
    text_area,
    text_field,
    title,
)
from .app import App, Server
from .component import component
from .derived import Resource, computed, resource
from .errors import Invalid, LivefloeError
from .handler import handler
from .limits import Limits
from .model import Model
from .state import State, field
from .testing import test

atexit.register(_native.close)

__all__ = [
    "App",
    "Cell",
    "Invalid",
    "Limits",
    "LivefloeError",
    "Model",
    "Picture",
    "Resource",
    "Server",
    "State",
    "Strokes",
    "after",
    "alert",
    "alert_box",
    "button",
    "cancelled",
    "card",
    "cell",
    "checkbox",
    "code",
    "column",
    "component",
    "computed",
    "element",
    "errors",
    "every",
    "field",
    "form",
    "grid",
    "handler",
    "heading",
    "image",
    "label",
    "link",
    "markdown",
    "members",
    "nav",
    "navigate",
    "number",
    "page_header",
    "presence",
    "progress",
    "radio",
    "resource",
    "row",
    "rust",
    "select",
    "sketchpad",
    "slider",
    "spawn",
    "table",
    "test",
    "text",
    "text_area",
    "text_field",
    "title",
]
