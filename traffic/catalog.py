"""Every cell there is, in the order in which they are played."""

from traffic import (
    adoption,
    beside,
    blue_green,
    comparison,
    faults,
    groups,
    jobs,
    labels,
    pod_canaries,
    pods,
    rolling,
    routes,
    scale,
)
from traffic.cells import Cell


def cells() -> list[Cell]:
    """All of them; cells of one stage stand together."""
    return [
        *blue_green.cells(),
        *rolling.cells(),
        *pods.cells(),
        *groups.cells(),
        *beside.cells(),
        *scale.cells(),
        *labels.cells(),
        *pod_canaries.cells(),
        *routes.cells(),
        *jobs.cells(),
        *adoption.cells(),
        *comparison.cells(),
        *faults.cells(),
    ]
