"""The entries of a kubeconfig as records. Paths in them are absolute. Secrets are in no repr."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kubeaccess.fields import Fields

EXEC_VERSIONS = ("client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1")
EXEC_EXTENSION = "client.authentication.k8s.io/exec"


@dataclass(frozen=True)
class Context:
    """A pair of a cluster and a user, by their names; empty where it names none."""

    cluster: str = ""
    user: str = ""

    @staticmethod
    def read(entry: Fields) -> "Context":
        """One context."""
        entry.text("namespace")
        return Context(entry.text("cluster"), entry.text("user"))


@dataclass(frozen=True)
class Cluster:
    """An API server and how it proves itself. `server_name` is what its certificate must name, if not its host."""

    server: str = ""
    server_name: str = ""
    insecure: bool = False
    authority: Path | None = None
    authority_data: bytes = field(default=b"", repr=False)
    proxy: str = field(default="", repr=False)
    exec_config: Any = field(default=None, repr=False)

    @staticmethod
    def read(entry: Fields, folder: Path) -> "Cluster":
        """One cluster."""
        extension = [part.raw("extension") for part in entry.parts("extensions") if part.text("name") == EXEC_EXTENSION]
        return Cluster(
            entry.text("server"),
            entry.text("tls-server-name"),
            entry.flag("insecure-skip-tls-verify"),
            _path(entry, "certificate-authority", folder),
            entry.data("certificate-authority-data"),
            entry.text("proxy-url"),
            extension[0] if extension else None,
        )


@dataclass(frozen=True)
class Plugin:
    """A command that logs in (`users[].user.exec`). Its environment may hold secrets."""

    version: str
    command: str
    arguments: tuple[str, ...] = field(default=(), repr=False)
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    hint: str = ""
    wants_cluster: bool = False
    mode: str = "IfAvailable"

    @staticmethod
    def read(entry: Fields, folder: Path) -> "Plugin":
        """One login plugin; a command without a slash is looked up in the PATH."""
        command, version = entry.text("command"), entry.text("apiVersion")
        # The older version had no such field, and means this.
        mode = entry.text("interactiveMode") or ("IfAvailable" if version == EXEC_VERSIONS[1] else "")
        return Plugin(
            version,
            str(folder / command) if "/" in command else command,
            entry.texts("args"),
            {part.text("name"): part.text("value") for part in entry.parts("env")},
            entry.text("installHint"),
            entry.flag("provideClusterInfo"),
            mode,
        )


@dataclass(frozen=True)
class Impersonation:
    """The identity that the requests are made as, by the right of who makes them."""

    user: str = ""
    uid: str = ""
    groups: tuple[str, ...] = ()
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class User:
    """An identity and its proofs."""

    certificate: Path | None = None
    certificate_data: bytes = field(default=b"", repr=False)
    key: Path | None = None
    key_data: bytes = field(default=b"", repr=False)
    token: str = field(default="", repr=False)
    token_file: Path | None = None
    username: str = ""
    password: str = field(default="", repr=False)
    plugin: Plugin | None = None
    provider: str | None = None
    impersonation: Impersonation = Impersonation()

    @property
    def has_certificate(self) -> bool:
        """Whether it proves itself by a certificate that the file names."""
        return bool(self.certificate or self.certificate_data)

    @property
    def is_known(self) -> bool:
        """Whether it has any proof at all."""
        proofs = (self.token, self.token_file, self.username, self.plugin, self.has_certificate)
        return any(proofs) or self.provider is not None

    @staticmethod
    def read(entry: Fields, folder: Path) -> "User":
        """One user."""
        provider, plugin = entry.part("auth-provider"), entry.part("exec")
        return User(
            _path(entry, "client-certificate", folder),
            entry.data("client-certificate-data"),
            _path(entry, "client-key", folder),
            entry.data("client-key-data"),
            entry.text("token"),
            _path(entry, "tokenFile", folder),
            entry.text("username"),
            entry.text("password"),
            Plugin.read(plugin, folder) if plugin else None,
            provider.text("name") if provider else None,
            Impersonation(
                entry.text("as"), entry.text("as-uid"), entry.texts("as-groups"), entry.lists("as-user-extra")
            ),
        )


def _path(entry: Fields, key: str, folder: Path) -> Path | None:
    text = entry.text(key)
    return folder / text if text else None
