"""The reader of a component's inputs: names as the models spell them, secrets in their places, every rule checked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr, ValidationError

from components.plugin.inputs import GroupInputs, Place
from components.plugin.kinds import Kind
from components.plugin.spelling import Node, items_of, model_of, to_models, to_program, values_of
from components.plugin.values import REFERENCE, UNKNOWN, Secret, places
from components.rules.errors import ConfigError
from components.rules.problem import Problem
from components.settings.base import Settings
from components.settings.problems import problems_of, render_path
from contract.releases import COLORS

At = tuple[str | int, ...]
_MAY_BE_SECRET = ("secrets", "kubeconfig")


@dataclass(frozen=True)
class Read:
    """The place of a component, and its settings."""

    place: Place
    settings: Settings


def unknown(inputs: Mapping[str, Any]) -> list[str]:
    """The paths of what a preview does not know yet."""
    return [render_path("", at).removeprefix(".") for at in places(inputs, type(UNKNOWN))]


def settings_of(kind: Kind, name: str, inputs: Mapping[str, Any]) -> Read:
    """The settings of a component. Raises ConfigError with every problem; paths begin with the component's name."""
    problems = [*_no_values(name, inputs), *(_misplaced(name, at) for at in _secrets(inputs, kind.inputs, "", ()))]
    if problems:  # what is secret is in no other message
        raise ConfigError(problems)
    fields = to_models(_opened(inputs), kind.inputs)

    def checked(model: type[Settings], given: Mapping[str, Any]) -> Settings | None:
        try:
            return model.model_validate(dict(given))
        except ValidationError as error:
            found = problems_of(error, given, lambda at: render_path(name, to_program(at, kind.inputs, fields)))
            problems.extend(found)
            return None

    place = checked(Place, {key: value for key, value in fields.items() if key in Place.model_fields})
    rest = {key: value for key, value in fields.items() if key not in Place.model_fields}
    if kind.settings is GroupInputs:
        problems.extend(_colored(name, rest))
    settings = checked(kind.settings, rest)
    if problems or place is None or settings is None:
        raise ConfigError(problems)
    assert isinstance(place, Place)  # noqa: S101 - for the type checker
    return Read(place, settings)


def _no_values(name: str, inputs: Mapping[str, Any]) -> Iterator[Problem]:
    for at in places(inputs, type(REFERENCE)):
        yield Problem(
            render_path(name, at),
            "a resource, an asset or an archive is given, a value is wanted",
            "nothing could be read from it before the run",
            "pass an output of the resource, such as its name",
        )
    for at in places(inputs, type(UNKNOWN)):
        yield Problem(
            render_path(name, at),
            "the value is not known in this run",
            "names and checks are made from it",
            "run again without --target, or write the value itself",
        )


def _secrets(value: Any, node: Node, field: str, at: At) -> Iterator[At]:
    """Where a secret is that is none of `secrets`, which become a Secret, nor a kubeconfig, which goes nowhere."""
    if isinstance(value, Secret):
        if field not in _MAY_BE_SECRET:
            yield at
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _secrets(item, items_of(node), "", (*at, number))
    elif isinstance(value, Mapping):
        model = model_of(node, value)
        for key, inner in value.items():
            of_map = field if field == "secrets" else ""
            below = values_of(node) if model is None else model["properties"].get(key, {})
            yield from _secrets(inner, below, of_map if model is None else key, (*at, key))


def _misplaced(name: str, at: At) -> Problem:
    return Problem(
        render_path(name, at),
        "the value is marked secret",
        "it would be readable in the pods' template, and in the state",
        "pass it in `secrets`, as VARIABLE: value, or name an existing Kubernetes Secret in env_from_secrets; a value "
        "that is no secret: take the mark off",
    )


def _opened(value: Any, *, secret: bool = False) -> Any:
    if isinstance(value, Secret):
        return _opened(value.value, secret=True)
    if isinstance(value, Mapping):
        return {key: _opened(inner, secret=secret) for key, inner in value.items()}
    if isinstance(value, list):
        return [_opened(item, secret=secret) for item in value]
    return SecretStr(value) if secret and isinstance(value, str) else value


def _colored(name: str, fields: dict[str, Any]) -> Iterator[Problem]:
    """Give each member the group's color; what is wrong with that is said of the group alone, so any will do then."""
    services = fields.get("services")
    if not isinstance(services, Mapping):
        return
    group = [color for color in COLORS if color == fields.get("active")]
    for member, service in services.items():
        if isinstance(service, Mapping) and "active" in service:
            yield Problem(
                render_path(name, ("services", member, "active")),
                "active is not a setting here",
                "the members of a group cut over together",
                "remove it; the group's active is that of all",
            )
    fields["services"] = {
        member: {**service, "active": next(iter(group or [one for one in COLORS if one in service]), COLORS[0])}
        if isinstance(service, Mapping)
        else service
        for member, service in services.items()
    }
