"""The deployment core: runs one operation of the engine, from the program's registrations to the saved state.

`run` is the only way in; everything else here is private to it. Does not own argument parsing, config, the state file,
the lock, the history or the display.
"""

import threading

from sandbox.engine.model import Emit, Operation, Outcome, Snapshot, Store


def run(op: Operation, snapshot: Snapshot, store: Store, emit: Emit, *, on_interrupt: threading.Event) -> Outcome:
    """Carry out one operation.

    Must be called from a thread that lives as long as the process, best the main one: the program dies with the
    thread that started it. `snapshot` is not changed; new ones go to `store`. `emit` gets event payloads and may be
    called from many threads, one at a time. Setting `on_interrupt` ends the run after the steps under way.
    """
    # The program starts before the engine's own heavy imports, so that the two load side by side.
    from sandbox.engine.deploy.run import execute

    return execute(op, snapshot, store, emit, on_interrupt)
