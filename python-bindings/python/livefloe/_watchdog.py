"""Tells who blocks the event loop that asynchronous handlers of all sessions share."""

from __future__ import annotations

import logging
import os
import selectors
import sys
import threading
import time
from pathlib import Path
from types import FrameType
from typing import Any

logger = logging.getLogger("livefloe")

#: How long one step of asynchronous code may take before it is named, in seconds.
BLOCKED_S = 0.05
#: How often one place is named, in seconds.
_SAID_AGAIN_S = 60.0
#: How many looks without anything new let the watchdog sleep.
_QUIET_LOOKS = 40


#: Where code is that is nobody's app: ours, and Python's own.
_OTHERS = (str(Path(__file__).parent), str(Path(os.__file__).parent), "<frozen")


class Selector(selectors.DefaultSelector):
    """Waits for the loop's files, and has the loop watched while it doesn't wait."""

    def __init__(self) -> None:
        super().__init__()
        self._watchdog: Watchdog | None = None

    def select(self, timeout: float | None = None) -> Any:
        """Waits, as the loop asks it to."""
        watchdog = self._watchdog
        if watchdog is None:
            watchdog = self._watchdog = Watchdog(threading.get_ident())
        watchdog.rest()
        ready = super().select(timeout)
        watchdog.work()
        return ready


class Watchdog:
    """Looks at a thread whose steps should be short."""

    def __init__(self, thread: int) -> None:
        self._thread = thread
        #: Counts the steps; odd while one is under way.
        self._step = 0
        self._is_awake = threading.Event()
        self._said: dict[str, float] = {}
        threading.Thread(target=self._watch, name="livefloe-watchdog", daemon=True).start()

    def work(self) -> None:
        """A step begins."""
        self._step += 1
        if not self._is_awake.is_set():
            self._is_awake.set()

    def rest(self) -> None:
        """The step has ended."""
        if self._step % 2:
            self._step += 1

    def _watch(self) -> None:
        while True:
            # While nothing runs there is nothing to look at, and this thread sleeps.
            self._is_awake.wait()
            seen, n_quiet = -1, 0
            while n_quiet < _QUIET_LOOKS:
                time.sleep(BLOCKED_S / 2)
                step = self._step
                if step == seen and step % 2:
                    self._name(step)
                n_quiet = n_quiet + 1 if step == seen else 0
                seen = step
            self._is_awake.clear()

    def _name(self, step: int) -> None:
        """A step takes its time."""
        began = time.monotonic() - BLOCKED_S / 2
        while self._step == step and time.monotonic() - began < BLOCKED_S:
            time.sleep(BLOCKED_S / 10)
        frame = sys._current_frames().get(self._thread) if self._step == step else None
        if frame is None:
            return
        place = _place(frame)
        del frame
        while self._step == step:
            time.sleep(BLOCKED_S / 2)
        self._say(place, time.monotonic() - began)

    def _say(self, place: str | None, seconds: float) -> None:
        now = time.monotonic()
        if place is None or now - self._said.get(place, -_SAID_AGAIN_S) < _SAID_AGAIN_S:
            return
        self._said[place] = now
        logger.warning(
            "%s kept all asynchronous handlers waiting for %.0f ms: what takes its time and awaits "
            "nothing belongs in a plain handler, or into `await asyncio.to_thread(…)`",
            place,
            seconds * 1000,
        )


def _place(frame: FrameType | None) -> str | None:
    """The innermost line of the app's own code."""
    while frame is not None:
        file = frame.f_code.co_filename
        if not file.startswith(_OTHERS) and "site-packages" not in file:
            name = getattr(frame.f_code, "co_qualname", frame.f_code.co_name)
            return f"{Path(file).name}:{frame.f_lineno}, in {name},"
        frame = frame.f_back
    return None
