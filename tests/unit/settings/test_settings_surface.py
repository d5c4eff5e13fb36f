"""What is made from the models is current, and the packages import only what they may."""

import ast
import json
from pathlib import Path
from typing import get_type_hints

import pytest
import yaml

from components.settings.base import Settings
from components.stack import reference, schema
from components.strategies.arguments import Place
from components.strategies.blue_green.fields import BlueGreenFields
from components.strategies.blue_green.settings import BlueGreenSettings
from components.strategies.environments.fields import EnvironmentsFields
from components.strategies.environments.settings import EnvironmentsSettings
from components.strategies.rolling.fields import RollingFields
from components.strategies.rolling.settings import RollingSettings
from components.strategies.versions.fields import SideBySideFields
from components.strategies.versions.settings import SideBySideSettings

ROOT = Path(__file__).parents[3]
REMAKE = "run `python -m components.stack.schema --write`"


@pytest.mark.parametrize(
    ("fields", "model"),
    [
        (BlueGreenFields, BlueGreenSettings),
        (RollingFields, RollingSettings),
        (SideBySideFields, SideBySideSettings),
        (EnvironmentsFields, EnvironmentsSettings),
    ],
)
def test_constructor_fields_are_the_model_s(fields: type, model: type[Settings]) -> None:
    settings = get_type_hints(model)
    wanted = {name: settings[name] for name in model.model_fields if name != "strategy"}
    assert get_type_hints(fields) == wanted | get_type_hints(Place)
    required = {name for name, field in model.model_fields.items() if field.is_required()} | {"namespace"}
    assert fields.__required_keys__ == required  # type: ignore[attr-defined]


def test_the_committed_schema_is_current() -> None:
    assert schema.SCHEMA_FILE.read_text() == schema.text(), REMAKE


def test_the_reference_is_current() -> None:
    assert reference.FILE.read_text() == reference.text(), REMAKE


def test_printing_the_schema_touches_no_file(capsys: pytest.CaptureFixture[str]) -> None:
    schema.main([])
    assert json.loads(capsys.readouterr().out)["required"] == ["config"]


def test_every_model_in_the_schema_is_closed_and_described() -> None:
    definitions = schema.config_schema()["$defs"]
    assert {"BlueGreenSettings", "RollingSettings", "Release", "HttpProbe", "SmokeCheck"} <= set(definitions)
    for name, definition in definitions.items():
        assert definition["additionalProperties"] is False, name
        assert [key for key, field in definition["properties"].items() if len(field["description"]) < 10] == [], name


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_the_stacks_here_name_the_schema_and_are_good(stack: str) -> None:
    from components.stack.load import parse

    text = (ROOT / f"Pulumi.{stack}.yaml").read_text()
    config = yaml.safe_load(text)["config"]
    assert text.startswith("# yaml-language-server: $schema=schema/pulumi-stack.schema.json\n")
    assert parse(config["cutover:namespace"], config["cutover:services"]).services


def imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.ImportFrom):
        return [node.module or ""]
    return [alias.name for alias in node.names] if isinstance(node, ast.Import) else []


@pytest.mark.parametrize(
    ("package", "allowed"),
    [
        ("rules", ("components.rules",)),
        ("settings", ("components.rules", "components.podspec", "components.settings", "pydantic")),
    ],
)
def test_imports_go_one_way_and_stay_light(package: str, allowed: tuple[str, ...]) -> None:
    heavy = ("pulumi", "lightkube", "components", "cutover", "sandbox", "tests", "pydantic", "yaml")
    for file in (ROOT / "components" / package).glob("*.py"):
        modules = [name for node in ast.parse(file.read_text()).body for name in imported(node)]
        foreign = [name for name in modules if name.startswith(heavy) and not name.startswith(allowed)]
        assert foreign == [], file.name


def test_every_rule_is_in_the_reference() -> None:
    # The plugin's own inputs are no part of the stack's config: docs/languages.md has them.
    ours = [one for one in schema.models().values() if not one.__module__.startswith("components.plugin")]
    rules = {rule for model in ours for rule in model.rules}
    assert len(rules) >= 20
    assert [rule for rule in rules if f"- {rule.check.__doc__}\n" not in reference.text()] == []
