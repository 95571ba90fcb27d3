"""Reports exceptions of an app's own code: in the log, and to the person in one line."""

from __future__ import annotations

import logging
from pathlib import Path
from types import TracebackType

logger = logging.getLogger("livefloe")

_PACKAGE = str(Path(__file__).parent)


def report(exception: BaseException) -> tuple[str, str | None]:
    """Logs an exception that ended an event.

    Args:
        exception: The exception.

    Returns:
        The exception in one line; and the last line of the app's own code that it came through, as
        `app.py:12 in send`.
    """
    # A handler that ends the program would end it for everybody: it ends its own event only.
    place = _place(exception.__traceback__)
    logger.error("an error in the app's code", exc_info=exception)
    name = type(exception).__name__
    text = str(exception)
    return (f"{name}: {text}" if text else name), place


def _place(traceback: TracebackType | None) -> str | None:
    place = None
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if not code.co_filename.startswith(_PACKAGE):
            name = getattr(code, "co_qualname", code.co_name)
            place = f"{Path(code.co_filename).name}:{traceback.tb_lineno}, in {name}"
        traceback = traceback.tb_next
    return place
