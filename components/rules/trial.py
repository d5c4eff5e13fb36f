"""The verdict of a dry run: the API server's refusal with the config key that mends it, or none. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from components.rules.errors import ObjectRefused
from contract.labels import COMPONENT
from contract.secrets import masked

_NO_RIGHT = re.compile(r'is forbidden: User "')  # and not a quota or a policy, which forbid as well
_NO_TRIAL = "does not support dry run"  # of an admission webhook
_UNKNOWN = re.compile(r'unknown field "([^"]+)"|: \.(\S+): field not declared in schema')
_CLAIM = re.compile(r"spec\.volumeClaimTemplates\[([0-9]+)\](.*)")
_MOST_PATHS = 5


@dataclass(frozen=True)
class Answer:
    """An answer of the API server: the HTTP status, its message, and the fields that it names as causes."""

    status: int
    message: str = ""
    fields: tuple[str, ...] = ()


def refusal(service: str, manifest: Mapping[str, Any], answer: Answer) -> ObjectRefused | None:
    """Why the object cannot be made like that; None where it can, or where the answer says nothing of its content."""
    if not _is_about_content(answer):
        return None
    kind, name = manifest["kind"], manifest["metadata"]["name"]
    paths = list(dict.fromkeys(path for field in _fields(answer) if (path := _key(manifest, field))))[:_MOST_PATHS]
    fix = "mend what the config says of it, or ask who set the quota or the policy that is named"
    if paths:
        fix = f"mend {', '.join(paths)} of {service}, in the fragment or in the key that stands for it"
    return ObjectRefused(
        f"the API server refuses {kind.lower()}/{name}: {masked(answer.message)}",
        "`pulumi up` would end there, with a part of the release made",
        fix,
    )


def _is_about_content(answer: Answer) -> bool:
    if answer.status == 500:  # what apply says of a field that it does not know
        return _UNKNOWN.search(answer.message) is not None
    if answer.status == 403:
        return _NO_RIGHT.search(answer.message) is None
    return answer.status in (400, 413, 422) and _NO_TRIAL not in answer.message


def _fields(answer: Answer) -> Iterator[str]:
    yield from answer.fields
    for found in _UNKNOWN.finditer(answer.message):
        yield found[1] or found[2]


def _claim_key(manifest: Mapping[str, Any], field: str) -> str:
    """The same of a claim of a StatefulSet's pods: `spec.volumeClaimTemplates[0].spec.…`."""
    found = _CLAIM.fullmatch(field)
    claims = (manifest["spec"].get("volumeClaimTemplates") or ()) if found else ()
    if found is None or int(found[1]) >= len(claims):
        return ""
    return f"volume_claims.{claims[int(found[1])]['metadata']['name']}{found[2]}"


def _key(manifest: Mapping[str, Any], field: str) -> str:
    """The key of a service's config that such a field of an object comes from; empty where none is known."""
    kind, meta = manifest["kind"], manifest["metadata"]
    if kind in ("HTTPRoute", "GRPCRoute", "VirtualService"):
        return "canary.mirror" if "mirror" in field.lower() else ""
    if kind in ("Deployment", "ReplicaSet", "StatefulSet"):
        _, template, rest = field.partition("spec.template.")
        return f"pod.{rest}" if template else _claim_key(manifest, field)
    if (meta.get("labels") or {}).get(COMPONENT) == "pods":  # a Service that no key makes
        return ""
    further = (meta.get("labels") or {}).get(COMPONENT) == "further"
    service = f"services.{meta['name']}" if further else "service"
    owner = {
        "Service": service,
        "HorizontalPodAutoscaler": "autoscaler",
        "ScaledObject": "autoscaler",
        "PodDisruptionBudget": "budget",
    }.get(kind)
    return f"{owner}.{field}" if owner and field.startswith(("spec.", "metadata.")) else ""
