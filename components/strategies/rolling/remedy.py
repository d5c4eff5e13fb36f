"""The error of a rollout that the engine gave up on, with what helps."""

from components.rules.errors import RolloutUnfinished
from contract.labels import REVISION


def stuck(service: str, release: str, namespace: str) -> RolloutUnfinished:
    """The error of a rollout that did not get through, with the way forward and the way back."""
    return RolloutUnfinished(
        f"{service}: the rollout to {release} did not get through, and stays as it stands",
        "pods of the release before it may still answer, beside those of the new one that are ready",
        f"`kubectl describe pod -n {namespace} -l {REVISION}={release}` tells why; mend the release, or give it longer "
        "(`progress_deadline_seconds`), and `pulumi up`. Back: set the release before it and `pulumi up`, or "
        f"`cutover rollback {service}`",
    )
