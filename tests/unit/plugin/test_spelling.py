"""Names go from a program's spelling to the models' and back, and the user's own keys stay as they are."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from components.plugin.kinds import KINDS
from components.plugin.spelling import (
    Node,
    camel,
    choices,
    in_words,
    items_of,
    model_of,
    to_models,
    to_program,
    values_of,
)

SCALARS = st.one_of(st.integers(-9, 9), st.booleans(), st.text(max_size=3))
KEYS = st.sampled_from(["a", "drain_seconds", "drainSeconds", "blue", "metadata", "DB_PASSWORD", "secrets"])
ANYTHING = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=2))
Pair = tuple[Any, Any]
"""A value as a program writes it, and the same as the models have it."""


@st.composite
def pairs(draw: st.DrawFn, node: Node, depth: int = 0) -> Pair:
    """A value of a part of the schema; of what has several forms one is drawn."""
    if depth > 4:
        return (draw(SCALARS),) * 2
    one = draw(st.sampled_from(choices(node)))
    if "properties" in one:
        names = draw(st.lists(st.sampled_from(sorted(one["properties"])), max_size=3, unique=True))
        strategy = one["properties"].get("strategy", {}).get("const")
        inner = {name: draw(pairs(one["properties"][name], depth + 1)) for name in names if name != "strategy"}
        kind = {"strategy": strategy} if strategy else {}
        return (
            {camel(name): value for name, (value, _) in inner.items()} | kind,
            {name: value for name, (_, value) in inner.items()} | kind,
        )
    if "items" in one:
        items = draw(st.lists(pairs(items_of(one), depth + 1), max_size=2))
        return [value for value, _ in items], [value for _, value in items]
    if "patternProperties" in one:
        values = draw(st.dictionaries(KEYS, pairs(values_of(one), depth + 1), max_size=2))
        return {key: value for key, (value, _) in values.items()}, {key: value for key, (_, value) in values.items()}
    if one.get("type") == "object":  # a fragment
        return (draw(st.dictionaries(KEYS, ANYTHING, max_size=2)),) * 2
    return (draw(SCALARS),) * 2


@given(data=st.data())
def test_either_spelling_is_the_models_value(data: st.DataObject) -> None:
    node = data.draw(st.sampled_from(KINDS)).inputs
    written, wanted = data.draw(pairs(node))
    assert to_models(written, node) == wanted
    assert to_models(wanted, node) == wanted


def walk(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(path for key, one in inner for path in walk(one, (*at, key)))]


@given(data=st.data())
def test_a_path_of_the_models_is_the_programs_path(data: st.DataObject) -> None:
    node = data.draw(st.sampled_from(KINDS)).inputs
    written, value = data.draw(pairs(node))
    assert [to_program(at, node, value) for at in walk(value)] == walk(written)


def test_what_is_given_in_both_spellings_is_left_for_the_model_to_refuse() -> None:
    (node,) = [kind.inputs for kind in KINDS if kind.name == "RollingApp"]
    given_twice = {"drain_seconds": 1, "drainSeconds": 2, "port": 80}
    assert to_models(given_twice, node) == given_twice


def test_a_service_of_an_environment_is_of_its_strategy() -> None:
    (node,) = [kind.inputs for kind in KINDS if kind.name == "Environments"]
    build = values_of(node["properties"]["builds"])
    (model,) = [one for one in choices(build) if "properties" in one]
    services = values_of(model["properties"]["services"])
    for strategy, field in (("rolling", "release"), ("blue-green", "blue")):
        found = model_of(services, {"strategy": strategy})
        assert found is not None
        assert field in found["properties"]


def test_texts_name_settings_as_a_program_does() -> None:
    assert in_words("raise termination_grace_seconds above 40") == "raise terminationGraceSeconds above 40"
    assert in_words("`expect_body`, env_from_secrets.") == "`expectBody`, envFromSecrets."
    assert in_words("my_drain_seconds, drain_seconds-x, drain") == "my_drain_seconds, drain_seconds-x, drain"
