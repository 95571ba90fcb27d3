"""`@app.interface`: a form from annotations, a result, and an API."""

from __future__ import annotations

import asyncio
import datetime
import enum
import json
import threading
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Annotated, Any, Literal, NamedTuple, Optional

import livefloe as lf
import pytest
from livefloe.errors import HandlerError, PageError, Refused


class Mood(enum.Enum):
    HAPPY = "happy"
    SAD = "rather sad"


class Five(enum.Enum):
    A, B, C, D, E = range(5)


@dataclass
class Box:
    """A box.

    Attributes:
        width: In centimetres.
    """

    width: int
    height: int = 3
    tags: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.height > 100:
            raise ValueError("a box is no tower")


def opened(app, function, **options):
    app.interface(**options)(function)
    return lf.test(app)


def run(page, button="Run"):
    page.click(button)
    page.settled()


CONTROLS = [
    (str, "textbox"),
    (Annotated[str, lf.Text(lines=4)], "textbox"),
    (int, "spinbutton"),
    (float, "spinbutton"),
    (Annotated[int, lf.Slider(1, 10)], "slider"),
    (bool, "checkbox"),
    (Literal["a", "b"], "radiogroup"),
    (Mood, "radiogroup"),
    (Five, "combobox"),
    (Literal[1, 2] | None, "combobox"),
    (Optional[Mood], "combobox"),  # noqa: UP045
    (bool | None, "combobox"),
    (datetime.date, None),
    (list[Literal["a", "b"]], "group"),
    (list[int], "textbox"),
    (Box, "group"),
]


@pytest.mark.parametrize(("annotation", "role"), CONTROLS, ids=str)
def test_each_annotation_has_its_control(app, annotation, role):
    def show(the_value): ...

    show.__annotations__ = {"the_value": annotation}
    with opened(app, show) as page:
        if role is None:
            assert 'type="date"' in page.html
        else:
            assert page.get(role, "The value")


def test_a_type_without_control_is_an_error_that_names_the_parameter(app):
    def show(where: complex): ...

    with pytest.raises(HandlerError, match=r"parameter `where` of `.*show`: there is no control"):
        app.interface(show)

    def take(*args: int): ...

    with pytest.raises(HandlerError, match="gives each parameter by its name"):
        app.interface(take)
    with pytest.raises(HandlerError, match="expected a function, got int"):
        app.interface(3)


def test_the_function_gets_what_was_entered_and_stays_a_function(app):
    got = []

    def classify(
        text: str,
        n: int,
        share: float = 0.5,
        is_loud: bool = True,
        mood: Mood = Mood.HAPPY,
        day: datetime.date = datetime.date(2026, 1, 31),
        letters: list[Literal["a", "b"]] = ["b"],  # noqa: B006
        lines: tuple[int, ...] = (1, 2),
        box: Box = Box(4),  # noqa: B008
        note: str | None = None,
        size: Literal["S", "M", "L", "XL", "XXL"] | None = None,
        later: int | None = None,
    ):
        got.append([text, n, share, is_loud, mood, day, letters, lines, box, note, size, later])

    assert app.interface(classify) is classify
    with lf.test(app) as page:
        page.type("Text", "hi")
        page.type("N", "3")
        run(page)
        day = datetime.date(2026, 1, 31)
        assert got.pop() == [
            "hi", 3, 0.5, True, Mood.HAPPY, day, ["b"], (1, 2), Box(4), None, None, None
        ]  # fmt: skip
        page.check("Is loud", False)
        page.select("Mood", "Rather sad")
        page.check(page.get("checkbox", "a"))
        page.type("Lines", "7\n\n8")
        page.type("Width", "9")
        page.type("Note", "a note")
        page.select("Size", "XL")
        page.type("Later", "5")
        page.type("Day", "2026-12-24")
        run(page)
        day = datetime.date(2026, 12, 24)
        assert got.pop() == [
            "hi", 3, 0.5, False, Mood.SAD, day, ["a", "b"], (7, 8), Box(9), "a note", "XL", 5
        ]  # fmt: skip


