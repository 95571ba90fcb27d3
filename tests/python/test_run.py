"""The command `livefloe`: finding the app, and going on with its next version."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import textwrap
import threading
import time
import urllib.error
from contextlib import contextmanager
from http.client import RemoteDisconnected

import pytest
from livefloe import _cli

from visitor import Visitor, get

PAGE = """
import livefloe as lf
{before}
app = lf.App("Live"{options})

class Count(lf.State):
    value: int = 0

    def add(self):
        self.value += {step}

@app.page("/")
def home():
    count = Count()
    lf.text(f"Count: {{count.value}}")
    lf.button("+1", on_click=count.add)
    lf.text("{text}")
    {more}
"""


def page(text="First", before="", step=1, more="", options=""):
    return PAGE.format(text=text, before=before, step=step, more=more, options=options)


def run(folder, *arguments, code=None):
    """Runs the command to its end."""
    command = [sys.executable, "-m", "livefloe", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
    if code is not None:
        assert done.returncode == code, done.stderr
    return done


class Running:
    """The command while it runs."""

    def __init__(self, folder, *arguments):
        command = [sys.executable, "-m", "livefloe", "run", *arguments, "--port", "0"]
        self.process = subprocess.Popen(
            command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.lines = []
        self._changed = threading.Condition()
        self._reading = threading.Thread(target=self._read)
        self._reading.start()
        self.address = self.says(r"(http://[\d.:]+)")[1]

    def _read(self):
        for line in self.process.stdout:
            with self._changed:
                self.lines.append(line)
                self._changed.notify_all()

    def says(self, pattern, after=0):
        """Waits until it says something, and gives what that was."""

        def found():
            return re.search(pattern, "".join(self.lines[after:]))

        with self._changed:
            assert self._changed.wait_for(found, 20), "".join(self.lines)
            return found()

    def stop(self):
        self.process.terminate()
        self._reading.join(20)
        code = self.process.wait(20)
        self.process.stdout.close()
        return code


@contextmanager
def running(folder, *arguments):
    command = Running(folder, *arguments)
    try:
        yield command
    finally:
        command.stop()


APP = "import livefloe as lf\n"


@pytest.mark.parametrize(
    ("files", "target", "title"),
    [
        ({"app.py": APP + "app = lf.App('one')\nother = lf.App('two')"}, "app.py", "one"),
        ({"app.py": APP + "live = lf.App('one')\nsame = live"}, "app.py", "one"),
        ({"app.py": APP + "a = lf.App('one')\nb = lf.App('two')"}, "app.py:b", "two"),
        ({"app.py": APP + "lf.App('one').run()\nprint('done')"}, "app.py", "one"),
        (
            {"app.py": APP + "app = lf.App('one')\nif __name__ == '__main__': 1 / 0"},
            "app.py",
            "one",
        ),
        ({"my-app.py": APP + "app = lf.App('one')"}, "my-app.py", "one"),
        ({"json.py": APP + "app = lf.App('one')"}, "json.py", "one"),
        (
            {
                "sub/app.py": APP + "from part import app",
                "sub/part.py": APP + "app = lf.App('one')",
            },
            "sub/app.py",
            "one",
        ),
        (
            {"shop/__init__.py": "", "shop/web.py": APP + "app = lf.App('one')"},
            "shop.web",
            "one",
        ),
        (
            {"app.py": APP + "import sys\napp = lf.App(' '.join(sys.argv))"},
            "app.py -- --model small",
            "app.py --model small",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_app_is_found(tmp_path, files, target, title):
    is_simple = target == "app.py"
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    # Where that is the same for both, one of them will do.
    for how in ["--no-reload"] if is_simple else ["--no-reload", "--reload"]:
        finds(tmp_path, target, title, how)


def finds(tmp_path, target, title, how):
    target, *rest = target.split(" ", 1)
    arguments = [target, how, "--port", "0", *(rest[0].split() if rest else [])]
    if "--" in arguments:
        # What `Running` adds has to come before.
        arguments = [target, how, *rest[0].split()]
        arguments.insert(1, "--port=0")
    command = subprocess.Popen(
        [sys.executable, "-m", "livefloe", "run", *arguments],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with command:
        said = ""
        for line in command.stdout:
            said += line
            if "http://" in line:
                break
        command.terminate()
        assert f"{title}: http://" in said
        command.stdout.read()
    assert command.returncode == 0


@pytest.mark.parametrize(
    ("text", "target", "message"),
    [
        (None, "app.py", "there is no file 'app.py' in "),
        (None, "nothing.there", "there is no module 'nothing.there'"),
        (None, "sub/app", "expected a file such as app.py, or a module, got 'sub/app'"),
        ("x = 1", "app.py", "app.py has no app: expected a line such as `app = lf.App(…)`"),
        (
            APP + "a = lf.App()\nb = lf.App()",
            "app.py",
            "app.py has several apps (a, b): say which, as app.py:NAME",
        ),
        (APP + "a = 3", "app.py:a", "app.py expected to have an lf.App called a, got 3"),
        (APP + "a = 3", "app.py:b", "app.py expected to have an lf.App called b, got None"),
    ],
)
def test_what_is_no_app_is_said_in_one_line(tmp_path, text, target, message):
    if text is not None:
        (tmp_path / "app.py").write_text(text)
    done = run(tmp_path, "run", target, "--port", "0", code=1)
    assert done.stderr.startswith(f"livefloe: {message}")
    assert done.stderr.count("\n") == 1


def test_a_port_in_use_is_said_in_one_line(tmp_path):
    (tmp_path / "app.py").write_text(page())
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        for how in ("--reload", "--no-reload"):
            done = run(tmp_path, "run", "app.py", how, "--port", port, code=1)
            assert done.stderr.startswith(f"livefloe: can't listen on 127.0.0.1:{port}: "), how


def test_help_says_what_there_is(capsys):
    for arguments in (["--help"], ["run", "--help"], []):
        with pytest.raises(SystemExit):
            _cli.main(arguments)
    said = capsys.readouterr()
    for part in ("run", "--host", "--port", "--reload", "--no-reload", "--dev", "examples:"):
        assert part in said.out
    assert "COMMAND" in said.err
    with pytest.raises(SystemExit):
        _cli.main(["run", "app.py", "--port", "99999"])
    assert "--port" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        _cli.main(["--version"])
    assert re.match(r"livefloe \d", capsys.readouterr().out)


def test_a_session_goes_on_with_the_next_version_and_nobody_is_refused(tmp_path):
    app = tmp_path / "app.py"
    app.write_text(page())
    with running(tmp_path, "app.py", "--reload") as command:
        visitor = Visitor(f"{command.address}/").join()
        visitor.click("+1")
        assert visitor.texts()[-1] == "Count: 1"
        answers, is_over = [], threading.Event()

        def ask():
            while not is_over.is_set():
                try:
                    answers.append(get(f"{command.address}/")[0])
                except (ConnectionResetError, RemoteDisconnected):
                    # Accepted just before the end, and asked for nothing yet: a browser asks again.
                    continue
                except urllib.error.URLError as error:
                    if not isinstance(error.reason, ConnectionResetError):
                        answers.append(repr(error.reason))

        asking = threading.Thread(target=ask)
        asking.start()
        try:
            for version in range(2, 6):
                app.write_text(page(f"Version {version}", step=version))
                command.says(r"reloaded in \d+ ms: app.py", after=version - 1)
                while f"Version {version}" not in get(f"{command.address}/")[1]:
                    pass
        finally:
            is_over.set()
            asking.join()
        assert set(answers) == {200}
        visitor.close()
        visitor.join()
        visitor.click("+1")
        # The state of before, with the code of now.
        visitor.until(lambda: "Count: 6" in str(visitor.operations))
        assert "Version 5" in str(visitor.operations)


def test_what_cannot_be_loaded_leaves_the_version_before(tmp_path):
    app = tmp_path / "app.py"
    app.write_text(page())
    with running(tmp_path, "app.py", "--reload") as command:
        visitor = Visitor(f"{command.address}/").join()
        cases = [
            (page(more="lf.text("), r"app\.py:18: SyntaxError: '\(' was never closed"),
            (page(before="1 / 0"), r"app\.py:3: ZeroDivisionError: division by zero"),
            (page(before="import wanted"), r"app\.py:3: ModuleNotFoundError"),
            ("x = 1", r"app\.py: app\.py has no app"),
            (page(before="raise SystemExit(3)"), r"app\.py:3: SystemExit: 3"),
            (page(before="import os; os._exit(7)"), r"the program ended .* with code 7"),
            (
                page(more="app.page('/{a}/{')(home)") + "\napp.page('/{a}/{')(home)\n",
                "no page path",
            ),
        ]
        for text, said in cases:
            after = len(command.lines)
            app.write_text(text)
            command.says(said, after=after)
            visitor.click("+1")
        assert visitor.texts()[-1] == f"Count: {len(cases)}"
        # What was missing is written, and the app is as it was when it asked for that.
        after = len(command.lines)
        app.write_text(page("Mended", before="import wanted"))
        command.says("ModuleNotFoundError", after=after)
        (tmp_path / "wanted.py").write_text("")
        command.says("reloaded", after=after)
        assert "Mended" in get(f"{command.address}/")[1]


def test_a_module_saved_twice_in_a_second_is_the_newest(tmp_path):
    app, part = tmp_path / "app.py", tmp_path / "part.py"
    part.write_text("TEXT = 'a0'\n")
    app.write_text(page(before="import part", more="lf.text(part.TEXT)"))
    # As a program that was run before leaves it.
    subprocess.run([sys.executable, "-c", "import part"], cwd=tmp_path, check=True)
    with running(tmp_path, "app.py", "--reload") as command:
        for number in range(1, 6):
            after = len(command.lines)
            part.write_text(f"TEXT = 'a{number}'\n")
            command.says("reloaded in .*: part.py", after=after)
            assert f">a{number}<" in get(f"{command.address}/")[1]


def test_packages_are_there_before_the_app_asks_and_nothing_of_the_app_is(tmp_path):
    heavy = tmp_path / "site" / "heavy"
    heavy.mkdir(parents=True)
    (heavy / "__init__.py").write_text("import os\nseen = os.environ.get('SETTING')\n")
    app = tmp_path / "app.py"
    # Not of the project: as if it were installed.
    before = textwrap.dedent("""
        import os, sys
        was_there = "heavy" in sys.modules
        os.environ["SETTING"] = "set before"
        import heavy
    """)
    more = "lf.text(f'{was_there} {heavy.seen}')"
    app.write_text(page("First", before=before, more=more))
    script = tmp_path / "run.py"
    script.write_text(
        textwrap.dedent("""
        import sys
        from livefloe import _cli
        sys.exit(_cli.main())
        """)
    )
    site = str(tmp_path / "site")
    (tmp_path / "site" / "sitecustomize.py").write_text(
        "import site\nold = site.getsitepackages\n"
        f"site.getsitepackages = lambda: [*old(), {site!r}]\n"
    )
    environment = {"PYTHONPATH": site, "PATH": "/usr/bin:/bin"}
    command = subprocess.Popen(
        [sys.executable, str(script), "run", "app.py", "--reload", "--port", "0"],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    with command:
        try:
            address = re.search(r"http://[\d.:]+", command.stdout.readline())[0]
            assert "False set before" in get(address)[1]
            app.write_text(page("Second", before=before, more=more))
            assert "reloaded" in command.stdout.readline()
            assert "True set before" in get(address)[1]
        finally:
            command.terminate()
            command.stdout.read()


def test_a_program_that_ends_by_itself_comes_back_when_it_is_changed(tmp_path):
    app = tmp_path / "app.py"
    app.write_text(page(before="import os", more="lf.button('Exit', on_click=lambda: os._exit(5))"))
    with running(tmp_path, "app.py", "--reload") as command:
        visitor = Visitor(f"{command.address}/").join()
        handler = visitor.handler("Exit")
        visitor.send(kind="event", seq=1, seen=0, component=0, handler=handler, payload="")
        command.says("the program ended with code 5")
        assert "can&#39;t be loaded yet" in get(f"{command.address}/")[1].replace("'", "&#39;")
        app.write_text(page("Mended"))
        command.says("reloaded")
        assert "Mended" in get(f"{command.address}/")[1]


def test_a_handler_under_way_ends_before_the_next_version(tmp_path):
    app = tmp_path / "app.py"
    app.write_text(page(before="import time", step="(time.sleep(0.3) or 10)"))
    with running(tmp_path, "app.py", "--reload") as command:
        visitor = Visitor(f"{command.address}/").join()
        handler = visitor.handler("+1")
        visitor.send(kind="event", seq=1, seen=0, component=0, handler=handler, payload="")
        app.write_text(page("Second"))
        command.says("reloaded")
        visitor.close()
        visitor.join()
        visitor.seq = 1
        visitor.until(lambda: "Count: 10" in str(visitor.operations))


def test_the_next_version_ends_with_the_command(tmp_path):
    (tmp_path / "app.py").write_text(page())
    command = Running(tmp_path, "app.py", "--reload")
    assert get(command.address)[0] == 200
    command.process.kill()
    command.process.wait()
    deadline = time.monotonic() + 10
    host, port = command.address.removeprefix("http://").split(":")
    is_served = True
    while is_served:
        assert time.monotonic() < deadline
        try:
            socket.create_connection((host, int(port)), timeout=5).close()
        except ConnectionError:
            is_served = False
    command._reading.join(20)
    command.process.stdout.close()
