"""The chat widget: messages that stream, and a field to write in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast

from . import _native as widget
from . import action
from ._native import Cell, Field
from .component import component
from .errors import RenderError

#: The longest message that can be written, in UTF-16 units.
MAX_LENGTH = 100_000


class Said(Protocol):
    """What a chat shows: `lf.Message`, or a data class of an app's own with the same fields."""

    @property
    def role(self) -> str:
        """`user` for what the visitor said; anything else is somebody else's."""

    @property
    def text(self) -> str:
        """What was said."""


@dataclass(frozen=True)
class Manner:
    """What can be done with a message. Equal ones show the same."""

    on_retry: Callable[..., Any] | None
    on_edit: Callable[..., Any] | None
    on_delete: Callable[..., Any] | None


@dataclass(frozen=True)
class Talk:
    """What the list of messages knows. Equal ones show the same."""

    messages: Any
    manner: Manner
    on_send: Callable[..., Any]
    on_clear: Callable[..., Any] | None
    title: str | None
    examples: tuple[str, ...]
    is_streaming: bool
    failure: str | None

    def read(self) -> Sequence[Any]:
        """The messages; whoever asks depends on which there are, and not on what they say."""
        if isinstance(self.messages, Field):
            return cast("Sequence[Any]", self.messages.shallow(self.messages.owner()))
        return cast("Sequence[Any]", self.messages)


def chat(
    messages: Sequence[Said],
    *,
    on_send: Callable[..., Any],
    on_stop: Callable[..., Any] | None = None,
    on_retry: Callable[..., Any] | None = None,
    on_edit: Callable[..., Any] | None = None,
    on_delete: Callable[..., Any] | None = None,
    on_clear: Callable[..., Any] | None = None,
    streaming: bool = False,
    failure: str | None = None,
    title: str | None = None,
    placeholder: str = "Write a message",
    examples: Iterable[str] = (),
) -> None:
    """A conversation, with a field to write in.

    For apps that hold the messages themselves; `@app.chat` does that for you. Give it the field of
    the state's class: then a text that grows renders its own message again and nothing else.

    Args:
        messages: The field that holds the messages, such as `Chat.messages`, or a list.
        on_send: Gets what was written, as `text`.
        on_stop: Called by the button that takes the place of Send while `streaming`.
        on_retry: Gets the last message, if it is not the visitor's, to be made again.
        on_edit: Gets a message of the visitor's own, and its new `text`.
        on_delete: Gets the message that is to go.
        on_clear: Called to begin anew.
        streaming: Whether a reply is on its way.
        failure: Why there is no reply; shown below the messages.
        title: What stands above.
        placeholder: What the empty field says.
        examples: Prompts to begin with, shown while there are no messages.

    Raises:
        RenderError: It was not called while rendering.
        HandlerError: A handler can't be called.

    Examples:
        >>> import livefloe as lf
        >>> class Chat(lf.State):
        ...     messages: list[lf.Message] = []
        >>> def send(text: str) -> None:
        ...     Chat().messages.append(lf.Message("user", text))
        >>> app = lf.App("Notes")
        >>> @app.page("/")
        ... def notes() -> None:
        ...     lf.chat(Chat.messages, on_send=send)
    """
    if not isinstance(messages, Field | Sequence):
        kind = type(messages).__name__
        raise RenderError(f"lf.chat expected the field of a state, or a list, got {kind}")
    talk = Talk(
        messages=messages,
        manner=Manner(on_retry, on_edit, on_delete),
        on_send=on_send,
        on_clear=on_clear,
        title=title,
        examples=tuple(examples),
        is_streaming=streaming,
        failure=failure,
    )
    with widget.element("lf-chat", role="group", aria_label=title or "Chat"):
        _log(talk)
        _composer(on_send, on_stop if streaming else None, streaming, placeholder)


