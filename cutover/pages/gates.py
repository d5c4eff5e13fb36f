"""The answer of each gate about a service's release: the one that was refused, that waits, or serves.

Pods are counted as they are now. What was asked once, at a switch, is told as it ended: a release whose cutover was
carried to its end passed; one that was refused has the reason as a note in the cluster. Pure.
"""

from dataclasses import dataclass
from typing import Literal

from contract.checks import BY_KEY, MOVED, READY, Gate
from contract.refusal import Refusal
from cutover.observe.records import ColorStatus, JobStatus, ServiceStatus

Said = Literal["passed", "refused", "waits", "now"]
"""`now`: it is being asked, and does not pass yet."""

_READY = ("gate.not_ready", "gate.never_ready", "gate.mixed_images")


@dataclass(frozen=True)
class Answer:
    """One gate in the words of its check, and what it says: `said` for the eye, `words` for the reader."""

    gate: str
    said: Said
    words: str


def subject(service: ServiceStatus) -> ColorStatus | None:
    """The release that the gates are about."""
    if service.refusal and service.refusal.bad:
        return service.colors.get(service.refusal.color)
    return service.preview or service.live


def answers(service: ServiceStatus) -> tuple[Answer, ...]:
    """The gates in their order; a reason that fits none of them comes last."""
    about = subject(service)
    if about is None:
        return tuple(Answer(gate.says, "waits", "nothing is deployed yet") for gate in service.gates)
    if not service.switches:
        return tuple(_rollout(gate, service, about) for gate in service.gates)
    refusal = service.refusal if service.refusal and service.refusal.bad else None
    found = tuple(_answer(gate, service, about, refusal) for gate in service.gates)
    if refusal and not any(one.said == "refused" for one in found):
        return (*found, Answer(_WHAT[refusal.kind], "refused", _refused(refusal)))
    return found


_WHAT = {"refused": "the gates", "reverted": "the watch after it got traffic", "rolled back": "the rollback"}


def _answer(gate: Gate, service: ServiceStatus, about: ColorStatus, refusal: Refusal | None) -> Answer:
    live = about.role == "live"
    code = refusal.code if refusal else ""
    if gate.key == READY:
        if refusal and code in _READY:
            return Answer(gate.says, "refused", _refused(refusal))
        enough = about.wanted > 0 and about.ready >= about.wanted
        return Answer(gate.says, "passed" if enough else "now", f"{about.ready} of {about.wanted} pods are ready now")
    if gate.key == MOVED:
        return _moved(gate, service, live=live)
    kind = BY_KEY.get(gate.key)
    if refusal and kind and kind.code == code:
        return Answer(gate.says, "refused", _refused(refusal))
    if gate.key == "before_cutover" and (job := _job(about)):
        return _of_job(gate, job)
    if live and service.completed:
        return Answer(
            gate.says, "passed", "passed when it got the traffic, or it served before and was not asked again"
        )
    if live:
        return Answer(gate.says, "now", "the traffic is on it; the cutover is not at its end yet")
    return Answer(gate.says, "waits", "is asked at the cutover")


def _moved(gate: Gate, service: ServiceStatus, *, live: bool) -> Answer:
    if not live:
        return Answer(gate.says, "waits", "is looked at once the Service has been switched")
    if service.completed:
        return Answer(gate.says, "passed", "the cutover was carried to its end")
    return Answer(gate.says, "now", "the cutover was begun and not carried to its end")


def _rollout(gate: Gate, service: ServiceStatus, about: ColorStatus) -> Answer:
    due = about.wanted - about.staying
    counted = f"{about.ready} of {due} pods are ready now"
    counted += f", {about.staying} stay on the release before" if about.staying else ""
    if about.stuck:
        return Answer(gate.says, "refused", about.stuck)
    if service.completed and about.ready >= due:
        return Answer(gate.says, "passed", f"done: {counted}")
    return Answer(gate.says, "now", f"under way: {counted}")


def _job(about: ColorStatus) -> JobStatus | None:
    return next((job for job in about.jobs if job.setting == "before_cutover"), None)


def _of_job(gate: Gate, job: JobStatus) -> Answer:
    states: dict[str, Said] = {"done": "passed", "failed": "refused", "running": "now", "waiting": "waits"}
    words = f"the Job is {job.state}" if job.state in ("done", "running") else f"the Job {job.state}"
    return Answer(gate.says, states[job.state], words + (f": {job.reason}" if job.reason else ""))


def _refused(refusal: Refusal) -> str:
    return f"{refusal.at}: {refusal.why}" if refusal.why else refusal.at
