"""Pydantic models and data classes with slots, changed in place."""

from __future__ import annotations

import copy
import gc
import logging
import sys
import weakref
from dataclasses import dataclass, field

import livefloe as lf
import pytest
from livefloe import _beside

pydantic = pytest.importorskip("pydantic")


class Inner(pydantic.BaseModel):
    words: list[str] = []


class Message(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="allow")

    text: str = ""
    likes: list[str] = []
    inner: Inner = pydantic.Field(default_factory=Inner)
    shown: str = pydantic.Field(default="", alias="showN", exclude=True)
    _secret: int = 0


class Strict(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(validate_assignment=True)

    n: int = 0
    items: list[int] = []


class Frozen(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(frozen=True)

    n: int = 0


if sys.version_info >= (3, 11):

    @dataclass(slots=True, weakref_slot=True)
    class Slotted:
        n: int = 0
        items: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Bare:
    n: int = 0


class S(lf.State):
    messages: list[Message] = []
    message: Message = Message(text="first")
    strict: Strict = Strict()
    frozen: Frozen = Frozen()
    other: object = None


def page_of(act, show=lambda s: s.message):
    def page():
        s = S()
        lf.text(repr(show(s)))
        lf.button("act", lambda: act(S()))

        def fail():
            act(S())
            raise ValueError("no")

        lf.button("fail", fail)

    return page


CHANGES = [
    (lambda s: setattr(s.message, "text", "second"), "text='second'"),
    (lambda s: s.message.likes.append("ada"), "likes=['ada']"),
    (lambda s: s.message.inner.words.append("deep"), "words=['deep']"),
    (lambda s: setattr(s.message, "inner", Inner(words=["new"])), "words=['new']"),
    (lambda s: setattr(s.message, "more", "extra"), "more='extra'"),
    (lambda s: setattr(s.message, "likes", ["ben"]), "likes=['ben']"),
]


@pytest.mark.parametrize(("act", "shown"), CHANGES)
def test_a_change_in_place_shows_and_is_undone(open_page, refused, act, shown):
    with open_page(page_of(act)) as p:
        p.misses(shown)
        with refused(3):
            p.click("fail")
        p.misses(shown)
        p.click("act")
        p.sees(shown)


def test_what_was_put_in_later_tells_of_changes_too(open_page):
    def act(s):
        s.message.inner = Inner()
        s.message.inner.words.append("a")

    def again(s):
        s.message.inner.words.append("b")

    def page():
        lf.text(repr(S().message))
        lf.button("act", lambda: act(S()))
        lf.button("again", lambda: again(S()))

    with open_page(page) as p:
        p.click("act")
        p.click("again")
        p.sees("words=['a', 'b']")


def test_a_model_in_a_list_tells_its_list(open_page):
    def act(s):
        if not s.messages:
            s.messages.append(Message(text="hello"))
        else:
            s.messages[0].text += "!"

    with open_page(page_of(act, lambda s: s.messages)) as p:
        p.click("act")
        p.sees("text='hello'")
        p.click("act")
        p.sees("text='hello!'")


def test_validation_goes_on_and_what_it_makes_is_tracked(open_page, refused):
    def assign(s):
        s.strict.items = ["1", "2"]
        s.strict.n = "5"

    def grow(s):
        s.strict.items.append(3)

    def wrong(s):
        s.strict.n = "many"

    def page():
        lf.text(repr(S().strict))
        lf.button("assign", lambda: assign(S()))
        lf.button("grow", lambda: grow(S()))
        lf.button("wrong", lambda: wrong(S()))

    with open_page(page) as p:
        p.click("assign")
        p.sees("n=5, items=[1, 2]")
        p.click("grow")
        p.sees("n=5, items=[1, 2, 3]")
        with refused(3, "valid integer"):
            p.click("wrong")
        p.sees("n=5, items=[1, 2, 3]")


def test_nothing_of_it_is_in_the_model(open_page):
    looked = []

    def look(s):
        s.message.likes.append("ada")
        plain = Message(text="first", likes=["ada"])
        looked.append(s.message.model_dump() == plain.model_dump())
        looked.append(s.message.model_dump_json() == plain.model_dump_json())
        looked.append(s.message == plain)
        looked.append(Message.model_validate(s.message.model_dump()) == plain)
        for copied in (copy.copy(s.message), copy.deepcopy(s.message), s.message.model_copy()):
            looked.append(copied == plain)
            looked.append(_beside.source_of(copied) is None)
        looked.append(type(copy.deepcopy(s.message).likes) is list)
        looked.append(_beside.source_of(s.message) is not None)
        looked.append("livefloe" not in repr(vars(s.message)))

    with open_page(page_of(look)) as p:
        p.click("act")
    assert len(looked) == 13
    assert all(looked), looked


def test_a_frozen_model_stays_as_it_is(open_page, refused):
    page = page_of(lambda s: setattr(s.frozen, "n", 1), lambda s: s.frozen)
    with open_page(page) as p, refused(3, "frozen"):
        p.click("act")


def test_it_is_there_again_after_a_restart(open_page):
    def act(s):
        s.message.likes.append("ada")
        s.message.shown = "yes"
        s.message.more = [1]
        s.messages.append(Message(text="second", inner=Inner(words=["w"])))

    def show(s):
        return s.message, s.message.shown, s.messages, sorted(s.message.model_fields_set)

    with open_page(page_of(act, show)) as p:
        p.click("act")
        before = p.text
        p.restart()
        assert p.text == before
        p.sees("likes=['ada']")
        p.click("act")
        p.sees("likes=['ada', 'ada']")


def test_models_that_are_gone_leave_no_source():
    class Own(lf.State):
        value: object = None

    made = Own.__livefloe_make__()
    # What earlier tests have left goes at any time.
    before = set(_beside._sources)
    model = Message()
    made.value = model
    assert len(set(_beside._sources) - before) == 2, "the model and the one inside of it"
    gone = weakref.ref(model)
    made.value = None
    del model
    gc.collect()
    lf.cancelled()
    assert gone() is None
    assert set(_beside._sources) <= before


@pytest.mark.skipif(sys.version_info < (3, 11), reason="the option is newer")
def test_a_data_class_with_slots_tells_of_changes_if_it_can(open_page, refused):
    def act(s):
        if s.other is None:
            s.other = Slotted()
        s.other.n += 1
        s.other.items.append(s.other.n)

    with open_page(page_of(act, lambda s: s.other)) as p:
        p.click("act")
        p.sees("n=1, items=[1]")
        p.click("act")
        p.sees("n=2, items=[1, 2]")
        with refused(3):
            p.click("fail")
        p.sees("n=2, items=[1, 2]")


def test_one_that_can_not_says_so_once(open_page, caplog):
    def act(s):
        s.other = Bare()

    with caplog.at_level(logging.WARNING, "livefloe"), open_page(page_of(act)) as p:
        p.click("act")
        p.click("act")
    said = [record.getMessage() for record in caplog.records if "slots" in record.getMessage()]
    assert len(said) == 1
    assert "Bare" in said[0]
    assert "weakref_slot=True" in said[0]
