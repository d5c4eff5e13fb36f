"""The options of verbs that can run under load."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from cutover.operations.bake.load import UnderLoad

LoadUrl = Annotated[
    str | None,
    typer.Option(
        "--load",
        metavar="URL",
        help="Send steady traffic to this URL of yours all the while; requests that fail are failures.",
    ),
]
LoadRate = Annotated[float | None, typer.Option("--load-rate", metavar="N", help="Requests per second of --load (20).")]


def asked_load(
    url: str | None, rate: float | None, failure_limit: int, bake_seconds: float = 0.0
) -> "UnderLoad | None":
    """The load that is asked for, not yet begun. Raises UsageError."""
    if url is None and rate is None:
        return None
    from cutover.operations.bake.load import under_load

    return under_load(url, rate, failure_limit, bake_seconds)
