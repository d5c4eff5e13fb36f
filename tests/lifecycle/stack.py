"""A stack of the program under test: its own project folder, state, configuration and identity; commands on it."""

import copy
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from pulumi import automation as auto

from sandbox.pulumi import Engine
from tests.lifecycle import keys
from tests.lifecycle.judge import Wanted
from tests.lifecycle.kube import Namespace
from tests.lifecycle.watcher import Watcher

Json = dict[str, Any]

ROOT = Path(__file__).resolve().parents[2]
NAME = "test"
PROGRAM = ("components", "contract", "kubeaccess")
"""What `__main__.py` runs on."""
PASSPHRASE = "correct horse"
TIMEOUT_SECONDS = 240  # of one command; it ends with an error then

_EMPTY: dict[str, dict[Path, bytes]] = {}
"""The files of an empty stack whose state is a file, by its secrets provider. They are made once."""
_COUNT = re.compile(r"^\s+(?:[-+~>=<]+\s*|\d+ changes\. )?(\d+) (\w+)$", re.MULTILINE)
_OPS = {
    "created": "create",
    "imported": "import",
    "updated": "update",
    "deleted": "delete",
    "replaced": "replace",
    "unchanged": "same",
}


def _is_encrypted(value: object) -> bool:
    return isinstance(value, dict) and value.keys() == {"secure"}


def _fewest(service: Json) -> int:
    if "autoscaler" in service:
        return int(service["autoscaler"]["spec"].get("minReplicas", 1))
    return int(service["autoscale"]["min_replicas"] if "autoscale" in service else service["replicas"])


def _canary(service: Json, active: str) -> str:
    """The image that may serve beside the active color's, by a canary of pods."""
    shared = "route" not in service and service.get("canary", {}).get("weight")
    return str(service["green" if active == "blue" else "blue"]["image"]) if shared else ""


@dataclass(frozen=True)
class Outcome:
    """How a command ended: exit code, all it said, and what it did (`create`, `update`, `same` … -> how many)."""

    code: int
    said: str
    changes: dict[str, int] = field(default_factory=dict)


