"""`make demo`, or `python -m demo [--context NAME] [--engine PATH] [--no-gateway]`.

Exit codes: 0 every step did what it should and no request failed; 1 not so; 2 something is missing; 130 interrupted.
"""

import signal
import time
from typing import Annotated

import httpx2
import typer
from rich.status import Status

from demo import clusters, gateway, report, story
from demo.canary import BY_GATEWAY, Canary
from demo.clusters import DemoCluster
from demo.errors import DemoError
from demo.project import Project
from demo.stage import Stage
from demo.traffic import Traffic
from demo.voice import Voice, fail
from prober import ProberError, Result, TargetRefusedError
from sandbox.errors import SandboxError
from sandbox.gateway import Address
from sandbox.pulumi import choose

voice = Voice(width=120)


def demo(
    context: Annotated[str | None, typer.Option(help="Use this context of your kubeconfig, not the sandbox.")] = None,
    engine_path: Annotated[str | None, typer.Option("--engine", help="The pulumi executable to use.")] = None,
    with_gateway: Annotated[bool, typer.Option("--gateway/--no-gateway", help="The canary, the last step.")] = True,
) -> None:
    """Watch a cutover, a refusal, a rollback, a rolling update and a canary, and see that no request is dropped."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with voice.console.status("starting") as status:
            good = _perform(status, context, engine_path, with_gateway=with_gateway)
    except (DemoError, SandboxError, ProberError, TargetRefusedError, OSError) as error:
        fail(str(error), 2)
    except httpx2.HTTPError as error:
        fail(f"the API server stopped answering: {error}. `python -m sandbox status` tells of the sandbox.", 2)
    except KeyboardInterrupt:
        fail("interrupted. The next `make demo` clears up what is left; `make down` stops the sandbox.", 130)
    raise typer.Exit(0 if good else 1)


def _perform(status: Status, context: str | None, engine_path: str | None, *, with_gateway: bool) -> bool:
    start = time.monotonic()
    with gateway.built_beside(voice.say, wanted=with_gateway and not context) as built:
        pulumi = choose(engine_path, voice.say)
        voice.say(f"engine   {pulumi}")
        cluster = clusters.named(context) if context else clusters.sandbox(voice.say)
        voice.say(f"cluster  {cluster.name}")
    sent = Traffic()
    project = Project(
        engine=pulumi,
        environment=cluster.environment,
        tick=lambda command: status.update(f"{command}  [dim]{sent.progress}[/]"),
    )
    stage = Stage(voice.console, status, cluster, project, sent)
    try:
        status.update(f"preparing the namespace {clusters.NAMESPACE}")
        cluster.prepare(voice.say)
        project.create()
        steps = _set_up(project, cluster)
        complete = all(stage.play(step) for step in steps)
        by_gateway = _last(stage, project, gateway.started(built, cluster, voice.say)) if complete else {}
        results = stage.judge() | by_gateway
    finally:
        sent.close()
    voice.say("\ncleaning up: pulumi destroy --yes")
    complete &= project.run("destroy", "--yes").exit_code == 0
    cluster.remove()
    seconds = time.monotonic() - start
    numbers = report.document(stage.played, results, pulumi, cluster.name, complete=complete, seconds=seconds)
    report.write(numbers)
    status.stop()
    report.show(voice.console, stage.played, numbers)
    if not complete:
        voice.say(f"Not every step could be done; what the engine said is in {project.folder / 'logs'}.")
    if not context:
        voice.say("The cluster is still up; `make down` stops it.")
    return bool(numbers["ok"])


def _last(stage: Stage, project: Project, found: Address | str) -> dict[str, Result]:
    """The step through the gateway, and the account of the traffic there; nothing where none can be had."""
    if isinstance(found, str):
        voice.say(f"\nleft out: {story.last(story.SANDBOX_RELEASES).title}, as there is none: {found}")
        return {}
    canary = Canary(stage, project, found, story.SANDBOX_RELEASES)
    stage.play(story.last(story.SANDBOX_RELEASES), canary.perform)
    return {BY_GATEWAY: canary.result} if canary.result else {}


def _set_up(project: Project, cluster: DemoCluster) -> list[story.Step]:
    """The stack's configuration for this cluster, and the steps that it can show."""
    releases = story.SANDBOX_RELEASES
    if cluster.context:
        releases = story.PUBLIC_RELEASES
        project.must("config", "set", "kubernetes:context", cluster.context)
        for path, value in story.setup(releases).items():
            project.set(path, value)
    if cluster.has_traffic:
        return story.steps(releases)
    voice.say(
        "its pods are only said to run, so nothing can be asked of them: no traffic, no smoke check, nothing refused."
    )
    project.must("config", "rm", "--path", f"cutover:services.{story.BLUE_GREEN}.smoke")
    return [step for step in story.steps(releases) if step.undo is None]


if __name__ == "__main__":
    typer.run(demo)
