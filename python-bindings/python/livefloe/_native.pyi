"""The native half of Livefloe. What is public of it is exported by `livefloe`."""

import re
from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping, Sequence
from io import BufferedReader
from pathlib import Path
from types import GenericAlias, TracebackType
from typing import (
    Any,
    Final,
    Generic,
    Literal,
    TypeAlias,
    TypedDict,
    TypeVar,
    final,
    overload,
    type_check_only,
)

from typing_extensions import Never, Self, Unpack, disjoint_base

from .action import Action

_T = TypeVar("_T")

_Handler: TypeAlias = Callable[..., Any]
_On: TypeAlias = _Handler | Action | Sequence[_Handler | Action]
_Bindable: TypeAlias = "Cell[Any] | Field | Any"
_Choices: TypeAlias = Iterable[object] | Mapping[Any, object]
_Align: TypeAlias = Literal["start", "center", "end", "stretch"]
_Kind: TypeAlias = Literal["info", "success", "warning", "error"]

__all__ = [
    "HAS_EXAMPLES",
    "HAS_TORCH",
    "Accordion",
    "AppCore",
    "Block",
    "Bridge",
    "Cell",
    "Component",
    "Computed",
    "Container",
    "Done",
    "Embedded",
    "Field",
    "Guard",
    "HandlerFunction",
    "HttpExchange",
    "Lane",
    "Loaded",
    "Memory",
    "Menu",
    "Node",
    "Page",
    "Panel",
    "Picture",
    "Resource",
    "ResourceField",
    "Server",
    "Session",
    "Site",
    "SocketExchange",
    "Source",
    "StateCore",
    "Strokes",
    "Tabs",
    "Tracked",
    "Upload",
    "accordion",
    "after",
    "after_turn",
    "alert",
    "alert_box",
    "button",
    "cancelled",
    "card",
    "cell",
    "checkbox",
    "close",
    "code",
    "column",
    "custom",
    "decode_frame",
    "dialog",
    "element",
    "encode_frame",
    "evaluate",
    "every",
    "expander",
    "file_field",
    "form",
    "grid",
    "heading",
    "image",
    "label",
    "link",
    "markdown",
    "members",
    "menu",
    "mirror_address",
    "mirror_kept",
    "mirrored",
    "nav",
    "navigate",
    "number",
    "page_header",
    "panel",
    "presence",
    "progress",
    "radio",
    "read_binding",
    "roles",
    "row",
    "rust",
    "rust_components",
    "select",
    "session",
    "sketchpad",
    "slider",
    "spawn",
    "state_in",
    "state_of",
    "table",
    "tabs",
    "text",
    "text_area",
    "text_field",
    "title",
]

HAS_EXAMPLES: Final[bool]
HAS_TORCH: Final[bool]

@type_check_only
class _Options(TypedDict, total=False):
    bind: Any
    name: str | None
    on_input: _On | None
    on_change: _On | None
    args: tuple[Any, ...]
    pending: Action | Sequence[Action] | None
    help: object
    error: object
    required: bool
    disabled: bool
    hide_label: bool
    debounce_ms: int | None
    throttle_ms: int | None
    id: str | None
    key: Hashable

def text(content: object, *, muted: bool = False, key: Hashable = None) -> None:
    """A paragraph of plain text.

    Args:
        content: Anything; it is shown as `print` would show it. An expression of `lf.expr` is followed without a round trip.
        muted: Whether it is drawn in a quieter colour, for hints.
        key: What tells it from its neighbours in a list that changes.
    """

def heading(content: object, *, level: int = 2, id: str | None = None) -> None:
    """A heading.

    Args:
        content: Its text.
        level: Its rank from 1, the page, to 6.
        id: Makes it a target of links.
    """

def markdown(source: object, *, images: bool = False) -> None:
    """Markdown from anywhere, a language model included, as safe HTML: HTML in it is shown as text.

    Args:
        source: The Markdown.
        images: Whether images that it names are loaded. Off by default, since an image address can carry what a
            conversation holds to another server.
    """

def code(content: object, *, language: str | None = None) -> None:
    """A block of code or other preformatted text.

    Args:
        content: The text.
        language: The language, as a class for a highlighter.
    """

def link(content: object, address: str, *, button: bool = False, current: bool = False) -> None:
    """A link to another page or site. Addresses that are not http(s), mailto, tel or relative become `#`.

    Args:
        content: Its text.
        address: Where it leads. A path such as `/rooms` is one of this app's, wherever that is mounted; others are
            as they are written.
        button: Whether it is drawn as a button.
        current: Whether it leads to the page that is shown.
    """

def image(
    source: str,
    description: object = None,
    *,
    width: int | None = None,
    height: int | None = None,
    pixelated: bool = False,
    caption: object = None,
    key: Hashable = None,
) -> None:
    """A picture from an http(s) or relative address, or a `data:image/…` one.

    Args:
        source: The address.
        description: What it shows, for those who don't see it; empty for mere decoration.
        width: In CSS pixels.
        height: In CSS pixels.
        pixelated: Whether the pixels of a small picture are shown as sharp squares.
        caption: A text below it.
        key: What tells it from its neighbours in a list that changes.
    """

