"""Which cluster: from a provider's inputs, `kubernetes:*` config, KUBECONFIG or ~/.kube/config."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.engine.kube.errors import UnreachableError

if TYPE_CHECKING:
    from lightkube.config.kubeconfig import SingleConfig

ACCEPTED = frozenset(
    {"kubeconfig", "context", "namespace", "enableServerSideApply", "upsertExistingObjects", "version", "cluster"}
)


@dataclass(frozen=True)
class Access:
    """A provider's settings: `kubeconfig` is a path or the content itself, empty for the ambient one.

    With `upsert` a create takes over an object that is there already.
    """

    kubeconfig: str = ""
    context: str = ""
    namespace: str = ""
    upsert: bool = False


def load(access: Access) -> "SingleConfig":
    """Resolve the settings to one cluster and user.

    Raises:
        UnreachableError: no kubeconfig, or it does not name the context.
    """
    import yaml
    from lightkube.config.kubeconfig import KubeConfig, SingleConfig
    from lightkube.config.models import User
    from lightkube.core.exceptions import ConfigError

    try:
        if "\n" in access.kubeconfig or access.kubeconfig.lstrip().startswith("{"):
            config = KubeConfig.from_dict(yaml.safe_load(access.kubeconfig))
        else:
            config = KubeConfig.from_file(_path(access.kubeconfig))
        single = config.get(access.context or None)
    except (ConfigError, KeyError, TypeError, ValueError, yaml.YAMLError) as error:
        where = "the provider's kubeconfig" if access.kubeconfig else f"kubeconfig {_path('')}"
        raise UnreachableError(
            f"unable to load Kubernetes client configuration from {where}: {error}. "
            "Set KUBECONFIG to a readable file, or `pulumi config set kubernetes:context NAME` to one of its contexts"
        ) from error
    if single is None:
        raise UnreachableError("the kubeconfig names no current context; set `kubernetes:context`")
    return SingleConfig(single.context_name, single.context, single.cluster, single.user or User(), single.fname)


def _path(given: str) -> str:
    if given:
        return given
    listed = [part for part in os.environ.get("KUBECONFIG", "").split(os.pathsep) if part]
    existing = [part for part in listed if Path(part).is_file()]
    return (existing or listed or ["~/.kube/config"])[0]
