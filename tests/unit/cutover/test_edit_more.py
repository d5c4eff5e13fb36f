"""Edits of many values at once, of files with aliases, and of files in other encodings."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from components.stack.load import parse
from components.strategies.blue_green.settings import BlueGreenSettings
from cutover.errors import UsageError
from cutover.stackfile import edit
from cutover.stackfile.edit import ABSENT, set_values
from cutover.stackfile.file import StackFile
from cutover.stackfile.reader import read
from cutover.stackfile.view import parse_view

SERVICES = ("config", "cutover:services")


def test_fifty_colors_are_set_with_one_look_at_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    services = "".join(f"    s{n}:\n      active: blue # {n}\n      port: 80\n" for n in range(50))
    text = f"config:\n  cutover:services:\n{services}"
    looks: list[str] = []

    def counted(name: str, real: Callable[[str], Any]) -> Callable[[str], Any]:
        def look(text: str) -> Any:
            looks.append(name)
            return real(text)

        return look

    for name in ("read", "compose"):
        monkeypatch.setattr(edit, name, counted(name, getattr(edit, name)))
    after = set_values(text, {(*SERVICES, f"s{n}", "active"): "green" for n in range(50)})
    assert after == text.replace("blue", "green")
    assert sorted(looks) == ["compose", "read", "read"]


def test_one_value_within_another_is_set_in_the_order_given() -> None:
    text = "a: {b: 1, c: 1}\nd: 1\n"
    assert read(set_values(text, {("a",): {"b": 2}, ("a", "b"): 3, ("d",): 2})) == {"a": {"b": 3}, "d": 2}


def test_keys_are_found_as_the_engine_names_them() -> None:
    text = "versions:\n  1: {build: 1}\n  on: {build: 1}\n"
    after = set_values(text, {("versions", "1", "build"): 2, ("versions", "on", "build"): 3})
    assert after == "versions:\n  1: {build: 2}\n  on: {build: 3}\n"


def test_words_that_yaml_reads_otherwise_are_taken_over_as_they_are() -> None:
    text = "blue: {env: {AT: 22:30, IN: NO, RATE: 1.10}}\ngreen:\n"
    assert read(set_values(text, {("green",): read(text)["blue"]})) == {
        name: {"env": {"AT": "22:30", "IN": "NO", "RATE": 1.1}} for name in ("blue", "green")
    }


def test_a_file_whose_last_value_is_an_alias() -> None:
    text = "a: &env {X: '1'}\nb:\n  env: *env\nc: 1\n"
    after = set_values(text, {("b", "image"): "x:1", ("c",): 2})
    assert after == "a: &env {X: '1'}\nb:\n  env: *env\n  image: x:1\nc: 2\n"
    with pytest.raises(UsageError, match=r"line 3: b\.env is the alias \*env of what stands in line 1, "):
        set_values(text, {("b", "env"): {"X": "2"}})
    with pytest.raises(UsageError, match=r"line 1: a\.X is of the anchor &env, and an alias elsewhere takes"):
        set_values(text, {("a", "X"): "2"})
    without = set_values(text, {("b", "image"): "x:1", ("b", "env"): ABSENT})
    assert without == text.replace("  env: *env", "  image: x:1")


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        ("&x  blue # live", "green", "&x  green # live"),
        ("&x # none yet", "green", "&x green # none yet"),
        ("&x # the live one\n  blue", "green", "&x # the live one\n  green"),
        ("!!str &x 1", "2", '&x "2"'),
        ("&x !!int '1'", "2", "&x '2'"),
        ("&x {}", {"b": 1}, "&x\n  b: 1"),
        ("&x\n  b: 1\n  c: 1", {}, "&x {}"),
        ("&x [1]", [1, 2], "&x [1, 2]"),
        ("&x |\n  words\n  of lines", "word", "&x word"),
    ],
)
def test_an_anchor_stays_before_every_kind_of_value(before: str, value: Any, after: str) -> None:
    assert set_values(f"a: {before}\nz: 1\n", {("a",): value}) == f"a: {after}\nz: 1\n"
    if "\n" not in before + after and "#" not in before:
        assert set_values(f"{{a: {before}, z: 1}}\n", {("a",): value}) == f"{{a: {after}, z: 1}}\n"


def test_what_an_alias_gives_may_stay_in_a_release_that_changes() -> None:
    text = "env: &env {X: '1'}\nblue: &blue\n  <<: *env\n  env: *env\n  version: v1\n"
    after = set_values(text, {("blue",): {"X": "1", "env": {"X": "1"}, "version": "v2", "build": 2}})
    assert after == text.replace("v1\n", "v2\n  build: 2\n")


def test_what_a_merge_gives_is_written_out_where_it_changes() -> None:
    text = "base: &base {blue: {version: v1, build: 1}}\nshop:\n  <<: *base\n  port: 80\n"
    after = set_values(text, {("shop", "blue"): {"version": "v2", "build": 1}})
    assert after == f"{text}  blue:\n    version: v2\n    build: 1\n"


def test_what_everybody_who_follows_an_anchor_has_written_over_is_edited() -> None:
    text = "base: &base {active: blue, port: 80}\nshop: {<<: *base, active: blue}\n"
    assert set_values(text, {("base", "active"): "green"}) == text.replace("{active: blue", "{active: green")
    with pytest.raises(UsageError, match=r"line 1: base\.port is of the anchor &base"):
        set_values(text, {("base", "port"): 81})


def test_an_anchor_is_the_last_one_of_its_name() -> None:
    text = "a: &x 1\nb: &x 2\nc: *x\n"
    assert set_values(text, {("a",): 3}) == text.replace("1", "3")
    with pytest.raises(UsageError, match="line 2: b is of the anchor &x"):
        set_values(text, {("b",): 3})
    with pytest.raises(UsageError, match=r"line 3: c is the alias \*x of what stands in line 2") as refused:
        set_values(text, {("c",): 3})
    assert "write its value out in line 3" in refused.value.fix


@pytest.mark.parametrize("value", [ABSENT, "none", {"args": []}])
def test_what_holds_an_anchor_that_an_alias_follows_does_not_go(value: Any) -> None:
    text = "blue:\n  args:\n    - &one {name: x}\ngreen: {args: [*one]}\n"
    with pytest.raises(UsageError, match=r"line 3: blue(\.args)? holds the anchor &one, and an alias elsewhere"):
        set_values(text, {("blue",): value})


def test_an_anchor_goes_with_all_that_follow_it() -> None:
    text = "a: {x: &v 1, y: *v, z: 2}\nb: 1\n"
    assert set_values(text, {("a",): {"z": 3}}) == "a: {z: 3}\nb: 1\n"
    with pytest.raises(UsageError, match=r"line 1: a\.x is of the anchor &v"):
        set_values(text.replace("b: 1", "b: *v"), {("a",): {"z": 3}})


def test_what_a_merge_gives_cannot_be_taken_away() -> None:
    text = "base: &base {port: 80}\nshop:\n  active: blue\n  <<: *base\n"
    with pytest.raises(UsageError, match=r"line 4: shop\.port comes from what is merged in there"):
        set_values(text, {("shop", "port"): ABSENT})


def test_a_key_without_a_colon_at_the_end_is_refused() -> None:
    with pytest.raises(UsageError, match="a cannot be set without touching what is around it"):
        set_values("?", {("a",): 1})


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16"])
def test_a_file_in_another_encoding_keeps_it(tmp_path: Path, codec: str) -> None:
    path = tmp_path / "Pulumi.dev.yaml"
    text = "config:\n  cutover:namespace: shop\n  cutover:services: {shop: {active: blue}} # é\n"
    path.write_bytes(text.encode(codec))
    StackFile(path).set({("cutover:services", "shop", "active"): "green"})
    assert path.read_bytes() == text.replace("blue", "green").encode(codec)


@pytest.mark.parametrize("empty", ["green:", "green: # none yet", "green: ~", "green:\n    # the next one"])
def test_a_color_without_a_value_is_no_release_and_takes_one(empty: str) -> None:
    lines = ("config:", "  cutover:services:", "   shop:", "    active: blue", "    blue: {version: 2024.10}")
    text = "\n".join((*lines, f"    {empty}", "    port: 80", ""))
    view = parse_view(read(text), Path("Pulumi.dev.yaml")).services["shop"]
    assert dict(view.colors) == {"blue": {"version": "2024.10"}}
    after = read(set_values(text, {(*SERVICES, "shop", "green"): {"version": "1", "build": 2}}))
    assert after["config"]["cutover:services"]["shop"]["green"] == {"version": "1", "build": 2}
    given = {"strategy": "blue-green", "active": "blue", "port": 80, "green": None}
    blue = {"version": "1", "build": 1, "image": "a:1"}
    settings = parse("shop", {"shop": {**given, "blue": blue}}).services["shop"]
    assert isinstance(settings, BlueGreenSettings)
    assert settings.release("green") is None


@pytest.mark.parametrize(
    ("written", "version"), [("007", "007"), ("1.10", "1.10"), ("'1'", "1"), ("7", 7), ("0x10", "0x10")]
)
def test_a_version_is_named_as_it_is_written_and_a_build_is_a_number(written: str, version: object) -> None:
    text = f"config: {{cutover:services: {{w: {{strategy: rolling, release: {{version: {written}, build: 010}}}}}}}}\n"
    release = parse_view(read(text), Path("Pulumi.dev.yaml")).services["w"].release
    assert (release["version"], f"{release['build']}") == (version, "8")


@pytest.mark.parametrize("end", ["\n", "", "\r\n"])
def test_a_block_at_the_end_of_a_file_ends_as_what_it_takes_the_place_of(end: str) -> None:
    text = f"config:{end or chr(10)}  shop: {{}}{end}"
    made = set_values(text, {("config", "shop"): {"web": {"port": 80}}})
    assert made.endswith(f"port: 80{end}")
