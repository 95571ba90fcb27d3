"""`livefloe run --reload`: a process for each version of an app, and one that watches its files.

The watching process listens, and every version inherits its socket: nobody is refused between two
of them. The next version is a process of its own that is already waiting, with all packages
imported that the last one used. It loads the app while the last one serves. Only when that went
well does the last one end, which writes its sessions to their store and tells its pages to come
back; the next one takes them from there. So there is never a module, class or object of two
versions in one process.

Files are asked for their times many times a second instead of having the system tell of changes:
it is known exactly which files an app was made of, so that asking is cheap, and it works on every
file system and leaves nothing to install.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ._load import Signature, signature
from .errors import AddressError, AppError

#: How often files are looked at. A change counts when the next look finds no other.
LOOK_S = 0.02
#: How long a version may take to stop; it has a time of its own for handlers under way.
STOP_S = 15.0

#: Without the folder that the process was started in, which `python app.py` has no modules of.
WORKER = (
    "import sys; sys.path[:1] == [''] and sys.path.pop(0); "
    "from livefloe._worker import main; main()"
)

Problem = tuple[str, "str | None", str]


class Failed(Exception):
    """A version that can't be served."""

    def __init__(self, problem: Problem, files: dict[str, Signature]) -> None:
        super().__init__(problem[0])
        self.problem = problem
        self.files = files


class Version:
    """A process for one version of the app."""

    def __init__(self, told: dict[str, Any], environment: Mapping[str, str], fd: int) -> None:
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-c", WORKER, str(theirs.fileno())]
        with theirs:
            self.process = subprocess.Popen(
                command, pass_fds=(theirs.fileno(), fd), env={**os.environ, **environment}
            )
        self.socket = ours
        self._control = ours.makefile("rw", encoding="utf-8")
        self._tell_line(json.dumps(told))

    def load(self) -> dict[str, Any]:
        """Loads the app, which may take as long as it takes.

        Returns:
            What it is made of.
        """
        self._hear()
        self.tell("load")
        return self._hear()

    def serve(self) -> None:
        """Takes over the socket."""
        self.tell("serve")
        self._hear()

    def tell(self, kind: str, **more: object) -> None:
        """Says something to it."""
        self._tell_line(json.dumps({"kind": kind, **more}))

    def stop(self) -> None:
        """Ends it: its sessions are in their store then."""
        with contextlib.suppress(OSError):
            self.tell("stop")
            self.socket.shutdown(socket.SHUT_WR)
        try:
            self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._close()

    def _tell_line(self, line: str) -> None:
        # One that has ended is found out when it is listened to.
        with contextlib.suppress(OSError):
            self._control.write(line + "\n")
            self._control.flush()

    def _hear(self) -> dict[str, Any]:
        try:
            line = self._control.readline()
        except OSError:
            line = ""
        if not line:
            code = self.process.wait()
            self._close()
            raise Failed((f"the program ended while it was loaded, with code {code}", None, ""), {})
        message: dict[str, Any] = json.loads(line)
        if message["kind"] == "failed":
            self.process.wait()
            self._close()
            raise Failed(tuple(message["problem"]), _files(message))
        return message

    def _close(self) -> None:
        with contextlib.suppress(OSError):
            self._control.close()
        self.socket.close()


def _files(message: dict[str, Any]) -> dict[str, Signature]:
    return {path: tuple(found) for path, found in message["files"].items()}


