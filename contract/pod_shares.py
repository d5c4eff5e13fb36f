"""Shares in pods: how many make a percentage of new connections, which a Service spreads evenly over its pods. Pure.

The active color keeps all its pods, so what a share takes is pods of the other color beside them.
"""

WHOLE = 100
LEAST = 2
"""Pods of a share under an autoscaler: one alone would be an outage of the share when it dies."""


def pods_for(weight: int, active: int) -> int:
    """The fewest pods that get at least `weight` percent of new connections beside `active` others; none for 0.
    `weight` is below 100, which no number of pods reaches.
    """
    return -(-weight * active // (WHOLE - weight))


def carrying(percent: int, others: int) -> int:
    """The pods that carry so many percent of what `others` carry now, at the same load of each; at least 2."""
    return max(LEAST, -(-percent * others // WHOLE))


def percent_of(pods: int, others: int) -> float:
    """The percentage of new connections that so many pods get beside `others`."""
    return pods * WHOLE / (pods + others) if pods else 0.0


def most(pods: int, active: int) -> int:
    """The largest weight that so many pods reach."""
    return pods * WHOLE // (pods + active) if pods else 0


def said(pods: int, others: int) -> str:
    """A share in words: `1 of 4 pods, 25 % of new connections`."""
    return f"{pods} of {pods + others} pods, {percent_of(pods, others):.3g} % of new connections"
