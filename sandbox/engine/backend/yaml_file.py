"""Reading YAML the way the Pulumi CLI does: `yes` is a word, `22:30` is no number and a date stays text."""

import re
from pathlib import Path
from typing import Any

import yaml

from sandbox.engine.backend.errors import EngineError

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class PulumiLoader(_Base):  # type: ignore[misc]
    """A safe loader without YAML 1.1's surprises."""


_KEPT = {"tag:yaml.org,2002:null", "tag:yaml.org,2002:merge", "tag:yaml.org,2002:float"}
PulumiLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag in _KEPT]
    for first, resolvers in _Base.yaml_implicit_resolvers.items()
}
PulumiLoader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)
PulumiLoader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"^[-+]?(?:0x[0-9a-fA-F]+|0o?[0-7]+|0|[1-9][0-9]*)$"), list("-+0123456789")
)
PulumiLoader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$"),
    list("-+.0123456789"),
)


def _int(loader: Any, node: yaml.ScalarNode) -> int:
    text = loader.construct_scalar(node).replace("+", "")
    sign, digits = (-1, text[1:]) if text.startswith("-") else (1, text)
    if digits.startswith("0x"):
        return sign * int(digits, 16)
    if digits.startswith("0") and len(digits) > 1:
        return sign * int(digits.replace("o", ""), 8)
    return sign * int(digits)


PulumiLoader.add_constructor("tag:yaml.org,2002:int", _int)


class PulumiDumper(yaml.SafeDumper):
    """A safe dumper that quotes whatever a reader of YAML 1.1 or 1.2 could take for something else than text."""


PulumiDumper.yaml_implicit_resolvers = {
    first: [
        *yaml.SafeDumper.yaml_implicit_resolvers.get(first, []),
        *PulumiLoader.yaml_implicit_resolvers.get(first, []),
    ]
    for first in {*yaml.SafeDumper.yaml_implicit_resolvers, *PulumiLoader.yaml_implicit_resolvers}
}


_LINE_BREAKS = "\x85\u2028\u2029\ufeff"  # YAML's own line breaks (and a mark it drops): as they are, they get lost


def dump(value: Any, *, flow: bool = False) -> str:
    """A document of the value: keys in their order, long texts on one line; `flow` is the form with braces."""
    text = _dump(value, flow, as_is=True)
    return _dump(value, flow, as_is=False) if any(one in text for one in _LINE_BREAKS) else text


def _dump(value: Any, flow: bool, *, as_is: bool) -> str:
    text = yaml.dump(
        value, Dumper=PulumiDumper, sort_keys=False, allow_unicode=as_is, width=10_000, default_flow_style=flow
    )
    return str(text)


def parse(text: str, path: Path | None = None) -> Any:
    """The value of a YAML document; errors name the file and the line."""
    try:
        return yaml.load(text, Loader=PulumiLoader)  # noqa: S506 - derived from the safe loader
    except yaml.YAMLError as error:
        raise EngineError(f"{path or 'YAML'} cannot be read: {error}. Correct the file and try again.") from error


def load(path: Path) -> Any:
    """The value of a YAML file, or None if it does not exist."""
    try:
        return parse(path.read_text(encoding="utf-8"), path)
    except FileNotFoundError:
        return None