class Reloader:
    """Serves an app, and its next version whenever a file of it changes."""

    def __init__(
        self,
        target: str,
        *,
        host: str,
        port: int,
        dev: bool,
        cold: bool = False,
        arguments: list[str] | None = None,
        say: Callable[[str], None] | None = None,
    ) -> None:
        if not hasattr(socket, "socketpair") or os.name == "nt":
            raise AppError("--reload hands a socket on to other processes, which takes Unix")
        self._target = target
        self._dev = dev
        self._cold = cold
        self._say = say or (lambda text: print(text, flush=True))
        self._arguments = [target.partition(":")[0], *(arguments or [])]
        self._listener = _listen(host, port)
        self._has_port = port != 0
        self._folder = tempfile.TemporaryDirectory(prefix="livefloe-")
        self._packages: list[str] = []
        self._environment: dict[str, str] = {}
        self._files: dict[str, Signature] = {}
        self._current: Version | None = None
        self._spare: Version | None = None
        self._is_stopping = False
        where = Path(target.partition(":")[0])
        self._target_file = str(where.resolve()) if where.suffix == ".py" else None

    @property
    def address(self) -> str:
        """Where it listens."""
        host, port = self._listener.getsockname()[:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def stop(self, *_: object) -> None:
        """Ends `run`; for handlers of signals."""
        self._is_stopping = True

    def run(self) -> None:
        """Serves until it is stopped."""
        for number in (signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(ValueError):  # not the main thread
                signal.signal(number, self.stop)
        try:
            self._next([])
            while not self._is_stopping:
                changed = self._changed()
                if changed:
                    self._next(changed)
        finally:
            for version in (self._current, self._spare):
                if version is not None:
                    version.stop()
            self._listener.close()
            self._folder.cleanup()

    def _told(self, target: str, problem: Problem | None = None) -> dict[str, Any]:
        return {
            "target": target,
            "argv": self._arguments,
            "packages": [] if self._cold else self._packages,
            "socket": self._listener.fileno(),
            "has_port": self._has_port,
            "dev": self._dev,
            # For apps that keep their sessions nowhere: from one version to the next they are kept.
            "store": f"sqlite:{self._folder.name}/sessions.sqlite",
            "problem": problem,
        }

    def _make(self, target: str, problem: Problem | None = None) -> Version:
        environment = {} if self._cold else self._environment
        return Version(self._told(target, problem), environment, self._listener.fileno())

    def _next(self, changed: list[str]) -> None:
        """Loads the next version, and has it serve if that goes well."""
        began = time.perf_counter()
        version, self._spare = self._spare or self._make(self._target), None
        try:
            loaded = version.load()
            self._files = _files(loaded)
            self._packages, self._environment = loaded["packages"], loaded["environment"]
            if self._current is not None:
                self._current.stop()
                self._current = None
            version.serve()
        except Failed as failed:
            self._files = self._files | failed.files
            if self._target_file:
                self._files.setdefault(self._target_file, signature(self._target_file))
            # What could not be imported may be about to be written.
            folders = {str(Path(path).parent) for path in self._files}
            self._files.update((folder, signature(folder)) for folder in folders)
            self._fail(failed.problem)
        else:
            is_first = not changed
            self._current = version
            taken = time.perf_counter() - began
            names = ", ".join(sorted(Path(path).name for path in changed))
            if is_first:
                self._say(f"{loaded['title']}: {self.address} (Ctrl-C stops it; files are watched)")
            else:
                self._say(f"reloaded in {taken * 1_000:.0f} ms: {names}")
        self._spare = self._make(self._target)

    def _fail(self, problem: Problem) -> None:
        message, at, detail = problem
        self._say("\n".join(part for part in (f"{at or self._target}: {message}", detail) if part))
        if self._current is not None:
            self._current.tell("problem", problem=problem)
            return
        # Nothing has ever been served, or the last one has ended.
        version = self._make("", problem)
        try:
            version.load()
            version.serve()
            self._current = version
            self._say(f"waiting for a change at {self.address} (Ctrl-C stops it)")
        except Failed as failed:
            self._say(f"{self._target}: {failed.problem[0]}")

    def _changed(self) -> list[str]:
        """The files that have changed, once they change no more. Waits a moment if none have."""
        with selectors.DefaultSelector() as selector:
            if self._current is not None:
                selector.register(self._current.socket, selectors.EVENT_READ)
            if selector.select(LOOK_S) and self._current is not None:
                self._lost(self._current)
        changed = self._look()
        while changed:
            time.sleep(LOOK_S)
            again = self._look()
            if again == changed:
                self._files.update(again)
                return list(again)
            changed = again
        return []

    def _look(self) -> dict[str, Signature]:
        found = {path: signature(path) for path in self._files}
        # One that is gone is about to come: editors write another in its place.
        return {path: now for path, now in found.items() if now != self._files[path] and any(now)}

    def _lost(self, version: Version) -> None:
        """The process that serves has ended by itself."""
        try:
            version._hear()
        except Failed as failed:
            self._current = None
            self._fail((failed.problem[0].replace("while it was loaded, ", ""), None, ""))


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=1_024)
    except OSError as error:
        raise AddressError(f"can't listen on {host}:{port}: {error.strerror or error}") from error
