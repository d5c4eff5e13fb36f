"""`adopt`: take over a Deployment and a Service that are live: write them into the stack's file. Changes no object."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from contract.strategies import BLUE_GREEN
from cutover.options import Options
from cutover.shared_options import shared_options
from cutover.strategy_option import Strategy

if TYPE_CHECKING:
    from cutover.operations.command.run import Run
    from cutover.output.result import Result


@shared_options(changes=True)
def adopt(
    options: Options,
    name: Annotated[str | None, typer.Argument(help="Name of the service: that of the live Service.")] = None,
    file: Annotated[
        str | None,
        typer.Option(
            "--file",
            "-f",
            help="Manifests (`-`: standard input): a new service for each workload in them.",
        ),
    ] = None,
    deployment: Annotated[str | None, typer.Option(help="The Deployment; NAME unless given.")] = None,
    service: Annotated[str | None, typer.Option(help="The Service; NAME, and no other.")] = None,
    strategy: Strategy = BLUE_GREEN,
    color: Annotated[Literal["blue", "green"], typer.Option(help="The color it becomes.")] = "blue",
    version: Annotated[str | None, typer.Option(help="Version that runs; the image's tag unless given.")] = None,
    build: Annotated[int, typer.Option(min=0, help="Number of the build that runs.")] = 0,
    readiness: Annotated[str | None, typer.Option(help="Path that says when a new pod may get traffic.")] = None,
    container: Annotated[
        str | None, typer.Option(help="The container that serves, where the ports of the pods do not tell.")
    ] = None,
    pin: Annotated[
        bool | None,
        typer.Option(
            "--pin/--no-pin",
            help="Name the image by the digest that the pods run: so unless --no-pin. With --file the registry is "
            "asked, and only with --pin.",
        ),
    ] = None,
) -> None:
    """Write a live Deployment and Service into the stack's file, for `up` to import. No object is changed.

    With --file it reads manifests in place of the cluster, which it does not ask: what it writes are services of their
    own, for a cluster where their objects are not yet.

    Example: cutover adopt web --deployment web --service web
    """
    from cutover.errors import UsageError
    from cutover.operations.command.perform import perform

    if (name is None) == (file is None):
        raise UsageError("say what to adopt: the name of a live Service, or manifests", "cutover adopt web, or -f FILE")
    if file is not None:
        from cutover.operations.adopt.from_manifests import take

        perform("adopt", options, lambda run: take(run, file, strategy, container=container, pin=bool(pin)))
        return
    assert name is not None  # noqa: S101 - one of the two is given
    if (service or name) != name:
        raise UsageError(
            f"the service would be called {name!r} and its Service {service!r}: the two are one name",
            f"cutover adopt {service} --deployment {deployment or name}",
        )
    asked = {"strategy": strategy, "color": color, "version": version, "build": build, "readiness": readiness}

    def carry_out(run: "Run") -> "Result":
        from cutover.operations.adopt.from_cluster import adopt as work

        return work(run, name, deployment or name, container, pin is not False, asked)

    perform("adopt", options, carry_out)
