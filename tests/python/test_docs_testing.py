"""The snippets of docs/testing.md run: each is a file, named by its first line."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs" / "testing.md"


def test_every_snippet_runs_and_shows_what_the_page_says(tmp_path):
    text = DOCS.read_text()
    snippets = re.findall(r"^```python\n# (\w+\.py)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert len(snippets) == text.count("```python") > 5
    for name, code in snippets:
        (tmp_path / name).write_text(code)
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider"]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env={"PYTHONPATH": ".", "LIVEFLOE_UPDATE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    outline = (tmp_path / "snapshots" / "test_snapshot" / "empty.txt").read_text()
    assert f"```text\n{outline}```" in text