def label(
    scores: Mapping[Any, float] | Iterable[float] | Iterable[tuple[object, float]] | None,
    *,
    top: int = 5,
    title: object = None,
    placeholder: object = None,
) -> None:
    """What a classifier says: the likeliest names, with a bar for each.

    Args:
        scores: Probabilities by name, or pairs of name and probability, or probabilities alone (named by their index).
        top: How many are shown.
        title: What they say something about, shown above.
        placeholder: What is shown while there are none.
    """

def table(
    headers: Sequence[object],
    rows: Iterable[Iterable[object]],
    *,
    keys: Sequence[object] | None = None,
    caption: object = None,
) -> None:
    """A table. Numbers are aligned to the right.

    Args:
        headers: The texts above the columns.
        rows: The rows: lists or tuples of cells. A cell is a value, or a function without parameters that calls widgets.
        keys: What tells the rows from each other when they change, one for each row.
        caption: What the table shows, written above it.

    Raises:
        ValueError: There are not as many keys as rows.
    """

def progress(
    label: object, value: float | None = None, *, max: float = 1, note: object = None
) -> None:
    """A progress bar; in a task, which shows nothing itself, the progress of its job.

    Args:
        label: What it is the progress of.
        value: How far it has come, from 0 to `max`; `None` says only that something is going on.
        max: How far it will go.
        note: A few words at the right: a percentage, the time left.
    """

def page_header(title: object, *, subtitle: object = None) -> None:
    """The title of a page, as its heading of level 1.

    Args:
        title: The title.
        subtitle: A sentence below it.
    """

def nav(
    links: Mapping[str, str] | Iterable[tuple[object, str]],
    *,
    label: object = "Pages",
    current: str = "",
) -> None:
    """Links between the pages of an app.

    Args:
        links: Addresses by text, or pairs of text and address.
        label: What screen readers call it.
        current: The address of the page that is shown.
    """

def title(title: object) -> None:
    """Sets the document's title. The last call in the page counts; in other components it has no effect.

    Args:
        title: The title.
    """

def button(
    content: object,
    on_click: _On | None = None,
    *,
    args: tuple[Any, ...] = (),
    pending: Action | Sequence[Action] | None = None,
    variant: Literal["secondary", "primary", "danger", "ghost"] = "secondary",
    submit: bool = False,
    name: str | None = None,
    value: object = None,
    accessible_name: object = None,
    disabled: bool = False,
    autofocus: bool = False,
    key: Hashable = None,
) -> None:
    """A button.

    Args:
        content: Its text.
        on_click: The function to call: plain, async, or a generator, each of whose `yield`s shows what changed so far. Or an action of
            `lf.action`, which needs no round trip, or a list of actions and a function.
        args: What the function gets; it stays on the server.
        pending: An action that shows until the function is done, and is undone then: what the state says by then shows.
        variant: How much it stands out: `secondary`, `primary`, `danger` or `ghost`.
        submit: Whether it submits the form around it.
        name: The name of its value in a form's payload.
        value: The value that a form is sent with when this button submitted it.
        accessible_name: What screen readers call it, where the text alone says too little.
        disabled: Whether it is greyed out and does nothing.
        autofocus: Whether it has the focus when it appears.
        key: What tells it from its neighbours in a list that changes.

    Raises:
        HandlerError: `on_click` can't be called.
    """

def text_field(
    label: object,
    value: object = None,
    *,
    kind: Literal["text", "email", "password", "search", "url", "date"] = "text",
    placeholder: object = None,
    autocomplete: str | None = None,
    autofocus: bool = False,
    max_length: int | None = None,
    **options: Unpack[_Options],
) -> None:
    """A line of text that can be edited.

    Args:
        label: What it is called.
        value: The present text.
        kind: `text`, `email`, `password`, `search`, `url` or `date`.
        placeholder: An example, shown while it is empty.
        autocomplete: What the browser may fill in, in HTML's words: `email`, `off`…
        autofocus: Whether it has the focus when it appears.
        max_length: The most UTF-16 units that the browser lets in.
        **options: What all controls take: `bind`, `name`, `on_input`, `on_change`, `args`, `help`, `error`, `required`, `disabled`,
            `hide_label`, `debounce_ms`, `throttle_ms`, `id`, `key`.

    Raises:
        HandlerError: A handler can't be called.
    """

def text_area(
    label: object,
    value: object = None,
    *,
    rows: int = 4,
    placeholder: object = None,
    autofocus: bool = False,
    max_length: int | None = None,
    **options: Unpack[_Options],
) -> None:
    """Several lines of text that can be edited.

    Args:
        label: What it is called.
        value: The present text.
        rows: Its height in lines of text.
        placeholder: An example, shown while it is empty.
        autofocus: Whether it has the focus when it appears.
        max_length: The most UTF-16 units that the browser lets in.
        **options: What all controls take, see `text_field`.

    Raises:
        HandlerError: A handler can't be called.
    """

def number(
    label: object,
    value: float | None = None,
    *,
    min: float | None = None,
    max: float | None = None,
    step: float | Literal["any"] | None = None,
    placeholder: object = None,
    **options: Unpack[_Options],
) -> None:
    """A number that can be typed.

    Args:
        label: What it is called.
        value: The present number.
        min: The smallest number.
        max: The largest number.
        step: The distance between two numbers, or `"any"`; 1 if not given.
        placeholder: An example, shown while it is empty.
        **options: What all controls take, see `text_field`.

    Raises:
        HandlerError: A handler can't be called.
    """

