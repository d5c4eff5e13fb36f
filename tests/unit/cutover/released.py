"""A stack as the pages show it: two services in the cluster, a history, and a promotion under load that went back."""

import json
from dataclasses import replace
from typing import Any

from contract.refusal import Kind, Refusal
from cutover.engine.records import Update
from cutover.measure.account import BACK, BAKE, UP, account_of
from cutover.observe.live import look
from cutover.observe.records import ServiceStatus
from cutover.stackfile.view import StackView
from prober import Answer, Failure, FailureClass
from prober import Result as Sent
from tests.unit.cutover.objects import V1, V2, blue_green, deployment, pod, pods, rolling, service, view
from tests.unit.cutover.test_history import update

Json = dict[str, Any]
SMOKE = {"path": "/version", "expect_body": "{version}"}
WHY = """shop-green: GET /version failed its smoke check for 5 s: the body lacks '"1.1.0"'
    Refused before the switch: traffic stays where it was.
    why: bad
    fix: mend it
    code: gate.smoke_failed
shop: blue is live; Pulumi.test.yaml is as it was"""
ORIGIN = {
    "cutover.dev/commit": "7f2cda114fbdd122a4abf3f46bfb8697335d9d73",
    "cutover.dev/deployed-by": "ann",
    "cutover.dev/deployed-at": "2026-01-01T11:40:00Z",
    "cutover.dev/run": "https://forge.example/team/shop/actions/runs/77",
}


class Answers:
    """An API server that has these lists."""

    def __init__(self, **lists: list[Json]) -> None:
        self.lists = {"services": [], "deployments": [], "pods": [], **lists}

    def items(self, path: str, _: Any = None) -> list[Json]:
        return self.lists[path.rpartition("/")[2]]


def cluster(**notes: str) -> Answers:
    """Blue serves, green waits with one of two pods ready, a worker is not there. `notes` are of the live Service."""
    live = service()
    live["metadata"]["annotations"] |= {f"cutover.dev/{key}": value for key, value in notes.items()}
    green = deployment("green", V2, minutes=10)
    green["metadata"]["annotations"] = dict(ORIGIN)
    waiting = [pod("green", V2), pod("green", V2, ready=False, minutes=7, reason="Evicted")]
    return Answers(services=[live], deployments=[deployment(), green], pods=[*pods("blue", V1), *waiting])


def refused(kind: Kind = "refused", why: str = WHY) -> str:
    """The note of a release that was refused, with the text of an error."""
    return replace(Refusal.now(kind, "green", "1-1-0-b1", why), at="2026-01-01T11:59:00Z").text()


def stack(**changes: Any) -> StackView:
    """The stack's file; `changes` are of its service `shop`."""
    return view(shop=blue_green(smoke=SMOKE, **changes), worker=rolling())


def seen(api: Any, stack_view: StackView) -> dict[str, ServiceStatus]:
    """What a look finds."""
    return look(api, stack_view)


def updates() -> list[Update]:
    """The newest first: rolled back, promoted, a try that failed, brought up."""
    return [
        update(4, "blue", "roll back shop"),
        update(3, "green", "promote shop to green 1.1.0 build 4"),
        update(2, "blue", "release shop 1.1.0 build 4", result="failed"),
        update(1, "blue", "bring dev up"),
    ]


def document() -> Json:
    """What the promotion printed."""
    account = account_of(sent()).to_json()
    bake = {"passed": False, "reason": "6 of 21 requests failed", "seconds": 12.0}
    found = {
        "verb": "promote", "stack": "test", "result": "failed", "exitCode": 1, "changed": True,
        "message": "load http://shop/ failed after 12 s\nwent back: shop to blue again",
        "fix": "look at it; `cutover release` puts a mended one there", "code": "run.failed",
        "startedAt": "2026-11-21T16:08:55+00:00", "seconds": 46.2, "bake": bake, "load": account,
    }  # fmt: skip
    return dict(json.loads(json.dumps(found)))


def sent() -> Sent:
    """Twenty a second for 40 s: old, new with failures, old again."""
    result = Sent(target="http://shop/", rate_per_second=20.0, seconds=40.0, started_at="2026-11-21T16:08:55.200+00:00")
    for number in range(800):
        at = number / 20
        version = "1.1.0" if 15 <= at < 30 else "1.0.0"
        if 28 <= at < 30 and number % 2:
            result.failures.append(Failure(at, 3.0, "url-new", FailureClass.STATUS, "HTTP 503"))
        else:
            result.answers.append(Answer(at, 5.0, "url-new", version, ""))
    result.marks = {UP: 2.0, BAKE: 16.0, BACK: 29.0}
    return result
