"""`python -m sandbox up | down | status | env | images | exec -- COMMAND`. Exit codes: 0 done, 1 failed, 3 not up."""

import shlex
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from sandbox.cluster import build, images
from sandbox.cluster.cluster import Cluster, Status
from sandbox.errors import SandboxError
from sandbox.gateway import NAME, NAMESPACE, Address, Gateway
from sandbox.paths import ROOT
from sandbox.pulumi import Engine, choose

NOT_UP = 3
IN_NODE = {"ignore_unknown_options": True, "allow_interspersed_args": False}

app = typer.Typer(
    help="A real single-node Kubernetes in namespaces of its own, and a real Pulumi engine.",
    no_args_is_help=True,
    add_completion=False,
)
console = Console(highlight=False, soft_wrap=True)


WithGateway = Annotated[bool, typer.Option("--gateway", help="A gateway too, for routes of the Gateway API and Istio.")]
OnlyGateway = Annotated[bool, typer.Option("--gateway", help="The gateway only, with all routes; the cluster stays.")]


@app.command()
def up(gateway: WithGateway = False) -> None:
    """Start the cluster and say how to use it. Whatever of cluster and engine was never built is built first."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    # On a terminal a last line shows the seconds that the present step has taken; elsewhere there are the lines only.
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        step = progress.add_task("looking at what is there", total=None)

        def report(line: str) -> None:
            console.print(line)
            progress.reset(step, description=line)

        cluster = Cluster(report=report)
        with ThreadPoolExecutor(1) as pool:  # what is built for the one is built beside the other
            engine = pool.submit(choose, None, report)
            status = cluster.up()
            address = Gateway(cluster, report).up() if gateway else None
            found = engine.result()
    _describe(cluster, status, address)
    console.print(f"pulumi      {found}")
    console.print(f"provider    {found.provider}")
    console.print('to use both: eval "$(python -m sandbox env)"')


@app.command()
def env() -> None:
    """Print the exports with which a shell uses the cluster and the engine, for `eval`."""
    for name, value in _exports(choose(None, lambda line: print(line, file=sys.stderr))).items():
        print(f"export {name}={value}")


def _exports(engine: Engine) -> dict[str, str]:
    """Shell words; the PATH keeps what it has."""
    cluster = Cluster()
    found = {"KUBECONFIG": str(cluster.kubeconfig), **engine.environment(ROOT / ".sandbox" / "pulumi")}
    if address := Gateway(cluster).address():
        found |= {"CUTOVER_GATEWAY": address.gateway_api, "CUTOVER_GATEWAY_ISTIO": address.istio}
    quoted = {name: shlex.quote(value) for name, value in found.items()}
    folders = ":".join(shlex.quote(str(one)) for one in (engine.command.parent, build.MODULE.binaries))
    return {"PATH": f'{folders}:"$PATH"', **quoted}


@app.command()
def down(gateway: OnlyGateway = False) -> None:
    """Stop the cluster and remove every trace of it. The built programs stay in the cache."""
    if gateway:
        Gateway(Cluster()).down()
        console.print("the gateway is down")
        return
    Cluster().down()
    console.print("the cluster is down")


@app.command()
def status() -> None:
    """Say what runs. Exit code 3 when the cluster is not up."""
    cluster = Cluster()
    found = cluster.status()
    _describe(cluster, found, Gateway(cluster).address() if found.traffic else None)
    if not found.ready:
        raise typer.Exit(NOT_UP)


@app.command(name="images")
def list_images() -> None:
    """List the images that pods can use."""
    for reference in images.references():
        console.print(reference)


@app.command(name="exec", context_settings=IN_NODE)
def execute(command: Annotated[list[str], typer.Argument(help="The command and its arguments, after `--`.")]) -> None:
    """Run a command as on the node, with kubectl, ctr and the like on its PATH. Its exit code is this one's."""
    raise typer.Exit(Cluster().execute(command))


def _describe(cluster: Cluster, status: Status, gateway: Address | None) -> None:
    if not status.ready:
        state = "is starting or broken" if status.node_kind else "is not up"
        console.print(f"the cluster {cluster.name} {state}: start it with `python -m sandbox up`")
        return
    traffic = "pods answer requests" if status.traffic else "pods are only said to run and answer no requests"
    console.print(f"cluster     {cluster.name}, Kubernetes {status.kubernetes}")
    console.print(f"node        {status.node_kind} ({status.runtime}): {traffic}")
    console.print(f"pods        {status.pods}")
    console.print(f"kubeconfig  {cluster.kubeconfig}")
    console.print(f"kubectl     {build.MODULE.binaries / 'kubectl'}")
    if gateway:
        console.print(f"gateway     {gateway.gateway_api}: HTTPRoute, GRPCRoute; parent {NAMESPACE}/{NAME}")
        console.print(f"            {gateway.istio}: VirtualService; gateway {NAMESPACE}/{NAME}")


def main() -> None:
    """Run the command line; an error of the sandbox is a message, not a traceback."""
    try:
        app()
    except SandboxError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
