"""The scratch project that the demo works in, and the CLI commands that it runs there.

The checkout's `Pulumi.dev.yaml` must not change, and `pulumi config set` writes to it: so the demo copies the program
and its stack file to `.sandbox/demo/project` and links the library beside them. Plain `pulumi` commands then work
there just as they do in the checkout, with any engine; `--config-file` would have left the salt of the secrets and the
selected stack in the checkout all the same.
"""

import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Literal

import yaml

from demo.errors import DemoError
from sandbox.paths import ROOT
from sandbox.pulumi import Engine

STACK = "dev"
Program = Literal["pulumi", "cutover"]
FOLDER = ROOT / ".sandbox" / "demo"
_COPIED = ("Pulumi.yaml", f"Pulumi.{STACK}.yaml", "__main__.py")
# The virtual environment is whichever the demo itself runs in: that one has what the program needs.
_LINKED = {
    **{name: ROOT / name for name in ("components", "contract", "kubeaccess")},
    ".venv": Path(sys.prefix),
}
_TICK_SECONDS = 0.2
_STOP_SECONDS = 30.0


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a command ended."""

    command: str
    exit_code: int
    output: str
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Running:
    """A command that was started."""

    command: str
    process: "subprocess.Popen[bytes]"
    log: Path
    started: float = field(default_factory=time.monotonic)

    def outcome(self) -> Outcome:
        """Wait for its end."""
        exit_code = self.process.wait()
        seconds = time.monotonic() - self.started
        return Outcome(command=self.command, exit_code=exit_code, output=self.log.read_text(), seconds=seconds)


@dataclass(frozen=True, kw_only=True)
class Project:
    """Runs `pulumi` in the scratch project. `tick` is called about five times a second while a command runs."""

    engine: Engine
    environment: Mapping[str, str]
    tick: Callable[[str], None]
    folder: Path = FOLDER
    _numbers: list[int] = field(default_factory=list)

    @property
    def stack_file(self) -> Path:
        """The stack's configuration."""
        return self.folder / "project" / f"Pulumi.{STACK}.yaml"

    @property
    def checkpoint(self) -> Path:
        """The stack's state, as the file backend keeps it."""
        return self.folder / "state" / ".pulumi" / "stacks" / "cutover" / f"{STACK}.json"

    def create(self) -> None:
        """A fresh project with an empty state, in place of whatever an earlier run left."""
        shutil.rmtree(self.folder, ignore_errors=True)
        for folder in ("project", "state", "logs"):
            (self.folder / folder).mkdir(parents=True)
        for name in _COPIED:
            shutil.copy(ROOT / name, self.folder / "project" / name)
        for name, target in _LINKED.items():
            (self.folder / "project" / name).symlink_to(target, target_is_directory=True)
        self.must("stack", "init", STACK)

    def configure(self, config: Mapping[str, Any]) -> None:
        """Replace the whole configuration; what the engine wrote beside it (the salt of the secrets) stays."""
        content = yaml.safe_load(self.stack_file.read_text())
        self.stack_file.write_text(yaml.safe_dump(content | {"config": dict(config)}, sort_keys=False))

    def set(self, path: str, value: str) -> Outcome:
        """Edit one value of the stack's configuration."""
        return self.must("config", "set", "--path", f"cutover:{path}", value)

    def unset(self, path: str) -> Outcome:
        """Take a value out of the stack's configuration."""
        return self.must("config", "rm", "--path", f"cutover:{path}")

    def drive(self, *arguments: str) -> Outcome:
        """Run the CI driver in the project, as a pipeline does; how it ends is an outcome."""
        return self.run(*arguments, program="cutover")

    def up(self) -> Outcome:
        """Make the cluster as the configuration says; a refusal is an outcome, not an exception."""
        return self.run("up", "--yes")

    def must(self, *arguments: str) -> Outcome:
        """Run a command that has no reason to fail; raises DemoError with its words if it does."""
        outcome = self.run(*arguments)
        if outcome.exit_code != 0:
            raise DemoError(
                f"`{outcome.command}` ended with exit code {outcome.exit_code}:\n{outcome.output.strip()[-2000:]}\n"
                f"The whole log is in {self.folder / 'logs'}."
            )
        return outcome

    def run(self, *arguments: str, program: Program = "pulumi") -> Outcome:
        """Run a command to its end, its output kept in a log file."""
        running = self.begin(*arguments, program=program)
        try:
            while running.process.poll() is None:
                self.tick(running.command)
                time.sleep(_TICK_SECONDS)
        finally:
            if running.process.poll() is None:
                _end(running.process)
        return running.outcome()

    def begin(self, *arguments: str, program: Program = "pulumi") -> Running:
        """Start a command and leave it to the caller, in a process group of its own."""
        self._numbers.append(len(self._numbers) + 1)
        log_path = self.folder / "logs" / f"{self._numbers[-1]:02}-{arguments[0]}.log"
        with log_path.open("w") as log:
            process = self._start(program, arguments, log)
        return Running(command=shlex.join([program, *arguments]), process=process, log=log_path)

    @property
    def environ(self) -> dict[str, str]:
        """What the engine runs with, here and where a tool starts it."""
        ours = {
            "PULUMI_BACKEND_URL": f"file://{self.folder / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": "demo",  # there is no secret in the demo, but the CLI wants one
            "PULUMI_STACK": STACK,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            **self.engine.environment(self.folder / "home"),
        }
        return os.environ | ours | dict(self.environment)

    @property
    def _of_the_driver(self) -> dict[str, str]:
        """Where it is, as it is not installed here; its engine and stack; and where it keeps what a command said."""
        found = {"PYTHONPATH": str(ROOT), "CUTOVER_PULUMI": str(self.engine.command), "CUTOVER_STACK": STACK}
        return found | {"XDG_STATE_HOME": str(self.folder / "kept")}

    def _start(self, program: Program, arguments: tuple[str, ...], log: IO[str]) -> subprocess.Popen[bytes]:
        driver = program == "cutover"
        return subprocess.Popen(
            [*([sys.executable, "-m", "cutover"] if driver else [str(self.engine.command)]), *arguments],
            cwd=self.folder / "project",
            env=self.environ | (self._of_the_driver if driver else {}),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            # Out of reach of Ctrl-C in the terminal: a second one makes the engine drop everything, so we send it one.
            start_new_session=True,
        )


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Ask the engine to end in its own good order, the steps under way finished and recorded."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
