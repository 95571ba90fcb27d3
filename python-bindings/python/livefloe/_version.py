"""Says so when Python is too old: imported first, since the extension would give no reason."""

import sys

if sys.version_info < (3, 10):  # noqa: UP036  (who has an older one needs to read this)
    found = ".".join(map(str, sys.version_info[:3]))
    raise ImportError(f"livefloe needs Python 3.10 or newer, found {found} ({sys.executable})")
