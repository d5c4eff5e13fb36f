"""The settings of pods and of how they stop, which all strategies share."""

from typing import Annotated

from pydantic import Field

from components.rules.images import Rewrites
from components.settings import pod_rules
from components.settings.base import Settings, Why
from components.settings.beside_rules import BESIDE_RULES
from components.settings.container import Resources, Security
from components.settings.fragment import FRAGMENT_RULES, BudgetFragment, Fragment, ServiceFragment
from components.settings.probe import HttpProbe, Readiness
from components.settings.secret_keys import Secrets
from components.settings.service_rules import SERVICE_RULES
from components.settings.values import (
    Arguments,
    ConfigContent,
    Count,
    Directories,
    DistinctNames,
    Environment,
    FileContents,
    LabelKey,
    LabelValue,
    Names,
    ObjectName,
    PodAmount,
    PodShare,
    Port,
    PortName,
    Ports,
    Positive,
    Text,
)

WRONG_PORT = Why("on a wrong port no probe succeeds and no pod ever gets ready")
ServedPort = Annotated[Port, WRONG_PORT]
PORT = "TCP port the container listens on."


class PodSettings(Settings):
    """Settings of the pods and of how they are replaced."""

    port: Annotated[Port | None, WRONG_PORT] = Field(
        default=None,
        description="TCP port the container listens on. Required, but for a rolling service that nobody calls: "
        "without it there is no Service (docs/pods.md#workers).",
    )
    service_port: Port = Field(default=80, description="Port of the Services; they forward to `port`.")
    port_name: Annotated[PortName, Why("an existing Service that asks for a port by another name finds none")] = Field(
        default="http", description="Name of the container's port."
    )
    ports: Annotated[Ports, Why("a port that the Service lacks is closed to clients")] = Field(
        default={},
        description="Further TCP ports of the container by name, such as `metrics: 9090`; the Services have each under "
        "the same name and number.",
    )
    adopt_service: Annotated[bool, Why("an existing Service would lose its ports, its type and its address")] = Field(
        default=False,
        description="The Service of this name was there before: it is imported, and only its selector is ever changed. "
        "Stays set for good.",
    )
    pod_labels: Annotated[
        dict[LabelKey, LabelValue], Why("a NetworkPolicy or a second Service that asks for them finds no pod")
    ] = Field(default={}, description="More labels on the pods, for what else finds them; a change is a rollout.")
    workload_labels: Annotated[
        dict[LabelKey, LabelValue], Why("a tool that finds Deployments by a label of its own finds no new one")
    ] = Field(default={}, description="More labels on the Deployment, ReplicaSet or StatefulSet itself; no rollout.")
    workload_annotations: Annotated[
        dict[LabelKey, Text], Why("a tool that goes by an annotation, such as a reloader, leaves new releases alone")
    ] = Field(
        default={}, description="More annotations on the Deployment, ReplicaSet or StatefulSet itself; no rollout."
    )
    command: Arguments | None = Field(default=None, description="Replaces the image's entrypoint.")
    args: Arguments | None = Field(default=None, description="Replaces the image's arguments.")
    env: Environment = Field(
        default={},
        description="Environment variables of every release. One that names others, `$(NAME)`, comes after them.",
    )
    config: ConfigContent = Field(
        default={}, description="Content of an immutable ConfigMap named by its content: a change is a rollout."
    )
    config_files: FileContents = Field(
        default={}, description="Files by path, mounted read-only from an immutable ConfigMap: a change is a rollout."
    )
    secrets: Annotated[Secrets, Why("a value in the file is readable by all who read its history")] = Field(
        default={},
        description="Variables from the stack's secret config, `VARIABLE: key`, as an immutable Secret: "
        "a change is a rollout (docs/secrets.md).",
    )
    env_from_config_maps: Names = Field(default=(), description="Existing ConfigMaps whose keys become variables.")
    env_from_secrets: Names = Field(default=(), description="Existing Secrets whose keys become variables.")
    resources: Resources = Field(default=Resources(), description="CPU and memory of each container.")
    readiness: Annotated[Readiness, Why("without it a pod gets traffic before it can answer")] = Field(
        default=HttpProbe(),
        description="When a pod may get traffic. `none`: as soon as it runs; `min_ready_seconds` is then "
        f"{pod_rules.UNPROBED_READY_SECONDS} unless set.",
    )
    liveness: Annotated[HttpProbe | None, Why("one that fails under load restarts every pod at once")] = Field(
        default=None, description="When a pod is restarted. Off unless asked for."
    )
    startup: HttpProbe | None = Field(default=None, description="Holds the other probes back while a pod starts.")
    min_ready_seconds: Annotated[Count, Why("a crash right after the first answer must not count as ready")] = Field(
        default=2, description="Time a pod must stay ready before it counts as available."
    )
    progress_deadline_seconds: Annotated[Positive, Why("a release that never gets ready would hang")] = Field(
        default=300, description="Time without progress after which a rollout failed; sets the engine's timeout too."
    )
    revision_history_limit: Annotated[Count, Why("each old ReplicaSet kept makes every list call slower")] = Field(
        default=3, description="Old ReplicaSets that a Deployment keeps."
    )
    drain_seconds: Annotated[Count, Why("a pod that stops at once drops 4-7 % of the requests of a rollout")] = Field(
        default=5, description="preStop sleep before SIGTERM, and the wait after a switch; 0 turns both off."
    )
    termination_grace_seconds: Annotated[Count, Why("requests in flight are cut off when it ends")] = Field(
        default=30,
        description="Time from the start of the stop, drain included, to SIGKILL. 0 ends a pod at once, and needs "
        "`drain_seconds: 0`.",
    )
    security: Security = Field(default=Security(), description="The container's rights.")
    writable_paths: Annotated[Directories, Why("the root filesystem is read-only")] = Field(
        default=(), description="Directories the application writes to, each an emptyDir, such as `/tmp`."
    )
    topology_spread: Annotated[bool, Why("all pods on one node go down with it")] = Field(
        default=True, description="Spread pods over nodes where possible."
    )
    disruption_budget: Annotated[bool, Why("a node drain may otherwise evict all pods at once")] = Field(
        default=True, description="With more than one replica, a PodDisruptionBudget that lets one pod go at a time."
    )
    image_rewrites: Annotated[
        Rewrites, Why("pods that run another image than the release's are another release, whoever changed it")
    ] = Field(
        default="registry",
        description="What an admission webhook may change of the image in the pods: `none`; `registry`: where it comes "
        "from, and a digest for its tag; `any`.",
    )
    image_pull_secrets: DistinctNames = Field(default=(), description="Existing Secrets for the registry.")
    service_account: Annotated[
        ObjectName | None, Why("a token that nobody needs opens the API server to an intruder")
    ] = Field(default=None, description="Existing ServiceAccount; none mounts no token.")
    max_surge: Annotated[PodAmount, Why("without a pod more, each replaced pod is missing for a while")] = Field(
        default="25%", description="Pods more than wanted during a rolling update: a count or percentage, rounded up."
    )
    max_unavailable: Annotated[PodShare, Why("Kubernetes' own 25 % takes pods away under full load")] = Field(
        default=0, description="Pods fewer than wanted during a rolling update: a count or percentage, rounded down."
    )
    pod: Annotated[Fragment, Why("what has no key here would otherwise have to be left out")] = Field(
        default={},
        description="Fragment of a `PodTemplateSpec`, merged over what the program makes, as Kubernetes merges a "
        "strategic patch: sidecars, volumes, placement and all else (docs/pods.md).",
    )
    service: Annotated[ServiceFragment, Why("clients from outside, or of another port, would find nobody")] = Field(
        default={},
        description="Fragment of a `Service`, merged over the one that clients send to: type, annotations, names of "
        "ports, session affinity, headless and all else (docs/beside.md).",
    )
    services: Annotated[
        dict[ObjectName, ServiceFragment], Why("a second Service that is made by hand stays on the old release")
    ] = Field(
        default={},
        description="Further Services over the same pods, by their names; each a fragment of a `Service`. They move "
        "right after the one that clients send to (docs/beside.md#further-services).",
    )
    budget: Annotated[BudgetFragment, Why("a node drain may take more pods than a quorum can miss")] = Field(
        default={}, description="Fragment of a `PodDisruptionBudget`, merged over what the program makes."
    )

    rules = (*pod_rules.POD_RULES, *FRAGMENT_RULES, *BESIDE_RULES, *SERVICE_RULES)

    @property
    def readiness_probe(self) -> HttpProbe | None:
        """The readiness probe; None where there is none."""
        asked_for = self.port is not None or "readiness" in self.model_fields_set
        return self.readiness if asked_for and self.readiness != "none" else None

    @property
    def ready_seconds(self) -> int:
        """Time a pod must stay ready before it counts as available."""
        return pod_rules.ready_seconds(
            self.min_ready_seconds, self.model_fields_set, probed=self.readiness_probe is not None
        )

    @property
    def pause_seconds(self) -> int:
        """The preStop sleep: nobody sends to a pod without a port, so there it is only the pause that was asked for."""
        return pod_rules.pause_seconds(self.drain_seconds, self.port, self.model_fields_set)
