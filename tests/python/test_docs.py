"""What the manual shows does what it says."""

import re
import sys
import types
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


def snippets(name: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", (DOCS / name).read_text(), re.DOTALL)


@pytest.mark.parametrize(
    "name", ["chat.md", "deploying.md", "handlers.md", "interface.md", "state.md"]
)
def test_snippets_run(name: str) -> None:
    for code in snippets(name):
        module = types.ModuleType("snippet")
        # Annotations are looked up in the module of their class.
        sys.modules["snippet"] = module
        try:
            exec(compile(code, name, "exec"), module.__dict__)
        finally:
            del sys.modules["snippet"]