@dataclass
class Stack:
    """One stack. Edit `services`, then `up`: the file is written before each command."""

    engine: Engine
    folder: Path
    namespace: Namespace
    watcher: Watcher
    services: dict[str, Json] = field(default_factory=dict)
    groups: dict[str, Json] = field(default_factory=dict)
    environments: Json = field(default_factory=dict)
    name: str = NAME
    more_environment: dict[str, str] = field(default_factory=dict)
    secrets_provider: str = keys.PROVIDER

    @property
    def project(self) -> Path:
        """The project's folder, the working directory of every command."""
        return self.folder / "project"

    @property
    def kubeconfig(self) -> Path:
        """The deployer's kubeconfig."""
        return self.folder / "kubeconfig"

    @property
    def file(self) -> Path:
        """The stack's configuration."""
        return self.project / f"Pulumi.{self.name}.yaml"

    @property
    def checkpoint(self) -> Path:
        """The stack's state in the file backend."""
        return self.folder / "state" / ".pulumi" / "stacks" / "cutover" / f"{self.name}.json"

    @property
    def environment(self) -> dict[str, str]:
        """What every command gets on top of the tests' own environment."""
        return {
            "KUBECONFIG": str(self.kubeconfig),
            "PULUMI_BACKEND_URL": f"file://{self.folder / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
            **keys.environment(),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "XDG_STATE_HOME": str(self.folder / "kept"),  # the driver keeps how a change ended
            "PULUMI_DEBUG_COMMANDS": "true",  # the CLI hides --event-log without it
            **self.engine.environment(self.folder / "home"),
            **self.more_environment,
        }

    def create(self, kubeconfig: str) -> None:
        """The folders and an empty stack. The program is a copy, so that the checkout's own files stay untouched."""
        for name in ("project", "state", "home"):
            (self.folder / name).mkdir(parents=True)
        self.kubeconfig.write_text(kubeconfig)
        self.kubeconfig.chmod(0o600)
        project = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())
        project["runtime"]["options"]["virtualenv"] = sys.prefix
        (self.project / "Pulumi.yaml").write_text(yaml.safe_dump(project))
        shutil.copy(ROOT / "__main__.py", self.project)
        for name in PROGRAM:
            (self.project / name).symlink_to(ROOT / name, target_is_directory=True)
        if "PULUMI_BACKEND_URL" in self.more_environment:
            self._init()
            return
        if self.secrets_provider not in _EMPTY:
            self._init()
            made = [self.file, *(one for one in (self.folder / "state").rglob("*") if one.is_file())]
            _EMPTY[self.secrets_provider] = {one.relative_to(self.folder): one.read_bytes() for one in made}
        for place, content in _EMPTY[self.secrets_provider].items():
            (self.folder / place).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / place).write_bytes(content)

    def _init(self) -> None:
        made = self.run("stack", "init", NAME, "--secrets-provider", self.secrets_provider)
        assert made.code == 0, made.said

    def save(self) -> None:
        """Write the configuration; what the engine wrote beside it (secrets and how they are kept) stays."""
        content = yaml.safe_load(self.file.read_text()) if self.file.exists() else {}
        secrets = {key: value for key, value in (content.get("config") or {}).items() if _is_encrypted(value)}
        ours = {"cutover:namespace": self.namespace.name, "cutover:services": self.services}
        content["config"] = {**secrets, **ours}
        if self.groups:
            content["config"]["cutover:groups"] = self.groups
        if self.environments:
            content["config"]["cutover:environments"] = self.environments
        self.file.write_text(yaml.safe_dump(content))

    def keep_secret(self, key: str, value: str) -> None:
        """`pulumi config set --secret cutover:<key>`."""
        assert self.run("config", "set", "--secret", f"cutover:{key}", value).code == 0

    def up(self, *flags: str) -> Outcome:
        """Save, tell the watcher what is wanted, `pulumi up`."""
        self.announce()
        return self.run("up", "--yes", "--skip-preview", *flags)

    def must_up(self, *flags: str) -> Outcome:
        """An `up` that has no reason to fail."""
        outcome = self.up(*flags)
        assert outcome.code == 0, outcome.said
        return outcome

    def preview(self) -> Outcome:
        """Save and `pulumi preview --json`; `changes` says what an `up` would do."""
        self.save()
        outcome = self.run("preview", "--json")
        start = outcome.said.find("{")
        plan = json.loads(outcome.said[start:]) if outcome.code == 0 else {}
        return Outcome(outcome.code, outcome.said, plan.get("changeSummary", {}))

    def destroy(self) -> Outcome:
        """`pulumi destroy`; nothing is wanted any more."""
        self.watcher.plan({})
        return self.run("destroy", "--yes", "--skip-preview")

    def announce(self) -> None:
        """Save, and tell the watcher what is wanted from now on."""
        self.save()
        plan = {}
        grouped = {member: group["active"] for group in self.groups.values() for member in group["services"]}
        for name, service in self.services.items():
            if service["strategy"] == "blue-green":
                color = service.get("active") or grouped[name]
                plan[name] = Wanted(color, service[color]["image"], _fewest(service), _canary(service, color))
        self.watcher.plan(copy.deepcopy(plan))

    def run(self, *words: str) -> Outcome:
        """A command to its end."""
        process = self.start(*words)
        try:
            said, _ = process.communicate(timeout=TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            said, _ = process.communicate()
            raise AssertionError(f"`pulumi {' '.join(words)}` took over {TIMEOUT_SECONDS} s:\n{said}") from None
        found = {_OPS[word]: int(count) for count, word in _COUNT.findall(said) if word in _OPS}
        return Outcome(process.returncode, said, found)

    def start(self, *words: str) -> "subprocess.Popen[str]":
        """A command in a process group of its own, its output in one pipe."""
        stack = () if words[:2] == ("stack", "init") else ("--stack", self.name)
        return subprocess.Popen(
            [str(self.engine.command), *words, *stack, "--non-interactive", "--color", "never"],
            cwd=self.project,
            env=os.environ | self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def automation(self) -> auto.Stack:
        """The same stack through the Automation API."""
        home = self.environment.get("PULUMI_HOME") or os.environ.get("PULUMI_HOME")
        workspace = auto.LocalWorkspace(
            work_dir=str(self.project),
            pulumi_home=home,
            env_vars=self.environment,
            pulumi_command=auto.PulumiCommand(root=str(self.engine.command.parent.parent)),
        )
        return auto.Stack.select(NAME, workspace)

    def resources(self) -> list[Json]:
        """The rows of the stack's state."""
        rows: list[Json] = json.loads(self.checkpoint.read_text())["checkpoint"]["latest"].get("resources", [])
        return rows
