"""Commands on a stack's configuration: list, get, set, set-all, rm, rm-all."""

import argparse
import json
import sys
from typing import Any

from sandbox.engine.backend.errors import EngineError, Exit, UsageError
from sandbox.engine.cli import config_path, flags, project_config, tables
from sandbox.engine.cli.session import Session
from sandbox.engine.cli.stack_file import as_text, has_secret, is_object, look_up, opened


def add_flags(parser: argparse.ArgumentParser, command: str) -> None:
    """The flags of these commands."""
    parser.add_argument("-s", "--stack", help="the stack")
    parser.add_argument("--config-file", help="use this file and not Pulumi.<stack>.yaml")
    if command == "config":
        flags.switch(parser, "--show-secrets", text="show encrypted values in plain text")
    if command in ("config", "config get"):
        flags.switch(parser, "-j", "--json", text="print JSON")
        flags.switch(parser, "--open")
    if command != "config":
        flags.switch(parser, "--path", text="the key is a path into a map or a list")
    if command == "config set":
        flags.switch(parser, "--secret", text="encrypt the value")
        flags.switch(parser, "--plaintext", text="store the value as it is")
        flags.switch(parser, "--raw", text="keep trailing newlines of a value from stdin")
        parser.add_argument("--type", choices=("string", "bool", "int", "float"), help="store it as this type")
    if command == "config set-all":
        parser.add_argument("--plaintext", action="append", default=[], metavar="key=value", help="may be repeated")
        parser.add_argument("--secret", action="append", default=[], metavar="key=value", help="may be repeated")
        parser.add_argument("--json", help="values in the form `pulumi config --json` prints")


def list_values(args: argparse.Namespace) -> int:
    """All values, with the project's defaults."""
    flags.arguments(args, 0, 0, "")
    session = Session(args)
    project = session.needed_project
    session.stack  # noqa: B018 - the stack must exist
    values = project_config.apply(project, session.stack.name, session.file.values, validate=False)
    manager = session.secrets if args.show_secrets and has_secret(values) else None
    keys = sorted(values, key=lambda key: tuple(key.split(":", 1)))
    if args.json:
        tables.print_json({key: _described(values[key], opened(values[key], manager), manager) for key in keys})
        return Exit.OK
    rows = [[key.removeprefix(f"{project.name}:"), as_text(opened(values[key], manager))] for key in keys]
    sys.stdout.write(tables.table(["KEY", "VALUE"], rows))
    return Exit.OK


def _described(value: Any, plain: Any, manager: object) -> dict[str, Any]:
    """One value of the JSON output; a secret's stays out unless it may be shown."""
    secret = has_secret(value)
    if secret and manager is None:
        return {"secret": True}
    shown: dict[str, Any] = {"value": as_text(plain)}
    if is_object(value):
        shown["objectValue"] = plain
    return {**shown, "secret": secret}


def get_value(args: argparse.Namespace) -> int:
    """One value, decrypted."""
    key = flags.arguments(args, 1, 1, "<key>")[0]
    session = Session(args)
    project = session.needed_project
    session.stack  # noqa: B018 - the stack must exist
    values = project_config.apply(project, session.stack.name, session.file.values, validate=False)
    found, value = look_up(values, key, project.name, path=args.path)
    if not found:
        namespace, name = config_path.parse_key(key, project.name, path=args.path)
        pretty = name if namespace == project.name else f"{namespace}:{name}"
        raise EngineError(f"configuration key '{pretty}' not found for stack '{session.stack}'")
    plain = opened(value, session.secrets if has_secret(value) else None)
    if args.json:
        tables.print_json(_described(value, plain, manager=session))
    else:
        sys.stdout.write(as_text(plain) + "\n")
    return Exit.OK


def set_value(args: argparse.Namespace) -> int:
    """Set one value, given as an argument or on stdin."""
    words = flags.arguments(args, 1, 2, "<key> [value]")
    if sum(map(bool, (args.secret, args.plaintext, args.type))) > 1:
        raise UsageError("only one of --secret, --plaintext and --type may be given")
    session = Session(args)
    session.stack  # noqa: B018 - the stack must exist
    text = words[1] if len(words) == 2 else _from_stdin(args)
    value: Any = text
    if args.secret:
        value = {"secure": session.secrets.encrypt(text)}
    elif args.type:
        value = _typed(text, args.type)
    elif args.path:
        value = text_at(words[0], text)
    session.file.set(words[0], value, path=args.path)
    session.file.save()
    return Exit.OK


def _from_stdin(args: argparse.Namespace) -> str:
    if sys.stdin.isatty():
        raise UsageError("config value must be specified: `pulumi config set <key> <value>`, or pipe it in")
    text = sys.stdin.read()
    return text if args.raw else text.removesuffix("\n").removesuffix("\r")


def text_at(key: str, text: str) -> Any:
    """Values inside maps and lists become what they look like; a top-level value stays text."""
    name = config_path.parse_key(key, "project", path=True)[1]
    return config_path.coerce(text) if len(config_path.parse_path(name)) > 1 else text


def _typed(text: str, kind: str) -> Any:
    try:
        if kind == "bool":
            return flags.boolean(text)
        return {"string": str, "int": int, "float": float}[kind](text)
    except (ValueError, argparse.ArgumentTypeError) as error:
        raise EngineError(f"{text!r} is not of type {kind}") from error


def set_values(args: argparse.Namespace) -> int:
    """Set several values in one write."""
    flags.arguments(args, 0, 0, "")
    if args.json and (args.plaintext or args.secret or args.path):
        raise EngineError("the --json option cannot be used with the --plaintext, --secret or --path options")
    session = Session(args)
    session.stack  # noqa: B018 - the stack must exist
    for key, text in map(pair, args.plaintext):
        session.file.set(key, text_at(key, text) if args.path else text, path=args.path)
    for key, text in map(pair, args.secret):
        session.file.set(key, {"secure": session.secrets.encrypt(text)}, path=args.path)
    for key, item in _json_values(args.json or "{}").items():
        value: Any = item.get("objectValue", item["value"])
        if item.get("secret"):
            value = {"secure": session.secrets.encrypt(item["value"])}
        session.file.set(key, value)
    session.file.save()
    return Exit.OK


def pair(text: str) -> tuple[str, str]:
    """The parts of `key=value`; a key in quotes may hold an equals sign."""
    quote = text[:1] if text[:1] in ("'", '"') else ""
    key, equals, value = text.removeprefix(quote).partition(f"{quote}=")
    if not equals:
        raise EngineError(f"config value must be in the form [key]=[value], and it is {text!r}")
    return key, value


def _json_values(text: str) -> dict[str, dict[str, Any]]:
    try:
        values = json.loads(text)
    except ValueError as error:
        raise EngineError(f"could not parse --json argument: {error}") from error
    if not isinstance(values, dict):
        raise EngineError('--json must be an object: {"<key>": {"value": "…", "secret": false}}')
    for key, item in values.items():
        if not isinstance(item, dict) or not isinstance(item.get("value"), str):
            raise EngineError(f'value for --json object key "{key}" is nil')
    return values


def remove_values(args: argparse.Namespace) -> int:
    """Remove values."""
    most = 1 if args.command == "config rm" else len(args.words)
    keys = flags.arguments(args, 1, most, "<key>" if most == 1 else "<key>…")
    session = Session(args)
    session.stack  # noqa: B018 - the stack must exist
    for key in keys:
        session.file.remove(key, path=args.path)
    session.file.save()
    return Exit.OK
