"""Runs the properties on many cases: `python -m tests.fuzz [CASES] [SEED]`, 100,000 and a new seed unless given.

Each property has a process of its own, two at a time. A failing case is made small and printed with its seed.
"""

import random
import subprocess
import sys
import time
import warnings
from concurrent.futures import ThreadPoolExecutor

from hypothesis import HealthCheck, given, seed, settings

from tests.fuzz.properties import PROPERTIES, Property

CASES, AT_ONCE = 100_000, 2
LIMIT_SECONDS = 1800  # of one property; what has not ended then has failed


def run(chosen: Property, cases: int, start: int) -> None:
    """One property, in this process. Raises what it finds."""
    warnings.simplefilter("error")
    quiet = settings(max_examples=cases, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    seed(start)(quiet(given(chosen.inputs)(chosen.check)))()


def run_apart(place: int, cases: int, start: int) -> bool:
    """One property in a process of its own, and whether it held."""
    chosen = PROPERTIES[place]
    count = cases * chosen.share // 100
    words = [sys.executable, "-m", "tests.fuzz", "--only", str(place), str(count), str(start)]
    begun = time.monotonic()
    try:
        ended = subprocess.run(words, capture_output=True, text=True, timeout=LIMIT_SECONDS)
        held, said = ended.returncode == 0, ended.stderr
    except subprocess.TimeoutExpired:
        held, said = False, f"no end within {LIMIT_SECONDS} s"
    print(f"{'✓' if held else '✗'} {chosen.name}: {count:,} cases in {time.monotonic() - begun:.0f} s", flush=True)
    if not held:
        print(said, flush=True)
    return held


def main(words: list[str]) -> int:
    """The exit code: 1 where a property failed."""
    if words[:1] == ["--only"]:
        place, cases, start = map(int, words[1:])
        run(PROPERTIES[place], cases, start)
        return 0
    cases = int(words[0]) if words else CASES
    start = int(words[1]) if len(words) > 1 else random.SystemRandom().randrange(2**32)
    print(f"{cases:,} cases, seed {start}", flush=True)
    with ThreadPoolExecutor(AT_ONCE) as threads:
        held = list(threads.map(lambda place: run_apart(place, cases, start), range(len(PROPERTIES))))
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
