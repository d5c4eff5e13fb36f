"""The watch after a switch (`promote --bake`): probes and Prometheus queries, judged as they come in.

`bake(plan, on_sample)` is the whole of it; `probe_service`, `probe_url` and `query_prometheus` make what a plan
measures.
"""

from cutover.measure.bake import bake
from cutover.measure.probe import Check, check_of
from cutover.measure.query import Query, parse_query
from cutover.measure.records import BakePlan, Measurement, Reading, Sample, Summary, Verdict
from cutover.measure.sources import probe_service, probe_url, query_prometheus

__all__ = [
    "BakePlan",
    "Check",
    "Measurement",
    "Query",
    "Reading",
    "Sample",
    "Summary",
    "Verdict",
    "bake",
    "check_of",
    "parse_query",
    "probe_service",
    "probe_url",
    "query_prometheus",
]
