"""Steady, honest traffic against a Service, and an exact account of what came back.

Open-loop: requests start on a fixed schedule whatever the server does, so a stalled server shows as failures and
latency, not as fewer requests. No request is ever sent twice. Targets outside the sandbox's network and loopback are
refused unless named. Does not own: starting clusters, or judging what the figures mean.
"""

from prober.kinds import KIND_NAMES, POOL_SIZE, QUICK_KINDS
from prober.process import Prober, ProberError
from prober.result import Answer, Failure, FailureClass, Progress, Result
from prober.target import Target, TargetRefusedError

__all__ = [
    "KIND_NAMES",
    "POOL_SIZE",
    "QUICK_KINDS",
    "Answer",
    "Failure",
    "FailureClass",
    "Prober",
    "ProberError",
    "Progress",
    "Result",
    "Target",
    "TargetRefusedError",
]
