"""The properties, each a strategy and a check of one of its inputs."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from components.rules.errors import ConfigError
from components.settings import Release
from components.settings.parse import from_fields
from components.stack.load import parse
from components.stack.schema import stack_schema
from cutover.errors import UsageError
from cutover.registry.reference import parse as parse_image
from cutover.stackfile.edit import ABSENT, set_values
from cutover.stackfile.reader import YamlError, encoded, read
from cutover.stackfile.scalars import flow
from cutover.stackfile.view import parse_view
from kubeaccess import Access, KubeconfigError
from kubeaccess import read as read_kubeconfig
from tests.fuzz.inputs import BLUE, DIGEST, GREEN, NEARLY, SCALARS, STACK, STACKS, WORDS, edited

TOKEN = "t0k3n-in-the-mine"


@dataclass(frozen=True)
class Property:
    """`share` is its part of the cases, in percent."""

    name: str
    share: int
    inputs: st.SearchStrategy[Any]
    check: Callable[[Any], None]


def takes_or_names_the_path(given: Any) -> None:
    """The loader: settings, or problems each of which is one harmless line with its path."""
    _load(given)


def the_schema_takes_what_the_models_take(given: Any) -> None:
    """Schema agreement: an editor marks nothing that the program runs."""
    if _load(given):
        config = {f"cutover:{key}": value for key, value in given.items()}
        found = list(_schema().iter_errors({"config": config}))
        assert not found, found[0].message


def _load(given: Any) -> bool:
    found = given if isinstance(given, dict) else {"services": given}
    namespace, services, groups, environments = map(found.get, ("namespace", "services", "groups", "environments"))
    try:
        parse(namespace, services, groups, environments=environments)
    except ConfigError as error:
        for problem in error.problems:
            lines = (problem.path, problem.what, problem.why, problem.fix)
            assert all(line and line.isprintable() and len(line) < 2000 for line in lines), lines
        return False
    return True


@cache
def _schema() -> Draft202012Validator:
    return Draft202012Validator(stack_schema())


def edits_or_refuses(given: tuple[Any, dict[tuple[str, ...], Any]]) -> None:
    """The editor of a stack's file: the wanted data, or a reason; and the file is read as a stack, or refused."""
    content, wanted = given
    text = content if isinstance(content, str) else content.decode("utf-8", errors="replace")
    path = Path("Pulumi.test.yaml")
    with contextlib.suppress(UsageError, YamlError):
        parse_view(read(content), path)
    try:
        after = set_values(text, wanted)
    except UsageError as error:
        _harmless(error.what)
        return
    data = read(after)
    for keys, value in wanted.items():
        here: Any = data
        for key in keys:
            here = here.get(key, ABSENT) if isinstance(here, dict) else ABSENT
        apart = all(keys == other or keys[: len(other)] != other[: len(keys)] for other in wanted)
        assert not apart or here is value or here == value


def _harmless(message: str) -> None:
    assert message.isprintable(), message
    assert TOKEN not in message


def is_read_or_refused(text: str) -> None:
    """The kubeconfig reader: an identity, or one harmless line that quotes no secret."""
    try:
        read_kubeconfig(Access(text, folder=Path("/nonexistent")), {})
    except KubeconfigError as error:
        _harmless(str(error))


def both_read_the_same_image(text: str) -> None:
    """Image references: what the program takes the driver takes apart and puts together again."""
    try:
        Release(version="1", build=1, image=text)
        from_fields(Release, {"version": "1", "build": 1, "image": text}, "release")
    except ConfigError as error:
        _harmless(error.problems[0].what)
        with contextlib.suppress(UsageError):
            parse_image(text)
        return
    found = parse_image(text)
    assert text == f"{found.name}{':' * bool(found.tag)}{found.tag}{'@' * bool(found.digest)}{found.digest}"
    assert found.host in found.name or found.host == "docker.io"


def _yaml(data: Any) -> str:
    if isinstance(data, dict) and data:
        return "\n".join(f"{flow(str(key))}: {flow(value)}" for key, value in data.items()) + "\n"
    return flow(data)


