"""The JSON Schema of a whole `Pulumi.<stack>.yaml`, so that editors complete and check it while it is written.

    python -m components.stack.schema            prints it
    python -m components.stack.schema --write    writes it, and docs/config.md, into the checkout

An editor cannot know every rule: the cross-field ones are only checked by the program.
"""

import json
import sys
from pathlib import Path
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from components.podspec import json_schema
from components.settings.base import Settings, Why
from components.settings.fragment import AUTOSCALER, SCHEMA_NAMES
from components.settings.scaled_object import JSON_SCHEMA as SCALED_OBJECT
from components.stack.settings import StackSettings

ROOT = Path(__file__).resolve().parents[2]
SCHEMA_FILE = ROOT / "schema" / "pulumi-stack.schema.json"

_TEXT = {"type": "string"}


class _WithoutTitles(GenerateJsonSchema):
    """Leaves out the titles that only repeat the keys."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        return False


def config_schema() -> dict[str, Any]:
    """The schema of what is below `config:`, with the models under `$defs`."""
    schema = described(StackSettings)
    for definition in schema["$defs"].values():
        if "strategy" in definition["properties"]:
            definition["required"] = ["strategy", *definition["required"]]  # in config it is what tells the kinds apart
    schema["$defs"]["BlueGreenSettings"]["required"].remove("active")  # a member of a group has the group's
    return schema


def described(model: type[Settings]) -> dict[str, Any]:
    """The schema of a model, with the models in it under `$defs`, each field with its description and its reason."""
    schema = model.model_json_schema(schema_generator=_WithoutTitles)
    known = models()
    for name, definition in schema.get("$defs", {}).items():
        definition.pop("title", None)
        _describe(definition, known[name])
    _describe(schema, model)
    _close(schema)
    return schema


def stack_schema() -> dict[str, Any]:
    """The schema of a whole stack file."""
    settings = _with_fragments(config_schema())
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Pulumi.<stack>.yaml of cutover",
        "description": "The stack's release state: what runs, and which color takes the traffic.",
        "type": "object",
        "properties": {
            "config": {
                "type": "object",
                "properties": {f"cutover:{name}": schema for name, schema in settings["properties"].items()},
                "required": [f"cutover:{name}" for name in settings["required"]],
            },
            "secretsprovider": _TEXT,
            "encryptionsalt": _TEXT,
            "encryptedkey": _TEXT,
            "environment": {},
        },
        "required": ["config"],
        "$defs": settings["$defs"] | json_schema.definitions(),
    }


def _with_fragments(schema: Any) -> Any:
    """The schema with Kubernetes' own where a fragment goes."""
    if isinstance(schema, list):
        return [_with_fragments(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if (kind := schema.get("$comment")) in SCHEMA_NAMES:
        kept = {name: part for name, part in schema.items() if name in ("description", "default")}
        known = json_schema.reference(kind)
        return kept | ({"anyOf": [known, SCALED_OBJECT]} if kind == AUTOSCALER else known)
    return {name: _with_fragments(part) for name, part in schema.items()}


def models(base: type[Settings] = Settings) -> dict[str, type[Settings]]:
    """Every settings model by its name."""
    found = {model.__name__: model for model in base.__subclasses__()}
    return found | {name: inner for model in found.values() for name, inner in models(model).items()}


def _describe(schema: dict[str, Any], model: type[Settings]) -> None:
    for name, field in model.model_fields.items():
        why = next((item.text for item in field.metadata if isinstance(item, Why)), "")
        schema["properties"][name]["description"] = f"{field.description} Why: {why}." if why else field.description


def _close(schema: Any) -> None:
    """Pydantic leaves keys of any other form open, and adds a keyword of OpenAPI that is none of JSON Schema."""
    if isinstance(schema, dict):
        schema.pop("discriminator", None)
        if "patternProperties" in schema:
            schema["additionalProperties"] = False
        for part in schema.values():
            _close(part)
    elif isinstance(schema, list):
        for part in schema:
            _close(part)


def text() -> str:
    """The schema file's content."""
    return json.dumps(stack_schema(), indent=2, ensure_ascii=False) + "\n"


def main(arguments: list[str]) -> None:
    """Prints the schema, or with `--write` writes it and the reference."""
    if "--write" not in arguments:
        sys.stdout.write(text())
        return
    from components.stack import reference

    for path, content in ((SCHEMA_FILE, text()), (reference.FILE, reference.text())):
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
        sys.stdout.write(f"wrote {path.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
