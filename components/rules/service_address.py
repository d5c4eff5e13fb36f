"""The address of a Service, which never changes while it exists: one `clusterIP`, or none (headless). Pure."""

from components.rules.errors import AGAIN, AddressChanged
from components.rules.ownership import Existing
from contract.labels import COLOR, COMPONENT

_HEADLESS = "None"  # the `clusterIP` of a Service without an address of its own: DNS has those of its pods
_WHY = (
    "wherever clusterIP is written, changed or taken away the engine deletes the Service and makes it anew: clients "
    "would find nobody under its name, and go on asking what they know of the old one"
)


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
