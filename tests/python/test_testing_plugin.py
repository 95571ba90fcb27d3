"""What pytest gets from Livefloe: fixtures, snapshots, their option. Each test runs a pytest."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

APP = """
import livefloe as lf

class Counter(lf.State):
    n: int = 0

    def add(self):
        self.n += 1

app = lf.App("Counter")

@app.page("/")
def counter():
    lf.heading("Counter")
    lf.text(f"n is {Counter().n}")
    lf.button("+1", Counter().add)
"""

SNAPSHOT = """\
- heading "Counter" [level=2]
- paragraph: n is 1
- button "+1"
"""


@pytest.fixture
def run(tmp_path: Path):
    """Runs pytest on a test file, with the counter's app beside it."""
    (tmp_path / "counter.py").write_text(APP)

    def run(test: str, *options: str, ci: bool = False, update: str = ""):
        (tmp_path / "test_counter.py").write_text(textwrap.dedent(test))
        environment = {"CI": "true" if ci else "", "LIVEFLOE_UPDATE": update, "PYTHONPATH": "."}
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-W",
            "error",
            "-p",
            "no:cacheprovider",
            *options,
        ]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout + done.stderr

    return run


SNAPSHOTS = """
    from counter import app

    def test_counting(livefloe_page):
        page = livefloe_page(app, "/")
        page.click("+1")
        page.snapshot("one-click")
"""


def test_fixtures_open_pages_and_close_them(run):
    code, out = run("""
        from counter import app

        sites = []

        def test_two_visitors(livefloe_page, livefloe_site):
            site = livefloe_site(app)
            sites.append(site)
            ada, grace = site.open("/"), site.open()
            ada.click("+1")
            ada.sees("n is 1")
            grace.sees("n is 0")
            livefloe_page(app).sees("n is 0")

        def test_their_sessions_have_ended(livefloe_page):
            livefloe_page(app).wait(lambda: sites[0].n_sessions == 0)
    """)
    assert code == 0, out


def test_a_snapshot_is_written_once_and_compared_from_then_on(run, tmp_path):
    file = tmp_path / "snapshots" / "test_counter" / "one-click.txt"
    code, out = run(SNAPSHOTS)
    assert code == 0, out
    assert f"livefloe: wrote the snapshot {file}" in out
    assert file.read_text() == SNAPSHOT
    code, out = run(SNAPSHOTS, ci=True)
    assert code == 0, out
    assert "wrote" not in out
    (tmp_path / "counter.py").write_text(APP.replace('"+1"', '"one more"'))
    code, out = run(SNAPSHOTS.replace('"+1"', '"one more"'))
    assert code == 1
    for line in (
        f"the page is not what its snapshot {file} says:",
        '-- button "+1"',
        "--livefloe-update",
    ):
        assert line in out, out
    assert file.read_text() == SNAPSHOT


@pytest.mark.parametrize("how", ["option", "environment"])
def test_snapshots_are_written_anew_when_asked(run, tmp_path, how):
    file = tmp_path / "snapshots" / "test_counter" / "one-click.txt"
    file.parent.mkdir(parents=True)
    file.write_text("something else\n")
    code, out = run(
        SNAPSHOTS, *["--livefloe-update"] * (how == "option"), update="1" * (how != "option")
    )
    assert code == 0, out
    assert file.read_text() == SNAPSHOT


def test_a_snapshot_that_is_missing_under_ci_is_an_error(run, tmp_path):
    code, out = run(SNAPSHOTS, ci=True)
    assert code == 1
    assert "there is no snapshot" in out
    assert '- button "+1"' in out
    assert not (tmp_path / "snapshots").exists()


def test_a_snapshot_s_name_is_that_of_a_file(run, tmp_path):
    code, out = run(SNAPSHOTS.replace("one-click", "../one click"))
    assert code == 1
    assert "name expected letters, digits, '-', '_' and '.', such as empty-basket" in out
    assert not (tmp_path / "snapshots").exists()


def test_livefloe_does_not_need_pytest():
    script = "import sys, livefloe; sys.exit('pytest' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
