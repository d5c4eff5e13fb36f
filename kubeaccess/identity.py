"""The chosen cluster and user of a kubeconfig, proved usable before anything is sent."""

from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from kubeaccess.entries import EXEC_VERSIONS, Cluster, User
from kubeaccess.errors import KubeconfigError, one_line

PROXY_SCHEMES = ("http", "https", "socks5")


@dataclass(frozen=True)
class Identity:
    """An API server and who speaks to it. `folder` is where login plugins run."""

    context: str
    cluster_name: str
    user_name: str
    cluster: Cluster
    user: User
    folder: Path

    @property
    def is_secure(self) -> bool:
        """Whether the API server speaks TLS; credentials are sent to no other, as by kubectl."""
        return self.cluster.server.startswith("https://")


def checked(identity: Identity) -> Identity:
    """The identity, with its server's URL complete. Raises KubeconfigError with the reason client-go has, or ours."""
    cluster, user = identity.cluster, identity.user
    _check_cluster(cluster, identity.cluster_name)
    identity = replace(identity, cluster=replace(cluster, server=_server(identity)))
    _check_user(user, f"user {identity.user_name!r}")
    for path in (cluster.authority, user.certificate, user.key, None if user.token else user.token_file):
        if path is not None:
            _check_readable(path)
    return identity


def _check_cluster(cluster: Cluster, name: str) -> None:
    who = f"cluster {name!r}"
    if not cluster.server:
        raise KubeconfigError(f"{who} has no server")
    has_authority = bool(cluster.authority or cluster.authority_data)
    if cluster.authority and cluster.authority_data:
        raise KubeconfigError(f"{who} has both certificate-authority and certificate-authority-data; keep one")
    if cluster.insecure and has_authority:
        raise KubeconfigError(f"{who} has insecure-skip-tls-verify and a certificate authority; keep one")
    if cluster.proxy:
        check_proxy(cluster.proxy, f"proxy-url of {who}")


def check_proxy(url: str, name: str) -> None:
    """Raises KubeconfigError where a proxy's URL cannot be used. Its password is never said."""
    try:
        parts = urlsplit(url)
        usable = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        raise KubeconfigError(f"{name} is no URL") from None
    if parts.scheme not in PROXY_SCHEMES or not usable:
        raise KubeconfigError(f"{name} must be a URL with http://, https:// or socks5://")


def _server(identity: Identity) -> str:
    """The URL with its scheme: http where it names none, as client-go has it."""
    text = identity.cluster.server
    who = f"the server of cluster {identity.cluster_name!r}"
    if "://" not in text:
        text = f"http://{text}"
    try:
        parts = urlsplit(text)
        usable = bool(parts.hostname) and (parts.port is None or parts.port > 0) and text.isprintable()
    except ValueError:
        usable = False
    if not usable or parts.scheme not in ("http", "https") or " " in text:
        raise KubeconfigError(f"{who} is no URL with http:// or https://")
    if parts.username is not None:
        raise KubeconfigError(f"{who} has a user name in it; write it under users")
    return urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/"), "", ""))


def _check_user(user: User, who: str) -> None:
    if user.provider is not None:
        raise KubeconfigError(
            f"{who} logs in by auth-provider {one_line(user.provider)!r}, which is not supported; use an exec plugin, "
            "such as kubelogin for oidc"
        )
    if user.token and (user.username or user.password):
        raise KubeconfigError(f"{who} has both a token and a password; keep one")
    if user.has_certificate:
        if user.certificate and user.certificate_data:
            raise KubeconfigError(f"{who} has both client-certificate and client-certificate-data; keep one")
        if user.key and user.key_data:
            raise KubeconfigError(f"{who} has both client-key and client-key-data; keep one")
        if not (user.key or user.key_data):
            raise KubeconfigError(f"{who} has a client certificate, but neither client-key nor client-key-data")
    as_whom = user.impersonation
    if (as_whom.uid or as_whom.groups or as_whom.extra) and not as_whom.user:
        raise KubeconfigError(f"{who} has as-uid, as-groups or as-user-extra, but no `as`")
    for text in (user.token, user.username, as_whom.user, as_whom.uid, *as_whom.groups):
        if not text.isprintable():
            raise KubeconfigError(f"{who} has a token or a name that no header can carry (a newline, say)")
    _check_plugin(user, who)


def _check_plugin(user: User, who: str) -> None:
    plugin = user.plugin
    if plugin is None:
        return
    if not plugin.command:
        raise KubeconfigError(f"{who}: exec names no command")
    if plugin.version not in EXEC_VERSIONS:
        known = " or ".join(EXEC_VERSIONS)
        raise KubeconfigError(f"{who}: exec has apiVersion {one_line(plugin.version)!r}; supported are {known}")
    if plugin.mode not in ("Never", "IfAvailable", "Always"):
        raise KubeconfigError(f"{who}: exec must have interactiveMode: Never or IfAvailable")
    if plugin.mode == "Always":
        raise KubeconfigError(
            f"{who}: exec has interactiveMode Always, but nobody can be asked here; use a plugin that does not ask"
        )
    if "" in plugin.environment or any("=" in name for name in plugin.environment):
        raise KubeconfigError(f"{who}: exec.env has an entry without a usable name")


def _check_readable(path: Path) -> None:
    try:
        with path.open("rb"):
            pass
    except (OSError, ValueError) as error:
        raise KubeconfigError(f"{path} cannot be read: {getattr(error, 'strerror', None) or 'no such name'}") from None
