"""The one reader of the engine's YAML files, by the engine's rules: what a value is here, it is there.

The parser is libyaml, of which the engine's is a translation. Keys are text, as the engine hands them on: `1` and `on`
are the keys "1" and "on". What the engine refuses is refused: a key twice, an infinite number, a text that is none.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import yaml
from yaml.composer import Composer
from yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode

from contract.text import yaml_fault
from cutover.stackfile.plain import value_of

LARGEST = 16 * 1024 * 1024
_DEEPEST, _MOST_NODES = 100, 1_000_000
ALIAS = "*"
_TAG = "tag:yaml.org,2002:"
_MERGE = f"{_TAG}merge"
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))

_Parser: Any = yaml.cyaml.CParser  # type: ignore[attr-defined]


class YamlError(Exception):
    """A text that the engine would not read. The message quotes nothing of it."""


def decoded(content: bytes) -> tuple[str, str]:
    """The text of a file without its byte order mark, and the encoding. Raises YamlError."""
    if len(content) > LARGEST:
        raise YamlError(f"it is larger than {LARGEST} bytes")
    codec = next((codec for mark, codec in _MARKS if content.startswith(mark)), "utf-8")
    try:
        return content.decode(codec).removeprefix("\ufeff"), codec
    except UnicodeDecodeError:
        raise YamlError(f"it is not text in {codec.upper()}") from None


def encoded(text: str, codec: str) -> bytes:
    """The bytes of a text that `decoded` read in this encoding."""
    return (("\ufeff" if codec.startswith("utf-16") else "") + text).encode(codec)


def read(content: bytes | str) -> Any:
    """The data of a YAML text: mappings by text, lists, text, numbers, truth values, None. Raises YamlError."""
    return _Loader.run(content, lambda loader: loader.get_single_data())


@dataclass(frozen=True)
class Tree:
    """The nodes of a YAML text, each with its place as an index of a character. An alias is a word of the style `*`;
    `targets` holds what each alias stands for, by the alias's id; `named` the names of these anchors, by their id.
    """

    root: Node | None
    targets: Mapping[int, Node]
    named: Mapping[int, str]

    def is_shared(self, node: Node) -> bool:
        """Whether the node's text stands for other values, too, or is an alias."""
        return id(node) in self.named or id(node) in self.targets


def compose(text: str) -> Tree:
    """The tree of a YAML text. Raises YamlError."""
    return _Loader.run(text, _tree)  # type: ignore[no-any-return]


def _tree(loader: Any) -> Tree:
    loader.targets = {}
    return Tree(loader.get_single_node(), loader.targets, loader.named)


def key_of(node: Node) -> str | None:
    """The key that a node stands for; None where it is none, as `<<`."""
    return None if not isinstance(node, ScalarNode) or _merges(node) else _key(_scalar(node))


