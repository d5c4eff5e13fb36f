"""The flags of up, preview, refresh and destroy."""

import argparse
import os

from sandbox.engine.cli import flags

# Flags that change what is done, and are not built: refused, as ignoring them would do something else than was asked.
_REFUSED = (
    ("-t", "--target"),
    ("--target-replace",),
    ("--target-dependents",),
    ("-x", "--exclude"),
    ("--exclude-dependents",),
    ("--exclude-protected",),
    ("--replace",),
    ("--policy-pack",),
    ("--policy-pack-config",),
    ("--plan",),
    ("--save-plan",),
    ("--import-file",),
    ("--client",),
    ("--remote",),
    ("--strict",),
    ("--continue-on-error",),
    ("--ignore-protect",),
    ("--attach-debugger",),
    ("--import-pending-creates",),
    ("--secrets-provider",),
    ("--override-env",),
)
_HARMLESS = ("--show-config", "--show-replacement-steps", "--show-reads", "--urns", "--show-full-output", "--neo")


def add(parser: argparse.ArgumentParser, command: str) -> None:
    """Add the flags of one of the four commands."""
    parser.add_argument("-s", "--stack", help="the stack")
    parser.add_argument("-m", "--message", default="", help="a message for the history")
    parser.add_argument("-c", "--config", action="append", default=[], metavar="key=value", help="set before the run")
    flags.switch(parser, "--config-path", text="keys of --config are paths")
    parser.add_argument("--config-file", help="use this file and not Pulumi.<stack>.yaml")
    parser.add_argument("-p", "--parallel", type=int, default=_parallel(), help="how many steps at once (4 per core)")
    parser.add_argument("--event-log", help="tcp://host:port or a file")
    parser.add_argument("--exec-kind", default="", help=argparse.SUPPRESS)
    parser.add_argument("--exec-agent", default="", help=argparse.SUPPRESS)
    flags.switch(parser, "-j", "--json", text="print JSON: a preview as one document, a run as a line per event")
    flags.switch(parser, "--diff", text="show the values that change")
    flags.switch(parser, "--expect-no-changes", text="exit with 7 if there are changes")
    flags.switch(parser, "--show-sames", text="show resources that do not change")
    flags.switch(parser, "--show-secrets", text="do not mask secrets")
    flags.switch(parser, "--suppress-outputs", text="do not print the stack's outputs")
    flags.switch(parser, "--suppress-progress", text="print at the end only")
    flags.switch(parser, "--skip-config-validation", text="do not check the values against Pulumi.yaml")
    flags.switch(parser, "-d", "--debug")
    flags.switch(parser, "--run-program", text="run the program for refresh and destroy too")
    parser.add_argument("--suppress-permalink", nargs="?", help=argparse.SUPPRESS)
    for name in _HARMLESS:
        flags.switch(parser, name)
    if command != "preview":
        flags.switch(parser, "-y", "--yes", text="do not ask")
        flags.switch(parser, "-f", "--skip-preview", text="no preview first; implies --yes")
    if command in ("refresh", "destroy"):
        flags.switch(parser, "--preview-only", text="only show what would be done")
    if command == "refresh":
        flags.switch(parser, "--clear-pending-creates", text="forget creations that were interrupted")
        flags.switch(parser, "--skip-pending-creates")
    else:
        flags.switch(parser, "-r", "--refresh", text="refresh first")
    if command == "destroy":
        flags.switch(parser, "--remove", text="remove the stack and its file afterwards")
    for names in _REFUSED:
        flags.refuse(parser, *names)


def _parallel() -> int:
    """As many steps at once as the Pulumi CLI does: a program must not come to need more here than it gets there."""
    told = os.environ.get("PULUMI_PARALLEL", "")
    return int(told) if told.isdecimal() and int(told) > 0 else 4 * len(os.sched_getaffinity(0))