def _texts(good: Any, values: st.SearchStrategy[Any]) -> st.SearchStrategy[str]:
    """YAML of edited data, now and then with pieces cut out or put in."""
    written = edited(good, values).map(_yaml)
    pieces = st.sampled_from(
        ["", ":", "\n", "  ", "[", "}", "&a ", "*a", "!!int ", "|", "? ", "- ", "\t", "---\n", "#", "<<: "]
    )
    cut = st.builds(
        lambda text, at, length, piece: text[: at % (len(text) + 1)] + piece + text[at % (len(text) + 1) + length :],
        written, st.integers(0, 3000), st.integers(0, 3), pieces,
    )  # fmt: skip
    return written | cut


SERVICES = {"shop": {"active": "blue", "blue": BLUE, "green": {**GREEN}}, "api": {"release": BLUE}}
FILE = {"config": {"cutover:services": SERVICES, "cutover:groups": STACK["groups"]}, "encryptionsalt": "v1:x="}
PATHS = st.sampled_from([
    ("config", "cutover:services", "shop", "active"), ("config", "cutover:services", "api", "active"),
    ("config", "cutover:services", "shop", "green"), ("config", "cutover:services", "new", "blue", "version"),
    ("config", "cutover:groups", "pair", "active"), ("config", "cutover:namespace"), ("config",), ("a",),
]) | st.lists(WORDS, min_size=1, max_size=3).map(tuple)  # fmt: skip
FLAT = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(WORDS, inner, max_size=2), max_leaves=4
)
FILES = (
    _texts(FILE, FLAT)
    | st.text(max_size=60)
    | st.binary(max_size=60)
    | st.sampled_from(["utf-16-le", "utf-8-sig"]).map(lambda codec: encoded("config: {a: 1}\n", codec))
    | st.integers(90, 3000).map(lambda depth: "[" * depth)
)
WANTED = st.dictionaries(PATHS, FLAT | st.just(ABSENT), min_size=1, max_size=3)

KUBECONFIG = {
    "apiVersion": "v1", "kind": "Config", "current-context": "c",
    "clusters": [{"name": "k", "cluster": {"server": "https://h:1/x", "insecure-skip-tls-verify": True, "proxy-url": "http://p"}}],
    "contexts": [{"name": "c", "context": {"cluster": "k", "user": "u"}}],
    "users": [
        {"name": "u", "user": {"token": TOKEN, "as": "x", "as-groups": ["g"], "as-user-extra": {"a": ["b"]}}},
        {"name": "w", "user": {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "x"}}},
        {"name": "v", "user": {"username": "me", "password": TOKEN}},
    ],
}  # fmt: skip
KUBECONFIGS = (
    _texts(KUBECONFIG, FLAT)
    | st.text(max_size=60).map("{}\n".format)
    | st.integers(90, 30_000).map(lambda depth: "\n" + "[" * depth)
)

PARTS = st.sampled_from(
    ["a", "shop", "r.example", "localhost", "h:5000", "A", "-", "..", "a_b", "a__b", "", "a" * 254, "é"]
)
TAGS = st.sampled_from(
    [":1", ":latest", ":", ":a b", f"@{DIGEST}", "@sha256:12", f":1@{DIGEST}", f"@{DIGEST}:1", "", ":" + "a" * 129]
)
IMAGES = (
    st.builds(lambda parts, tag: "/".join(parts) + tag, st.lists(PARTS, max_size=4), TAGS)
    | WORDS
    | st.text(max_size=30)
)

PROPERTIES = (
    Property("loader", 15, STACKS, takes_or_names_the_path),
    Property("schema agreement", 15, NEARLY, the_schema_takes_what_the_models_take),
    Property("stack-file editor", 20, st.tuples(FILES, WANTED), edits_or_refuses),
    Property("kubeconfig reader", 20, KUBECONFIGS, is_read_or_refused),
    Property("image references", 30, IMAGES, both_read_the_same_image),
)
