"""From arguments to a command, and from its outcome to an exit code. Commands are imported when they are called."""

import importlib
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sandbox.engine.backend.errors import AlreadyReportedError, CancelledError, EngineError, Exit, UsageError
from sandbox.engine.backend.version import VERSION

if TYPE_CHECKING:
    import argparse

# command -> (module in cli.commands, function); each module also has add_flags(parser, command).
COMMANDS = {
    "up": ("operate", "run"),
    "preview": ("operate", "run"),
    "refresh": ("operate", "run"),
    "destroy": ("operate", "run"),
    "cancel": ("misc", "cancel"),
    "whoami": ("misc", "whoami"),
    "login": ("misc", "login"),
    "logout": ("misc", "logout"),
    "install": ("misc", "install"),
    "plugin ls": ("misc", "plugin_list"),
    "plugin install": ("misc", "plugin_install"),
    "plugin rm": ("misc", "plugin_install"),
    "stack": ("stack_state", "show"),
    "stack init": ("stack", "init"),
    "stack select": ("stack", "select"),
    "stack unselect": ("stack", "unselect"),
    "stack ls": ("stack", "list_stacks"),
    "stack rm": ("stack", "remove"),
    "stack output": ("stack_state", "output"),
    "stack history": ("stack_state", "history"),
    "stack export": ("stack_state", "export"),
    "stack import": ("stack_state", "import_state"),
    "config": ("config", "list_values"),
    "config get": ("config", "get_value"),
    "config set": ("config", "set_value"),
    "config set-all": ("config", "set_values"),
    "config rm": ("config", "remove_values"),
    "config rm-all": ("config", "remove_values"),
}
ALIASES = {
    "update": "up",
    "pre": "preview",
    "down": "destroy",
    "dn": "destroy",
    "stack list": "stack ls",
    "stack new": "stack init",
    "stack remove": "stack rm",
    "stack outputs": "stack output",
    "config remove": "config rm",
    "config remove-all": "config rm-all",
    "plugin list": "plugin ls",
    "history": "stack history",
}
GROUPS = ("stack", "config", "plugin")
_WITH_VALUE = ("-s", "--stack", "--config-file", "-C", "--cwd", "--color")


def main(argv: Sequence[str]) -> int:
    """Run one command line; gives the exit code. Errors go to stderr as `error: …`."""
    try:
        if [word for word in argv if word != "--non-interactive"] in (["version"], ["--version"]):
            sys.stdout.write(VERSION + "\n")
            return Exit.OK
        return _run(list(argv))
    except AlreadyReportedError as error:
        return error.exit_code
    except EngineError as error:
        sys.stdout.flush()
        sys.stderr.write(f"error: {error}\n")
        return error.exit_code
    except KeyboardInterrupt:
        # Locks are released by now; threads that still work would keep an ordinary exit waiting for them.
        os._exit(CancelledError.exit_code)
    except BrokenPipeError:  # the reader went away: there is nobody left to tell
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.ERROR
    except Exception:
        import traceback

        sys.stdout.flush()
        sys.stderr.write(f"error: the sandbox's engine failed, which is a bug in it:\n{traceback.format_exc()}")
        return Exit.INTERNAL


def _run(argv: list[str]) -> int:
    from sandbox.engine.cli import flags

    before, rest = flags.split_globals(argv)
    if not rest or rest[0] in ("help", "-h", "--help"):
        sys.stdout.write(flags.overview(COMMANDS))
        return Exit.OK
    command, words = _command(rest)
    module_name, function = COMMANDS[command]
    module = importlib.import_module(f"sandbox.engine.cli.commands.{module_name}")
    args: argparse.Namespace = flags.parse(command, [*before, *words], module.add_flags)
    if args.cwd:
        try:
            os.chdir(args.cwd)
        except OSError as error:
            raise UsageError(f"--cwd {args.cwd}: {error.strerror}") from error
    code: int = getattr(module, function)(args)
    return code


def _command(rest: list[str]) -> tuple[str, list[str]]:
    """The command and the words after it; in a group, flags may stand before the subcommand."""
    name = rest[0]
    if name in GROUPS:
        at = _first_word(rest)
        if at is not None:
            full = ALIASES.get(f"{name} {rest[at]}", f"{name} {rest[at]}")
            if full not in COMMANDS:
                raise EngineError(_unknown(full))
            return full, rest[1:at] + rest[at + 1 :]
        if name in COMMANDS:
            return name, rest[1:]
        raise EngineError(f"`pulumi {name}` needs a subcommand: see `pulumi --help`")
    name = ALIASES.get(name, name)
    if name not in COMMANDS:
        raise EngineError(_unknown(name))
    words = rest[1:]
    return name, words


def _first_word(rest: list[str]) -> int | None:
    at = 1
    while at < len(rest) and rest[at] != "--":
        if not rest[at].startswith("-"):
            return at
        at += 2 if rest[at] in _WITH_VALUE else 1
    return None


def _unknown(command: str) -> str:
    return (
        f"unknown command `pulumi {command}`: the sandbox's engine has the commands that a release needs "
        "(`pulumi --help` lists them). For the others use the Pulumi CLI (CUTOVER_PULUMI)."
    )
