"""The kinds that routes are written in, from files that the pinned Go modules ship: nothing of others is kept here."""

import hashlib
from pathlib import Path

import yaml

from sandbox.gateway import build
from sandbox.golang import Report, write_atomically

GATEWAY_API = ("gatewayclasses", "gateways", "grpcroutes", "httproutes", "referencegrants")
ISTIO = ("destinationrules", "gateways", "virtualservices")
NAMES = (
    *(f"{one}.gateway.networking.k8s.io" for one in GATEWAY_API),
    *(f"{one}.networking.istio.io" for one in ISTIO),
)


def ensure(report: Report) -> Path:
    """One file with the CustomResourceDefinitions, made where it is not in the cache. Raises SandboxError."""
    path = build.MODULE.cache / f"crds-{hashlib.sha256(' '.join(NAMES).encode()).hexdigest()[:8]}.yaml"
    if not path.exists():
        standard = build.MODULE.source(build.GATEWAY_API_MODULE, report) / "config" / "crd" / "standard"
        documents = [(standard / f"gateway.networking.k8s.io_{one}.yaml").read_text() for one in GATEWAY_API]
        istio = build.MODULE.source(build.ISTIO_API_MODULE, report) / "kubernetes"
        text = (istio / "customresourcedefinitions.gen.yaml").read_text()
        documents += [one for one in text.split("\n---\n") if _name(one) in NAMES]
        write_atomically(path, "\n---\n".join(documents).encode())
    return path


def _name(document: str) -> str:
    found = yaml.safe_load(document)
    return str(found["metadata"]["name"]) if found else ""
