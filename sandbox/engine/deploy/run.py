"""One operation from beginning to end. Starts the program first, so that it loads while the engine does."""

import os
import threading
import time

from sandbox.engine.deploy import program as programs
from sandbox.engine.deploy.events import Events
from sandbox.engine.deploy.hooks import has_delete_hooks
from sandbox.engine.model import Emit, Operation, Outcome, Snapshot, Store


def execute(op: Operation, snapshot: Snapshot, store: Store, emit: Emit, on_interrupt: threading.Event) -> Outcome:
    """See `sandbox.engine.deploy.run`."""
    start = time.monotonic()
    # A destroy needs its program only for delete hooks; without any, what is in the state says all.
    wanted = op.kind == "update" or (
        op.kind == "destroy" and op.run_program and any(map(has_delete_hooks, snapshot.resources))
    )
    try:
        program = programs.Program(op) if wanted else None
    except OSError as error:
        message = f"the program's interpreter {op.python} cannot be started: {error}; make the virtual environment"
        events = Events(emit, preview=op.preview, show_secrets=op.show_secrets)
        events.say("error", "", message)
        return Outcome(errors=[message])
    # gRPC reports every closed connection on stderr otherwise; set after the program got its own environment.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    try:
        from sandbox.engine.deploy.supervisor import Supervisor

        outcome = Supervisor(op, snapshot, store, emit, on_interrupt).work(program)
    finally:
        if program is not None:
            program.end()
    outcome.duration_seconds = time.monotonic() - start
    return outcome
