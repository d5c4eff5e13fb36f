"""Flags: those that every command takes, and the rules they are read by (the Pulumi CLI's, on top of argparse)."""

import argparse
from collections.abc import Callable, Iterable
from typing import NoReturn

from sandbox.engine.backend.errors import EngineError, UsageError

AddFlags = Callable[[argparse.ArgumentParser, str], None]


class Parser(argparse.ArgumentParser):
    """Reports mistakes as errors of the engine; never abbreviates a flag."""

    def __init__(self, command: str) -> None:
        super().__init__(prog=f"pulumi {command}".strip(), allow_abbrev=False)

    def error(self, message: str) -> NoReturn:
        """Raise what argparse would print."""
        what = message.replace("unrecognized arguments:", "unknown flag or argument:")
        raise EngineError(f"{what} (see `{self.prog} --help`)")


def boolean(text: str) -> bool:
    """The value of `--flag=true`."""
    if text.lower() in ("true", "t", "1"):
        return True
    if text.lower() in ("false", "f", "0"):
        return False
    raise argparse.ArgumentTypeError(f"{text!r} is neither true nor false")


def switch(parser: argparse.ArgumentParser, *names: str, text: str = argparse.SUPPRESS) -> None:
    """A flag that is on or off; `--flag=false` works too."""
    parser.add_argument(*names, nargs="?", const=True, default=False, type=boolean, metavar="true|false", help=text)


def refuse(parser: argparse.ArgumentParser, *names: str) -> None:
    """A flag of the Pulumi CLI that would change what a command does and is not built: an error, never ignored."""
    parser.add_argument(*names, action=_Refused, nargs="?", help=argparse.SUPPRESS)


class _Refused(argparse.Action):
    def __call__(self, *_parsed: object) -> None:
        raise UsageError(
            f"{self.option_strings[-1]} is not built into the sandbox's engine. Leave it out, or use the Pulumi CLI "
            "(CUTOVER_PULUMI=<path to pulumi>)."
        )


def add_globals(parser: argparse.ArgumentParser) -> None:
    """The flags of every command; logging and tracing ones are accepted and do nothing."""
    parser.add_argument("-C", "--cwd", help="run as if started in this folder")
    parser.add_argument("--color", choices=("always", "never", "raw", "auto"), default="auto", help="colorize output")
    switch(parser, "--non-interactive", text="never ask")
    for names in (("--logflow",), ("--logtostderr",), ("-e", "--emoji"), ("--disable-integrity-checking",)):
        switch(parser, *names)
    switch(parser, "--fully-qualify-stack-names")
    for names in (("-v", "--verbose"), ("--tracing",), ("--profiling",), ("--memprofilerate",), ("--otel-traces",)):
        parser.add_argument(*names, help=argparse.SUPPRESS)


def split_globals(argv: list[str]) -> tuple[list[str], list[str]]:
    """The flags before the command, and the rest from the command on."""
    with_value = {"-C", "--cwd", "--color", "-v", "--verbose", "--tracing", "--profiling"}
    at = 0
    while at < len(argv) and argv[at].startswith("-") and argv[at] not in ("-h", "--help", "--"):
        at += 2 if argv[at] in with_value else 1
    return argv[:at], argv[at:]


def parse(command: str, words: list[str], add_flags: AddFlags) -> argparse.Namespace:
    """Parse a command's words: flags and arguments in any order, and only arguments after `--`."""
    parser = Parser(command)
    add_globals(parser)
    add_flags(parser, command)
    parser.add_argument("words", nargs="*", help=argparse.SUPPRESS)
    end = words.index("--") if "--" in words else len(words)
    args = parser.parse_intermixed_args(_joined(parser, words[:end]))
    args.words += words[end + 1 :]
    args.command = command
    return args


def _joined(parser: argparse.ArgumentParser, words: list[str]) -> list[str]:
    """An optional value counts only after `=`: `--json key` is a flag and an argument, unlike in argparse."""
    optional = {
        name: action.const
        for action in parser._actions
        for name in action.option_strings
        if action.nargs == "?" and action.const is not None
    }
    return [
        f"{word}={str(optional[word]).lower()}" if word in optional and word.startswith("--") else word
        for word in _expanded(words, optional)
    ]


def _expanded(words: list[str], optional: dict[str, object]) -> Iterable[str]:
    """Short switches, alone (`-y`) or together (`-yf`), with the value attached that argparse wants."""
    for word in words:
        together = [f"-{letter}" for letter in word[1:]] if word[:1] == "-" and word[1:].isalpha() else []
        if together and all(name in optional for name in together):
            yield from (f"{name}{str(optional[name]).lower()}" for name in together)
        else:
            yield word


def arguments(args: argparse.Namespace, least: int, most: int, names: str) -> list[str]:
    """The command's arguments, checked for their number."""
    words: list[str] = args.words
    if not least <= len(words) <= most:
        raise EngineError(
            f"`pulumi {args.command}` takes {names or 'no arguments'}, and was given {len(words)}: {words}"
        )
    return words


def overview(commands: Iterable[str]) -> str:
    """The help text of the executable."""
    lines = "\n".join(f"  pulumi {command}" for command in sorted(commands))
    return (
        "The sandbox's stand-in for the Pulumi CLI: stacks of Python programs with Kubernetes resources, state in "
        f"files.\n\nCommands (each takes --help):\n{lines}\n  pulumi version\n"
    )
