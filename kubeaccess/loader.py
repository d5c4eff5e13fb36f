"""PyYAML's safe loader with client-go's types: what looks like a date stays text, and `y` and `n` are no text."""

import re
from typing import Any

import yaml
from yaml.composer import Composer
from yaml.nodes import Node

DEEPEST = 100  # levels
_TAG = "tag:yaml.org,2002:"


class _Shallow(Composer):
    """Composes in Python what the C parser finds: its own composer ends the process where nodes are nested deeply."""

    depth = 0

    def compose_node(self, parent: Node | None, index: Any) -> Node | None:
        """One node and all below it. Raises ValueError."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise ValueError("nested too deeply")
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


class Loader(_Shallow, yaml.CSafeLoader):
    """The loader that `yaml.load` takes."""

    bool_values = {**yaml.CSafeLoader.bool_values, "y": True, "n": False}  # noqa: RUF012 - as the base has it

    def __init__(self, stream: str) -> None:
        Composer.__init__(self)
        yaml.CSafeLoader.__init__(self, stream)


Loader.yaml_implicit_resolvers = {
    char: [(tag, pattern) for tag, pattern in known if tag != f"{_TAG}timestamp"]
    for char, known in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
for _char in "yYnN":
    _pattern = re.compile(f"^{_char}$")
    Loader.yaml_implicit_resolvers.setdefault(_char, []).append((f"{_TAG}bool", _pattern))
