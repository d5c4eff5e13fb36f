"""The watch after a switch, and the way back when a measurement fails."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from contract.codes import STAYS
from contract.releases import Color, color_service_name
from cutover.errors import DriverError, GateRefused
from cutover.measure import (
    BakePlan,
    Check,
    Measurement,
    Sample,
    Verdict,
    bake,
    check_of,
    probe_service,
    probe_url,
)
from cutover.observe import Api, access_of, look
from cutover.observe.endpoints import read_endpoints
from cutover.operations.bake.bake_options import BakeOptions
from cutover.operations.bake.queries import queries
from cutover.operations.command.run import Run
from cutover.operations.traffic.switch import Switch, switch_now
from cutover.output.report import Report

if TYPE_CHECKING:
    from cutover.measure.load import Load


WITHOUT_PROBE = (
    "`--no-probe` leaves that out, and `--probe-url URL` asks from here as users do; the API server reaches pods only "
    "where the network between them lets it, and who asks it needs the right to get services/proxy (docs/rbac.yaml)"
)
WITHOUT_SOURCE = (
    "what a bake is to measure has to answer from this machine, whatever it says, before a release can be held to it: "
    "mend the address, or leave the option out"
)


def watch(
    run: Run, switched: Mapping[str, str], asked: BakeOptions, load: "Load | None" = None, *, canary: int = 0
) -> Verdict:
    """Measure the services that were switched until the time is over or something is bad. A `canary` has only so many
    percent of its users: it is asked by its color's own Service.
    """
    with Api(access_of(run.view)) as api:
        measurements = measurements_of(run, api, switched, asked, canary=canary > 0)
        if load:
            measurements.append(_measured(load, canary))
        plan = BakePlan(
            seconds=asked.seconds,
            measurements=tuple(measurements),
            interval_seconds=asked.interval_seconds,
            failure_limit=asked.failure_limit,
        )
        verdict = bake(plan, _teller(run, asked))
    return _settled(verdict, load, asked.failure_limit, canary) if load and verdict.passed else verdict


def rehearse(run: Run, before: Mapping[str, str | None], asked: BakeOptions) -> None:
    """Ask each source once, before anything moves, whether it answers. What it answers is no matter here, but is said
    where a bake would take it for bad; and where no pod is ready there is nothing to learn. Raises GateRefused.
    """
    with Api(access_of(run.view)) as api:
        status = look(api, run.view)
        there = {name: status[name].colors.get(color) for name, color in before.items() if color}
        ready = {name: color.color for name, color in there.items() if color and color.ready}
        looks = [(one, one.take()) for one in measurements_of(run, api, ready, asked)]
    out_of_reach = [f"{one.name}: {reading.said}" for one, reading in looks if not reading.reached]
    if out_of_reach and len(ready) == len(before):
        fix = WITHOUT_PROBE if all(one.indirect for one, reading in looks if not reading.reached) else WITHOUT_SOURCE
        raise GateRefused("\n".join(["--bake cannot measure:", *out_of_reach, STAYS]), fix)
    for one, reading in looks:
        if reading.outcome != "passed" and not one.indirect:
            run.report.say(f"{one.name}: now, before anything is switched: {reading.said}", "warning")


def dead(run: Run, switched: Mapping[str, str], *, canary: bool = False) -> str:
    """The service whose new release has no ready pod, or none behind the Service that is asked, so that what could not
    be measured is an outage; else empty.
    """
    asked = {name: _asked(name, color, canary=canary) for name, color in switched.items()}
    try:
        with Api(access_of(run.view)) as api:
            status = look(api, run.view)
            endpoints = read_endpoints(api, run.view.namespace, asked.values())
    except DriverError:
        return ""
    for name, color in switched.items():
        there, reading = status[name].colors.get(color), endpoints[asked[name]]
        if there and not there.ready:
            return f"no pod of {there.color} {there.release} is ready"
        if there and not isinstance(reading, str) and not any(pod.name in reading for pod in there.pods):
            return f"the Service {asked[name]} has no ready endpoint of {there.color} {there.release}"
    return ""


def judged(run: Run, switched: Mapping[str, str], verdict: Verdict, *, canary: bool = False) -> Verdict:
    """The verdict of a watch; a failed one where nothing could be measured because the new release is down."""
    outage = dead(run, switched, canary=canary) if verdict.blind else ""
    if not outage:
        return verdict
    first = verdict.first_failure or next(iter(verdict.failed), None)
    return replace(verdict, reason=f"{outage}; {verdict.reason}", blind=False, first_failure=first)


def seen(verdict: Verdict) -> list[str]:
    """The lines about a watch that passed: how long it was, and what each measurement said."""
    return [f"watched for {verdict.seconds:.0f} s:", *(f"  {summary}" for summary in verdict.summaries)]


def switch_back(run: Run, back: Mapping[str, str]) -> list[Switch]:
    """Send every service's traffic back to its color, at once. Raises GateRefused, ClusterUnreachable."""
    done = []
    with Api(access_of(run.view)) as api:
        for name, color in back.items():
            done.append(switch_now(api, run.view, run.view.services[name], color, run.remember))
            run.moved[name] = done[-1].color
            run.changed = True
            by_route = "route" in run.view.services[name].settings
            what = "the live Service is back on" if by_route else "back on"
            then = "; the route follows with the `up`" if by_route else ""
            run.report.say(f"{name}: {what} {done[-1].color} {done[-1].revision}{then}", "warning")
    return done


