"""The check that a manifest is whole before it is taken over: what the API server would refuse, by the manifest's own
paths. A patch of kustomize's or a template with gaps is no workload yet.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from components.podspec.check import Path, findings
from components.podspec.merge import DIRECTIVE
from components.podspec.types import Kind, is_type, types
from components.rules.errors import ConfigError
from components.rules.problem import Problem
from components.settings.fragment import AUTOSCALER, SERVICE
from components.settings.problems import render_path
from components.settings.validators import is_image
from components.takeover.scalers import of_version_2
from components.takeover.templates import without_null
from components.takeover.workloads import BUDGET, SCALERS, Workload, name_of
from contract.text import quoted

Json = dict[str, Any]
_PODS = ("containers", "initContainers")
_ACTIONS = ("httpGet", "tcpSocket", "grpc", "exec")
_NEEDED: Mapping[str, tuple[str, ...]] = {  # type -> the fields without which Kubernetes refuses it
    "ConfigMapEnvSource": ("name",),
    "ExecAction": ("command",),
    "GRPCAction": ("port",),
    "HTTPGetAction": ("port",),
    "HTTPHeader": ("name", "value"),
    "LocalObjectReference": ("name",),
    "SecretEnvSource": ("name",),
    "SleepAction": ("seconds",),
    "TCPSocketAction": ("port",),
}
_OF_SPEC = (  # mappings of a workload's spec, and the texts in them
    ("strategy", "rollingUpdate"),
    ("updateStrategy", "rollingUpdate"),
    ("persistentVolumeClaimRetentionPolicy",),
    ("ordinals",),
)
_TEXTS = ("type", "whenDeleted", "whenScaled")
_RENDER = "give the rendered manifests: kustomize build …, helm template …, envsubst"
_NOT_YET = "a patch or a template is no workload yet"
_NO_POD = "the API server refuses it: no pod could run"


def check_whole(one: Workload) -> None:
    """Raise ConfigError with all that a workload and what stands beside it lack, or have of another type."""
    if problems := [*_workload(one), *_beside(one)]:
        raise ConfigError(problems)


def _workload(one: Workload) -> Iterator[Problem]:
    spec = one.item.get("spec")
    template = spec.get("template") if isinstance(spec, Mapping) else None
    pod = template.get("spec") if isinstance(template, Mapping) else None
    if not isinstance(spec, Mapping) or not isinstance(template, Mapping) or not isinstance(pod, Mapping):
        yield Problem(f"{one.name}: spec.template", "it has no pod template", _NOT_YET, _RENDER)
        return
    metadata = {} if template.get("metadata") is None else template["metadata"]
    labelled = isinstance(metadata, Mapping)
    own = {key: metadata[key] for key in ("labels", "annotations") if key in metadata} if labelled else metadata
    found = list(_typed(one.name, own, "ObjectMeta", "spec.template.metadata"))
    found += _typed(one.name, pod, "PodSpec", "spec.template.spec")
    found += _metadata(one.name, one.item)
    found += _strategies(one.name, spec)
    yield from found or _containers(one.name, without_null(pod))
    if one.stateful and not found:
        yield from _claims(one.name, without_null(spec).get("volumeClaimTemplates") or [])


def _metadata(owner: str, item: Json, path: str = "metadata") -> Iterator[Problem]:
    own = {key: item["metadata"][key] for key in ("labels", "annotations") if key in item["metadata"]}
    yield from _typed(owner, own, "ObjectMeta", path)


def _strategies(owner: str, spec: Mapping[str, Any]) -> Iterator[Problem]:
    for path in _OF_SPEC:
        found: Any = spec
        for place, name in enumerate(path):
            found = found.get(name)
            if found is None:
                break
            at = f"{owner}: spec.{'.'.join(path[: place + 1])}"
            if not isinstance(found, Mapping):
                yield Problem(at, "it is no mapping of keys to values", _NO_POD, "write keys and values")
                break
            for key in _TEXTS:
                if not isinstance(found.get(key, ""), str):
                    yield Problem(f"{at}.{key}", f"{key} is no text", _NO_POD, f"write {key} as Kubernetes has it")


def _typed(owner: str, value: Any, kind: str, path: str) -> Iterator[Problem]:
    """What is of another type than Kubernetes has there."""
    for found in findings(value, kind, path.rpartition(".")[2]):
        if not found.merging:
            yield Problem(f"{owner}: {render_path(path, found.at)}", found.what, found.why, found.fix)
    for at, name in _missing(Kind(kind), value, ()):
        yield Problem(f"{owner}: {render_path(path, at)}", f"it has no {name}", _NO_POD, f"add {name}")
    for at in _directives(value, ()):
        yield Problem(f"{owner}: {render_path(path, at)}", f"{at[-1]} is a word of patches", _NOT_YET, _RENDER)


def _missing(kind: Kind, value: Any, at: Path) -> Iterator[tuple[Path, str]]:
    """What has to be there and is not, of a value whose types may be wrong elsewhere."""
    if kind.form == "list" and isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _missing(kind.inner, inner, (*at, place))
    elif kind.form == "one" and is_type(kind) and isinstance(value, Mapping):
        yield from ((at, name) for name in _NEEDED.get(kind.name, ()) if value.get(name) is None)
        for name, inner in types()[kind.name].items():
            yield from _missing(inner, value.get(name), (*at, name))


def _directives(value: Any, at: Path) -> Iterator[Path]:
    items = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        if key == DIRECTIVE:
            yield (*at, key)
        else:
            yield from _directives(inner, (*at, key))


def _containers(owner: str, pod: Json) -> Iterator[Problem]:
    at = f"{owner}: spec.template.spec"
    if not pod.get("containers"):
        yield Problem(f"{at}.containers", "there is none", _NO_POD, _RENDER)
    for kind in _PODS:
        for place, container in enumerate(pod.get(kind) or ()):
            where = f"{at}.{kind}[{place}]"
            image = str(container.get("image") or "")
            if not is_image(image):
                what = f"{quoted(image)} is no reference of an image" if image else f"{container['name']} has none"
                yield Problem(f"{where}.image", what, _NO_POD, _RENDER)
            for name in ("readinessProbe", "livenessProbe", "startupProbe"):
                if (probe := container.get(name)) is not None:
                    yield from _probe(f"{where}.{name}", probe)


def _probe(at: str, probe: Json) -> Iterator[Problem]:
    actions = [name for name in _ACTIONS if name in probe]
    if len(actions) != 1:
        said = " and ".join(actions) or f"none of {', '.join(_ACTIONS)}"
        yield Problem(at, f"it has {said}; a probe does one thing", _NO_POD, "keep one of them")


def _claims(owner: str, claims: Any) -> Iterator[Problem]:
    for place, claim in enumerate(claims if isinstance(claims, list) else [claims]):
        at = f"spec.volumeClaimTemplates[{place}]"
        meta, wanted = (claim.get(name) if isinstance(claim, Mapping) else None for name in ("metadata", "spec"))
        if not isinstance(meta, Mapping) or not isinstance(meta.get("name"), str) or not isinstance(wanted, Mapping):
            yield Problem(f"{owner}: {at}", "a claim needs metadata.name and spec", _NO_POD, "add what is missing")
            continue
        yield from _metadata(owner, claim, f"{at}.metadata")
        yield from _typed(owner, wanted, "PersistentVolumeClaimSpec", f"{at}.spec")


def _beside(one: Workload) -> Iterator[Problem]:
    for service in one.services:
        yield from _service(service)
    for each in one.beside:
        yield from _metadata(f"{each['kind']} {name_of(each)}", each)
        if each["kind"] == SCALERS[0]:
            yield from _typed(f"{each['kind']} {name_of(each)}", of_version_2(each)["spec"], _spec(AUTOSCALER), "spec")
        elif each["kind"] == BUDGET:
            yield from _typed(f"{each['kind']} {name_of(each)}", each["spec"], _spec(BUDGET), "spec")


def _service(service: Json) -> Iterator[Problem]:
    owner = f"Service {name_of(service)}"
    found = [*_metadata(owner, service), *_typed(owner, service["spec"], _spec(SERVICE), "spec")]
    yield from found
    ports = [] if found else without_null(service["spec"]).get("ports") or []
    for place, port in enumerate(ports):
        if len(ports) > 1 and not port.get("name"):
            yield Problem(
                f"{owner}: spec.ports[{place}].name",
                f"port {port['port']} has no name, and there are {len(ports)} ports",
                "the API server refuses a Service of several ports where one has no name",
                "name each of them",
            )


def _spec(kind: str) -> str:
    return types()[kind]["spec"].name
