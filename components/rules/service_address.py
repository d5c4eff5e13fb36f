"""The addresses of a Service. Its `clusterIP`, or that it has none (headless), never changes while it exists; what
clients outside of the cluster use goes with its type. Pure.
"""

from components.rules.errors import AGAIN, AddressChanged
from components.rules.ownership import Existing
from contract.labels import COLOR, COMPONENT
from contract.text import one_line

_HEADLESS = "None"  # the `clusterIP` of a Service without an address of its own: DNS has those of its pods
_WHY = (
    "wherever clusterIP is written, changed or taken away the engine deletes the Service and makes it anew: clients "
    "would find nobody under its name, and go on asking what they know of the old one"
)

_REACH = ("ClusterIP", "NodePort", "LoadBalancer")  # each has what those before it have


def refusal(asked: str, live: Existing, namespace: str) -> AddressChanged | None:
    """Why a Service that stands cannot get the `clusterIP` that the config asks for; None where the engine wrote that,
    or wrote none and shall write none.
    """
    if not live.cluster_ip or asked == live.written_ip:
        return None
    has = "is headless (clusterIP: None)" if live.cluster_ip == _HEADLESS else f"has the address {live.cluster_ip}"
    wants = f"asks for clusterIP: {asked}" if asked else "has no clusterIP"
    wrote = f"clusterIP: {live.written_ip}" if live.written_ip else "no clusterIP"
    return AddressChanged(
        f"{live.called} {has} in the cluster, made with {wrote}, and the config {wants}",
        _WHY,
        _fix(live, namespace),
    )


def lost_outside(asked: str, live: Existing) -> str | None:
    """The loss of clients outside of the cluster by the type that the config asks for, in words; None without one.
    Without a type in the config one that the engine wrote goes, and one of somebody else's stays.
    """
    becomes = asked or ("ClusterIP" if live.written_type else live.service_type)
    if _reach(becomes) >= _reach(live.service_type):
        return None
    known = ", ".join(one_line(one) for one in live.outside)
    has = f"{live.service_type}, {'ports' if live.service_type == 'NodePort' else 'at'} {known}" if known else ""
    return (
        f"{live.called} is of the type {has or live.service_type} in the cluster, and the config makes it {becomes}: "
        "clients outside of the cluster that use that find nobody once it is applied, and the same address may not "
        "come back. Send them elsewhere first: to an Ingress, a route, or one more Service (docs/beside.md)"
    )


def _reach(service_type: str) -> int:
    return _REACH.index(service_type) if service_type in _REACH else 0


def _fix(live: Existing, namespace: str) -> str:
    if COLOR in live.labels:  # a color's own, of whose address the config says nothing
        return f"somebody made it anew: `kubectl delete -n {namespace} {live.called}` once nobody calls it; {AGAIN}"
    path = f"services.{live.name}.spec" if live.labels.get(COMPONENT) == "further" else "service.spec"
    back = f"write clusterIP: {live.written_ip} into {path} again"
    if not live.written_ip:
        back = f"take clusterIP out of {path}"
    return (
        f"{back}. For clients that need it otherwise: one more Service under another name (docs/beside.md), "
        f"`pulumi up`, send them there, and then remove {live.name}"
    )
