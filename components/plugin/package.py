"""The package schema: what Pulumi's languages know of the components, made from the models of the config.

Rules that no schema of Pulumi can say, bounds and patterns among them, are checked in Construct by the models.
"""

import json
from functools import cache
from importlib import metadata
from typing import Any

from components.plugin.kinds import KINDS, OUTPUT_TYPES, PACKAGE, Kind
from components.plugin.spelling import Node, camel, definitions, in_words

Json = dict[str, Any]
GO_IMPORT = "cutover.dev/sdk/go/cutover"
"""By what a program in Go imports the SDK that was written for it."""
_UNBUILT = "0.1.0"
_ANYTHING: Json = {"$ref": "pulumi.json#/Any"}
_SUFFIXES = ("Settings", "Inputs")


def version() -> str:
    """The package's version, which is the distribution's."""
    try:
        return metadata.version("pulumi-cutover")
    except metadata.PackageNotFoundError:
        return _UNBUILT


@cache
def text() -> str:
    """The package schema as JSON."""
    return json.dumps(_Writer().package(), ensure_ascii=False)


class _Writer:
    """Writes the types that the components take as it meets them."""

    def __init__(self) -> None:
        self._types: dict[str, Json] = {}
        self._enums: dict[str, list[str]] = {}

    def package(self) -> Json:
        resources = {kind.token: self._component(kind) for kind in KINDS}
        for name, (about, properties, maybe) in OUTPUT_TYPES.items():
            required = sorted(set(properties) - set(maybe))
            self._types[_token(name)] = {
                "type": "object",
                "description": about,
                "properties": dict(properties),
                "required": required,
            }
        languages: Json = {
            name: {"respectSchemaVersion": True} for name in ("nodejs", "python", "go", "csharp", "java")
        }
        languages["go"]["importBasePath"] = GO_IMPORT
        return {
            "name": PACKAGE,
            "displayName": PACKAGE,
            "version": version(),
            "description": "Zero-downtime releases on Kubernetes: blue/green and rolling releases with gates.",
            "resources": resources,
            "types": dict(sorted(self._types.items())),
            "language": languages,
        }

    def _component(self, kind: Kind) -> Json:
        inputs = self._object(kind.inputs, kind.name)
        outputs = {name: dict(one) for name, one in kind.outputs.items()}
        return {
            "isComponent": True,
            "description": inputs["description"],
            "inputProperties": inputs["properties"],
            "requiredInputs": inputs.get("required", []),
            "properties": outputs,
            "required": sorted(set(outputs) - set(kind.maybe)),
        }

    def _object(self, model: Node, owner: str) -> Json:
        properties = {camel(name): self._property(name, one, owner) for name, one in model["properties"].items()}
        made: Json = {"type": "object", "description": in_words(model["description"]), "properties": properties}
        if required := sorted(camel(name) for name in model.get("required", ())):
            made["required"] = required
        return made

    def _property(self, name: str, node: Node, owner: str) -> Json:
        about = in_words(node["description"])
        default = node.get("default")
        if isinstance(default, str | int | float):  # no `default` of the schema: the SDKs would send it as if given
            about = f"{about} Default: `{json.dumps(default)}`."
        made: Json = {**self._type(node, f"{owner}:{name}"), "description": about}
        if "const" in node:
            made["const"] = node["const"]
        if node.get("writeOnly"):
            made["secret"] = True
        return made

    def _type(self, node: Node, place: str) -> Json:
        if "$ref" in node:
            return self._reference(node["$ref"].rpartition("/")[2])
        if several := [one for one in node.get("anyOf") or node.get("oneOf") or () if one.get("type") != "null"]:
            return self._one_of([self._type(one, place) for one in several])
        if "enum" in node:
            return self._enum(node["enum"], place)
        if node["type"] == "array":
            return {"type": "array", "items": self._type(node["items"], place)}
        if node["type"] != "object":
            return {"type": node["type"]}
        inner = next(iter(node.get("patternProperties", {}).values()), None)
        return {"type": "object", "additionalProperties": self._type(inner, place) if inner else _ANYTHING}

    def _reference(self, name: str) -> Json:
        token = _token(_short(name))
        if token not in self._types:
            self._types[token] = {}  # it may be met again below itself
            self._types[token] = self._object(definitions()[name], _short(name))
        return {"$ref": f"#/types/{token}"}

    def _one_of(self, types: list[Json]) -> Json:
        if len(types) == 1:
            return types[0]
        made: Json = {"oneOf": types}
        strategies = {
            self._types[one["$ref"].removeprefix("#/types/")]["properties"].get("strategy", {}).get("const"): one[
                "$ref"
            ]
            for one in types
            if "$ref" in one
        }
        if len(strategies) == len(types) and None not in strategies:
            made["discriminator"] = {"propertyName": "strategy", "mapping": strategies}
        return made

    def _enum(self, values: list[str], place: str) -> Json:
        owner, _, name = place.partition(":")
        short = _word(name)
        made: Json = {"type": "string", "enum": [{"name": _word(value), "value": value} for value in values]}
        if values == ["blue", "green"]:
            short = "Color"
        for known in self._enums.get(short, []):  # one type for the same choice, whoever has it
            if self._types[_token(known)] == made:
                return {"$ref": f"#/types/{_token(known)}"}
        word = short
        if _token(short) in self._types:
            short = f"{owner}{short}"
        self._enums.setdefault(word, []).append(short)
        self._types[_token(short)] = made
        return {"$ref": f"#/types/{_token(short)}"}


def _token(name: str) -> str:
    return f"{PACKAGE}:index:{name}"


def _short(model: str) -> str:
    for suffix in _SUFFIXES:
        model = model.removesuffix(suffix)
    return model


def _word(value: str) -> str:
    """`replica-set` -> `ReplicaSet`, `image_rewrites` -> `ImageRewrites`, `HTTP` as it is."""
    parts = value.replace("-", "_").split("_")
    return "".join(part[:1].upper() + part[1:] for part in parts)
