"""`python -m livefloe`."""

import sys

if not getattr(sys.flags, "safe_path", False):
    # `-m` has put the folder there that the process was started in: what is in it is the app's.
    del sys.path[0]

from ._cli import main

if __name__ == "__main__":
    sys.exit(main())
