"""Writes `types.json`, what a `PodTemplateSpec` may hold, from the OpenAPI document of an API server.

    kubectl get --raw /openapi/v3/api/v1 | python -m components.podspec.generate v1.36

Each type is a mapping from field to kind. A kind is one word: `text`, `integer`, `boolean`, `quantity`, `time`, `port`
(a number or a name), or the name of a type, which begins with a capital letter. Around it: `[kind]` a list,
`[kind]name` a list whose entries are merged by the key `name`, `[kind]*` a list of values that are added up, `{kind}` a
mapping by free keys, `text:A|B` one of these words.

Left out is what no pod template may carry: ephemeral containers, and all metadata but labels and annotations.
"""

import json
import sys
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("types.json")
ROOT = "io.k8s.api.core.v1.PodTemplateSpec"
LEFT_OUT = {"PodSpec": {"ephemeralContainers"}}
ONLY = {"ObjectMeta": {"annotations", "labels"}}
MOST_WORDS = 20  # longer lists (signals) grow with each version of Kubernetes
_PLAIN = {
    "io.k8s.apimachinery.pkg.api.resource.Quantity": "quantity",
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": "port",
    "io.k8s.apimachinery.pkg.apis.meta.v1.Time": "time",
}
_WORDS = {"string": "text", "integer": "integer", "boolean": "boolean", "number": "number"}


def types_of(schemas: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Every type that is reached from a pod template, by its short name. Raises ValueError where two share one."""
    found: dict[str, dict[str, str]] = {}
    full: dict[str, str] = {}
    wanted = [ROOT]
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


def text(document: dict[str, Any], version: str) -> str:
    """The file's content."""
    whole = {"kubernetes": version, "types": types_of(document["components"]["schemas"])}
    return json.dumps(whole, indent=1) + "\n"


def main(arguments: list[str]) -> None:
    """Reads the document from standard input; the one argument is the version of Kubernetes that it is of."""
    if len(arguments) != 1:
        sys.exit("usage: kubectl get --raw /openapi/v3/api/v1 | python -m components.podspec.generate VERSION")
    FILE.write_text(text(json.load(sys.stdin), arguments[0]))


if __name__ == "__main__":
    main(sys.argv[1:])
