"""up, preview, refresh and destroy.

| command             | lock | asks            | writes state and history |
| preview             | no   | no              | no                       |
| … --preview-only    | no   | no              | no                       |
| up/refresh/destroy  | yes  | unless --yes    | yes, also when it fails  |
"""

import argparse
import os
import sys
import time
from typing import Any

from sandbox.engine.backend import checkpoint, history, lock
from sandbox.engine.backend.errors import (
    AlreadyReportedError,
    CancelledError,
    ChangesError,
    EngineError,
    Exit,
    UsageError,
)
from sandbox.engine.backend.store import FileStore
from sandbox.engine.backend.version import VERSION
from sandbox.engine.cli import event_log, git_info, run_flags, runner
from sandbox.engine.cli.commands.config import pair, text_at
from sandbox.engine.cli.commands.stack import remove_stack
from sandbox.engine.cli.digest import Digest, Lines
from sandbox.engine.cli.display import Display, Style
from sandbox.engine.cli.events import Listener
from sandbox.engine.cli.run_config import RunConfig
from sandbox.engine.cli.session import Session, skip_confirmations
from sandbox.engine.model import Operation, Outcome

KINDS: dict[str, Any] = {"up": "update", "preview": "update", "refresh": "refresh", "destroy": "destroy"}
LABELS = {"update": ("Updating", "Previewing update"), "refresh": ("Refreshing", "Previewing refresh")}
LABELS["destroy"] = ("Destroying", "Previewing destroy")


def add_flags(parser: argparse.ArgumentParser, command: str) -> None:
    """The flags of these commands."""
    run_flags.add(parser, command)


def run(args: argparse.Namespace) -> int:
    """Run one of the four."""
    if args.words:
        raise UsageError(f"`pulumi {args.command}` takes no arguments, and templates are not built: {args.words}")
    session = Session(args)
    preview_only = args.command == "preview" or getattr(args, "preview_only", False)
    yes = preview_only or args.yes or args.skip_preview or skip_confirmations()
    if not session.interactive and not yes:
        raise UsageError(
            "--yes or --skip-preview or --preview-only must be passed in to proceed when running in non-interactive "
            "mode"
        )
    _say(args, f"cutover sandbox engine {VERSION}: a stand-in for the Pulumi CLI, made for trying and testing")
    session.stack  # noqa: B018 - the stack must exist
    _keep_config(session, args)
    work = Work(session, args)
    if preview_only:
        return work.finished(work.deploy(preview=True), "preview" if args.command == "preview" else work.kind)
    with lock.held(session.stack):
        if not args.skip_preview:
            planned = work.deploy(preview=True)
            if not planned.ok:
                return work.finished(planned, work.kind)
            if not yes and not _agreed(work):
                raise EngineError(f"confirmation declined, not proceeding with the {work.kind}")
        code = work.finished(work.deploy(preview=False), work.kind)
    if args.command == "destroy":
        _after_destroy(session, args)
    return code


def _say(args: argparse.Namespace, text: str) -> None:
    """A line for people: on stdout, or beside it where stdout is JSON."""
    print(text, file=sys.stderr if args.json else sys.stdout, flush=True)


def _keep_config(session: Session, args: argparse.Namespace) -> None:
    """Write the values given with --config into the stack's file, as the Pulumi CLI does."""
    for key, text in map(pair, args.config):
        session.file.set(key, text_at(key, text) if args.config_path else text, path=args.config_path)
    if args.config:
        session.file.save()


def _after_destroy(session: Session, args: argparse.Namespace) -> None:
    if args.remove:
        remove_stack(session, force=False, preserve_config=False)
        _say(args, f"Stack '{session.stack}' has been removed!")
        return
    _say(
        args,
        "The resources in the stack have been deleted, but the history and configuration associated with the stack "
        f"are still maintained.\nIf you want to remove the stack completely, run `pulumi stack rm {session.stack}`.",
    )


def _agreed(work: "Work") -> bool:
    """Ask until the answer is yes or no; `details` shows the values that would change."""
    while True:
        sys.stdout.write(f"Do you want to perform this {work.kind}? [yes/no/details]: ")
        sys.stdout.flush()
        answer = sys.stdin.readline()
        if not answer:
            raise CancelledError(f"confirmation cancelled, not proceeding with the {work.kind}")
        if answer.strip().lower() in ("yes", "y"):
            return True
        if answer.strip().lower() in ("no", "n", ""):
            return False
        if answer.strip().lower() in ("details", "d") and work.last_display:
            work.last_display.print_diff()


