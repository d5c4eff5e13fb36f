"""The config of a service that resembles what is live, so that its next release does too, and what it cannot hold.

Pure. Numbers that are Kubernetes' own defaults are left out: they were nobody's choice.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from contract.secrets import looks_secret, masked
from cutover.adopt.beside import carried
from cutover.adopt.found import Found

Json = dict[str, Any]

# Keys of a pod's spec that are carried over, or that the API server fills in.
_KNOWN_OF_POD = frozenset(
    {
        "containers",
        "dnsPolicy",
        "imagePullSecrets",
        "restartPolicy",
        "schedulerName",
        "securityContext",
        "serviceAccount",
        "serviceAccountName",
        "terminationGracePeriodSeconds",
        "volumes",
        "initContainers",
        "enableServiceLinks",
        "automountServiceAccountToken",
        "topologySpreadConstraints",
    }
)
_KNOWN_OF_CONTAINER = frozenset(
    {
        "args",
        "command",
        "env",
        "envFrom",
        "image",
        "imagePullPolicy",
        "lifecycle",
        "livenessProbe",
        "name",
        "ports",
        "readinessProbe",
        "resources",
        "securityContext",
        "startupProbe",
        "terminationMessagePath",
        "terminationMessagePolicy",
        "volumeMounts",
    }
)
_PROBE = {  # Kubernetes' key: ours, and Kubernetes' default
    "periodSeconds": ("period_seconds", 10),
    "timeoutSeconds": ("timeout_seconds", 1),
    "failureThreshold": ("failure_threshold", 3),
    "successThreshold": ("success_threshold", 1),
    "initialDelaySeconds": ("initial_delay_seconds", 0),
}


@dataclass(frozen=True)
class AdoptOptions:
    """What the command line says of the entry."""

    strategy: str
    color: str
    version: str
    build: int
    readiness: str | None = None


@dataclass
class Entry:
    """The service's settings, and what of the live pods they do not hold, a line each."""

    settings: Json = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)


def make_entry(found: Found, asked: AdoptOptions) -> Entry:
    """The entry for the stack's file."""
    made = Entry()
    settings, spec = made.settings, found.deployment["spec"]
    pod, container = spec["template"]["spec"], found.container
    settings["strategy"] = asked.strategy
    if asked.strategy == "blue-green":
        settings["active"] = asked.color
    settings |= {"adopt_service": True, "replicas": spec.get("replicas", 1), "port": found.target_port}
    (port,) = found.service["spec"]["ports"]
    if port["port"] != 80:
        settings["service_port"] = port["port"]
    if isinstance(port.get("targetPort"), str) and port["targetPort"] != "http":
        settings["port_name"] = port["targetPort"]
    _probes(made, found, container, asked)
    _process(made, container)
    _environment(made, container)
    _stop(made, pod, container)
    _security(made, pod, container)
    _volumes(made, pod, container)
    _names(made, pod)
    if spec.get("minReadySeconds"):
        settings["min_ready_seconds"] = spec["minReadySeconds"]
    if labels := carried(found):
        settings["pod_labels"] = labels
    made.lost += _left_out(found, pod, container)
    settings["release" if asked.strategy == "rolling" else asked.color] = {
        "version": asked.version,
        "build": asked.build,
        "image": container["image"],
        "adopt": {"deployment": found.deployment["metadata"]["name"], "selector": found.selector},
    }
    return made


def _probes(made: Entry, found: Found, container: Json, asked: AdoptOptions) -> None:
    numbers = {port.get("name"): port["containerPort"] for port in container.get("ports") or []}
    for ours, theirs in (("readiness", "readinessProbe"), ("liveness", "livenessProbe"), ("startup", "startupProbe")):
        probe = container.get(theirs)
        get = (probe or {}).get("httpGet")
        if probe and get and get.get("scheme", "HTTP") == "HTTP":
            settings: Json = {"path": get.get("path", "/")}
            number = numbers.get(get["port"], get["port"])
            if number != found.target_port:
                settings["port"] = number
            settings |= {name: probe[key] for key, (name, usual) in _PROBE.items() if probe.get(key, usual) != usual}
            made.settings[ours] = settings
        elif probe:
            made.lost.append(f"{theirs}: new pods are asked by plain HTTP GET only; set {ours}.path")
    if asked.readiness:
        made.settings["readiness"] = {**made.settings.get("readiness", {}), "path": asked.readiness}
    elif "readiness" not in made.settings and not container.get("readinessProbe"):
        made.lost.append("it has no readinessProbe: a new release gets GET /readyz; set readiness.path (--readiness)")


def _process(made: Entry, container: Json) -> None:
    for key in ("command", "args"):
        words = [str(word) for word in container.get(key) or []]
        if masked(" ".join(words)) != " ".join(words) or any(masked(word) != word for word in words):
            made.lost.append(
                f"{key}: what looks like a secret in it is not written to the file; hand it in by `secrets`"
            )
        elif words:
            made.settings[key] = words
    resources = {
        kind: {key: str(given[key]) for key in ("cpu", "memory") if key in given}
        for kind, given in (container.get("resources") or {}).items()
        if kind in ("requests", "limits")
    }
    if resources := {kind: given for kind, given in resources.items() if given}:
        made.settings["resources"] = resources


