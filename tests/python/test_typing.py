"""Types: apps pass `mypy --strict`, mistakes don't, and the stub says what the native module is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
CONFIG = HERE.parents[1] / "python-bindings" / "pyproject.toml"


def mypy(*arguments):
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=HERE)


def test_an_app_as_users_write_it_is_well_typed():
    done = mypy("mypy", "--config-file", str(CONFIG), "typing/ok.py")
    assert done.returncode == 0, done.stdout


def test_wrong_arguments_are_found(tmp_path):
    script = tmp_path / "wrong.py"
    script.write_text(
        "import livefloe as lf\n"
        "@lf.component\n"
        "def child(label: str) -> None: ...\n"
        "child(1)\n"
        "lf.button('x', variant='huge')\n"
        "lf.text_field('x', on_inputs=print)\n"
        "lf.test(lf.App('x')).get('buton')\n"
    )
    done = mypy("mypy", "--config-file", str(CONFIG), str(script))
    lines = [line.split(":")[1] for line in done.stdout.splitlines() if ": error:" in line]
    assert lines == ["4", "5", "6", "7"], done.stdout


def test_the_stub_is_that_of_the_native_module():
    done = mypy("mypy.stubtest", "livefloe._native")
    assert done.returncode == 0, done.stdout
