"""Commands on stacks as such: init, select, unselect, ls, rm."""

import argparse
import sys

from sandbox.engine.backend import checkpoint, clock, history, home, lock, secrets, store
from sandbox.engine.backend.errors import EngineError, Exit, StackNotFoundError, UsageError
from sandbox.engine.backend.layout import StackRef
from sandbox.engine.cli import flags, tables
from sandbox.engine.cli.session import Session, named_stack
from sandbox.engine.cli.stack_file import StackFile


def add_flags(parser: argparse.ArgumentParser, command: str) -> None:
    """The flags of these commands."""
    parser.add_argument("-s", "--stack", help="the stack")
    if command in ("stack init", "stack select"):
        parser.add_argument("--secrets-provider", default="default", help="passphrase (the default)")
    if command == "stack init":
        flags.switch(parser, "--no-select", text="leave the selected stack as it is")
        flags.switch(parser, "-y", "--yes")
        flags.refuse(parser, "--copy-config-from")
        flags.refuse(parser, "--remote-config")
        flags.refuse(parser, "--teams")
    if command == "stack select":
        flags.switch(parser, "-c", "--create", text="create the stack if it does not exist")
    if command == "stack ls":
        flags.switch(parser, "-j", "--json", text="print JSON")
        flags.switch(parser, "-a", "--all", text="the stacks of all projects in the backend")
        parser.add_argument("-p", "--project", help="the stacks of this project")
    if command == "stack rm":
        flags.switch(parser, "-f", "--force", text="even if it still has resources; they stay, unmanaged")
        flags.switch(parser, "-y", "--yes", text="do not ask")
        flags.switch(parser, "--preserve-config", text="keep Pulumi.<stack>.yaml")
        flags.switch(parser, "--remove-backups", text="remove the backups of its state too")


def init(args: argparse.Namespace) -> int:
    """Create a stack."""
    name = named_stack(args)
    if not name:
        raise UsageError("missing stack name: `pulumi stack init <stack>`")
    session = Session(args, name)
    ref = session.parse(name)
    _create(session, ref, args.secrets_provider)
    if not args.no_select:
        home.select_stack(session.needed_project, session.url, ref.qualified)
    sys.stdout.write(f"Created stack '{ref}'\n")
    return Exit.OK


def _create(session: Session, ref: StackRef, provider: str) -> None:
    if provider not in ("default", "passphrase"):
        raise UsageError(f"unknown secrets provider {provider!r}: this engine knows `passphrase` only")
    project = session.needed_project
    if ref.project != project.name:
        raise EngineError(f"the stack {ref.qualified} belongs to another project than {project.path}, {project.name!r}")
    with lock.held(ref):
        if ref.checkpoint.exists():
            # `pulumi.automation` looks for this text.
            raise EngineError(f"stack '{ref.qualified}' already exists")
        file = StackFile(project.stack_file(ref.name), project)
        if secrets.passphrase() is not None:
            # The same as the first use of a secret would do; a wrong passphrase shows now and not then.
            file.secrets().crypter()
        store.create(ref)


def select(args: argparse.Namespace) -> int:
    """Make a stack the one that commands mean."""
    name = named_stack(args)
    if not name:
        raise StackNotFoundError("no stack selected; specify a stack name with --stack")
    session = Session(args, name)
    ref = session.parse(name)
    if not ref.checkpoint.exists() and args.create:
        _create(session, ref, args.secrets_provider)
        sys.stdout.write(f"Created stack '{ref}'\n")
    home.select_stack(session.needed_project, session.url, session.stack.qualified)
    return Exit.OK


def unselect(args: argparse.Namespace) -> int:
    """Select no stack."""
    flags.arguments(args, 0, 0, "")
    session = Session(args)
    home.select_stack(session.needed_project, session.url, None)
    sys.stdout.write("Stack was unselected\n")
    return Exit.OK


def list_stacks(args: argparse.Namespace) -> int:
    """The stacks of the project, or of the whole backend."""
    flags.arguments(args, 0, 0, "")
    session = Session(args)
    root = session.base / ".pulumi" / "stacks"
    wanted = args.project or (None if args.all else session.needed_project.name)
    refs = [
        session.parse(f"organization/{path.parent.name}/{path.stem}")
        for path in sorted(root.glob("*/*.json"))
        if wanted in (None, path.parent.name) and not path.name.startswith(".")
    ]
    items = [_summary(session, ref) for ref in refs]
    if args.json:
        tables.print_json(items)
        return Exit.OK
    rows = []
    for item in items:
        moment = clock.parse(str(item.get("lastUpdate", "")))
        name = f"{item['name']}{'*' if item['current'] else ''}"
        rows.append([name, clock.ago(moment) if moment else "n/a", str(item.get("resourceCount", "n/a"))])
    sys.stdout.write(tables.table(["NAME", "LAST UPDATE", "RESOURCE COUNT"], rows))
    return Exit.OK


def _summary(session: Session, ref: StackRef) -> dict[str, object]:
    found = checkpoint.read(ref)
    item: dict[str, object] = {"name": str(ref), "current": ref == session.selected}
    manifest = (found.deployment or {}).get("manifest") or {}
    moment = clock.parse(str(manifest.get("time", "")))
    if moment:
        item["lastUpdate"] = clock.json_time(moment.timestamp())
    if found.deployment is not None:
        item["resourceCount"] = len(found.resources)
    return item


def remove(args: argparse.Namespace) -> int:
    """Remove a stack that has no resources left."""
    session = Session(args, named_stack(args))
    ref = session.stack
    if not args.yes:
        session.confirm_by_name(f"This will permanently remove the '{ref}' stack!", str(ref))
    remove_stack(session, force=args.force, preserve_config=args.preserve_config, backups=args.remove_backups)
    sys.stdout.write(f"Stack '{ref}' has been removed!\n")
    return Exit.OK


def remove_stack(session: Session, *, force: bool, preserve_config: bool, backups: bool = False) -> None:
    """Remove the session's stack: its state, its history, its file, and its being selected."""
    ref = session.stack
    with lock.held(ref):
        left = [row for row in checkpoint.read(ref).resources if row.get("type") != "pulumi:pulumi:Stack"]
        if left and not force:
            raise EngineError(
                f"'{ref}' still has resources; removal rejected. Possible actions:\n"
                f"- Make sure that '{ref}' is the stack that you want to destroy\n"
                "- Run `pulumi destroy` to delete the resources, then run `pulumi stack rm`\n"
                "- Run `pulumi stack rm --force` to override this error"
            )
        history.remove(ref, backups=backups)
    project = session.project
    if project and project.name == ref.project:
        if not preserve_config:
            project.stack_file(ref.name).unlink(missing_ok=True)
        if session.selected in (None, ref):
            home.select_stack(project, session.url, None)
