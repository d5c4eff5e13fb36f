"""The maker of `types.json`, which says what a pod template and the objects beside it may hold, from the OpenAPI of an
API server.

    for group in api/v1 apis/apps/v1 apis/autoscaling/v2 apis/policy/v1; do
      kubectl get --raw /openapi/v3/$group
    done | python -m components.podspec.generate v1.36

Each type is a mapping from field to kind. A kind is one word: `text`, `integer`, `boolean`, `quantity`, `time`, `port`
(a number or a name), or the name of a type, which begins with a capital letter. Around it: `[kind]` a list,
`[kind]name` a list whose entries are merged by the key `name`, `[kind]*` a list of values that are added up, `{kind}` a
mapping by free keys, `text:A|B` one of these words.

Left out is what no fragment may carry: ephemeral containers, states, and all metadata but labels and annotations.
"""

import json
import sys
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("types.json")
ROOTS = (
    "io.k8s.api.core.v1.PodTemplateSpec",
    "io.k8s.api.core.v1.Service",
    "io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler",
    "io.k8s.api.policy.v1.PodDisruptionBudget",
    "io.k8s.api.core.v1.PersistentVolumeClaim",
)
_OBJECT = {"apiVersion", "kind", "status"}
LEFT_OUT = {"PodSpec": {"ephemeralContainers"}} | {root.rpartition(".")[2]: _OBJECT for root in ROOTS}
ONLY = {"ObjectMeta": {"annotations", "labels"}}
MOST_WORDS = 20  # longer lists (signals) grow with each version of Kubernetes
_PLAIN = {
    "io.k8s.apimachinery.pkg.api.resource.Quantity": "quantity",
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": "port",
    "io.k8s.apimachinery.pkg.apis.meta.v1.Time": "time",
}
_WORDS = {"string": "text", "integer": "integer", "boolean": "boolean", "number": "number"}


def types_of(schemas: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Every type that is reached from the roots, by its short name. Raises ValueError where two share one."""
    found: dict[str, dict[str, str]] = {}
    full: dict[str, str] = {}
    wanted = [root for root in ROOTS if root in schemas]
    while wanted:
        name = wanted.pop()
        short = name.rpartition(".")[2]
        if full.setdefault(short, name) != name:
            raise ValueError(f"{name} and {full[short]} share a name")
        if short in found:
            continue
        fields = schemas[name].get("properties", {})
        kept = {field: _kind(schema, wanted) for field, schema in fields.items() if _is_kept(short, field)}
        found[short] = dict(sorted(kept.items()))
    return dict(sorted(found.items()))


def _is_kept(short: str, field: str) -> bool:
    return field not in LEFT_OUT.get(short, ()) and field in ONLY.get(short, {field})


def _kind(schema: dict[str, Any], wanted: list[str]) -> str:
    for part in (schema, *schema.get("allOf", ())):
        if reference := part.get("$ref"):
            return _reference(reference.rpartition("/")[2], wanted)
    if schema.get("type") == "array":
        inner = _kind(schema["items"], wanted)
        merged = "merge" in schema.get("x-kubernetes-patch-strategy", "").split(",")
        return f"[{inner}]" + (schema.get("x-kubernetes-patch-merge-key", "*") if merged else "")
    if schema.get("type") == "object":
        return "{" + _kind(schema["additionalProperties"], wanted) + "}"
    words = [word for word in schema.get("enum", ()) if word]
    if words and len(words) <= MOST_WORDS:
        return "text:" + "|".join(words)
    return _WORDS[schema["type"]]


def _reference(name: str, wanted: list[str]) -> str:
    if name in _PLAIN:
        return _PLAIN[name]
    wanted.append(name)
    return name.rpartition(".")[2]


def text(documents: str, version: str) -> str:
    """The file's content, from documents one after the other. Raises ValueError."""
    schemas: dict[str, Any] = {}
    rest = documents.strip()
    while rest:
        document, end = json.JSONDecoder().raw_decode(rest)
        schemas |= document["components"]["schemas"]
        rest = rest[end:].strip()
    if missing := [root for root in ROOTS if root not in schemas]:
        raise ValueError(f"no document has {', '.join(missing)}")
    return json.dumps({"kubernetes": version, "types": types_of(schemas)}, indent=1) + "\n"


def main(arguments: list[str]) -> None:
    """Reads the documents from standard input; the one argument is the version of Kubernetes that they are of."""
    if len(arguments) != 1:
        sys.exit((__doc__ or "").strip())
    FILE.write_text(text(sys.stdin.read(), arguments[0]))


if __name__ == "__main__":
    main(sys.argv[1:])
