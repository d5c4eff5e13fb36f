"""The option that names the strategy of a new service."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from cutover.strategies.registry import STRATEGIES

if TYPE_CHECKING:
    Name = str
else:
    Name = Literal[tuple(STRATEGIES)]  # from which the help and the error name them

Strategy = Annotated[Name, typer.Option(help="Kind of service.")]
