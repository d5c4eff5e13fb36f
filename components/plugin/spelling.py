"""Names of settings as Pulumi's languages spell them: `drain_seconds` of the models is `drainSeconds` of a program."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from components.plugin.inputs import GroupInputs, Place
from components.stack.schema import config_schema, described

Node = Mapping[str, Any]
"""A part of the JSON Schema of the config, which says what a value is: a model, a map, a list or something plain."""

MEMBER = "GroupMember"
"""A blue/green service in a group, whose kind and color are the group's."""


def camel(name: str) -> str:
    """`expect_body` -> `expectBody`."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


@cache
def definitions() -> Mapping[str, Node]:
    """Every model of the config, and those of this package, as JSON Schema, by the model's name."""
    found: dict[str, Node] = dict(config_schema()["$defs"])
    for model in (Place, GroupInputs):
        schema = described(model)
        found |= {name: one for name, one in schema.pop("$defs", {}).items() if name not in found}
        found[model.__name__] = schema
    two_colors = found["BlueGreenSettings"]  # the config's may lack `active`: a member of a group has the group's
    found["BlueGreenSettings"] = {**two_colors, "required": [*two_colors["required"], "active"]}
    member = without(two_colors, "strategy", "active")
    group = found["GroupInputs"]
    services = {**group["properties"]["services"], "patternProperties": {".": {"$ref": f"#/$defs/{MEMBER}"}}}
    found["GroupInputs"] = {**group, "properties": {**group["properties"], "services": services}}
    return found | {MEMBER: member}


def without(model: Node, *names: str) -> Node:
    """A model that lacks some of its fields."""
    left = {name: one for name, one in model["properties"].items() if name not in names}
    return {**model, "properties": left, "required": [one for one in model.get("required", ()) if one not in names]}


def choices(node: Node) -> list[Node]:
    """The kinds that a value may have, references followed, without null."""
    if "$ref" in node:
        return [definitions()[node["$ref"].rpartition("/")[2]]]
    if inner := node.get("anyOf") or node.get("oneOf"):
        return [one for part in inner if part.get("type") != "null" for one in choices(part)]
    return [node]


def model_of(node: Node, value: Mapping[str, Any]) -> Node | None:
    """The model that a mapping is of; where there are several, by the value's `strategy`. None for what is no model."""
    models = [one for one in choices(node) if "properties" in one]
    of_strategy = [one for one in models if _strategy(one) == value.get("strategy")]
    return next(iter(of_strategy or models), None)


def _strategy(model: Node) -> Any:
    return model["properties"].get("strategy", {}).get("const")


def items_of(node: Node) -> Node:
    """The kind of a list's items; any where none is said."""
    return next((one["items"] for one in choices(node) if "items" in one), {})


def values_of(node: Node) -> Node:
    """The kind of the values of a map whose keys are the user's; any where none is said, as in a fragment."""
    for one in choices(node):
        if "patternProperties" in one:
            inner: Node = next(iter(one["patternProperties"].values()))
            return inner
    return {}


def to_models(value: Any, node: Node) -> Any:
    """A value with the keys of its models as those spell them. Keys of maps and of fragments are the user's own, and
    what no model knows stays as it is, for the model to refuse.
    """
    if isinstance(value, list):
        return [to_models(item, items_of(node)) for item in value]
    if not isinstance(value, Mapping):
        return value
    model = model_of(node, value)
    if model is None:
        return {key: to_models(inner, values_of(node)) for key, inner in value.items()}
    names = {camel(name): name for name in model["properties"]}
    made: dict[str, Any] = {}
    for key, inner in value.items():
        # Given in both spellings, the second stays as it is, and is refused as unknown.
        own: str = names.get(key) or key
        name = own if own == key or own not in value else key
        made[name] = to_models(inner, model["properties"].get(name, {}))
    return made


def to_program(at: tuple[str | int, ...], node: Node, value: Any) -> tuple[str | int, ...]:
    """A path into the models' value as the program spells it."""
    if not at:
        return ()
    first, rest = at[0], at[1:]
    inner = value[first] if _has(value, first) else None
    if isinstance(first, int):
        return (first, *to_program(rest, items_of(node), inner))
    model = model_of(node, value if isinstance(value, Mapping) else {})
    if model is None:
        return (first, *to_program(rest, values_of(node), inner))
    known = model["properties"].get(first)
    return (first if known is None else camel(first), *to_program(rest, known or {}, inner))


def _has(value: Any, part: str | int) -> bool:
    if isinstance(part, int):
        return isinstance(value, list) and part < len(value)
    return isinstance(value, Mapping) and part in value


@cache
def _names() -> re.Pattern[str]:
    names = {name for model in definitions().values() for name in model["properties"] if "_" in name}
    return re.compile(rf"(?<![\w-])({'|'.join(sorted(names, key=len, reverse=True))})(?![\w-])")


def in_words(text: str) -> str:
    """A text that names settings, with the names as a program spells them."""
    return _names().sub(lambda found: camel(found[1]), text)
