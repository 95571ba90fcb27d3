"""Forms: values by parameter name, converted by annotation, refused with a message at each
field."""

from __future__ import annotations

import datetime
import enum
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, Optional

import livefloe as lf
import pytest
from livefloe import _native
from livefloe._convert import convert, read_control, read_form
from livefloe.errors import HandlerError, Invalid, Refused


class Size(enum.Enum):
    SMALL = "s"
    LARGE = "l"


class Level(enum.IntEnum):
    LOW = 1


CONVERSIONS = [
    (str, ["text"], "text"),
    (str, [""], ""),
    (Any, ["text"], "text"),
    (int, ["7"], 7),
    (int, [" 7 "], 7),
    (int, ["7.0"], 7),
    (int, ["-3"], -3),
    (float, ["0.5"], 0.5),
    (bool, ["true"], True),
    (bool, ["false"], False),
    (bool, [], False),
    (bool, ["on"], True),
    (Optional[int], [""], None),  # noqa: UP045
    (int | None, [], None),
    (int | None, ["3"], 3),
    (list[int], ["1", "2"], [1, 2]),
    (list[str], [], []),
    (set[str], ["a", "a"], {"a"}),
    (tuple[int, ...], ["1"], (1,)),
    (list, ["a"], ["a"]),
    (Literal["a", "b"], ["b"], "b"),
    (Literal[1, 2], ["2"], 2),
    (Size, ["l"], Size.LARGE),
    (Size, ["SMALL"], Size.SMALL),
    (Level, ["1"], Level.LOW),
    (datetime.date, ["2026-01-31"], datetime.date(2026, 1, 31)),
    (Annotated[int, "unit"], ["4"], 4),
]


@pytest.mark.parametrize(("annotation", "values", "expected"), CONVERSIONS)
def test_text_converts_to_what_the_annotation_says(annotation, values, expected):
    converted = convert(annotation, values)
    assert converted == expected
    assert type(converted) is type(expected)


@pytest.mark.parametrize(
    ("annotation", "values", "message"),
    [
        (int, ["abc"], "expected a whole number, got 'abc'"),
        (int, ["1.5"], "expected a whole number, got '1.5'"),
        (int, ["inf"], "expected a whole number, got 'inf'"),
        (int, [""], "is required"),
        (int, [], "is required"),
        (float, ["nan"], "expected a number, got 'nan'"),
        (float, ["x"], "expected a number, got 'x'"),
        (bool, ["maybe"], "expected true or false, got 'maybe'"),
        (Literal["a", "b"], ["c"], "expected one of a, b, got 'c'"),
        (Size, ["x"], "expected one of SMALL, LARGE, got 'x'"),
        (list[int], ["1", "x"], "expected a whole number, got 'x'"),
        (datetime.date, ["soon"], "expected a date such as 2026-01-31, got 'soon'"),
        (int | None, ["x"], "expected a whole number, got 'x'"),
        (str, [], "is required"),
    ],
)
def test_text_that_does_not_convert_says_what_was_expected_and_what_came(
    annotation, values, message
):
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        convert(annotation, values)
    assert str(caught.value) == message


def test_a_type_that_text_does_not_convert_to_is_the_handler_s_mistake():
    def save(data: bytes): ...

    with pytest.raises(
        HandlerError, match="parameter `data`: expected a type that text converts to"
    ):
        read_form(save, (), [("data", "x")])


def test_annotations_that_can_not_be_read_are_the_handler_s_mistake():
    def save(data: Missing): ...  # noqa: F821

    with pytest.raises(
        HandlerError,
        match=r"the parameters of `.*save` can't be read: name 'Missing' is not defined",
    ):
        read_form(save, (), [])


@pytest.mark.parametrize(
    ("expects", "sent", "expected"),
    [
        (1, "x", "x"),
        (2, "3", 3),
        (2, "3.5", 3.5),
        (2, "1e3", 1000.0),
        (2, "", None),
        (3, "true", True),
        (3, "false", False),
    ],
)
def test_a_control_gives_its_own_kind_where_the_handler_says_nothing(expects, sent, expected):
    got = read_control(expects, Any, [("value", sent)])
    assert got == expected
    assert type(got) is type(expected)


class Saved(lf.State):
    text: str = "nothing"


def form_page(save, **controls):
    def page():
        with lf.form(on_submit=save):
            for name in controls:
                lf.text_field(name, controls[name])
            lf.button("Save", submit=True)
        lf.text(f"saved {Saved().text}")

    return page


def test_a_form_s_handler_gets_fields_by_name(open_page):
    def save(name: str, age: int, height: float = 1.5, note: str | None = None, **rest: str):
        Saved().text = repr((name, age, height, note, rest))

    with open_page(form_page(save, name="Ada", age="36", height="", note="", more="x")) as p:
        p.click("Save")
        p.sees("saved ('Ada', 36, 1.5, None, {'more': 'x'})")


