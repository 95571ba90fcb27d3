"""The errors of Livefloe, in one tree.

```text
LivefloeError
├── AppError                an app can't be built or served
│   ├── AddressError        the address is taken, or is none
│   ├── PageError           a page's path is wrong, or has a page already
│   └── ServerError         the server ended by itself
├── RenderError             a widget, component or effect in the wrong place
├── HandlerError            what was given as a handler is none
├── StateError              a state that is declared or changed in a way that can't work
├── NoSessionError          a visitor's state was asked for where there is no visitor
├── Invalid                 raised by handlers: what was entered does not fit
├── TaskError               a task can't do what it was asked to
│   ├── TaskBusyError       too many of its runs wait
│   └── TaskLostError       a run was cancelled, or ended with its server
├── ModelError              a model can't be loaded or run
│   ├── ModelFileError      its file is missing or is no model
│   ├── ModelInputError     it was given something else than it takes
│   ├── ModelBusyError      too many requests wait for it
│   └── TorchNotBuiltError  this build of Livefloe has no libtorch
└── TestFailed              a page under test is not as expected
    └── Refused             the event was refused
```

Messages say what was expected and what came. An exception of an app's own code is never wrapped.
"""

from __future__ import annotations


class LivefloeError(Exception):
    """Any error of Livefloe."""


class AppError(LivefloeError):
    """An app can't be built or served."""


class AddressError(AppError):
    """The address can't be listened on: it is taken, not permitted, or none at all."""


class PageError(AppError):
    """A page's path is wrong, or has a page already."""


class ServerError(AppError):
    """The server ended by itself, or did not end when it should."""


class RenderError(LivefloeError):
    """A widget, a component or an effect is in the wrong place, or a component can't render."""


class HandlerError(LivefloeError):
    """What was given as a handler is none, or its parameters can't be filled."""


class StateError(LivefloeError):
    """A state is declared or changed in a way that can't work."""


class NoSessionError(LivefloeError):
    """A visitor's state was asked for where there is no visitor."""


class Invalid(LivefloeError):
    """What was entered does not fit: raise it in a handler to show a message at each field.

    The event is refused, its changes are undone, and nothing that was typed is lost.

    Args:
        message: What does not fit about the whole, if it is no single field.
        **fields: A message for each field that does not fit.

    Examples:
        >>> raise Invalid(name="is taken already")
        Traceback (most recent call last):
        livefloe.errors.Invalid: name: is taken already
    """

    fields: dict[str, str]

    def __init__(self, message: str | None = None, /, **fields: str) -> None:  # noqa: D107
        self.fields = {"": message, **fields} if message is not None else dict(fields)
        super().__init__(
            "; ".join(f"{name}: {text}" if name else text for name, text in self.fields.items())
        )


class TaskError(LivefloeError):
    """A task can't do what it was asked to."""


class TaskBusyError(TaskError):
    """Too many runs of the task wait: try again later."""


class TaskLostError(TaskError):
    """A run of a task was cancelled, or ended with the server that it ran in."""


class ModelError(LivefloeError):
    """A model can't be loaded or run."""


class ModelFileError(ModelError):
    """The model's file is missing, or is no model."""


class ModelInputError(ModelError):
    """The model was given something else than it takes."""


class ModelBusyError(ModelError):
    """Too many requests wait for the model: try again later."""


class TorchNotBuiltError(ModelError):
    """This build of Livefloe has no libtorch."""


class TestFailed(LivefloeError):
    """A page under test is not as expected."""

    __test__ = False


class Refused(TestFailed):
    """The server refused an event of a page under test.

    Attributes:
        code: The protocol's refusal code: 1 stale, 2 invalid, 3 error, 4 busy, 5 timeout.
        message: What the person is told.
        fields: Messages by field.
    """

    def __init__(self, code: int, message: str, fields: list[tuple[str, str]]) -> None:  # noqa: D107
        self.code = code
        self.message = message
        self.fields = dict(fields)
        at_fields = "".join(f"; {name}: {text}" for name, text in fields)
        super().__init__(f"the event was refused (code {code}): {message}{at_fields}")