class _Loader(Composer, _Parser, yaml.constructor.SafeConstructor, yaml.resolver.Resolver):  # type: ignore[misc]
    """libyaml's events, composed in Python, where depth can be told before the stack ends."""

    yaml_constructors: ClassVar[Any] = {}
    yaml_multi_constructors: ClassVar[Any] = {}

    def __init__(self, text: str) -> None:
        _Parser.__init__(self, text)
        Composer.__init__(self)
        yaml.constructor.SafeConstructor.__init__(self)
        yaml.resolver.Resolver.__init__(self)
        self.depth = 0
        self.sizes: dict[int, int] = {}
        self.targets: dict[int, Node] | None = None
        self.named: dict[int, str] = {}

    @classmethod
    def run(cls, content: bytes | str, work: Any) -> Any:
        text = decoded(content)[0] if isinstance(content, bytes) else content
        try:
            loader = cls(text)
            try:
                return work(loader)
            finally:
                loader.dispose()
        except yaml.YAMLError as error:
            raise YamlError(f"it is not YAML: {yaml_fault(error)}") from None
        except UnicodeEncodeError:
            raise YamlError("it holds half of a surrogate pair, which is no character") from None

    def compose_node(self, parent: Node | None, index: Any) -> Node:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise _fault(f"more than {_DEEPEST} levels", self.peek_event())
        begins: Any = self.peek_event()
        if not isinstance(begins, yaml.AliasEvent):  # a later anchor of the same name takes its place
            self.anchors.pop(begins.anchor, None)
        node: Any = super().compose_node(parent, index)
        self.depth -= 1
        if self.targets is not None and isinstance(begins, yaml.AliasEvent):
            target, node = node, ScalarNode("", begins.anchor, style=ALIAS)
            node.start_mark, node.end_mark = begins.start_mark, begins.end_mark
            self.targets[id(node)] = target
            self.named[id(target)] = str(begins.anchor)
        self._weigh(node)
        return node  # type: ignore[no-any-return]

    def _weigh(self, node: Node) -> None:
        """A few aliases of aliases stand for more than any memory holds."""
        if id(node) not in self.sizes and isinstance(node, CollectionNode):
            parts = (part for pair in node.value for part in (pair if isinstance(pair, tuple) else (pair,)))
            self.sizes[id(node)] = 1 + sum(self.sizes.get(id(part), 1) for part in parts)
            if self.sizes[id(node)] > _MOST_NODES:
                raise _fault(f"aliases stand for more than {_MOST_NODES} values", node)

    def resolve(self, *_: Any) -> str:
        """No tag for what has none: `construct` looks at the style."""
        return ""

    def construct(self, node: Node) -> Any:
        """The value of any node; tags that are not YAML's own count for nothing."""
        if isinstance(node, MappingNode):
            return self._mapping(node)
        if isinstance(node, CollectionNode):
            return [self.construct_object(item, deep=True) for item in node.value]
        return _scalar(node)

    def _mapping(self, node: MappingNode) -> dict[str, Any]:
        found: dict[str, Any] = {}
        merged: list[Node] = []
        seen: set[str] = set()
        for key, value in node.value:
            if not isinstance(key, ScalarNode):
                raise _fault("a key that is no text", key)
            if key.value in seen:
                raise _fault("a key that is there twice", key)
            seen.add(key.value)
            if _merges(key):
                merged += value.value if isinstance(value, yaml.SequenceNode) else [value]
                continue
            name = _key(_scalar(key))
            if name in found:
                raise _fault("a key that is there twice", key)
            found[name] = self.construct_object(value, deep=True)
        for source in merged:
            if not isinstance(source, MappingNode):
                raise _fault("a merge of what is no mapping", source)
            found = self.construct_object(source, deep=True) | found
        return found


_Loader.yaml_constructors = {None: _Loader.construct}


def _merges(key: ScalarNode) -> bool:
    return key.value == "<<" and key.tag in ("", "!", _MERGE)  # in quotes, too


def _scalar(node: Any) -> Any:
    kind = node.tag.removeprefix(_TAG) if node.tag.startswith(_TAG) else ""
    if kind == "str" or (not kind and (node.style or node.tag)):
        return node.value
    if kind == "binary":
        return _binary(node)
    try:
        value = value_of(node.value)
    except ValueError as error:
        raise _fault(str(error), node) from None
    if kind == "float" and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    wanted = {"int": int, "float": float, "bool": bool, "null": type(None)}.get(kind)
    if wanted and (not isinstance(value, wanted) or (wanted is int and isinstance(value, bool))):
        raise _fault(f"a value that is no {kind}", node)
    return value


def _binary(node: Any) -> str:
    import base64
    import binascii

    try:
        return base64.b64decode(node.value, validate=False).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise _fault("a value that is no binary text", node) from None


def _key(value: Any) -> str:
    """A key as Go prints it."""
    if value is None:
        return "<nil>"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return repr(float(value)).removesuffix(".0")
    return str(int(value)) if isinstance(value, int) else str(value)


def _fault(problem: str, at: Any) -> yaml.YAMLError:
    return yaml.constructor.ConstructorError(None, None, problem, at.start_mark)


def is_text(word: str) -> bool:
    """Whether a plain word is text, by these rules."""
    try:
        return type(value_of(word)) is str and value_of(word) == word
    except ValueError:
        return False
