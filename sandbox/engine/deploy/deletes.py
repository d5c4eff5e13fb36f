"""What the program no longer has, and what replacements left behind, is deleted: dependents first, else in parallel.

Rows that an earlier, failed run marked `delete` go here too: at the end, after all of the program's own steps.
"""

from concurrent.futures import ThreadPoolExecutor

from sandbox.engine.deploy.control import StepError, StoppedError
from sandbox.engine.deploy.journal import dependencies
from sandbox.engine.deploy.steps import Steps
from sandbox.engine.model import Row


def op_for(row: Row) -> str:
    """The step that removes a row."""
    if row.get("pendingReplacement"):
        return "remove-pending-replace"
    if row.get("external"):
        return "discard-replaced" if row.get("delete") else "discard"
    return "delete-replaced" if row.get("delete") else "delete"


def layers(rows: list[Row]) -> list[list[Row]]:
    """Arrange rows so that each layer only depends on later ones; a layer can go in parallel.

    `rows` are in the state's order, where what is depended on comes first.
    """
    depth: dict[int, int] = {}
    by_urn: dict[str, list[Row]] = {}
    for row in rows:
        needed = [depth[id(one)] for urn in dependencies(row) for one in by_urn.get(urn, ())]
        depth[id(row)] = max(needed, default=-1) + 1
        by_urn.setdefault(row["urn"], []).append(row)
    found: list[list[Row]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for row in rows:
        found[depth[id(row)]].append(row)
    return found[::-1]


def run(steps: Steps, rows: list[Row]) -> None:
    """Delete rows; stops after the layer in which something failed."""
    doomed = {row["urn"] for row in rows if op_for(row) == "delete"}
    blocked: set[str] = set()

    def one(row: Row) -> None:
        op = op_for(row)
        if op == "remove-pending-replace":
            steps.journal.commit(row)
            steps.journal.save()
            return
        try:
            with steps.control.visit(), steps.control.slot():
                steps.delete(row, op, doomed)
        except StepError:
            blocked.update(dependencies(row))
        except StoppedError:
            return

    with ThreadPoolExecutor(max(steps.op.parallel, 1)) as pool:
        for layer in layers(rows):
            if steps.control.stopping:
                return
            # What a resource that stays refers to has to stay as well.
            for row in layer:
                if row["urn"] in blocked:
                    blocked.update(dependencies(row))
            list(pool.map(one, [row for row in layer if row["urn"] not in blocked]))
