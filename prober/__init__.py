"""Steady, honest traffic against a Service, and an exact account of what came back.

Open-loop: requests start on a fixed schedule whatever the server does, so a stalled server shows as failures and
latency, not as fewer requests. No request is ever sent twice. Targets outside the sandbox's network and loopback are
refused unless named. Does not own: starting clusters, or judging what the figures mean.
"""

from prober.kinds import KIND_NAMES, POOL_SIZE, QUICK_KINDS, URL_KINDS
from prober.process import Prober, ProberError
from prober.result import START, Answer, Failure, FailureClass, Phase, Progress, Result
from prober.run import MAX_RATE_PER_SECOND, MAX_SECONDS
from prober.target import Target, TargetRefusedError

__all__ = [
    "KIND_NAMES",
    "MAX_RATE_PER_SECOND",
    "MAX_SECONDS",
    "POOL_SIZE",
    "QUICK_KINDS",
    "START",
    "URL_KINDS",
    "Answer",
    "Failure",
    "FailureClass",
    "Phase",
    "Prober",
    "ProberError",
    "Progress",
    "Result",
    "Target",
    "TargetRefusedError",
]
