"""The warning of a deletion: Services of this stack that are no longer in its config, which the run deletes."""

from collections.abc import Collection

import pulumi

from components.cluster.cluster import Cluster
from components.rules import ownership
from components.rules.errors import ClusterUnreachable
from components.rules.problem import LONGEST
from contract.labels import COLOR, REVISION
from contract.ownership import identity
from contract.text import one_line
from contract.words import counted


async def warn_of_endings(cluster: Cluster, known: Collection[str]) -> int:
    """A warning for each Service that takes traffic, carries this stack's identity and is not among `known`, the names
    of the config. Returns how many. Where the cluster cannot be asked, nothing is said: the engine shows the deletions
    all the same.
    """
    own = identity(pulumi.get_project(), pulumi.get_stack())
    try:
        ours = [one for one in await cluster.services() if one.stack == own and one.takes_traffic]
        said = [await _said(cluster, one) for one in ours if one.name not in known]
    except ClusterUnreachable:
        return 0
    for text in said:
        pulumi.warn(one_line(text, LONGEST))
    return len(said)


async def _said(cluster: Cluster, found: ownership.Existing) -> str:
    pods = [pod for pod in await cluster.pods(found.selector) if pod.ready and not pod.terminating]
    labels = {**found.selector, **(pods[0].labels if pods else {})}
    release = " ".join(filter(None, (labels.get(COLOR), labels.get(REVISION)))) or "a release"
    return (
        f"{found.name}: it is in the config no more, so this run ends it: its Service, which sends to {release} "
        f"({counted(len(pods), 'pod')} ready), is deleted"
    )
