"""Mounted in somebody else's app, behind somebody else's server."""

from __future__ import annotations

import asyncio
import re
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
import urllib.parse
import urllib.request
from contextlib import contextmanager, suppress

import livefloe as lf
import pytest
import uvicorn
from fastapi import FastAPI
from livefloe import _asgi
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from visitor import Visitor, get


@contextmanager
def serving(asgi, **options):
    """A real uvicorn, on a thread of this process."""
    config = uvicorn.Config(asgi, log_config=None, **options)
    server = uvicorn.Server(config)
    listener = socket.create_server(("127.0.0.1", 0))

    def run():
        # A server that can't start leaves like a program.
        with suppress(SystemExit):
            server.run(sockets=[listener])

    thread = threading.Thread(target=run)
    thread.start()
    try:
        deadline = time.monotonic() + 10
        while not server.started:
            assert thread.is_alive(), "uvicorn ended"
            assert time.monotonic() < deadline
            time.sleep(0.005)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)
        listener.close()
        assert not thread.is_alive()


class Count(lf.State):
    value: int = 0

    def add(self):
        self.value += 1

    def grow(self):
        self.value += 100_000

    def leave(self):
        lf.navigate("/room/attic")


def live(**options):
    app = lf.App("Live", **options)

    @app.page("/")
    def home():
        count = Count()
        lf.text(f"Count: {count.value}")
        lf.button("+1", on_click=count.add)
        lf.button("Grow", on_click=count.grow)
        lf.button("Leave", on_click=count.leave)
        lf.link("Attic", "/room/attic")
        if count.value >= 100_000:
            lf.text("".join(str(n) for n in range(count.value // 4)))

    @app.page("/room/{name}")
    def room(name: str):
        lf.heading(name)
        lf.link("Home", "/")

    return app


def mounted(app, path="/live", **options):
    around = FastAPI(**options)

    @around.get("/hello")
    def hello():
        return "hello"

    around.mount(path, app)
    return around


def test_an_app_is_mounted_with_its_sockets():
    with serving(mounted(live())) as address:
        assert get(f"{address}/hello") == (200, '"hello"')
        visitor = Visitor(f"{address}/live/").join()
        assert visitor.socket.subprotocol == "livefloe.3"
        assert "/live/livefloe/" in visitor.assets
        for count in range(1, 4):
            visitor.click("+1")
            assert visitor.texts()[-1] == f"Count: {count}"
        assert '<a href="/live/room/attic">' in visitor.page
        visitor.click("Leave")
        assert {"op": "navigate", "path": "/live/room/attic"} in visitor.operations
        # The connection goes, and the session waits for another.
        visitor.close()
        visitor.join()
        visitor.click("+1")
        assert visitor.texts()[-1] == "Count: 4"
        assert get(f"{address}/live/nothing")[0] == 404
        assert get(visitor.assets)[1] == get(visitor.assets, {"accept-encoding": "gzip"})[1]


def test_an_app_is_served_alone():
    app = live()
    with serving(app) as address:
        visitor = Visitor(f"{address}/").join()
        visitor.click("+1")
        assert visitor.texts() == ["Count: 1"]
    # Who stops says so: the client asks for its session elsewhere.
    with pytest.raises(ConnectionClosed) as closed:
        visitor.receive()
    assert closed.value.rcvd.code in (1001, 1012)


@pytest.mark.parametrize(
    ("path", "root_path", "raw_path", "app_root_path", "expected"),
    [
        ("/live/", "/live", b"/live/", "", ("/live", "/")),
        ("/live", "/live", b"/live", "", ("/live", "/")),
        ("/", "", b"/", "", ("", "/")),
        ("/liver", "/live", b"/liver", "", ("/live", "/liver")),
        ("/api/live/x", "/api/live", b"/api/live/x", "/api", ("/api/live", "/x")),
        ("/live/x", "/api/live", b"/live/x", "/api", ("/api/live", "/x")),
        ("/x", "/api", b"/x", "", ("/api", "/x")),
        ("/live/a/b", "/live", b"/live/a%2Fb", "", ("/live", "/a%2Fb")),
        ("/live/a b/ä", "/live", None, "", ("/live", "/a%20b/%C3%A4")),
        ("/l ive/ä", "/l ive", b"/l%20ive/%C3%A4", "", ("/l%20ive", "/%C3%A4")),
        ("/live/a?b", "/live", b"/live/a%3Fb", "", ("/live", "/a%3Fb")),
        ("/live/x", "/live", b"/other", "", ("/live", "/x")),
    ],
)
def test_the_path_in_the_app_is_told_from_where_it_is(
    path, root_path, raw_path, app_root_path, expected
):
    scope = {"path": path, "root_path": root_path, "app_root_path": app_root_path}
    if raw_path is not None:
        scope["raw_path"] = raw_path
    assert _asgi._paths(scope) == expected


@pytest.mark.parametrize("who", ["the server", "the app"])
def test_a_path_in_front_of_the_whole_server_is_one_in_front_of_the_app(who):
    inner = mounted(live())

    async def around(scope, receive, send):
        await inner({**scope, "root_path": "/api"}, receive, send)

    served = serving(inner, root_path="/api") if who == "the server" else serving(around)
    with served as address:
        status, body = get(f"{address}/live/")
        assert status == 200
        assert '<a href="/api/live/room/attic">' in body


def test_a_form_without_script_is_posted():
    with serving(mounted(live())) as address:
        _, page = get(f"{address}/live/")
        ticket = re.search(r'name="lf-at" value="([^"]+)"', page)[1]
        button = re.search(r'name="lf" value="([^"]+)"[^>]*>\+1<', page)[1]
        body = urllib.parse.urlencode({"lf-at": ticket, "lf": button}).encode()
        with urllib.request.urlopen(f"{address}/live/", body, timeout=10) as answer:
            assert "Count: 1<" in answer.read().decode()


def test_bodies_are_bounded():
    with serving(mounted(live(limits={"max_frame_bytes": 1_000}))) as address:
        host, port = address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=10) as raw:
            head = (
                f"POST /live/ HTTP/1.1\r\nhost: {host}:{port}\r\n"
                "content-length: 200000\r\nconnection: close\r\n\r\n"
            )
            raw.sendall(head.encode() + b"x" * 200_000)
            assert raw.recv(100).startswith(b"HTTP/1.1 413 ")
        visitor = Visitor(f"{address}/live/").join()
        visitor.socket.send(b"x" * 1_001)
        with pytest.raises(ConnectionClosed) as closed:
            visitor.receive()
        assert closed.value.rcvd.code == 1009


def test_what_is_no_frame_ends_the_socket_and_not_the_session():
    with serving(mounted(live())) as address:
        visitor = Visitor(f"{address}/live/").join()
        visitor.socket.send("text")
        with pytest.raises(ConnectionClosed) as closed:
            visitor.receive()
        assert closed.value.rcvd.code == 4400
        visitor.join()
        visitor.click("+1")


@pytest.mark.parametrize(
    ("origin", "host", "status"),
    [
        (None, None, 101),
        ("{address}", None, 101),
        ("http://evil.test", None, 403),
        ("null", None, 403),
        ("http://evil.test", "evil.test", 421),
    ],
)
def test_sockets_are_for_pages_of_this_origin_and_host(origin, host, status):
    with serving(mounted(live())) as address:
        page = Visitor(f"{address}/live/")
        url = urllib.parse.urlsplit(page.assets.replace("livefloe.js", "socket"))

        def to():
            return {"sock": socket.create_connection((url.hostname, url.port), timeout=10)}

        asked = f"ws://{host or url.netloc}{url.path}"
        origin = origin and origin.format(address=address)
        if status == 101:
            with connect(asked, origin=origin, **to()):
                pass
        else:
            with pytest.raises(InvalidStatus) as refused:
                connect(asked, origin=origin, **to())
            assert refused.value.response.status_code == status
        with pytest.raises(InvalidStatus) as refused:
            connect(asked.replace("/livefloe/", "/elsewhere/"), **to())
        assert refused.value.response.status_code == 404


def test_hosts_are_checked_as_everywhere():
    cases = [
        (live(), "evil.test", 421),
        (live(), "localhost:1", 200),
        (live(hosts=["demo.test"]), "demo.test", 200),
        (live(hosts=["demo.test"]), "evil.test", 421),
    ]
    for app, host, status in cases:
        with serving(mounted(app)) as address:
            assert get(f"{address}/live/", {"host": host})[0] == status, host


async def ask(app, **more):
    """One request without a server: what is sent."""
    sent = []
    scope = {"type": "http", "method": "GET", "path": "/", "headers": [(b"host", b"test")], **more}

    async def receive():
        await asyncio.Event().wait()

    async def send(message):
        sent.append(message)

    await asyncio.wait_for(app(scope, receive, send), 10)
    return sent


def test_a_server_that_says_no_address_has_no_loopback_names():
    for server, status in [
        (None, 200),
        (("/run/socket", None), 200),
        (("127.0.0.1", 80), 421),
        (("::1", 80), 421),
    ]:
        start, *_ = asyncio.run(ask(live(), server=server))
        assert start["status"] == status, server


def test_what_is_no_request_is_answered():
    start, *_ = asyncio.run(ask(live(), headers=[(b"host", b"test\n")]))
    assert start["status"] == 400
    with pytest.raises(NotImplementedError, match="got gopher"):
        asyncio.run(ask(live(), type="gopher"))


def test_large_patches_wait_for_slow_readers_and_arrive():
    with serving(mounted(live())) as address:
        visitor = Visitor(f"{address}/live/").join(max_queue=1)
        for n in range(1, 4):
            visitor.click("Grow")
            assert visitor.n_bytes > n * 1_000
        visitor.click("+1")
        visitor.click("Leave")
        assert visitor.operations[-1]["op"] == "navigate"


def test_places_of_those_who_have_not_joined_are_bounded():
    with serving(mounted(live(limits={"max_unjoined": 2}))) as address:
        page = Visitor(f"{address}/live/")
        address_of = page.assets.replace("livefloe.js", "socket").replace("http", "ws", 1)
        with connect(address_of), connect(address_of):
            with pytest.raises(InvalidStatus) as refused:
                connect(address_of)
            assert refused.value.response.status_code == 503


def test_streams_go_where_no_socket_does_and_end_with_their_reader():
    app = live()
    with serving(mounted(app)) as address:
        page = Visitor(f"{address}/live/")
        host, port = address.removeprefix("http://").split(":")
        join = page.encode(kind="join", version=3, token=page.token, applied=0, page="")
        path = urllib.parse.urlsplit(page.assets).path.replace("livefloe.js", "stream")
        with socket.create_connection((host, int(port)), timeout=10) as raw:
            raw.sendall(
                f"POST {path} HTTP/1.1\r\nhost: {host}:{port}\r\norigin: {address}\r\n"
                "content-type: application/octet-stream\r\n"
                f"content-length: {len(join)}\r\n\r\n".encode()
                + join
            )
            heard = b""
            while b"\ndata:AQ" not in heard:  # `joined`, in base64
                part = raw.recv(65_536)
                assert part, heard
                heard += part
            assert heard.startswith(b"HTTP/1.1 200 ")
        # The next one to join has the session.
        page.join()
        page.click("+1")


def test_a_mistake_is_told_when_the_server_starts(caplog):
    app = lf.App("Wrong")
    app.page("/{a}/{")(lambda: None)
    with pytest.raises(AssertionError, match="uvicorn ended"), serving(app):
        pass
    assert "is no page path" in caplog.text


def test_the_loop_may_be_one_that_watches_no_pipes(monkeypatch):
    def add_reader(self, *_):
        raise NotImplementedError

    monkeypatch.setattr(asyncio.SelectorEventLoop, "add_reader", add_reader)
    loop = asyncio.SelectorEventLoop()
    try:
        start, *parts = loop.run_until_complete(ask(live()))
    finally:
        loop.close()
    assert start["status"] == 200
    assert b"Count: 0" in b"".join(part["body"] for part in parts)


@pytest.mark.parametrize("how", ["lifespan", "exit"])
def test_what_was_done_is_kept_when_the_server_around_ends(tmp_path, how):
    script = tmp_path / "served.py"
    script.write_text(
        textwrap.dedent(f"""
        import sys
        import livefloe as lf
        from fastapi import FastAPI

        class Count(lf.State):
            value: int = 0

            def add(self):
                self.value += 1

        live = lf.App("Live", store="sqlite:{tmp_path}/sessions.sqlite")

        @live.page("/")
        def home():
            count = Count()
            lf.text(f"Count: {{count.value}}")
            lf.button("+1", on_click=count.add)

        app = FastAPI(**({{"lifespan": live.lifespan}} if "{how}" == "lifespan" else {{}}))
        app.mount("/live", live)
        """)
    )

    @contextmanager
    def process():
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        command = [sys.executable, "-m", "uvicorn", "served:app", "--port", str(port)]
        running = subprocess.Popen(
            command, cwd=tmp_path, stderr=subprocess.PIPE, text=True, encoding="utf-8"
        )
        try:
            assert any("Uvicorn running" in line for line in running.stderr)
            yield f"http://127.0.0.1:{port}"
        finally:
            # Asked to terminate, uvicorn in the end lets the system end it, as in a crash.
            running.send_signal(signal.SIGTERM if how == "lifespan" else signal.SIGINT)
            running.communicate(timeout=20)

    with process() as address:
        visitor = Visitor(f"{address}/live/").join()
        for _ in range(3):
            visitor.click("+1")
    with process() as address:
        visitor.assets = visitor.assets.replace(visitor.url, f"{address}/live/")
        visitor.join()
        visitor.click("+1")
        assert visitor.texts()[-1] == "Count: 4"
