"""What the package exports: a change here is a change for everybody who uses it."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import livefloe as lf

EXPORTS = """
App Cell Invalid Job Limits LivefloeError Markdown Message Model Picture Replace Resource Server
Session Slider State Strokes Task Text Upload accordion action after alert alert_box button
cancelled card cell chat checkbox code column component computed custom dialog element errors every
expander expr field file_field form grid handler heading image label link markdown members menu nav
navigate number page_header panel presence progress radio resource row rust select session
sketchpad slider spawn table tabs task test text text_area text_field title track
"""


def test_exports_are_these():
    assert lf.__all__ == sorted(lf.__all__)
    assert lf.__all__ == EXPORTS.split()


def test_everything_exported_is_there_and_documented():
    for name in lf.__all__:
        assert getattr(lf, name).__doc__, name


def test_importing_loads_nothing_heavy():
    heavy = {"asyncio", "dataclasses", "inspect", "numpy", "torch"}
    script = f"import sys, livefloe; print(sorted({heavy} & set(sys.modules)))"
    out = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout
    assert out.strip() == "[]"


def test_the_stub_has_the_documentation_of_the_module():
    stub = Path(lf._native.__file__).with_name("_native.pyi")
    for node in ast.parse(stub.read_text()).body:
        if isinstance(node, ast.FunctionDef) and (documented := ast.get_docstring(node)):
            real = inspect.getdoc(getattr(lf._native, node.name)) or ""
            assert documented.split() == real.split(), node.name
