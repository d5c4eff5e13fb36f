"""How often a process of ours, a program or a command, looks for garbage. It changes the process that calls it."""

import gc

_COLLECTED_AFTER = (100_000, 50, 100)


def collect_rarely() -> None:
    """Python looks for garbage in cycles after 100,000 new objects, not after 700. Nearly all objects of a program or a
    command live until it ends, and each look goes through all of them: half of the program's time at 200 services. For
    processes of ours, not for libraries.

    The looks at the end of the process stay: without them (`gc.freeze` as it ends) CPython 3.11 crashes now and then
    where a signal ends a process with threads.
    """
    gc.set_threshold(*_COLLECTED_AFTER)