def test_labels_and_help_come_from_names_annotations_and_the_docstring(app):
    def greet(first_name: str, n: Annotated[int, "How often"] = 1, box: Box = Box(1)):  # noqa: B008
        """Says *hello*.

        Args:
            first_name: What friends say.
                In short.
            n: Not used.
        """

    with opened(app, greet) as page:
        for text in ["Says hello.", "What friends say. In short.", "How often", "In centimetres."]:
            page.sees(text)
        page.misses("Not used.")
        assert page.get("heading", "Greet")


def test_what_does_not_fit_is_said_at_the_field_and_nothing_is_lost(app):
    def work(n: int, box: Box, k: Annotated[int, lf.Slider(1, 10)] = 3) -> str:
        if n == 7:
            raise lf.Invalid("Not today.", n="seven is taken")
        return "done"

    with opened(app, work) as page:
        page.type("N", "x")
        page.type("Width", "2")
        with pytest.raises(Refused) as refused:
            page.click("Run")
        assert refused.value.fields == {"n": "expected a whole number, got 'x'"}
        assert page.get(label="N").value == "x"
        page.type("N", "7")
        run(page)
        page.sees("seven is taken")
        page.sees("Not today.")
        assert page.get(label="Width").value == "2"
        page.type("N", "8")
        page.type("Height", "101")
        with pytest.raises(Refused, match="a box is no tower"):
            page.click("Run")
        page.type("Height", "1")
        run(page)
        page.sees("done")
        page.misses("seven is taken")


def test_pydantic_models_are_groups(app):
    pydantic = pytest.importorskip("pydantic")

    class Order(pydantic.BaseModel):
        n: int = pydantic.Field(ge=1, le=9, description="How many")
        name: str = "plum"

        @pydantic.field_validator("name")
        @classmethod
        def check(cls, name: str) -> str:
            if name == "stone":
                raise ValueError("nobody eats that")
            return name

    def order(what: Order) -> Any:
        return what

    order.__annotations__ = {"what": Order}
    with opened(app, order) as page:
        page.sees("How many")
        page.type("N", "3")
        run(page)
        page.sees("N 3 Name plum")
        page.type("Name", "stone")
        with pytest.raises(Refused, match="nobody eats that"):
            page.click("Run")
        page.type("N", "30")
        with pytest.raises(Refused, match="expected at most 9, got 30"):
            page.click("Run")


class Pair(NamedTuple):
    first_part: str
    second_part: int


OUTPUTS: list[tuple[Any, Any, str]] = [
    (str, "a *b*", "a *b*"),
    (lf.Markdown, "a *b*", "a b"),
    (Any, lf.Markdown("# T"), "T"),
    (int, 12, "12"),
    (Any, True, "Yes"),
    (None, None, "Done."),
    (dict[str, float], {"cat": 0.75, "dog": 0.25}, "cat 75.0% dog 25.0%"),
    (Any, {"cat": 0.75, "dog": 0.25}, "cat 75.0% dog 25.0%"),
    (dict[str, float], {"metres": 3.5}, "Metres 3.5"),
    (Any, {"a_b": 1, "c": Mood.SAD}, "A b 1 C rather sad"),
    (Any, {"a": [1]}, '"a": ['),
    (Box, Box(3, 4), '"width": 3'),
    (Any, [1, 2], "1 2"),
    (Any, [], "an empty list"),
    (Any, [{"n": 1, "name": "x"}, {"n": 2}], "N Name 1 x 2 –"),
    (Any, [[1, 2], [3]], "[ [ 1, 2 ], [ 3 ] ]"),
    (tuple[Annotated[str, "Summary"], int], ("s", 2), "Summary s Result 2 2"),
    (Any, Pair("x", 3), "First part x Second part 3"),
    (Any, range(500), "The first 200 of 500."),
    (Any, "x" * 300_000, "x…"),
    (Any, object, "<class 'object'>"),
    (Any, 2**70, str(2**70)),
    (Any, datetime.date(2026, 1, 2), "2026-01-02"),
]


