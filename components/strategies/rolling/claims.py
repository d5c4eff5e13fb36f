"""Said beforehand: where the data on the claims of a StatefulSet may end with something else."""

from collections.abc import Iterator

import pulumi

from components.strategies.rolling.settings import RollingSettings


def tell_claims(component: pulumi.Resource, name: str, settings: RollingSettings) -> None:
    """As warnings of each preview and `up`."""
    for line in _lines(settings):
        pulumi.warn(f"{name}: {line}", component)


def _lines(settings: RollingSettings) -> Iterator[str]:
    claims, retention = ", ".join(settings.volume_claims), settings.claim_retention
    if claims and retention.when_deleted == "delete":
        yield (
            f"claim_retention.when_deleted is delete: the claims of {claims} of all pods are deleted with it, by "
            "`destroy` and when the service leaves the config"
        )
    if claims and retention.when_scaled == "delete":
        yield f"claim_retention.when_scaled is delete: with fewer pods those of the pods that go are deleted ({claims})"
