"""Commands that read or replace what a stack holds: its summary, outputs, history, export and import."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from sandbox.engine.backend import checkpoint, clock, lock
from sandbox.engine.backend import history as records
from sandbox.engine.backend.envelopes import Sealer, mask, reveal
from sandbox.engine.backend.envelopes import show as shown
from sandbox.engine.backend.errors import EngineError, Exit
from sandbox.engine.backend.store import FileStore
from sandbox.engine.cli import flags, tables
from sandbox.engine.cli.session import Session
from sandbox.engine.cli.stack_file import as_text, has_secret, is_object, opened
from sandbox.engine.model import Row


def add_flags(parser: argparse.ArgumentParser, command: str) -> None:
    """The flags of these commands."""
    parser.add_argument("-s", "--stack", help="the stack")
    if command in ("stack", "stack output", "stack history", "stack export"):
        flags.switch(parser, "--show-secrets", text="show encrypted values in plain text")
    if command in ("stack output", "stack history"):
        flags.switch(parser, "-j", "--json", text="print JSON")
    if command == "stack":
        flags.switch(parser, "-i", "--show-ids", text="show resource ids")
        flags.switch(parser, "-u", "--show-urns", text="show resource URNs")
        flags.switch(parser, "--show-name", text="print the stack's name only")
    if command == "stack history":
        flags.switch(parser, "--full-dates")
        parser.add_argument("--page-size", type=int, default=10, help="updates per page")
        parser.add_argument("--page", type=int, default=1, help="which page, newest first")
    if command in ("stack export", "stack import"):
        parser.add_argument("--file", help="a file and not stdin or stdout")
    if command == "stack export":
        flags.refuse(parser, "--version")
    if command == "stack import":
        flags.switch(parser, "-f", "--force", text="even if the state does not hang together")


def show(args: argparse.Namespace) -> int:
    """The stack at a glance."""
    flags.arguments(args, 0, 0, "")
    session = Session(args)
    if args.show_name:
        sys.stdout.write(f"{session.stack.name}\n")
        return Exit.OK
    found = session.checkpoint
    lines = [f"Current stack is {session.stack}:", f"    Managed by {session.url}"]
    manifest = (found.deployment or {}).get("manifest") or {}
    moment = clock.parse(str(manifest.get("time", "")))
    if moment:
        lines.append(f"    Last updated: {clock.ago(moment)} ({manifest['time']})")
        lines.append(f"    Pulumi version used: {manifest.get('version')}")
    else:
        lines.append("    No updates yet; run `pulumi up`")
    lines.append(f"Current stack resources ({len(found.resources)}):")
    if not found.resources:
        lines.append("    No resources currently in this stack")
    sys.stdout.write("\n".join(lines) + "\n")
    if found.resources:
        rows = [row for root in _roots(found.resources) for row in _tree(found.resources, root, "", "", args)]
        sys.stdout.write(tables.table(["TYPE", "NAME"], rows, prefix="    "))
        sys.stdout.write("\n")
        _print_outputs(_outputs(session, args.show_secrets))
    sys.stdout.write("\nUse `pulumi stack select` to change stack; `pulumi stack ls` lists known ones\n")
    return Exit.OK


def _roots(rows: list[Row]) -> list[Row]:
    urns = {row["urn"] for row in rows}
    return [row for row in rows if row.get("parent") not in urns]


def _tree(rows: list[Row], row: Row, lead: str, follow: str, args: argparse.Namespace) -> list[list[str]]:
    """The rows of a resource and of those below it; `lead` goes before it, `follow` before its children."""
    name = row["urn"].rpartition("::")[2]
    table = [[lead + row["type"], name]]
    if args.show_urns:
        table.append([follow + "   URN: " + row["urn"], ""])
    if args.show_ids and row.get("id"):
        table.append([follow + "   ID: " + row["id"], ""])
    children = [child for child in rows if child.get("parent") == row["urn"]]
    for child in children:
        last = child is children[-1]
        table += _tree(rows, child, follow + ("└─ " if last else "├─ "), follow + ("   " if last else "│  "), args)
    return table


def _outputs(session: Session, show_secrets: bool) -> dict[str, Any]:
    outputs = session.checkpoint.outputs
    if not show_secrets:
        masked: dict[str, Any] = {key: mask(value) for key, value in outputs.items()}
        return masked
    sealer = Sealer(session.secrets, session.secrets)
    return {key: reveal(sealer.open(value, key)) for key, value in outputs.items()}


def _print_outputs(outputs: dict[str, Any]) -> None:
    sys.stdout.write(f"Current stack outputs ({len(outputs)}):\n")
    if not outputs:
        sys.stdout.write("    No output values currently in this stack\n")
        return
    rows = [[key, tables.as_cell(outputs[key])] for key in sorted(outputs)]
    sys.stdout.write(tables.table(["OUTPUT", "VALUE"], rows, prefix="    "))


def output(args: argparse.Namespace) -> int:
    """All outputs, or one."""
    words = flags.arguments(args, 0, 1, "[property-name]")
    outputs = _outputs(Session(args), args.show_secrets)
    if words and words[0] not in outputs:
        raise EngineError(f"current stack does not have output property '{words[0]}'")
    if args.json:
        tables.print_json(outputs[words[0]] if words else outputs)
    elif words:
        sys.stdout.write(tables.as_cell(outputs[words[0]]) + "\n")
    else:
        _print_outputs(outputs)
    return Exit.OK


def history(args: argparse.Namespace) -> int:
    """What was done to the stack, newest first."""
    flags.arguments(args, 0, 0, "")
    session = Session(args)
    found = records.read(session.stack, page_size=args.page_size, page=args.page)
    if args.json:
        tables.print_json([_update(session, record, args.show_secrets) for record in found])
        return Exit.OK
    if not found:
        sys.stdout.write("Stack has never been updated\n")
    for record in found:
        changes = record.get("resourceChanges") or {}
        counts = "".join(
            f"{sign}{changes.get(op, 0)}"
            for sign, op in (("+", "create"), ("-", "delete"), ("~", "update"), (" ", "same"))
        )
        seconds = record["endTime"] - record["startTime"]
        lines = [f"Version: {record.get('version', 0)}", f"UpdateKind: {record['kind']}", f"Status: {record['result']}"]
        lines += [
            f"Message: {record['message']}",
            f"{counts} Updated {clock.json_time(record['startTime'])} took {seconds}s",
        ]
        lines += [f"    {key}: {value}" for key, value in sorted(record["environment"].items()) if value.strip()]
        sys.stdout.write("\n".join(lines) + "\n\n")
    return Exit.OK


def _update(session: Session, record: dict[str, Any], show_secrets: bool) -> dict[str, Any]:
    config = {key: _config_value(session, value, show_secrets) for key, value in (record.get("config") or {}).items()}
    return {
        "version": record.get("version", 0),
        "kind": record["kind"],
        "startTime": clock.json_time(record["startTime"]),
        "message": record["message"],
        "environment": record["environment"],
        "config": config,
        "result": record["result"],
        "endTime": clock.json_time(record["endTime"]),
        "resourceChanges": record.get("resourceChanges") or {},
    }


def _config_value(session: Session, value: Any, show_secrets: bool) -> dict[str, Any]:
    secret = has_secret(value)
    if secret and not show_secrets:
        return {"secret": True}
    try:
        plain = opened(value, session.secrets if secret else None)
    except EngineError:  # encrypted under a passphrase of the past: history stays readable all the same
        return {"value": "ERROR_UNABLE_TO_DECRYPT", "secret": True}
    item: dict[str, Any] = {"value": as_text(plain)}
    if is_object(value):
        item["objectValue"] = plain
    return {**item, "secret": secret}


def export(args: argparse.Namespace) -> int:
    """The stack's state as one JSON document."""
    flags.arguments(args, 0, 0, "")
    session = Session(args)
    found = session.checkpoint
    deployment = dict(found.deployment or {"manifest": checkpoint.manifest(), "metadata": {}})
    if args.show_secrets and found.deployment is not None:
        snapshot = FileStore(session.stack, session.secrets, found).load()
        for key, rows in (("resources", snapshot.resources), ("pending_operations", snapshot.pending)):
            if rows:
                deployment[key] = shown(rows)
    document: dict[str, Any] = {"version": found.version}
    if found.features:
        document["features"] = found.features
    document["deployment"] = deployment
    text = json.dumps(document, indent=4, ensure_ascii=False) + "\n"
    if args.file:
        Path(args.file).write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
    return Exit.OK


