"""The cluster of a stack: the `kubernetes:` keys of its config, else what kubectl would take."""

from cutover.stackfile.effective import effective
from cutover.stackfile.view import CLUSTER, CONTEXT, KUBECONFIG, StackView, load_file
from kubeaccess import Access


def access_of(view: StackView) -> Access:
    """Where the stack's cluster is. Raises LoginNeeded where only the engine can tell a value, and does not."""
    content = load_file(view.path)
    kubeconfig, context, cluster = (effective(view.path, content, key) for key in (KUBECONFIG, CONTEXT, CLUSTER))
    return Access(kubeconfig, context, cluster, view.project)
