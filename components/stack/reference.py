"""`docs/config.md`: every key of the stack config as a table, made from the models so that it cannot fall behind."""

import json
import re
from collections.abc import Iterator
from types import NoneType
from typing import Any, get_args

from components.settings.adopt import Adopt
from components.settings.autoscale import Autoscale
from components.settings.base import Settings, Why
from components.settings.canary_match import CanaryMatch
from components.settings.container import Compute, Resources, Security
from components.settings.fragment import AUTOSCALER, BUDGET, CLAIM, SERVICE
from components.settings.pod import PodSettings
from components.settings.probe import HttpProbe
from components.settings.release import Release
from components.settings.release_checks import ReleaseChecks
from components.settings.role_metadata import RoleMetadata
from components.settings.route import Canary, Route, RouteParent
from components.stack.schema import ROOT, config_schema
from components.stack.settings import StackSettings
from components.strategies.blue_green.group_settings import GroupSettings
from components.strategies.environments.settings import BuildSettings, EnvironmentsSettings
from components.strategies.registry import STRATEGIES
from components.strategies.rolling.settings import ClaimRetention

FILE = ROOT / "docs" / "config.md"

_INTRO = """\
# Configuration

All of it lives in `Pulumi.<stack>.yaml` below `config:`; this is the whole release state of a stack.
`schema/pulumi-stack.schema.json` is the same as a JSON Schema: editors with a YAML language server complete and check
the file while it is written. The components take the same names as keyword arguments.

This file and the schema are made from the models: `python -m components.stack.schema --write`.

Unknown keys are refused, and so is a quoted number where a number is wanted. `pulumi preview` reports every problem at
once, each with its path, the reason and the fix, before anything is touched. Secret values do not belong here: Pulumi
hands nested secrets to a program as plain text (pulumi/pulumi#6531). Each is a key of its own, named in `secrets`
([secrets.md](secrets.md)); or name an existing Kubernetes Secret in `env_from_secrets`.
"""


def _of_checks() -> Iterator[tuple[str, list[str], type[Settings]]]:
    """The models of the checks of a release: the title of each, and the keys that are of it."""
    keys: dict[type[Settings], list[str]] = {}
    for key, field in ReleaseChecks.model_fields.items():
        model = next(one for one in get_args(field.annotation) if one is not NoneType)
        keys.setdefault(model, []).append(key)
    for model, names in keys.items():
        yield re.sub(r"(?<=[a-z])(?=[A-Z])", " ", model.__name__).capitalize(), names, model


_SERVICE = "`cutover:services.<name>.<key>`"
_SECTIONS: tuple[tuple[str, str, type[Settings], type[Settings] | None], ...] = (
    ("Stack", "`cutover:<key>`", StackSettings, None),
    *((one.title, f"{_SERVICE}, with `strategy: {one.key}`", one.settings, PodSettings) for one in STRATEGIES),
    ("Group", "`cutover:groups.<name>.<key>`", GroupSettings, None),
    ("Environments", "`cutover:environments.<key>`", EnvironmentsSettings, None),
    ("Environment", "`cutover:environments.builds.<codename>-<build>.<key>`", BuildSettings, None),
    ("Every service", _SERVICE, PodSettings, None),
    ("Release", "`blue`, `green`, `release`, `versions.<key>`", Release, None),
    ("Adopted release", "`blue.adopt`, `green.adopt`, `release.adopt`", Adopt, None),
    ("Probe", "`readiness`, `liveness`, `startup`", HttpProbe, None),
    ("Resources", "`resources`", Resources, None),
    ("Amounts", "`resources.requests`, `resources.limits`", Compute, None),
    ("Security", "`security`", Security, None),
    *((title, ", ".join(f"`{key}`" for key in keys), model, None) for title, keys, model in _of_checks()),
    ("Role metadata", "`active_metadata`, `preview_metadata`", RoleMetadata, None),
    ("Route", "`route`", Route, None),
    ("Gateway of a route", "`route.parents[]`", RouteParent, None),
    ("Canary", "`canary`", Canary, None),
    ("Match of a canary", "`canary.match[]`", CanaryMatch, None),
    ("Claim retention", "`claim_retention`", ClaimRetention, None),
    ("Autoscaling", "`autoscale`", Autoscale, None),
)
_FRAGMENTS = {
    "PodTemplateSpec": "[pod template](pods.md)",
    SERVICE: "[Service](beside.md)",
    AUTOSCALER: "[HorizontalPodAutoscaler](beside.md#autoscaler)",
    BUDGET: "[PodDisruptionBudget](beside.md#budget)",
    CLAIM: "[PersistentVolumeClaim](pods.md#statefulsets)",
}
_TITLES = {model.__name__: title for title, _, model, _ in _SECTIONS}


