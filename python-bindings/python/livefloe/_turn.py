"""`with state.turn():`, changes that belong together."""

from __future__ import annotations

import sys
import threading
import weakref
from contextvars import ContextVar, Token
from typing import TYPE_CHECKING, Any

from ._context import current
from ._native import Block
from .errors import StateError

if TYPE_CHECKING:
    from .state import State

#: How long a turn of a shared state waits for another one, in seconds.
_PATIENCE_S = 30.0

#: The locks of shared states.
_locks: weakref.WeakKeyDictionary[Any, threading.Lock] = weakref.WeakKeyDictionary()
_making = threading.Lock()

#: The shared states that the running code has locked.
_held: ContextVar[tuple[Any, ...]] = ContextVar("livefloe.held", default=())


class Turn:
    """Changes to a state that show together, or are all taken back. See `State.turn`."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._block: Block | None = None
        self._lock: threading.Lock | None = None
        self._tokens: list[tuple[ContextVar[Any], Token[Any]]] = []

    def __enter__(self) -> None:
        """Begins, when nothing else changes the state."""
        block = self._make()
        if (not block.is_inside or self._lock) and _is_async():
            raise StateError(
                f"`with {type(self._state).__name__}.turn():` would stop all async code while it "
                "waits for its turn: write `async with`"
            )
        self._wait(block)
        self._enter(block)

    def __exit__(self, kind: object, *_: object) -> None:
        """Shows what was changed, or takes it back after an exception."""
        self._leave(kind is not None)

    async def __aenter__(self) -> None:
        """Begins, when nothing else changes the state."""
        import asyncio

        block = self._make()
        waiting = asyncio.ensure_future(asyncio.to_thread(self._wait, block))
        try:
            await asyncio.shield(waiting)
        except asyncio.CancelledError:
            waiting.add_done_callback(lambda done: self._give_up(block, done))
            raise
        self._enter(block)

    async def __aexit__(self, kind: object, *_: object) -> None:
        """Shows what was changed, or takes it back after an exception."""
        import asyncio

        block = self._exit()
        try:
            # Not given up half way: what was changed is either shown or taken back.
            await asyncio.shield(asyncio.to_thread(block.end, kind is not None))
        finally:
            self._unlock()

    def _make(self) -> Block:
        if self._block is not None:
            raise StateError("a turn can be entered once: call .turn() for each `with`")
        state = self._state
        is_shared = type(state).__livefloe_scope__ != "session"
        if is_shared and not any(held is state for held in _held.get()):
            with _making:
                self._lock = _locks.setdefault(state, threading.Lock())
        self._block = Block(state)
        return self._block

    def _wait(self, block: Block) -> None:
        if self._lock is not None and not self._lock.acquire(timeout=_PATIENCE_S):
            self._lock = None
            name = type(self._state).__name__
            raise StateError(f"another turn of {name} has not ended for {_PATIENCE_S:g} s")
        try:
            block.begin()
        except BaseException:
            self._unlock()
            raise

    def _give_up(self, block: Block, waiting: Any) -> None:
        """It was cancelled while it waited."""
        if not waiting.cancelled() and waiting.exception() is None:
            block.abandon()
            self._unlock()

    def _enter(self, block: Block) -> None:
        self._tokens = [(current, current.set(block.session()))]
        if self._lock is not None:
            self._tokens.append((_held, _held.set((*_held.get(), self._state))))

    def _exit(self) -> Block:
        for variable, token in reversed(self._tokens):
            variable.reset(token)
        block = self._block
        if block is None:
            raise StateError("a turn was left that was not entered")
        return block

    def _leave(self, raised: bool) -> None:
        try:
            self._exit().end(raised)
        finally:
            self._unlock()

    def _unlock(self) -> None:
        lock, self._lock = self._lock, None
        if lock is not None:
            lock.release()


def _is_async() -> bool:
    asyncio = sys.modules.get("asyncio")
    return asyncio is not None and asyncio._get_running_loop() is not None
