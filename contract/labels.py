"""Label keys of the objects that the program makes, and of their pods.

The recommended `app.kubernetes.io/*` set of Kubernetes, and a few keys under `cutover.dev/`. The program writes them
with every object. The driver reads them. A label is never a note of what happened: those are annotations
(`contract.annotations`). An object that lacks one of these labels is not counted as the project's.
"""

NAME = "app.kubernetes.io/name"
"""The application, for people. In no selector."""
INSTANCE = "app.kubernetes.io/instance"
"""The service. In every selector; a pod without it is found by no Service of ours."""
VERSION = "app.kubernetes.io/version"
"""The version of the release, for people. In no selector."""
COMPONENT = "app.kubernetes.io/component"
"""The role of the object: `workload`, `live`, `preview`, `front`, `smoke`, `budget`, `autoscaler`, …"""
PART_OF = "app.kubernetes.io/part-of"
"""The Pulumi project."""
MANAGED_BY = "app.kubernetes.io/managed-by"
"""Always `pulumi`."""

COLOR = "cutover.dev/color"
"""`blue` or `green`: on a color's workload, pods and own Service, and in the selector of the live Service."""
REVISION = "cutover.dev/revision"
"""What a pod runs exactly: the release id, and with a ReplicaSet the digest of its pod template."""
ENVIRONMENT = "cutover.dev/environment"
"""The environment (codename and build) of a service that is one of a set."""
LIVE = "cutover.dev/live"
"""With `cutover: labels`: on the pods, and in the pod templates, that take the traffic. The gates move it."""
ATTACHED = "true"
"""The one value of LIVE."""
RELEASE = "cutover.dev/release"
"""On a Job around a release, the id of that release. As an annotation of a workload, the release its notes are of."""
JOB_OF = "cutover.dev/job-of"
"""The service of a Job. A Job's pods carry no INSTANCE, so no Service ever selects them."""

CONTAINER = "app"
"""The name of the application's container. Other containers of a pod are what a mesh or an agent put there."""
