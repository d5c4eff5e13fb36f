"""The edit of a stack's file: what is asked for changes, every other byte stays."""

import copy
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from cutover.errors import UsageError
from cutover.stackfile.edit import ABSENT, load, set_values
from cutover.stackfile.scalars import flow, scalar

SERVICES = ("config", "cutover:services")

FILE = """\
# head
encryptionsalt: v1:abc=
config:
  cutover:namespace: shop # where
  cutover:services:
    # the shop
    storefront:
      strategy: blue-green
      active: blue   # the live one

      args: [ '--a', "b" ]
      blue:
        version: "1.0"  # quoted
        build: 1
        image: reg/a:1
      # idle
      green: {version: '1.1', build: 2, image: reg/a:2}
    worker: {strategy: rolling, release: {version: 1.0.0, build: 1, image: x}}

  # the end
"""


def test_a_scalar_is_exchanged_in_place() -> None:
    after = set_values(FILE, {(*SERVICES, "storefront", "active"): "green"})
    assert after == FILE.replace("active: blue   #", "active: green   #")


def test_a_value_that_is_there_already_changes_nothing() -> None:
    same = {"version": "1.1", "build": 2, "image": "reg/a:2"}
    assert set_values(FILE, {(*SERVICES, "storefront", "green"): same}) == FILE


def test_quotes_stay_and_what_would_read_as_a_number_gets_some() -> None:
    path = (*SERVICES, "storefront", "blue", "version")
    assert '"2.0"  # quoted' in set_values(FILE, {path: "2.0"})
    assert 'image: "1.5"' in set_values(FILE, {(*SERVICES, "storefront", "blue", "image"): "1.5"})
    assert "{version: '1.2', build: 2" in set_values(FILE, {(*SERVICES, "storefront", "green", "version"): "1.2"})


def test_a_release_is_made_equal_key_by_key() -> None:
    path = (*SERVICES, "storefront", "blue")
    after = set_values(FILE, {path: {"version": "1.2", "image": "reg/a:3", "env": {"A": "b"}}})
    assert 'version: "1.2"  # quoted\n        image: reg/a:3\n        env:\n          A: b\n      # idle\n' in after
    assert "build: 1\n" not in after


def test_a_color_is_added_and_taken_away() -> None:
    without = set_values(FILE, {(*SERVICES, "storefront", "green"): ABSENT})
    assert without == FILE.replace("      green: {version: '1.1', build: 2, image: reg/a:2}\n", "")
    release = {"version": "3", "build": 1, "image": "reg/a:3"}
    again = set_values(without, {(*SERVICES, "storefront", "green"): release})
    assert (
        '        image: reg/a:1\n      green:\n        version: "3"\n        build: 1\n        image: reg/a:3\n'
        in again
    )


def test_a_key_of_a_flow_mapping_is_added_and_taken_away() -> None:
    path = (*SERVICES, "worker", "replicas")
    after = set_values(FILE, {path: 4})
    assert "image: x}, replicas: 4}" in after
    assert set_values(after, {path: ABSENT}) == FILE


@pytest.mark.parametrize("text", [FILE.removesuffix("\n\n  # the end\n"), FILE.replace("\n", "\r\n")])
def test_files_without_a_last_line_end_and_of_windows(text: str) -> None:
    path = (*SERVICES, "storefront", "active")
    assert set_values(text, {path: "green"}) == text.replace("active: blue", "active: green")
    grown = set_values(text, {(*SERVICES, "checkout"): {"active": "blue"}})
    assert load(grown)["config"]["cutover:services"]["checkout"] == {"active": "blue"}
    assert ("\r\n" in text) == ("\r\n" in grown)
    assert "\n" not in grown.replace("\r\n", "") or "\r\n" not in text


SHARED = """\
config:
  cutover:namespace: shop
  cutover:services: &all
    storefront: &defaults
      strategy: blue-green
      active: &first blue   # the live one
      port: 80
      blue: &release {version: '1.0', build: 1, image: reg/a:1}
      green: *release
    checkout:
      <<: *defaults
      active: blue
    flow: {active: *first, blue: {version: "1"}, green: *release}
"""


def test_anchors_and_aliases_elsewhere_are_in_nobody_s_way() -> None:
    path = (*SERVICES, "checkout", "active")
    assert set_values(SHARED, {path: "green"}) == SHARED.replace("      active: blue\n", "      active: green\n")
    deep = (*SERVICES, "flow", "blue", "version")
    assert set_values(SHARED, {deep: "2"}) == SHARED.replace('version: "1"}', 'version: "2"}')
    after = set_values(SHARED, {(*SERVICES, "flow", "port"): 80})
    assert after == SHARED.replace("green: *release}", "green: *release, port: 80}")
    assert set_values(after, {(*SERVICES, "flow", "port"): ABSENT}) == SHARED
    after = set_values(SHARED, {(*SERVICES, "checkout", "port"): 81})  # what the merge gives is written over
    assert after == SHARED.replace("      active: blue\n", "      active: blue\n      port: 81\n")
    after = set_values(SHARED, {(*SERVICES, "storefront", "replicas"): ABSENT})
    assert after == SHARED


