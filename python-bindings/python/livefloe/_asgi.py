"""An app inside of a server that speaks ASGI: uvicorn, hypercorn, or a FastAPI app around it.

The server's event loop hands requests and sockets over to Rust, and polls what comes back. Nothing
here runs handlers or renders: that happens on the threads that it happens on elsewhere.
"""

from __future__ import annotations

import asyncio
import atexit
import ipaddress
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import quote, unquote_to_bytes
from weakref import WeakKeyDictionary

from . import _native

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

#: What stands in a path as it is.
_SAFE = "/:@!$&'()*+,;=-._~"


class Asgi:
    """An app as an ASGI 3 application."""

    def __init__(self, core: _native.AppCore, dev: bool) -> None:
        self._core = core
        self._dev = dev
        self._native: _native.Embedded | None = None
        self._lock = threading.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        else:
            raise NotImplementedError(f"expected http, websocket or lifespan, got {scope['type']}")

    def start(self) -> _native.Embedded:
        """The app put together, at the first need: pages may be added until then."""
        with self._lock:
            if self._native is None:
                self._native = self._core.embed(self._dev)
                # Nobody tells an app that is mounted in another when that ends.
                atexit.register(self.stop)
            return self._native

    def stop(self) -> None:
        """Ends every session, as far as any has begun."""
        with self._lock:
            native, self._native = self._native, None
        if native is not None:
            atexit.unregister(self.stop)
            native.stop()

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            self.start()
        except Exception as error:
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            raise
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await asyncio.to_thread(self.stop)
        await send({"type": "lifespan.shutdown.complete"})

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        bridge = _Bridge.running()
        asked = _scope(scope, scope["method"])
        # A length of nothing is a body as well, and costs nothing.
        has_body = any(name in (b"content-length", b"transfer-encoding") for name, _ in asked[2])
        try:
            exchange = self.start().http(bridge.native, asked, has_body)
        except ValueError:
            await _answer(send, 400, [], b"this is no request\n")
            return
        hearing: asyncio.Task[None] | None = None
        if has_body:
            hearing = asyncio.ensure_future(_hear(exchange, receive, bridge))
        try:
            while (head := exchange.start()) is None:
                await bridge.until(exchange.down)
            await send({"type": "http.response.start", "status": head[0], "headers": head[1]})
            while True:
                part = exchange.body()
                if part is None:
                    # An answer that goes on: somebody has to hear when nobody reads it any more.
                    if hearing is None:
                        hearing = asyncio.ensure_future(_hear(exchange, receive, bridge))
                    await bridge.until(exchange.down)
                    continue
                await send({"type": "http.response.body", "body": part[0], "more_body": part[1]})
                if not part[1]:
                    return
        finally:
            exchange.close()
            if hearing is not None:
                hearing.cancel()

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        bridge = _Bridge.running()
        try:
            exchange, refusal = self.start().socket(bridge.native, _scope(scope, "GET"))
        except ValueError:
            exchange, refusal = None, (400, [])
        if exchange is None or refusal is not None:
            if refusal and "websocket.http.response" in (scope.get("extensions") or {}):
                await _answer(send, *refusal, b"", "websocket.http.response")
            else:
                # The server answers 403.
                await send({"type": "websocket.close"})
            return
        await send({"type": "websocket.accept", "subprotocol": exchange.subprotocol})
        ways = [
            asyncio.ensure_future(_up(exchange, receive, bridge)),
            asyncio.ensure_future(_down(exchange, send, bridge)),
        ]
        try:
            done, _ = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in done:
                way.result()
        finally:
            exchange.close()
            for way in ways:
                way.cancel()


async def _hear(exchange: _native.HttpExchange, receive: Receive, bridge: _Bridge) -> None:
    """Hands the body on, and ends the answer when the client has gone."""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            exchange.close()
            bridge.resume(exchange.down)
            return
        exchange.feed(message.get("body", b""))
        if not message.get("more_body", False):
            exchange.finish()
        while not exchange.has_room():
            await bridge.until(exchange.up)


async def _up(exchange: _native.SocketExchange, receive: Receive, bridge: _Bridge) -> None:
    """What the client sends."""
    while (message := await receive())["type"] == "websocket.receive":
        if not exchange.push(message.get("bytes")):
            while not exchange.has_room():
                await bridge.until(exchange.up)