def test_what_does_not_fit_is_refused_at_its_fields_and_nothing_is_lost(open_page):
    def save(name: str, age: int, amount: float):
        Saved().text = "never"

    with open_page(form_page(save, name="", age="", amount="")) as p:
        p.type("age", "many")
        p.type("amount", "1.5")
        with pytest.raises(Refused) as caught:
            p.click("Save")
        assert caught.value.code == 2
        assert caught.value.fields == {"age": "expected a whole number, got 'many'"}
        assert p.value("age") == "many"
        p.sees("saved nothing")


def test_a_handler_refuses_by_hand(open_page):
    def save(name: str):
        Saved().text = name
        if name == "taken":
            raise lf.Invalid(name="is taken already")
        if name == "late":
            raise lf.Invalid("The shop is closed.")

    with open_page(form_page(save, name="taken")) as p:
        for entered, message, fields in [
            ("taken", "is taken already", {"name": "is taken already"}),
            ("late", "The shop is closed.", {}),
        ]:
            p.type("name", entered)
            with pytest.raises(Refused, match=message) as caught:
                p.click("Save")
            assert caught.value.code == 2
            assert caught.value.fields == fields
        p.sees("saved nothing")
        p.type("name", "free")
        p.click("Save")
        p.sees("saved free")


@dataclass
class Signup:
    name: str
    age: int = 18
    tags: list[str] = field(default_factory=list)

    def __post_init__(self):
        if self.age < 0:
            raise ValueError("nobody is that young")


def test_a_data_class_takes_the_whole_form(open_page):
    def save(signup: Signup):
        Saved().text = repr(signup)

    with open_page(form_page(save, name="Ada", age="")) as p:
        p.click("Save")
        p.sees("Signup(name='Ada', age=18, tags=[])")
        p.type("age", "x")
        with pytest.raises(Refused, match="expected a whole number"):
            p.click("Save")
        p.type("age", "-1")
        with pytest.raises(Refused, match="Nobody is that young"):
            p.click("Save")


def test_a_dict_takes_all_fields(open_page):
    def save(form: dict[str, str]):
        Saved().text = repr(form)

    with open_page(form_page(save, a="1", b="2")) as p:
        p.click("Save")
        p.sees("{'a': '1', 'b': '2'}")


def test_bound_arguments_come_before_fields(open_page):
    def save(row: int, text: str):
        Saved().text = f"{row} {text}"

    def page():
        for row in (1, 2):
            with lf.form(on_submit=save, args=(row,), key=row):
                lf.text_field(f"text {row}", name="text")
                lf.button(f"save {row}", submit=True)
        lf.text(Saved().text)

    with open_page(page) as p:
        p.type("text 2", "hello")
        p.click("save 2")
        p.sees("2 hello")


def test_boxes_and_choices_of_a_form(open_page):
    def save(agree: bool, size: Size, colour: Literal["red", "blue"] = "red", more: bool = True):
        Saved().text = f"{agree} {size.name} {colour} {more}"

    def page():
        with lf.form(on_submit=save):
            lf.checkbox("Agree")
            lf.checkbox("More", True)
            lf.select("Size", {"s": "Small", "l": "Large"}, "l")
            lf.radio("Colour", ["red", "blue"], "red")
            lf.button("Save", submit=True)
        lf.text(Saved().text)

    with open_page(page) as p:
        p.click("Save")
        p.sees("False LARGE red True")
        p.check("Agree")
        p.check("More", False)
        p.type("Size", "s")
        p.click("Save")
        p.sees("True SMALL red False")


def test_parameters_of_path_and_query(app):
    @app.page("/room/{name}")
    def room(name: str, page: int = 1, tags: list[str] = [], q: str = ""):  # noqa: B006
        lf.text(f"{name} {page} {tags} {q!r}")

    site = lf.testing.Site(app)
    for path, expected in {
        "/room/a%20b": "a b 1 [] ''",
        "/room/x?page=3&tags=1&tags=2&q=hello&other=1": "x 3 ['1', '2'] 'hello'",
        "/room/x?name=evil": "x 1 [] ''",
    }.items():
        with site.open(path) as p:
            p.sees(expected)
    status, body = site.get("/room/x?page=many")
    assert status == 404
    assert "page" in body
    assert "many" in body


def test_invalid_says_what_is_wrong():
    assert str(Invalid(name="is taken")) == "name: is taken"
    assert Invalid("all of it", age="no").fields == {"": "all of it", "age": "no"}


@pytest.mark.parametrize("sent", ["2,2,AAD/AA==", "", "nonsense", "300,300,AA=="])
def test_a_sketch_comes_as_its_own_type(sent):
    def draw(picture): ...

    if sent == "2,2,AAD/AA==":
        picture = read_control(5, Any, [("drawing", sent)])
        assert isinstance(picture, _native.Picture)
        assert (picture.columns, picture.rows, picture.cells) == (2, 2, b"\0\0\xff\0")
        assert picture.to_lists() == [[0.0, 0.0], [1.0, 0.0]]
        assert picture.centred(1, 1) == [[1.0]]
    elif sent:
        with pytest.raises(Invalid, match="drawing: expected"):
            read_control(5, Any, [("drawing", sent)])
    strokes = read_control(6, lf.Strokes, [("drawing", "0,0 500,1000;20,20")])
    assert strokes.to_lists() == [[(0, 0), (500, 1000)], [(20, 20)]]