def slider(
    label: object,
    min: float = 0,
    max: float = 100,
    value: float | None = None,
    *,
    step: float | Literal["any"] | None = None,
    unit: object = None,
    **options: Unpack[_Options],
) -> None:
    """A number that is chosen by dragging.

    Args:
        label: What it is called.
        min: The number at the left end.
        max: The number at the right end.
        value: The present number.
        step: The distance between two numbers, or `"any"`; 1 if not given, a hundredth of the range if an end is a `float`.
        unit: What the number counts, shown after it.
        **options: What all controls take, see `text_field`.

    Raises:
        HandlerError: A handler can't be called.
    """

def checkbox(label: object, value: bool = False, **options: Unpack[_Options]) -> None:
    """A box to tick.

    Args:
        label: What it is called.
        value: Whether it is ticked.
        **options: What all controls take, see `text_field`.

    Raises:
        HandlerError: A handler can't be called.
    """

def select(
    label: object,
    options: _Choices,
    value: object = None,
    *,
    placeholder: object = None,
    **keywords: Unpack[_Options],
) -> None:
    """One of several values, in a list that opens.

    Args:
        label: What it is called.
        options: The values; or labels by value; or pairs of value and label.
        value: The value that is chosen.
        placeholder: A first choice with an empty value, such as "Choose…".
        **keywords: What all controls take, see `text_field`.

    Raises:
        HandlerError: A handler can't be called.
    """

def radio(
    label: object,
    options: _Choices,
    value: object = None,
    *,
    inline: bool = False,
    **keywords: Unpack[_Options],
) -> None:
    """One of a few values, all in view.

    Args:
        label: What the choice is called.
        options: The values; or labels by value; or pairs of value and label.
        value: The value that is chosen.
        inline: Whether they stand beside each other.
        **keywords: What all controls take, see `text_field`.

    Raises:
        HandlerError: A handler can't be called.
    """

def sketchpad(
    label: object,
    *,
    size: tuple[int, int] = (28, 28),
    sends: Literal["picture", "strokes"] = "picture",
    pen: float | None = None,
    clear: object = "Clear",
    cleared: object = None,
    **options: Unpack[_Options],
) -> None:
    """A surface to draw on. Its handler gets a `livefloe.Picture`, or `livefloe.Strokes` if `sends` says so.

    Args:
        label: What it is called.
        size: Cells across and down, 1 to 256 each.
        sends: `picture`, the ink of every cell, or `strokes`, the way of the pen.
        pen: The width of the pen in cells.
        clear: The text of the button that clears it; `None` for no button.
        cleared: The drawing is cleared whenever this value is another than before.
        **options: What all controls take, see `text_field`; of those not `bind`, `required`, `disabled`, `throttle_ms`.

    Raises:
        HandlerError: A handler can't be called.
    """

def file_field(
    label: object,
    *,
    accept: str | None = None,
    multiple: bool | int = False,
    max_bytes: int | None = None,
    camera: Literal["user", "environment"] | None = None,
    cleared: object = None,
    **options: Unpack[_Options],
) -> None:
    """Asks for a file: chosen in a dialog, dropped on it, or pasted, and sent at once. Handlers get a `livefloe.Upload`.

    Args:
        label: What it is called.
        accept: Which files it takes, in HTML's words: `image/*`, `.csv`, with commas between them. Browsers and server go by what a file
            is called.
        multiple: Whether it takes several, or how many. Its handler gets a list then.
        max_bytes: Bytes that a file may have; what the app's limits allow by default, and at most.
        camera: Lets a phone take a picture: `user`, of the person, or `environment`.
        cleared: It is emptied whenever this value is another than before.
        **options: What all controls take, see `text_field`; of those not `on_input`, `debounce_ms`, `throttle_ms`.

    Raises:
        HandlerError: A handler can't be called.
    """

def row(*, align: _Align | None = None, key: Hashable = None) -> Container:
    """Puts widgets beside each other: `with lf.row():`.

    Args:
        align: How those of different height stand: `start`, `center`, `end` or `stretch`. By default it depends on them.
        key: What tells it from its neighbours in a list that changes.
    """

def column(*, align: _Align = "stretch", key: Hashable = None) -> Container:
    """Puts widgets below each other: `with lf.column():`. Inside a row, columns share the width.

    Args:
        align: How wide they are and where they stand: `start`, `center`, `end` or `stretch`.
        key: What tells it from its neighbours in a list that changes.
    """

def grid(*, key: Hashable = None) -> Container:
    """Puts widgets into as many columns of the same width as there is room for: `with lf.grid():`.

    Args:
        key: What tells it from its neighbours in a list that changes.
    """

def card(title: object = None, *, link: str | None = None, key: Hashable = None) -> Container:
    """Puts widgets on a surface: `with lf.card("Result"):`.

    Args:
        title: A heading above them.
        link: Makes the title a link, and the whole card its target.
        key: What tells it from its neighbours in a list that changes.
    """

def alert(
    content: object, kind: _Kind = "info", *, title: object = None, key: Hashable = None
) -> None:
    """A message about what happened. A screen reader reads an error out at once, any other after its sentence.

    Args:
        content: The message.
        kind: `info`, `success`, `warning` or `error`.
        title: The message in a few words.
        key: What tells it from its neighbours in a list that changes.
    """

