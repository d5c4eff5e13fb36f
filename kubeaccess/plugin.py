"""Login plugins (`users[].user.exec`): the command is run, its answer is read; its output is shown to nobody."""

import base64
import json
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from kubeaccess.entries import Cluster
from kubeaccess.errors import KubeconfigError, LoginError, one_line
from kubeaccess.fields import Fields
from kubeaccess.identity import Identity

PLUGIN_SECONDS = 60.0  # kubectl waits for ever; a release must not


@dataclass(frozen=True)
class Credential:
    """The credential that a plugin gave: a token, a certificate with its key (in PEM), or both; None where it does not
    expire.
    """

    token: str = field(default="", repr=False)
    certificate: bytes = field(default=b"", repr=False)
    key: bytes = field(default=b"", repr=False)
    expires: datetime | None = None

    @property
    def is_valid(self) -> bool:
        """Whether it has not expired."""
        return self.expires is None or self.expires > datetime.now(UTC)


def log_in(identity: Identity, seconds: float = PLUGIN_SECONDS) -> Credential:
    """Run the plugin. Raises LoginError, with the plugin's name and the last line that it wrote as its error."""
    import subprocess  # few need it, and each module counts where seconds do

    plugin = identity.user.plugin
    if plugin is None:
        return Credential()
    who = f"the login plugin {one_line(plugin.command)!r} of user {identity.user_name!r}"
    told = json.dumps(_asked(identity))
    environment = {**os.environ, **plugin.environment, "KUBERNETES_EXEC_INFO": told}
    try:
        ended = subprocess.run(
            [plugin.command, *plugin.arguments], cwd=identity.folder, env=environment, stdin=subprocess.DEVNULL,
            capture_output=True, timeout=seconds,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise LoginError(f"{who} gave no answer within {seconds:g} s") from None
    except (FileNotFoundError, NotADirectoryError):
        hint = f"; its installHint: {one_line(plugin.hint)}" if plugin.hint else ""
        raise LoginError(f"{who} is not installed{hint}") from None
    except (OSError, ValueError) as error:
        raise LoginError(f"{who} cannot be run: {getattr(error, 'strerror', None) or 'a bad argument'}") from None
    if ended.returncode:
        said = ended.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise LoginError(
            f"{who} failed with exit code {ended.returncode}: {one_line(said[0]) if said else 'no reason'}"
        )
    return _credential(ended.stdout, plugin.version, who)


def _asked(identity: Identity) -> dict[str, Any]:
    spec: dict[str, Any] = {"interactive": False}
    if identity.user.plugin and identity.user.plugin.wants_cluster:
        spec["cluster"] = _cluster(identity.cluster)
    version = identity.user.plugin.version if identity.user.plugin else ""
    return {"apiVersion": version, "kind": "ExecCredential", "spec": spec}


def _cluster(cluster: Cluster) -> dict[str, Any]:
    authority = cluster.authority_data or (cluster.authority.read_bytes() if cluster.authority else b"")
    said = {
        "server": cluster.server,
        "tls-server-name": cluster.server_name,
        "insecure-skip-tls-verify": cluster.insecure,
        "certificate-authority-data": base64.b64encode(authority).decode(),
        "proxy-url": cluster.proxy,
        "config": cluster.exec_config,
    }
    return {key: value for key, value in said.items() if value}


def _credential(output: bytes, version: str, who: str) -> Credential:
    wrong = f"{who} gave no ExecCredential"
    try:
        answer = Fields(json.loads(output), "its answer")
        if answer.text("kind") != "ExecCredential" or answer.text("apiVersion") != version:
            raise LoginError(f"{wrong} of version {version}")
        status = answer.part("status")
        if status is None:
            raise LoginError(f"{wrong} with a status")
        token, pair = status.text("token"), (status.text("clientCertificateData"), status.text("clientKeyData"))
        expires = _time(status.text("expirationTimestamp"))
    except (ValueError, RecursionError):
        raise LoginError(f"{wrong}: it is not JSON, or has no time where one belongs") from None
    except KubeconfigError as error:
        raise LoginError(f"{wrong}: {error}") from None
    if bool(pair[0]) != bool(pair[1]) or not (token or pair[0]):
        raise LoginError(f"{wrong} with a token, or with a client certificate and its key")
    if not token.isprintable():
        raise LoginError(f"{wrong}: no header can carry its token")
    return Credential(token, pair[0].encode(), pair[1].encode(), expires)


def _time(text: str) -> datetime | None:
    if not text:
        return None
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
