"""The app: pages by path, and the server."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar, overload

from . import _native
from .component import check_renders
from .errors import AppError, HandlerError, PageError
from .limits import Limits
from .model import Model, torch

if TYPE_CHECKING:
    from os import PathLike

    from ._api import Api
    from ._asgi import Asgi

Function = TypeVar("Function", bound=Callable[..., None])
Any_ = TypeVar("Any_", bound=Callable[..., Any])


class Server:
    """A server that runs in the background, until it is stopped.

    Also a context manager, which stops it at its end.
    """

    def __init__(self, native: _native.Server) -> None:  # noqa: D107
        self._native = native

    @property
    def address(self) -> str:
        """Where it listens, such as `http://127.0.0.1:8000`."""
        host = f"[{self._native.host}]" if ":" in self._native.host else self._native.host
        return f"http://{host}:{self._native.port}"

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return self._native.port

    def wait(self) -> None:
        """Waits until the server ends, or a signal's handler raises, as that of Ctrl-C does."""
        self._native.wait()

    def stop(self) -> None:
        """Ends every session and stops listening. A second call does nothing."""
        self._native.stop()

    def __enter__(self) -> Server:
        """Gives the server itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stops the server."""
        self.stop()

    def __repr__(self) -> str:
        """Says where it listens."""
        return f"<livefloe.Server {self.address}>"


