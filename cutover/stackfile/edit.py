"""Editing a YAML text without disturbing what does not change: every other byte stays as it is.

The parser says where each node begins and ends; only those pieces of text are replaced, added or cut out. The result
is read again and must hold exactly the wanted data, else the edit is refused. A node that an alias names is refused
too: its text stands for other values as well.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode

from contract.text import one_line
from cutover.errors import UsageError
from cutover.stackfile.reader import Tree, YamlError, compose, key_of, read
from cutover.stackfile.scalars import block, flow, scalar

ABSENT: Any = object()
"""As a wanted value: the key shall not be there."""

Keys = tuple[str, ...]
Pair = tuple[Node, Node]


def set_values(text: str, wanted: Mapping[Keys, Any]) -> str:
    """The text with these values at these paths. ABSENT removes a key; a mapping is made equal key by key.

    Raises UsageError where the text cannot be edited safely.
    """
    data = load(text)
    wanted = {path: value for path, value in wanted.items() if not _same(_at(data, path), value)}
    if exchanged := _exchanged(text, wanted):  # the fronts of fifty services in one go: parsing is what takes time
        text, done = exchanged
        data = _checked(text, data, done)
        wanted = {path: value for path, value in wanted.items() if path not in done}
    for path, value in wanted.items():
        if not _same(_at(data, path), value):
            text = _set(text, path, value)
            data = _checked(text, data, {path: value})
    return text


def load(text: str) -> Any:
    """The data of a YAML text, as the engine reads it. Raises UsageError."""
    try:
        return read(text)
    except YamlError as error:
        raise _uneditable(str(error)) from None


def _checked(text: str, before: Any, wanted: Mapping[Keys, Any]) -> Any:
    """The data of the edited text, where it is what was wanted."""
    after = before
    for path, value in wanted.items():
        after = _with(after, path, value)
    if not _same(load(text), after):
        named = ", ".join(".".join(path) for path in wanted)
        raise _uneditable(f"{named} cannot be set without touching what is around it")
    return after


def _exchanged(text: str, wanted: Mapping[Keys, Any]) -> tuple[str, dict[Keys, Any]] | None:
    """The text with all those values set that stand on their own as one word each, and these values."""
    if any(one != other and one == other[: len(one)] for one in wanted for other in wanted):
        return None  # one is set within another: in their order
    tree = _compose(text)
    found = {path: node for path, value in wanted.items() if (node := _word(tree, path)) and _is_word(value)}
    for path, node in sorted(found.items(), key=lambda item: item[1].start_mark.index, reverse=True):
        start, end = node.start_mark.index, node.end_mark.index
        text = text[:start] + scalar(wanted[path], node.style) + text[end:]
    return text, {path: wanted[path] for path in found}


def _word(tree: Tree, path: Keys) -> ScalarNode | None:
    """The node of a value that is one word on one line; None where it has to be looked at more closely."""
    node = tree.root
    for key in path:
        if not isinstance(node, MappingNode) or tree.is_shared(node):
            return None
        pair = _child(node, key)
        node = pair[1] if pair else None
    if not isinstance(node, ScalarNode) or tree.is_shared(node) or node.style in ("|", ">"):
        return None
    return node if node.start_mark.index < node.end_mark.index else None


def _is_word(value: Any) -> bool:
    return value is not ABSENT and not isinstance(value, Mapping | list | tuple)


def _set(text: str, path: Keys, value: Any) -> str:
    tree = _compose(text)
    parent = _mapping(tree, tree.root, ())
    for depth, key in enumerate(path[:-1]):
        pair = _child(parent, key)
        if pair is None:
            for missing in reversed(path[depth + 1 :]):
                value = {missing: value} if value is not ABSENT else ABSENT
            return text if value is ABSENT else _insert(text, parent, key, value)
        parent = _mapping(tree, pair[1], path[: depth + 1])
    pair = _child(parent, path[-1])
    if pair is None:
        return text if value is ABSENT else _insert(text, parent, path[-1], value)
    if value is ABSENT:
        return _remove(text, parent, pair)
    _refuse_shared(tree, pair[1], path)
    return _replace(text, parent, pair, path, value)


def _replace(text: str, parent: MappingNode, pair: Pair, path: Keys, value: Any) -> str:
    key, node = pair
    if isinstance(value, Mapping) and value and isinstance(node, MappingNode) and node.value:
        for name, inner in value.items():  # first what is added, so that no mapping gets empty in between
            text = _set(text, (*path, str(name)), inner)
        there = [key_of(k) for k, _ in node.value]
        for name in filter(None, there):
            text = text if name in value else _set(text, (*path, name), ABSENT)
        return text
    if isinstance(value, Mapping) or not isinstance(node, ScalarNode) or node.style in ("|", ">"):
        return _swap(text, parent, pair, value)
    start, end = node.start_mark.index, node.end_mark.index
    if start == end:  # `key:` with nothing after it
        colon = text.find(":", key.end_mark.index)
        if colon < 0:
            raise _uneditable(f"{'.'.join(path)} is a key without a colon")
        return f"{text[: colon + 1]} {scalar(value)}{text[colon + 1 :]}"
    return text[:start] + scalar(value, node.style) + text[end:]


def _swap(text: str, parent: MappingNode, pair: Pair, value: Any) -> str:
    """A key and its value, written anew in their place."""
    key, node = pair
    if parent.flow_style:
        return f"{text[: key.end_mark.index]}: {flow(value)}{text[node.end_mark.index :]}"
    start = text.rfind("\n", 0, key.start_mark.index) + 1
    end = _line_after(text, _last_index(node, key))
    return text[:start] + _lines(text, parent, {key_of(key) or "": value}, end < len(text)) + text[end:]


def _insert(text: str, parent: MappingNode, key: str, value: Any) -> str:
    if parent.flow_style:
        piece = flow({key: value})[1:-1]
        if not parent.value:
            end = parent.end_mark.index - 1
            return text[:end] + piece + text[end:]
        last = parent.value[-1][1].end_mark.index
        return f"{text[:last]}, {piece}{text[last:]}"
    at = _line_after(text, _last_index(parent.value[-1][1], parent.value[-1][0]))
    newline = "" if at == 0 or text[at - 1] == "\n" else _newline(text)
    return text[:at] + newline + _lines(text, parent, {key: value}, not newline) + text[at:]


def _remove(text: str, parent: MappingNode, pair: Pair) -> str:
    key, node = pair
    place = next(i for i, (other, _) in enumerate(parent.value) if other is key)
    if parent.flow_style:
        start, end = key.start_mark.index, node.end_mark.index
        if place + 1 < len(parent.value):
            end = parent.value[place + 1][0].start_mark.index
        elif place:
            start = parent.value[place - 1][1].end_mark.index
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


def _compose(text: str) -> Tree:
    try:
        return compose(text)
    except YamlError as error:
        raise _uneditable(str(error)) from None


def _mapping(tree: Tree, node: Node | None, path: Keys) -> MappingNode:
    if node is not None:
        _refuse_shared(tree, node, path)
    if not isinstance(node, MappingNode) or not (node.value or node.flow_style):
        raise _uneditable(f"{'.'.join(path) or 'the file'} is not a mapping")
    return node


def _refuse_shared(tree: Tree, node: Node, path: Keys) -> None:
    if tree.is_shared(node):
        raise _uneditable(f"{'.'.join(path)} has an anchor, so its text stands for other values too")


def _child(parent: MappingNode, key: str) -> Pair | None:
    return next(((k, v) for k, v in parent.value if key_of(k) == key), None)


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
    return UsageError(
        one_line(f"the stack's file cannot be edited: {why}"), "make this edit by hand, then `cutover up`"
    )
