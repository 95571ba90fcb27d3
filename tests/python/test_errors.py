"""The tree of errors is the one that is drawn."""

from __future__ import annotations

import inspect
import re
import runpy
import sys
from pathlib import Path

import livefloe as lf
import pytest
from livefloe import errors


def test_the_drawn_tree_is_the_real_one():
    drawn = re.search(r"```text\n(.*?)```", errors.__doc__, re.DOTALL).group(1)
    stack, pairs = [], {}
    for line in drawn.splitlines():
        name = re.search(r"[A-Z]\w+", line).group()
        depth = line.index(name) // 4
        stack[depth:] = [name]
        pairs[name] = stack[depth - 1] if depth else "Exception"
    real = {
        name: kind.__bases__[0].__name__
        for name, kind in inspect.getmembers(errors, inspect.isclass)
        if kind.__module__ == errors.__name__
    }
    assert pairs == real


def test_an_old_python_is_told_so(monkeypatch):
    check = Path(lf.__file__).with_name("_version.py")
    runpy.run_path(str(check))
    monkeypatch.setattr(sys, "version_info", (3, 9, 18))
    with pytest.raises(ImportError, match=r"needs Python 3\.10 or newer, found 3\.9\.18"):
        runpy.run_path(str(check))
