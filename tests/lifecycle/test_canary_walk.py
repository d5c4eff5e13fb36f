"""`promote --steps` on the real engine: back to nothing, paused, gone on with, killed, cut over."""

import re
import shlex
import signal
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from tests.lifecycle import services, views
from tests.lifecycle.command import cutover, kubectl
from tests.lifecycle.driver import stopped
from tests.lifecycle.kube import Namespace, eventually
from tests.lifecycle.routes import EXISTING, Gateway, ensure_kind, weights
from tests.lifecycle.stack import Stack
from tests.unit.cutover.servers import Reply, Request, serve

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]
DATA = '{"status": "success", "data": {"resultType": "vector", "result": [%s]}}'
NO_DATA, NO_ERRORS = DATA % "", DATA % '{"metric": {}, "value": [1, "0"]}'
QUICK = ("--bake", "2s", "--interval", "0.5s", "--yes")
Json = dict[str, Any]


@pytest.fixture
def gateway(admin: httpx2.Client, namespace: Namespace) -> Iterator[Gateway]:
    """A route that others made, and a gateway that follows it and says so."""
    ensure_kind(admin)
    namespace.create_object("httproutes", EXISTING)
    made = Gateway(namespace, "public")
    made.accepts = True
    yield made
    made.stop()


@pytest.fixture
def shop(stack: Stack, gateway: Gateway) -> Json:
    """A service behind that route, all of it on blue."""
    made = services.blue_green(route={"http_route": "public", **gateway.settings}, drain_seconds=0, recycle=False)
    stack.services["shop"] = made
    stack.must_up()
    stack.watcher.judges = False  # the stack's file is the driver's from here on
    return made


@pytest.mark.usefixtures("shop")
def test_a_walk_goes_back_pauses_and_ends_with_the_cutover(stack: Stack, namespace: Namespace) -> None:
    def answer(_: Request) -> Reply:
        """Users of the canary are not served well."""
        return Reply(500 if weights(namespace)["shop-green"] else 200)

    before = stack.file.read_text()
    with serve(answers=answer) as users:
        probe = ("--probe-url", users.url, "--failure-limit", "1")
        bad = cutover(stack, "promote", "shop", "--steps", "20,100", *QUICK, *probe, "--json")
    assert bad.code == 1, bad.err
    found = bad.json()
    assert "went back to 0 %" in found["message"]
    assert found["message"].endswith("shop: blue is live; route public: blue 100 %, green 0 %")
    assert [(step["weight"], step["result"]) for step in found["steps"]] == [(20, "failed")]
    assert weights(namespace) == {"shop-blue": 100, "shop-green": 0}
    assert stack.file.read_text() == before

    refused = cutover(stack, "promote", "shop", "--steps", "50,100", *QUICK)
    assert (refused.code, "lost it again" in refused.out) == (3, True), refused
    with serve(Reply(body=NO_DATA), Reply(body=NO_DATA), Reply(body=NO_ERRORS)) as prometheus:
        query = ("--prometheus", prometheus.url, "--query", 'errors=sum(e{c="{color}",r="{revision}"})<1')
        paused = cutover(stack, "promote", "shop", "--steps", "50,100", *QUICK, "--pause-at", "50", "--again", *query)
        asked = [parse_qs(urlsplit(request.path).query)["query"] for request in prometheus.requests]
    assert paused.code == 0, paused
    assert asked[0] == ['sum(e{c="blue",r="1-0-0-b1"})'], "before anything is moved, about what serves"
    assert {one for (one,) in asked[1:]} == {'sum(e{c="green",r="1-1-0-b1"})'}
    assert "shop: blue is live; route public: blue 50 %, green 50 %" in paused.out
    assert weights(namespace) == {"shop-blue": 50, "shop-green": 50}

    further = re.search(r"`cutover (promote .*?)` with the other options", paused.out)
    assert further, paused.out
    verb, *words = shlex.split(further[1])
    ended = cutover(stack, verb, *words, "--interval", "0.5s", "--yes", "--again")
    assert ended.code == 0, ended
    assert "shop: green is live" in ended.out
    assert weights(namespace) == {"shop-blue": 0, "shop-green": 100}
    assert views.live_color(namespace) == "green"
    assert "canary" not in stack.file.read_text()


