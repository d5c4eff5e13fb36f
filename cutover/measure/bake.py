"""The watch after a switch: takes every measurement at its interval until one is too bad or the time is over.

Each measurement has a thread of its own, so that a slow one never delays the verdict of another. The verdict is
returned the moment the deciding sample is in; looks that are still under way are left to end by themselves.
"""

import queue
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

from cutover.measure.judge import Judge
from cutover.measure.records import BakePlan, Measurement, Reading, Sample, Verdict


def bake(plan: BakePlan, on_sample: Callable[[Sample], None]) -> Verdict:
    """Watch for `plan.seconds`; calls `on_sample` in the caller's thread for every sample. Raises what that raises.

    A KeyboardInterrupt in the meantime comes through, and ends the watch.
    """
    judge = Judge(plan.measurements, failure_limit=plan.failure_limit, unknown_limit=plan.unknown_limit)
    samples: queue.SimpleQueue[Sample] = queue.SimpleQueue()
    stop = threading.Event()
    start = time.monotonic()
    for measurement in plan.measurements:
        arguments = (measurement, plan.interval_seconds, start, samples.put, stop)
        threading.Thread(target=_watch, args=arguments, daemon=True, name=measurement.name).start()
    try:
        while (left := start + plan.seconds - time.monotonic()) > 0:
            try:
                sample = samples.get(timeout=left)
            except queue.Empty:
                break
            on_sample(sample)
            if verdict := judge.add(sample):
                return verdict
        return judge.end(time.monotonic() - start)
    finally:
        stop.set()


def _watch(
    measurement: Measurement,
    interval_seconds: float,
    start: float,
    tell: Callable[[Sample], None],
    stop: threading.Event,
) -> None:
    due = start
    while not stop.is_set():
        reading = _take(measurement)
        now = time.monotonic()
        tell(
            Sample(
                measurement=measurement.name,
                outcome=reading.outcome,
                value=reading.value,
                unit=measurement.unit,
                said=reading.said,
                seconds=now - start,
                at=datetime.now(UTC),
                failures=reading.failures,
                early=reading.early,
            )
        )
        due = max(due + interval_seconds, now)  # a look that took longer than the interval is not made up for
        stop.wait(due - now)


def _take(measurement: Measurement) -> Reading:
    try:
        return measurement.take()
    except Exception as error:  # a thread that died silently would pass for a measurement that found nothing
        return Reading("unknown", None, f"{type(error).__name__}: {error}")
