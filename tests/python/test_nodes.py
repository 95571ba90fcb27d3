"""Servers that share their sessions."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

import livefloe as lf
import pytest

SERVER = os.environ.get("REDIS_SERVER") or shutil.which("redis-server")

pytestmark = pytest.mark.skipif(SERVER is None, reason="no redis-server is installed")


@pytest.fixture
def redis(tmp_path: Path):
    """The address of a Redis of the test's own, on a socket of its own."""
    path = tmp_path / "redis.sock"
    arguments = ["--port", "0", "--unixsocket", str(path), "--save", "", "--dir", str(tmp_path)]
    with subprocess.Popen([SERVER, *arguments], stdout=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 20
        while not _listens(path):
            assert process.poll() is None, "it ended"
            assert time.monotonic() < deadline, "it doesn't answer"
        yield f"redis+unix://{path}"
        process.terminate()


def _listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(str(path)) == 0


class Person:
    """Nothing that a state could be saved with."""

    def __repr__(self) -> str:
        return "a person"


def node(address: str) -> lf.App:
    app = lf.App("Node", store=address)

    @app.page("/{name}")
    def page(name: str):
        people = lf.presence("people", {"name": name, "tags": ("a", 1)})
        names = ", ".join(f"{person['name']}{person['tags']}" for person in people)
        lf.text(f"{len(people)}: {names}")

    @app.page("/odd/{name}")
    def odd(name: str):
        lf.text(f"{name}: {len(lf.presence('odd', Person()))}")

    return app


def test_those_on_other_nodes_are_present(redis):
    with lf.test(node(redis), "/ada") as ada, lf.test(node(redis), "/ben") as ben:
        for page in (ada, ben):
            page.sees("2: ada('a', 1), ben('a', 1)", within_s=20)
        ben.disconnect()
        ada.sees("1: ada('a', 1)", within_s=20)


def test_a_member_that_can_not_be_written_is_present_on_its_node(redis):
    app = node(redis)
    with lf.test(app, "/odd/ada") as ada, lf.test(app, "/odd/ben") as ben:
        ada.sees("ada: 1", within_s=20)
        ben.sees("ben: 1", within_s=20)
