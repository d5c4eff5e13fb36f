"""The engine's events as plain steps."""

from collections.abc import Mapping
from typing import Any

from pulumi.automation.events import EngineEvent, StepEventMetadata

from cutover.engine.records import Moment, Step

_SEVERITIES: dict[str, Moment] = {"info": "says", "info#err": "says", "warning": "warns", "error": "errs"}


def step_of(event: EngineEvent) -> Step | None:
    """The step that an event is about; None for what nobody needs to hear."""
    if event.resource_pre_event:
        return _step("begins", event.resource_pre_event.metadata, bool(event.resource_pre_event.planning))
    if event.res_outputs_event:
        return _step("done", event.res_outputs_event.metadata, bool(event.res_outputs_event.planning))
    if event.res_op_failed_event:
        return _step("failed", event.res_op_failed_event.metadata, planned=False)
    if event.diagnostic_event:
        said = event.diagnostic_event
        text, moment = said.message.strip("\n"), _SEVERITIES.get(said.severity)
        return Step(moment, urn=said.urn or "", text=text) if moment and text.strip() else None
    return None


def _step(moment: Moment, metadata: StepEventMetadata, planned: bool) -> Step:
    return Step(
        moment,
        op=str(getattr(metadata.op, "value", metadata.op)),
        type=metadata.type,
        urn=metadata.urn,
        planned=planned,
        old=_inputs(metadata.old),
        new=_inputs(metadata.new),
        diffs=tuple(metadata.diffs or ()),
        parent=next((state.parent for state in (metadata.new, metadata.old) if state is not None and state.parent), ""),
    )


def _inputs(state: Any) -> Mapping[str, Any] | None:
    return state.inputs if state is not None else None
