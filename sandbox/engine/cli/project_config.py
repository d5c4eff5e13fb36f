"""Defaults and declarations of `config:` in Pulumi.yaml, applied to a stack's values."""

from typing import Any

from sandbox.engine.backend.errors import EngineError
from sandbox.engine.backend.project import Project
from sandbox.engine.cli.config_path import parse_key
from sandbox.engine.cli.stack_file import Values, has_secret, look_up

_DECLARATION = {"type", "description", "default", "value", "secret", "items"}
_TYPES: dict[str, tuple[type, ...]] = {"string": (str,), "integer": (int,), "boolean": (bool,), "array": (list,)}


def apply(project: Project, stack: str, values: Values, *, validate: bool) -> Values:
    """The stack's values with the project's defaults where it has none of its own.

    With `validate`, a declared key of the project without any value is an error, and so is a value of another type.
    """
    merged, missing = dict(values), []
    for written, declared in sorted(project.config.items()):
        namespace, name = parse_key(str(written), project.name)
        key = f"{namespace}:{name}"
        found = look_up(merged, key, project.name, path=True)
        declaration = _declaration(declared)
        default = declaration.get("default", declaration.get("value"))
        if found[0]:
            if validate:
                _check(stack, str(written), declaration, found[1])
        elif default is not None:
            # Scalars become text, as if they had been set on the command line.
            plain = str(default).lower() if isinstance(default, bool) else str(default)
            merged[key] = default if isinstance(default, dict | list) else plain
        elif namespace == project.name:
            missing.append(str(written))
    if missing and validate:
        what = "value" if len(missing) == 1 else "values"
        names = " and ".join(", ".join(f"'{one}'" for one in missing).rsplit(", ", 1))
        raise EngineError(
            f"validating stack config: Stack '{stack}' is missing configuration {what} {names}. "
            f"Set it with `pulumi config set {missing[0]} <value> --stack {stack}`."
        )
    return merged


def _declaration(declared: Any) -> dict[str, Any]:
    """What Pulumi.yaml says of a key: a declaration, or just its value."""
    if isinstance(declared, dict) and declared and set(declared) <= _DECLARATION:
        return declared
    return {} if declared is None else {"value": declared}


def _check(stack: str, key: str, declaration: dict[str, Any], value: Any) -> None:
    if declaration.get("secret") and not has_secret(value):
        raise EngineError(
            f"validating stack config: Stack '{stack}' with configuration key '{key}' must be encrypted as it's "
            f"secret. Set it with `pulumi config set --secret {key}`."
        )
    wanted = declaration.get("type")
    if wanted in _TYPES and not has_secret(value) and not _is(value, wanted):
        raise EngineError(
            f"validating stack config: Stack '{stack}' with configuration key '{key}' must be of type '{wanted}', "
            f"and it is {value!r}."
        )


def _is(value: Any, wanted: str) -> bool:
    """Values set on the command line are text: `3` is an integer and `true` a boolean all the same."""
    if wanted == "boolean":
        return isinstance(value, bool) or value in ("true", "false")
    if wanted == "integer":
        return (isinstance(value, int) and not isinstance(value, bool)) or str(value).lstrip("-").isdecimal()
    return isinstance(value, _TYPES[wanted])
