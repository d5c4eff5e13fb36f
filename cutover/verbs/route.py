"""`route`: a route that exists sends to the two colors of a service in place of its live Service, or back."""

from typing import TYPE_CHECKING, Annotated

import typer

from cutover.options import Options
from cutover.shared_options import shared_options

if TYPE_CHECKING:
    from cutover.operations.command.run import Run
    from cutover.output.result import Result


@shared_options(changes=True)
def route(
    options: Options,
    service: Annotated[str | None, typer.Argument(help="The service; none where only one has a route.")] = None,
    http_route: Annotated[str | None, typer.Option(help="The HTTPRoute that its users come by.")] = None,
    grpc_route: Annotated[str | None, typer.Option(help="The GRPCRoute.")] = None,
    virtual_service: Annotated[str | None, typer.Option(help="Istio's VirtualService.")] = None,
    rule: Annotated[
        str | None,
        typer.Option(help="The rule of it, by name or number; unless given, each that sends to the live Service."),
    ] = None,
    back: Annotated[bool, typer.Option("--back", help="To the live Service again, and out of the file.")] = False,
) -> None:
    """Have a route that serves send to the two colors, for canaries: one write of it, and `route` in the file.

    Nothing of the traffic changes by it: the live Service and the color that serves have the same pods. The shares move
    with `promote --weight` or `--steps` after the next `up`.

    Example: cutover route storefront --http-route shop
    """
    from cutover.operations.command.perform import perform

    asked = {
        "http_route": http_route,
        "grpc_route": grpc_route,
        "virtual_service": virtual_service,
        "rule": int(rule) if rule and rule.isdecimal() else rule,
    }

    def carry_out(run: "Run") -> "Result":
        from cutover.operations.route.route import route as work

        return work(run, service, asked, back=back)

    perform("route", options, carry_out)
