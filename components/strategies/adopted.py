"""The resources of an adopted service, for blue/green and rolling alike: an imported Deployment and Service.

Both carry their import id for good: the engine imports what its state does not have, and ignores the id from then on.
"""

from collections.abc import Mapping, Sequence

import pulumi

from components.cluster.cluster import Cluster
from components.hooks.engine import leave
from components.manifests import adopted as manifests
from components.manifests import objects
from components.rules.errors import CutoverError
from components.traffic import adoption


def deployment(
    name: str, namespace: str, opts: pulumi.ResourceOptions, follows: Sequence[pulumi.Resource] = ()
) -> pulumi.Resource:
    """The adopted Deployment. It is never changed, and deleted once it is in no config any more."""
    ours = pulumi.ResourceOptions(
        import_=manifests.import_id(namespace, name), ignore_changes=manifests.WORKLOAD_IGNORED
    )
    return objects.Deployment(
        name, manifests.adopted_workload(name, namespace), pulumi.ResourceOptions.merge(opts, ours), follows
    )


def live_service(
    name: str,
    namespace: str,
    cluster: Cluster,
    selector: Mapping[str, str],
    follows: Sequence[pulumi.Resource] = (),
    *,
    first: bool,
    opts: pulumi.ResourceOptions,
) -> pulumi.Resource:
    """The adopted Service: only its selector is ever changed.

    `first`: the selector is the one that it had, so nothing of it may differ. Otherwise its annotations, which have to
    hold two of ours from then on, are those that it has now.
    """
    ignored = [*manifests.SERVICE_IGNORED, *([manifests.ANNOTATIONS] if first else [])]
    ours = pulumi.ResourceOptions(import_=manifests.import_id(namespace, name), ignore_changes=ignored)
    kept: pulumi.Output[dict[str, str]] | None = None
    if not first:
        kept = pulumi.Output.from_input(_annotations(cluster, name, selector))
    manifest = manifests.adopted_service(name, namespace, selector, kept)
    return objects.Service(name, manifest, pulumi.ResourceOptions.merge(opts, ours), follows)


async def _annotations(cluster: Cluster, name: str, selector: Mapping[str, str]) -> dict[str, str]:
    try:
        return manifests.kept_annotations(await adoption.annotations_kept(cluster, name, selector))
    except CutoverError as error:
        await leave(error)
