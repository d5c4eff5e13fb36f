"""Commands about the machine and not about one stack's state: login, whoami, plugins, and the lifting of locks."""

import argparse
import sys

from sandbox.engine.backend import home, lock
from sandbox.engine.backend import project as projects
from sandbox.engine.backend.errors import EngineError, Exit
from sandbox.engine.cli import flags, tables
from sandbox.engine.cli.session import Session, named_stack


def add_flags(parser: argparse.ArgumentParser, command: str) -> None:
    """The flags of these commands."""
    if command in ("whoami", "plugin ls"):
        flags.switch(parser, "-j", "--json", text="print JSON")
    if command == "whoami":
        flags.switch(parser, "--verbose-info")
    if command in ("login", "logout"):
        parser.add_argument("-c", "--cloud-url", help="the backend's URL")
        flags.switch(parser, "-l", "--local", text="the backend in the home folder, file://~")
    if command == "logout":
        flags.switch(parser, "-a", "--all", text="every backend")
    if command == "cancel":
        parser.add_argument("-s", "--stack", help="the stack")
        flags.switch(parser, "-y", "--yes", text="do not ask")
    if command.startswith("plugin ") or command == "install":
        for name in ("--reinstall", "--no-plugins", "--no-dependencies", "--use-language-version-tools", "--exact"):
            flags.switch(parser, name)
        flags.switch(parser, "-y", "--yes")
        parser.add_argument("--server", help=argparse.SUPPRESS)


def whoami(args: argparse.Namespace) -> int:
    """The user, and where the state is."""
    flags.arguments(args, 0, 0, "")
    url = home.backend_url(projects.find())
    home.open_backend(url)
    user = home.user()
    if args.json:
        tables.print_json({"user": user, "url": url})
    else:
        sys.stdout.write(f"{user}\n")
    return Exit.OK


def login(args: argparse.Namespace) -> int:
    """Choose a file backend."""
    words = flags.arguments(args, 0, 1, "[url]")
    url = words[0] if words else args.cloud_url or ("file://~" if args.local else None)
    url = url or home.backend_url(projects.find())
    folder = home.open_backend(url)
    home.log_in(url)
    sys.stdout.write(
        f"Logged in to {url} as {home.user()}: state is kept in {folder / '.pulumi'} (no network, no account)\n"
    )
    return Exit.OK


def logout(args: argparse.Namespace) -> int:
    """Forget a backend. The state in it stays."""
    words = flags.arguments(args, 0, 1, "[url]")
    url = home.log_out(words[0] if words else args.cloud_url or ("file://~" if args.local else None))
    sys.stdout.write(f"Logged out of {url}; the state in it stays\n" if url else "Not logged in\n")
    return Exit.OK


def install(args: argparse.Namespace) -> int:
    """Nothing to install: the engine has its Kubernetes provider built in."""
    flags.arguments(args, 0, 1, "[path]")
    project = projects.require()
    sys.stdout.write(
        "Nothing to install: the sandbox's engine has its Kubernetes provider built in, and the program runs in "
        f"{project.python}. Its packages: `pip install -r requirements.txt`.\n"
    )
    return Exit.OK


def plugin_list(args: argparse.Namespace) -> int:
    """The engine has no plugins."""
    flags.arguments(args, 0, 0, "")
    sys.stdout.write("[]\n" if args.json else "No plugins: the Kubernetes provider is built into the engine\n")
    return Exit.OK


def plugin_install(args: argparse.Namespace) -> int:
    """Nothing to do for the built-in provider; an error for any other, as its resources could not be deployed."""
    words = flags.arguments(args, 0, 3, "[kind] [name] [version]")
    name = words[1] if len(words) > 1 else "kubernetes"
    if name not in ("kubernetes", "python"):
        raise EngineError(
            f"plugin {name!r}: the sandbox's engine deploys Kubernetes resources only. Use the Pulumi CLI."
        )
    sys.stdout.write(f"{name}: built into the sandbox's engine, nothing to do\n")
    return Exit.OK


def cancel(args: argparse.Namespace) -> int:
    """Remove the locks of a stack."""
    session = Session(args, named_stack(args))
    ref = session.stack
    if session.interactive and not args.yes:
        session.confirm_by_name(
            f"This will irreversibly cancel the currently running update for '{ref.name}'!", ref.name
        )
    lock.release_all(ref)
    sys.stdout.write(f"The currently running update for '{ref.name}' has been canceled!\n")
    return Exit.OK
