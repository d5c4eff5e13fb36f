"""What each gate of a service says of the release that it is about: the one that was refused, that waits, or serves.

Pods are counted as they are now. What was asked once, at a switch, is told as it ended: a release whose cutover was
carried to its end passed; one that was refused has the reason as a note in the cluster. Pure.
"""

from dataclasses import dataclass
from typing import Literal

from contract import checks
from contract.refusal import Refusal
from cutover.observe.records import ColorStatus, JobStatus, ServiceStatus

Said = Literal["passed", "refused", "waits", "now"]
"""`now`: it is being asked, and does not pass yet."""

# The beginning of a gate's words (contract/checks.py) -> the codes that it refuses with.
_REFUSES = {
    "smoke GET": ("gate.smoke_failed",),
    "smoke job": ("gate.job_failed",),
    "verify command": ("gate.verify_failed",),
    "before_cutover Job": ("gate.job_failed",),
}
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
        return tuple(Answer(gate, "waits", "nothing is deployed yet") for gate in service.gates)
    if not service.switches:
        return tuple(_rollout(gate, service, about) for gate in service.gates)
    refusal = service.refusal if service.refusal and service.refusal.bad else None
    found = tuple(_answer(gate, service, about, refusal) for gate in service.gates)
    if refusal and not any(one.said == "refused" for one in found):
        return (*found, Answer(_WHAT[refusal.kind], "refused", _refused(refusal)))
    return found


_WHAT = {"refused": "the gates", "reverted": "the watch after it got traffic", "rolled back": "the rollback"}


def _answer(gate: str, service: ServiceStatus, about: ColorStatus, refusal: Refusal | None) -> Answer:
    live = about.role == "live"
    code = refusal.code if refusal else ""
    if " ready within " in gate:
        if refusal and code in _READY:
            return Answer(gate, "refused", _refused(refusal))
        enough = about.wanted > 0 and about.ready >= about.wanted
        return Answer(gate, "passed" if enough else "now", f"{about.ready} of {about.wanted} pods are ready now")
    if gate == checks.MOVED:
        return _moved(gate, service, live=live)
    if refusal and code and any(gate.startswith(head) and code in codes for head, codes in _REFUSES.items()):
        return Answer(gate, "refused", _refused(refusal))
    if gate.startswith("before_cutover Job") and (job := _job(about)):
        return _of_job(gate, job)
    if live and service.completed:
        return Answer(gate, "passed", "passed when it got the traffic, or it served before and was not asked again")
    if live:
        return Answer(gate, "now", "the traffic is on it; the cutover is not at its end yet")
    return Answer(gate, "waits", "is asked at the cutover")


def _moved(gate: str, service: ServiceStatus, *, live: bool) -> Answer:
    if not live:
        return Answer(gate, "waits", "is looked at once the Service has been switched")
    if service.completed:
        return Answer(gate, "passed", "the cutover was carried to its end")
    return Answer(gate, "now", "the cutover was begun and not carried to its end")


def _rollout(gate: str, service: ServiceStatus, about: ColorStatus) -> Answer:
    due = about.wanted - about.staying
    counted = f"{about.ready} of {due} pods are ready now"
    counted += f", {about.staying} stay on the release before" if about.staying else ""
    if about.stuck:
        return Answer(gate, "refused", about.stuck)
    if service.completed and about.ready >= due:
        return Answer(gate, "passed", f"done: {counted}")
    return Answer(gate, "now", f"under way: {counted}")


def _job(about: ColorStatus) -> JobStatus | None:
    return next((job for job in about.jobs if job.setting == "before_cutover"), None)


def _of_job(gate: str, job: JobStatus) -> Answer:
    states: dict[str, Said] = {"done": "passed", "failed": "refused", "running": "now", "waiting": "waits"}
    words = f"the Job is {job.state}" if job.state in ("done", "running") else f"the Job {job.state}"
    return Answer(gate, states[job.state], words + (f": {job.reason}" if job.reason else ""))


def _refused(refusal: Refusal) -> str:
    return f"{refusal.at}: {refusal.why}" if refusal.why else refusal.at
