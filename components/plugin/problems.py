"""Problems of a component's inputs as the engine shows them: each at its property.

Beside a property that it finds, the engine shows the value, unless that is marked secret. A password that somebody
wrote where its key belongs is not, nor is what a whole object holds: such a place is named so that no value is found.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pulumi.errors import InputPropertiesError, InputPropertyErrorDetails

from components.plugin.spelling import camel, in_words
from components.rules.errors import ConfigError
from components.rules.problem import LONGEST, Problem
from components.settings.problems import CONTENT, render_path
from components.settings.secret_keys import BAG, NO_KEY_FIX
from contract import codes
from contract.text import one_line

At = tuple[str | int, ...]

_PLAIN = (
    "a value that is written here as it is would be readable in the program and its history",
    f"mark the value secret, as the language has it, or pulumi config set --secret {BAG}:<key> and write that key",
)


def invalid(name: str, problems: Sequence[Problem], inputs: Mapping[str, Any]) -> InputPropertiesError:
    """The error of a component's Construct. Paths of the problems begin with the component's name, as those of a
    component's own ConfigError do; `inputs` are what came, with the names that the program used.
    """
    count = len(problems)
    head = "1 problem in the inputs" if count == 1 else f"{count} problems in the inputs"
    details = [_detail(name, problem, inputs) for problem in problems]
    return InputPropertiesError(f"{head}; nothing of {name} was changed.\n\t\t{codes.line(ConfigError.code)}", details)


def _detail(name: str, problem: Problem, inputs: Mapping[str, Any]) -> InputPropertyErrorDetails:
    texts = (problem.what, *(_PLAIN if problem.fix == NO_KEY_FIX else (problem.why, problem.fix)))
    what, why, fix = (in_words(one_line(part, LONGEST)) for part in texts)
    path = problem.path.removeprefix(f"{name}.")
    if _would_show(path, inputs):
        path = f"{name}.{path}"
    return {"property_path": path, "reason": f"{what}\n\t\t  why: {why}\n\t\t  fix: {fix}"}


def _would_show(path: str, inputs: Mapping[str, Any]) -> bool:
    """Whether the engine finds more than a setting at the path: an object, or what an application gets."""
    found = [(at, value) for at, value in _parts(inputs, ()) if render_path("", at).removeprefix(".") == path]
    return any(isinstance(value, Mapping | list) or _CONTENT & {*at} for at, value in found)


_CONTENT = CONTENT | {camel(name) for name in CONTENT}


def _parts(value: Any, at: At) -> Iterable[tuple[At, Any]]:
    if at:
        yield at, value
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _parts(inner, (*at, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _parts(inner, (*at, number))