def text() -> str:
    """The reference as Markdown."""
    schema = config_schema()
    parts = [_INTRO]
    for title, place, model, base in _SECTIONS:
        properties = schema["$defs"].get(model.__name__, schema)["properties"] if model is not PodSettings else None
        properties = properties or schema["$defs"]["RollingSettings"]["properties"]
        summary = (model.__doc__ or "").strip().splitlines()[0]
        rows = "\n".join(_rows(model, properties, leave_out=set(base.model_fields) if base else set()))
        rules = "\n".join(f"- {rule.check.__doc__}" for rule in model.rules if base is None or rule not in base.rules)
        blocks = [
            f"## {title}",
            f"{place}: {summary}",
            rows,
            rules,
            "And all of [every service](#every-service)." if base else "",
        ]
        parts.append("\n\n".join(block for block in blocks if block) + "\n")
    return "\n".join(parts)


def _rows(model: type[Settings], properties: dict[str, Any], leave_out: set[str]) -> Iterator[str]:
    yield "| Key | Value | Default | Meaning | Because |"
    yield "|---|---|---|---|---|"
    for name, field in model.model_fields.items():
        if name in leave_out:
            continue
        why = next((item.text for item in field.metadata if isinstance(item, Why)), "")
        required = name == "strategy" or field.is_required()  # in config it is what tells the kinds apart
        default = (
            "**required**" if required else _default(field.get_default(call_default_factory=True, validated_data={}))
        )
        cells = (f"`{name}`", _kind(properties[name]), default, field.description or "", why)
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _default(value: Any) -> str:
    if isinstance(value, Settings):
        return "see below"
    if value is None or value in ((), {}):
        return "none"
    return f"`{json.dumps(value)}`"


def _kind(schema: dict[str, Any]) -> str:
    choices = [choice for choice in schema.get("anyOf", schema.get("oneOf", ())) if choice.get("type") != "null"]
    if choices:
        return " or ".join(_kind(choice) for choice in choices)
    if "$ref" in schema:
        title = _TITLES[schema["$ref"].rpartition("/")[2]]
        return f"[{title.lower()}](#{title.lower().replace(' ', '-').replace('/', '')})"
    if "enum" in schema or "const" in schema:
        return ", ".join(f"`{value}`" for value in schema.get("enum", [schema.get("const")]))
    kind = schema.get("type")
    if kind == "array":
        return f"list of {_kind(schema['items'])}"
    if "$comment" in schema:
        return _FRAGMENTS[schema["$comment"]]
    if kind == "object":
        return f"mapping to {_kind(next(iter(schema['patternProperties'].values())))}"
    if kind in {"integer", "number"}:
        return _number(schema)
    if kind == "boolean":
        return "`true`, `false`"
    return "percentage" if schema.get("pattern", "").endswith("%$") else "text"


def _number(schema: dict[str, Any]) -> str:
    noun = "whole number" if schema["type"] == "integer" else "number"
    low, high, above = schema.get("minimum"), schema.get("maximum"), schema.get("exclusiveMinimum")
    if above is not None:
        return f"{noun} above {above}, at most {high}"
    return f"{noun} {low}-{high}" if high is not None else f"{noun}, {low} or more"
