"""The pieces of a YAML text that an edit finds, replaces, adds or cuts out. What changes the text gives the new one.

The nodes are those of `reader.compose`, with their places in the same text. Indentation, line ends and an anchor
before a value stay the file's own.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode

from contract.text import one_line
from cutover.errors import UsageError
from cutover.stackfile.reader import Tree, key_of
from cutover.stackfile.scalars import block, flow, scalar

Pair = tuple[Node, Node]

_ANCHOR = re.compile(r"(?:!\S*\s+)?(?P<anchor>&[^\s,\[\]{}]+)(?P<space>(?:\s+(?:#.*\n\s*)*)?)")


def uneditable(why: str, fix: str = "make this edit by hand, then `cutover up`") -> UsageError:
    """The error of an edit that cannot be made safely."""
    return UsageError(one_line(f"the stack's file cannot be edited: {why}"), fix)


def walk(tree: Tree, path: Sequence[str]) -> list[Pair]:
    """The keys and values along a path, as far as there are any."""
    node, found = tree.root, list[Pair]()
    for key in path:
        pairs = node.value if isinstance(node, MappingNode) else ()
        pair = next((pair for pair in pairs if key_of(pair[0]) == key), None)
        if pair is None:
            break
        found.append(pair)
        node = pair[1]
    return found


def below_of(node: Node | None) -> Iterator[Node]:
    """All values within a collection, at any depth."""
    for part in node.value if isinstance(node, CollectionNode) else ():
        inner = part[1] if isinstance(part, tuple) else part
        yield inner
        yield from below_of(inner)


def is_word(node: Node) -> bool:
    """Whether a value is a scalar in one piece: no collection, no block of lines, not empty."""
    return isinstance(node, ScalarNode) and node.style not in ("|", ">") and _start(node) < _end(node)


def exchange(text: str, node: Node, value: object) -> str:
    """A word in place of another. A tag goes: it belongs to the old one."""
    anchor = _ANCHOR.match(text, _start(node), _end(node))
    kept = anchor["anchor"] + (anchor["space"] or " ") if anchor else ""
    style = node.style if isinstance(node, ScalarNode) else None
    return text[: _start(node)] + kept + scalar(value, style) + text[_end(node) :]


def replace(text: str, parent: MappingNode, pair: Pair, value: Any) -> str:
    """Another value for a key."""
    key, node = pair
    if isinstance(value, Mapping) or not isinstance(node, ScalarNode) or node.style in ("|", ">"):
        return _swap(text, parent, pair, value)
    if is_word(node):
        return exchange(text, node, value)
    colon = text.find(":", _end(key))  # `key:` with nothing after it
    if colon < 0:
        raise uneditable(f"{key_of(key)} is a key without a colon")
    return f"{text[: colon + 1]} {scalar(value)}{text[colon + 1 :]}"


def insert(text: str, parent: MappingNode, key: str, value: Any) -> str:
    """A new last key of a mapping."""
    if parent.flow_style:
        piece = flow({key: value})[1:-1]
        if not parent.value:
            end = _end(parent) - 1
            return text[:end] + piece + text[end:]
        last = _end(parent.value[-1][1])
        return f"{text[:last]}, {piece}{text[last:]}"
    at = _line_after(text, _last_index(parent.value[-1][1], parent.value[-1][0]))
    newline = "" if at == 0 or text[at - 1] == "\n" else _newline(text)
    return text[:at] + newline + _lines(text, parent, key, value, ended=not newline) + text[at:]


def remove(text: str, parent: MappingNode, pair: Pair) -> str:
    """A key and its value cut out."""
    key, node = pair
    place = next(i for i, (other, _) in enumerate(parent.value) if other is key)
    if parent.flow_style:
        start, end = _start(key), _end(node)
        if place + 1 < len(parent.value):
            end = _start(parent.value[place + 1][0])
        elif place:
            start = _end(parent.value[place - 1][1])
        return text[:start] + text[end:]
    if len(parent.value) == 1:
        raise uneditable(f"{key.value} is the only key of its mapping")
    return text[: text.rfind("\n", 0, _start(key)) + 1] + text[_line_after(text, _last_index(node, key)) :]


def _swap(text: str, parent: MappingNode, pair: Pair, value: Any) -> str:
    """A key and its value, written anew in their place."""
    key, node = pair
    found = _ANCHOR.match(text, _start(node), _end(node))
    anchor = found["anchor"] if found else ""
    if parent.flow_style:
        return f"{text[: _end(key)]}: {anchor}{' ' * bool(anchor)}{flow(value)}{text[_end(node) :]}"
    start = text.rfind("\n", 0, _start(key)) + 1
    end = _line_after(text, _last_index(node, key))
    lines = _lines(text, parent, key_of(key) or "", value, ended=text.endswith("\n", 0, end), anchor=anchor)
    return text[:start] + lines + text[end:]


def _lines(text: str, parent: MappingNode, key: str, value: Any, *, ended: bool, anchor: str = "") -> str:
    """Block lines for a key beside the parent's other keys, in the file's own indentation and line ends."""
    column, step = parent.value[0][0].start_mark.column, 2
    for _, inner in parent.value:
        if isinstance(inner, MappingNode) and not inner.flow_style and inner.value:
            step = max(inner.value[0][0].start_mark.column - column, 1)
            break
    first, *rest = block({key: value}, column, step)
    if anchor:
        written = "" if rest else f" {flow(value)}"
        first = f"{first.removesuffix(written)} {anchor}{written}"
    newline = _newline(text)
    return newline.join([first, *rest]) + (newline if ended else "")


def _last_index(node: Node, key: Node) -> int:
    """Where the text of a key's value ends. A block collection's own mark is only where the next node begins."""
    if isinstance(node, CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _last_index(last[1], last[0]) if isinstance(node, MappingNode) else _last_index(last, last)
    return max(_end(node), _end(key) + 1)


def _line_after(text: str, index: int) -> int:
    if text.endswith("\n", 0, index):  # a block scalar ends after its own line end
        return index
    end = text.find("\n", index)
    return len(text) if end < 0 else end + 1


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _start(node: Node) -> int:
    return int(node.start_mark.index)


def _end(node: Node) -> int:
    return int(node.end_mark.index)
