"""An app as users write it: `mypy --strict` has nothing to say about it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Annotated

import livefloe as lf

app = lf.App("Typed")


class Size(Enum):
    SMALL = "s"
    LARGE = "l"


@dataclass
class Message:
    author: str
    text: str = ""


class Chat(lf.State):
    messages: list[Message] = []
    temperature: float = 0.7
    n: int = 0
    size: Size = lf.field(Size.SMALL)
    tags: set[str] = lf.field(factory=set)

    def increment(self) -> None:
        self.n += 1

    @lf.computed
    def bucket(self) -> int:
        return self.n // 10

    @lf.resource
    async def report(self) -> str:
        return f"report on {self.bucket + 1}"

    @lf.resource
    def slow(self) -> list[int]:
        return [self.n]


@lf.task
async def index(job: lf.Job[int], path: str, *, deep: bool = False) -> int:
    for _ in job.track(range(3), f"reading {path}"):
        await asyncio.sleep(0)
    return 3


@lf.task(max_running=1, scope="app")
def train(epochs: int) -> float:
    return 0.5 * epochs


@lf.handler(concurrency="latest", debounce_ms=200)
async def look(text: str) -> None:
    job: lf.Job[int] = index(text, deep=True)
    number: int = await job.wait()
    loss: float | None = train(number).result
    latest = train.latest
    lf.progress("training", loss if latest is None else latest.progress)


class Room(lf.State, scope="app"):
    names: list[str] = []


@lf.component
def counter(label: str, *, step: int = 1) -> None:
    s = Chat()
    lf.button(f"+{step}", on_click=s.increment)
    lf.text(f"{label}: {s.n}", muted=True)
    n = lf.cell(0)
    name: lf.Cell[str | None] = lf.cell(None)
    lf.text_field("Name", bind=name, on_input=look)
    lf.button("Add", on_click=lambda: n.set(n.value + 1))
    lf.every(1.5, count)
    bucket: int = s.bucket
    report: lf.Resource[str] = s.report
    value: str | None = report.value
    numbers: list[int] = s.slow.value or []
    lf.text(f"{bucket} {value} {numbers} {report.ready} {report.error}")


async def send(text: str, image: str | None = None) -> AsyncIterator[None]:
    s = Chat()
    s.messages.append(Message("user", text))
    yield
    await asyncio.sleep(0.1)
    s.messages.append(Message("bot"))


def count() -> Iterator[None]:
    for n in range(3):
        Chat().n = n
        yield


@app.page("/chat/{room}")
def chat(room: str, q: str = "") -> None:
    s = Chat()
    lf.title(f"{room} {q}")
    lf.page_header(room, subtitle=q)
    counter("Clicks")
    counter("Clicks", step=2)
    for index, message in enumerate(s.messages):
        counter(message.text, key=index)
    lf.slider("Temperature", 0, 2, bind=Chat.temperature)
    lf.select("Size", {"s": "Small", "l": "Large"}, bind=Chat.size)
    lf.button("Count", count, variant="primary", args=())
    with lf.form(on_submit=send, reset=True):
        lf.text_field("Text", required=True, placeholder="Say something")
        lf.button("Send", submit=True)
    with lf.row(align="end"), lf.card("Here"), lf.element("ul", class_="names", aria_label="Names"):
        for name in lf.presence("room", "me"):
            with lf.element("li", key=name):
                lf.text(name)
    lf.label({"a": 0.9, "b": 0.1}, top=1)
    lf.table(["Name", "n"], [("a", 1), ("b", lambda: lf.button("x"))], keys=["a", "b"])
    lf.progress("Training", 3, max=20)
    lf.sketchpad("Draw", size=(8, 8), on_input=draw)


def draw(picture: lf.Picture) -> None:
    grid: list[list[float]] = picture.centred(8, 8, margin=1)
    lf.spawn(asyncio.to_thread, sum, grid[0], then=print)
    raise lf.Invalid(drawing="is empty") if picture.is_empty else lf.LivefloeError


@app.interface
def greet(name: str, times: Annotated[int, lf.Slider(1, 5)] = 1) -> str:
    return name * times


@app.interface(path="/stream", examples=["x"], live=True)
async def stream(text: Annotated[str, lf.Text(lines=2)]) -> AsyncIterator[lf.Markdown]:
    yield lf.Markdown(greet(text, times=2))


@app.chat(path="/bot", examples=["Hello"])
async def answer(message: str, history: list[lf.Message]) -> AsyncIterator[str | lf.Replace]:
    yield message
    yield lf.Replace(history[0].text)


class Held(lf.State):
    messages: list[lf.Message] = []

    def send(self, text: str) -> None:
        self.messages.append(lf.Message("user", text))


@app.page("/held")
def held() -> None:
    lf.chat(Held.messages, on_send=Held().send, title="Held")


def outside() -> str:
    Room.of(app).names.append("someone")
    with app.start(port=0) as server:
        address: str = server.address
    with lf.test(app, "/chat/a") as page:
        page.type("Text", "hello")
        page.click("Send")
        page.sees("hello", within_s=1)
        row: lf.testing.Element = page.get("row", has=re.compile("a"))
        row.get("button", name="x").click()
        page.select(page.get(label="Size"), "Large")
        page.check("Stream", on=False)
        rows: list[str] = [each.text for each in page.all("row")]
        found: lf.testing.Element = page.wait(lambda: page.get("alert"), within_s=0.5)
        page.settled(within_s=2.5)
        lf.testing.Site(app).open("/chat/b").snapshot("empty")
        assert page.changes == rows, (found.role, page.last_patch.operations, page.touched)
    return address
