"""`@app.chat` and `lf.chat`: messages that stream, each a component of its own."""

from __future__ import annotations

import asyncio
import logging
import threading

import livefloe as lf
import pytest
from livefloe import _chat
from livefloe.errors import HandlerError, Refused
from livefloe.state import State


class Talk(lf.State):
    messages: list[lf.Message] = []


def opened(app, function, **options):
    app.chat(**options)(function)
    return lf.test(app)


def say(page, text):
    page.type("Message", text)
    page.click("Send")


KINDS = ["plain", "async", "generator", "async generator"]


def parrot(kind):
    def plain(message: str, history: list[lf.Message]) -> str:
        return f"{message} {len(history)}"

    async def asynchronous(message, history):
        await asyncio.sleep(0)
        return f"{message} {len(history)}"

    def generator(message, history):
        yield from [message, " ", str(len(history))]

    async def async_generator(message, history):
        for text in [message, " ", str(len(history))]:
            yield text

    return dict(zip(KINDS, [plain, asynchronous, generator, async_generator], strict=True))[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_functions_of_every_kind_answer_and_get_what_was_said_before(app, kind):
    function = parrot(kind)
    assert app.chat(function) is function
    with lf.test(app) as page:
        for n, text in enumerate(["one", "two"]):
            say(page, text)
            page.settled()
            page.sees(f"{text} {2 * n}")
        assert page.get(label="Message").value == ""


def test_a_function_may_take_the_message_alone(app):
    with opened(app, lambda message: message.upper()) as page:
        say(page, "hello")
        page.settled()
        page.sees("HELLO")


def test_what_can_not_answer_is_refused_at_once(app):
    def nothing():
        return ""

    with pytest.raises(HandlerError, match=r"app\.chat expected `nothing` to take a message"):
        app.chat(nothing)
    with pytest.raises(HandlerError, match="expected a function, got str"):
        app.chat("x")


def test_a_reply_is_markdown_and_what_the_visitor_says_is_not(app):
    with opened(app, lambda message: message) as page:
        say(page, "**bold** <b>")
        page.settled()
        own, reply = page.all("article")
        assert "**bold** <b>" in own.text
        assert "bold <b>" in reply.text
        assert "**" not in reply.text


def test_what_is_yielded_is_added_and_replace_takes_its_place(app, caplog):
    def reply(message: str):
        yield "Hel"
        yield "lo"
        yield lf.Replace("Bye")
        yield "!"

    with opened(app, reply) as page:
        say(page, "hi")
        page.settled()
        page.sees("Bye!")
        page.misses("Hello")
    assert not caplog.records


def test_who_yields_whole_texts_is_told(app, caplog):
    def reply(message: str):
        yield "A whole sentence"
        yield "A whole sentence and more"

    with caplog.at_level(logging.WARNING), opened(app, reply) as page:
        say(page, "hi")
        page.settled()
    assert "yield lf.Replace(text)" in caplog.text


class Gate:
    """A reply that says a word and waits."""

    def __init__(self):
        self.is_open = threading.Event()
        self.ended = threading.Event()

    def __call__(self, message: str):
        try:
            yield f"began {message}"
            while not self.is_open.is_set():
                threading.Event().wait(0.001)
                yield ""
            yield ", done"
        finally:
            self.ended.set()


def test_a_reply_streams_can_be_stopped_and_keeps_what_it_said(app):
    gate = Gate()
    with opened(app, gate) as page:
        say(page, "one")
        page.sees("began one", within_s=5)
        page.type("Message", "meanwhile")
        with pytest.raises(Refused, match="on its way"):
            page.submit("Message")
        assert page.get(label="Message").value == "meanwhile"
        page.click("Stop")
        assert gate.ended.wait(5)
        page.sees("began one")
        page.misses("Stop")
        gate.is_open.set()
        page.click("Send")
        page.sees("began meanwhile, done", within_s=5)


def test_the_last_reply_can_be_made_again(app):
    n = [0]

    def reply(message: str) -> str:
        n[0] += 1
        return f"reply {n[0]}"

    with opened(app, reply) as page:
        say(page, "a")
        page.settled()
        say(page, "b")
        page.settled()
        assert len(page.all("button", "Retry")) == 1
        page.click("Retry")
        page.settled()
        page.sees("reply 1")
        page.sees("reply 3")
        page.misses("reply 2")
        assert len(page.all("article")) == 4


def test_a_message_can_be_edited_and_the_conversation_goes_on_from_there(app):
    histories = []

    def reply(message: str, history: list[lf.Message]) -> str:
        histories.append(history)
        return f"<{message}>"

    with opened(app, reply) as page:
        for text in "abc":
            say(page, text)
            page.settled()
        page.all("button", "Edit")[1].click()
        field = page.all("article")[2].get(label="Message")
        assert field.value == "b"
        field.type("B")
        page.all("article")[2].get("button", "Send").click()
        page.settled()
        assert len(page.all("article")) == 4
        page.sees("<B>")
        page.misses("<c>")
        assert histories[-1] == [lf.Message("user", "a"), lf.Message("assistant", "<a>")]
        page.all("button", "Edit")[0].click()
        page.click("Cancel")
        page.sees("<a>")


def test_messages_can_be_deleted_and_the_conversation_begun_anew(app):
    with opened(app, lambda message: f"<{message}>", examples=["An example"]) as page:
        page.click("An example")
        page.settled()
        page.misses("What would you like")
        page.sees("<An example>")
        page.all("button", "Delete")[1].click()
        page.misses("<An example>")
        page.click("Try again")
        page.settled()
        page.sees("<An example>")
        page.click("New chat")
        assert not page.all("article")
        page.sees("What would you like")


def test_a_reply_that_fails_says_so_and_can_be_tried_again(app):
    fails = [True]

    def reply(message: str):
        if message == "midway":
            yield "so far"
        if fails[0]:
            raise ConnectionError("nobody there")
        yield "fine"

    with opened(app, reply) as page:
        say(page, "hi")
        page.settled()
        page.sees("ConnectionError: nobody there")
        app.is_dev = False
        page.click("Try again")
        page.settled()
        page.sees("Something went wrong. (Reference ")
        page.misses("nobody")
        fails[0] = False
        page.click("Try again")
        page.settled()
        page.sees("fine")
        page.misses("Something went wrong")
        fails[0] = True
        say(page, "midway")
        page.settled()
        page.sees("so far")
        page.sees("Something went wrong")


@pytest.mark.parametrize("reply", [None, 3, "", [1]], ids=str)
def test_what_is_no_text_is_no_reply(app, reply):
    with opened(app, lambda message: reply) as page:
        say(page, "hi")
        page.settled()
        page.sees("There is no reply")


def test_the_conversation_is_there_after_a_restart_and_each_visitors_own(app):
    app.chat(path="/chat")(lambda message: f"<{message}>")
    site = lf.testing.Site(app)
    page, other = site.open("/chat"), site.open("/chat")
    say(page, "hello")
    page.settled()
    page.restart()
    page.sees("<hello>")
    assert not other.all("article")
    say(page, "again")
    page.settled()
    page.sees("<again>")
    site.close()


def test_a_reply_ends_with_its_session(app):
    gate = Gate()
    with opened(app, gate) as page:
        say(page, "x")
        page.sees("began x", within_s=5)
    assert gate.ended.wait(5)


def test_a_token_renders_one_message_and_travels_alone(app, monkeypatch):
    rendered = []
    monkeypatch.setattr(
        _chat.widget, "markdown", _counting(_chat.widget.markdown, rendered), raising=True
    )
    gate, release = threading.Event(), threading.Event()

    def reply(message: str):
        yield "begun"
        for n in range(50):
            gate.wait(5)
            gate.clear()
            yield f" token{n}"
            release.set()

    app.chat(path="/long")(reply)
    kind = next(each for each in State.__subclasses__() if each.__qualname__.endswith("at /long"))
    # Two hundred messages, as many said before.
    history = [lf.Message("user" if n % 2 else "assistant", f"message {n}") for n in range(200)]
    kind.__livefloe_fields__["messages"].factory = lambda: list(history)
    page = lf.test(app, "/long")
    assert len(page.all("article")) == 200
    say(page, "go")
    page.sees("begun", within_s=5)
    n_patches = len(page.patches)
    rendered.clear()
    for n in range(50):
        release.clear()
        gate.set()
        page.sees(f"token{n}", within_s=5)
    patches = page.patches[n_patches:]
    page.settled()
    streamed = patches[:49]
    assert len(rendered) <= 52
    assert all(len(patch.operations) == 1 for patch in streamed), streamed
    assert max(patch.bytes for patch in streamed) < 40


def _counting(function, calls):
    def count(*args, **kwargs):
        calls.append(args)
        return function(*args, **kwargs)

    return count


def test_the_widget_shows_messages_that_an_app_holds_itself(app):
    def send(text: str) -> None:
        Talk().messages.append(lf.Message("user", text))

    def shout(message: lf.Message) -> None:
        message.text = message.text.upper()

    runs = []

    @app.page("/")
    def page():
        runs.append(1)
        lf.chat(Talk.messages, on_send=send, on_delete=shout)

    with lf.test(app) as p:
        say(p, "a")
        say(p, "b")
        p.all("button", "Delete")[0].click()
        p.sees("A")
        assert len(runs) == 1
        assert not p.all("button", "Edit")


def test_the_widget_takes_a_field_or_a_list(app):
    @app.page("/list")
    def page():
        lf.chat([lf.Message("assistant", "*hi*")], on_send=print)

    @app.page("/wrong")
    def wrong():
        lf.chat(3, on_send=print)

    with lf.test(app, "/list") as p:
        p.sees("hi")
    with pytest.raises(
        Exception, match=r"lf\.chat expected the field of a state, or a list, got int"
    ):
        lf.test(app, "/wrong")
