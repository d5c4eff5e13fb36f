"""Two versions of an API at once, and a consumer that is pinned to the older one by its address."""

import pulumi

from components import HttpProbe, Release, RollingApp, SideBySide, SmokeCheck

config = pulumi.Config("cutover")
namespace = config.require("namespace")


def release(version: str, build: int) -> Release:
    """The sandbox has one image per version, whatever the service."""
    return Release(version=version, build=build, image=f"cutover.local/podinfo:{version}")


api = SideBySide(
    "api",
    namespace=namespace,
    port=9898,
    active=config.require("active"),
    versions={"v1": release("1.0.0", 1), "v2": release("1.1.0", 4)},
    replicas=2,
    drain_seconds=2,
    min_ready_seconds=0,
    readiness=HttpProbe(path="/readyz", period_seconds=1),
    smoke=SmokeCheck(path="/version", expect_body='"{version}"', timeout_seconds=10),
)
RollingApp(
    "till",  # written for v1; it moves to http://api-v2, or to http://api, when it can
    namespace=namespace,
    port=9898,
    release=release("1.0.0", 1),
    args=("--backend-url=http://api-v1/headers",),
    replicas=1,
    readiness=HttpProbe(path="/readyz", period_seconds=1),
    min_ready_seconds=0,
)
pulumi.export("active", api.active)
pulumi.export("address", api.address)
pulumi.export("versions", api.versions)
