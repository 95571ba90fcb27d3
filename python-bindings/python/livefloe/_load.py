"""Finds the app in a file or module, and knows which files it was made of."""

from __future__ import annotations

import importlib
import importlib.machinery
import importlib.util
import os
import site
import sys
import sysconfig
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import CodeType, ModuleType, TracebackType

from . import app as app_module
from .app import App
from .errors import AppError

#: What tells one content of a file from another: when it was written, its size, which file it is.
Signature = tuple[int, int, int]

_PACKAGE = str(Path(__file__).parent)


def load(target: str) -> App:
    """Loads the app of `app.py`, `package.module`, or either with `:name` behind it.

    A call of `app.run()` at the end of the file is what it is asked for, and does nothing else.

    Args:
        target: Where it is.

    Returns:
        The app: the one of that name, else the one called `app`, else the only one.

    Raises:
        AppError: There is no such file, or no app in it, or several.
    """
    where, _, name = target.partition(":")
    ran: list[App] = []
    app_module._run_by_others = ran
    try:
        module = _import(where)
    finally:
        app_module._run_by_others = None
    if name:
        named: object = getattr(module, name, None)
        if isinstance(named, App):
            return named
        raise AppError(f"{where} expected to have an lf.App called {name}, got {named!r}")
    usual = getattr(module, "app", None)
    if isinstance(usual, App):
        return usual
    apps = {id(each): (key, each) for key, each in vars(module).items() if isinstance(each, App)}
    if not apps and len(ran) == 1:
        return ran[0]
    if len(apps) == 1:
        return next(iter(apps.values()))[1]
    if apps:
        names = ", ".join(key for key, _ in apps.values())
        raise AppError(f"{where} has several apps ({names}): say which, as {where}:NAME")
    raise AppError(f"{where} has no app: expected a line such as `app = lf.App(…)` in it")


def _import(where: str) -> ModuleType:
    if not where.endswith(".py"):
        if os.sep in where or not where:
            raise AppError(f"expected a file such as app.py, or a module, got {where!r}")
        sys.path.insert(0, str(Path.cwd()))
        if importlib.util.find_spec(where.partition(".")[0]) is None:
            raise AppError(f"there is no module {where!r}, nor a file of that name with .py")
        return importlib.import_module(where)
    path = Path(where).resolve()
    if not path.is_file():
        raise AppError(f"there is no file {where!r} in {Path.cwd()}")
    sys.path.insert(0, str(path.parent))
    if path.stem.isidentifier() and path.stem not in sys.modules:
        return importlib.import_module(path.stem)
    # A name that something else has, or that no import could say.
    spec = importlib.util.spec_from_file_location(f"livefloe_app_{path.stem}", path)
    # It ends with .py, which has a loader.
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


class Watched(importlib.machinery.SourceFileLoader):
    """Loads a module of the project, and remembers which content of its file it was.

    Compiled anew each time: Python's caches go by whole seconds, in which a file may be saved
    twice.
    """

    seen: dict[str, Signature] = {}

    def get_code(self, fullname: str) -> CodeType | None:
        """The module's code."""
        path = self.get_filename(fullname)
        # Before it is read: what is written meanwhile counts as a change.
        self.seen[path] = signature(path)
        code: CodeType = self.source_to_code(self.get_data(path), path)
        return code


def watch_imports() -> None:
    """Has the modules of the project loaded by `Watched` from now on."""
    foreign = [Path(path).resolve() for path in _foreign()]
    extensions = (
        importlib.machinery.ExtensionFileLoader,
        importlib.machinery.EXTENSION_SUFFIXES,
    )
    sources = (Watched, importlib.machinery.SOURCE_SUFFIXES)
    make = importlib.machinery.FileFinder.path_hook(extensions, sources)

    def hook(path: str) -> object:
        resolved = Path(path or ".").resolve()
        if any(resolved == each or each in resolved.parents for each in foreign):
            raise ImportError(f"{path} is not of the project")
        return make(path)

    sys.path_hooks.insert(0, hook)  # type: ignore[arg-type]
    sys.path_importer_cache.clear()


def _foreign() -> set[str]:
    """Folders of packages and of Python itself."""
    paths = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    paths |= {*site.getsitepackages(), site.getusersitepackages(), _PACKAGE}
    return {path for path in paths if path}


def signature(path: str) -> Signature:
    """What a file is at present; zeros for one that is not there."""
    try:
        stat = os.stat(path)  # noqa: PTH116 (asked for every file many times a second)
    except OSError:
        return (0, 0, 0)
    return (stat.st_mtime_ns, stat.st_size, stat.st_ino)


def packages() -> list[str]:
    """Modules that were imported and are not of the project, in the order of their import."""
    return [
        name
        for name, module in list(sys.modules.items())
        if (spec := getattr(module, "__spec__", None)) is not None
        and spec.origin not in (None, "built-in", "frozen")
        and spec.origin not in Watched.seen
        and not name.startswith(("livefloe", "__main__"))
    ]


def describe(error: BaseException) -> tuple[str, str | None, str]:
    """What is wrong, where, and the lines that led there; of the app's own files.

    Args:
        error: What loading the app ended with.

    Returns:
        One line; a place such as `app.py:12`; and lines as Python shows them.
    """
    name = type(error).__name__
    if isinstance(error, AppError):
        return str(error), None, ""
    if isinstance(error, SyntaxError) and error.filename:
        # Without the line that says the message again.
        lines = traceback.format_exception_only(error)[1:-1]
        place = f"{_short(error.filename)}:{error.lineno}"
        return f"{name}: {error.msg}", place, "".join(lines).rstrip()
    own = _own(error.__traceback__)
    text = f"{name}: {error}" if str(error) else name
    if not own:
        return text, None, "".join(traceback.format_exception(error)).rstrip()
    last = own[-1]
    # A module's own lines are in no function.
    function = "" if last.name == "<module>" else f", in {last.name}"
    return text, f"{_short(last.filename)}:{last.lineno}{function}", _lines(own)


def _own(start: TracebackType | None) -> list[traceback.FrameSummary]:
    foreign = tuple(_foreign())
    frames = traceback.extract_tb(start)
    return [
        frame
        for frame in frames
        if not frame.filename.startswith((*foreign, "<")) and Path(frame.filename).is_file()
    ]


def _lines(frames: Sequence[traceback.FrameSummary]) -> str:
    return "".join(traceback.format_list(list(frames))).rstrip()


def _short(filename: str) -> str:
    try:
        return str(Path(filename).resolve().relative_to(Path.cwd()))
    except ValueError:
        return filename
