"""Two environments of a web service and its API, each a codename and a build; their fronts move together."""

import pulumi

from components import BuildSettings, Environments, HttpProbe, Release, RollingSettings, SmokeCheck

config = pulumi.Config("cutover")


def service(version: str, build: int, *args: str) -> RollingSettings:
    """The sandbox has one image per version, whatever the service."""
    return RollingSettings(
        port=9898,
        replicas=2,
        args=args or None,
        drain_seconds=2,
        min_ready_seconds=0,
        readiness=HttpProbe(path="/readyz", period_seconds=1),
        release=Release(version=version, build=build, image=f"cutover.local/podinfo:{version}"),
    )


def environment(version: str, build: int) -> BuildSettings:
    """Pods of `web` are told where the API of their own environment is: http://api-coco-1.<namespace>.svc:80."""
    web = service(version, build, "--backend-url=$(API_URL)/headers")
    return BuildSettings(services={"api": service(version, build), "web": web})


made = Environments(
    "shop",
    namespace=config.require("namespace"),
    active=config.require("active"),
    fronts=("api", "web"),
    smoke={"web": SmokeCheck(path="/version", expect_body='"{version}"', timeout_seconds=10)},
    builds={"coco-1": environment("1.0.0", 1), "coco-2": environment("1.1.0", 2)},
)
pulumi.export("active", made.active)
pulumi.export("addresses", made.addresses)
pulumi.export("services", made.services)
