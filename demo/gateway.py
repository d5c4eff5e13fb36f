"""The gateway of the last step: built beside the engine and the cluster, started when its turn comes; or why not."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from demo.clusters import DemoCluster
from sandbox.cluster import Cluster
from sandbox.errors import SandboxError
from sandbox.gateway import Address, Gateway, build

Report = Callable[[str], None]


@contextmanager
def built_beside(report: Report, *, wanted: bool) -> Iterator["Future[None] | None"]:
    """Build its programs while the block runs, and end with both: a build during the steps would disturb the traffic.
    What went wrong is kept for `started`.
    """
    if not wanted:
        yield None
        return
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(build.ensure, report)


def started(built: "Future[None] | None", cluster: DemoCluster, report: Report) -> Address | str:
    """Where it answers; where it cannot be had, why not, in one line."""
    if cluster.context:
        return f"{cluster.name} is yours, and only the sandbox's cluster is given one"
    if built is None:
        return "it was not asked for"
    if not cluster.has_traffic:
        return "pods that are only said to run answer nothing, a gateway neither"
    try:
        built.result()
        return Gateway(Cluster(report=report), report).up()
    except (SandboxError, OSError) as error:
        return " ".join(str(error).split())[:_SHOWN]


_SHOWN = 300  # characters of a reason; a build that fails says much more