def alert_box(kind: _Kind = "info", *, title: object = None, key: Hashable = None) -> Container:
    """A message, with more than text in it: `with lf.alert_box("error"):`. For text alone there is `lf.alert`.

    Args:
        kind: `info`, `success`, `warning` or `error`.
        title: The message in a few words.
        key: What tells it from its neighbours in a list that changes.
    """

def form(
    *,
    on_submit: _On | None = None,
    on_input: _On | None = None,
    on_change: _On | None = None,
    args: tuple[Any, ...] = (),
    pending: Action | Sequence[Action] | None = None,
    debounce_ms: int | None = None,
    reset: bool = False,
    key: Hashable = None,
) -> Container:
    """Controls that are sent together: `with lf.form(on_submit=save):`, with a button that says `submit=True`.

    The handler gets the values by its parameters' names, as what their annotations say. Values that don't fit are refused with a
    message at each field, and nothing that was typed is lost.

    Args:
        on_submit: Gets all the values when the form is submitted.
        on_input: Gets all the values at every change while it is made.
        on_change: Gets all the values when one control's change is finished.
        args: What the handlers get before the values; it stays on the server.
        pending: An action that shows while it is being submitted, and is undone then.
        debounce_ms: How long the client waits, in milliseconds, for the input to rest before it sends.
        reset: Whether the controls are emptied once the values are sent.
        key: What tells it from its neighbours in a list that changes.

    Raises:
        HandlerError: A handler can't be called.
    """

def element(name: str, *, key: Hashable = None, **attributes: object) -> Container:
    """An element of HTML that no widget stands for: `with lf.element("ul", class_="done"):`.

    Args:
        name: A sectioning, grouping or text element such as `ul`, `li`, `section`, `details`, `strong`.
        key: What tells it from its neighbours in a list that changes.
        **attributes: Its attributes; `class_` for `class`, `aria_label` for `aria-label`. `True` writes the name alone,
            `False` and `None` leave it out. A cell, a field of a state's class or an expression of `lf.expr` is followed without a round trip. There is no
            `style` and no `on…`.

    Raises:
        ValueError: The element or an attribute is not among those that are safe.
    """

def rust(name: str, properties: object = None, *, key: Hashable = None) -> None:
    """Places a Rust component: its state and handlers are Rust's, in the same page.

    Args:
        name: The name that it was registered by.
        properties: What it takes, as `json.dumps` can write it. When they change, it renders again and keeps its state.
        key: What tells it from its neighbours in a loop.

    Raises:
        ValueError: There is none of that name, or the properties don't fit it.
    """

def rust_components() -> list[str]:
    """The names of the registered Rust components."""

def navigate(path: str) -> None:
    """Takes the person to another page of this site, when the handler has succeeded.

    Args:
        path: A path that starts with one `/`.

    Raises:
        ValueError: It is another site's, or no path.
        RenderError: It was not called by a handler.
    """

def spawn(
    work: Callable[..., Any] | Awaitable[Any], *args: Any, then: Callable[[Any], Any] | None = None
) -> None:
    """Runs work beside the session, which goes on meanwhile. State that the work changes shows at once.

    The work starts when the handler has succeeded, and ends with the component whose handler started it (a plain function can't
    be stopped; what it returns is dropped then).

    Args:
        work: A function, plain or async, or a coroutine. A plain function runs on a thread of its own.
        *args: What the function gets.
        then: A handler that gets what the work returned.

    Raises:
        RenderError: It was not called by a handler.
    """

def after_turn(function: Callable[[], object]) -> None:
    """Calls a function when the running turn has succeeded and shows; at once where none runs."""

def cancelled() -> bool:
    """Whether what runs is to end: a later event took its place, it took too long, the component or the session is gone.

    For plain functions that take their time, which nothing can stop from outside: look at it now and then, and return. (Asynchronous ones
    and generators are stopped where they wait.)
    """

def every(seconds: float, handler: _Handler, *args: Any, key: Hashable = None) -> None:
    """Runs a handler every so often, for as long as the component that says so is on the page and somebody looks at it.

    The first time is after one period. A run that is due while the last one is still under way is left out.

    Args:
        seconds: How often; less than 0.05 counts as that.
        handler: The function to call: plain, async or a generator.
        *args: What the function gets.
        key: What tells it from those of the other items of a loop.

    Raises:
        RenderError: It was not called while rendering.
        HandlerError: The handler can't be called.
        ValueError: The time is none.
    """

def after(seconds: float, handler: _Handler, *args: Any, key: Hashable = None) -> None:
    """Runs a handler once, so long after the component that says so came onto the page, if it is still there and somebody looks at it.

    Args:
        seconds: After how long.
        handler: The function to call: plain, async or a generator.
        *args: What the function gets.
        key: What tells it from those of the other items of a loop.

    Raises:
        RenderError: It was not called while rendering.
        HandlerError: The handler can't be called.
        ValueError: The time is none.
    """

def presence(topic: str, member: Any) -> list[Any]:
    """Makes this session a member of a topic while its socket is connected, and gives all members, in the order in which they came.

    The component that calls it renders again whenever they change.

    Args:
        topic: The topic's name. Never make it of what a client sent without checking: who knows a name may look.
        member: As whom: anything whose `repr` says what it is. Where several servers share their sessions, those on the others see it if it is of
            the types that a state can be saved with.

    Raises:
        RenderError: It was not called while rendering.
    """

