"""A front end and the API that it calls: two services, one key."""

from typing import Literal

import pulumi

from components import HttpProbe, Release, ReleaseGroup, SmokeCheck

config = pulumi.Config("cutover")
active: Literal["blue", "green"] = "green" if config.require("active") == "green" else "blue"


def releases(version: str, build: int) -> Release:
    """The sandbox has one image per version, whatever the service."""
    return Release(version=version, build=build, image=f"cutover.local/podinfo:{version}")


member = {
    "port": 9898,
    "replicas": 2,
    "drain_seconds": 2,
    "min_ready_seconds": 0,
    "readiness": HttpProbe(path="/readyz", period_seconds=1),
    "smoke": SmokeCheck(path="/version", expect_body='"{version}"', timeout_seconds=10),
    "blue": releases("1.0.0", 1),
    "green": releases("1.1.0", 2),
}
shop = ReleaseGroup(
    "shop",
    namespace=config.require("namespace"),
    active=active,
    # What is called comes before what calls it. The pods of each color are told where that color of the other is:
    # `web` gets API_URL, which is http://api-blue.<namespace>.svc:80 in blue pods and http://api-green… in green ones.
    services={"api": member, "web": {**member, "args": ("--backend-url=$(API_URL)/headers",)}},
)
pulumi.export("active", shop.active)
pulumi.export("address", shop.members["web"].address)
pulumi.export("preview", shop.members["web"].preview_address)
