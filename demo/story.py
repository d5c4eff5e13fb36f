"""The story of the demo: its steps, as edits of the stack's configuration and what clients must see afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass

BLUE_GREEN = "storefront"
ROLLING = "worker"
SERVICES = (BLUE_GREEN, ROLLING)


@dataclass(frozen=True, kw_only=True)
class Releases:
    """Where the releases of the story come from: three good ones, and one whose image is not what its version says."""

    repository: str
    first: str
    second: str
    third: str
    broken: str
    broken_tag: str

    def image(self, tag: str) -> str:
        """A reference that a pod can name."""
        return f"{self.repository}:{tag}"


SANDBOX_RELEASES = Releases(
    repository="cutover.local/podinfo",
    first="1.0.0",
    second="1.1.0",
    third="1.2.0",
    broken="1.3.0",
    broken_tag="1.3.0-broken",
)
# A cluster of the reader's own pulls what podinfo's author publishes; the broken release is an older one in disguise.
PUBLIC_RELEASES = Releases(
    repository="stefanprodan/podinfo",
    first="6.9.0",
    second="6.9.1",
    third="6.9.2",
    broken="6.9.3",
    broken_tag="6.9.0",
)


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step: `edits` of the configuration (path below `cutover:` -> value), then `pulumi up`.

    `serving` is the version that every Service's clients must see, and only that, once the step is over. With `undo`
    the `up` must be refused; then `undo` is applied and the next `up` must succeed. `one_update`: with both colors
    warm a cutover updates the live Service and nothing else. `rolling` steps are over when the last old pod is gone:
    until then it serves those whose connections it holds.
    """

    title: str
    edits: Mapping[str, str]
    serving: Mapping[str, str]
    undo: Mapping[str, str] | None = None
    one_update: bool = False
    rolling: bool = False


def setup(releases: Releases) -> dict[str, str]:
    """The edits that make the stack file use `releases` from the start."""
    return (
        _release(f"services.{BLUE_GREEN}.blue", releases.first, releases.image(releases.first))
        | _release(f"services.{BLUE_GREEN}.green", releases.second, releases.image(releases.second))
        | _release(f"services.{ROLLING}.release", releases.first, releases.image(releases.first))
    )


def steps(releases: Releases) -> list[Step]:
    """The whole story."""
    active, blue = f"services.{BLUE_GREEN}.active", f"services.{BLUE_GREEN}.blue"
    first, second, third = releases.first, releases.second, releases.third
    return [
        Step(
            title="first deployment",
            edits={},
            serving={BLUE_GREEN: first, ROLLING: first},
        ),
        Step(
            title="cutover to green",
            edits={active: "green"},
            serving={BLUE_GREEN: second, ROLLING: first},
            one_update=True,
        ),
        Step(
            title="broken release, refused",
            edits=_release(blue, releases.broken, releases.image(releases.broken_tag)) | {active: "blue"},
            undo=_release(blue, first, releases.image(first)) | {active: "green"},
            serving={BLUE_GREEN: second, ROLLING: first},
        ),
        Step(
            title="rollback to blue",
            edits={active: "blue"},
            serving={BLUE_GREEN: first, ROLLING: first},
            one_update=True,
        ),
        Step(
            title="rolling update of worker",
            edits=_release(f"services.{ROLLING}.release", third, releases.image(third)),
            serving={BLUE_GREEN: first, ROLLING: third},
            rolling=True,
        ),
    ]


def last(releases: Releases) -> Step:
    """The step through a gateway, which is played by the driver."""
    return Step(
        title="canary of 10 % through a gateway",
        edits={},
        serving={BLUE_GREEN: releases.third, ROLLING: releases.third},
    )


def canary(releases: Releases, url: str, gateway: str, namespace: str) -> dict[str, str]:
    """The edits that give the service a route of its own, and its idle color a release that answers /healthz with 503:
    it gets ready, its smoke check passes, and only who asks for that finds out.
    """
    service = f"services.{BLUE_GREEN}"
    return {
        f"{service}.route.parents[0].name": gateway,
        f"{service}.route.parents[0].namespace": namespace,
        f"{service}.route.address": f"{url}/version",
        **_release(f"{service}.green", releases.third, releases.image(releases.third)),
        f"{service}.green.env.PODINFO_UNHEALTHY": "TRUE",  # `true` would be no string there
    }


def _release(path: str, version: str, image: str) -> dict[str, str]:
    return {f"{path}.version": version, f"{path}.image": image}
