"""Files that people send: what handlers get, until when it stays, and what is refused."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import livefloe as lf
import pytest
from livefloe._convert import convert
from livefloe.errors import Refused, TestFailed


class Desk(lf.State):
    said: str = ""
    kept: lf.Upload | None = None


def show(text: str, *files: lf.Upload) -> None:
    Desk().said = " ".join(
        [text, *(f"{file.name}:{file.content_type}:{file.size}" for file in files)]
    )


def desk(**options):
    app = lf.App(limits={"max_upload_bytes": 1_000}, **options)

    async def send(text: str, image: lf.Upload | None = None) -> None:
        if text == "bad":
            raise lf.Invalid(text="is bad")
        show(text, *([image] if image else []))

    def papers(files: list[lf.Upload]) -> None:
        show("papers", *files)
        assert [file.read() for file in files] == [file.path.read_bytes() for file in files]

    def keep(file: lf.Upload | None) -> None:
        Desk().kept = file

    def fail() -> None:
        Desk().kept = None
        raise RuntimeError("failed")

    def read() -> None:
        kept = Desk().kept
        assert kept is not None
        with kept.open() as file:
            Desk().said = file.read().decode()

    def drop() -> None:
        Desk().kept = None

    @lf.component
    def inner() -> None:
        lf.file_field("Inner", on_change=lambda file: show("inner", *([file] if file else [])))

    @app.page("/")
    def page() -> None:
        with lf.form(on_submit=send):
            lf.text_field("Text")
            lf.file_field("Image", accept="image/*", max_bytes=500)
            lf.button("Send", submit=True)
        with lf.form(on_submit=papers):
            lf.file_field("Files", multiple=True)
            lf.button("File", submit=True)
        lf.file_field("Keep", on_change=keep)
        lf.button("Fail", on_click=fail)
        lf.button("Read", on_click=read)
        lf.button("Drop", on_click=drop)
        inner()
        lf.text(Desk().said)

    return app


def test_a_handler_gets_what_was_chosen():
    with lf.test(desk(), "/") as page:
        page.type("Text", "hello")
        page.upload("Image", b"abc", name="cat.png")
        page.click("Send")
        page.sees("hello cat.png:image/png:3")


def test_a_form_without_a_file_says_so():
    with lf.test(desk(), "/") as page:
        page.type("Text", "only")
        page.click("Send")
        page.sees("only")
        page.upload("Keep")
        page.click("File")
        page.sees("papers")


def test_several_files_come_as_a_list(tmp_path: Path):
    path = tmp_path / "notes.txt"
    path.write_text("notes")
    with lf.test(desk(), "/") as page:
        page.upload("Files", path, b"", str(path), name="a.txt")
        page.click("File")
        page.sees("papers a.txt:text/plain:5 file::0 notes.txt:text/plain:5")


def test_a_component_inside_has_its_own():
    with lf.test(desk(), "/") as page:
        page.upload("Inner", b"x", name="in")
        page.sees("inner in::1")


def test_what_a_state_keeps_stays_and_comes_back_when_a_turn_is_undone(tmp_path: Path):
    def files() -> list[Path]:
        return [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "lock"]

    with lf.test(desk(upload_folder=tmp_path), "/") as page:
        page.upload("Keep", b"kept", name="k")
        assert len(files()) == 1
        with pytest.raises(Refused):
            page.click("Fail")
        page.click("Read")
        page.sees("kept")
        page.click("Drop")
        # What undoes a turn goes with the next.
        page.click("Drop")
        assert files() == []


def test_a_form_that_is_refused_keeps_its_files():
    with lf.test(desk(), "/") as page:
        page.type("Text", "bad")
        page.upload("Image", b"abc", name="cat.png")
        with pytest.raises(Refused, match="is bad"):
            page.click("Send")
        page.type("Text", "good")
        page.click("Send")
        page.sees("good cat.png:image/png:3")


@pytest.mark.parametrize(
    ("field", "content", "name", "problem"),
    [
        ("Image", b"x" * 501, "a.png", "expected at most 500 bytes, got 501 bytes"),
        ("Image", b"x", "a.txt", "expected a file of the kind image"),
        ("Files", b"x" * 1_001, "a", "expected at most 1 kB, got 1 kB"),
        ("Text", b"x", "a", "takes no files"),
    ],
)
def test_what_a_field_does_not_take_is_said(field, content, name, problem):
    with lf.test(desk(), "/") as page, pytest.raises(TestFailed, match=problem):
        page.upload(field, content, name=name)


def test_text_is_no_file():
    @dataclass
    class Form:
        file: lf.Upload

    for text in ("", "/etc/passwd", '{"path": "/etc/passwd"}', "lfu-AAAAAAAAAAAAAAAAAAAAAA"):
        with pytest.raises(ValueError, match="expected a file"):
            convert(lf.Upload, [text])
        with pytest.raises(ValueError, match="expected a file"):
            convert(list[lf.Upload], ["", text])
    assert convert(lf.Upload | None, []) is None
    assert convert(list[lf.Upload], []) == []
