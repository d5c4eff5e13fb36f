"""One release as it runs: out of its service's status, what the documents about it need."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib import metadata

from contract.images import digest_in
from cutover.errors import DriftFound, DriverError, UsageError
from cutover.observe import ColorStatus, ServiceStatus
from cutover.observe.images import mixture, running
from cutover.registry.reference import Reference, parse
from cutover.stackfile.view import StackView

KEYS = "https://cutover.dev"  # what the types and keys of ours begin with: a name, not an address

_JOBS = ("smoke_job", "before_cutover", "after_cutover")


@dataclass(frozen=True)
class Released:
    """One release. `digest` is 64 hexadecimal digits of the image as a registry has it; where it came from none, of the
    image's config (`of_config`). `origin` is what the program noted on the workload.
    """

    stack: str
    namespace: str
    service: str
    strategy: str
    color: str
    role: str
    release: str
    version: str
    revision: str
    image: Reference
    digest: str
    of_config: bool
    pods: int
    address: str
    since: datetime | None
    gates: tuple[str, ...]
    jobs: Mapping[str, str] = field(default_factory=dict)  # with an image of their own: setting -> image
    origin: Mapping[str, str] = field(default_factory=dict)


def released(view: StackView, status: ServiceStatus, color: str | None) -> Released:
    """The release of a color, by default of what takes the traffic.

    Raises UsageError where there is no such release, DriftFound where its pods run several images, DriverError where
    nothing tells what the image's content is.
    """
    found = status.colors.get(color) if color else status.live
    if found is None or not found.revision:
        have = ", ".join(f"{c.color} {c.role}" for c in status.colors.values() if c.revision) or "none"
        raise UsageError(
            f"{status.name} has no release {f'on {color}' if color else 'that takes the traffic'}; it has: {have}",
            "name the other color: --color" if status.switches else "`cutover up` brings it up",
        )
    service = view.services[status.name]
    digest, of_config = _content(status.name, found)
    return Released(
        stack=found.origin.get("stack") or view.name,
        namespace=view.namespace,
        service=status.name,
        strategy=status.strategy,
        color=found.color,
        role=found.role,
        release=found.release,
        version=found.release.partition(" build ")[0],
        revision=found.revision,
        image=parse(found.image),
        digest=digest.removeprefix("sha256:"),
        of_config=of_config,
        pods=found.ready,
        address=f"http://{status.name}.{view.namespace}.svc:{service.service_port}",
        since=found.created,
        gates=tuple(map(str, status.gates)),
        jobs={job: str(given["image"]) for job in _JOBS if (given := service.settings.get(job)) and given.get("image")},
        origin=found.origin,
    )


def _content(service: str, color: ColorStatus) -> tuple[str, bool]:
    """The digest of what runs, and whether it is only of the image's config."""
    what = f"{service} {color.color} {color.revision}"
    if mixed := mixture(running(color.pods, color.revision, color.image), color.image):
        raise DriftFound(
            f"{what}: its pods run several images under {color.image}: {mixed}",
            "the tag was moved: `cutover release … --pin` names a release by its digest",
        )
    if named := digest_in(color.image):
        return named, False
    pulled = [found for image_id in color.image_ids if (found := digest_in(image_id))]
    if pulled or color.image_ids:
        return (pulled or list(color.image_ids))[0], not pulled
    raise DriverError(
        f"{what}: nothing tells the content of {color.image}: it names a tag only, and no pod of it is ready",
        "name it by its digest (`cutover release … --pin`), or wait for a pod: `cutover status --until healthy`",
    )


def driver_version() -> str:
    """The version of the driver where it is installed; empty in a checkout."""
    try:
        return metadata.version("pulumi-cutover")
    except metadata.PackageNotFoundError:
        return ""