def no_way_back(run: Run, back: Mapping[str, str]) -> str | None:
    """Why the traffic may not be sent back to these colors; None where it may, or where the cluster does not say."""
    for name, color in back.items():
        if not run.view.services[name].colors.get(color):
            return f"{name}: {color} has no release"
    try:
        status = run.live()
    except DriverError:
        return None  # the program asks again, and refuses
    for name, color in back.items():
        there = status[name].colors.get(color)
        if there and (limit := status[name].forbidden(there.release)):
            return f"{name}: {limit} forbids a rollback past it, and {color} has {there.release}"
    return None


def measurements_of(
    run: Run, api: Api, switched: Mapping[str, str], asked: BakeOptions, *, canary: bool = False
) -> list[Measurement]:
    """The measurements of a bake: a probe of each service that was switched, each URL, each query. Of a `canary` the
    probe asks its color's own Service.
    """
    found: list[Measurement] = []
    for name, color in switched.items():
        if asked.probe and (probe := _probe(run, api, name, color, canary=canary)):
            found.append(probe)
    for number, url in enumerate(asked.urls, 1):
        found.append(probe_url(url, Check(), f" ({number})" if len(asked.urls) > 1 else ""))
    found += queries(run, api, switched, asked)
    return found


def _probe(run: Run, api: Api, name: str, color: str, *, canary: bool) -> Measurement | None:
    """The probe of one service; None, said, where its readiness is nothing that the API server can ask."""
    service = run.view.services[name]
    check = check_of(service.settings, service.slots.get(color) or {})
    if check is None:
        why = "its readiness is no plain HTTP GET, so the bake does not ask it"
        run.report.say(f"{name}: {why}; give it `smoke`, or watch a URL or a query", "warning")
        return None
    port = str(service.service_port)  # `service` may name it otherwise
    return probe_service(api.http, run.view.namespace, _asked(name, color, canary=canary), check, port)


def _asked(name: str, color: str, *, canary: bool) -> str:
    """The Service that a probe asks."""
    return color_service_name(name, cast("Color", color)) if canary else name


def _measured(load: "Load", canary: int) -> Measurement:
    """The load as a measurement of the bake, which begins now."""
    from cutover.measure.load import LoadMeasurement

    load.begin(phase := _phase(canary))
    return LoadMeasurement(load, phase)


def _phase(canary: int) -> str:
    from cutover.measure.account import BAKE, at_share

    return at_share(canary) if canary else BAKE


def _settled(verdict: Verdict, load: "Load", failure_limit: int, canary: int = 0) -> Verdict:
    """The verdict once the last requests of the bake have ended as well: a stall shows only when their time is up."""
    seen = load.settle(_phase(canary))
    if seen.failed <= failure_limit:
        return verdict
    why = f"{load.name}: {seen.failed} of {seen.started} requests failed, the last one {load.last_failure}"
    return replace(verdict, passed=False, reason=why)


def _teller(run: Run, asked: BakeOptions) -> "_Teller":
    return _Teller(run, run.report, asked.seconds)


class _Teller:
    """Says each measurement's samples where they change, and stops the watch at Ctrl-C."""

    def __init__(self, run: Run, report: Report, seconds: float) -> None:
        self._run = run
        self._report = report
        self._seconds = seconds
        self._last: dict[str, str] = {}

    def __call__(self, sample: Sample) -> None:
        self._run.check_stopping()
        self._report.wait("watching the new release", self._seconds)
        if self._last.get(sample.measurement) != sample.outcome:
            self._last[sample.measurement] = sample.outcome
            mark = {"passed": "", "failed": "error", "unknown": "warning"}[sample.outcome]
            self._report.say(f"{sample.measurement}: {sample.said}", mark)


class BakeBlind(DriverError):  # noqa: N818  (named for what happened)
    """A bake that could measure nothing, so that nothing failed either; traffic was left where it is."""


class BakeFailed(DriverError):  # noqa: N818  (named for what happened)
    """A measurement failed after the switch; traffic was sent back."""
