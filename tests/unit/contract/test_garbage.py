"""Garbage in cycles: looked for rarely, and still."""

import gc
import weakref

from contract.garbage import collect_rarely


def test_garbage_in_cycles_goes_still() -> None:
    class Cycle:
        def __init__(self) -> None:
            self.itself = self

    before = gc.get_threshold()
    made = Cycle()
    left = weakref.ref(made)
    del made
    try:
        collect_rarely()
        kept = [[number] for number in range(200_000)]
    finally:
        gc.set_threshold(*before)
    assert kept
    assert left() is None
