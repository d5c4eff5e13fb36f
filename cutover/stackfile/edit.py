"""Editing a YAML text without disturbing what does not change: every other byte stays as it is.

The parser says where each node begins and ends; only those pieces of text are replaced, added or cut out. The result
is read again and must hold exactly the wanted data, else the edit is refused: so is one that an alias elsewhere would
follow. What is an alias itself (`green: *release`) is not edited: its text stands at its anchor.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce
from itertools import permutations
from typing import Any

from yaml.nodes import MappingNode, Node

from cutover.errors import UsageError
from cutover.stackfile.pieces import Pair, below_of, exchange, insert, is_word, remove, replace, uneditable, walk
from cutover.stackfile.reader import Tree, YamlError, compose, key_of, read

ABSENT: Any = object()
"""As a wanted value: the key shall not be there."""

Keys = tuple[str, ...]


def set_values(text: str, wanted: Mapping[Keys, Any]) -> str:
    """The text with these values at these paths. ABSENT removes a key; a mapping is made equal key by key.

    Raises UsageError where the text cannot be edited safely.
    """
    data = load(text)
    wanted = {path: value for path, value in wanted.items() if not _same(_at(data, path), value)}
    if wanted and not any(one == other[: len(one)] for one, other in permutations(wanted, 2)):
        edited, done = _exchanged(text, data, wanted)  # the fronts of fifty services in one go: parsing takes time
        data = _checked(text, edited, data, done, done) if done else data
        text = edited
    for path, value in wanted.items():
        if not _same(_at(data, path), value):
            steps = dict(_steps(_compose(text), data, path, value))
            try:
                edited = reduce(lambda so_far, step: _set(so_far, *step), steps.items(), text)
            except YamlError:  # for instance an alias whose anchor went away with a step
                raise _around(text, steps) from None
            data = _checked(text, edited, data, {path: value}, steps)
            text = edited
    return text


def load(text: str) -> Any:
    """The data of a YAML text, as the engine reads it. Raises UsageError."""
    try:
        return read(text)
    except YamlError as error:
        raise uneditable(str(error)) from None


def _checked(text: str, edited: str, before: Any, wanted: Mapping[Keys, Any], steps: Iterable[Keys]) -> Any:
    """The data of the edited text, where it is what was wanted."""
    after = before
    for path, value in wanted.items():
        after = _with(after, path, value)
    try:
        held = _same(read(edited), after)
    except YamlError:
        held = False
    if not held:
        raise _around(text, steps)
    return after


def _around(text: str, steps: Iterable[Keys]) -> UsageError:
    """Why an edit changes more than it should: the first merge or followed anchor that its steps meet, if any."""
    tree = _compose(text)
    for path in steps:
        found, named = walk(tree, path), ".".join(path)
        met = [node for _, node in found if id(node) in tree.named]
        holder = found[-1][1] if found else tree.root
        below = [node for node in below_of(holder) if id(node) in tree.named] if len(found) == len(path) else []
        if met or below:
            node, how = (below[0], "holds") if below else (met[-1], "is of")
            return uneditable(
                f"line {node.start_mark.line + 1}: {named} {how} the anchor &{tree.named[id(node)]}, and an alias "
                "elsewhere takes its value from there"
            )
        merges = [key for key, _ in holder.value if key_of(key) is None] if isinstance(holder, MappingNode) else []
        if merges and len(found) < len(path):
            return uneditable(f"line {merges[0].start_mark.line + 1}: {named} comes from what is merged in there")
    return uneditable(f"{', '.join(map('.'.join, steps))} cannot be set without touching what is around it")


def _exchanged(text: str, data: Any, wanted: Mapping[Keys, Any]) -> tuple[str, dict[Keys, Any]]:
    """The text with all those values set that stand on their own as one word each, and these values."""
    tree = _compose(text)
    steps = {place: inner for path, value in wanted.items() for place, inner in _steps(tree, data, path, value)}
    found = {
        path: node for path, value in steps.items() if _is_word(value) and (node := _own_word(tree, path)) is not None
    }
    for path, node in sorted(found.items(), key=lambda item: item[1].start_mark.index, reverse=True):
        text = exchange(text, node, steps[path])
    return text, {path: steps[path] for path in found}


def _own_word(tree: Tree, path: Keys) -> Node | None:
    """The node of a value that is one word and that no alias touches; None where it has to be looked at closely."""
    found = walk(tree, path)
    if len(found) < len(path) or any(tree.is_shared(node) for _, node in found):
        return None
    return found[-1][1] if is_word(found[-1][1]) else None


def _is_word(value: Any) -> bool:
    return value is not ABSENT and not isinstance(value, Mapping | list | tuple)


def _steps(tree: Tree, data: Any, path: Keys, value: Any) -> Iterator[tuple[Keys, Any]]:
    """The edits that make a value equal, key by key where a mapping stands there; none for what is equal."""
    if _same(_at(data, path), value):
        return
    found = walk(tree, path)
    node = found[-1][1] if found and len(found) == len(path) else None
    if isinstance(value, Mapping) and value and isinstance(node, MappingNode) and node.value:
        for name, inner in value.items():  # first what is added, so that no mapping gets empty in between
            yield from _steps(tree, data, (*path, str(name)), inner)
        there = [key_of(key) for key, _ in reversed(node.value)]  # an alias goes before its anchor
        yield from (((*path, name), ABSENT) for name in there if name is not None and name not in value)
    else:
        yield path, value


def _set(text: str, path: Keys, value: Any) -> str:
    """The text after one step. Raises UsageError, and YamlError where the steps before it broke the text."""
    tree = compose(text)
    found = walk(tree, path)
    way = found[: len(path) - 1]
    for depth, pair in enumerate(way, 1):
        _refuse_alias(tree, pair, path[:depth])
    parent = _mapping(way[-1][1] if way else tree.root, path[: len(way)])
    if len(found) == len(path):
        if value is ABSENT:
            return remove(text, parent, found[-1])
        _refuse_alias(tree, found[-1], path)
        return replace(text, parent, found[-1], value)
    if value is ABSENT:
        return text
    for missing in reversed(path[len(way) + 1 :]):
        value = {missing: value}
    return insert(text, parent, path[len(way)], value)


def _compose(text: str) -> Tree:
    try:
        return compose(text)
    except YamlError as error:
        raise uneditable(str(error)) from None


def _mapping(node: Node | None, path: Keys) -> MappingNode:
    if not isinstance(node, MappingNode) or not (node.value or node.flow_style):
        raise uneditable(f"{'.'.join(path) or 'the file'} is not a mapping")
    return node


def _refuse_alias(tree: Tree, pair: Pair, path: Keys) -> None:
    node = pair[1]
    if (target := tree.targets.get(id(node))) is not None:
        line, name = node.start_mark.line + 1, tree.named[id(target)]
        raise uneditable(
            f"line {line}: {'.'.join(path)} is the alias *{name} of what stands in line "
            f"{target.start_mark.line + 1}, which an edit would change as well",
            f"write its value out in line {line}, in place of *{name}; then the same command again",
        )


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
