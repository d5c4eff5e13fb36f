"""The check before a stack is destroyed: what another stack has made its own meanwhile is not deleted.

A state can hold what is not the stack's any more: it was copied into another stack, or somebody gave the object to one.
The engine deletes by its state and never looks.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from contract.annotations import STACK
from contract.text import one_line
from cutover.errors import GateRefused

if TYPE_CHECKING:
    from cutover.engine.records import Held
    from cutover.observe import Api
    from cutover.operations.command.run import Run

AT_ONCE = 8
LONGEST = 2000


def check_owned(run: "Run") -> None:
    """Raises GateRefused where an object of the state carries another stack's identity in the cluster, and
    ClusterUnreachable where that cannot be asked.
    """
    from cutover.observe import Api, access_of
    from cutover.stackfile.find import identity_of

    held, own = run.engine.held(), identity_of(run.view)
    with Api(access_of(run.view)) as api, ThreadPoolExecutor(AT_ONCE) as pool:
        owners = list(pool.map(lambda one: _owner(api, one), held))
    foreign = [(one, owner) for one, owner in zip(held, owners, strict=True) if owner not in ("", own)]
    if not foreign:
        return
    said = "; ".join(f"{one.called} carries the identity of the stack {owner}" for one, owner in foreign)
    leave = "; ".join(
        f"`pulumi state delete --yes --stack {run.stack} '{one.urn}'`" for one, _ in reversed(foreign)
    )  # what depends on others comes after them in a state
    raise GateRefused(
        one_line(f"{said}, not that of {own}: it is not deleted, and nothing else was", LONGEST),
        f"this stack was renamed: `cutover up --stack {run.stack}` writes its identity on them. They are of the other "
        f"stack: {leave} takes them out of this one's state and leaves them; then the same command again",
    )


def _owner(api: "Api", one: "Held") -> str:
    """The stack that an object carries the identity of; empty where it carries none, or is gone."""
    from cutover.observe import Refused

    try:
        found = api.json("GET", one.path)
    except Refused as refused:
        if refused.status == 404:
            return ""
        raise
    return one_line(str((found["metadata"].get("annotations") or {}).get(STACK, "")), LONGEST)
