"""The sources of measurements: the API server's service proxy, a URL of the user's own, Prometheus.

Clients live as long as the process: a bake's last looks may still be under way when its verdict is there.
"""

import os
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cutover.measure.http import Answer, fetch_with, get
from cutover.measure.probe import Check, ProbeMeasurement
from cutover.measure.query import PrometheusMeasurement, Query

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx2

TOKEN_VARIABLE = "CUTOVER_PROMETHEUS_TOKEN"  # noqa: S105 - the name of a variable, not its value
QUERY_TIMEOUT_SECONDS = 5.0


def probe_service(
    api: "httpx2.Client", namespace: str, service: str, check: Check, port: str = "http"
) -> ProbeMeasurement:
    """Ask a Service by its name, through the API server that `api` is connected to. Works from outside the cluster.

    `port` is the name or the number of the Service's port.
    """
    base = f"/api/v1/namespaces/{namespace}/services/http:{service}:{port}/proxy/"

    def fetch(path: str, params: "Mapping[str, str] | None" = None) -> Answer:
        return get(api, base + path.lstrip("/"), params, check.timeout_seconds)

    return ProbeMeasurement(f"probe {service}", check, fetch, proxied=True)


def probe_url(url: str, check: Check, mark: str = "") -> ProbeMeasurement:
    """Ask a URL as users do. Each request opens a connection of its own: an open one would stay on its old pod.

    The check's path is not used: the URL has one. `mark` tells one from another of the same name.
    What is shown of the URL leaves out user, password and query.
    """
    import httpx2

    client = httpx2.Client(limits=httpx2.Limits(max_keepalive_connections=0))

    def fetch(path: str, params: "Mapping[str, str] | None" = None) -> Answer:  # noqa: ARG001
        return get(client, url, params, check.timeout_seconds)

    return ProbeMeasurement(f"probe {shown_url(url)}{mark}", check, fetch, proxied=False)


def query_prometheus(base_url: str, query: Query) -> PrometheusMeasurement:
    """Ask what speaks Prometheus's HTTP API at `base_url`, with the token in CUTOVER_PROMETHEUS_TOKEN, if any."""
    import httpx2

    token = os.environ.get(TOKEN_VARIABLE)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    limits = httpx2.Limits(max_keepalive_connections=0)  # nothing is left open, whenever the bake ends
    client = httpx2.Client(base_url=base_url.rstrip("/"), headers=headers, limits=limits)
    return PrometheusMeasurement(query, fetch_with(client, QUERY_TIMEOUT_SECONDS))


def shown_url(url: str) -> str:
    """A URL as it may be shown: without user, password, query and fragment, which may hold secrets."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{host}{port}{parts.path}"