@pytest.mark.wide
@pytest.mark.usefixtures("shop")
def test_a_bad_canary_loses_its_share_also_where_somebody_edits_the_file_meanwhile(
    stack: Stack, namespace: Namespace
) -> None:
    def answer(_: Request) -> Reply:
        """The file is edited while the canary is watched, and users are not served well."""
        text = stack.file.read_text()
        if "weight: 20" not in text:
            return Reply()
        if "# by somebody else" not in text:
            stack.file.write_text(f"{text}# by somebody else\n")
        return Reply(500)

    with serve(answers=answer) as users:
        bad = cutover(stack, "promote", "shop", "--steps", "20,100", *QUICK, "--probe-url", users.url)
    assert bad.code == 1, bad
    assert "not gone back to 0 % by the file: Pulumi.test.yaml was changed by somebody else" in bad.out
    assert "the next `up` does again what Pulumi.test.yaml says of the canary" in bad.out
    assert weights(namespace) == {"shop-blue": 100, "shop-green": 0}
    assert "# by somebody else" in stack.file.read_text()
    again = cutover(stack, "promote", "shop", "--steps", "20,100", *QUICK)
    assert (again.code, "lost it again" in again.out) == (3, True), again
    ended = cutover(stack, "promote", "shop", "--weight", "0", "--yes")
    assert ended.code == 0, ended
    assert weights(namespace) == {"shop-blue": 100, "shop-green": 0}
    assert "weight: 20" not in stack.file.read_text()


@pytest.mark.wide
@pytest.mark.usefixtures("shop")
def test_a_canary_that_a_gate_refuses_at_a_later_step_keeps_no_share(stack: Stack, namespace: Namespace) -> None:
    begun = cutover(stack, "promote", "shop", "--steps", "20,50", *QUICK, "--pause-at", "20")
    assert begun.code == 0, begun
    namespace.make_unready(*views.names(views.pods(namespace, color="green")))
    eventually("the canary to go unready", lambda: not views.ready_pods(namespace, color="green"))
    refused = cutover(stack, "promote", "shop", "--steps", "50,100", *QUICK)
    assert refused.code == 3, refused
    assert "it had 20 %, and went back to 0 %" in refused.out
    assert "traffic stays where it was" not in refused.out.rpartition("error: ")[2]
    assert weights(namespace) == {"shop-blue": 100, "shop-green": 0}
    assert "canary" not in stack.file.read_text()
    assert cutover(stack, "status").code == 1


@pytest.mark.wide
@pytest.mark.usefixtures("shop")
def test_a_canary_that_loses_its_endpoints_is_told_and_goes_back(stack: Stack, namespace: Namespace) -> None:
    """Its pods are all ready, and its share gets a 503 of any gateway: their Service selects none of them."""

    def lose() -> None:
        assert cutover(stack, "promote", "shop", "--weight", "20", "--yes").code == 0
        namespace.patch("services", "shop-green", {"spec": {"selector": {"nobody": "has-this"}}})
        eventually("no endpoint", lambda: not _endpoints(namespace))

    lose()
    told = cutover(stack, "status")
    assert told.code == 1, told
    assert "✖ blue 80 %, green 20 %; shop-green has no ready endpoint" in told.out
    back, delete, make = re.findall(r"`((?:cutover|kubectl) .*?)`", told.out.partition("fix: ")[2])
    verb, *words = shlex.split(back)[1:-2]
    assert cutover(stack, verb, *words, "--yes").code == 0
    assert weights(namespace) == {"shop-blue": 100, "shop-green": 0}
    assert cutover(stack, "status").code == 0, "nobody is sent there any more"
    kubectl(stack, delete.removeprefix("kubectl "))
    assert make == "cutover up --stack test"
    made = cutover(stack, "up", "--yes")
    assert made.code == 0, made.out
    eventually("its endpoints", lambda: len(_endpoints(namespace)) == 2)

    lose()  # nothing but the probe measures it, which meets the API server's own 503
    bad = cutover(stack, "promote", "shop", "--steps", "20,100", *QUICK)
    assert bad.code == 1, bad
    assert "the Service shop-green has no ready endpoint of green 1.1.0 build 1; probe shop-green " in bad.out
    assert "went back to 0 %, as Pulumi.test.yaml says" in bad.out
    assert weights(namespace) == {"shop-blue": 100, "shop-green": 0}
    assert "canary" not in stack.file.read_text()


