"""Environment variables: one that names another comes after it, whatever order the config had."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.manifests.content import NOTHING
from components.manifests.pod import pod_template
from components.rules.variables import ordered
from components.settings import Release
from components.strategies.rolling.settings import RollingSettings

NAMES = st.sampled_from("ABCDEFGH")


@pytest.mark.parametrize(
    ("variables", "order"),
    [
        ({"URL": "x", "A": "y"}, ["A", "URL"]),
        ({"ADDRESS": "http://$(HOST):$(PORT)", "HOST": "h", "PORT": "80"}, ["HOST", "PORT", "ADDRESS"]),
        ({"A": "$(B)", "B": "$(C)", "C": "1"}, ["C", "B", "A"]),
        ({"A": "$$(B)", "B": "1"}, ["A", "B"]),
        ({"A": "$$$(B)", "B": "1"}, ["B", "A"]),
        ({"A": "$(OTHER) $(B", "B": "1"}, ["A", "B"]),
        ({"A": "$(A)", "B": "$(C)", "C": "$(B)"}, ["A", "C", "B"]),
    ],
)
def test_the_order(variables: dict[str, str], order: list[str]) -> None:
    assert list(ordered(variables)) == order
    assert ordered(variables) == variables


@given(st.dictionaries(NAMES, st.lists(NAMES)))
def test_each_comes_after_those_before_it_in_the_alphabet_that_it_could_not_wait_for(
    named: dict[str, list[str]],
) -> None:
    downwards = {name: [one for one in others if one > name] for name, others in named.items()}  # so none in a circle
    order = list(ordered({name: "".join(f"$({one})" for one in others) for name, others in downwards.items()}))
    assert sorted(order) == sorted(named)
    for name, others in downwards.items():
        assert all(order.index(one) < order.index(name) for one in others if one in order)


@given(st.dictionaries(NAMES, st.text("$()ABCx")))
def test_circles_and_halves_lose_nothing(variables: dict[str, str]) -> None:
    assert ordered(variables) == variables


def test_a_chain_of_any_length() -> None:
    chain = {f"V{n:05}": f"$(V{n + 1:05})" for n in range(5000)}
    assert list(ordered(chain)) == sorted(chain, reverse=True)


def test_the_pods_have_that_order() -> None:
    env = {"ADDRESS": "http://$(HOST)", "HOST": "h"}
    release = Release(version="1", build=1, image="a:1", env={"BASE": "$(ADDRESS)/x"})
    settings = RollingSettings(port=80, release=release, env=env)
    template = pod_template(settings, release, labels={}, spread={}, content=NOTHING)
    (container,) = template["spec"]["containers"]
    names = [entry["name"] for entry in container["env"]]
    assert names == ["HOST", "ADDRESS", "BASE"]
    assert re.fullmatch(r"http://\$\(HOST\)", container["env"][1]["value"])
