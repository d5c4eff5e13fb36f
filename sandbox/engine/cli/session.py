"""What most commands start from: the project, the backend and the stack that the arguments mean."""

import argparse
import functools
import os
import sys
from pathlib import Path

from sandbox.engine.backend import checkpoint, home, layout
from sandbox.engine.backend import project as projects
from sandbox.engine.backend.checkpoint import Checkpoint
from sandbox.engine.backend.errors import EngineError, StackNotFoundError, UsageError
from sandbox.engine.backend.layout import StackRef
from sandbox.engine.backend.project import Project
from sandbox.engine.backend.secrets import SecretsManager
from sandbox.engine.cli.stack_file import StackFile


class Session:
    """One command's view of the machine; everything is looked up when it is first needed."""

    def __init__(self, args: argparse.Namespace, stack: str | None = None) -> None:
        self.args = args
        self._stack = stack or getattr(args, "stack", None)

    @functools.cached_property
    def project(self) -> Project | None:
        """The project of the working directory, if there is one."""
        return projects.find()

    @property
    def needed_project(self) -> Project:
        """The project; an error if there is none."""
        return self.project or projects.require()

    @functools.cached_property
    def url(self) -> str:
        """The backend's URL."""
        return home.backend_url(self.project)

    @functools.cached_property
    def base(self) -> Path:
        """The backend's folder."""
        return home.open_backend(self.url)

    def parse(self, text: str) -> StackRef:
        """A stack's reference, whether or not the stack exists."""
        return layout.parse(text, self.base, self.project)

    @functools.cached_property
    def stack(self) -> StackRef:
        """The stack that is named, or else selected; an error if it does not exist."""
        if self._stack:
            ref = self.parse(self._stack)
            if not ref.checkpoint.exists():
                # `pulumi.automation` looks for this text.
                raise StackNotFoundError(f"no stack named '{ref}' found")
            return ref
        selected = self.selected
        if selected is None:
            raise StackNotFoundError("no stack selected; specify a stack name with --stack")
        return selected

    @functools.cached_property
    def selected(self) -> StackRef | None:
        """The selected stack, if there is one and it still exists."""
        name = home.selected_stack(self.project, self.url) if self.project else None
        ref = self.parse(name) if name else None
        return ref if ref and ref.checkpoint.exists() else None

    @functools.cached_property
    def checkpoint(self) -> Checkpoint:
        """The stack's state, secrets sealed."""
        return checkpoint.read(self.stack)

    @functools.cached_property
    def file(self) -> StackFile:
        """The stack's configuration."""
        named = getattr(self.args, "config_file", None)
        project = self.needed_project
        return StackFile(Path(named) if named else project.stack_file(self.stack.name), project)

    @functools.cached_property
    def secrets(self) -> SecretsManager:
        """The stack's secrets; the salt of the state serves where the file has none."""
        return self.file.secrets(self.checkpoint.salt)

    @property
    def interactive(self) -> bool:
        """Whether there is someone to ask."""
        return sys.stdin.isatty() and sys.stdout.isatty() and not self.args.non_interactive

    def confirm_by_name(self, prompt: str, name: str) -> None:
        """Have the user type the stack's name; an error if that is not possible or not done."""
        if not self.interactive:
            raise EngineError("non-interactive mode requires --yes flag")
        sys.stdout.write(f"{prompt}\nPlease confirm that this is what you'd like to do by typing `{name}`: ")
        sys.stdout.flush()
        if sys.stdin.readline().strip() != name:
            raise EngineError("confirmation declined")


def named_stack(args: argparse.Namespace) -> str | None:
    """The stack given as an argument or with --stack, but not both."""
    words: list[str] = args.words
    if len(words) > 1 or (words and args.stack):
        raise UsageError("only one of --stack or argument stack name may be specified, not both")
    return words[0] if words else args.stack


def skip_confirmations() -> bool:
    """Whether PULUMI_SKIP_CONFIRMATIONS says yes to everything."""
    return os.environ.get("PULUMI_SKIP_CONFIRMATIONS", "").lower() in ("1", "true")