@component
def _log(talk: Talk) -> None:
    messages = talk.read()
    editing = widget.cell("", save=False)
    if talk.title or talk.on_clear:
        with widget.element("header", class_="lf-chat-header"):
            if talk.title:
                widget.heading(talk.title, level=1)
            if talk.on_clear and messages:
                widget.button("New chat", talk.on_clear, variant="ghost")
    with (
        widget.element("div", class_="lf-chat-log", tabindex=0, aria_label="Conversation"),
        widget.element("div", class_="lf-chat-messages", role="log", aria_busy=talk.is_streaming),
    ):
        if not messages:
            _welcome(talk)
        last = len(messages) - 1
        for index, message in enumerate(messages):
            key = str(getattr(message, "id", index))
            _message(
                talk.manner,
                message,
                # Two that say the same are equal, and only one of them is the one that is shown.
                id(message),
                editing,
                editing.value == key,
                index == last,
                talk.is_streaming and index == last,
                key=key,
            )
        if talk.failure:
            widget.alert(talk.failure, "error", title="There is no reply")
        if (
            talk.manner.on_retry
            and not talk.is_streaming
            and messages
            and messages[-1].role == "user"
        ):
            with widget.element("div", class_="lf-chat-again"):
                widget.button("Try again", talk.manner.on_retry, args=(messages[-1],))


def _welcome(talk: Talk) -> None:
    with widget.element("div", class_="lf-chat-welcome"):
        widget.text("What would you like to talk about?")
        if talk.examples:
            with widget.element("div", class_="lf-chat-examples"):
                for index, example in enumerate(talk.examples):
                    widget.button(example, talk.on_send, args=(example,), key=index)


@component
def _message(
    manner: Manner,
    message: Any,
    _serial: int,
    editing: Cell[str],
    is_edited: bool,
    is_last: bool,
    is_streaming: bool,
) -> None:
    name = str(getattr(message, "id", _serial))
    is_own = message.role == "user"
    with widget.element(
        "article",
        class_=f"lf-message lf-message-{'own' if is_own else 'other'}"
        + (" lf-message-last" if is_last else ""),
        aria_label="You" if is_own else "Reply",
    ):
        if is_edited:
            _editor(manner, message, editing)
            return
        with widget.element("div", class_="lf-bubble", id=f"lf-said-{name}"):
            if is_own:
                widget.text(message.text)
            elif message.text:
                widget.markdown(message.text)
            if is_streaming and not message.text:
                with widget.element("span", class_="lf-typing", role="status"):
                    for _ in range(3):
                        with widget.element("i"):
                            pass
                    with widget.element("span", class_="lf-hidden"):
                        widget.text("Writing…")
        if not is_streaming:
            with widget.element("div", class_="lf-message-actions"):
                if message.text:
                    copy = action.copy_shown(f"#lf-said-{name}")
                    widget.button("Copy", copy, variant="ghost", key="copy")
                if is_own and manner.on_edit:
                    widget.button("Edit", editing.set, args=(name,), variant="ghost", key="edit")
                if not is_own and is_last and manner.on_retry:
                    widget.button(
                        "Retry", manner.on_retry, args=(message,), variant="ghost", key="retry"
                    )
                if manner.on_delete:
                    widget.button(
                        "Delete", manner.on_delete, args=(message,), variant="ghost", key="delete"
                    )


def _editor(manner: Manner, message: Any, editing: Cell[str]) -> None:
    def save(text: str) -> Any:
        editing.value = ""
        if manner.on_edit is not None:
            return manner.on_edit(message, text)

    with widget.form(on_submit=save):
        widget.text_area(
            "Message",
            message.text,
            name="text",
            rows=1,
            hide_label=True,
            autofocus=True,
            max_length=MAX_LENGTH,
        )
        with widget.row():
            widget.button("Send", submit=True, variant="primary")
            widget.button("Cancel", editing.set, args=("",))


@component
def _composer(
    on_send: Callable[..., Any],
    on_stop: Callable[..., Any] | None,
    is_streaming: bool,
    placeholder: str,
) -> None:
    with (
        widget.element("div", class_="lf-composer"),
        widget.form(on_submit=on_send, reset=True),
    ):
        widget.text_area(
            "Message",
            name="text",
            rows=1,
            hide_label=True,
            placeholder=placeholder,
            max_length=MAX_LENGTH,
        )
        if on_stop is not None:
            widget.button("Stop", on_stop, key="stop")
        else:
            widget.button("Send", submit=True, variant="primary", disabled=is_streaming, key="send")
