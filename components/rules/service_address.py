"""What clients know of a Service, and what never changes while it stands: one address, or none (headless). Pure."""

from components.rules.errors import AGAIN, AddressChanged
from components.rules.ownership import Existing
from contract.labels import COLOR, COMPONENT

_HEADLESS = "None"  # the `clusterIP` of a Service without an address of its own: DNS has those of its pods
_WHY = (
    "Kubernetes never changes that of a Service that stands, so the engine would have to delete it and make it anew: "
    "clients would find nobody under its name, and go on asking what they know of the old one"
)


def refusal(asked: str, live: Existing, namespace: str) -> AddressChanged | None:
    """Why a Service that stands cannot get the `clusterIP` that the config asks for; None where it has that.

    A config without one leaves the address to the cluster, so any is right.
    """
    now = live.cluster_ip
    if not now or asked == now or (not asked and now != _HEADLESS):
        return None
    has = "is headless (clusterIP: None)" if now == _HEADLESS else f"has the address {now}"
    wants = f"clusterIP: {asked}" if asked else "an address of its own"
    return AddressChanged(
        f"{live.called} {has} in the cluster, and the config asks for {wants}", _WHY, _fix(asked, live, namespace)
    )


def _fix(asked: str, live: Existing, namespace: str) -> str:
    now = live.cluster_ip
    if COLOR in live.labels:  # a color's own, of whose address the config says nothing
        return f"somebody made it anew: `kubectl delete -n {namespace} {live.called}` once nobody calls it; {AGAIN}"
    path = f"services.{live.name}.spec" if live.labels.get(COMPONENT) == "further" else "service.spec"
    back = f"take clusterIP out of {path}" if asked else f"write clusterIP: {now} into {path} again"
    if asked and now != _HEADLESS and asked != _HEADLESS:
        back += f", or write {now}"
    return (
        f"{back}. For clients that need the other kind: one more Service under another name (docs/beside.md), "
        f"`pulumi up`, send them there, and then remove {live.name}"
    )
