"""`@app.interface`: a page with a form, a result and an API, made from a function's annotations."""

from __future__ import annotations

import logging
import secrets
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from . import _native as widget
from ._api import Api
from ._docstring import read_docstring
from ._inputs import (
    Choice,
    Drawing,
    first_texts,
    label_from,
    label_of,
    object_schema,
    read_all,
    read_inputs,
    texts_of,
)
from ._outputs import View, describe, plain, returned, show
from ._report import report
from ._run import Run, Runs
from .component import component
from .errors import HandlerError, Invalid
from .handler import handler
from .state import State, StateMeta, field

if TYPE_CHECKING:
    from .app import App
    from .component import Component

logger = logging.getLogger("livefloe")

#: How long a run takes before anything is said of it, in seconds: what ends sooner would flicker.
QUIET_S = 0.15

#: How long the input rests before a live interface runs, in milliseconds.
LIVE_MS = 200

#: A result of more characters than this is not written to the store with every event.
MAX_SAVED = 64_000


class Interface:
    """A function with its page.

    Args:
        app: The app.
        path: The page's path.
        function: The function.
        title: What stands above; the function's name by default.
        description: Markdown below the title; the docstring's text by default.
        examples: Rows of arguments that fill the form.
        live: Whether it runs while people type.
        submit: What stands on the button.
    """

    def __init__(
        self,
        app: App,
        path: str,
        function: Callable[..., Any],
        *,
        title: str | None,
        description: str | None,
        examples: Iterable[Any],
        live: bool,
        submit: str,
    ) -> None:
        name = getattr(function, "__name__", type(function).__name__)
        self.app, self.path, self.function, self.live = app, path, function, live
        self.title = title or label_from(name)
        documented, _ = read_docstring(function)
        self.description = documented if description is None else description
        self.submit_text = submit
        self.inputs = read_inputs(function)
        hints = typing.get_type_hints(function, include_extras=True)
        self.annotation = returned(hints.get("return", Any))
        self.examples = [self._example(example) for example in examples]
        self.first = {
            name: text for item in self.inputs for name, text in first_texts(item).items()
        }
        self.state = self._make_state(function, name)
        self.runs = Runs()
        self.form = _place(self._form, name, "form")
        self.result = _place(self._result, name, "result")
        self.samples = _place(self._samples, name, "samples")
        manner: Any = "latest" if live else "queue"
        self.submit = handler(concurrency=manner, debounce_ms=LIVE_MS if live else None)(
            self._submit
        )

    def _make_state(self, function: Callable[..., Any], name: str) -> Any:
        annotations = {
            "texts": dict[str, str],
            "problems": dict[str, str],
            "result": list[View],
            "large": list[View],
            "failure": str,
            "is_running": bool,
        }
        namespace = {
            "__module__": getattr(function, "__module__", __name__),
            # What a store knows it as.
            "__qualname__": f"{getattr(function, '__qualname__', name)} at {self.path}",
            "__annotations__": annotations,
            "texts": field(factory=lambda: dict(self.first)),
            "problems": field(factory=dict, save=False),
            "result": field(factory=list),
            "large": field(factory=list, save=False),
            "failure": field("", save=False),
            "is_running": field(False, save=False),
        }
        return StateMeta(name, (State,), namespace)

    def _example(self, example: Any) -> dict[str, str]:
        """A row as what the controls would send."""
        if isinstance(example, Mapping):
            values = dict(example)
        else:
            is_row = isinstance(example, Sequence) and not isinstance(example, str)
            row = list(example) if is_row else [example]
            if len(row) > len(self.inputs):
                raise HandlerError(
                    f"examples of `{self.title}` expected rows of at most {len(self.inputs)} "
                    f"values, one for each parameter, got {example!r}"
                )
            values = {item.name: value for item, value in zip(self.inputs, row, strict=False)}
        known = {item.name: item for item in self.inputs}
        texts: dict[str, str] = {}
        for name, value in values.items():
            if name not in known:
                raise HandlerError(
                    f"examples of `{self.title}` expected values for {', '.join(known)}, "
                    f"got one for {name!r}"
                )
            try:
                texts.update(known[name].texts(value))
            except ValueError as error:
                problem = f"examples of `{self.title}`, value for `{name}`: {error}"
                raise HandlerError(problem) from error
        return texts

    # What is shown

    def page(self) -> None:
        """The page."""
        widget.title(self.title)
        widget.page_header(self.title)
        if self.description:
            widget.markdown(self.description)
        with widget.element("div", class_="lf-interface"):
            with widget.element("div", class_="lf-interface-side"):
                self.form()
                if self.examples:
                    self.samples()
            self.result()

    def _form(self) -> None:
        state = self.state()
        texts, problems = state.texts, state.problems
        run = self.submit
        with (
            widget.card(),
            widget.form(
                on_submit=run,
                on_input=run if self.live else None,
                on_change=self.note,
                debounce_ms=LIVE_MS if self.live else None,
            ),
        ):
            for item in self.inputs:
                item.show(texts, problems)
            if "" in problems:
                widget.alert(problems[""], "error")
            with widget.row():
                if not self.live or not self.inputs:
                    widget.button(self.submit_text, submit=True, variant="primary")
                if state.is_running:
                    widget.button("Cancel", self.cancel, key="cancel")

    def _result(self) -> None:
        state = self.state()
        with widget.element(
            "section", class_="lf-card lf-result", aria_label="Result", aria_busy=state.is_running
        ):
            widget.heading("Result", level=2)
            if state.failure:
                title = "It did not work"
                widget.alert(state.failure, "error", title=title)
            views = state.large or state.result
            if views:
                show(views[0])
            elif not state.failure:
                hint = "It shows here." if self.live else f"“{self.submit_text}” shows it here."
                widget.text("…" if state.is_running else hint, muted=True)

    def _samples(self) -> None:
        with widget.element("section", class_="lf-samples", aria_label="Examples"):
            widget.heading("Examples", level=2)
            with widget.element("div", class_="lf-sample-list"):
                for index, texts in enumerate(self.examples):
                    text = self._summary(texts)
                    widget.button(
                        text,
                        self.fill,
                        args=(index,),
                        accessible_name=f"Example {index + 1}: {text}",
                        key=index,
                    )

    def _summary(self, texts: Mapping[str, str]) -> str:
        parts = []
        for item in self.inputs:
            given = [texts.get(name, "") for name in item.names()]
            if isinstance(item, Choice) and given[0]:
                given = [label_of(given[0], item.choices[given[0]])]
            elif given == ["true"]:
                given = [item.asked.label]
            shown = " ".join(text for text in given if text not in ("", "true"))
            if shown:
                parts.append(shown if len(shown) <= 60 else f"{shown[:59]}…")
        return " · ".join(parts) or "Empty"

    # What people do

    def note(self, livefloe_form: dict) -> None:  # type: ignore[type-arg]
        """Keeps what was entered, whether or not it fits.

        So it is there after a reload; and an example takes its place: what the server doesn't know,
        it doesn't change either.
        """
        texts = texts_of(livefloe_form, self.inputs)
        # What is drawn is on the page, and of no use to a store.
        drawn = {item.name for item in self.inputs if isinstance(item, Drawing)}
        kept = {name: text for name, text in texts.items() if name not in drawn}
        state = self.state()
        if kept != state.texts:
            state.texts = kept

    def _submit(self, livefloe_form: dict) -> None:  # type: ignore[type-arg]
        """Gets all that the form holds, and runs the function beside the session."""
        state = self.state()
        values = read_all(self.inputs, texts_of(livefloe_form, self.inputs))
        self.note(livefloe_form)
        self.runs.stop()
        if state.problems:
            state.problems = {}
        if state.failure:
            state.failure = ""
        widget.spawn(self._run, values)

    def fill(self, index: int) -> None:
        """Fills the form with an example; a live interface runs with it."""
        state = self.state()
        state.texts = {**self.first, **self.examples[index]}
        state.problems = {}
        if self.live:
            self._submit(dict(state.texts))

    def cancel(self) -> None:
        """Stops what runs; what it has shown stays."""
        self.runs.stop()
        self.state().is_running = False

    async def _run(self, values: Mapping[str, Any]) -> None:
        import asyncio

        state = self.state()
        has_shown = False

        def bring(got: list[Any]) -> None:
            nonlocal has_shown
            has_shown = True
            self._show(run, got[-1])

        def fail(name: str, problem: Any) -> None:
            setattr(state, name, problem)
            if not has_shown:  # what stands there is of what was entered before
                state.result, state.large = [], []

        run = Run(partial(self.function, **values), bring, is_thorough=True)
        self.runs.begin(run)
        following = asyncio.ensure_future(run.follow())
        try:
            done, _ = await asyncio.wait({following}, timeout=QUIET_S)
            if not done:
                run.show(lambda: setattr(state, "is_running", True))
            await following
        except Invalid as invalid:
            fields = dict(invalid.fields)
            run.show(lambda: fail("problems", fields))
        except Exception as exception:
            failure = self._failure(exception)
            run.show(lambda: fail("failure", failure))
        finally:
            following.cancel()
            run.show(lambda: setattr(state, "is_running", False))
            self.runs.end(run)

    def _show(self, run: Run, value: Any) -> None:
        view = describe(value, self.annotation)
        is_large = _size(view) > MAX_SAVED

        def change() -> None:
            state = self.state()
            state.large = [view] if is_large else []
            state.result = [] if is_large else [view]

        run.show(change)

    def _failure(self, exception: Exception) -> str:
        text, place = report(exception)
        if self.app.is_dev:
            return f"{text} ({place})" if place else text
        reference = secrets.token_hex(4)
        logger.error("reference %s: %s at %s", reference, text, place)
        return f"Something went wrong. (Reference {reference})"

    # The API

    def api(self) -> Api:
        """What answers at `{path}/api`."""
        return Api(
            title=self.title,
            description=self.description,
            inputs=self.inputs,
            schema=object_schema(self.inputs),
            function=self.function,
            plain=plain,
            failure=self._failure,
        )


def _size(view: Any) -> int:
    """How many characters there are in a view, about."""
    if isinstance(view, list | tuple):
        return sum(_size(part) for part in view)
    return len(view) if isinstance(view, str) else 8


def _place(method: Callable[[], None], name: str, part: str) -> Component[[]]:
    """A method as a component, with a name of its own: it is what the component is known by."""

    def place() -> None:
        method()

    place.__name__ = part
    place.__qualname__ = f"{name}.{part}"
    return component(place)
