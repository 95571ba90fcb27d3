"""Outlines of pages that are kept in files beside the tests."""

from __future__ import annotations

import difflib
import os
import re
import sys
from pathlib import Path

from .errors import TestFailed

is_updating = False
"""Whether snapshots are written whatever they say: `pytest --livefloe-update`."""

written: list[Path] = []
"""The files that were written, for whoever reports it."""

_HERE = str(Path(__file__).parent)
_NAME = re.compile(r"\w[\w.-]*")


def compare(name: str, outline: str) -> None:
    """Expects a file beside the calling test to hold this outline.

    Raises:
        TestFailed: It holds something else, or there is none and none may be written.
        ValueError: The name can't be one of a file.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(
            f"name expected letters, digits, '-', '_' and '.', such as empty-basket, got {name!r}"
        )
    test = _calling_file()
    path = test.parent / "snapshots" / test.stem / f"{name}.txt"
    outline += "\n"
    kept = path.read_text(encoding="utf-8") if path.exists() else None
    if kept == outline:
        return
    if is_updating or os.environ.get("LIVEFLOE_UPDATE", "0") not in ("", "0"):
        _write(path, outline)
    elif kept is not None:
        lines = difflib.unified_diff(
            kept.splitlines(), outline.splitlines(), "expected", "shown", lineterm="", n=2
        )
        raise TestFailed(
            f"the page is not what its snapshot {path} says:\n"
            + "\n".join(lines)
            + "\nif that is right, write it: pytest --livefloe-update, or LIVEFLOE_UPDATE=1"
        )
    elif os.environ.get("CI", "false").lower() in ("", "0", "false"):
        _write(path, outline)
    else:
        raise TestFailed(
            f"there is no snapshot {path}, and under CI none is made: run the test where you work, "
            f"and commit the file. The page shows:\n{outline}"
        )


def _write(path: Path, outline: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(outline, encoding="utf-8")
    written.append(path)


def _calling_file() -> Path:
    """The file of the innermost caller outside of this package."""
    frame = sys._getframe(1)
    while frame.f_back and frame.f_code.co_filename.startswith(_HERE):
        frame = frame.f_back
    return Path(frame.f_code.co_filename).resolve()
