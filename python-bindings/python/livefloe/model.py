"""Models that run inside the process, their calls put together across sessions."""

from __future__ import annotations

import os
from typing import Any

from ._native import Lane
from .errors import ModelInputError

_FORMATS = {"f32": "f", "f64": "d", "i32": "i", "i64": "q", "u8": "B", "bool": "?"}


class Model:
    """A model on a thread of its own.

    `await model(x)` in async code, `model.run(x)` elsewhere; neither keeps other Python code
    waiting. Calls of all sessions that wait at the same time go through the model as one batch.
    """

    def __init__(self, lane: Lane) -> None:  # noqa: D107
        self._lane = lane

    @property
    def signature(self) -> str:
        """What it takes and gives."""
        return self._lane.signature

    async def __call__(self, *inputs: Any, **named: Any) -> Any:
        """Runs the model.

        Args:
            *inputs: Its inputs in the order of the signature: nested lists of numbers, or anything
                with a buffer, such as a numpy array. The batch dimension may be left out, of all of
                them.
            **named: The same by name.

        Returns:
            The output as nested lists; several outputs as a dict by name.

        Raises:
            ModelInputError: An input is not what the signature says.
            ModelBusyError: Too many requests wait.
            ModelError: The model failed.
        """
        import asyncio  # not needed by apps without models

        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()

        def settle(outputs: Any, exception: BaseException | None) -> None:
            if future.done():  # cancelled
                return
            if exception is None:
                future.set_result(outputs)
            else:
                future.set_exception(exception)

        self._lane.start(
            self._inputs(inputs, named),
            lambda *outcome: loop.call_soon_threadsafe(settle, *outcome),
        )
        return self._output(await future)

    def run(self, *inputs: Any, **named: Any) -> Any:
        """Runs the model and waits, for code that is not async.

        Args:
            *inputs: As for calling it.
            **named: As for calling it.

        Returns:
            As for calling it.

        Raises:
            ModelInputError: An input is not what the signature says.
            ModelBusyError: Too many requests wait.
            ModelError: The model failed.
        """
        return self._output(self._lane.run(self._inputs(inputs, named)))

    def close(self) -> None:
        """Ends the model. Whoever waits for it gets an error."""
        self._lane.close()

    def __repr__(self) -> str:
        """Says what it takes and gives."""
        return f"<livefloe.Model {self.signature}>"

    def _inputs(self, inputs: tuple[Any, ...], named: dict[str, Any]) -> list[Any]:
        specs = self._lane.inputs
        rest = [name for name, _ in specs[len(inputs) :]]
        if len(inputs) > len(specs) or set(named) != set(rest):
            names = ", ".join(name for name, _ in specs)
            given = ", ".join([f"{len(inputs)} by position", *named])
            raise ModelInputError(f"inputs expected {names}; got {given}")
        values = [*inputs, *(named[name] for name in rest)]
        return [_input(value, kind) for value, (_, kind) in zip(values, specs, strict=True)]

    def _output(self, outputs: list[Any]) -> Any:
        names = self._lane.outputs
        return outputs[0] if len(names) == 1 else dict(zip(names, outputs, strict=True))


def torch(
    path: str | os.PathLike[str],
    signature: str,
    *,
    max_batch: int = 32,
    queue_limit: int = 1024,
    threads: int = 1,
) -> Model:
    """Loads a TorchScript model.

    Args:
        path: The file that `torch.jit.save` wrote. It can make the process do anything: load only
            what you trust.
        signature: What the model takes and gives, such as `image: f32 [n, 1, 8, 8] ->
            probabilities: f32 [n, 10]`. A first dimension `n` is that of the batch.
        max_batch: The most items that go through the model at once.
        queue_limit: The most items that may wait.
        threads: Threads that one operation may use.

    Returns:
        The model.

    Raises:
        ModelFileError: The file is missing, or is no such model.
        ModelInputError: The signature can't be read.
        TorchNotBuiltError: This build of Livefloe has no libtorch.
    """
    from pathlib import Path  # not needed by apps without models

    path = Path(path)
    return Model(Lane.torch(path, signature, path.stem, max_batch, queue_limit, threads))


def _input(value: Any, kind: str) -> Any:
    if hasattr(value, "detach"):  # a tensor of PyTorch's
        value = value.detach().cpu().numpy()
    if isinstance(value, (list, tuple, int, float)):
        return value
    try:
        view = memoryview(value)
    except TypeError:
        return value
    if view.format == _FORMATS[kind] or (
        kind == "i64" and view.format == "l" and view.itemsize == 8
    ):
        return view.tobytes(), view.shape
    return view.tolist() if view.ndim == 1 or not hasattr(value, "tolist") else value.tolist()