def members(topic: str) -> list[Any]:
    """The members of a topic, as for `presence`, without being one.

    Args:
        topic: The topic's name.

    Raises:
        RenderError: It was not called while rendering.
    """

def mirrored() -> list[Any]:
    """The states of the calling session that have mirrored fields."""

def mirror_address(
    parameters: list[tuple[str, list[str]]], push: bool, handler: _Handler, args: tuple[Any, ...]
) -> None:
    """Shows parameters in the page's address, each with its values."""

def mirror_kept(name: str, value: str, handler: _Handler, args: tuple[Any, ...]) -> None:
    """Shows a value that the browser keeps."""

def session() -> Session:
    """The calling session, to be handed to code that doesn't run in it: a thread, a callback. `Chat.of(session)` is its instance there.

    Returns:
        The session. It keeps nothing alive.

    Raises:
        NoSessionError: No session is running here.
    """

def state_in(class_: type[Any], /, session: Session) -> Any:
    """A session's instance of a state, for code that knows the session."""

def state_of(class_: type[Any], /) -> Any:
    """The calling session's instance of a state, or the app's; made when it is asked for first."""

def close() -> None:
    """Ends all work with Python, and waits a moment for what runs.

    Called when the interpreter goes down: a thread that entered it afterwards would abort the process.
    """

def decode_frame(direction: str, frame: bytes) -> str:
    """A frame of the wire protocol as JSON.

    `direction` is `client` for one that a client sends, `server` for one of the server's.
    """

def encode_frame(direction: str, json: str) -> bytes:
    """The frame that the JSON describes."""

@final
class AppCore:
    def __new__(cls, title: str, settings: dict[str, Any]) -> Self: ...
    def page(self, path: str, function: Callable[..., None]) -> None: ...
    def script(self, name: str, source: bytes) -> None: ...
    def api(
        self,
        path: str,
        function: Callable[[str, str, bytes], Awaitable[tuple[int, bytes]]],
    ) -> None: ...
    def state(self, class_: type[Any], /) -> Any: ...
    def user_state(self, class_: type[Any], /, user: str) -> Any | None: ...
    def start(self, host: str, port: int, dev: bool) -> Server: ...
    def start_on(self, socket: int, has_port: bool, dev: bool, store: str) -> Server: ...
    def start_framed(self, socket: int, dev: bool, memory: Memory, secret: str) -> Server: ...
    def check(self) -> None: ...
    def embed(self, dev: bool) -> Embedded: ...
    def mount_rust_examples(self, prefix: str) -> None: ...

_Scope: TypeAlias = tuple[str, str, list[tuple[bytes, bytes]], str | None, str, bool]

@final
class Memory:
    def __new__(cls) -> Self: ...

@final
class Bridge:
    def __new__(cls) -> Self: ...
    def fileno(self) -> int: ...
    def drain(self) -> list[int]: ...
    def wait(self) -> bool: ...
    def close(self) -> None: ...

@final
class Embedded:
    def http(self, bridge: Bridge, scope: _Scope, has_body: bool) -> HttpExchange: ...
    def socket(
        self, bridge: Bridge, scope: _Scope
    ) -> tuple[SocketExchange | None, tuple[int, list[tuple[bytes, bytes]]] | None]: ...
    def stop(self) -> None: ...

@final
class HttpExchange:
    @property
    def up(self) -> int: ...
    @property
    def down(self) -> int: ...
    def feed(self, part: bytes) -> None: ...
    def has_room(self) -> bool: ...
    def finish(self) -> None: ...
    def start(self) -> tuple[int, list[tuple[bytes, bytes]]] | None: ...
    def body(self) -> tuple[bytes, bool] | None: ...
    def close(self) -> None: ...

@final
class SocketExchange:
    @property
    def up(self) -> int: ...
    @property
    def down(self) -> int: ...
    @property
    def subprotocol(self) -> str | None: ...
    def push(self, frame: bytes | None) -> bool: ...
    def has_room(self) -> bool: ...
    def next(self) -> bytes | tuple[int, str] | None: ...
    def close(self) -> None: ...

@final
class Server:
    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...
    def tell(self, message: str | None, at: str | None, detail: str) -> None: ...
    def interrupt(self) -> None: ...
    def wait(self) -> None: ...
    def stop(self) -> None: ...

@final
class Done:
    def __call__(self, result: object, exception: BaseException | None) -> None: ...

@final
class Component:
    def __new__(cls, function: Callable[..., None], takes_key: bool) -> Self: ...
    @property
    def function(self) -> Callable[..., None]: ...
    def __call__(self, *args: Any, **kwargs: Any) -> None: ...
    def __get__(self, instance: object, owner: type | None = None, /) -> Any: ...

def custom(
    element: str,
    *,
    props: object = None,
    name: str | None = None,
    on_input: _On | None = None,
    on_change: _On | None = None,
    args: tuple[Any, ...] = (),
    debounce_ms: int | None = None,
    id: str | None = None,
    key: Hashable = None,
) -> None:
    """A custom element that a script of yours defines (`app.script`): what it is given goes down as JSON, what happens in it comes up as an event.

    Args:
        element: Its name, with a dash in it: `my-chart`.
        props: What it is given, as its attribute `props`: anything that JSON can say.
        name: The name of its value in the payload.
        on_input: Gets its `value`, a text, while it changes.
        on_change: Gets its `value` once it has changed.
        args: What the handlers get before the value; it stays on the server.
        debounce_ms: How long the client waits, in milliseconds, for `input` to rest before it sends.
        id: Its id, for actions and scripts.
        key: What tells it from its neighbours in a list that changes.

    Raises:
        ValueError: The name is none of a custom element, or JSON can't say the props.
    """

