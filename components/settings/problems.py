"""The translation of pydantic's findings into problems: the path as config writes it, what, why and fix."""

import re
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from components.rules.problem import Problem
from contract.strategies import STRATEGIES
from contract.text import one_line, quoted

Loc = tuple[int | str, ...]
Texts = tuple[str, str, str]

_PLAIN_KEY = re.compile(r"[A-Za-z0-9_-]+")
_LONGEST_KEY = 100
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_WANTED = {
    "int_type": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "string_type": "text",
    "tuple_type": "a list",
    "dict_type": "a mapping of keys to values",
    "model_type": "a mapping of keys to values",
    "model_attributes_type": "a mapping of keys to values",
}
_BOUNDS = {
    "greater_than_equal": ("ge", "at least"),
    "less_than_equal": ("le", "at most"),
    "greater_than": ("gt", "more than"),
    "less_than": ("lt", "less than"),
}
_UNKNOWN_WHY = "if it were ignored, a default would run in its place and nobody would know"
CONTENT = frozenset({"env", "config", "config_files", "secrets", "headers"})
"""Fields whose values belong to the application."""
_RELEASE_KEYS = ("version", "build", "image")


def render_path(root: str, loc: Iterable[int | str]) -> str:
    """`("shop", "args", 0)` below `cutover:services` -> `cutover:services.shop.args[0]`, as `pulumi config` has it."""
    path = root
    for part in loc:
        if isinstance(part, int):
            path += f"[{part}]"
        elif _PLAIN_KEY.fullmatch(part):
            path += f".{part}"
        else:
            # Of `DB_PASSWORD=x` written as a key only what comes before the value is shown.
            name, equals, _ = part.partition("=")
            path += f'["{one_line(name, _LONGEST_KEY)}{equals}{"…" if equals else ""}"]'
    return path


def problems_of(error: ValidationError, given: object, at: Callable[[Loc], str]) -> list[Problem]:
    """Every finding in what was `given` as a problem, in its order; `at` writes a location as a path."""
    found = error.errors(include_url=False)
    guesses = {(*item["loc"][:-1], _suggestion(item)) for item in found if item["type"] == "extra_forbidden"}
    problems = []
    for item in found:
        # A misspelt required key is one mistake, not two.
        if item["type"] == "missing" and item["loc"] in guesses:
            continue
        loc = _without_kind(tuple(part for part in item["loc"] if part != "[key]"), given)
        if item["type"].startswith("union_tag"):
            loc = (*loc, "strategy")
        problem = Problem(at(loc), *_texts(item, loc))
        if problem not in problems:
            problems.append(problem)
    return problems


def _without_kind(loc: Loc, value: Any) -> Loc:
    """A location without the kind that pydantic chose for a service, by its `strategy`: nobody wrote such a key."""
    found: Loc = ()
    chosen = False
    for part in loc:
        of_service = isinstance(value, Mapping) and found[-2:-1] == ("services",)
        if of_service and not chosen and part in STRATEGIES and part == value.get("strategy"):
            chosen = True  # a setting of that name, which does not exist, may follow
            continue
        found, chosen = (*found, part), False
        value = _below(value, part)
    return found


def _below(value: Any, part: int | str) -> Any:
    if isinstance(value, Mapping):
        return value.get(part)
    inside = isinstance(part, int) and isinstance(value, list | tuple) and part < len(value)
    return value[part] if inside else None


def _texts(item: ErrorDetails, loc: Loc) -> Texts:
    kind, context = item["type"], item.get("ctx") or {}
    name = _name(loc)
    if kind == "cutover":
        return context["what"], context["why"], context["fix"]
    about = str(context.get("about", "")).rstrip(".")
    hurts = str(context.get("hurts", "")) or "Kubernetes or the application would refuse it, later and less clearly"
    if kind == "missing":
        return f"{name} is missing", hurts, f"add {name}: {about}"
    if kind == "extra_forbidden":
        return _unknown(item, name, context)
    if kind in {"union_tag_not_found", "union_tag_invalid"}:
        return _strategy(item["input"])
    if kind == "literal_error":
        return _choice(item["input"], name, str(context["expected"]), hurts)
    if kind in _BOUNDS:
        limit, words = _BOUNDS[kind]
        bound = context[limit]
        return f"{name} is {_show(item['input'])}, it must be {words} {bound}", hurts, f"set {name} to {words} {bound}"
    if kind in {"too_short", "string_too_short"}:
        return f"{name} is empty", hurts, f"write what is meant, or leave {name} out if it is optional"
    return _wrong_type(item["input"], name, _WANTED.get(kind, item["msg"]), hurts, hidden=_is_content(loc))


