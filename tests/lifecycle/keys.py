"""A server of keys for the stacks under test: what Pulumi asks of the transit engine of HashiCorp Vault, and no more.

A stack whose secrets are kept by such a server, as most teams keep them, opens them with one request. A passphrase
costs each command of the CLI a million rounds, a third of its time; tests/lifecycle/test_doctor.py has one.
Source: developer.hashicorp.com/vault/api-docs/secret/transit, "Encrypt data" and "Decrypt data".
"""

import functools
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PROVIDER = "hashivault://cutover"
TOKEN = "token of the tests"
_PREFIX = "vault:v1:"


class _Keys(BaseHTTPRequestHandler):
    """It hides nothing: the ciphertext is the plaintext with a prefix."""

    protocol_version = "HTTP/1.1"

    def do_PUT(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.headers["X-Vault-Token"] != TOKEN:
            return self._answer(403, {"errors": ["permission denied"]})
        if self.path.startswith("/v1/transit/encrypt/"):
            return self._answer(200, {"data": {"ciphertext": _PREFIX + asked["plaintext"]}})
        return self._answer(200, {"data": {"plaintext": asked["ciphertext"].removeprefix(_PREFIX)}})

    def _answer(self, status: int, document: object) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Tests print what they have to say."""


@functools.cache
def environment() -> dict[str, str]:
    """What a command needs to reach the server, which is started by the first call and ends with this process."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Keys)
    threading.Thread(target=server.serve_forever, name="keys", daemon=True).start()
    host, port = server.server_address[:2]
    return {"VAULT_SERVER_URL": f"http://{host!s}:{port}", "VAULT_SERVER_TOKEN": TOKEN, "VAULT_MAX_RETRIES": "0"}
