"""The package schema says all that the models take, and nothing that they do not."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from components.plugin.kinds import KINDS, Kind
from components.plugin.package import text
from components.plugin.spelling import camel, definitions
from components.settings.base import Settings
from components.stack.schema import models

Json = dict[str, Any]
PACKAGE: Json = json.loads(text())
TYPES: Json = PACKAGE["types"]
PREFIX = "cutover:index:"
BY_PLUGIN = {"Place", "ClusterInputs", "GroupInputs"}
# The config's own models, and what the settings of components are put together from.
ELSEWHERE = {"StackSettings", "GroupSettings"} | {"PodSettings", "ReleaseChecks", "_TwoColors"}
# Models that are the inputs of a component, in place of a type.
COMPONENTS = {kind.settings.__name__: f"{PREFIX}{kind.name}" for kind in KINDS}


def described(spec: Json) -> Iterator[str]:
    yield spec["description"]
    for one in {**spec.get("properties", {}), **spec.get("inputProperties", {})}.values():
        yield one["description"]


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_component_takes_every_field_of_its_settings_and_its_place(kind: Kind) -> None:
    spec = PACKAGE["resources"][kind.token]
    fields = {camel(name) for name in kind.settings.model_fields} - {"strategy"}
    assert spec["inputProperties"].keys() == fields | {"namespace", "cluster"}
    required = {camel(name) for name, field in kind.settings.model_fields.items() if field.is_required()}
    assert set(spec["requiredInputs"]) == required | {"namespace"}
    assert spec["isComponent"]


def test_every_model_is_a_type_with_every_field() -> None:
    seen = set()
    for name, model in models(Settings).items():
        if model.__module__.startswith("components.") and name not in ELSEWHERE | {"Place", *COMPONENTS}:
            short = name.removesuffix("Settings").removesuffix("Inputs")
            assert TYPES[PREFIX + short]["properties"].keys() == {camel(field) for field in model.model_fields}, name
            seen.add(short)
    assert {"Release", "HttpProbe", "Cluster", "Build", "CanaryMatch"} <= seen


def test_what_has_a_kind_only_inside_another_component_says_it() -> None:
    services = TYPES[f"{PREFIX}Build"]["properties"]["services"]["additionalProperties"]
    mapping = services["discriminator"]["mapping"]
    assert mapping == {"blue-green": f"#/types/{PREFIX}BlueGreen", "rolling": f"#/types/{PREFIX}Rolling"}
    for strategy, reference in mapping.items():
        spec = TYPES[reference.removeprefix("#/types/")]
        assert spec["properties"]["strategy"]["const"] == strategy
        assert "strategy" in spec["required"]
    member = TYPES[f"{PREFIX}GroupMember"]
    assert member["properties"].keys() == TYPES[f"{PREFIX}BlueGreen"]["properties"].keys() - {"strategy", "active"}


def test_every_reference_leads_somewhere_and_every_type_is_led_to() -> None:
    led = {one.removeprefix("#/types/") for one in references(PACKAGE) if one.startswith("#/types/")}
    assert led == set(TYPES)
    assert {one for one in references(PACKAGE) if not one.startswith("#/types/")} == {"pulumi.json#/Any"}


def test_choices_are_enums_unions_and_nothing_is_forced_on_who_leaves_it_out() -> None:
    assert [one["value"] for one in TYPES[f"{PREFIX}Color"]["enum"]] == ["blue", "green"]
    shop = PACKAGE["resources"][f"{PREFIX}BlueGreenService"]["inputProperties"]
    assert shop["maxSurge"]["oneOf"] == [{"type": "integer"}, {"type": "string"}]
    assert shop["readiness"]["oneOf"] == [{"$ref": f"#/types/{PREFIX}HttpProbe"}, {"type": "string"}]
    assert shop["pod"] == {
        "type": "object",
        "additionalProperties": {"$ref": "pulumi.json#/Any"},
        "description": shop["pod"]["description"],
    }
    assert shop["drainSeconds"]["description"].endswith("Default: `5`.")
    # The SDKs would send a default as if the user had written it, which is not the same (`recycle`).
    assert '"default":' not in text()


def test_the_same_choice_is_one_type() -> None:
    enums = {name: [one["value"] for one in spec["enum"]] for name, spec in TYPES.items() if "enum" in spec}
    for name, values in enums.items():
        longer = [
            one for one, same in enums.items() if one != name and same == values and one.endswith(name[len(PREFIX) :])
        ]
        assert longer == []
    by_use = PACKAGE["resources"][f"{PREFIX}RollingApp"]["inputProperties"], TYPES[f"{PREFIX}Rolling"]["properties"]
    assert by_use[0]["workload"]["$ref"] == by_use[1]["workload"]["$ref"]


def test_a_kubeconfig_is_a_secret_of_every_sdk() -> None:
    assert TYPES[f"{PREFIX}Cluster"]["properties"]["kubeconfig"]["secret"] is True


def test_every_part_is_described_in_the_spelling_of_programs() -> None:
    models_fields = {name for node in definitions().values() for name in node["properties"] if "_" in name}
    for spec in (*PACKAGE["resources"].values(), *(one for one in TYPES.values() if "properties" in one)):
        for words in described(spec):
            assert words
            assert not models_fields & set(re.findall(r"[\w-]+", words)), words
