"""Cross-field rules of `workload: stateful-set`: what only a StatefulSet has, what it has not, and its claims."""

from collections.abc import Iterator, Mapping
from typing import Any

from components.podspec.check import findings
from components.podspec.merge import DIRECTIVE
from components.settings.autoscale import scaling_of
from components.settings.base import GIVEN, Fault, Rule, Values
from components.settings.beside_rules import OUR_ANNOTATIONS, OUR_LABELS
from components.settings.content_rules import releases_of
from components.settings.fragment import CLAIM, Path, fragments_of
from components.settings.release import Release

STATEFUL_SET = "stateful-set"
_OF_A_SET = ("pod_management", "partition", "governing_service", "volume_claims", "claim_retention")
_CONTENT = ("config", "config_files", "secrets")
_NO_SURGE = "a StatefulSet replaces one pod at a time, and none is there beside it: the setting would do nothing"


def _only_of_a_set(values: Values) -> Iterator[Fault]:
    """What is said of a StatefulSet needs `workload: stateful-set`."""
    if values["workload"] != STATEFUL_SET:
        for name in _OF_A_SET:
            if name in values[GIVEN]:
                yield Fault(
                    (name,),
                    f"{name} is set while workload is {values['workload']}",
                    "only a StatefulSet has it: the key would do nothing",
                    f"remove {name}, or set workload: {STATEFUL_SET}",
                )


def _not_of_a_set(values: Values) -> Iterator[Fault]:
    """`workload: stateful-set` takes no `max_surge`, `max_unavailable` or `update: recreate`, and adopts nothing."""
    if values["workload"] != STATEFUL_SET:
        return
    for name in ("max_surge", "max_unavailable"):
        if name in values[GIVEN]:
            yield Fault((name,), f"{name} is set while workload is {STATEFUL_SET}", _NO_SURGE, f"remove {name}")
    if values["update"] == "recreate":
        yield Fault(
            ("update",),
            f"update is recreate while workload is {STATEFUL_SET}",
            "a StatefulSet has no such way: it ends each pod before it starts the next of its name, one at a time",
            "remove update; with replicas: 1 each change is an outage in any case, and the plan says so",
        )
    release: Release | None = values["release"]
    for at in (("adopt_service",),) if values["adopt_service"] else ():
        yield Fault(at, "adopt_service is set for a StatefulSet", _NO_SUCCESSOR, _BESIDE)
    if release and release.adopt:
        yield Fault(("release", "adopt"), "a release of a StatefulSet is adopted", _NO_SUCCESSOR, _BESIDE)


_NO_SUCCESSOR = (
    "the pods of what was there have names and claims of their own, which no set beside it could have: its data would "
    "not be there"
)
_BESIDE = "remove it; bring the set up beside what is there, copy the data, and send the clients there"


def _claims_are_whole(values: Values) -> Iterator[Fault]:
    """Each of `volume_claims` has `accessModes` and a size (docs/pods.md#statefulsets)."""
    for name, claim in values["volume_claims"].items():
        at: Path = ("volume_claims", name)
        wrong = findings(claim, CLAIM, name)
        yield from (Fault((*at, *found.at), found.what, found.why, found.fix) for found in wrong)
        if not wrong:
            yield from _whole(claim, at)


def _whole(claim: Mapping[str, Any], at: Path) -> Iterator[Fault]:
    spec = claim.get("spec") or {}
    if not spec.get("accessModes"):
        yield Fault(
            (*at, "spec", "accessModes"),
            "accessModes is not given",
            "the API server refuses a claim without: no pod of the set would ever start",
            "add accessModes: [ReadWriteOnce]",
        )
    if not ((spec.get("resources") or {}).get("requests") or {}).get("storage"):
        yield Fault(
            (*at, "spec", "resources", "requests", "storage"),
            "the size is not given",
            "the API server refuses a claim without: no pod of the set would ever start",
            "add resources: {requests: {storage: 10Gi}}",
        )
    if DIRECTIVE in claim or DIRECTIVE in spec:
        what = f"{DIRECTIVE} is set, and there is nothing that the claim is put over"
        yield Fault(at, what, "the directive would do nothing", f"remove {DIRECTIVE}")
    metadata = claim.get("metadata") or {}
    for part, ours in (("labels", OUR_LABELS), ("annotations", OUR_ANNOTATIONS)):
        for key in metadata.get(part) or ():
            if key.startswith(ours):
                what = f"{key} is one of the {part} that the program gives to its objects"
                why = (
                    "the cluster gives the claims those of the set: with another value they would be told apart wrongly"
                )
                yield Fault((*at, "metadata", part, key), what, why, "remove it; choose a key of your own")


def _claims_are_the_volumes(values: Values) -> Iterator[Fault]:
    """No volume of `pod` has the name of one of `volume_claims`: each pod has the claim's volume under that name."""
    own = {"files", *(f"writable-{number}" for number, _ in enumerate(values["writable_paths"]))}
    for name in sorted(values["volume_claims"].keys() & own):
        yield _twice(("volume_claims", name), name, "is made by config_files or writable_paths")
    for at, fragment, _ in fragments_of(values):
        for number, volume in enumerate((fragment.get("spec") or {}).get("volumes") or ()):
            if volume.get("name") in values["volume_claims"] and volume.get(DIRECTIVE) != "delete":
                yield _twice((*at, "spec", "volumes", number, "name"), volume["name"], "is one of volume_claims")


def _twice(at: Path, name: str, what: str) -> Fault:
    return Fault(
        at,
        f"a volume named {name!r} {what} too",
        "Kubernetes would mount the claim there and leave the other out without a word",
        "give one of the two another name",
    )


def _partition_leaves_pods(values: Values) -> Iterator[Fault]:
    """`partition` is less than the number of pods, and goes with no `config`, `config_files` or `secrets`."""
    partition, scale = values["partition"], scaling_of(values["autoscale"], values["autoscaler"])
    most = scale.max_replicas if scale else values["replicas"]
    if not partition:
        return
    if partition >= most:
        yield Fault(
            ("partition",),
            f"partition is {partition}, and there are {most} pods, of which the last is number {most - 1}",
            "no pod would ever get a release",
            f"set partition to less than {most}, or to 0 for all pods",
        )
    for slot, release in (((), None), *releases_of(values)):
        for name in _CONTENT:
            if getattr(release, name) if release else values[name]:
                yield Fault(
                    (*slot, name),
                    f"{name} is given while partition is {partition}",
                    f"pods 0 to {partition - 1} stay on the release before, and a pod of those that starts again would "
                    "not find its values: those of a release leave the cluster with it",
                    f"set partition: 0, or move {name} into env or an existing ConfigMap or Secret",
                )


SET_RULES: tuple[Rule, ...] = (
    Rule(("workload",), _only_of_a_set),
    Rule(("workload", "update", "adopt_service", "release"), _not_of_a_set),
    Rule(("volume_claims",), _claims_are_whole),
    Rule(("volume_claims", "writable_paths", "pod", "release"), _claims_are_the_volumes),
    Rule(("partition", "replicas", "autoscale", "autoscaler", *_CONTENT, "release"), _partition_leaves_pods),
)
