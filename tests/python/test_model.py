"""Models in the process. What needs libtorch is skipped where it is not built in."""

from __future__ import annotations

import array
import asyncio
import json
from pathlib import Path

import livefloe as lf
import pytest
from livefloe import _native
from livefloe.errors import ModelError, ModelFileError, ModelInputError, TorchNotBuiltError

DIGITS = Path(__file__).parents[2] / "examples" / "digits"
SIGNATURE = "image: f32 [n, 1, 8, 8] -> probabilities: f32 [n, 10]"

needs_torch = pytest.mark.skipif(not _native.HAS_TORCH, reason="built without libtorch")


@pytest.fixture(scope="module")
def digits():
    model = lf.App().torch(DIGITS / "digits.pt", SIGNATURE, max_batch=64)
    yield model
    model.close()


@pytest.mark.skipif(_native.HAS_TORCH, reason="built with libtorch")
def test_a_build_without_libtorch_says_so(app):
    with pytest.raises(
        TorchNotBuiltError, match="build it with `maturin develop --features torch`"
    ):
        app.torch("digits.pt", SIGNATURE)


@needs_torch
def test_a_model_reads_digits(digits):
    samples = json.loads((DIGITS / "held_out.json").read_text())["samples"][:50]
    labels = [sample["label"] for sample in samples]
    scaled = [[cell / 16 for cell in sample["cells"]] for sample in samples]
    images = [[[cells[row * 8 : row * 8 + 8] for row in range(8)]] for cells in scaled]
    outputs = [digits.run(image) for image in images]
    read = [max(range(10), key=output.__getitem__) for output in outputs]
    right = sum(one == other for one, other in zip(read, labels, strict=True))
    assert right >= 45


@needs_torch
def test_inputs_may_be_lists_or_buffers_with_or_without_the_batch(digits):
    blank = [[[0.0] * 8] * 8]
    alone = digits.run(blank)
    assert len(alone) == 10
    assert sum(alone) == pytest.approx(1, abs=1e-4)
    assert digits.run(image=blank) == alone
    batch = digits.run([blank, blank])
    assert len(batch) == 2
    assert batch[0] == pytest.approx(alone, abs=1e-5)
    view = memoryview(array.array("f", [0.0] * 64)).cast("B").cast("f", [1, 8, 8])
    assert digits.run(view) == alone


@needs_torch
def test_a_handler_awaits_a_model_and_sessions_go_on(open_page, digits):
    class S(lf.State):
        scores: list[float] = []

    def page():
        async def read():
            S().scores = await digits([[[0.0] * 8] * 8])

        def read_now():
            S().scores = digits.run([[[0.0] * 8] * 8])

        lf.button("read", on_click=read)
        lf.button("now", on_click=read_now)
        lf.label(S().scores, placeholder="nothing read")

    with open_page(page) as p:
        p.sees("nothing read")
        p.click("read")
        p.sees("%")
        p.click("now")


@needs_torch
def test_many_calls_at_once_become_batches(digits):
    async def many():
        return await asyncio.gather(*(digits([[[0.0] * 8] * 8]) for _ in range(200)))

    assert len(asyncio.run(many())) == 200


@needs_torch
@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        (([[[0.0] * 7] * 8],), "input `image` expected f32 [n, 1, 8, 8], got f32 [1, 8, 7]"),
        (([[[0.0] * 8, [0.0] * 7]],), "input `image`: expected lists of one length"),
        (([[[0.0, "x"]]],), "input `image`: expected"),
        (("text",), "input `image`: expected"),
        ((), "inputs expected image; got 0 by position"),
    ],
)
def test_wrong_inputs_say_what_was_expected_and_what_came(digits, inputs, message):
    with pytest.raises(ModelInputError) as caught:
        digits.run(*inputs)
    assert message in str(caught.value)
    with pytest.raises(ModelInputError):
        asyncio.run(digits(*inputs))


@needs_torch
def test_files_that_are_no_models_say_so(app, tmp_path):
    with pytest.raises(ModelFileError, match="cannot open model file"):
        app.torch(tmp_path / "missing.pt", SIGNATURE)
    for name, content, message in [
        ("text.pt", b"hello", "another kind of file"),
        ("empty.pt", b"", "an empty file"),
        ("short.pt", (DIGITS / "digits.pt").read_bytes()[:500], "cut short"),
    ]:
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ModelFileError, match=message):
            app.torch(tmp_path / name, SIGNATURE)
    with pytest.raises(ModelInputError, match="expected a signature such as"):
        app.torch(DIGITS / "digits.pt", "image")


@needs_torch
def test_a_closed_model_says_so(app):
    model = app.torch(DIGITS / "digits.pt", SIGNATURE)
    model.close()
    with pytest.raises(ModelError, match="closed"):
        model.run([[[0.0] * 8] * 8])
