"""The command `livefloe`, also as `python -m livefloe`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib.metadata import version

from .app import _is_dev
from .errors import LivefloeError

EXAMPLES = """\
examples:
  livefloe run app.py                      serve the app in app.py
  livefloe run app.py --reload             ... and show each change when a file is saved
  livefloe run app.py:admin --port 9000    the one called admin
  livefloe run shop.web --host 0.0.0.0     of a module, for everybody in the network
  livefloe run app.py -- --model small     what follows -- is the program's own
"""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="livefloe", description="Live apps in plain Python.", allow_abbrev=False
    )
    parser.add_argument("--version", action="version", version=f"livefloe {version('livefloe')}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    run = commands.add_parser(
        "run",
        help="serve an app",
        description="Serve the app of a file or module: the one called `app`, or the only one.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    run.add_argument("target", metavar="APP", help="app.py, package.module, or either with :name")
    run.add_argument("--host", default="127.0.0.1", help="where to listen (default: %(default)s)")
    run.add_argument(
        "--port", type=_port, default=8000, help="0 takes any free one (default: %(default)s)"
    )
    run.add_argument(
        "--reload",
        action=argparse.BooleanOptionalAction,
        default=False,
        help="when a file of the app is saved, go on with its new version: open pages keep their "
        "state, and show what is wrong if it can't be loaded",
    )
    run.add_argument(
        "--dev",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="show what went wrong and where on the page (default: if only this machine can see "
        "it, unless LIVEFLOE_DEV says otherwise)",
    )
    run.add_argument(
        "--cold",
        action="store_true",
        help="with --reload: don't import packages before the new version asks for them; slower, "
        "for those that mind",
    )
    run.set_defaults(command=_run)
    return parser


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number < 65_536:
        raise ValueError
    return number


def _run(arguments: argparse.Namespace, rest: list[str]) -> None:
    host, port = arguments.host, arguments.port
    dev = _is_dev(host) if arguments.dev is None else arguments.dev
    if arguments.reload:
        from ._reload import Reloader

        Reloader(
            arguments.target, host=host, port=port, dev=dev, cold=arguments.cold, arguments=rest
        ).run()
        return
    from ._load import load

    sys.argv = [arguments.target.partition(":")[0], *rest]
    load(arguments.target).run(host, port, dev=dev)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command.

    Args:
        arguments: What stands behind its name; by default what the process was started with.

    Returns:
        The status to exit with.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    rest: list[str] = []
    if "--" in given:
        at = given.index("--")
        given, rest = given[:at], given[at + 1 :]
    parsed = _parser().parse_args(given)
    try:
        parsed.command(parsed, rest)
    except LivefloeError as error:
        print(f"livefloe: {error}", file=sys.stderr)
        return 1
    return 0