def panel(*, visible: _Bindable, key: Hashable = None) -> Container:
    """What is shown while something is true: `with lf.panel(visible=details):`. An action on that shows and hides it without a round trip.

    What is in it runs in any case, since it has to be on the page to be shown at once. Where that is too much, ask: `with
    lf.panel(visible=details) as is_shown:` and `if is_shown:` run it only while it is visible; then it comes with the answer.

    Args:
        visible: A cell, a field such as `Chat.is_open`, an expression of `lf.expr`, or simply a truth.
        key: What tells it from its neighbours in a list that changes.
    """

def expander(title: object, *, open: _Bindable = False, key: Hashable = None) -> Container:
    """What is folded away behind its title: `with lf.expander("Details"):`. Unfolding takes no round trip, and what is in it stays on the page.

    Args:
        title: What it is called.
        open: A cell or a field such as `Chat.is_open`, to know of it or to set it. Or whether it is open at first: then it remembers by itself.
        key: What tells it from its neighbours in a list that changes.

    Returns:
        With `as`, whether it is open.
    """

def dialog(title: object, *, open: _Bindable, key: Hashable = None) -> Container:
    """A dialog in front of the page: `with lf.dialog("Really?", open=asking):`.

    The rest of the page can't be used while it is open; Esc and its cross close it, and the focus goes back. Opening and
    closing takes no round trip: `lf.button("Delete", on_click=lf.action.set(asking, True))`.

    Args:
        title: What it is called.
        open: The cell, or the field such as `Chat.is_asking`, that says whether it is open.
        key: What tells it from its neighbours in a list that changes.

    Returns:
        With `as`, whether it is open.
    """

def tabs(label: object, *, selected: _Bindable = None, key: Hashable = None) -> Tabs:
    """Panels of which one is shown, and tabs to choose it.

    Changing them takes no round trip. All of them stay on the page, so that what was typed, drawn or scrolled to in one is
    there when it is shown again.

    `with lf.tabs("Views") as tabs:` and in it `with tabs.tab("Chart"):` for each.

    Args:
        label: What screen readers call it.
        selected: A cell, or a field such as `Page.view`, that has the value of the panel that is shown. By default it remembers by itself.
        key: What tells it from its neighbours in a list that changes.
    """

def accordion(*, opened: _Bindable = None, key: Hashable = None) -> Accordion:
    """Expanders of which at most one is open; opening one closes the other, without a round trip.

    `with lf.accordion() as accordion:` and in it `with accordion.item("Who?"):` for each.

    Args:
        opened: A cell, or a field, that has the value of the item that is open, or `None`. By default it remembers by itself.
        key: What tells it from its neighbours in a list that changes.
    """

def menu(content: object, *, key: Hashable = None) -> Menu:
    """A button that opens a list of actions, which closes on Esc, on a choice and on a click elsewhere; all without the server.

    `with lf.menu("More") as menu:` and in it `menu.item("Rename", on_click=rename)`, `menu.link("Help", "/help")`, `menu.separator()`.

    Args:
        content: What the button says.
        key: What tells it from its neighbours in a list that changes.
    """

def evaluate(given: object) -> Any:
    """What an expression is by what the session has now."""

def read_binding(target: object) -> Any:
    """The present value of a binding."""

@final
class Panel:
    """A panel of tabs or an accordion: `with tabs.tab("Chart"):`."""

    def __enter__(self) -> bool: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
        /,
    ) -> Literal[False]: ...

@final
class Tabs:
    """Panels of which one is shown: `with lf.tabs("Views") as tabs:` and in it `with tabs.tab("Chart"):`."""

    def tab(self, title: object, value: object = None, *, lazy: bool = False) -> Panel:
        """A panel with its tab.

        Args:
            title: What the tab says.
            value: What the binding is while it is shown; by default, the title.
            lazy: Whether what is in it is only wanted once it has been shown, which `with … as is_wanted:` says; it then stays.
        """

    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
        /,
    ) -> Literal[False]: ...

@final
class Accordion:
    """Expanders of which at most one is open: `with lf.accordion() as accordion:` and in it `with accordion.item("Who?"):`."""

    def item(self, title: object, value: object = None) -> Panel:
        """Content with its title.

        Args:
            title: What it is called.
            value: What the binding is while it is open; by default, the title.
        """

    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
        /,
    ) -> Literal[False]: ...