def _environment(made: Entry, container: Json) -> None:
    plain = {one["name"]: one.get("value", "") for one in container.get("env") or [] if "valueFrom" not in one}
    secret = {name for name, value in plain.items() if looks_secret(name, value)}
    if shown := {name: value for name, value in plain.items() if name not in secret}:
        made.settings["env"] = shown
    made.lost += [
        f"env {name}: it looks like a secret, so its value is not written to the file; "
        f"`pulumi config set --secret cutover:{_key(name)}`, and write {name}: {_key(name)} below `secrets`"
        for name in plain
        if name in secret
    ]
    made.lost += [
        f"env {one['name']}: its value is from a {next(iter(one['valueFrom']))}; use env_from_secrets, or a config map"
        for one in container.get("env") or []
        if "valueFrom" in one
    ]
    for ours, theirs in (("env_from_config_maps", "configMapRef"), ("env_from_secrets", "secretRef")):
        sources = [one for one in container.get("envFrom") or [] if theirs in one]
        if names := [one[theirs]["name"] for one in sources if not one.get("prefix")]:
            made.settings[ours] = names
        made.lost += [f"envFrom {one[theirs]['name']}: its prefix" for one in sources if one.get("prefix")]


def _key(variable: str) -> str:
    """The key of the stack's secret config for a variable: `DB_PASSWORD` -> `db-password`."""
    return re.sub(r"[^a-z0-9]+", "-", variable.lower()).strip("-") or "secret"


def _stop(made: Entry, pod: Json, container: Json) -> None:
    grace = pod.get("terminationGracePeriodSeconds", 30)
    if grace != 30:
        made.settings["termination_grace_seconds"] = grace
    sleep = ((container.get("lifecycle") or {}).get("preStop") or {}).get("sleep")
    if sleep:
        made.settings["drain_seconds"] = sleep["seconds"]
    elif grace <= 5:  # ours would not fit into it
        made.settings["drain_seconds"] = max(grace - 2, 0)
    if container.get("lifecycle") and not sleep:
        made.lost.append("lifecycle hooks: new pods pause drain_seconds before SIGTERM")


def _security(made: Entry, pod: Json, container: Json) -> None:
    given = {**(pod.get("securityContext") or {}), **(container.get("securityContext") or {})}
    security: Json = {}
    if "runAsUser" in given:
        security["run_as_user"] = given["runAsUser"]
    else:
        made.lost.append("the image's own user: new pods run as 65532; set security.run_as_user if that is another")
    if "runAsGroup" in given:
        security["run_as_group"] = given["runAsGroup"]
    if given.get("runAsUser") == 0:
        security["run_as_non_root"] = False
    if not given.get("readOnlyRootFilesystem"):
        security["read_only_root_filesystem"] = False
    if added := (given.get("capabilities") or {}).get("add"):
        security["add_capabilities"] = added
    if security:
        made.settings["security"] = security


def _volumes(made: Entry, pod: Json, container: Json) -> None:
    volumes = {volume["name"]: volume for volume in pod.get("volumes") or []}
    paths = []
    for mount in container.get("volumeMounts") or []:
        if "emptyDir" in volumes.get(mount["name"], {}) and not mount.get("subPath"):
            paths.append(mount["mountPath"])
        else:
            made.lost.append(f"volume {mount['name']} at {mount['mountPath']}")
    if paths:
        made.settings["writable_paths"] = paths


def _names(made: Entry, pod: Json) -> None:
    if secrets := [one["name"] for one in pod.get("imagePullSecrets") or []]:
        made.settings["image_pull_secrets"] = secrets
    if pod.get("serviceAccountName", "default") != "default":
        made.settings["service_account"] = pod["serviceAccountName"]


def _left_out(found: Found, pod: Json, container: Json) -> Iterator[str]:
    for other in pod["containers"]:
        if other["name"] != container["name"]:
            yield f"container {other['name']}"
    for first in pod.get("initContainers") or []:
        yield f"init container {first['name']}"
    for port in container.get("ports") or []:
        if port["containerPort"] != found.target_port:
            yield f"container port {port.get('name') or port['containerPort']}"
    meta = found.deployment["spec"]["template"]["metadata"]
    for key in sorted(meta.get("annotations") or {}):
        yield f"pod annotation {key}"
    for key in sorted({*pod} - _KNOWN_OF_POD):
        yield key
    for key in sorted({*container} - _KNOWN_OF_CONTAINER):
        yield key
    if found.deployment["spec"].get("strategy", {}).get("type") == "Recreate":
        yield "strategy Recreate: two releases will run side by side; do not adopt what cannot bear that"
