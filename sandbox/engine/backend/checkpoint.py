"""The checkpoint file: reading one with clear errors, checking it, and the frame around its resources.

{"version": 3|4, "features": […], "checkpoint": {"stack": "organization/P/S", "latest": {"manifest": …,
 "secrets_providers": …, "resources": […], "pending_operations": […], "metadata": {}}}}
"""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from sandbox.engine.backend import clock
from sandbox.engine.backend.errors import EngineError, StackNotFoundError
from sandbox.engine.backend.layout import StackRef
from sandbox.engine.backend.version import VERSION
from sandbox.engine.model import Row

VERSIONS = (3, 4)
FEATURES = {"hooks"}


@dataclass
class Checkpoint:
    """One checkpoint as it lies on the disk: secrets are still sealed."""

    version: int = 3
    features: list[str] = field(default_factory=list)
    deployment: dict[str, Any] | None = None  # None: never updated

    @property
    def resources(self) -> list[Row]:
        """The rows, in dependency order."""
        return list((self.deployment or {}).get("resources") or [])

    @property
    def pending(self) -> list[Row]:
        """The operations that were under way when the last run ended."""
        return list((self.deployment or {}).get("pending_operations") or [])

    @property
    def salt(self) -> str:
        """The state of the passphrase provider that sealed it, or an empty text."""
        provider = (self.deployment or {}).get("secrets_providers") or {}
        if provider.get("type") not in (None, "", "passphrase"):
            raise EngineError(
                f"the stack's secrets are kept by {provider['type']!r}, and this engine knows passphrases only. "
                "Use the Pulumi CLI for this stack (CUTOVER_PULUMI)."
            )
        return str((provider.get("state") or {}).get("salt") or "")

    @property
    def outputs(self) -> dict[str, Any]:
        """The stack's outputs, sealed."""
        stack = next((row for row in self.resources if row.get("type") == "pulumi:pulumi:Stack"), {})
        return dict(stack.get("outputs") or {})


def read(ref: StackRef) -> Checkpoint:
    """The stack's checkpoint; an error that names the file and its backup if it cannot be used."""
    path = ref.checkpoint
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        # `pulumi.automation` looks for this text.
        raise StackNotFoundError(f"no stack named '{ref}' found") from None
    backup = path.with_name(path.name + ".bak")
    remedy = (
        f"Its backup is {backup}: look at it, and copy it over the file to go on from there."
        if backup.exists()
        else f"There is no backup beside it; copies from earlier updates are in {ref.backups}."
    )
    try:
        document = json.loads(data)
        checkpoint = parse(document, document["checkpoint"].get("latest"))
        verify(checkpoint)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise EngineError(f"the state file {path} is damaged ({error or type(error).__name__}). {remedy}") from error
    except EngineError as error:
        raise EngineError(f"the state file {path} cannot be used: {error}. {remedy}") from error
    return checkpoint


def parse(document: dict[str, Any], deployment: dict[str, Any] | None) -> Checkpoint:
    """A checkpoint from the document's frame and its deployment."""
    version, features = int(document["version"]), list(document.get("features") or [])
    if version not in VERSIONS or set(features) - FEATURES:
        raise EngineError(
            f"it is version {version} with features {features}, and this engine knows "
            f"versions {VERSIONS} with {sorted(FEATURES)}"
        )
    if deployment is not None and not isinstance(deployment, dict):
        raise TypeError("its deployment is not an object")
    return Checkpoint(version, features, deployment or None)


def verify(checkpoint: Checkpoint) -> None:
    """Check the manifest, that each row stands after those it needs, and that no live resource appears twice."""
    manifest = (checkpoint.deployment or {}).get("manifest") or {}
    if manifest.get("version") and manifest.get("magic") != magic(manifest["version"]):
        raise EngineError("magic cookie mismatch; possible tampering/corruption detected")
    seen: set[str] = set()
    live: set[str] = set()
    for row in checkpoint.resources:
        urn = row["urn"]
        provider = (row.get("provider") or "").rpartition("::")[0]
        needed = [row.get("parent"), provider, *(row.get("dependencies") or [])]
        needed += [one for urns in (row.get("propertyDependencies") or {}).values() for one in urns or []]
        missing = next((one for one in needed if one and one not in seen), None)
        if missing:
            raise EngineError(f"{urn} stands before {missing}, which it needs, or that is missing")
        if not row.get("delete"):
            if urn in live:
                raise EngineError(f"{urn} appears twice")
            live.add(urn)
        seen.add(urn)


def magic(version: str) -> str:
    """The manifest's proof that it was written by an engine and not by hand."""
    return hashlib.sha256(version.encode()).hexdigest()


def manifest() -> dict[str, str]:
    """A manifest of this moment and this engine."""
    return {"time": clock.now(), "magic": magic(VERSION), "version": VERSION}


def frame(rows: list[Row]) -> tuple[int, list[str]]:
    """The version and the features that the rows call for: hooks came with version 4."""
    return (4, ["hooks"]) if any(row.get("resourceHooks") for row in rows) else (3, [])
