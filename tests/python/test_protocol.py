"""The golden frames of the wire protocol, which Rust and JavaScript read as well."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from livefloe import _native

CASES = json.loads((Path(__file__).parent.parent / "protocol" / "frames.json").read_text())
GOOD = [case for case in CASES if "message" in case]
MALFORMED = [case for case in CASES if "message" not in case]


def name_of(case):
    return case["name"]


def test_there_are_frames_of_both_kinds():
    assert len(GOOD) > 20
    assert len(MALFORMED) > 20


@pytest.mark.parametrize("case", GOOD, ids=name_of)
def test_frames_are_read_and_written_as_everywhere(case):
    frame = bytes.fromhex(case["hex"])
    assert json.loads(_native.decode_frame(case["from"], frame)) == case["message"]
    if not case.get("deflated"):  # there is more than one way to deflate
        assert _native.encode_frame(case["from"], json.dumps(case["message"])) == frame


@pytest.mark.parametrize("case", MALFORMED, ids=name_of)
def test_malformed_frames_are_refused(case):
    with pytest.raises(ValueError, match="malformed frame"):
        _native.decode_frame(case["from"], bytes.fromhex(case["hex"]))