def test_an_anchor_that_nothing_follows_stays_where_it_is() -> None:
    text = SHARED.replace("flow: {active: *first, ", "flow: {active: blue, ").replace("  <<: *defaults\n      ", "  ")
    after = set_values(text, {(*SERVICES, "storefront", "active"): "green"})
    assert after == text.replace("active: &first blue ", "active: &first green ")


@pytest.mark.parametrize(
    ("path", "line", "why"),
    [
        (("storefront", "green", "version"), 9, r"is the alias \*release of what stands in line 8"),
        (("flow", "active"), 13, r"is the alias \*first of what stands in line 6"),
        (("storefront", "active"), 6, "is of the anchor &first"),
        (("storefront", "port"), 4, "is of the anchor &defaults"),
        (("storefront", "blue"), 8, "is of the anchor &release"),
    ],
)
def test_what_an_alias_gives_or_follows_is_not_edited_and_the_line_is_named(
    path: tuple[str, ...], line: int, why: str
) -> None:
    wanted = {"version": "2.0"} if path[-1] == "blue" else "new"
    with pytest.raises(UsageError, match=why) as refused:
        set_values(SHARED, {(*SERVICES, *path): wanted})
    assert f"line {line}: " in refused.value.what


def test_what_is_no_yaml_is_refused() -> None:
    with pytest.raises(UsageError, match="not YAML"):
        set_values("a: [", {("a",): 1})


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=0, max_size=12)
SCALARS = (
    WORDS | st.integers(-1000, 1000) | st.booleans() | st.sampled_from(["1.10", "yes", "0x1f", "1:30", "~", "null"])
)
KEYS = st.text("abcdefgh_-", min_size=1, max_size=6).filter(lambda key: key.strip("-") == key)
VALUES = st.recursive(SCALARS, lambda inner: st.dictionaries(KEYS, inner, max_size=3), max_leaves=5)


@given(WORDS)
def test_text_reads_back_as_itself(word: str) -> None:
    for style in (None, "'", '"'):
        assert load(f"a: {scalar(word, style)}\n") == {"a": word}
        assert yaml.safe_load(f"a: {scalar(word, style)}\n") == {"a": word}
    assert load(f"[{flow({'k': word})}]") == [{"k": word}]


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """A file with comments and blank lines between everything, in a random mixture of styles."""
    data = draw(st.dictionaries(KEYS, VALUES, min_size=1, max_size=4))
    step = draw(st.sampled_from([1, 2, 4]))
    count = 0

    def written(mapping: dict[str, Any], column: int) -> list[str]:
        nonlocal count
        lines = []
        for key, value in mapping.items():
            count += 1
            lines += draw(st.sampled_from([[], [""], [f"{' ' * column}# about {count}"], [f"# far left {count}"]]))
            tail = draw(st.sampled_from(["", f" # beside {count}", "  "]))
            if isinstance(value, dict) and value and draw(st.booleans()):
                lines += [f"{' ' * column}{key}:{tail}", *written(value, column + step)]
            else:
                lines.append(f"{' ' * column}{key}: {flow(value)}{tail}")
        return lines

    return "\n".join(written(data, 0)) + draw(st.sampled_from(["", "\n", "\n\n# end\n"])), data


@st.composite
def edits(draw: st.DrawFn) -> tuple[str, dict[str, Any], tuple[str, ...], Any]:
    text, data = draw(documents())
    path: tuple[str, ...] = ()
    here: Any = data
    while isinstance(here, dict) and here and (not path or draw(st.booleans())):
        path = (*path, draw(st.sampled_from(sorted(here)) | KEYS))
        here = here.get(path[-1])
    return text, data, path, draw(VALUES)


@settings(max_examples=100)
@given(edits())
def test_any_edit_gives_the_wanted_data_and_keeps_every_comment_elsewhere(
    edit: tuple[str, dict[str, Any], tuple[str, ...], Any],
) -> None:
    text, data, path, value = edit
    wanted = copy.deepcopy(data)
    here = wanted
    for key in path[:-1]:
        here = here.setdefault(key, {})
    here[path[-1]] = value
    after = set_values(text, {path: value})
    assert load(after) == wanted
    kept = [line for line in text.splitlines() if line.strip().startswith("#")]
    if not _holds_lines(data, path):
        assert [line for line in after.splitlines() if line.strip().startswith("#")] == kept
    assert set_values(after, {path: value}) == after


def _holds_lines(data: Any, path: tuple[str, ...]) -> bool:
    """Whether a mapping stands where the edit falls: its own comments may go with its keys."""
    for key in path:
        data = data.get(key) if isinstance(data, dict) else None
    return isinstance(data, dict)
