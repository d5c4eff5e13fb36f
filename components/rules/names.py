"""Names of objects and ids of releases: DNS labels (RFC 1123, at most 63 characters), never two inputs to one name.

Parts are joined with dashes while the result can be read back in only one way. It cannot where a service's own name
holds a color, where a version is in upper case, or where the name is too long. Then it is cut and ends in a hash of all
the parts, so two inputs meet only if their sha256 does.
"""

import re

from contract.releases import COLORS, MAX_NAME, Color, color_service_name, cut, hashed

MAX_SET_NAME = MAX_NAME - len("-0123456789")
RESERVED_KEYS = (*COLORS, "all", "smoke")  # of versions: what other names end in

_VERSION_KEY = re.compile(r"[a-z][a-z0-9]*")
_ENVIRONMENT = re.compile(r"[a-z]+-[0-9]+")


def revision(release: str, template_digest: str | None = None) -> str:
    """The exact name of what runs: the release id, and for a ReplicaSet the digest of its pod template too."""
    if template_digest is None:
        return release
    return cut(f"{release}-t{template_digest}", (release, template_digest), MAX_NAME)


def workload_name(service: str, color: Color, revision: str) -> str:
    """`("storefront", "blue", "1-5-0-b3")` -> `storefront-blue-1-5-0-b3`."""
    return _joined(service, color, revision)


def rolling_name(service: str, *, beside: bool = False, stateful: bool = False) -> str:
    """The workload of a rolling service: the service's name; `beside` another's of that name one with a hash. The names
    of a StatefulSet's pods and claims begin with it; it is shorter than others, as its pods carry `<name>-<hash>` as a
    label.
    """
    if stateful:
        return cut(service, (service, "set"), MAX_SET_NAME)
    return hashed(f"{service}-app", (service, "app"), MAX_NAME) if beside else service


def governing_name(service: str) -> str:
    """The headless Service that gives each pod of a StatefulSet its address: `storefront-pods`."""
    return cut(f"{service}-pods", (service, "pods"), MAX_NAME)


def config_name(service: str, color: Color | None, digest: str) -> str:
    """The name of an immutable ConfigMap or Secret: `storefront-blue-3f2a9c0b1d`, `worker-3f2a9c0b1d`.

    New content, new name.
    """
    return _joined(service, color, digest)


def job_name(service: str, color: Color, revision: str) -> str:
    """The name of the smoke Job of a release: `storefront-green-1-5-0-b3-smoke`."""
    return _joined(service, color, revision, suffix="smoke")


def release_job_name(service: str, color: Color | None, release: str, phase: str) -> str:
    """The name of the Job `before` or `after` the cutover to a release: `storefront-green-1-5-0-b3-before`."""
    return _joined(service, color, release, suffix=phase)


def route_carrier_name(service: str) -> str:
    """The ConfigMap that says the shares of a route that exists: `storefront-route`."""
    return cut(f"{service}-route", (service, "route"), MAX_NAME)


def canary_carrier_name(service: str) -> str:
    """The ConfigMap that says how many pods a canary by pod labels has: `storefront-canary`."""
    return cut(f"{service}-canary", (service, "canary"), MAX_NAME)


def all_service_name(service: str) -> str:
    """The Service over both colors: `storefront-all`."""
    return cut(f"{service}-all", (service, "all"), MAX_NAME)


def service_names(service: str, *, both_colors: bool) -> tuple[str, ...]:
    """Every Service that a blue/green service of this name makes, the live one first."""
    names = (service, *(color_service_name(service, color) for color in COLORS))
    return (*names, all_service_name(service)) if both_colors else names


def version_name(service: str, key: str) -> str:
    """One of several versions of a service side by side, and its Service: `("api", "v2")` -> `api-v2`."""
    return _ending("version", service, key, plain=is_version_key(key))


def is_version_key(text: str) -> bool:
    """Whether a version's name can be read back from the end of its address: one word, of no other meaning."""
    return _VERSION_KEY.fullmatch(text) is not None and text not in RESERVED_KEYS


def environment_name(service: str, environment: str) -> str:
    """A service of one environment, and its Service: `("storefront", "coco-1")` -> `storefront-coco-1`."""
    return _ending("environment", service, environment, plain=is_environment(environment))


def is_environment(text: str) -> bool:
    """Whether an environment's name can be read back from the end of a service's: a codename and a build."""
    return _ENVIRONMENT.fullmatch(text) is not None


def peer_variable(service: str) -> str:
    """The variable by which pods of a group find another member: `("shop-api")` -> `SHOP_API_URL`."""
    return service.upper().replace("-", "_") + "_URL"


def _ending(kind: str, service: str, last: str, *, plain: bool) -> str:
    """Plain endings can be read back from the right: a version's key is one word that begins with a letter and is no
    color, an environment is a word and a number. Any other ending only a hash tells apart.
    """
    text = f"{service}-{last}"
    return (cut if plain else hashed)(text, (kind, service, last), MAX_NAME)


def _joined(service: str, color: Color | None, last: str, suffix: str = "") -> str:
    parts = [part for part in (service, color, last, suffix) if part]
    text = "-".join(parts)
    identity = (service, color or "", last, suffix)
    # Read back from the left, the first color word ends the service's name; without a color the last dash does. With a
    # color word in the service's own name, or a dash in what follows no color, only a hash tells the readings apart.
    if any(word in COLORS for word in service.split("-")) or (color is None and "-" in last):
        return hashed(text, identity, MAX_NAME)
    return cut(text, identity, MAX_NAME)
