"""Apps in notebooks: shown in a frame below a cell, swapped when code is run again."""

from __future__ import annotations

import contextlib
import hashlib
import html
import os
import secrets
import socket
import sys
from typing import Any
from urllib.parse import quote

from . import _native
from .app import App, _is_dev
from .errors import AppError
from .state import State


class Shown:
    """An app that a notebook shows: a port, which its versions share, and one of them."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=1_024)
        self.port: int = self.listener.getsockname()[1]
        #: In front of each path: who has it may show the app in a frame.
        self.secret = secrets.token_urlsafe(24)
        self._memory = _native.Memory()
        self._app: App | None = None
        self._server: _native.Server | None = None
        self._made_of: object = None

    def serve(self, app: App) -> None:
        """Serves this version of the app in the place of the one before."""
        app._core.check()
        made_of = (id(app), dict(app._paths), _definitions())
        if self._server is not None and made_of == self._made_of:
            return
        if self._server is not None:
            self._server.stop()
        number = self.listener.dup().detach()
        self._server = app._core.start_framed(
            number, _is_dev("127.0.0.1"), self._memory, self.secret
        )
        self._app, self._made_of = app, made_of

    def look(self) -> None:
        """After a cell was run: serves a version with what it has defined."""
        if self._app is None or self._server is None:
            return
        try:
            self.serve(self._app)
        except Exception as error:
            self._server.tell(f"{type(error).__name__}: {error}", None, "")


#: By the titles of apps: one with a title that another had is its next version.
_shown: dict[str, Shown] = {}


def show(app: App, path: str, height: int, proxy: str | None) -> None:
    """Shows a page in a frame below the cell."""
    shell = _shell()
    if shell is None:
        raise AppError("app.show is for notebooks: elsewhere app.run serves, and app.start beside")
    if not path.startswith("/"):
        raise AppError(f"path expected one that starts with `/`, got {path!r}")
    if not _shown:
        shell.events.register("post_run_cell", _look)
    shown = _shown.get(app.title)
    if shown is None:
        shown = Shown()
        shown.serve(app)
        _shown[app.title] = shown
    else:
        shown.serve(app)
    path = f"/{shown.secret}{quote(path, safe='/?=&%:@!$()*+,;-._~')}"
    cell = _cell(shell)
    if proxy is None and "google.colab" in sys.modules:
        # The browser has no way to this machine but Colab's own.
        sys.modules["google.colab"].output.serve_kernel_port_as_iframe(
            shown.port, path=path + cell, height=str(height)
        )
        return
    from IPython.display import HTML, display  # type: ignore[import-not-found, unused-ignore]

    address = html.escape(_way(shown.port, proxy) + path + cell)
    # The origin is what tells the app who frames it; the path of a notebook is nothing to it.
    frame = (
        f'<iframe src="{address}" height="{int(height)}" referrerpolicy="origin" '
        'style="width: 100%; border: 0" allow="clipboard-write; fullscreen"></iframe>'
    )
    display(HTML(f"<div>{frame}</div>"))


def _way(port: int, proxy: str | None) -> str:
    """Where the browser has this port."""
    if proxy is None and (hub := os.environ.get("JUPYTERHUB_SERVICE_PREFIX")):
        proxy = hub.rstrip("/") + "/proxy/{port}"
    if proxy is None:
        return f"http://127.0.0.1:{port}"
    if "{port}" not in proxy:
        raise AppError(f"proxy expected a path such as /proxy/{{port}}, got {proxy!r}")
    return proxy.replace("{port}", str(port)).rstrip("/")


def _shell() -> Any:
    """The notebook, if there is one."""
    interactive = sys.modules.get("IPython")
    shell = interactive and interactive.get_ipython()
    return shell if shell is not None and hasattr(shell, "kernel") else None


def _cell(shell: Any) -> str:
    """The fragment that says which cell it is, if that is known: its next frame goes on."""
    with contextlib.suppress(Exception):
        metadata = shell.get_parent()["metadata"]
        name = metadata.get("cellId") or metadata.get("colab", {}).get("cell_id")
        if name:
            return f"#{hashlib.sha256(str(name).encode()).hexdigest()[:12]}"
    return ""


def _definitions() -> dict[str, int]:
    """What versions differ in: components, states and functions that cells have defined."""
    main = sys.modules["__main__"]
    return {
        name: id(each)
        for name, each in list(vars(main).items())
        if not name.startswith("_")
        and (
            (isinstance(each, type) and issubclass(each, State))
            or (callable(each) and getattr(each, "__module__", None) == "__main__")
        )
    }


def _look(*_: object) -> None:
    for shown in list(_shown.values()):
        shown.look()
