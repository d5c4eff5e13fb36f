"""Which cluster a stack is in, and the login to it.

The program decides by the same rule: `kubernetes:kubeconfig` and `kubernetes:context` of the stack's config, else what
kubectl would take. Nothing of a kubeconfig's content is ever shown.
"""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from cutover.errors import ClusterUnreachable, LoginNeeded
from cutover.stackfile.view import KUBECONFIG, StackView

if TYPE_CHECKING:
    from lightkube.config.kubeconfig import KubeConfig, SingleConfig

EXEC_V1 = "client.authentication.k8s.io/v1"
DECRYPT_SECONDS = 30
# A look at many stacks has a thread for each, and msgspec (lightkube's records) crashes where two use a type first.
_one_at_a_time = Lock()


@dataclass(frozen=True)
class Access:
    """Where a cluster is: a kubeconfig (path or content) and a context; None means what kubectl would take.

    A path that is not absolute starts at `folder`, the program's working directory.
    """

    kubeconfig: str | None = field(default=None, repr=False)
    context: str | None = None
    folder: Path = Path()


def access_of(view: StackView) -> Access:
    """Where the stack's cluster is. Only a kubeconfig that the file holds encrypted needs the engine: LoginNeeded."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    content = yaml.load(view.path.read_bytes(), Loader=loader) or {}  # noqa: S506 - both are safe loaders
    given = (content.get("config") or {}).get(KUBECONFIG)
    kubeconfig = _decrypted(view) if isinstance(given, dict) else view.kubeconfig
    return Access(kubeconfig, view.context, view.project)


def single_config(access: Access) -> "SingleConfig":
    """The cluster and the identity. Raises ClusterUnreachable where there is no usable kubeconfig."""
    import yaml
    from lightkube.core.exceptions import ConfigError

    try:
        with _one_at_a_time:
            single = _load(access).get(access.context)
    except (ConfigError, OSError) as error:
        raise no_kubeconfig(str(error)) from error
    except yaml.YAMLError:  # its text quotes the file, which may hold a token
        raise no_kubeconfig("it is no YAML") from None
    except Exception as error:  # the many words for a file of another shape; they may quote it, too
        raise no_kubeconfig(f"it is of another shape ({type(error).__name__})") from None
    if single is None:
        raise no_kubeconfig("it names no cluster")
    return _with_current_exec(single)


def no_kubeconfig(problem: str) -> ClusterUnreachable:
    """The error for a kubeconfig that cannot be used."""
    return ClusterUnreachable(
        f"no usable kubeconfig: {problem}",
        "set KUBECONFIG, or `pulumi config set kubernetes:kubeconfig` and `kubernetes:context`",
    )


def _load(access: Access) -> "KubeConfig":
    import yaml
    from lightkube.config.kubeconfig import KubeConfig

    given = access.kubeconfig
    if given is None:
        # kubectl's order, and so the provider's: inside a pod (a CI runner) a kubeconfig goes before the pod's account.
        listed = [Path(part) for part in os.environ.get("KUBECONFIG", "").split(os.pathsep) if part]
        files = [path for path in listed or [Path("~/.kube/config").expanduser()] if path.is_file()]
        if files:
            return KubeConfig.from_dict(_merged(files), fname=files[0])
        return KubeConfig.from_env()  # the pod's account, or the error that names the file
    if "\n" in given or given.lstrip().startswith("{"):
        return KubeConfig.from_dict(yaml.safe_load(given))
    return KubeConfig.from_file(access.folder / Path(given).expanduser())


def _merged(files: list[Path]) -> dict[str, Any]:
    """Several kubeconfigs as one, as kubectl does: the first that names a thing has it."""
    import yaml

    merged: dict[str, Any] = {"clusters": [], "contexts": [], "users": []}
    for path in files:
        content = yaml.safe_load(path.read_text()) or {}
        if content.get("current-context"):
            merged.setdefault("current-context", content["current-context"])
        for kind in ("clusters", "contexts", "users"):
            known = {entry["name"] for entry in merged[kind]}
            merged[kind] += [entry for entry in content.get(kind) or [] if entry["name"] not in known]
    return merged


def _with_current_exec(single: "SingleConfig") -> "SingleConfig":
    """Login plugins of the API's version v1 answer as those of v1beta1 do, the newest that lightkube knows."""
    import msgspec
    from lightkube.config.models import NameValue

    user = single.user
    if user is None or user.exec is None or user.exec.apiVersion != EXEC_V1:
        return single
    asked = {"apiVersion": EXEC_V1, "kind": "ExecCredential", "spec": {"interactive": False}}
    told = NameValue(name="KUBERNETES_EXEC_INFO", value=json.dumps(asked))
    plugin = msgspec.structs.replace(
        user.exec, apiVersion="client.authentication.k8s.io/v1beta1", env=[*(user.exec.env or []), told]
    )
    return single._replace(user=msgspec.structs.replace(user, exec=plugin))


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
