"""What can go wrong with the API server.

KubeError
├── ApiError         the server refused the request: status, reason and its own message
├── UnreachableError      no answer within the retry time, or no usable kubeconfig
└── AwaitError       applied, but not ready in time: reasons, and the object as last seen
"""

from typing import Any


class KubeError(Exception):
    """Root of this package's errors."""


class ApiError(KubeError):
    """A Status answer of the API server."""

    def __init__(self, status: int, body: dict[str, Any]):
        self.status = status
        self.body = body
        self.reason = str(body.get("reason") or "")
        super().__init__(str(body.get("message") or f"the API server answered with HTTP status {status}"))

    @property
    def not_found(self) -> bool:
        """Whether the object, or its namespace or kind, does not exist."""
        return self.status == 404

    @property
    def already_exists(self) -> bool:
        """Whether a create met an object of the same name."""
        return self.status == 409 and self.reason == "AlreadyExists"

    @property
    def conflict(self) -> bool:
        """Whether another field manager owns a field, or the object changed in between."""
        return self.status == 409 and self.reason == "Conflict"

    @property
    def namespace_missing(self) -> bool:
        """Whether the 404 is about the namespace, not the object."""
        details = self.body.get("details") or {}
        return self.not_found and details.get("kind") == "namespaces"


class NoKindError(ApiError):
    """The API server does not serve the kind: its CRD is missing."""

    def __init__(self, api_version: str, kind: str):
        super().__init__(404, {"message": f'no matches for kind "{kind}" in version "{api_version}"'})


class UnreachableError(KubeError):
    """The API server cannot be reached."""


class AwaitError(KubeError):
    """An object that was applied did not become ready; `live` is what the server last said about it."""

    def __init__(self, message: str, reasons: list[str], live: dict[str, Any]):
        self.reasons = reasons
        self.live = live
        super().__init__(message)
