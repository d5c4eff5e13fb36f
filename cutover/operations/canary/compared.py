"""A canary held to the release beside it: the answers of a step's load, by the version that each names."""

from dataclasses import replace

from contract.releases import other
from cutover.measure import Verdict
from cutover.measure.compare import Comparison, compare
from cutover.measure.load import Load
from cutover.operations.command.run import Run
from cutover.stackfile import ServiceView


def compared(
    run: Run, service: ServiceView, color: str, load: Load, phase: str, limit: float, verdict: Verdict
) -> tuple[Verdict, Comparison | None]:
    """The verdict of a step that passed until here, and the comparison, said: failed where the canary is slower than
    `limit` times the other color; None where the answers do not tell the two apart.
    """
    canary, baseline = (str((service.colors.get(one) or {}).get("version", "")) for one in (color, other(color)))
    samples = load.latencies_ms(phase)
    if samples is None:
        run.report.say(f"{service.name}: not compared: the load has ended", "warning")
        return verdict, None
    if canary == baseline or not (canary in samples and baseline in samples):
        named = ", ".join(sorted(filter(None, samples))) or "no version"
        why = f"the answers name {named}, and {color} is {canary} beside {baseline}"
        run.report.say(f"{service.name}: not compared: {why} (docs/load.md)", "warning")
        return verdict, None
    found = compare(samples[canary], samples[baseline], limit)
    for one in found.kinds:
        run.report.say(f"{service.name}: {color} {canary}: {one.said}", "error" if one in found.slower else "")
    if found.too_few:
        run.report.say(f"{service.name}: not compared: too few answers", "warning")
    if not found.slower:
        return verdict, found
    said = "; ".join(one.said for one in found.slower)
    why = f"{color} {canary} is slower than {limit:g} times {other(color)} {baseline}: {said}"
    return replace(verdict, passed=False, reason=f"{service.name}: {why}"), found
