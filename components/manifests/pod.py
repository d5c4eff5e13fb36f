"""The pod template: probes, security, drain. Owns what runs inside a pod; knows nothing of colors or strategies.

Pods pass the "restricted" Pod Security Standard unless a setting says otherwise
(https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from components.manifests import content as travels
from components.manifests.content import Content
from components.manifests.probe import probes_of
from components.podspec.merge import merged
from components.rules.variables import ordered
from components.settings import PodSettings, Release, Security
from contract.labels import CONTAINER


def pod_template(
    settings: PodSettings,
    release: Release,
    *,
    labels: Mapping[str, str],
    spread: Mapping[str, str],
    content: Content,
    variables: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The `spec.template` of a workload.

    `labels` go on the pod; `spread` is the selector that the topology spread counts; `content` is what travels
    with the release. `variables` come before all others, so that those may refer to them as `$(NAME)`. The
    fragments of the service and of the release are merged over it.
    """
    spec = _pod_spec(settings, release, spread, content)
    made = {"metadata": {"labels": {**settings.pod_labels, **labels}}, "spec": spec}
    for fragment in filter(None, (settings.pod, release.pod)):
        made = merged(made, fragment)
    app = app_container(made["spec"])
    if not any(_names_app(fragment) for fragment in (settings.pod, release.pod)):
        rest = [one for one in made["spec"]["containers"] if one is not app]
        made["spec"]["containers"] = [app, *rest]  # a merge puts what is new first; people and tools look at the first
    env = app.get("env", [])
    given = content.variables.union(entry["name"] for entry in env)
    first = [{"name": key, "value": value} for key, value in ordered(variables or {}).items() if key not in given]
    if first:
        app["env"] = first + env
    return made


def app_container(spec: Mapping[str, Any]) -> dict[str, Any]:
    """The application's own container of a pod."""
    found: dict[str, Any] = next(one for one in spec["containers"] if one["name"] == CONTAINER)
    return found


def _names_app(fragment: Mapping[str, Any]) -> bool:
    """Whether the fragment says where the application's container stands among the others."""
    return any(one["name"] == CONTAINER for one in (fragment.get("spec") or {}).get("containers") or ())


@dataclass(frozen=True)
class PodSecurity:
    """The two places of a pod where its security is written."""

    pod: dict[str, Any]
    container: dict[str, Any]


def pod_security(security: Security) -> PodSecurity:
    """The securityContext of a pod and of its container."""
    capabilities: dict[str, Any] = {"drop": ["ALL"]}
    if security.add_capabilities:
        capabilities["add"] = list(security.add_capabilities)
    return PodSecurity(
        pod={
            "runAsNonRoot": security.run_as_non_root,
            "runAsUser": security.run_as_user,
            "runAsGroup": security.run_as_group,
            "fsGroup": security.run_as_group,
            "seccompProfile": {"type": security.seccomp},
        },
        container={
            "allowPrivilegeEscalation": security.allow_privilege_escalation,
            "readOnlyRootFilesystem": security.read_only_root_filesystem,
            "capabilities": capabilities,
        },
    )


def _pod_spec(settings: PodSettings, release: Release, spread: Mapping[str, str], content: Content) -> dict[str, Any]:
    spec: dict[str, Any] = {
        "containers": [_container(settings, release, content)],
        "terminationGracePeriodSeconds": settings.termination_grace_seconds,
        "enableServiceLinks": False,  # or every Service of the namespace becomes variables
        "automountServiceAccountToken": settings.service_account is not None,
        "securityContext": pod_security(settings.security).pod,
    }
    if settings.service_account:
        spec["serviceAccountName"] = settings.service_account
    if settings.image_pull_secrets:
        spec["imagePullSecrets"] = [{"name": name} for name in settings.image_pull_secrets]
    writable = [{"name": f"writable-{i}", "emptyDir": {}} for i, _ in enumerate(settings.writable_paths)]
    if volumes := [*writable, *travels.volumes(content)]:
        spec["volumes"] = volumes
    if settings.topology_spread:
        spec["topologySpreadConstraints"] = [
            {
                "maxSkew": 1,
                "topologyKey": key,
                "whenUnsatisfiable": "ScheduleAnyway",  # DoNotSchedule would stop a release on a cluster short of nodes
                "labelSelector": {"matchLabels": dict(spread)},
            }
            for key in ("topology.kubernetes.io/zone", "kubernetes.io/hostname")
        ]
    return spec


def _container(settings: PodSettings, release: Release, content: Content) -> dict[str, Any]:
    container: dict[str, Any] = {
        "name": CONTAINER,
        "image": release.image,
        "imagePullPolicy": "IfNotPresent",
        "securityContext": pod_security(settings.security).container,
    }
    if settings.port is not None:
        ports = ((settings.port_name, settings.port), *settings.ports.items())
        container["ports"] = [{"name": name, "containerPort": port, "protocol": "TCP"} for name, port in ports]
    container |= probes_of(settings)
    if settings.pause_seconds:
        # The pod leaves the endpoints and is told to stop at the same moment; without this pause requests
        # still on their way find it gone (kubernetes/kubernetes#43576, KEP-3960).
        container["lifecycle"] = {"preStop": {"sleep": {"seconds": settings.pause_seconds}}}
    if settings.command is not None:
        container["command"] = list(settings.command)
    if settings.args is not None:
        container["args"] = list(settings.args)
    if env := {**settings.env, **release.env}:
        container["env"] = [{"name": key, "value": value} for key, value in ordered(env).items()]
    if sources := _env_from(settings, content):
        container["envFrom"] = sources
    writable = [{"name": f"writable-{i}", "mountPath": p} for i, p in enumerate(settings.writable_paths)]
    if mounts := [*writable, *travels.mounts(content)]:
        container["volumeMounts"] = mounts
    if resources := settings.resources.model_dump(exclude_none=True):
        container["resources"] = {key: value for key, value in resources.items() if value}
    return container


def _env_from(settings: PodSettings, content: Content) -> list[dict[str, Any]]:
    """Of two sources with one variable the later wins: the release's own."""
    maps, secrets = travels.env_from(content)
    return [
        *({"configMapRef": {"name": name}} for name in settings.env_from_config_maps),
        *maps,
        *({"secretRef": {"name": name}} for name in settings.env_from_secrets),
        *secrets,
    ]
