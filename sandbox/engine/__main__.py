"""Starts the engine, as `python -m sandbox.engine` or through `bin/pulumi`."""

import signal
import sys
from pathlib import Path


def main() -> int:
    """Run the command line; gives the exit code."""
    root = str(Path(__file__).resolve().parents[2])
    if root not in sys.path:  # started by its path, as `bin/pulumi` does, from any folder
        sys.path.insert(0, root)
    from sandbox.engine.cli.main import main as run

    # Until a run takes the signals over, a SIGTERM unwinds like Ctrl-C: the stack's lock does not stay behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