@final
class Menu:
    """A button that opens a list of actions: `with lf.menu("More") as menu:` and in it `menu.item("Rename", on_click=rename)`."""

    def item(
        self,
        content: object,
        on_click: _On,
        *,
        args: tuple[Any, ...] = (),
        pending: Action | Sequence[Action] | None = None,
        danger: bool = False,
    ) -> None:
        """An item that does something.

        Args:
            content: What it says.
            on_click: The function to call, or an action of `lf.action`.
            args: What the function gets; it stays on the server.
            pending: An action that shows until the function is done.
            danger: Whether it can't be taken back.
        """

    def link(self, content: object, address: str) -> None:
        """An item that leads to another page or site.

        Args:
            content: What it says.
            address: Where it leads, as for `lf.link`.
        """

    def separator(self) -> None:
        """A line between items."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
        /,
    ) -> Literal[False]: ...

@final
class Container:
    def __enter__(self) -> Any: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
        /,
    ) -> Literal[False]: ...

@final
class Guard: ...

@final
class HandlerFunction:
    def __new__(
        cls,
        function: Callable[..., Any],
        concurrency: int,
        timeout_s: float | None,
        debounce_ms: int | None,
        throttle_ms: int | None,
    ) -> Self: ...
    @property
    def function(self) -> Callable[..., Any]: ...
    def around(self, function: Callable[..., Any]) -> HandlerFunction:
        """Another function that runs in the same manner."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any: ...
    def __get__(self, instance: object, owner: type | None = None, /) -> Any: ...

@final
class Block:
    def __new__(cls, state: StateCore) -> Self: ...
    @property
    def is_inside(self) -> bool: ...
    def session(self) -> Session: ...
    def begin(self) -> None: ...
    def abandon(self) -> None: ...
    def end(self, raised: bool) -> None: ...

@final
class Session:
    """A session, as Python code in it finds it."""

    def __new__(cls) -> Self: ...
    def apart(self) -> Session: ...
    def stop(self) -> None: ...
    def under_way(self) -> Guard | None: ...
    @property
    def number(self) -> int | None:
        """A number that names the session in this process; `None` when it has ended."""

    def cancel(self) -> None:
        """Tells the code that runs with this session at hand that it is to end, see `lf.cancelled`."""

@final
class Source:
    def __new__(cls) -> Self: ...
    def adopt(self, parent: Source) -> None: ...
    def begin(self, what: str) -> int: ...
    def on_undo(self, undo: Callable[[], None]) -> None: ...
    def end(self, begun: int) -> None: ...
    def read(self) -> None: ...
    def n_observers(self) -> int: ...
    def __reduce__(self) -> tuple[type[Source], tuple[()]]: ...

@disjoint_base
class StateCore:
    def __new__(cls) -> Self: ...

@final
class Cell(Generic[_T]):
    """A value of a component's own, tracked like a field of a state."""

    @property
    def __livefloe_kind__(self) -> type[Any]: ...
    @property
    def value(self) -> _T:
        """The present value. A component that reads it runs again when it has changed."""

    @value.setter
    def value(self, value: _T) -> None: ...
    def set(self, value: _T) -> None:
        """Gives it another value: as a function, for use in a lambda.

        Args:
            value: The value.
        """

    def update(self, change: Callable[[_T], _T]) -> None:
        """Gives it the value that a function makes of the present one.

        Args:
            change: The function.
        """

    def touch(self) -> None:
        """Says that the value was changed in a way that can't be noticed, such as an array's elements."""

    def __class_getitem__(cls, key: Any) -> GenericAlias: ...

def cell(default: _T, *, key: Hashable = None, save: bool = True) -> Cell[_T]:
    """A value of a component's own: kept from one rendering to the next, and while the component is not on the page.

    Which cell it is follows from the place of the call, so that it may stand in a condition; in a loop give `key=` what tells the items
    apart.

    Args:
        default: The first value; lists, dicts and the like are copied.
        key: What tells it from those of the other items of a loop.
        save: Whether it is kept when the session is saved, and is there again after a restart of the server.

    Returns:
        The cell: read and change its `value`, or give it to a control as `bind=`.

    Raises:
        RenderError: It was not called while rendering.
        StateError: The session has too many.
    """

@final
class Computed(Generic[_T]):
    def __new__(cls, function: Callable[[Any], _T]) -> Self: ...
    @property
    def __wrapped__(self) -> Callable[[Any], _T]: ...
    def __set_name__(self, owner: type, name: str, /) -> None: ...
    @overload
    def __get__(self, instance: None, owner: type, /) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type | None = None, /) -> _T: ...
    def __set__(self, instance: object, value: Never, /) -> None: ...
    def __class_getitem__(cls, key: Any) -> GenericAlias: ...

@final
class ResourceField(Generic[_T]):
    def __new__(cls, function: Callable[[Any], Any]) -> Self: ...
    @property
    def __wrapped__(self) -> Callable[[Any], Any]: ...
    def __set_name__(self, owner: type, name: str, /) -> None: ...
    @overload
    def __get__(self, instance: None, owner: type, /) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type | None = None, /) -> Resource[_T]: ...
    def __set__(self, instance: object, value: Never, /) -> None: ...
    def __class_getitem__(cls, key: Any) -> GenericAlias: ...

@final
class Resource(Generic[_T]):
    """A value that is loaded in the background from other values, and again whenever those change."""

    @property
    def value(self) -> _T | None:
        """What the last run that succeeded brought, also while a newer one is under way; `None` before that."""

    @property
    def ready(self) -> bool:
        """Whether there is a value."""

    @property
    def loading(self) -> bool:
        """Whether a run is under way."""

    @property
    def error(self) -> BaseException | None:
        """The exception that the last run ended with; `None` if it succeeded."""

    def reload(self) -> None:
        """Loads again, though nothing that it depends on has changed.

        Raises:
            StateError: Something is being rendered.
        """

    def __class_getitem__(cls, key: Any) -> GenericAlias: ...

