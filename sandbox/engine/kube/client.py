"""HTTP to the API server: one connection pool for all threads, retries while the server is away.

Paths come from discovery; objects are plain dicts as the server sends them.
"""

import json
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.engine.kube import access as accesses
from sandbox.engine.kube import kinds
from sandbox.engine.kube.errors import ApiError, NoKindError, UnreachableError

if TYPE_CHECKING:
    import httpx2

Object = dict[str, Any]
FIRST_MANAGER = "pulumi-kubernetes"  # the manager of creates; updates move its fields to the resource's own manager
# A server that answered before is restarting; one that never did is most likely not there at all.
PATIENCE_SECONDS, FIRST_PATIENCE_SECONDS = 60.0, 8.0
_RETRIED = frozenset({429, 502, 503, 504})


@dataclass(frozen=True)
class Ref:
    """Names one object."""

    api_version: str
    kind: str
    namespace: str
    name: str

    @classmethod
    def of(cls, obj: Mapping[str, Any]) -> "Ref":
        """Read the reference off an object."""
        metadata = obj.get("metadata") or {}
        return cls(obj["apiVersion"], obj["kind"], metadata.get("namespace") or "", metadata.get("name") or "")

    @property
    def id(self) -> str:
        """The Pulumi id: `namespace/name`, or the name alone."""
        return f"{self.namespace}/{self.name}" if self.namespace else self.name