@pytest.mark.parametrize(("annotation", "value", "expected"), OUTPUTS, ids=str)
def test_results_are_shown_by_annotation_and_value(app, annotation, value, expected):
    def work():
        return value

    work.__annotations__ = {"return": annotation}
    with opened(app, work) as page:
        run(page)
        page.sees(expected)
        page.restart()
        page.misses("It did not work")


def test_data_frames_and_pictures_are_shown_where_their_libraries_are(app, monkeypatch):
    class DataFrame:
        columns = ("n", "name")

        def __len__(self):
            return 300

        def head(self, n):
            rows = [(index, f"row {index}") for index in range(n)]
            return SimpleNamespace(itertuples=lambda index: iter(rows))

    class Image:
        size, mode = (2, 1), "RGB"

        def save(self, file, format):
            file.write(b"PNG")

    Image.__module__ = "PIL.Image"
    monkeypatch.setitem(__import__("sys").modules, "pandas", SimpleNamespace(DataFrame=DataFrame))

    def work():
        return DataFrame(), Image()

    with opened(app, work) as page:
        run(page)
        page.sees("row 199")
        page.sees("The first 200 of 300.")
        assert page.get("img").attribute("src") == "data:image/png;base64,UE5H"


@pytest.mark.parametrize("kind", ["plain", "async", "generator", "async generator"])
def test_functions_of_every_kind_run_and_each_yield_takes_the_place_of_the_last(app, kind):
    gate = threading.Event()

    def plain(n: int = 2) -> str:
        return f"end {n}"

    async def asynchronous(n: int = 2) -> str:
        await asyncio.sleep(0)
        return f"end {n}"

    def generator(n: int = 2) -> Iterator[str]:
        yield "begun"
        gate.wait(5)
        yield f"end {n}"

    async def async_generator(n: int = 2) -> AsyncIterator[str]:
        yield "begun"
        while not gate.is_set():
            await asyncio.sleep(0.001)
        yield f"end {n}"

    functions = {
        "plain": plain,
        "async": asynchronous,
        "generator": generator,
        "async generator": async_generator,
    }
    with opened(app, functions[kind]) as page:
        page.click("Run")
        if "generator" in kind:
            page.sees("begun", within_s=5)
            page.wait(lambda: page.get("button", "Cancel"), within_s=5)
            gate.set()
        page.sees("end 2", within_s=5)
        page.settled()
        page.misses("begun")
        page.misses("Cancel")


@pytest.mark.parametrize("kind", ["plain", "async", "generator"])
def test_cancel_really_stops_and_keeps_what_was_shown(app, kind):
    ended = threading.Event()

    def plain():
        while not lf.cancelled():
            threading.Event().wait(0.001)
        ended.set()

    async def asynchronous():
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()

    def generator():
        try:
            while True:
                yield "so far"
                threading.Event().wait(0.001)
        finally:
            ended.set()

    functions = {"plain": plain, "async": asynchronous, "generator": generator}
    with opened(app, functions[kind]) as page:
        page.click("Run")
        page.wait(lambda: page.get("button", "Cancel"), within_s=5)
        page.click("Cancel")
        assert ended.wait(5)
        page.misses("Cancel")
        page.misses("It did not work")
        if kind == "generator":
            page.sees("so far")


def test_a_run_ends_with_its_session(app):
    began, ended = threading.Event(), threading.Event()

    async def work():
        began.set()
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()

    with opened(app, work) as page:
        page.click("Run")
        assert began.wait(5)
    assert ended.wait(5)


