"""Serving: in the background, in the foreground, and what goes wrong."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import textwrap
import time
import urllib.request

import livefloe as lf
import pytest
from livefloe.errors import AddressError, AppError, PageError


def get(address, path="/"):
    with urllib.request.urlopen(address + path, timeout=5) as response:
        return response.status, response.read().decode()


def test_an_app_serves_in_the_background(app):
    @app.page("/")
    def page():
        lf.text("hello")

    with app.start() as server:
        assert server.address == f"http://127.0.0.1:{server.port}"
        status, body = get(server.address)
        assert status == 200
        assert '<p class="lf-text">hello</p>' in body
        assert "<title>Test</title>" in body
        with app.start() as second:
            assert second.port != server.port
            assert get(second.address)[0] == 200
    server.stop()
    with pytest.raises(OSError, match="refused"):
        get(server.address)


def test_a_port_in_use_is_said_clearly(app):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(
            AddressError, match=f"can't listen on 127.0.0.1:{port}: the port is in use"
        ):
            app.start(port=port)


def test_an_address_that_is_none_is_said_clearly(app):
    with pytest.raises(AddressError, match="expected an address and port"):
        app.start("no such host")


@pytest.mark.parametrize(
    ("path", "message"), [("room", "starts with `/`"), ("/{a}/{", "is no page path")]
)
def test_wrong_paths_are_said_clearly(app, path, message):
    def serve():
        app.page(path)(lambda: None)
        app.start()

    with pytest.raises(PageError, match=message):
        serve()


def test_a_path_has_one_page(app):
    app.page("/")(lambda: None)
    with pytest.raises(PageError, match="has a page already"):
        app.page("/")(lambda: None)


def test_errors_are_shown_in_development_only(app):
    @app.page("/")
    def page():
        raise ValueError("the secret")

    for dev, is_shown in [(True, True), (False, False), (None, True)]:
        with app.start(dev=dev) as server, pytest.raises(urllib.error.HTTPError) as caught:
            get(server.address)
        body = caught.value.read().decode()
        caught.value.close()
        assert caught.value.code == 500
        assert ("the secret" in body) is is_shown
        assert ("test_app.py" in body) is is_shown


def test_rust_examples_that_are_not_built_in_say_so(app):
    if lf._native.HAS_EXAMPLES:
        app.mount_rust_examples("/rust")
        assert lf.testing.Site(app).get("/rust/counter")[0] == 200
    else:
        with pytest.raises(AppError, match="there is nothing for /rust"):
            app.mount_rust_examples("/rust")


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_an_interrupt_stops_a_running_app_cleanly(tmp_path, name):
    script = tmp_path / "app.py"
    script.write_text(
        textwrap.dedent(
            """
            import livefloe as lf

            app = lf.App("Hello")

            @app.page("/")
            def page():
                lf.text("hello")

            app.run(port=0)
            print("after")
            """
        )
    )
    process = subprocess.Popen(
        [sys.executable, script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with process:
        line = process.stdout.readline()
        assert line.startswith("Hello: http://127.0.0.1:")
        assert get(line.split()[1])[0] == 200
        process.send_signal(getattr(signal, name))
        out, error = process.communicate(timeout=10)
    assert process.returncode == 0, error
    assert out.strip() == "after"
    assert error == ""


def test_what_went_wrong_is_logged_with_traceback_and_the_reference_that_the_person_got(
    app, caplog
):
    @app.page("/")
    def page():
        raise ValueError("the secret")

    with app.start(dev=False) as server, pytest.raises(urllib.error.HTTPError) as caught:
        get(server.address)
    body = caught.value.read().decode()
    caught.value.close()
    reference = re.search(r"Reference ([\w-]{8})", body).group(1)
    deadline = time.monotonic() + 5
    while reference not in caplog.text:
        assert time.monotonic() < deadline, caplog.text
        time.sleep(0.01)
    assert "ValueError: the secret" in caplog.text
    assert "Traceback" in caplog.text
    assert {record.name for record in caplog.records} == {"livefloe"}


def test_a_user_has_as_many_sessions_as_they_may():
    app = lf.App(user_header="X-User", limits={"max_sessions_per_user": 1})

    @app.page("/")
    def page():
        lf.text("hello")

    def status(server, user):
        asked = urllib.request.Request(server.address, headers={"X-User": user})
        try:
            with urllib.request.urlopen(asked, timeout=5) as response:
                return response.status
        except urllib.error.HTTPError as error:
            return error.code

    with app.start() as server:
        assert [status(server, user) for user in ("ada", "ada", "ben")] == [200, 429, 200]


def test_health_and_metrics_are_where_they_were_asked_for():
    app = lf.App(health_at="/health", metrics_at=("/metrics", ["127.0.0.1"]))

    @app.page("/")
    def page():
        lf.text("hello")

    with app.start() as server:
        assert get(server.address, "/health/ready")[0] == 200
        assert "livefloe_sessions" in get(server.address, "/metrics")[1]


def test_a_file_that_is_no_store_says_so_once(tmp_path):
    file = tmp_path / "notes.sqlite"
    file.write_text("not a database, but as long as the header of one: " * 20)
    with pytest.raises(AppError, match=r"notes\.sqlite") as raised:
        lf.App(store=f"sqlite:{file}").start()
    assert str(raised.value).count("file is not a database") == 1


def test_a_store_that_can_not_be_opened_is_an_error_when_the_app_starts():
    with pytest.raises(AppError, match="expected the address of a store"):
        lf.App(store="postgres://localhost").start()


def test_a_page_without_posts_is_smaller(app):
    def page():
        lf.button("+1", on_click=lambda: None)

    app.page("/")(page)
    without = lf.App("Test", without_script=False)
    without.page("/")(page)
    with app.start() as one, without.start() as other:
        assert "lf-post" in get(one.address)[1]
        assert "lf-post" not in get(other.address)[1]


def test_links_and_pages_are_under_the_apps_prefix():
    app = lf.App("Test", prefix="/tools/live/")

    @app.page("/")
    def page():
        lf.link("Rooms", "/rooms")
        lf.link("Elsewhere", "https://example.org/rooms")
        lf.nav({"Home": "/", "Rooms": "/rooms"}, current="/")
        with lf.card("Attic", link="/rooms/attic"):
            lf.text("Dusty")

    with app.start() as server:
        for path in ("/tools/live/", "/"):
            _, body = get(server.address, path)
            found = re.findall(r'<a [^>]*?href="([^"]*)"( aria-current="page")?', body)
            assert [address for address, _ in found] == [
                "/tools/live/rooms",
                "https://example.org/rooms",
                "/tools/live/",
                "/tools/live/rooms",
                "/tools/live/rooms/attic",
            ]
            assert [bool(current) for _, current in found] == [False, False, True, False, False]
            assert 'src="/tools/live/livefloe/' in body


def test_a_prefix_that_is_none_is_said_clearly():
    with pytest.raises(PageError, match="`tools` is no page path: expected a path such as"):
        lf.App("Test", prefix="tools").start()
