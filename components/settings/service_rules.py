"""Guard rails of `service` and `services`: clients find ready pods, at the port that the gates ask."""

from collections.abc import Iterator, Mapping
from typing import Any

from components.podspec.merge import DIRECTIVE
from components.settings.base import Fault, Rule, Values
from components.settings.beside_rules import sound
from components.settings.fragment import SERVICE, Path


def _sends_to_ready_pods(values: Values) -> Iterator[Fault]:
    """A `Service` stays one over the pods of the service, and the one that clients send to waits for readiness."""
    for at, kind, fragment in sound(values):
        spec = fragment.get("spec") or {}
        if kind != SERVICE:
            continue
        external = spec.get("type") == "ExternalName"
        if external or "externalName" in spec:
            yield Fault(
                (*at, "spec", "type" if external else "externalName"),
                "the Service is to be an alias of another host (ExternalName)",
                "it would send to no pod of this service: no cutover could ever move it",
                "remove it; make such a Service outside of this stack",
            )
        if spec.get("publishNotReadyAddresses") and at == ("service",):
            yield Fault(
                (*at, "spec", "publishNotReadyAddresses"),
                "publishNotReadyAddresses is true for the Service that clients send to",
                "pods that are not ready, and those on their way out, would get requests at each release",
                "remove it; what peers find each other by is a Service of its own: "
                "services: {<name>: {spec: {clusterIP: None, publishNotReadyAddresses: true}}}",
            )


def _clients_port(values: Values) -> Iterator[Fault]:
    """`service` leaves the port of `service_port` where it is, and says nothing that `ports` says."""
    if not any(at == ("service",) for at, _, _ in sound(values)):
        return
    number, further = values["service_port"], {port: name for name, port in values["ports"].items()}
    entries = (values["service"].get("spec") or {}).get("ports", [])
    at: Path = ("service", "spec", "ports")
    whole = entries is None or any(DIRECTIVE in one and one[DIRECTIVE] == "replace" for one in entries)
    wanted = (values["port"], values["port_name"])
    if whole and not any(_is(one, number) for one in entries or ()):
        yield Fault(
            at,
            f"the ports are replaced, and port {number} is not among them",
            "clients, and the address that the stack exports, ask for it",
            f"add {{port: {number}, name: http, targetPort: {values['port_name']}}}, or change service_port",
        )
    for place, one in enumerate(entries or ()):
        if _is(one, number) and one.get("targetPort", wanted[0]) not in wanted:
            yield Fault(
                (*at, place, "targetPort"),
                f"port {number} is to send to {one['targetPort']}, and port is {values['port']}",
                "the gates would ask one port, and clients get another that nobody asked",
                "remove it; write the port of the container as port beside service",
            )
        elif one.get(DIRECTIVE) == "delete" and one["port"] in (number, *further):
            key = "service_port" if one["port"] == number else f"ports.{further[one['port']]}"
            yield Fault(
                (*at, place, DIRECTIVE),
                f"port {one['port']} is taken away, and {key} adds it",
                "two places would say two things about one field",
                f"remove it here, or remove {key}",
            )
        elif one.get("port") in further and not whole:
            name = further[one["port"]]
            for field in ("name", "targetPort"):
                if field in one:
                    yield Fault(
                        (*at, place, field),
                        f"{field} of port {one['port']} is given here and by ports.{name}",
                        "two places would say two things about one field, and a change of one would do nothing",
                        f"keep one of the two: remove it here, or remove ports.{name}",
                    )


def _is(entry: Mapping[str, Any], number: int) -> bool:
    return entry.get("port") == number and entry.get("protocol", "TCP") == "TCP" and entry.get(DIRECTIVE) != "delete"


def _there_to_change(values: Values) -> Iterator[Fault]:
    """`service` is for a Service that the program makes: not without `port`, nor with `adopt_service`."""
    if values["service"] and values["port"] is None:
        yield Fault(
            ("service",),
            "service is set while port is not",
            "a service without port is called by nobody and has no Service: the key would do nothing",
            "add port; or name a Service over its pods in services",
        )
    elif values["service"] and values["adopt_service"]:
        yield Fault(
            ("service",),
            "service is set together with adopt_service",
            "a Service that was there before is left as it is, but for its selector: the key would do nothing",
            "remove service; change the Service itself (`kubectl edit service`), it stays changed",
        )
    spec = values["budget"].get("spec") if values["budget"] else None
    if isinstance(spec, Mapping) and {"minAvailable", "maxUnavailable"} <= {
        key for key in spec if spec[key] is not None
    }:
        yield Fault(
            ("budget", "spec"),
            "minAvailable and maxUnavailable are both given",
            "the API server refuses a budget with two numbers, as one of them would not count",
            "keep one of the two",
        )
    if values["budget"] and not values["disruption_budget"]:
        yield Fault(
            ("budget",),
            "budget is set while disruption_budget is false",
            "there is no budget that it could change",
            "remove one of the two",
        )