class App:
    """An app: pages by path, and what they share.

    Args:
        title: The title of pages that don't set their own.
        store: Where sessions are kept, which then go on after a restart: `sqlite:PATH`,
            `redis://HOST:PORT/DATABASE` (for several servers), or `memory`: they end with the
            process. By default, a server on a port that was chosen keeps them in
            `.livefloe/sessions-{port}.sqlite`, in the folder that it was started in.
        durable: Whether a person is shown what an event did only when the store has it for sure.
            By default the store may be a second behind, which a crash can cost.
        limits: Limits other than the default ones. Times are in seconds; `math.inf` is no limit.
        upload_folder: In which folder the files are that people send, while the app has them. By
            default the system's for temporary files, which on some machines is in memory.
        hosts: Host names that may be asked for. A server on a loopback address, behind a proxy
            for example, takes only loopback names unless they are given.
        prefix: The path that browsers have in front of the app's own ones, such as `/tools/live`.
            By default what a trusted proxy says in `X-Forwarded-Prefix`, and where the app is
            mounted.
        trusted_proxies: Networks such as `10.0.0.0/8` whose word is taken on who the visitor is.
        user_header: A header that says which user a request is of, set by a proxy that people log
            in to, and removed by it from what it was sent. A session is then of the user who
            opened its page, and of nobody else; who logs in or out begins a new one.
        without_script: Whether forms and buttons also work in browsers that run no script, and
            before it has come, for some bytes in each page.
        health_at: A path that gets `/live` and `/ready`, for what watches over the server.
        metrics_at: A path for metrics in the format of Prometheus, and the networks that may
            read them.

    Raises:
        AppError: There is no such limit.

    Examples:
        >>> app = App("Hello", limits={"max_sessions": 500})
        >>> @app.page("/")
        ... def hello() -> None:
        ...     print("rendered for each visitor")
    """

    def __init__(  # noqa: D107
        self,
        title: str = "Livefloe",
        *,
        store: str | None = None,
        durable: bool = False,
        limits: Limits | None = None,
        upload_folder: str | PathLike[str] | None = None,
        hosts: Sequence[str] = (),
        prefix: str | None = None,
        trusted_proxies: Sequence[str] | None = None,
        user_header: str | None = None,
        without_script: bool = True,
        health_at: str | None = None,
        metrics_at: tuple[str, Sequence[str]] | None = None,
    ) -> None:
        self.title = title
        settings = {
            "store": store,
            "durable": durable,
            "limits": limits,
            "upload_folder": upload_folder,
            "hosts": list(hosts),
            "prefix": prefix,
            "proxies": None if trusted_proxies is None else list(trusted_proxies),
            "user_header": user_header,
            "without_script": without_script,
            "health_at": health_at,
            "metrics_at": metrics_at and (metrics_at[0], list(metrics_at[1])),
        }
        self._core = _native.AppCore(title, settings)
        self._asgi: Asgi | None = None
        self._paths: dict[str, Callable[..., None]] = {}
        self._apis: dict[str, Api] = {}
        self.is_dev = True
        """Whether pages show what went wrong and where: as it was last served."""

    def page(self, path: str) -> Callable[[Function], Function]:
        """Makes a page of a function that calls widgets.

        It runs for each visitor, and again when something that it read has changed.

        Args:
            path: Its path. A part such as `{room}` stands for any text, and is the function's
                parameter of that name; its other parameters are those of the query. All are
                converted to what their annotations say.

        Returns:
            A decorator that gives the function back as it is.

        Raises:
            PageError: The path is wrong, or has a page already.
            RenderError: The function is async or a generator.
        """
        if not path.startswith("/"):
            raise PageError(f"path expected one that starts with `/`, got {path!r}")
        if path in self._paths and "ipykernel" not in sys.modules:
            raise PageError(f"the path {path!r} has a page already; a path has one page")

        def decorate(function: Function) -> Function:
            check_renders(function, "a page")
            before = self._paths.get(path)
            if before is not None and not _is_again(before, function):
                raise PageError(f"the path {path!r} has a page already; a path has one page")
            self._paths[path] = function
            self._core.page(path, function)
            return function

        return decorate

    @overload
    def interface(self, function: Any_, /) -> Any_: ...
    @overload
    def interface(
        self,
        *,
        path: str = "/",
        title: str | None = None,
        description: str | None = None,
        examples: Iterable[Any] = (),
        live: bool = False,
        submit: str = "Run",
        api: bool = True,
    ) -> Callable[[Any_], Any_]: ...
    def interface(
        self,
        function: Any_ | None = None,
        *,
        path: str = "/",
        title: str | None = None,
        description: str | None = None,
        examples: Iterable[Any] = (),
        live: bool = False,
        submit: str = "Run",
        api: bool = True,
    ) -> Any:
        """Makes a page of a function: a form for its parameters, and below it what it returns.

        Each parameter's control follows from its annotation: `str`, `int`, `float`, `bool`, `date`,
        `Literal`, `Enum`, lists of those, `| None`, data classes, pydantic models, `lf.Picture`;
        `Annotated[int, lf.Slider(1, 10)]`, `Annotated[str, lf.Text(lines=4)]` and
        `Annotated[…, "a help text"]` say more, as does a Google-style docstring. The function may
        be plain (it runs on a thread of its own), async, or a generator of either kind, each of
        whose values takes the place of the last. An `lf.Invalid` is shown at the field that it
        names.

        Args:
            function: The function, where nothing else is said.
            path: The page's path.
            title: What stands above; the function's name by default.
            description: Markdown below the title; the docstring's text by default.
            examples: Rows that fill the form with a click: tuples in the order of the parameters,
                dicts by their names, or single values where there is one parameter.
            live: Whether it runs while people type, instead of after a click.
            submit: What stands on the button.
            api: Whether the function can also be called as JSON, by `POST {path}/api`; a `GET`
                describes it.

        Returns:
            The function as it is, or a decorator.

        Raises:
            HandlerError: There is no control for a parameter, or an example doesn't fit.
            PageError: The path is wrong, or has a page already.

        Examples:
            >>> app = App("Greeter")
            >>> @app.interface
            ... def greet(name: str, loud: bool = False) -> str:
            ...     return f"Hello {name}" + ("!" if loud else "")
        """

        def decorate(function: Any) -> Any:
            from ._interface import Interface

            if not callable(function):
                kind = type(function).__name__
                raise HandlerError(f"app.interface expected a function, got {kind}")
            made = Interface(
                self,
                path,
                function,
                title=title,
                description=description,
                examples=examples,
                live=live,
                submit=submit,
            )
            self.page(path)(_named(made.page, function))
            if api:
                self._add_api(f"{path.rstrip('/')}/api", made.api())
            return function

        return decorate if function is None else decorate(function)

    @overload
    def chat(self, function: Any_, /) -> Any_: ...
    @overload
    def chat(
        self,
        *,
        path: str = "/",
        title: str | None = None,
        examples: Iterable[str] = (),
        placeholder: str = "Write a message",
    ) -> Callable[[Any_], Any_]: ...
    def chat(
        self,
        function: Any_ | None = None,
        *,
        path: str = "/",
        title: str | None = None,
        examples: Iterable[str] = (),
        placeholder: str = "Write a message",
    ) -> Any:
        """Makes a chat of a function that answers.

        It gets the message, and the list of messages before it if it takes two parameters. It
        returns the reply, or is a generator: what it yields is added to the reply, and
        `yield lf.Replace(text)` takes the place of all that it has said. It may be plain (it runs
        on a thread of its own) or async. Replies are Markdown.

        Args:
            function: The function, where nothing else is said.
            path: The page's path.
            title: What stands above; the function's name by default.
            examples: Prompts to begin with, shown on the empty page.
            placeholder: What the empty field says.

        Returns:
            The function as it is, or a decorator.

        Raises:
            HandlerError: It is no function, or can't be given a message.
            PageError: The path is wrong, or has a page already.

        Examples:
            >>> app = App("Parrot")
            >>> @app.chat
            ... def parrot(message: str) -> str:
            ...     return f"{message}!"
        """

        def decorate(function: Any) -> Any:
            from ._conversation import Conversation

            if not callable(function):
                raise HandlerError(f"app.chat expected a function, got {type(function).__name__}")
            made = Conversation(
                self, path, function, title=title, examples=examples, placeholder=placeholder
            )
            self.page(path)(_named(made.page, function))
            return function

        return decorate if function is None else decorate(function)

    def _add_api(self, path: str, api: Api) -> None:
        is_new = path not in self._apis
        # Where an interface is defined again, in a notebook say, the newest answers.
        self._apis[path] = api
        if is_new:
            self._core.api(path, lambda *request: self._apis[path].answer(*request))

    def torch(
        self,
        path: str | os.PathLike[str],
        signature: str,
        *,
        max_batch: int = 32,
        queue_limit: int = 1024,
        threads: int = 1,
    ) -> Model:
        """Loads a TorchScript model for all sessions, see `livefloe.model.torch`."""
        return torch(path, signature, max_batch=max_batch, queue_limit=queue_limit, threads=threads)

    def script(self, path: str | PathLike[str], *, name: str | None = None) -> None:
        """Adds a script of your own, a module that every page loads: for custom elements.

        It is served by the app itself, so that the strict policy of its pages holds.

        Args:
            path: The file, from where the program runs. It is read now.
            name: What it is called in its address; by default, as the file.

        Raises:
            AppError: It is no name such as `chart.js`.
            OSError: The file can't be read.
        """
        from pathlib import Path

        file = Path(path)
        name = name or file.name
        plain = all(letter.isalnum() or letter in "-_." for letter in name)
        if not (name.endswith(".js") and name.isascii() and plain) or name.startswith("."):
            raise AppError(
                f"expected a name such as chart.js, of letters, digits, - and _, got {name!r}"
            )
        self._core.script(name, file.read_bytes())

    def mount_rust_examples(self, prefix: str = "/rust") -> None:
        """Adds the Rust examples as pages below a path.

        Args:
            prefix: The path that they get, such as `/rust`.

        Raises:
            AppError: They are not built in: that takes the feature `examples`.
        """
        self._core.mount_rust_examples(prefix)

    def asgi(self, *, dev: bool | None = None) -> Asgi:
        """The app as an ASGI 3 application, for a server that isn't Livefloe's.

        The app itself is one, too: `fastapi_app.mount("/live", app)`. This is for those who want
        to say something. It has one process: with several workers, name a store that they share,
        and as everywhere else without a port, sessions are kept only if a store is named.

        Args:
            dev: Whether pages show what went wrong and where. By default only if the environment
                variable `LIVEFLOE_DEV` is `1`.

        Returns:
            The application. Pages may be added until it gets its first request.
        """
        from ._asgi import Asgi

        if dev is None:
            dev = os.environ.get("LIVEFLOE_DEV") == "1"
        self.is_dev = dev
        return Asgi(self._core, dev)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answers as an ASGI 3 application, see `asgi`.

        Args:
            scope: What was asked for.
            receive: Gives what the client sends.
            send: Takes what it is sent.

        Raises:
            PageError: A path is none.
        """
        await self._mounted()(scope, receive, send)

    @asynccontextmanager
    async def lifespan(self, app: object = None) -> AsyncIterator[None]:
        """Ends sessions in an orderly way with the app that this one is mounted in.

        `FastAPI(lifespan=app.lifespan)`. Without it they end with the process.

        Args:
            app: The app around this one, which gives itself.

        Yields:
            Nothing.
        """
        import asyncio

        mounted = self._mounted()
        mounted.start()
        try:
            yield
        finally:
            await asyncio.to_thread(mounted.stop)

    def _mounted(self) -> Asgi:
        if self._asgi is None:
            self._asgi = self.asgi()
        return self._asgi

    def show(self, path: str = "/", *, height: int = 600, proxy: str | None = None) -> None:
        """Shows a page of the app in a notebook, below the cell.

        The app is served in the background, for this machine only. A cell that is run again goes
        on where it was: on the same port, with the sessions of the app of the same title, and
        with the code of now. So do changes of pages, components and states in other cells.

        Args:
            path: The page, with its query.
            height: Of the frame, in CSS pixels.
            proxy: Where browsers have ports of this machine, if not at `http://127.0.0.1:{port}`:
                such as `/proxy/{port}`, of Jupyter's package jupyter-server-proxy. By default what
                Colab and JupyterHub have.

        Raises:
            AppError: This is no notebook, or `proxy` has no place for the port.
            PageError: A path is none.
        """
        from ._notebook import show

        show(self, path, height, proxy)

    def start(self, host: str = "127.0.0.1", port: int = 0, *, dev: bool | None = None) -> Server:
        """Serves in the background: for tests, notebooks, and programs that do more.

        Args:
            host: The address to listen on. `0.0.0.0` is every one of this machine's.
            port: The port; 0 takes any free one.
            dev: Whether pages show what went wrong and where. By default where only this machine
                can see them, and never if the environment variable `LIVEFLOE_DEV` is `0`.

        Returns:
            The server.

        Raises:
            AddressError: The address can't be listened on.
            PageError: A path is none.
        """
        self.is_dev = _is_dev(host) if dev is None else dev
        return Server(self._core.start(host, port, self.is_dev))

    def run(self, host: str = "127.0.0.1", port: int = 8000, *, dev: bool | None = None) -> None:
        """Serves until the process is interrupted (Ctrl-C) or asked to terminate.

        Args:
            host: The address to listen on. `0.0.0.0` is every one of this machine's.
            port: The port; 0 takes any free one.
            dev: As for `start`.

        Raises:
            AddressError: The address can't be listened on.
            PageError: A path is none.
        """
        if _run_by_others is not None:
            _run_by_others.append(self)
            return
        with self.start(host, port, dev=dev) as server, _Interrupts(server):
            print(f"{self.title}: {server.address} (Ctrl-C stops it)", flush=True)
            server.wait()

    def __repr__(self) -> str:
        """Says which app it is."""
        return f"<livefloe.App {self.title!r}, {len(self._paths)} pages>"


def _named(page: Callable[[], None], function: Any) -> Callable[[], None]:
    """A page under the name of the function that it was made of: it is known by that."""

    def named() -> None:
        page()

    named.__module__ = getattr(function, "__module__", __name__)
    named.__name__ = getattr(function, "__name__", type(function).__name__)
    named.__qualname__ = getattr(function, "__qualname__", named.__name__)
    return named


class _Interrupts:
    """Has Ctrl-C and the request to terminate end a server, while it runs.

    The usual way, raising `KeyboardInterrupt` wherever the main thread happens to be, could hit in
    the middle of starting or stopping.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> None:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._interrupt)

    def __exit__(self, *_: object) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)

    def _interrupt(self, *_: object) -> None:
        self._server._native.interrupt()


#: The apps whose program asked to run them while `livefloe run` loads it, which does that instead.
_run_by_others: list[App] | None = None


def _is_again(before: Callable[..., None], function: Callable[..., None]) -> bool:
    """Whether a function is what another has become in a notebook: of the same name, or cell."""
    old, new = (getattr(each, "__wrapped__", each) for each in (before, function))
    # Each run of a cell has a file name of its own; in one run, two are two.
    return getattr(old, "__code__", old) is not getattr(new, "__code__", new) and _file(
        old
    ) != _file(new)


def _file(function: Callable[..., None]) -> str | None:
    return getattr(getattr(function, "__code__", None), "co_filename", None)


def _is_dev(host: str) -> bool:
    if os.environ.get("LIVEFLOE_DEV", "") in ("0", "1"):
        return os.environ["LIVEFLOE_DEV"] == "1"
    return host in ("localhost", "::1") or host.startswith("127.")
