"""Runs the phases of an operation in order: refresh, program, deletions; ends the program when something fails."""

import threading

from sandbox.engine.deploy import deletes, refresh
from sandbox.engine.deploy.control import Control
from sandbox.engine.deploy.events import Events
from sandbox.engine.deploy.hooks import Hooks, has_delete_hooks
from sandbox.engine.deploy.journal import Journal
from sandbox.engine.deploy.program import Program
from sandbox.engine.deploy.providers import Providers
from sandbox.engine.deploy.registrar import Registrar
from sandbox.engine.deploy.steps import Steps
from sandbox.engine.model import Emit, Operation, Outcome, Snapshot, Store

_LOOK_SECONDS = 0.1  # how often an interrupt is looked for; everything else wakes the supervisor at once


class Supervisor:
    """One run: builds the parts, leads them through the phases, and says how it ended."""

    def __init__(self, op: Operation, snapshot: Snapshot, store: Store, emit: Emit, on_interrupt: threading.Event):
        self._op = op
        self._on_interrupt = on_interrupt
        self._events = Events(emit, preview=op.preview, show_secrets=op.show_secrets)
        self._control = Control(op.parallel)
        self._journal = Journal(snapshot, store, preview=op.preview)
        self._hooks = Hooks(self._events, self._control, preview=op.preview)
        self._providers = Providers(op, self._journal, self._events, self._control)
        self._steps = Steps(op, self._journal, self._events, self._control, self._hooks, self._providers)
        self._ended = threading.Event()
        self._events.hide_texts(op.config[key] for key in op.secret_keys if key in op.config)
        for row in self._journal.base:
            self._events.hide(row.get("inputs"))

    def work(self, program: Program | None) -> Outcome:
        """Go through the phases that the operation consists of."""
        op, control = self._op, self._control
        watch = threading.Thread(target=self._watch, daemon=True)
        watch.start()
        try:
            if op.clear_pending_creates:
                self._journal.clear_creates()
            if op.kind == "refresh" or op.refresh_first:
                refresh.run(self._steps, counted=op.kind == "refresh")
            elif self._journal.interrupted and not op.preview:
                self._warn_of_interrupted()
            if op.kind == "destroy" and not control.stopping:
                self._destroy(program)
            elif op.kind == "update" and not control.stopping and program is not None:
                self._run_program(program)
            self._journal.settle()
        finally:
            control.closed.set()
            self._ended.set()
            watch.join()
            self._hooks.close()
            self._providers.close()
        return Outcome(self._events.changes, control.errors, interrupted=control.interrupted)

    def _watch(self) -> None:
        while not self._ended.wait(_LOOK_SECONDS):
            if self._on_interrupt.is_set():
                self._control.interrupt()
                return

    def _destroy(self, program: Program | None) -> None:
        hooked = [row["urn"] for row in self._journal.base if has_delete_hooks(row)]
        if hooked and program is None:
            message = (
                "resources with delete hooks need their program to be destroyed: "
                f"{', '.join(hooked)}; use `pulumi destroy --run-program`"
            )
            self._events.say("error", hooked[0], message)
            self._control.fail(message)
        elif program is not None:
            self._run_program(program)
        else:
            self._delete_rest(set())

    def _run_program(self, program: Program) -> None:
        from sandbox.engine.deploy.monitor import Monitor, serve

        control, registrar = self._control, Registrar(self._steps)
        signaled = threading.Event()

        def finish() -> None:
            signaled.set()
            # An error that the program logged fails the run; nothing is deleted on the word of such a program.
            if not control.errors and not control.stopping:
                self._delete_rest(set() if self._op.kind == "destroy" else registrar.registered())

        server, address = serve(Monitor(self._steps, self._hooks, registrar, finish), self._op.parallel)
        program.begin(address, registrar.root, self._events, control)
        threading.Thread(target=_load_client, daemon=True).start()
        while program.poll() is None and not (control.stopping and control.idle):
            control.wake.wait(1)
            control.wake.clear()
        left = program.poll()
        control.closed.set()
        code = program.end()
        if left is not None:
            self._judge_exit(code, registrar.root)
        control.stop()
        while not control.idle:
            control.wake.wait(1)
            control.wake.clear()
        failed = bool(control.errors) or control.interrupted
        if left == 0 and not signaled.is_set() and not failed:
            message = "the program ended before the engine had finished; nothing was deleted"
            self._events.say("error", registrar.root, message)
            control.fail(message)
            failed = True
        registrar.finish_stack(failed=failed)
        server.stop(0.2)

    def _judge_exit(self, code: int, urn: str) -> None:
        if code != 0 and not self._control.errors and not self._control.interrupted:
            message = f"an unhandled error occurred: Program exited with non-zero exit code: {code}"
            self._events.say("error", urn, message)
            self._control.fail(message)

    def _delete_rest(self, registered: set[str]) -> None:
        rows = [row for row in self._journal.left() if row.get("delete") or row["urn"] not in registered]
        deletes.run(self._steps, rows)

    def _warn_of_interrupted(self) -> None:
        listed = "".join(
            f"  * {one['resource']['urn']}, interrupted while {one['type']}\n" for one in self._journal.interrupted
        )
        self._events.say(
            "warning",
            "",
            f"Attempting to deploy or update resources with {len(self._journal.interrupted)} pending operations from "
            f"previous deployment.\n{listed}The engine was interrupted while it waited for these changes. This run "
            "finds out how they ended; what it does not touch is settled by `pulumi refresh` "
            "(`--clear-pending-creates` for those interrupted while creating).",
        )


def _load_client() -> None:
    """Import what a change will need while the program is still loading; an unchanged stack never uses it."""
    import lightkube.config.client_adapter
    import lightkube.config.kubeconfig  # noqa: F401
