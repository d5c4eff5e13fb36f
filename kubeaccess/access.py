"""The access to a cluster: from a stack's config to an API server and an identity, by client-go's rules."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kubeaccess.entries import Cluster, Context, User
from kubeaccess.errors import KubeconfigError
from kubeaccess.files import Kubeconfig, given, listed
from kubeaccess.identity import Identity, checked

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")


@dataclass(frozen=True)
class Access:
    """The address of a cluster: a kubeconfig and a context. None, as an empty text, means what kubectl would take.

    Args:
        kubeconfig: its path, or its content.
        context: the context in it.
        cluster: a cluster in it, in place of the context's.
        folder: where relative paths start: the working directory of the program.
    """

    kubeconfig: str | None = field(default=None, repr=False)
    context: str | None = None
    cluster: str | None = None
    folder: Path = Path()


def read(access: Access, environ: Mapping[str, str] = os.environ) -> Identity:
    """The API server and the identity. Reads files; sends and runs nothing.

    Raises KubeconfigError where there is none, or where it asks for what is not supported.
    """
    config = given(access.kubeconfig, access.folder) if access.kubeconfig else listed(environ)
    if config.is_empty and not (access.kubeconfig or access.context or access.cluster):
        return _of_the_pod(environ, access.folder)
    if access.kubeconfig and config.current and config.current not in config.contexts:
        raise KubeconfigError(
            f"the Kubernetes provider cannot use kubernetes:kubeconfig: its current-context {config.current!r} is not "
            "in it, whatever kubernetes:context says; take that line out, or name a context that is there"
        )
    name = access.context or config.current
    if not name and not access.cluster:
        raise KubeconfigError("it names no cluster: there is no current-context")
    context = config.contexts.get(name)
    if name and context is None:
        raise KubeconfigError(
            f"context {name!r} is not in it; there are: {', '.join(sorted(config.contexts)) or 'none'}"
        )
    context = context or Context()
    cluster_name = access.cluster or context.cluster
    user = _user(config, context, name)
    if not access.kubeconfig and not user.is_known:
        raise KubeconfigError(
            f"context {name!r} names no user with credentials; kubectl would ask for a name and a password, "
            "which is not supported"
        )
    cluster = config.clusters.get(cluster_name)
    if cluster is None:
        by = "kubernetes:cluster" if access.cluster else f"context {name!r}"
        raise KubeconfigError(f"{by} names cluster {cluster_name!r}, which is not in it")
    return checked(Identity(name, cluster_name, context.user, cluster, user, access.folder))


def _user(config: Kubeconfig, context: Context, name: str) -> User:
    if not context.user:
        return User()
    if context.user not in config.users:
        raise KubeconfigError(f"context {name!r} names user {context.user!r}, who is not in it")
    return config.users[context.user]


def _of_the_pod(environ: Mapping[str, str], folder: Path) -> Identity:
    """A pod's own account, as kubectl takes it where no kubeconfig says anything."""
    host, port = environ.get("KUBERNETES_SERVICE_HOST"), environ.get("KUBERNETES_SERVICE_PORT")
    token = SERVICE_ACCOUNT / "token"
    if not (host and port and token.is_file()):
        raise KubeconfigError("there is none, and this is not a pod with an account of its own")
    authority = SERVICE_ACCOUNT / "ca.crt"
    server = f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}"
    cluster = Cluster(server, authority=authority if authority.is_file() else None)
    return checked(Identity("the pod's account", "", "", cluster, User(token_file=token), folder))