def import_state(args: argparse.Namespace) -> int:
    """Replace the stack's state by an exported one."""
    flags.arguments(args, 0, 0, "")
    session = Session(args)
    ref = session.stack
    try:
        document = json.loads(Path(args.file).read_bytes() if args.file else sys.stdin.buffer.read())
        found = checkpoint.parse(document, document["deployment"])  # a file of the backend has none
    except OSError as error:
        raise EngineError(f"could not open file: {error}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise EngineError(f"could not read the deployment to import: {error or type(error).__name__}") from error
    try:
        _belongs(found, ref.project, ref.name)
        checkpoint.verify(found)
    except EngineError as error:
        if not args.force:
            raise EngineError(
                f"the deployment cannot be imported: {error}. `--force` imports it all the same."
            ) from error
    with lock.held(ref):
        writer = FileStore(ref, session.secrets, found)
        writer.save(writer.load())
    sys.stdout.write("Import complete.\n")
    return Exit.OK


def _belongs(found: checkpoint.Checkpoint, project: str, stack: str) -> None:
    """Resources of another stack under this one's name would be deleted by the next update."""
    for row in found.resources:
        parts = row["urn"].split("::")
        if parts[0].removeprefix("urn:pulumi:") != stack or parts[1] != project:
            raise EngineError(f"{row['urn']} belongs to another stack than {project}/{stack}")
