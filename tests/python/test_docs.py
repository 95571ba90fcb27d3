"""What the manual shows does what it says."""

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


def snippets(name: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", (DOCS / name).read_text(), re.DOTALL)


@pytest.mark.parametrize("code", snippets("deploying.md"))
def test_snippets_run(code: str) -> None:
    exec(compile(code, "deploying.md", "exec"), {"__name__": "snippet"})
