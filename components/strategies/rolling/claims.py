"""The warnings about claims of a StatefulSet that are deleted together with the set or with pods."""

from collections.abc import Iterator

import pulumi

from components.strategies.rolling.settings import RollingSettings


def tell_claims(component: pulumi.Resource, name: str, settings: RollingSettings) -> None:
    """Warn of each such deletion, in previews too."""
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
