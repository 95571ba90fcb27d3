"""The examples in docstrings run."""

from __future__ import annotations

import doctest
import importlib

import pytest


@pytest.mark.parametrize(
    "name", ["_element", "app", "component", "errors", "model", "state", "testing"]
)
def test_examples_in_docstrings_run(name):
    assert doctest.testmod(importlib.import_module(f"livefloe.{name}")).failed == 0
