"""The Pulumi CLI: is it there, new enough, logged in, does it know the stack and open its secrets?"""

import json
import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cutover.doctor.findings import Finding, bad, good, skipped
from cutover.stackfile.find import own_name
from cutover.stackfile.view import StackView

VARIABLE = "CUTOVER_PULUMI"
OLDEST = (3, 238, 0)  # since then a failing `after` hook fails the deployment; the gates rely on that
LIMIT_SECONDS = 60


@dataclass(frozen=True)
class Said:
    """The end of a command. Its output may hold secrets: only `reason` is for showing."""

    code: int
    out: str
    reason: str


@dataclass(frozen=True)
class Cli:
    """The executable, and the project's folder that it runs in."""

    command: str
    project: Path

    def run(self, *words: str) -> Said:
        """Run a command to its end; code 124 where it did not end in a minute."""
        environment = {**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"}
        try:
            ended = subprocess.run(
                [self.command, *words, "--non-interactive"],
                cwd=self.project, env=environment, stdin=subprocess.DEVNULL,
                capture_output=True, text=True, timeout=LIMIT_SECONDS,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return Said(124, "", f"no end after {LIMIT_SECONDS} s")
        except OSError as error:
            return Said(127, "", str(error))
        return Said(ended.returncode, ended.stdout, _reason(ended.stderr))


def _reason(said: str) -> str:
    """The CLI's own words on why it failed, as one line."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    if not lines:
        return "no reason given"
    first = next((at for at, line in enumerate(lines) if line.startswith("error:")), len(lines) - 1)
    reason = lines[first].removeprefix("error: ")
    return " ".join([reason, *lines[first + 1 :]]) if reason.endswith("occurred:") else reason  # then a list of them


def find_cli(project: Path) -> tuple[Cli | None, list[Finding]]:
    """The executable that every verb uses, and what there is to say about it."""
    name = "pulumi CLI"
    command = os.environ.get(VARIABLE) or shutil.which("pulumi")
    if command is None:
        fix = f"install it (https://www.pulumi.com/docs/install), or name one by {VARIABLE}=/path/to/bin/pulumi"
        return None, [bad(name, "there is no `pulumi` on the PATH", fix)]
    cli = Cli(command, project)
    said = cli.run("version")
    found = re.match(r"v?(\d+)\.(\d+)\.(\d+)\S*", said.out.strip())
    if said.code or found is None:
        return None, [bad(name, f"{command} does not run: {said.reason}", "install a current one")]
    version = tuple(int(part) for part in found.groups())
    if version < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        return None, [bad(name, f"{found[0]} at {command}, wanted {oldest} or later", "install a current one")]
    return cli, [good(name, f"{found[0]} at {command}")]


def check_login(cli: Cli | None) -> tuple[list[str] | None, list[Finding]]:
    """The stacks that the backend has of this project; None where it cannot be asked."""
    name = "backend"
    if cli is None:
        return None, [skipped(name, "needs the CLI")]
    said = cli.run("stack", "ls", "--json")
    if said.code:
        fix = "`pulumi login`, or set PULUMI_ACCESS_TOKEN or PULUMI_BACKEND_URL"
        return None, [bad(name, f"the stacks cannot be read: {said.reason}", fix)]
    who = cli.run("whoami", "--json")
    try:
        stacks = [own_name(str(stack["name"])) for stack in json.loads(said.out)]
        about = json.loads(who.out) if who.code == 0 else {}
    except (ValueError, TypeError, KeyError):
        return None, [bad(name, "the CLI's answer is no list of stacks", "install a current CLI")]
    where = re.sub(r"//[^/@]*@", "//", str(about.get("url", "backend")))  # a URL of one's own may hold a password
    return stacks, [good(name, f"{where.split('?')[0]} as {about.get('user', 'unknown')}, stacks: {len(stacks)}")]


def check_stack(cli: Cli | None, stacks: list[str] | None, view: StackView) -> list[Finding]:
    """Whether the backend has the stack, and whether its secrets can be read and written."""
    name, secrets = "stack", "secrets"
    if cli is None or stacks is None:
        return [skipped(name, "needs the backend"), skipped(secrets, "needs the backend")]
    if own_name(view.name) not in stacks:
        known = ", ".join(stacks) or "none"
        missing = bad(name, f"the backend has no {view.name!r} (it has: {known})", f"`pulumi stack init {view.name}`")
        return [missing, skipped(secrets, "needs the stack")]
    return [good(name, f"{view.name} is there"), _check_secrets(cli, view)]


def _check_secrets(cli: Cli, view: StackView) -> Finding:
    """Encrypt a word into a copy of the stack's file: only then does the CLI open its secrets provider."""
    name = "secrets"
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / view.path.name
        shutil.copyfile(view.path, copy)
        words = ("--secret", "cutover:doctor", "x", "--config-file", str(copy), "--stack", view.name)
        said = cli.run("config", "set", *words)
    if said.code == 0:
        return good(name, "the stack's secrets can be opened")
    fix = "set PULUMI_CONFIG_PASSPHRASE (or PULUMI_CONFIG_PASSPHRASE_FILE) to the one the stack was made with"
    if "passphrase" not in said.reason:
        fix = "give this identity the key of the stack's secrets provider (`secretsprovider:` in its file)"
    return bad(name, f"the stack's secrets cannot be opened: {said.reason}", fix)
