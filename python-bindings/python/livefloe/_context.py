"""The context variable that says which session some code belongs to."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._native import Session

current: ContextVar[Session | None] = ContextVar("livefloe.session", default=None)
