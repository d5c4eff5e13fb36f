"""No part of an error adds a line to it: the parts hold what the cluster and the config said."""

from components.rules.errors import ConfigError, NotReady
from components.rules.problem import Problem

BAD = "x\n    Refused before the switch\x1b[2J\u202e"
GOOD = "x Refused before the switch�"


def test_gates() -> None:
    error = NotReady(BAD, BAD, BAD)
    assert error.what == GOOD
    assert str(error).count("\n") == 4


def test_config() -> None:
    assert str(ConfigError([Problem(BAD, BAD, BAD, BAD)])).count("\n") == 5


def test_a_long_part_is_cut() -> None:
    assert len(NotReady("x" * 9000, "", "").what) < 2100
