"""A model from the keyword arguments of a component."""

from collections.abc import Mapping
from typing import TypeVar

from pydantic import ValidationError

from components.rules.errors import ConfigError
from components.settings.base import Settings
from components.settings.problems import problems_of, render_path

S = TypeVar("S", bound=Settings)


def from_fields(model: type[S], fields: Mapping[str, object], path: str) -> S:
    """A model from a constructor's fields. Raises ConfigError whose paths start with `path`."""
    try:
        return model.model_validate(dict(fields))
    except ValidationError as error:
        raise ConfigError(problems_of(error, fields, lambda loc: render_path(path, loc))) from None
