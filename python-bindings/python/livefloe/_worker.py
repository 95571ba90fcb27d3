"""A process that serves one version of an app, for `livefloe run --reload`. Not for others.

It is started before it is needed, imports what the version before has imported and loads the app
when it is told to. What it says and hears are lines of JSON.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib
import json
import os
import signal
import socket
import sys
import threading
from typing import Any, TextIO

from . import _load, _native
from .app import App

#: How long what a program asked for at its end may take.
EXIT_S = 2.0


def main() -> None:
    """Runs until the process that started it says so, or is gone."""
    # Ctrl-C is for that process, which then says what to do.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    control = socket.socket(fileno=int(sys.argv[1])).makefile("rw", encoding="utf-8")
    told = json.loads(control.readline())
    sys.argv = told["argv"]
    _load.watch_imports()
    for name in told["packages"]:
        # Whatever goes wrong goes wrong again, and is told, where the app imports it.
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    tell(control, "ready")
    hear(control, "load")
    before = dict(os.environ)
    try:
        app = _load.load(told["target"]) if told["target"] else waiting(told["problem"])
        app._core.check()
    except (Exception, SystemExit) as error:
        message, at, detail = _load.describe(error)
        tell(control, "failed", problem=[message, at, detail], files=_load.Watched.seen)
        leave()
    tell(
        control,
        "loaded",
        title=app.title,
        files=_load.Watched.seen,
        packages=_load.packages(),
        environment={key: value for key, value in os.environ.items() if before.get(key) != value},
    )
    serve(app, told, control)
    leave()


def serve(app: App, told: dict[str, Any], control: TextIO) -> None:
    """Serves until told to stop."""
    hear(control, "serve")
    try:
        app.is_dev = told["dev"]
        server = app._core.start_on(told["socket"], told["has_port"], told["dev"], told["store"])
    except Exception as error:
        message, at, detail = _load.describe(error)
        tell(control, "failed", problem=[message, at, detail], files=_load.Watched.seen)
        return
    if told["problem"]:
        server.tell(*told["problem"])
    tell(control, "serving")
    for line in control:
        message = json.loads(line)
        if message["kind"] == "problem":
            server.tell(*(message["problem"] or (None, None, "")))
        elif message["kind"] == "stop":
            break
    server.stop()


def waiting(problem: tuple[str, str | None, str]) -> App:
    """What is served before any version could be loaded."""
    app = App("Waiting for the app", store="memory")

    def page() -> None:
        _native.heading("This app can't be loaded yet", level=1)
        _native.text(problem[0])

    app.page("/")(page)
    app.page("/{*path}")(lambda path: page())
    return app


def tell(control: TextIO, kind: str, **more: object) -> None:
    """Says something to the process that started this one."""
    try:
        control.write(json.dumps({"kind": kind, **more}) + "\n")
        control.flush()
    except OSError:
        leave()


def hear(control: TextIO, kind: str) -> None:
    """Waits until it is told this."""
    line = control.readline()
    if not line or json.loads(line)["kind"] != kind:
        leave()


def leave() -> None:
    """Ends the process, without taking apart what was imported: that may take long."""
    done = threading.Event()

    def end() -> None:
        done.wait(EXIT_S)
        os._exit(0)

    threading.Thread(target=end, daemon=True).start()
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(0)
