"""Becomes the program: `appmetrics` on the PATH, and `python -m appmetrics`."""

import os
import signal
import sys

from . import binary


def main():
    """Replaces this process, so that signals and exit codes are the program's own."""
    try:
        with binary.program() as path:
            descriptor = os.open(path, os.O_RDONLY)
        # Python ignores these, and what is ignored would stay so.
        for name in (signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(name, signal.SIG_DFL)
        # By its path where it stays, so that process lists show its name; a
        # temporary copy is already gone.
        file = path if os.path.exists(path) else descriptor
        os.execve(file, ["appmetrics", *sys.argv[1:]], os.environ)
    except (binary.Broken, OSError) as error:
        print(f"appmetrics: {error}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
