"""A server of keys for the stacks under test: what Pulumi asks of the transit engine of HashiCorp Vault, and no more.

A stack whose secrets are kept by such a server, as most teams keep them, opens them with one request. A passphrase
costs each command of the CLI a million rounds, a third of its time; tests/lifecycle/test_doctor.py has one.
Source: developer.hashicorp.com/vault/api-docs/secret/transit, "Encrypt data" and "Decrypt data".
"""

import atexit
import functools
import json
from contextlib import ExitStack

from tests.unit.cutover.servers import Reply, Request, serve

PROVIDER = "hashivault://cutover"
TOKEN = "token of the tests"
_PREFIX = "vault:v1:"


def _answer(request: Request) -> Reply:
    """It hides nothing: the ciphertext is the plaintext with a prefix."""
    asked = json.loads(request.body)
    if request.headers.get("x-vault-token") != TOKEN:
        return Reply(403, json.dumps({"errors": ["permission denied"]}))
    if request.path.startswith("/v1/transit/encrypt/"):
        return Reply(body=json.dumps({"data": {"ciphertext": _PREFIX + asked["plaintext"]}}))
    return Reply(body=json.dumps({"data": {"plaintext": asked["ciphertext"].removeprefix(_PREFIX)}}))


@functools.cache
def environment() -> dict[str, str]:
    """What a command needs to reach the server, which is started by the first call and ends with this process."""
    running = ExitStack()
    atexit.register(running.close)
    server = running.enter_context(serve(answers=_answer))
    return {"VAULT_SERVER_URL": server.url, "VAULT_SERVER_TOKEN": TOKEN, "VAULT_MAX_RETRIES": "0"}