@final
class Tracked:
    def __call__(self, function: Callable[..., Any], *args: Any) -> Any: ...

@final
class Loaded:
    def __call__(self, value: object, exception: BaseException | None) -> None: ...

@final
class Field:
    def __new__(cls, owner: type, index: int, name: str) -> Self: ...
    @property
    def name(self) -> str: ...
    @property
    def owner(self) -> type[Any]: ...
    def __get__(self, instance: object, owner: type | None = None, /) -> Any: ...
    def __set__(self, instance: object, value: object, /) -> None: ...
    def shallow(self, instance: object) -> Any: ...
    def touch(self, instance: object) -> None: ...
    def version(self, instance: Any) -> int: ...
    def n_observers(self, instance: object) -> int: ...

@final
class Upload:
    """A file that a person has sent: what a handler's parameter has for a `file_field` of its name.

    The file lives as long as something has this; put it into a state, and it stays until that lets it go, at most as long as the session. It doesn't
    survive the server: to keep a file, copy it.
    """

    @property
    def name(self) -> str: ...
    @property
    def content_type(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def path(self) -> Path: ...
    def read(self) -> bytes: ...
    def open(self) -> BufferedReader: ...
    def __len__(self) -> int: ...
    def __bool__(self) -> bool: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Picture:
    """A drawing as the ink of its cells, row by row."""

    @staticmethod
    def parse(text: str) -> Picture: ...
    @property
    def columns(self) -> int: ...
    @property
    def rows(self) -> int: ...
    @property
    def cells(self) -> bytes: ...
    @property
    def is_empty(self) -> bool: ...
    def to_lists(self) -> list[list[float]]: ...
    def centred(self, columns: int, rows: int, *, margin: int = 0) -> list[list[float]]: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...

@final
class Strokes:
    """A drawing as the way of the pen."""

    @staticmethod
    def parse(text: str) -> Strokes: ...
    @property
    def is_empty(self) -> bool: ...
    def to_lists(self) -> list[list[tuple[int, int]]]: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...

@final
class Lane:
    @staticmethod
    def torch(
        path: Path, signature: str, name: str, max_batch: int, queue_limit: int, threads: int
    ) -> Lane: ...
    @property
    def inputs(self) -> list[tuple[str, str]]: ...
    @property
    def outputs(self) -> list[str]: ...
    @property
    def signature(self) -> str: ...
    def run(self, inputs: Sequence[Any]) -> list[Any]: ...
    def start(
        self,
        inputs: Sequence[Any],
        done: Callable[[list[Any] | None, BaseException | None], object],
    ) -> None: ...
    def close(self) -> None: ...

@final
class Site:
    def __new__(cls, app: AppCore) -> Self: ...
    def open(self, path: str, headers: list[tuple[str, str]]) -> Page: ...
    def get(self, path: str) -> tuple[int, str]: ...
    def close(self) -> None: ...
    def n_sessions(self) -> int: ...

@final
class Page:
    def click(self, target: str | Node) -> None: ...
    def enter(self, field: str | Node, text: str) -> None: ...
    def select(self, field: str | Node, choice: str) -> None: ...
    def check(self, field: str | Node, on: bool) -> None: ...
    def upload(self, field: str | Node, files: list[tuple[str, str, bytes]]) -> None: ...
    def submit(self, inside: str | Node) -> None: ...
    def press(self, field: str | Node, key: str) -> None: ...
    def until_sees(self, text: str, within_s: float) -> None: ...
    def until_message(self, text: str, within_s: float) -> None: ...
    def set_waiting(self, waits: bool) -> None: ...
    def settled(self, within_s: float) -> None: ...
    def next(self, at_most_s: float) -> bool: ...
    def connect(self) -> None: ...
    def restart(self) -> None: ...
    def disconnect(self) -> None: ...
    def find(
        self,
        *,
        role: str | None,
        name: str | re.Pattern[str] | None,
        label: str | re.Pattern[str] | None,
        text: str | re.Pattern[str] | None,
        has: str | re.Pattern[str] | None,
        id: str | None,
        test_id: str | None,
        inside: Node | None,
        one: bool,
    ) -> list[Node]: ...
    def role_of(self, node: Node) -> str | None: ...
    def name_of(self, node: Node) -> str: ...
    def text_of(self, node: Node) -> str: ...
    def value_of(self, node: Node) -> str | None: ...
    def attribute_of(self, node: Node, name: str) -> str | None: ...
    def checked_of(self, node: Node) -> bool | None: ...
    def disabled_of(self, node: Node) -> bool: ...
    def visible_of(self, node: Node) -> bool: ...
    def outline_of(self, node: Node) -> str: ...
    def line_of(self, node: Node) -> str: ...
    def sees(self, text: str) -> bool: ...
    def text(self) -> str: ...
    def html(self) -> str: ...
    def outline(self) -> str: ...
    def shown(self) -> str: ...
    def changes(self) -> list[str]: ...
    def touched(self) -> list[Node]: ...
    def title(self) -> str: ...
    def value(self, field: str) -> str: ...
    def messages(self) -> list[str]: ...
    def navigated(self) -> str | None: ...
    def patches(self, new: bool) -> list[tuple[int, int, list[str]]]: ...

@final
class Node:
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

def roles() -> list[str]: ...
