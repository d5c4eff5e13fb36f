"""A call that goes through a route at each member of a group stays on one color, where the application forwards a
header; by the real gateway.
"""

import json
from collections import Counter
from typing import Any

import httpx2
import pytest

from sandbox.gateway import NAME, NAMESPACE, Address
from tests.lifecycle import services
from tests.lifecycle.command import cutover
from tests.lifecycle.kube import Namespace, eventually
from tests.lifecycle.load import ANSWER_SECONDS
from tests.lifecycle.stack import Stack

pytestmark = [pytest.mark.cluster, pytest.mark.traffic, pytest.mark.wide]  # istiod takes 8 minutes to build
HEADER = "x-ot-span-context"  # one of those that podinfo's /echo passes on
CALLS = 200
Json = dict[str, Any]


@pytest.mark.parametrize("kind", ["HTTPRoute", "VirtualService"])
def test_a_call_stays_on_its_color(stack: Stack, namespace: Namespace, gateway: Address, kind: str) -> None:
    of_istio = kind == "VirtualService"
    url = gateway.istio if of_istio else gateway.gateway_api
    whose: Json = (
        {"gateways": [f"{NAMESPACE}/{NAME}"]} if of_istio else {"parents": [{"name": NAME, "namespace": NAMESPACE}]}
    )
    hosts = {name: f"{name}.{namespace.name}.example" for name in ("api", "web")}
    quick: Json = {"active": None, "drain_seconds": 0, "recycle": False}
    for name, host in hosts.items():
        route = {**whose, "hosts": [host], "address": f"{url}/version"}
        stack.services[name] = services.blue_green(route=route, **quick)
    port = url.rpartition(":")[2]
    stack.services["web"] |= {
        "args": [f"--backend-url=http://{hosts['api']}:{port}/env", "--backend-url=http://127.0.0.1:9898/env"],
        "pod": {"spec": {"hostAliases": [{"ip": gateway.ip, "hostnames": [hosts["api"]]}]}},
    }
    group = stack.groups["all"] = {"active": "blue", "services": ["api", "web"], "color_header": HEADER}
    stack.must_up()

    with httpx2.Client(base_url=url, headers={"Host": hosts["web"]}, timeout=ANSWER_SECONDS, trust_env=False) as http:

        def colors() -> tuple[str, str]:
            """Of `web` and of the `api` that it met."""
            api, web = http.post("/echo").raise_for_status().json()
            return _color(web, "API_URL"), _color(api, "WEB_URL")

        eventually("the routes to lead somewhere", lambda: colors() == ("blue", "blue"))
        group["canary"] = {"weight": 30}
        outcome = stack.must_up()
        assert f"seen in 100 answers to {HEADER}: green: web-green 100" in outcome.said
        met = Counter(colors() for _ in range(CALLS))
        assert met.keys() == {("blue", "blue"), ("green", "green")}, met
        status = cutover(stack, "status", "--json").json()["stacks"][0]["services"]
        assert [(status[name]["drift"], status[name]["route"]["matches"]) for name in hosts] == [
            ([], [f"{HEADER}: green"])
        ] * 2

        del group["color_header"]
        stack.must_up()
        assert any(web != api for web, api in Counter(colors() for _ in range(CALLS))), "nothing keeps it there"
        del group["canary"]
        stack.must_up()
        assert Counter(colors() for _ in range(CALLS)).keys() == {("blue", "blue")}
    assert stack.destroy().code == 0


def _color(env: str, variable: str) -> str:
    """The color of a pod, by the variable that says where that color of another member is."""
    (found,) = [one for one in json.loads(env) if one.startswith(f"{variable}=")]
    return str(found).partition("-")[2].partition(".")[0]
