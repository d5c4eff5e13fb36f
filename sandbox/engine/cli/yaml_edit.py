"""Changing a YAML file without disturbing what did not change: comments, order, quotes and blank lines stay.

The new value is compared with the document's nodes, and only the spans of nodes that differ are written anew. The
result is read back; if it is not the wanted value (some rare layout), the file is written afresh without comments.
"""

from typing import Any

import yaml

from sandbox.engine.backend import yaml_file
from sandbox.engine.backend.errors import EngineError

Splice = tuple[int, int, str]


def edit(text: str, new: Any) -> str:
    """The document `text` with the value `new`."""
    edited = _in_place(text, new)
    return dump(new) if edited is None else edited


def dump(value: Any) -> str:
    """A fresh document."""
    return yaml_file.dump(value) if value else "{}\n"


def _in_place(text: str, new: Any) -> str | None:
    """The document with only the differences written anew, or None if that does not give the wanted value."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        if node is None:  # nothing but comments
            return text + ("" if not text or text.endswith("\n") else "\n") + dump(new)
        spliced = _splice(text, _differences(text, node, new))
        return spliced if _same(yaml_file.parse(spliced), new) else None
    except (yaml.YAMLError, EngineError, _UnsuitableError):
        return None


class _UnsuitableError(Exception):
    """The layout of this part of the document cannot be edited in place."""


def _same(left: Any, right: Any) -> bool:
    """Equality that tells 1 from true and from 1.0."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(_same(left[key], right[key]) for key in left)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(_same, left, right))
    return bool(left == right)


def _value(text: str, node: yaml.Node) -> Any:
    loader = yaml_file.PulumiLoader("")
    if isinstance(node, yaml.ScalarNode):
        # Tags were resolved by YAML 1.1's rules when the node was composed: resolve plain scalars anew.
        tag = loader.resolve(yaml.ScalarNode, node.value, (node.style is None, node.style is not None))
        return loader.construct_object(yaml.ScalarNode(tag, node.value, node.start_mark, node.end_mark, node.style))
    if isinstance(node, yaml.MappingNode):
        return {_value(text, key): _value(text, value) for key, value in node.value}
    return [_value(text, item) for item in node.value]


def _differences(text: str, node: yaml.Node, new: Any, colon: int | None = None) -> list[Splice]:
    """What to write anew so that the node becomes `new`; `colon` is where the node's key ends, if it has one."""
    if _same(_value(text, node), new):
        return []
    if isinstance(node, yaml.MappingNode) and isinstance(new, dict):
        keys = [_value(text, key) for key, _ in node.value]
        if new and not (node.flow_style and set(keys) != set(new)):
            return _mapping(text, node, keys, new)
    if isinstance(node, yaml.SequenceNode) and isinstance(new, list) and len(new) == len(node.value):
        return [
            splice for item, value in zip(node.value, new, strict=True) for splice in _differences(text, item, value)
        ]
    return [_replacement(text, node, new, colon)]


def _mapping(text: str, node: yaml.MappingNode, keys: list[Any], new: dict[str, Any]) -> list[Splice]:
    splices: list[Splice] = []
    for name, (key, value) in zip(keys, node.value, strict=True):
        if name in new:
            colon = text.index(":", key.end_mark.index) + 1
            splices += _differences(text, value, new[name], colon)
        else:
            start = _line_start(text, key.start_mark.index)
            if text[start : key.start_mark.index].strip():
                raise _UnsuitableError  # the first key after a list's dash shares its line
            splices.append((start, _line_end(text, _content_end(value)), ""))
    added = {name: value for name, value in new.items() if name not in keys}
    if added:
        at = _line_end(text, _content_end(node))
        indent = " " * node.start_mark.column
        lines = "".join(f"{indent}{line}\n" for line in dump(added).splitlines())
        splices.append((at, at, lines if text[:at].endswith("\n") else "\n" + lines))
    return splices


def _replacement(text: str, node: yaml.Node, new: Any, colon: int | None) -> Splice:
    """Write the whole node anew: larger values below their key, everything else beside it."""
    start, end = node.start_mark.index, _content_end(node)
    block = isinstance(node, yaml.CollectionNode) and not node.flow_style and bool(node.value)
    if isinstance(new, dict | list) and new and not _is_flow(node):
        if colon is None:
            raise _UnsuitableError
        line = _line_start(text, colon)
        indent = len(text[line:colon]) - len(text[line:colon].lstrip(" ")) + (2 if isinstance(new, dict) else 0)
        return colon, end, "".join(f"\n{' ' * indent}{row}" for row in dump(new).splitlines())
    inline = yaml_file.dump(new, flow=True).removesuffix("\n").removesuffix("\n...").strip()
    if "\n" in inline or (block and colon is None):
        raise _UnsuitableError
    if block or start == end:
        return (colon if colon is not None else start), end, f" {inline}"
    return start, end, inline


def _is_flow(node: yaml.Node) -> bool:
    return isinstance(node, yaml.CollectionNode) and bool(node.flow_style) and bool(node.value)


def _content_end(node: yaml.Node) -> int:
    """Where the node's own text ends; a block collection's end mark stands after the comments that follow it."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _content_end(last[1] if isinstance(node, yaml.MappingNode) else last)
    end: int = node.end_mark.index
    return end


def _line_start(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1


def _line_end(text: str, at: int) -> int:
    """The start of the line after the one that `at` is on (block scalars end at the start of a line already)."""
    if at and text[at - 1] == "\n":
        return at
    end = text.find("\n", at)
    return len(text) if end < 0 else end + 1


def _splice(text: str, splices: list[Splice]) -> str:
    for start, end, replacement in sorted(splices, reverse=True):
        text = text[:start] + replacement + text[end:]
    return text
