"""Releases as a CycloneDX 1.6 BOM: the stack, its services, their containers, and what came from where."""

import hashlib
import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from cutover.provenance.release import Released, driver_version
from cutover.registry.reference import DEFAULT_HOST, Reference, parse

Json = dict[str, Any]


def bom(stack: str, releases: list[Released], now: datetime) -> Json:
    """One BOM of all these releases of a stack. The same releases give the same serial number."""
    root = f"stack:{stack}"
    containers, services, edges = [], [], []
    for release in releases:
        container, service = f"container:{release.service}", f"service:{release.service}"
        containers.append(_container(container, release))
        services.append(_service(service, release))
        jobs = [_image(f"{container}:{job}", parse(image)) for job, image in release.jobs.items()]
        containers += [job | {"scope": "excluded"} for job in jobs]  # they ran for it, and are no part of it
        used = [container, *(job["bom-ref"] for job in jobs)]
        edges += [{"ref": service, "dependsOn": used}, *({"ref": ref} for ref in used)]
    body: Json = {
        "components": containers,
        "services": services,
        "dependencies": [{"ref": root, "dependsOn": [service["bom-ref"] for service in services]}, *edges],
    }
    tool = {"type": "application", "name": "cutover"} | ({"version": driver_version()} if driver_version() else {})
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": _serial(root, body),
        "version": 1,
        "metadata": {
            "timestamp": f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "lifecycles": [{"phase": "operations"}],
            "tools": {"components": [tool]},
            "component": {"type": "application", "bom-ref": root, "name": stack},
        },
        **body,
    }


def package_url(image: Reference, digest: str) -> str:
    """The purl of an image that a registry has; `digest` is 64 hexadecimal digits."""
    host = image.repository if image.host == DEFAULT_HOST else f"{image.host}/{image.repository}"
    where = quote(f"{DEFAULT_HOST}/{host}" if image.host == DEFAULT_HOST else host, safe="/")
    tag = f"&tag={quote(image.tag, safe='')}" if image.tag else ""
    name = quote(image.repository.rpartition("/")[2], safe="")
    return f"pkg:oci/{name}@sha256%3A{digest}?repository_url={where}{tag}"


def _container(ref: str, release: Released) -> Json:
    made = _image(ref, release.image, "" if release.of_config else release.digest) | {"version": release.version}
    origin = release.origin
    links = []
    if repository := origin.get("repository"):
        links.append({"type": "vcs", "url": repository, "comment": f"commit {origin.get('commit', 'not known')}"})
    if run := origin.get("run"):
        links.append({"type": "build-system", "url": run})
    said = {
        "release": release.release,
        "revision": release.revision,
        "color": release.color,
        "role": release.role,
        "commit": origin.get("commit"),
        "deployed-by": origin.get("deployedBy"),
        "config-digest": origin.get("configDigest"),
        "image-config-digest": f"sha256:{release.digest}" if release.of_config else None,
    }
    return made | {"properties": _properties(said)} | ({"externalReferences": links} if links else {})


def _image(ref: str, image: Reference, digest: str = "") -> Json:
    digest = digest or image.digest.removeprefix("sha256:")
    made: Json = {"type": "container", "bom-ref": ref, "name": image.name}
    if image.tag:
        made["version"] = image.tag
    if digest:
        made |= {"hashes": [{"alg": "SHA-256", "content": digest}], "purl": package_url(image, digest)}
    return made


def _service(ref: str, release: Released) -> Json:
    said = {"namespace": release.namespace, "strategy": release.strategy, "ready-pods": str(release.pods)}
    gates = [{"name": "cutover:gate", "value": gate} for gate in release.gates]
    return {
        "bom-ref": ref,
        "name": release.service,
        "version": release.version,
        "endpoints": [release.address],
        "properties": [*_properties(said), *gates],
    }


def _properties(said: Mapping[str, str | None]) -> list[Json]:
    return [{"name": f"cutover:{key}", "value": value} for key, value in said.items() if value]


def _serial(root: str, body: Json) -> str:
    content = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{root}#{content}')}"