async def _down(exchange: _native.SocketExchange, send: Send, bridge: _Bridge) -> None:
    """What the client is sent."""
    while True:
        frame = exchange.next()
        if frame is None:
            await bridge.until(exchange.down)
        elif isinstance(frame, bytes):
            await send({"type": "websocket.send", "bytes": frame})
        else:
            code, reason = frame
            await send({"type": "websocket.close", "code": code, "reason": reason})
            return


class _Bridge:
    """How an event loop hears that something in Rust can go on."""

    _all: WeakKeyDictionary[asyncio.AbstractEventLoop, _Bridge] = WeakKeyDictionary()

    @classmethod
    def running(cls) -> _Bridge:
        """The one of the running loop."""
        loop = asyncio.get_running_loop()
        bridge = cls._all.get(loop)
        if bridge is None:
            bridge = cls._all[loop] = cls(loop)
        return bridge

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.native = _native.Bridge()
        self._waiting: dict[int, asyncio.Future[None]] = {}
        self._create_future = loop.create_future
        number = self.native.fileno()
        try:
            if number < 0:
                raise NotImplementedError
            loop.add_reader(number, self._go_on)
        except NotImplementedError:
            # Loops on Windows watch no pipes: a thread tells them.
            native, go_on = self.native, self._go_on

            def tell() -> None:
                heard = threading.Event()

                def hear() -> None:
                    go_on()
                    heard.set()

                while native.wait() and not loop.is_closed():
                    heard.clear()
                    loop.call_soon_threadsafe(hear)
                    heard.wait()

            threading.Thread(target=tell, name="livefloe-asgi", daemon=True).start()

    async def until(self, key: int) -> None:
        """Waits until what was polled may have something new."""
        future = self._waiting[key] = self._create_future()
        try:
            await future
        finally:
            self._waiting.pop(key, None)

    def resume(self, key: int) -> None:
        """Wakes what waits for this."""
        future = self._waiting.pop(key, None)
        if future is not None and not future.done():
            future.set_result(None)

    def _go_on(self) -> None:
        for key in self.native.drain():
            self.resume(key)


def _scope(scope: Scope, method: str) -> _native._Scope:
    """What Rust is told of a request: its path without where the app is mounted."""
    mounted_at, path = _paths(scope)
    query = scope.get("query_string", b"").decode("latin-1")
    client = scope.get("client")
    peer = None
    if client and client[0]:
        host, port = client[0], client[1] or 0
        peer = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    server = scope.get("server")
    return (
        method,
        f"{path}?{query}" if query else path,
        [(bytes(name), bytes(value)) for name, value in scope["headers"]],
        peer,
        mounted_at,
        server is not None and _is_loopback(server[0]),
    )


def _paths(scope: Scope) -> tuple[str, str]:
    """Where the app is mounted, and the path in it; both as they stand in an address."""
    path, root = scope["path"], scope.get("root_path", "").rstrip("/")
    # What was told of a proxy's path has that in front, though nobody has asked for it.
    before = scope.get("app_root_path", "").rstrip("/")
    own = _without(path, root)
    if own is None and before and root.startswith(before):
        own = _without(path, root[len(before) :])
    if own is None:
        own = path
    quoted = quote(own, safe=_SAFE)
    raw = scope.get("raw_path")
    # As the client wrote it, if that can be told: `%2F` in a part of a path is no `/`.
    if raw and unquote_to_bytes(raw) == path.encode() and raw.isascii():
        text = raw.decode("ascii")
        front = quote(path[: len(path) - len(own)], safe=_SAFE)
        rest = _without(text, front)
        if rest is not None and unquote_to_bytes(rest) == own.encode():
            quoted = rest
    return quote(root, safe=_SAFE), quoted or "/"


def _without(path: str, front: str) -> str | None:
    """The rest of a path behind whole parts of it."""
    if not front:
        return path
    rest = path[len(front) :]
    return (rest or "/") if path.startswith(front) and rest[:1] in ("", "/") else None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


async def _answer(
    send: Send,
    status: int,
    headers: list[tuple[bytes, bytes]],
    body: bytes,
    what: str = "http.response",
) -> None:
    headers = [(name, value) for name, value in headers if name != b"content-length"]
    await send({"type": f"{what}.start", "status": status, "headers": headers})
    await send({"type": f"{what}.body", "body": body})