def test_exceptions_have_a_name_while_developing_and_a_reference_later(app):
    def work(text: str) -> str:
        if text == "boom":
            raise KeyError("no such thing")
        return f"good {text}"

    with opened(app, work) as page:
        page.type("Text", "fine")
        run(page)
        page.sees("good fine")
        page.type("Text", "boom")
        run(page)
        page.sees("KeyError: 'no such thing' (test_interface.py:")
        page.misses("good fine")
        assert page.get(label="Text").value == "boom"
        app.is_dev = False
        run(page)
        page.sees("Something went wrong. (Reference ")
        page.misses("KeyError")
        page.type("Text", "x")
        run(page)
        page.sees("good x")
        page.misses("Something went wrong")


def test_a_function_that_ends_the_program_ends_only_its_run(app):
    def work():
        raise SystemExit(3)

    with opened(app, work) as page:
        run(page)
        page.sees("the function raised SystemExit")
        run(page)
        page.sees("the function raised SystemExit")


def test_examples_fill_the_form_with_a_click(app):
    got = []

    def work(text: str, mood: Mood = Mood.HAPPY, box: Box = Box(1), is_on: bool = False):  # noqa: B008
        got.append((text, mood, box, is_on))

    examples = [
        ("first", Mood.SAD, Box(5)),
        {"text": "second", "mood": "rather sad", "box": {"height": 9}, "is_on": True},
        "third",
    ]
    with opened(app, work, examples=examples) as page:
        page.click(page.get("button", has="first"))
        assert page.get(label="Text").value == "first"
        page.type("Text", "typed")
        page.click(page.get("button", has="first"))
        assert page.get(label="Text").value == "first"
        run(page)
        page.click(page.get("button", has="second"))
        run(page)
        page.click(page.get("button", has="third"))
        run(page)
    assert got == [
        ("first", Mood.SAD, Box(5), False),
        ("second", Mood.SAD, Box(1, 9), True),
        ("third", Mood.HAPPY, Box(1), False),
    ]


def test_examples_that_do_not_fit_are_refused_at_once(app):
    def work(a: int): ...

    def choose(a: Literal["x", "y"]): ...

    with pytest.raises(HandlerError, match=r"expected values for a, got one for 'b'"):
        app.interface(examples=[{"b": 1}])(work)
    with pytest.raises(HandlerError, match=r"value for `a`: expected one of x, y, got 'z'"):
        app.interface(examples=["z"])(choose)
    with pytest.raises(HandlerError, match=r"expected rows of at most 1 values"):
        app.interface(examples=[(1, 2)])(work)


def test_live_runs_while_typing_and_only_the_latest_counts(app):
    gates = {"a": threading.Event(), "ab": threading.Event()}

    def work(text: str = "") -> str:
        if text in gates:
            gates[text].wait(5)
        return f"<{text}>"

    with opened(app, work, live=True) as page:
        assert 'lf-debounce="200"' in page.html
        assert not page.all("button")
        page.type("Text", "a")
        page.type("Text", "ab")
        gates["ab"].set()
        page.sees("<ab>", within_s=5)
        gates["a"].set()
        page.type("Text", "abc")
        page.sees("<abc>", within_s=5)
        page.settled()
        page.misses("<a>")


def test_inputs_and_result_are_there_after_a_restart_and_are_each_visitors_own(app):
    def work(text: str) -> str:
        return f"<{text}>"

    app.interface(path="/work")(work)
    site = lf.testing.Site(app)
    page, other = site.open("/work"), site.open("/work")
    page.type("Text", "hello")
    run(page)
    page.restart()
    page.sees("<hello>")
    assert page.get(label="Text").value == "hello"
    other.misses("<hello>")
    site.close()


def test_two_interfaces_have_two_paths(app):
    app.interface(path="/a")(lambda: None)
    with pytest.raises(PageError, match="has a page already"):
        app.interface(path="/a")(lambda: None)


def call(address, body, kind="application/json", method="POST"):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    data = None if method == "GET" else data
    request = urllib.request.Request(address, data, {"content-type": kind}, method=method)
    try:
        response = urllib.request.urlopen(request, timeout=10)
    except urllib.error.HTTPError as error:
        response = error
    with response:
        return response.status, json.loads(response.read())


