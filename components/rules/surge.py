"""Surge arithmetic: how many pods a rolling update adds and takes away, rounded exactly as Kubernetes rounds.

Kubernetes rounds a percentage of surge up and a percentage of unavailability down (`ResolveFenceposts` in
`pkg/controller/deployment/util/deployment_util.go`). Where both end at 0, for instance 0 and "25%" of 3, its controller
goes on with 1 unavailable: a pod is taken away although the settings seem to forbid it. We refuse instead
(`stuck_at_zero`), with the given and the rounded values.
"""

import math
import re

Amount = int | str
"""A number of pods (`1`) or a percentage of the wanted pods (`"25%"`)."""

_PERCENT = re.compile(r"[0-9]{1,4}%")
_PERIOD = 100  # pods after which percentages round alike: the most rounds are at one of the two ends


def is_amount(value: object) -> bool:
    """Whether the value is a count of 0 or more, or a whole percentage such as `"25%"`."""
    if isinstance(value, bool):
        return False
    if isinstance(value, int):
        return 0 <= value < 2**31
    return isinstance(value, str) and _PERCENT.fullmatch(value) is not None


def scaled(amount: Amount, replicas: int, *, round_up: bool) -> int:
    """The amount in pods. Raises ValueError if it is neither a count nor a whole percentage."""
    if not is_amount(amount):
        raise ValueError(f"{amount!r} is neither a count of pods such as 1 nor a percentage such as '25%'")
    if isinstance(amount, int):
        return amount
    hundredths = int(amount[:-1]) * replicas
    return -(-hundredths // 100) if round_up else hundredths // 100


def resolve(max_surge: Amount, max_unavailable: Amount, replicas: int) -> tuple[int, int]:
    """Pods that may be added and pods that may be missing, at `replicas` wanted pods, as Kubernetes rounds them."""
    return scaled(max_surge, replicas, round_up=True), scaled(max_unavailable, replicas, round_up=False)


def stuck_at_zero(max_surge: Amount, max_unavailable: Amount, replicas: int) -> bool:
    """Whether both round to 0, so that no pod could be replaced within the settings. No pods, nothing to replace."""
    return replicas > 0 and resolve(max_surge, max_unavailable, replicas) == (0, 0)


def rounds(max_surge: Amount, max_unavailable: Amount, fewest: int, most: int) -> int:
    """The most rounds that a rolling update of `fewest` to `most` pods takes, one after the other.

    As many pods start at once as may be added and may be missing. The next starts as soon as one of them is available:
    pods that still stop are not counted.
    """
    ends: set[int] = {*range(fewest, min(most, fewest + _PERIOD) + 1), *range(max(fewest, most - _PERIOD), most + 1)}
    at_once = {pods: max(1, sum(resolve(max_surge, max_unavailable, pods))) for pods in ends}
    return max(1, max(math.ceil(pods / many) for pods, many in at_once.items()))
