"""Names and places: a stack's reference and where its files lie below the backend's `.pulumi` folder."""

import re
from dataclasses import dataclass
from pathlib import Path

from sandbox.engine.backend.errors import UsageError
from sandbox.engine.backend.project import Project

_NAME = re.compile(r"^[A-Za-z0-9_.-]{1,100}$")


@dataclass(frozen=True)
class StackRef:
    """One stack of one project in one backend folder."""

    base: Path  # the backend's folder
    project: str
    name: str
    current_project: str | None = None

    @property
    def qualified(self) -> str:
        """The name as the checkpoint and the locks write it."""
        return f"organization/{self.project}/{self.name}"

    def __str__(self) -> str:
        return self.name if self.project == self.current_project else self.qualified

    @property
    def checkpoint(self) -> Path:
        """The current state."""
        return self.base / ".pulumi" / "stacks" / self.project / f"{self.name}.json"

    @property
    def history(self) -> Path:
        """One pair of files per update: what was done, and the state after it."""
        return self.base / ".pulumi" / "history" / self.project / self.name

    @property
    def backups(self) -> Path:
        """A copy of the state after each update."""
        return self.base / ".pulumi" / "backups" / self.project / self.name

    @property
    def locks(self) -> Path:
        """One file per process that is working on the stack."""
        return self.base / ".pulumi" / "locks" / "organization" / self.project / self.name


def parse(text: str, base: Path, project: Project | None) -> StackRef:
    """A reference from `<stack>`, `organization/<stack>` or `organization/<project>/<stack>`."""
    parts = text.split("/")
    if not text or len(parts) > 3:
        raise UsageError(f"{text!r} is not a stack: give <stack> or organization/<project>/<stack>.")
    if len(parts) > 1 and parts[0] != "organization":
        raise UsageError(f"organization name must be 'organization' with a file backend, not {parts[0]!r}.")
    current = project.name if project else None
    owner = parts[1] if len(parts) == 3 else current
    if owner is None:
        raise UsageError(
            "no Pulumi.yaml project file found; either run this command from a directory containing a Pulumi "
            "project, or pass the fully qualified stack name (organization/project/stack)"
        )
    for what, name in (("stack", parts[-1]), ("project", owner)):
        if not _NAME.match(name) or name in (".", ".."):
            raise UsageError(
                f"the {what} name {name!r} is invalid: a {what} name is 1 to 100 letters, digits, hyphens, "
                "underscores and periods."
            )
    return StackRef(base, owner, parts[-1], current)
