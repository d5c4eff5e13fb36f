"""The order of environment variables: `$(NAME)` in a value sees only what comes before it. Pure.

The order in which they are written is lost: the engine hands objects on with their keys sorted. So a variable comes
after those that it names, and otherwise the alphabet decides. References are read as Kubernetes expands them
(https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/): `$$` is a `$`.
"""

import re
from collections.abc import Iterator, Mapping

_REFERENCE = re.compile(r"\$(?:\$|\(([^)]*)\))")


def ordered(variables: Mapping[str, str]) -> dict[str, str]:
    """The variables, each after those that its value names. Those that name each other keep the alphabet's order."""
    placed: dict[str, str] = {}
    for name in sorted(variables):
        _place(name, variables, placed, set())
    return placed


def _place(name: str, variables: Mapping[str, str], placed: dict[str, str], above: set[str]) -> None:
    waiting = [(name, _named(variables[name]))]
    above.add(name)
    while waiting:  # no recursion: a chain may be as long as there are variables
        here, others = waiting[-1]
        other = next((one for one in others if one in variables and one not in placed and one not in above), None)
        if other is None:
            placed.setdefault(here, variables[here])
            waiting.pop()
        else:
            above.add(other)
            waiting.append((other, _named(variables[other])))


def _named(value: str) -> Iterator[str]:
    return (found[1] for found in _REFERENCE.finditer(value) if found[1])