class Client:
    """One cluster as one user; safe for use by many threads."""

    def __init__(self, access: accesses.Access):
        self.access = access
        self._lock = threading.Lock()
        self._http: httpx2.Client | None = None
        self._kinds: dict[str, dict[str, tuple[str, bool]]] = {}
        self._answered = False

    def get(self, ref: Ref) -> Object:
        """Read one object."""
        return self.request("GET", self.path(ref))

    def find(self, ref: Ref) -> Object | None:
        """Read one object, or nothing if it is gone."""
        try:
            return self.get(ref)
        except ApiError as error:
            if error.not_found:
                return None
            raise

    def find_all(self, api_version: str, kind: str, namespace: str, **query: str) -> list[Object]:
        """List the objects of a kind in a namespace."""
        path = self.path(Ref(api_version, kind, namespace, ""))
        return list(self.request("GET", path, query).get("items") or [])

    def create(self, obj: Object, *, dry_run: bool = False) -> Object:
        """Create an object with a plain POST, so that one of the same name is an error."""
        ref = Ref.of(obj)
        path = self.path(Ref(ref.api_version, ref.kind, ref.namespace, ""))
        return self.request("POST", path, {"fieldManager": FIRST_MANAGER, **_dry(dry_run)}, obj)

    def apply(self, ref: Ref, obj: Object, manager: str, *, force: bool, dry_run: bool = False) -> Object:
        """Apply an object server-side as `manager`."""
        query = {"fieldManager": manager, "force": str(force).lower(), "fieldValidation": "Warn", **_dry(dry_run)}
        return self.request("PATCH", self.path(ref), query, obj, "application/apply-patch+yaml")

    def json_patch(self, ref: Ref, operations: Sequence[Object]) -> Object:
        """Patch an object with RFC 6902 operations."""
        return self.request("PATCH", self.path(ref), {}, operations, "application/json-patch+json")

    def replace(self, ref: Ref, obj: Object, manager: str, *, dry_run: bool = False) -> Object:
        """Replace an object; it must carry the resourceVersion it replaces."""
        return self.request("PUT", self.path(ref), {"fieldManager": manager, **_dry(dry_run)}, obj)

    def delete(self, ref: Ref, propagation: str) -> None:
        """Ask for an object's deletion; one that is already gone is fine."""
        body = {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": propagation}
        try:
            self.request("DELETE", self.path(ref), {}, body)
        except ApiError as error:
            if not error.not_found:
                raise

    def namespaced(self, api_version: str, kind: str) -> bool:
        """Whether the kind lives in namespaces; asks the cluster only about groups that are not Kubernetes' own."""
        if kinds.is_built_in(api_version):
            return kind not in kinds.CLUSTER_SCOPED
        try:
            return self._kind(api_version, kind)[1]
        except ApiError:
            return True  # a custom resource whose definition does not exist yet

    def default_namespace(self) -> str:
        """The namespace of objects that name none."""
        return self.access.namespace or accesses.load(self.access).namespace

    def path(self, ref: Ref) -> str:
        """Return the URL path of an object, or of its collection if it has no name."""
        plural, namespaced = self._kind(ref.api_version, ref.kind)
        path = kinds.base_path(ref.api_version)
        if namespaced:
            path += f"/namespaces/{ref.namespace or 'default'}"
        return f"{path}/{plural}" + (f"/{ref.name}" if ref.name else "")

    def _kind(self, api_version: str, kind: str) -> tuple[str, bool]:
        known = self._kinds.get(api_version, {})
        if kind not in known:
            try:
                found = self.request("GET", kinds.base_path(api_version)).get("resources") or []
            except ApiError as error:
                raise (NoKindError(api_version, kind) if error.not_found else error) from error
            known = {item["kind"]: (item["name"], item["namespaced"]) for item in found if "/" not in item["name"]}
            self._kinds[api_version] = known
        if kind not in known:
            raise NoKindError(api_version, kind)
        return known[kind]

    def request(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        content_type: str = "application/json",
    ) -> Object:
        """Send one request, again while the server is away.

        Raises:
            ApiError: the server refused it.
            UnreachableError: no answer within the patience.
        """
        import httpx2

        content = None if body is None else json.dumps(body).encode()
        start, pause, lost = time.monotonic(), 0.2, False
        while True:
            try:
                answer = self._client().request(
                    method, path, params=dict(query or {}), content=content, headers={"Content-Type": content_type}
                )
            except httpx2.TransportError as error:
                # Only a connection that was never made proves that the server did not get the request.
                lost = lost or not isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.PoolTimeout)
                patience = PATIENCE_SECONDS if self._answered else FIRST_PATIENCE_SECONDS
                if time.monotonic() - start > patience or "CERTIFICATE_VERIFY_FAILED" in str(error):
                    raise UnreachableError(
                        f"the Kubernetes API server at {self._client().base_url} cannot be reached: {error}"
                    ) from error
            else:
                self._answered = True
                if answer.status_code not in _RETRIED or time.monotonic() - start > PATIENCE_SECONDS:
                    return self._result(method, answer, lost, body)
                pause = max(pause, min(float(answer.headers.get("Retry-After") or 0), 5.0))
            time.sleep(pause)
            pause = min(pause * 1.6, 2.0)

    def _result(self, method: str, answer: "httpx2.Response", lost: bool, body: Any) -> Object:
        data: Object = json.loads(answer.content) if answer.content[:1] == b"{" else {"message": answer.text.strip()}
        if answer.status_code < 300:
            return data
        error = ApiError(answer.status_code, data)
        if lost and method == "POST" and error.already_exists:
            # The answer to an earlier attempt was lost: the object may well be the one this POST made.
            live = self.get(Ref.of(body))
            managers = {entry.get("manager") for entry in live["metadata"].get("managedFields") or []}
            if FIRST_MANAGER in managers:
                return live
        raise error

    def _client(self) -> "httpx2.Client":
        with self._lock:
            if self._http is None:
                import httpx2
                from lightkube.config.client_adapter import ConnectionParams
                from lightkube.core.exceptions import ConfigError

                try:
                    params = ConnectionParams(trust_env=False).httpx_params(accesses.load(self.access))
                except (ConfigError, OSError) as error:
                    raise UnreachableError(f"the kubeconfig cannot be used: {error}") from error
                params |= {
                    "timeout": httpx2.Timeout(35, connect=5),
                    "limits": httpx2.Limits(max_connections=64, max_keepalive_connections=64),
                    "headers": {"Accept": "application/json"},
                }
                self._http = httpx2.Client(**params)
            return self._http

    def close(self) -> None:
        """Close the connections."""
        if self._http is not None:
            self._http.close()


def _dry(dry_run: bool) -> dict[str, str]:
    return {"dryRun": "All"} if dry_run else {}
