"""Which cluster a stack is in: the `kubernetes:` keys of its config, else what kubectl would take."""

import os
import shutil
import subprocess

from cutover.errors import LoginNeeded
from cutover.stackfile.view import KUBECONFIG, StackView
from kubeaccess import Access

DECRYPT_SECONDS = 30


def access_of(view: StackView) -> Access:
    """Where the stack's cluster is. Only a kubeconfig that the file holds encrypted needs the engine: LoginNeeded."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    content = yaml.load(view.path.read_bytes(), Loader=loader) or {}  # noqa: S506 - both are safe loaders
    config = content.get("config") or {}
    given, cluster = config.get(KUBECONFIG), config.get("kubernetes:cluster")
    kubeconfig = _decrypted(view) if isinstance(given, dict) else view.kubeconfig
    return Access(kubeconfig, view.context, cluster if isinstance(cluster, str) else None, view.project)


def _decrypted(view: StackView) -> str:
    command = os.environ.get("CUTOVER_PULUMI") or shutil.which("pulumi") or "pulumi"
    words = [command, "config", "get", KUBECONFIG, "--stack", view.name, "--non-interactive"]
    fix = f"try `pulumi config get {KUBECONFIG} --stack {view.name}`: it needs the login and the passphrase"
    try:
        ended = subprocess.run(words, cwd=view.project, capture_output=True, text=True, timeout=DECRYPT_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise LoginNeeded(f"{KUBECONFIG} of {view.name} is encrypted and cannot be read: {error}", fix) from error
    if ended.returncode:
        said = ended.stderr.strip().splitlines()[-1:] or ["no reason given"]
        raise LoginNeeded(f"{KUBECONFIG} of {view.name} is encrypted and cannot be read: {said[0]}", fix)
    return ended.stdout.strip()
