"""`@app.chat`: a page on which a function answers."""

from __future__ import annotations

import inspect
import logging
import secrets
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from . import _native as widget
from ._chat import MAX_LENGTH, chat
from ._inputs import label_from
from ._message import Message, Replace
from ._report import report
from ._run import Run, Runs
from .errors import HandlerError, Invalid
from .state import State, StateMeta, field

if TYPE_CHECKING:
    from .app import App

logger = logging.getLogger("livefloe")

#: The most messages of a conversation: all of them go to the function, and to the store.
MAX_MESSAGES = 1_000

#: The longest reply, in characters. What makes more has lost its way.
MAX_REPLY = 1_000_000

#: After so many texts that repeat all that was said before, the log says what to yield instead.
N_REPEATED = 3


class Conversation:
    """A function that answers, with its page.

    Args:
        app: The app.
        path: The page's path.
        function: Gets the message, and the messages before it.
        title: What stands above; the function's name by default.
        examples: Prompts to begin with.
        placeholder: What the empty field says.
    """

    def __init__(
        self,
        app: App,
        path: str,
        function: Callable[..., Any],
        *,
        title: str | None,
        examples: Iterable[str],
        placeholder: str,
    ) -> None:
        name = getattr(function, "__name__", type(function).__name__)
        self.app, self.path, self.function = app, path, function
        self.title = title or label_from(name)
        self.examples = tuple(examples)
        self.placeholder = placeholder
        self.takes_history = _takes_history(function, name)
        self.state = self._make_state(function, name)
        self.runs = Runs()
        self._has_warned = False

    def _make_state(self, function: Callable[..., Any], name: str) -> Any:
        namespace = {
            "__module__": getattr(function, "__module__", __name__),
            # What a store knows it as.
            "__qualname__": f"{getattr(function, '__qualname__', name)} at {self.path}",
            "__annotations__": {"messages": list[Message], "is_streaming": bool, "failure": str},
            "messages": field(factory=list),
            "is_streaming": field(False, save=False),
            "failure": field("", save=False),
        }
        return StateMeta(name, (State,), namespace)

    def page(self) -> None:
        """The page."""
        state = self.state()
        widget.title(self.title)
        with widget.element("div", class_="lf-chat-page"):
            chat(
                self.state.messages,
                on_send=self.send,
                on_stop=self.stop,
                on_retry=self.retry,
                on_edit=self.edit,
                on_delete=self.delete,
                on_clear=self.clear,
                streaming=state.is_streaming,
                failure=state.failure or None,
                title=self.title,
                placeholder=self.placeholder,
                examples=self.examples,
            )

    # What people do

    def send(self, text: str) -> None:
        """Says something, and has it answered."""
        text = _checked(text)
        if not text:
            return
        state = self.state()
        self._refuse_while_streaming()
        if len(state.messages) + 2 > MAX_MESSAGES:
            raise Invalid(f"A conversation has at most {MAX_MESSAGES} messages: begin a new one.")
        state.messages.append(Message("user", text))
        self._answer()

    def edit(self, message: Message, text: str) -> None:
        """Says something else in the place of a message; what came after it is gone."""
        text = _checked(text)
        index = self._index(message)
        if not text or index is None:
            return
        self._refuse_while_streaming()
        messages = self.state().messages
        messages[index].text = text
        del messages[index + 1 :]
        self._answer()

    def retry(self, message: Message) -> None:
        """Has the last message answered again."""
        index = self._index(message)
        messages = self.state().messages
        if index is None or index != len(messages) - 1:
            return
        self._refuse_while_streaming()
        if message.role != "user":
            # The same message, said anew: what runs belongs to it.
            message.text = ""
            self._answer(message)
        else:
            self._answer()

    def delete(self, message: Message) -> None:
        """Takes a message away."""
        index = self._index(message)
        if index is None:
            return
        state = self.state()
        if index == len(state.messages) - 1:
            self.stop()
        # Stopping may have taken it away already.
        if (index := self._index(message)) is not None:
            del state.messages[index]
        state.failure = ""

    def clear(self) -> None:
        """Begins anew."""
        self.runs.stop()
        state = self.state()
        state.messages, state.is_streaming, state.failure = [], False, ""

    def stop(self) -> None:
        """Stops the reply; what it has said stays."""
        self.runs.stop()
        self._end()

    def _refuse_while_streaming(self) -> None:
        if self.state().is_streaming:
            raise Invalid("A reply is on its way: stop it first.")

    def _index(self, message: Message) -> int | None:
        """Where a message is; `None` if it is gone."""
        messages = self.state().messages
        return next((n for n, each in enumerate(messages) if each.id == message.id), None)

    def _answer(self, reply: Message | None = None) -> None:
        state = self.state()
        if reply is None:
            state.messages.append(Message("assistant"))
        state.is_streaming, state.failure = True, ""
        widget.spawn(self._run, state.messages[-1])

    def _end(self) -> None:
        state = self.state()
        state.is_streaming = False
        if state.messages and state.messages[-1].role != "user" and not state.messages[-1].text:
            del state.messages[-1]

    # The reply

    async def _run(self, reply: Message) -> None:
        state = self.state()
        # Copies: what the function does with them is its own business.
        said = [Message(each.role, each.text, each.id) for each in state.messages[:-1]]
        arguments = (said[-1].text, said[:-1]) if self.takes_history else (said[-1].text,)
        run = Run(lambda: self.function(*arguments), lambda got: self._show(run, reply, got))
        self.runs.begin(run)
        failure = ""
        try:
            await run.follow()
            if not reply.text:
                failure = "The reply is empty."
        except Invalid as invalid:
            failure = str(invalid)
        except Exception as exception:
            failure = self._failure(exception)
        finally:
            run.show(lambda: self._finish(failure))
            self.runs.end(run)

    def _finish(self, failure: str) -> None:
        self._end()
        if failure:
            self.state().failure = failure

    def _show(self, run: Run, reply: Message, got: list[Any]) -> None:
        text, n_repeated = reply.text, 0
        for value in got:
            if isinstance(value, Replace):
                text = value.text
            elif isinstance(value, str):
                n_repeated += len(text) >= 8 and value.startswith(text)
                text += value
            else:
                name = getattr(self.function, "__name__", "the function")
                kind = type(value).__name__
                raise HandlerError(f"`{name}` expected to give texts, or lf.Replace, got {kind}")
        if len(text) > MAX_REPLY:
            raise HandlerError(f"a reply has at most {MAX_REPLY} characters")
        if n_repeated and not self._has_warned:
            self._has_warned = True
            logger.warning(
                "a text that `%s` yielded begins with all that it has said before: what it yields "
                "is added to that; `yield lf.Replace(text)` takes its place",
                getattr(self.function, "__name__", "the function"),
            )
        run.show(lambda: setattr(reply, "text", text))

    def _failure(self, exception: Exception) -> str:
        text, place = report(exception)
        if self.app.is_dev:
            return f"{text} ({place})" if place else text
        reference = secrets.token_hex(4)
        logger.error("reference %s: %s at %s", reference, text, place)
        return f"Something went wrong. (Reference {reference})"


def _checked(text: str) -> str:
    text = text.strip()
    if len(text) > MAX_LENGTH:
        raise Invalid(text=f"is longer than {MAX_LENGTH} characters")
    return text


def _takes_history(function: Callable[..., Any], name: str) -> bool:
    """Whether it takes the messages before, or only the message."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return True
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    positional = [each for each in parameters if each.kind in kinds]
    needed = [each for each in parameters if each.default is each.empty and each.kind in kinds]
    rest = any(each.kind is each.VAR_POSITIONAL for each in parameters)
    if (len(positional) < 1 and not rest) or len(needed) > 2:
        raise HandlerError(
            f"app.chat expected `{name}` to take a message, and the history if it likes: "
            "(message: str, history: list[lf.Message])"
        )
    return len(positional) >= 2 or rest
