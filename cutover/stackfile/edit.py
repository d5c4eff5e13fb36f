"""Editing a YAML text without disturbing what does not change: every other byte stays as it is.

ruamel.yaml says where each node begins and ends; only those pieces of text are replaced, added or cut out. The result
is read again and must hold exactly the wanted data, else the edit is refused: so is one that an alias elsewhere would
follow. What is an alias itself (`green: *release`) is not edited: its text stands at its anchor.
"""

import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode

from contract.text import yaml_fault
from cutover.errors import UsageError
from cutover.stackfile.scalars import block, flow, scalar

ABSENT: Any = object()
"""As a wanted value: the key shall not be there."""

_ANCHOR = re.compile(r"&[^\s,\[\]{}]+\s*")
_ALIAS = re.compile(r"\s*:\s*\*[^\s,\[\]{}]+")

Keys = tuple[str, ...]
Pair = tuple[Node, Node]


def set_values(text: str, wanted: Mapping[Keys, Any]) -> str:
    """The text with these values at these paths. ABSENT removes a key; a mapping is made equal key by key.

    Raises UsageError where the text cannot be edited safely.
    """
    for path, value in wanted.items():
        before = load(text)
        if _same(_at(before, path), value):
            continue
        edited = _set(text, path, value)
        if not _holds(edited, _with(before, path, value)):
            raise _uneditable(_why_not(text, path))
        text = edited
    return text


def _holds(text: str, wanted: Any) -> bool:
    try:
        return bool(load(text) == wanted)
    except UsageError:  # an alias whose anchor went away with the edit
        return False


def _why_not(text: str, path: Keys) -> str:
    """Why an edit changes more than it should: the nearest anchor with an alias that it meets, where there is one."""
    node: Node | None = _compose(text)
    met: list[Node] = []
    for key in path:
        pair = _child(node, key) if isinstance(node, MappingNode) else None
        node = pair[1] if pair else None
        met += [node] if node is not None else []
    met = [one for one in [*met, *_below(node)] if one.anchor and f"*{one.anchor}" in text]
    if not met:
        return f"{'.'.join(path)} cannot be set without touching what is around it"
    line, name = met[-1].start_mark.line + 1, met[-1].anchor
    return f"line {line}: {'.'.join(path)} is of the anchor &{name}, and an alias elsewhere takes its value from there"


def _below(node: Node | None) -> Iterator[Node]:
    for _, inner in node.value if isinstance(node, MappingNode) else ():
        yield from (inner, *_below(inner))


def load(text: str) -> Any:
    """The data of a YAML text (1.2, as the engine reads it). Raises UsageError."""
    try:
        return YAML(typ="safe", pure=True).load(text)
    except YAMLError as error:
        raise _uneditable(f"it is not YAML: {yaml_fault(error)}") from None


def _set(text: str, path: Keys, value: Any) -> str:
    parent = _compose(text)
    for depth, key in enumerate(path[:-1]):
        pair = _child(parent, key)
        if pair is None:
            for missing in reversed(path[depth + 1 :]):
                value = {missing: value} if value is not ABSENT else ABSENT
            return text if value is ABSENT else _insert(text, parent, key, value)
        _refuse_alias(pair, path[: depth + 1])
        parent = _mapping(pair[1], path[: depth + 1])
    pair = _child(parent, path[-1])
    if pair is None:
        return text if value is ABSENT else _insert(text, parent, path[-1], value)
    if value is ABSENT:
        return _remove(text, parent, pair)
    return _replace(text, parent, pair, path, value)


def _replace(text: str, parent: MappingNode, pair: Pair, path: Keys, value: Any) -> str:
    key, node = pair
    _refuse_alias(pair, path)
    if _same(_at(load(text), path), value):
        return text
    if isinstance(value, Mapping) and value and isinstance(node, MappingNode) and node.value:
        for name, inner in value.items():  # first what is added, so that no mapping gets empty in between
            text = _set(text, (*path, str(name)), inner)
        there = [str(k.value) for k, _ in node.value]
        for name in there:
            text = text if name in value else _set(text, (*path, name), ABSENT)
        return text
    if isinstance(value, Mapping) or not isinstance(node, ScalarNode) or node.style in ("|", ">"):
        return _swap(text, parent, pair, value)
    start, end = node.start_mark.index, node.end_mark.index
    if anchor := _ANCHOR.match(text, start, end):
        start = anchor.end()
    if start == end:  # `key:` with nothing after it
        colon = text.index(":", key.end_mark.index)
        return f"{text[: colon + 1]} {scalar(value)}{text[colon + 1 :]}"
    style = node.style if isinstance(node.style, str) else None
    return text[:start] + scalar(value, style) + text[end:]


def _swap(text: str, parent: MappingNode, pair: Pair, value: Any) -> str:
    """A key and its value, written anew in their place."""
    key, node = pair
    if parent.flow_style:
        return f"{text[: key.start_mark.index]}{scalar(key.value)}: {flow(value)}{text[_end(text, pair) :]}"
    start = text.rfind("\n", 0, key.start_mark.index) + 1
    end = _line_after(text, _last_index(node, key))
    return text[:start] + _lines(text, parent, {key.value: value}, end < len(text)) + text[end:]


