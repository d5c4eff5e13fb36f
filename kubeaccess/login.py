"""The credentials of every request, as kubectl sends them, and their renewal after a 401; of any HTTP client."""

import base64
import ssl
from collections.abc import Iterator
from pathlib import Path
from threading import Lock
from urllib.parse import quote

from kubeaccess.errors import KubeconfigError, LoginError
from kubeaccess.identity import Identity
from kubeaccess.plugin import Credential, log_in
from kubeaccess.tls import present


class Login:
    """Knows the credentials now. Raises LoginError where there are none. For use from any thread; a plugin blocks."""

    def __init__(self, identity: Identity, tls: ssl.SSLContext) -> None:
        self._identity, self._tls = identity, tls
        self._credential: Credential | None = None
        self._last_token = identity.user.token
        self._lock = Lock()

    @property
    def can_renew(self) -> bool:
        """Whether a plugin gives the credentials: what the file itself holds goes first, as for kubectl."""
        user = self._identity.user
        held = user.token or user.token_file or user.username
        return self._identity.is_secure and user.plugin is not None and not held

    def current(self) -> Credential:
        """The credential of the next request."""
        user = self._identity.user
        if not self._identity.is_secure:
            return Credential()
        if self.can_renew:
            with self._lock:
                if self._credential is None or not self._credential.is_valid:
                    self._take(log_in(self._identity))
                return self._credential or Credential()
        return Credential(token=self._from_file(user.token_file) if user.token_file else user.token)

    def renewed(self, used: Credential) -> Credential:
        """The same after a 401 to a request that was signed with `used`."""
        with self._lock:
            if self._credential is used:  # or another request was faster
                self._take(log_in(self._identity))
            return self._credential or Credential()

    def _take(self, credential: Credential) -> None:
        if credential.certificate:
            try:
                present(self._tls, credential.certificate, credential.key, "the certificate and key that it gave")
            except KubeconfigError as error:
                raise LoginError(f"the login plugin of user {self._identity.user_name!r}: {error}") from None
        self._credential = credential

    def _from_file(self, path: Path) -> str:
        """The file's token as it is now: whoever keeps it replaces it. The last one while there is none."""
        try:
            found = path.read_text().strip()
        except (OSError, ValueError):
            found = ""
        if found and not found.isprintable():
            raise LoginError(f"{path} holds no token")
        if not (found or self._last_token):
            raise LoginError(f"{path} holds no token")
        self._last_token = found or self._last_token
        return self._last_token

    def headers(self, credential: Credential) -> dict[str, str]:
        """The headers of a request for it."""
        user, found = self._identity.user, {}
        if credential.token:
            found["Authorization"] = f"Bearer {credential.token}"
        elif self._identity.is_secure and user.username:
            pair = base64.b64encode(f"{user.username}:{user.password}".encode()).decode()
            found["Authorization"] = f"Basic {pair}"
        if credential.certificate:
            found["Connection"] = "close"  # an open connection would go on with the certificate before
        return found


def impersonation_headers(identity: Identity) -> Iterator[tuple[str, str]]:
    """The headers that say as whom a request is made."""
    as_whom = identity.user.impersonation
    if as_whom.user:
        yield "Impersonate-User", as_whom.user
    if as_whom.uid:
        yield "Impersonate-Uid", as_whom.uid
    for group in as_whom.groups:
        yield "Impersonate-Group", group
    for key, values in as_whom.extra.items():
        for value in values:
            yield f"Impersonate-Extra-{quote(key.lower(), safe=_HEADER_SAFE)}", value


_HEADER_SAFE = "!#$&'*+-.^_`|~"