def _endpoints(namespace: Namespace) -> list[Json]:
    """The ready endpoints of the canary's Service."""
    found = namespace.items("endpointslices", {"kubernetes.io/service-name": "shop-green"})
    return [one for piece in found for one in piece["endpoints"] or [] if one["conditions"].get("ready", True)]


@pytest.mark.wide
@pytest.mark.usefixtures("shop")
def test_a_walk_that_was_stopped_or_killed_goes_on_where_it_was(
    stack: Stack, namespace: Namespace, gateway: Gateway
) -> None:
    words = ("promote", "shop", "--steps", "10,50,100", "--interval", "0.5s", "--yes")
    ended = stopped(stack, lambda line: "watching the new release" in line, signal.SIGTERM, *words, "--bake", "60s")
    assert ended.code == 1, ended
    assert "`cutover promote shop --steps 10,50,100 --bake 60s`" in ended.out
    assert "route public: blue 90 %, green 10 %" in ended.out
    assert weights(namespace) == {"shop-blue": 90, "shop-green": 10}
    assert "weight: 10" in stack.file.read_text()

    killed = stopped(stack, lambda line: "then the shares" in line, signal.SIGKILL, *words, "--bake", "3s")
    assert killed.code == -signal.SIGKILL
    assert "public: shop-blue 50, shop-green 50" in killed.out
    assert "weight: 50" in stack.file.read_text()
    gone_on = cutover(stack, *words, "--bake", "2s", "--load", gateway.settings["address"])
    assert gone_on.code == 0, gone_on
    assert "from 10" not in gone_on.out
    assert "50 % watched for 2 s" in gone_on.out
    assert ": 0 of " in gone_on.out
    assert re.search(r"  at 50 %: \d+ requests, 1\.0\.0 \d+", gone_on.out), gone_on.out
    assert weights(namespace) == {"shop-blue": 0, "shop-green": 100}
    assert views.live_color(namespace) == "green"


@pytest.mark.wide
def test_a_walk_without_a_gateway_goes_by_pods(stack: Stack, namespace: Namespace) -> None:
    stack.services["shop"] = services.blue_green("replica-set", cutover="labels", overlap_seconds=0)
    stack.must_up()
    stack.watcher.judges = False  # the stack's file is the driver's from here on
    before = stack.file.read_text()

    def answer(_: Request) -> Reply:
        """Users of the canary are not served well."""
        return Reply(500 if "green" in views.attached(namespace) else 200)

    with serve(answers=answer) as users:
        bad = cutover(stack, "promote", "shop", "--steps", "10,100", *QUICK, "--probe-url", users.url)
    assert bad.code == 1, bad
    assert "went back to 0 %, as Pulumi.test.yaml says" in bad.out
    assert (views.attached(namespace), stack.file.read_text()) == ({"blue"}, before)
    refused = cutover(stack, "promote", "shop", "--steps", "10,100", *QUICK)
    assert refused.code == 3, refused

    paused = cutover(stack, "promote", "shop", "--steps", "10,50,100", *QUICK, "--again", "--pause-at", "10")
    assert paused.code == 0, paused
    assert "green 1 of 3 pods" in paused.out
    assert views.attached(namespace) == {"blue", "green"}
    ended = cutover(stack, "promote", "shop", "--steps", "50,100", *QUICK, "--again")
    assert ended.code == 0, ended
    assert "50 % watched for 2 s" in ended.out
    assert views.attached(namespace) == {"green"}
    assert "canary" not in stack.file.read_text()
