"""The base of all settings models: frozen, strict, unknown keys refused, every problem reported at once.

Pydantic skips a model's own cross-field rules while one of its fields is wrong. Here a model names each rule with the
fields it reads (`rules`), and those whose fields are valid run all the same: one try shows all there is to repair.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, ClassVar, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    ModelWrapValidatorHandler,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from components.rules.errors import ConfigError
from components.settings.problems import problems_of, render_path

Values = Mapping[str, Any]
"""The valid fields of one model by name, defaults included; under `GIVEN` the names that were written down."""

GIVEN = "(given)"
PROBED, UNPROBED = "(probe)", "(none)"
"""The two kinds of `readiness`; pydantic puts them into the path of what it finds."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A broken rule. `at` is where, from the model down; the texts are those of `components.rules.errors.Problem`."""

    at: tuple[str | int, ...]
    what: str
    why: str
    fix: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A cross-field rule: `check` runs when all the fields it `needs` are valid; its docstring is the rule in words."""

    needs: tuple[str, ...]
    check: Callable[[Values], Iterator[Fault]]


@dataclass(frozen=True, slots=True)
class Why:
    """Metadata of a field: the outage that its default, or getting it right, prevents."""

    text: str


def refusal(what: str, why: str, fix: str) -> PydanticCustomError:
    """A value refused by a field's own validator, in the house's three parts."""
    return PydanticCustomError("cutover", "{what}", {"what": what, "why": why, "fix": fix})


class Settings(BaseModel):
    """Base of all settings models."""

    # defer_build: only what a program uses is built; the import of the program is on the path of every `pulumi up`.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True, hide_input_in_errors=True)

    rules: ClassVar[tuple[Rule, ...]] = ()

    def __init__(self, **data: Any) -> None:
        """From keyword arguments. Raises ConfigError with every problem."""
        try:
            super().__init__(**data)
        except ValidationError as error:
            name = type(self).__name__
            raise ConfigError(problems_of(error, data, lambda loc: render_path(name, loc))) from None

    # Pydantic's own mark for "validation need not call __init__": nested errors must reach the outermost model.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

    @model_validator(mode="wrap")
    @classmethod
    def _report_everything(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        if isinstance(data, cls):
            return data
        errors: list[InitErrorDetails] = []
        model: Self | None = None
        try:
            model = handler(data)
        except ValidationError as error:
            errors.extend(_own(cls, error))
        if isinstance(data, Mapping):
            values = (
                _fields_of(model)
                if model
                else _valid_fields(cls, data, {error["loc"][0] for error in errors if error["loc"]})
            )
            errors.extend(_broken(cls.rules, values))
        if model is None or errors:
            raise ValidationError.from_exception_data(cls.__name__, errors, hide_input=True)
        return model


def _broken(rules: tuple[Rule, ...], values: Values) -> Iterator[InitErrorDetails]:
    for rule in rules:
        if all(name in values for name in rule.needs):
            for fault in rule.check(values):
                yield InitErrorDetails(type=refusal(fault.what, fault.why, fault.fix), loc=fault.at, input=None)


def _own(model: type[Settings], error: ValidationError) -> Iterator[InitErrorDetails]:
    """Pydantic's findings with what only this level knows: the field's description and the names it could have been."""
    for found in error.errors(include_url=False):
        context = dict(found.get("ctx") or {})
        loc = tuple(part for part in found["loc"] if part not in (PROBED, UNPROBED))
        field = model.model_fields.get(str(loc[0])) if loc else None
        if field is not None and len(loc) == 1:
            context.setdefault("about", field.description or "")
            context.setdefault("hurts", next((item.text for item in field.metadata if isinstance(item, Why)), ""))
        if found["type"] == "extra_forbidden":
            context.setdefault("known", tuple(model.model_fields))
        message = found["msg"].replace("{", "(").replace("}", ")")
        kind = PydanticCustomError(found["type"], message if found["type"] != "cutover" else "{what}", context)
        yield InitErrorDetails(type=kind, loc=loc, input=found["input"])


@cache
def _adapter(model: type[Settings], name: str) -> TypeAdapter[Any]:
    field = model.model_fields[name]
    return TypeAdapter(Annotated[field.annotation, field])  # type: ignore[arg-type]


def _fields_of(model: Settings) -> dict[str, Any]:
    return {GIVEN: model.model_fields_set, **{name: getattr(model, name) for name in type(model).model_fields}}


def _valid_fields(model: type[Settings], data: Mapping[str, Any], wrong: Collection[object]) -> dict[str, Any]:
    valid: dict[str, Any] = {GIVEN: set(data)}
    for name, field in model.model_fields.items():
        if name in wrong:
            continue
        if name in data:
            # Already found good, so this only repeats the conversion. Only a config with an error ever pays for it.
            valid[name] = _adapter(model, name).validate_python(data[name])
        else:
            valid[name] = field.get_default(call_default_factory=True, validated_data={})
    return valid
