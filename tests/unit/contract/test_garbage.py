"""Garbage in cycles: looked for rarely, and not as a process ends."""

import atexit
import gc
import subprocess
import sys
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
        atexit.unregister(gc.freeze)
    assert kept
    assert left() is None


def test_a_program_that_ends_looks_for_no_garbage() -> None:
    program = """
if {ours}:
    from contract.garbage import collect_rarely
    collect_rarely()
class Cycle:
    def __init__(self):
        self.itself = self
    def __del__(self):
        print("looked")
Cycle()
print("ended")
"""
    said = [
        subprocess.run([sys.executable, "-c", program.format(ours=ours)], check=True, capture_output=True, text=True)
        for ours in (False, True)
    ]
    assert [one.stdout.split() for one in said] == [["ended", "looked"], ["ended"]]
