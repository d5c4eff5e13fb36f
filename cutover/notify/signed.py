"""The result of a command as signed JSON, for receivers of one's own: `--notify https://…`.

The signature is `X-Cutover-Signature: sha256=<hex>`, the HMAC-SHA256 of `<timestamp>.<body>` with the secret in
CUTOVER_NOTIFY_SECRET. The timestamp is `X-Cutover-Timestamp` (seconds since 1970, of this try), so that a receiver can
refuse what is old.
"""

import hashlib
import hmac
import os
import time
from collections.abc import Mapping
from typing import Any

SECRET_VARIABLE = "CUTOVER_NOTIFY_SECRET"  # noqa: S105 - the name of a variable, not its value


def document(result: Mapping[str, Any]) -> Mapping[str, Any]:
    """The document of `--json` as it is."""
    return result


def headers(body: bytes) -> dict[str, str]:
    """The timestamp, and the signature where there is a secret."""
    timestamp = str(int(time.time()))
    found = {"X-Cutover-Timestamp": timestamp}
    if secret := os.environ.get(SECRET_VARIABLE):
        found["X-Cutover-Signature"] = signature(secret, timestamp, body)
    return found


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """The value of the signature header."""
    signed = timestamp.encode() + b"." + body
    return "sha256=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
