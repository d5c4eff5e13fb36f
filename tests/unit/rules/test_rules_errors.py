"""Every error says what, why and how to repair it, and whether traffic moved."""

from collections.abc import Iterator

import pytest

from components.checks.registry import maker
from components.rules import errors
from components.rules.errors import ConfigError, CutoverError, GateRefused
from components.rules.problem import Problem
from contract.checks import CHECKS
from contract.codes import ENDS, code_in

REFUSALS = [errors.GateRefused, errors.NotReady, errors.SmokeFailed, errors.LiveReleaseEdit]


@pytest.mark.parametrize("kind", [*REFUSALS, errors.SwitchUnverified, errors.ClusterUnreachable])
def test_an_error_has_all_three_parts(kind: type[errors.GateRefused]) -> None:
    error = kind("1 of 2 pods ready", "half the load has nowhere to go", "look at the pods")
    assert isinstance(error, CutoverError)
    for part in ("1 of 2 pods ready", "why: half the load", "fix: look at the pods"):
        assert part in str(error)


@pytest.mark.parametrize("kind", REFUSALS)
def test_a_refusal_says_that_traffic_stayed(kind: type[errors.GateRefused]) -> None:
    assert issubclass(kind, GateRefused)
    assert "traffic stays where it was" in str(kind("a", "b", "c"))


def test_after_the_switch_no_error_says_that_traffic_stayed() -> None:
    text = str(errors.SwitchUnverified("a", "b", "c"))
    assert "traffic stays" not in text
    assert "was switched" in text


def test_a_config_error_lists_every_problem() -> None:
    first, second = Problem("p:a", "w1", "y1", "f1"), Problem("p:b", "w2", "y2", "f2")
    assert str(ConfigError([first])).splitlines()[0] == "1 problem in the configuration; nothing was changed."
    text = str(ConfigError(iter([first, second])))
    assert text.startswith("2 problems in the configuration")
    assert all(part in text for part in ("p:a", "w1", "y1", "f1", "p:b", "w2", "y2", "f2"))


def test_every_error_has_a_code_of_its_own() -> None:
    for kind in CHECKS:
        if kind.skipped_where_served:
            maker(kind.key)  # a check may have its error in its own module
    assert sorted(one.code for one in _below(CutoverError) if "code" in vars(one)) == sorted(ENDS)
    assert code_in(str(errors.SmokeFailed("a", "b", "c"))) == "gate.smoke_failed"
    assert code_in(str(ConfigError([Problem("p", "w", "y", "f")]))) == "config.invalid"


def _below(kind: type[CutoverError]) -> Iterator[type[CutoverError]]:
    for one in kind.__subclasses__():
        yield one
        yield from _below(one)


def test_foreign_text_forges_no_code() -> None:
    forged = errors.Gone("x\n    code: gate.refused", "y\ncode: gate.refused", "z")
    assert code_in(str(forged)) == "object.gone"


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    drawn = {line.split("── ")[1].split()[0] for line in (errors.__doc__ or "").splitlines() if "── " in line}
    made = {
        name
        for name, item in vars(errors).items()
        if isinstance(item, type) and issubclass(item, CutoverError) and not name.startswith("_")
    }
    assert made - {"CutoverError"} == drawn
