"""A new environment's stack file, as text: each key with what it is for and why, in the schema's own words."""

import json
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from contract.releases import other
from cutover.strategies.registry import STRATEGIES

WIDTH = 110
_SCHEMA = "# yaml-language-server: $schema=schema/pulumi-stack.schema.json\n"
_HEAD = """\
# The stack {name!r}: its whole release state. `cutover plan` says what a change of it would do, `cutover up` does it.
# Every key: {keys}. What is commented out shows its default, or an example.
config:
"""


@dataclass(frozen=True)
class Answers:
    """The answers that a new stack file is made from. Without an image it has no service yet: one that runs is to be
    adopted.
    """

    name: str
    namespace: str
    service: str
    strategy: str
    version: str | None
    build: int
    image: str | None
    port: int
    replicas: int
    readiness: str


def render(schema: Mapping[str, Any], answers: Answers, *, checkout: bool) -> str:
    """The file's text. `schema` is the JSON Schema of a stack's file, where the comments come from; a checkout of this
    project has it, and its page, beside the file.
    """
    lines = _lines(_Describe(schema), answers)
    head = _HEAD.format(name=answers.name, keys="docs/config.md" if checkout else "`cutover schema`")
    return (_SCHEMA if checkout else "") + head + "".join(f"{line}\n" for line in lines)


class _Describe:
    """Finds a key's description, as comment lines."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._top: Mapping[str, Any] = schema["properties"]["config"]["properties"]
        self._models: Mapping[str, Any] = schema["$defs"]

    def model_of(self, strategy: str) -> str:
        """The model of the settings of a strategy."""
        return next(
            name
            for name, model in self._models.items()
            if model["properties"].get("strategy", {}).get("const") == strategy
        )

    def __call__(self, indent: int, model: str | None, key: str) -> Iterator[str]:
        text = (self._models[model]["properties"] if model else self._top)[key]["description"]
        for line in textwrap.wrap(text, WIDTH - indent - 2, break_on_hyphens=False, break_long_words=False):
            yield " " * indent + f"# {line}"


def _lines(describe: _Describe, answers: Answers) -> Iterator[str]:
    kind = STRATEGIES[answers.strategy]
    two = kind.switches
    model = describe.model_of(answers.strategy)

    def key(name: str, value: object = None, *, off: bool = False) -> Iterator[str]:
        yield from describe(6, model, name)
        yield " " * 6 + ("# " if off else "") + f"{name}:" + ("" if value is None else f" {value}")

    yield from describe(2, None, "cutover:namespace")
    yield f"  cutover:namespace: {json.dumps(answers.namespace)}"
    yield from describe(2, None, "cutover:services")
    if answers.image is None:
        yield "  cutover:services: {}"
        return
    yield "  cutover:services:"
    yield f"    {answers.service}:"
    yield from key("strategy", answers.strategy)
    if two:
        yield from key("active", kind.first_slot)
    yield from key("replicas", answers.replicas)
    if two:
        yield from key("standby_replicas", answers.replicas, off=True)
    yield from key("port", answers.port)
    yield from key("readiness")
    yield f"        path: {json.dumps(answers.readiness)}"
    yield from key("drain_seconds", 5)
    yield from key("min_ready_seconds", 2)
    yield from key("progress_deadline_seconds", 300)
    if two:
        yield from key("gate_timeout_seconds", 120)
        yield from key("smoke", off=True)
        yield from (" " * 6 + line for line in ("#   path: /version", "#   expect_body: '\"{version}\"'"))
    else:
        yield from key("max_surge", "25%")
        yield from key("max_unavailable", 0)
    yield from key("resources", off=True)
    yield from (" " * 6 + line for line in ("#   requests: {cpu: 50m, memory: 64Mi}", "#   limits: {memory: 128Mi}"))
    yield from key("secrets", "{DB_PASSWORD: db-password-1}", off=True)
    yield from key("env_from_secrets", "[my-secret]", off=True)
    yield from key("writable_paths", "[/tmp]", off=True)
    yield from key(kind.first_slot)
    for name, value in (("version", answers.version), ("build", answers.build), ("image", answers.image)):
        yield from describe(8, "Release", name)
        yield f"        {name}: {json.dumps(value)}"
    if two:
        yield f"      # The idle color gets the next one: `cutover release {answers.service} --version … --image …`."
        yield from key(other(kind.first_slot), off=True)
