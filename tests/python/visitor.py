"""A visitor over a real connection: gets a page, joins its session and acts, as the client does."""

from __future__ import annotations

import gzip
import json
import re
import urllib.error
import urllib.request
from collections.abc import Callable
from urllib.parse import urljoin

from livefloe import _native
from websockets.sync.client import ClientConnection, connect

TIMEOUT_S = 10


def get(url: str, headers: dict[str, str] | None = None) -> tuple[int, str]:
    """Status and text of an answer."""
    request = urllib.request.Request(url, headers=headers or {})
    try:
        response = urllib.request.urlopen(request, timeout=TIMEOUT_S)
    except urllib.error.HTTPError as error:
        response = error
    with response:
        body = response.read()
        if response.headers["content-encoding"] == "gzip":
            body = gzip.decompress(body)
        return response.status, body.decode()


class Visitor:
    """A page that is open."""

    def __init__(self, url: str, headers: dict[str, str] | None = None) -> None:
        self.status, self.page = get(url, headers)
        assert self.status == 200, self.page
        self.url = url
        self.token = re.search(r'name="livefloe" content="([^"]+)"', self.page)[1]
        script = re.search(r'src="([^"]*livefloe\.js)"', self.page)[1]
        self.assets = urljoin(url, script)
        self.seq = self.applied = self.settled = self.n_bytes = 0
        self.operations: list[dict] = []
        self.socket: ClientConnection | None = None

    def join(self, **options: object) -> Visitor:
        address = urljoin(self.assets, "socket").replace("http", "ws", 1)
        connection = connect(address, subprotocols=["livefloe.3"], max_size=None, **options)
        # Entered by hand: it lives as long as the visitor says.
        self.socket = connection.__enter__()
        self.send(kind="join", version=3, token=self.token, applied=self.applied, page="")
        joined = self.receive()
        assert joined["kind"] == "joined", joined
        self.token = joined["token"]
        return self

    def send(self, **message: object) -> None:
        self.socket.send(self.encode(**message))

    @staticmethod
    def encode(**message: object) -> bytes:
        return _native.encode_frame("client", json.dumps(message))

    def receive(self) -> dict:
        frame = self.socket.recv(TIMEOUT_S)
        self.n_bytes += len(frame)
        message = json.loads(_native.decode_frame("server", frame))
        if message["kind"] == "patch":
            self.applied = message["seq"]
            self.operations += message["ops"]
        self.settled = max(self.settled, message.get("ack", 0))
        return message

    def handler(self, text: str, attribute: str = "lf-click") -> str:
        """The handler of a button, by what stands on it."""
        return re.search(rf'<button[^>]*{attribute}="([^"]*)"[^>]*>{re.escape(text)}<', self.page)[
            1
        ]

    def click(self, text: str, payload: str = "") -> None:
        self.act(self.handler(text), payload)

    def act(self, handler: str, payload: str = "") -> None:
        self.seq += 1
        self.send(
            kind="event",
            seq=self.seq,
            seen=self.applied,
            component=0,
            handler=handler,
            payload=payload,
        )
        self.until(lambda: self.settled >= self.seq)

    def until(self, holds: Callable[[], bool]) -> None:
        while not holds():
            self.receive()

    def texts(self) -> list[str]:
        """What patches have put into the place of other text."""
        return [each["text"] for each in self.operations if each["op"] == "text"]

    def close(self) -> None:
        self.socket.close()
