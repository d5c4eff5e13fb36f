"""Cross-field rules of adopted releases: the settings that fit an existing Deployment and Service."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from components.settings.base import GIVEN, Fault, Rule, Values
from contract.annotations import PREFIX

if TYPE_CHECKING:
    from components.settings.release import Release


def _selector_not_ours(values: Values) -> Iterator[Fault]:
    """The `selector` of an adopted Deployment holds no label of cutover's own."""
    for key in sorted(values["selector"]):
        if key.startswith(PREFIX):
            yield Fault(
                ("selector", key),
                f"{key} is a label that this program gives to its own pods",
                "what was there before has no such label, so the Service would select nothing of it",
                "copy the selector of the Service as it was: `kubectl get service NAME -o jsonpath={.spec.selector}`",
            )


def _nothing_beside(values: Values) -> Iterator[Fault]:
    """A release with `adopt` takes no variables, files, secrets or `pod` of its own."""
    if values["adopt"] is not None:
        for name in ("env", "config", "config_files", "secrets", "pod"):
            if name in values[GIVEN] and values[name]:
                yield Fault(
                    (name,),
                    f"{name} is given to a release that is adopted",
                    "its pods run already and are left as they are: the values would reach none of them",
                    f"remove {name} here; give it to the service, or to the next release",
                )


def _one_adopted(values: Values) -> Iterator[Fault]:
    """At most one color is adopted."""
    blue: Release | None = values["blue"]
    green: Release | None = values["green"]
    if blue and green and blue.adopt and green.adopt:
        yield Fault(
            ("green", "adopt"),
            "both colors are adopted",
            "there was one Service before, and it selected one of them; nothing of the other could be proved",
            "adopt what serves; make the other color a release of its own",
        )


def _adopted(values: Values) -> Iterator[tuple[str, "Release"]]:
    for name in ("blue", "green", "release"):
        release: Release | None = values.get(name)
        if release is not None and release.adopt:
            yield name, release


def _service_kept(values: Values) -> Iterator[Fault]:
    """A release with `adopt` needs `adopt_service: true`."""
    if not values["adopt_service"]:
        for name, release in _adopted(values):
            deployment = release.adopt.deployment if release.adopt else ""
            yield Fault(
                ("adopt_service",),
                f"{name} adopts the Deployment {deployment!r}, but adopt_service is not set",
                "the Service that serves it would be made anew: other ports, another type, perhaps another address",
                "set adopt_service: true",
            )


def _no_autoscaler_yet(values: Values) -> Iterator[Fault]:
    """`autoscale` and `autoscaler` wait until no release is adopted."""
    for key in ("autoscale", "autoscaler"):
        for name, _ in _adopted(values) if values[key] else ():
            yield Fault(
                (key,),
                f"{key} is set while {name} is adopted",
                "the adopted Deployment keeps its own number of pods, or its own autoscaler; two would fight over it",
                f"set replicas; add {key} when {name} has a release of its own",
            )


def _exposed_both(values: Values) -> Iterator[Fault]:
    """`expose_both` waits until no release is adopted."""
    if values["expose_both"]:
        for name, _ in _adopted(values):
            yield Fault(
                ("expose_both",),
                f"expose_both is set while {name} is adopted",
                "adopted pods do not carry the label that the Service over both colors selects: it would lack them",
                f"remove expose_both until {name} has a release of its own",
            )


def _jobs_wait(values: Values) -> Iterator[Fault]:
    """`before_cutover` and `after_cutover` wait until no release is adopted."""
    for job in ("before_cutover", "after_cutover"):
        for name, _ in _adopted(values) if values[job] is not None else ():
            yield Fault(
                (job,),
                f"{job} is set while {name} is adopted",
                "nobody knows which Jobs the adopted release has had: they would run for what runs already",
                f"add {job} when {name} has a release of its own",
            )


def _selector_is_moved(values: Values) -> Iterator[Fault]:
    """`adopt_service` needs `cutover: selector`."""
    if values["adopt_service"] and values["cutover"] == "labels":
        yield Fault(
            ("cutover",),
            "cutover is labels while adopt_service is set",
            "the pods of an adopted Deployment cannot be given a label, and its Service selects by its own",
            "set cutover: selector",
        )


def _not_side_by_side(values: Values) -> Iterator[Fault]:
    """A service with `versions` adopts nothing."""
    if values["adopt_service"]:
        yield Fault(
            ("adopt_service",),
            "adopt_service is set for versions side by side",
            "each version is at an address of its own, so the existing Service would stand for none of them",
            "adopt it as a blue/green or a rolling service",
        )
    for key, release in values["versions"].items():
        if release.adopt:
            yield Fault(
                ("versions", key, "adopt"),
                f"the version {key} adopts the Deployment {release.adopt.deployment!r}",
                "a version is rolled in place, which an adopted Deployment never is: the key would do nothing",
                "adopt it as a blue/green or a rolling service",
            )


ADOPT_RULES: tuple[Rule, ...] = (Rule(("selector",), _selector_not_ours),)
RELEASE_RULES: tuple[Rule, ...] = (Rule(("adopt", "env", "config", "config_files", "secrets", "pod"), _nothing_beside),)
BLUE_GREEN_ADOPT_RULES: tuple[Rule, ...] = (
    Rule(("blue", "green"), _one_adopted),
    Rule(("blue", "green", "adopt_service"), _service_kept),
    Rule(("blue", "green", "autoscale", "autoscaler"), _no_autoscaler_yet),
    Rule(("blue", "green", "expose_both"), _exposed_both),
    Rule(("cutover", "adopt_service"), _selector_is_moved),
    Rule(("blue", "green", "before_cutover", "after_cutover"), _jobs_wait),
)
SIDE_BY_SIDE_ADOPT_RULES: tuple[Rule, ...] = (Rule(("versions", "adopt_service"), _not_side_by_side),)
ROLLING_ADOPT_RULES: tuple[Rule, ...] = (
    Rule(("release", "adopt_service"), _service_kept),
    Rule(("release", "autoscale", "autoscaler"), _no_autoscaler_yet),
    Rule(("release", "before_cutover", "after_cutover"), _jobs_wait),
)
