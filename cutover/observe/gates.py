"""What a release has to pass, told from its service's settings with the words of the checks themselves. Pure."""

from contract import checks
from cutover.stackfile.view import ServiceView


def _in_turn(service: ServiceView) -> str:
    """How a StatefulSet gets a release."""
    settings = service.settings
    if not service.scaled and service.replicas == 1:
        stop, start = settings.get("termination_grace_seconds", 30), settings.get("progress_deadline_seconds", 300)
        return f"rollout: an outage: the one pod stops, at most {stop} s, before the next starts, ready in {start} s"
    stay = settings.get("partition", 0)
    kept = f", down to number {stay}; those below stay on the release before" if stay else ""
    return f"rollout: one pod after the other, the last one first{kept}"


def gates_of(service: ServiceView) -> tuple[str, ...]:
    """What a release has to pass before and after it takes the traffic, in words."""
    settings = service.settings
    limit = settings.get("gate_timeout_seconds", 120)
    if settings.get("update") == "recreate":
        return ("rollout: recreate, an outage from the last old pod to the first new one",)
    if service.stateful:
        return (_in_turn(service),)
    if not service.blue_green:
        return (f"rollout: surge {settings.get('max_surge', '25%')}, unavailable {settings.get('max_unavailable', 0)}",)
    count = "as many pods as serve" if service.scaled else f"{service.replicas} of {service.replicas} pods"
    gates = [checks.ready(count, limit)]
    if job := settings.get("smoke_job"):
        gates.append(checks.smoke_job(job.get("image")))
    if smoke := settings.get("smoke"):
        gates.append(checks.smoke(smoke.get("path"), smoke.get("expect_status", 200), smoke.get("expect_body")))
    if verify := settings.get("verify"):
        gates.append(checks.verify(verify.get("command") or [], verify.get("timeout_seconds", 60)))
    if job := settings.get("before_cutover"):
        gates.append(checks.before_job(job.get("timeout_seconds", 600)))
    gates.append(checks.MOVED)
    if verify := settings.get("verify_after"):
        gates.append(checks.verify_after(verify.get("command") or [], verify.get("timeout_seconds", 60)))
    return tuple(gates)