@pytest.fixture
def api(app):
    @app.interface(path="/order")
    def order(
        n: Annotated[int, lf.Slider(1, 9)],
        mood: Mood = Mood.HAPPY,
        box: Box = Box(1),  # noqa: B008
        letters: list[Literal["a", "b"]] = ["b"],  # noqa: B006
        note: str | None = None,
    ) -> dict[str, Any]:
        """Orders things."""
        if note == "boom":
            raise ValueError(note)
        if note == "no":
            raise lf.Invalid(note="is refused")
        return {"n": n, "mood": mood, "box": box, "letters": letters, "note": note}

    with app.start(dev=False) as server:
        yield f"{server.address}/order/api"


def test_the_same_function_answers_over_http(api):
    everything = {"n": 3, "mood": "SAD", "box": {"width": 2}, "letters": ["a"], "note": "x"}
    status, answer = call(api, everything)
    box = {"width": 2, "height": 3, "tags": []}
    assert (status, answer["result"]) == (200, {**everything, "mood": "rather sad", "box": box})
    status, answer = call(api, {"n": 3})
    assert answer["result"]["letters"] == ["b"]
    assert answer["result"]["box"]["width"] == 1


BAD = [
    ({}, {"n": "is required"}),
    ({"n": "3"}, {"n": 'expected integer, got "3"'}),
    ({"n": 3.5}, {"n": "expected a whole number, got '3.5'"}),
    ({"n": 30}, {"n": "expected at most 9, got 30"}),
    ({"n": 3, "m": 1}, {"m": "there is no such argument; expected"}),
    ({"n": 3, "mood": "odd"}, {"mood": "expected one of HAPPY, SAD, got 'odd'"}),
    ({"n": 3, "box": {"width": "x"}}, {"box.width": "expected integer"}),
    ({"n": 3, "box": {"height": 101, "width": 1}}, {"box": "a box is no tower"}),
    ({"n": 3, "box": 7}, {"box": "expected an object, got int"}),
    ({"n": 3, "letters": "a"}, {"letters": "expected array"}),
    ({"n": 3, "letters": ["z"]}, {"letters": "expected one of a, b, got 'z'"}),
    ({"n": 3, "note": "no"}, {"note": "is refused"}),
]


@pytest.mark.parametrize(("body", "fields"), BAD, ids=str)
def test_arguments_that_do_not_fit_get_422_with_their_names(api, body, fields):
    status, answer = call(api, body)
    assert status == 422
    assert answer["fields"].keys() == fields.keys()
    for name, text in fields.items():
        assert text in answer["fields"][name]


def test_the_api_refuses_what_is_no_call(api):
    assert call(api, b"{")[0] == 400
    assert call(api, b"[" * 100_000)[0] == 400
    assert call(api, [1])[0] == 422
    assert call(api, {"n": 1}, kind="text/plain")[0] == 415
    assert call(api, {}, method="PUT")[0] == 405
    status, answer = call(api, {"n": 1, "note": "boom"})
    assert status == 500
    assert answer["error"].startswith("Something went wrong. (Reference ")


def test_the_api_is_described_as_json_schema(api):
    status, answer = call(api, None, method="GET")
    assert status == 200
    assert answer["description"] == "Orders things."
    schema = answer["arguments"]
    assert schema["required"] == ["n"]
    assert schema["properties"]["n"]["maximum"] == 9
    assert schema["properties"]["box"]["properties"]["width"]["description"] == "In centimetres."
    assert schema["properties"]["letters"]["items"] == {"enum": ["a", "b"]}
    assert {"type": "null"} in schema["properties"]["note"]["anyOf"]


def test_an_interface_without_api_has_none(app):
    app.interface(path="/quiet", api=False)(lambda: None)
    with app.start() as server, pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{server.address}/quiet/api", timeout=10)
