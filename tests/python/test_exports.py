"""What the package exports: a change here is a change for everybody who uses it."""

from __future__ import annotations

import subprocess
import sys

import livefloe as lf

EXPORTS = """
App Invalid LivefloeError Model Picture Server State Strokes
alert alert_box button card checkbox code column component element errors field form grid heading image label link markdown members
nav navigate number page_header presence progress radio row rust select sketchpad slider spawn table test text text_area text_field title
"""


def test_exports_are_these():
    assert lf.__all__ == sorted(lf.__all__)
    assert lf.__all__ == EXPORTS.split()


def test_everything_exported_is_there_and_documented():
    for name in lf.__all__:
        assert getattr(lf, name).__doc__, name


def test_importing_loads_nothing_heavy():
    script = "import sys, livefloe; print([m for m in ('asyncio', 'numpy', 'torch', 'unittest') if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "[]"
