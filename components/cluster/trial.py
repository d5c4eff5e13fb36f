"""Dry runs: the API server validates an object and does not keep it (`dryRun=All`, unknown fields refused)."""

from collections.abc import Mapping
from typing import Any

from components.cluster.connection import Connection
from components.rules.trial import Answer
from contract.ownership import FIELD_MANAGER

_TRIAL = {"dryRun": "All", "fieldValidation": "Strict"}


async def create(api: Connection, path: str, manifest: Mapping[str, Any]) -> Answer:
    """Try to create an object. `path` is that of its kind."""
    return _read(*await api.once("POST", path, params={**_TRIAL, "fieldManager": FIELD_MANAGER}, body=dict(manifest)))


async def apply(api: Connection, path: str, manifest: Mapping[str, Any], manager: str) -> Answer:
    """Try to apply an object over the existing one, as that field manager. `path` is its own."""
    params = {**_TRIAL, "fieldManager": manager, "force": "true"}
    return _read(
        *await api.once("PATCH", path, params=params, body=dict(manifest), content_type="application/apply-patch+yaml")
    )


def _read(status: int, answer: Any) -> Answer:
    if status < 400 or not isinstance(answer, Mapping):
        return Answer(status)
    causes = (answer.get("details") or {}).get("causes") or []
    return Answer(status, str(answer.get("message") or ""), tuple(str(one.get("field") or "") for one in causes))