class Work:
    """One command's runs: its preview and the real one, on the same configuration."""

    def __init__(self, session: Session, args: argparse.Namespace) -> None:
        # Imported here: it brings more with it than most commands need.
        from sandbox.engine.deploy import run as core

        self.core: runner.Core = core
        self.session, self.args = session, args
        self.kind = KINDS[args.command]
        self.project = session.needed_project
        if session.stack.project != self.project.name:
            raise EngineError(
                f"the stack {session.stack} belongs to another project than {self.project.path}, {self.project.name!r}"
            )
        if self.project.runtime != "python":
            raise EngineError(
                f"{self.project.path}: runtime {self.project.runtime!r} is not supported, this engine runs Python only"
            )
        validate = (self.kind == "update" or args.run_program) and not args.skip_config_validation
        self.config = RunConfig.of(session, validate=validate)
        self.last_display: Display | None = None

    def deploy(self, *, preview: bool) -> Outcome:
        """One run. The state is read anew for each, as a run works on what it is given."""
        session, args, ref = self.session, self.args, self.session.stack
        operation = Operation(
            kind=self.kind,
            preview=preview,
            project=self.project.name,
            stack=ref.name,
            root=self.project.root,
            entry=self.project.entry,
            python=self.project.python,
            config=self.config.texts,
            secret_keys=self.config.secret_keys,
            parallel=max(1, args.parallel),
            refresh_first=getattr(args, "refresh", False),
            run_program=self.kind == "update" or args.run_program,
            clear_pending_creates=getattr(args, "clear_pending_creates", False),
            show_secrets=args.show_secrets,
        )
        if not args.json:
            print(f"{LABELS[self.kind][preview]} ({ref}):", flush=True)
        store = FileStore(ref, session.secrets, checkpoint.read(ref))
        begun = int(time.time())
        outcome = runner.run(
            self.core,
            operation,
            store.load(),
            runner.NoStore() if preview else store,
            self._listeners(operation),
            secrets=self.config.secret_texts,
        )
        if not preview:
            self._record(outcome, begun)
        return outcome

    def _listeners(self, operation: Operation) -> list[Listener]:
        args = self.args
        listeners: list[Listener] = []
        if args.json and operation.preview:
            listeners.append(Digest(show_sames=args.show_sames, suppress_outputs=args.suppress_outputs))
        elif args.json:
            listeners.append(Lines())
        else:
            style = Style(
                color=_colored(args.color),
                diff=args.diff,
                show_sames=args.show_sames,
                suppress_outputs=args.suppress_outputs,
                suppress_progress=args.suppress_progress,
            )
            self.last_display = Display(runner.root_urn(operation), style, preview=operation.preview)
            listeners.append(self.last_display)
        if args.event_log:
            listeners.append(event_log.opened(args.event_log))
        return listeners

    def _record(self, outcome: Outcome, begun: int) -> None:
        environment, subject = git_info.environment(self.project.root, self.args.exec_kind)
        record = {
            "kind": self.kind,
            "startTime": begun,
            "message": self.args.message or subject,
            "environment": environment,
            "config": self.config.written,
            "version": 0,
            "result": "succeeded" if outcome.ok else "failed",
            "endTime": int(time.time()),
            "resourceChanges": {op: count for op, count in outcome.changes.items() if count},
        }
        history.append(self.session.stack, record)

    def finished(self, outcome: Outcome, what: str) -> int:
        """The exit code of a good run; the error of any other."""
        if outcome.interrupted:
            raise CancelledError(f"{what} cancelled")
        if outcome.errors:
            raise AlreadyReportedError
        changed = {op: count for op, count in outcome.changes.items() if count and op not in ("same", "read")}
        if self.args.expect_no_changes and changed:
            raise ChangesError(f"no changes were expected for {what} but changes were proposed")
        return Exit.OK


def _colored(wanted: str) -> bool:
    if wanted == "auto":
        return sys.stdout.isatty() and "NO_COLOR" not in os.environ
    return wanted == "always"
