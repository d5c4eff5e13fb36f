"""The queries of a bake as measurements, about the very releases that are watched."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from contract.releases import other
from cutover.measure import Measurement, parse_query, query_prometheus
from cutover.measure.query import filled, placeholders
from cutover.observe import Api, look
from cutover.operations.bake.bake_options import BakeOptions
from cutover.operations.command.run import Run
from cutover.strategies.releases import id_of

_OF_ONE = {"color", "revision"}
_REVISIONS = {"revision", "baseline_revision"}


def queries(run: Run, api: Api, switched: Mapping[str, str], asked: BakeOptions) -> Iterator[Measurement]:
    """A measurement for each query; of one that has placeholders for each service. Raises ClusterUnreachable."""
    used = {one for text in asked.queries for one in placeholders(text)}
    beside = {name: other(color) for name, color in switched.items()}
    revisions = _revisions(run, api, switched) if used & _REVISIONS else {}
    baselines = _revisions(run, api, beside) if "baseline_revision" in used else {}
    for text in asked.queries:
        if not placeholders(text):
            yield query_prometheus(asked.prometheus or "", parse_query(text))
            continue
        for name, color in switched.items():
            values = {"service": name, "namespace": run.view.namespace, "color": color}
            values |= {"revision": revisions.get(name, ""), "baseline": beside[name]}
            query = parse_query(filled(text, {**values, "baseline_revision": baselines.get(name, "")}))
            query = replace(query, own=bool(_OF_ONE & set(placeholders(text))))
            if len(switched) > 1:
                query = replace(query, name=f"{query.name} ({name})")
            yield query_prometheus(asked.prometheus or "", query)


def _revisions(run: Run, api: Api, switched: Mapping[str, str]) -> dict[str, str]:
    """What the pods of each service's color run, as their label says it; where there are none, what they will."""
    status, found = look(api, run.view), {}
    for name, color in switched.items():
        there = status[name].colors.get(color)
        planned = run.view.services[name].colors.get(color)
        found[name] = there.revision if there and there.revision else id_of(planned) if planned else ""
    return found