def _insert(text: str, parent: MappingNode, key: str, value: Any) -> str:
    if parent.flow_style:
        piece = f"{scalar(key)}: {flow(value)}"
        if not parent.value:
            end = parent.end_mark.index - 1
            return text[:end] + piece + text[end:]
        last = _end(text, parent.value[-1])
        return f"{text[:last]}, {piece}{text[last:]}"
    at = _line_after(text, _last_index(parent.value[-1][1], parent.value[-1][0]))
    newline = "" if at == 0 or text[at - 1] == "\n" else _newline(text)
    return text[:at] + newline + _lines(text, parent, {key: value}, not newline) + text[at:]


def _remove(text: str, parent: MappingNode, pair: Pair) -> str:
    key, node = pair
    place = next(i for i, (other, _) in enumerate(parent.value) if other is key)
    if parent.flow_style:
        start, end = key.start_mark.index, _end(text, pair)
        if place + 1 < len(parent.value):
            end = parent.value[place + 1][0].start_mark.index
        elif place:
            start = _end(text, parent.value[place - 1])
        return text[:start] + text[end:]
    if len(parent.value) == 1:
        raise _uneditable(f"{key.value} is the only key of its mapping")
    start = text.rfind("\n", 0, key.start_mark.index) + 1
    return text[:start] + text[_line_after(text, _last_index(node, key)) :]


def _lines(text: str, parent: MappingNode, value: Mapping[str, Any], ended: bool) -> str:
    """Block lines for a mapping beside the parent's other keys, in the file's own indentation and line ends."""
    column, step = parent.value[0][0].start_mark.column, 2
    for _, inner in parent.value:
        if isinstance(inner, MappingNode) and not inner.flow_style and inner.value:
            step = max(inner.value[0][0].start_mark.column - column, 1)
            break
    newline = _newline(text)
    return newline.join(block(value, column, step)) + (newline if ended else "")


def _last_index(node: Node, key: Node) -> int:
    """Where the text of a key's value ends. A block collection's own mark is only where the next node begins."""
    if _is_alias((key, node)):  # its marks are those of the anchor
        return int(key.end_mark.index) + 1
    if isinstance(node, CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _last_index(last[1], last[0]) if isinstance(node, MappingNode) else _last_index(last, last)
    return max(int(node.end_mark.index), int(key.end_mark.index) + 1)


def _line_after(text: str, index: int) -> int:
    if index and text[index - 1] == "\n":  # a block scalar ends after its own line end
        return index
    end = text.find("\n", index)
    return len(text) if end < 0 else end + 1


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _compose(text: str) -> MappingNode:
    try:
        return _mapping(YAML(pure=True).compose(io.StringIO(text)), ())
    except YAMLError as error:
        raise _uneditable(f"it is not YAML: {yaml_fault(error)}") from None


def _mapping(node: Node | None, path: Keys) -> MappingNode:
    if not isinstance(node, MappingNode) or not (node.value or node.flow_style):
        raise _uneditable(f"{'.'.join(path) or 'the file'} is not a mapping")
    return node


def _is_alias(pair: Pair) -> bool:
    """Whether a value is written as an alias: its own text stands before its key then."""
    return bool(pair[1].start_mark.index < pair[0].start_mark.index)


def _refuse_alias(pair: Pair, path: Keys) -> None:
    key, node = pair
    if _is_alias(pair):
        raise UsageError(
            f"the stack's file cannot be edited: line {key.start_mark.line + 1}: {'.'.join(path)} is the alias "
            f"*{node.anchor} of what stands in line {node.start_mark.line + 1}, which an edit would change as well",
            f"write its value out in line {key.start_mark.line + 1}, in place of *{node.anchor}; then the same command "
            "again",
        )


def _end(text: str, pair: Pair) -> int:
    """Where the text of a value of a flow mapping ends."""
    key, node = pair
    alias = _ALIAS.match(text, key.end_mark.index) if _is_alias(pair) else None
    return alias.end() if alias else int(node.end_mark.index)


def _child(parent: MappingNode, key: str) -> Pair | None:
    return next(((k, v) for k, v in parent.value if isinstance(k, ScalarNode) and k.value == key), None)


def _at(data: Any, path: Keys) -> Any:
    for key in path:
        if not isinstance(data, Mapping) or key not in data:
            return ABSENT
        data = data[key]
    return data


def _same(one: Any, two: Any) -> bool:
    """Equal as data; True and 1 are not."""
    if one is ABSENT or two is ABSENT:
        return one is two
    return json.dumps(one, sort_keys=True, default=str) == json.dumps(two, sort_keys=True, default=str)


def _with(data: Any, path: Sequence[str], value: Any) -> Any:
    if not path:
        return value
    here = dict(data) if isinstance(data, Mapping) else {}
    inner = _with(here.get(path[0]), path[1:], value)
    if inner is ABSENT:
        here.pop(path[0], None)
    else:
        here[path[0]] = inner
    return here


def _uneditable(why: str) -> UsageError:
    return UsageError(f"the stack's file cannot be edited: {why}", "make this edit by hand, then `cutover up`")