def _ports_have_names(values: Values) -> Iterator[Fault]:
    """Of several ports of a Service each has a name."""
    for at, kind, fragment in sound(values):
        entries = (fragment.get("spec") or {}).get("ports") or ()
        whole = any(one.get(DIRECTIVE) == "replace" for one in entries)
        named = at == ("service",) and not whole  # the names of these are the program's
        own = {values["service_port"], *values["ports"].values()} if named else set()
        added = [one for one in entries if "port" in one and one.get(DIRECTIVE) != "delete"]
        if kind != SERVICE or len(own | {one["port"] for one in added}) < 2:
            continue
        for place, one in enumerate(entries):
            if one in added and not one.get("name") and one["port"] not in own:
                yield Fault(
                    (*at, "spec", "ports", place),
                    f"port {one['port']} has no name, and it is one of several",
                    "the API server refuses a Service of several ports where one has no name",
                    "add name",
                )


def _further_have_ports(values: Values) -> Iterator[Fault]:
    """Each of `services` has ports of its own where there is no `port`, unless it is headless."""
    for name, fragment in values["services"].items():
        spec = fragment.get("spec") or {}
        headless = spec.get("clusterIP") == "None"
        if values["port"] is None and not spec.get("ports") and not headless:
            yield Fault(
                ("services", name, "spec", "ports"),
                f"{name} has no ports, and there is no port that it could take over",
                "the API server refuses a Service without a port, unless it is headless",
                "add ports: [{port: 9090}], or clusterIP: None",
            )


def _only_one_can_have(values: Values) -> Iterator[Fault]:
    """Side by side `service` sets no address that only one Service can have; there are no `services`."""
    yield from one_of_many(values["service"], values["services"])


def one_of_many(service: Mapping[str, Any], services: Mapping[str, Any]) -> Iterator[Fault]:
    """The parts of `service` and `services` that several instances cannot each have."""
    spec = service.get("spec")
    spec = spec if isinstance(spec, Mapping) else {}
    why = "each instance has a Service of its own, and so has the front: the API server refuses the second"
    for field in ("clusterIPs", "loadBalancerIP", "externalIPs", "healthCheckNodePort"):
        if spec.get(field):
            yield Fault(("service", "spec", field), f"{field} is an address of one Service", why, "remove it")
    if spec.get("clusterIP") not in (None, "", "None"):
        yield Fault(("service", "spec", "clusterIP"), "clusterIP is an address of one Service", why, "remove it")
    ports = spec.get("ports")
    for place, one in enumerate(ports if isinstance(ports, list | tuple) else ()):
        if isinstance(one, Mapping) and one.get("nodePort"):
            yield Fault(
                ("service", "spec", "ports", place, "nodePort"),
                "nodePort is a port that one Service can have",
                why,
                "remove it; the cluster gives each Service a port of its own",
            )
    if services:
        yield Fault(
            ("services",),
            "services is set for what stands side by side",
            "each instance would make a Service of the same name",
            "remove it; make the Service outside of this stack, with the labels of the instance that it is for",
        )


_FRAGMENTS = ("service", "services", "budget")
SERVICE_RULES: tuple[Rule, ...] = (
    Rule(_FRAGMENTS, _sends_to_ready_pods),
    Rule((*_FRAGMENTS, "service_port", "ports", "port", "port_name"), _clients_port),
    Rule((*_FRAGMENTS, "port", "adopt_service", "disruption_budget"), _there_to_change),
    Rule((*_FRAGMENTS, "port"), _further_have_ports),
    Rule((*_FRAGMENTS, "service_port", "ports"), _ports_have_names),
)
ONE_OF_MANY_RULES: tuple[Rule, ...] = (Rule(("service", "services"), _only_one_can_have),)