def _name(loc: Loc) -> str:
    """The field, or `args[1]`."""
    if not loc:
        return "the configuration"
    if isinstance(loc[-1], int):
        return f"{_name(loc[:-1])}[{loc[-1]}]"
    return one_line(loc[-1].partition("=")[0], _LONGEST_KEY)


def _unknown(item: ErrorDetails, name: str, context: Mapping[str, Any]) -> Texts:
    what, known = f"{name} is not a setting here", context.get("known", ())
    guess = _suggestion(item)
    if guess:
        return f"{what}; did you mean {guess}?", _UNKNOWN_WHY, f"rename {name} to {guess}"
    if name in _RELEASE_KEYS and {"blue", "green"} & set(known):
        return what, "each color has a release of its own", f"move {name} below blue or green"
    if name in _RELEASE_KEYS and "release" in known:
        return what, "what runs is described in one place", f"move {name} below release"
    return what, _UNKNOWN_WHY, f"remove it; known here: {', '.join(sorted(known))}"


def _suggestion(item: ErrorDetails) -> str:
    known = (item.get("ctx") or {}).get("known", ())
    written = _CAMEL.sub("_", str(item["loc"][-1])).lower().replace("-", "_").replace("colour", "color")
    return next(iter(get_close_matches(written, known, n=1, cutoff=0.75)), "")


def _strategy(value: Any) -> Texts:
    why = "it decides how the pods of the service are replaced"
    fix = "set one of: " + ", ".join(f"strategy: {key} ({words})" for key, words in STRATEGIES.items())
    given = value.get("strategy") if isinstance(value, Mapping) else getattr(value, "strategy", None)
    return ("strategy is missing" if given is None else f"strategy is {_show(given)}, which does not exist"), why, fix


def _choice(value: Any, name: str, expected: str, hurts: str) -> Texts:
    choices = expected.replace("'", "")
    guess = get_close_matches(str(value).lower(), re.split(r", | or ", choices), n=1)
    fix = f"write {name}: {guess[0]}" if guess else f"write one of: {choices}"
    return f"{name} is {_show(value)}, it must be {choices}", hurts, fix


def _wrong_type(value: Any, name: str, wanted: str, hurts: str, *, hidden: bool) -> Texts:
    shown = _kind(value) if hidden or isinstance(value, Mapping | list | tuple) else f"{_show(value)} ({_kind(value)})"
    what = f"{name} is {shown}, {wanted} is wanted"
    if value is None:
        return f"{name} is empty, {wanted} is wanted", hurts, f"write a value after {name}:, or remove the key"
    if wanted == "text" and isinstance(value, int | float):
        why = "YAML reads 1.10 as the number 1.1, and 010 or yes as something else again"
        # What was written is not known: YAML has read 2024.10 as 2024.1 by now.
        place = "the item" if name.endswith("]") else f"{name}: '…'"
        return f"{name} is {_kind(value)}, text is wanted", why, f"quote it as it is written: {place}"
    if wanted == "a list" and isinstance(value, str):
        return (
            what,
            "one text is not split into words: the program would not be found",
            f"write {name}: [first, second]",
        )
    if isinstance(value, str) and wanted in {"a whole number", "a number", "true or false"}:
        return (
            what,
            "guessing the number behind a text would hide mistakes",
            f"write {name} without quotes, as {wanted}",
        )
    return what, hurts, f"write {wanted} for {name}"


def _is_content(loc: Loc) -> bool:
    """Whether the value belongs to the application; it may be confidential, so it is never shown."""
    return any(part in CONTENT for part in loc)


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "a truth value"
    for kind, words in (
        (int, "a number"),
        (float, "a number"),
        (str, "text"),
        (Mapping, "a mapping"),
        (type(None), "empty"),
    ):
        if isinstance(value, kind):
            return words
    return "a list" if isinstance(value, list | tuple) else f"a {type(value).__name__}"


def _show(value: Any) -> str:
    return quoted(value)
