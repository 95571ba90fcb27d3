"""What a conversation consists of."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Literal


def _new_id() -> str:
    return secrets.token_hex(6)


@dataclass
class Message:
    """A message of a conversation: `Message("user", "Hello")`.

    Whatever shows a message of a state's list runs again when its text has changed, and nothing
    else does.

    Attributes:
        role: Whose it is: `user` or `assistant`.
        text: What it says; Markdown if it is the assistant's.
        id: What tells it from the others, made up by itself.
    """

    role: Literal["user", "assistant"]
    text: str = ""
    id: str = field(default_factory=_new_id, compare=False, repr=False)


class Replace:
    """Yielded by a chat's function: all that the reply has said so far becomes this.

    Args:
        text: The whole reply.
    """

    def __init__(self, text: str) -> None:
        self.text = text
