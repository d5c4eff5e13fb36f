"""A real single-node Kubernetes on a machine that has none: built once from pinned Go modules, in its own namespaces.

cluster = Cluster()
cluster.up()
subprocess.run(["kubectl", "--kubeconfig", cluster.kubeconfig, "get", "nodes"])
cluster.down()
"""

from sandbox.cluster.cluster import Cluster, Status
from sandbox.cluster.instance import Instance
from sandbox.errors import SandboxError

__all__ = ["Cluster", "Instance", "SandboxError", "Status"]
