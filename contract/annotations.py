"""Annotation keys: what the project notes on objects of the cluster, in its own prefix.

Each says who writes it, when, what it means, and what a value that cannot be read does. The program's gates write under
a field manager of their own, so that no note shows as a difference in a plan. What the engine declares is said so.
"""

PREFIX = "cutover.dev/"
"""Of all keys of the project, labels too."""

STACK = "cutover.dev/stack"
"""`<project>/<stack>`, on every object. Declared by the engine at creation. An object with another stack's is not ours:
it is refused and never deleted. Missing: the object is nobody's, and is refused as well."""
COMPLETED = "cutover.dev/completed"
"""On the live Service: the revision whose cutover was carried to its end. Written by the program after the drain, taken
off before each switch. Missing or of another revision: the next `up` verifies and drains again, which is harmless."""
SERVES = "cutover.dev/serves"
"""With `cutover: labels`, on the live Service: `<color>/<revision>`. Declared by the engine, so that a plan shows the
cutover, and put right by the gates where a killed run left it otherwise. Who serves is read from the pods; this decides
only between several that are attached. In a canary by replicas the gates write it with the selector of both colors: the
active one. Of a Service whose selector names a color it says nothing."""
SWITCHED = "cutover.dev/switched"
"""On the live Service of a canary by replicas: `<color>/<revision> <time>`, since when that release serves, as its
selector changes with each canary too. Written with the selector of both colors, taken off at the end of the next
cutover. Missing, of another release or not to be read: the time of the selector counts."""
DETACHED = "cutover.dev/detached"
"""With `cutover: labels`, on ReplicaSets and pods: when they were taken out of the live Service (ISO 8601). Written by
the gates. Its presence counts, not its value: such a pod served before and is drained."""
DRAINING = "cutover.dev/draining"
"""On a front: instances that it left, joined by commas, whose pods may hold connections. Written before a front moves,
taken off after the drain. An unknown instance in it is drained by what the cluster has of it."""
ADOPTED = "cutover.dev/adopted"
"""On an adopted live Service: the color of the Deployment that was there before, while it exists."""
JOBS_DONE = "cutover.dev/jobs-done"
"""On what takes the traffic: `{"before": [release ids], "after": [release ids]}`, the newest last. Written after a Job
succeeded. What cannot be read counts as none: the Job runs again."""
NO_ROLLBACK_PAST = "cutover.dev/no-rollback-past"
"""On what takes the traffic: `1.5.0 build 3`, the release that nobody may roll back past. Written once a release with
`rollback: forbidden` serves, taken off by `rollback: allowed`."""
REFUSED = "cutover.dev/refused"
"""On the live Service: the release that was refused its traffic or lost it again, as JSON. What cannot be read counts
as none."""
SERVED = "cutover.dev/served"
"""On a live Service: marks of the releases that took the traffic and were carried through, as a JSON list, the last one
at the end. A release in it is a way back and is not asked the smoke check again. What cannot be read counts as none."""
SHARES = "cutover.dev/shares"
"""On the ConfigMap that stands for a route that exists: `route: shop-blue 90, shop-green 10`, what the config wants.
Declared by the engine, so that a plan shows the step. Nothing is decided by it."""
ROUTED = "cutover.dev/routed"
"""On the live Service of a service with a route: the shares of the colors in it that were seen last, as
`shop-blue 90, shop-green 10`. Taken off before a move. Missing or of other shares: the next `up` looks at the route and
its answers again, which is harmless."""
CANARY = "cutover.dev/canary"
"""On the ConfigMap that stands for a canary by pods: `green 1 of 4 pods, 25 % of new connections`, what the config
wants. Declared by the engine, so that a plan shows the step. Nothing is decided by it: which pods have a share, their
label or the selector of the live Service tells."""
HELD = "cutover.dev/held"
"""On the autoscalers of a service while its idle color has a share: `green`, that color. Declared by the engine, beside
a `scaleDown` that takes no pod away. A run that takes it off makes sure first that one color has all of the load."""
RESTARTED = "cutover.dev/restarted-at"
"""In a pod template of a Deployment: when its pods were recycled. A new value replaces them, as
`kubectl rollout restart` does."""
WRITTEN = "cutover.dev/written"
"""On a ReplicaSet under an autoscaler: the digest of what the engine wrote on it last. Declared by the engine, whose
provider waits until it sees that: what it sees before may be older than its write. Nothing else is decided by it."""
DIGEST = "cutover.dev/digest"
"""On a Job: the digest of what it does. Another digest is another Job."""
IMAGE_ID = "cutover.dev/image-id"
"""On a workload: the image ids that its pods ran when it was brought up, joined by `, `."""

COMMIT = "cutover.dev/commit"
REPOSITORY = "cutover.dev/repository"
DEPLOYED_BY = "cutover.dev/deployed-by"
DEPLOYED_AT = "cutover.dev/deployed-at"
RUN = "cutover.dev/run"
CONFIG_DIGEST = "cutover.dev/config-digest"
BUILD = "cutover.dev/build"
"""On a workload, with STACK, IMAGE_ID and the label key RELEASE: where its release came from. Written by the program
once the workload is up, and not again while its release stays. For people and for statements of provenance; nothing is
decided by them."""

HELM_RELEASE = "meta.helm.sh/release-name"
"""Of Helm's, not ours: whose an object is that is not ours."""
