"""The content that a tag names, asked of its registry: one HEAD, and the login where the registry wants one.

The digest is that of what the tag points at: of an image for several architectures it is the index's, which is what a
node resolves the tag to as well.
"""

import contextlib
import hashlib
import ipaddress
import json
import os
import re
import ssl
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from contract.text import one_line
from cutover.errors import UsageError
from cutover.registry.login import Login, LoginProblem, find_login
from cutover.registry.reference import DEFAULT_HOST, Reference

if TYPE_CHECKING:
    import httpx2

LIMIT_SECONDS = 10.0  # for all of it
RETRY_SECONDS = 0.5
MAX_BYTES = 4 * 1024 * 1024  # what registries allow a manifest to have
PLAIN_HTTP_VARIABLE = "CUTOVER_PLAIN_HTTP"  # registries without TLS, with commas; those of this machine need no naming
_ACCEPT = ", ".join(
    (
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    )
)
_SERVED_BY = {DEFAULT_HOST: "registry-1.docker.io"}
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_PARAMETER = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')


class Unanswered(Exception):  # noqa: N818 - named for what happened
    """The registry did not say what the tag names: out of reach, too slow, or it refused. The text says why."""


class _OtherScheme(Exception):  # noqa: N818
    """The server is there, but speaks otherwise than it was asked."""


def resolve(image: Reference, limit_seconds: float = LIMIT_SECONDS) -> str:
    """The digest (`sha256:…`) that the image's tag names now.

    Raises Unanswered, or UsageError where the registry answers that it has no such image.
    """
    import httpx2

    host = _SERVED_BY.get(image.host, image.host)
    client = httpx2.Client(verify=ssl.create_default_context(), follow_redirects=True, max_redirects=3)
    with client:
        asked = _Asked(client, image, time.monotonic() + limit_seconds, limit_seconds)
        problem = ""
        for scheme in _schemes(image.host):
            try:
                return asked.digest(f"{scheme}://{host}")
            except (httpx2.ConnectError, httpx2.ProtocolError, httpx2.ReadError, _OtherScheme) as error:
                problem = one_line(f"{type(error).__name__}: {error}").removeprefix("_OtherScheme: ")
            except httpx2.TimeoutException:
                raise Unanswered(f"{image.host} gave no answer within {limit_seconds:g} s") from None
            except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError) as error:
                raise Unanswered(f"{image.host}: {type(error).__name__}: {one_line(error)}") from None
        raise Unanswered(f"{image.host}: {problem}")


def _schemes(host: str) -> tuple[str, ...]:
    """A registry of this machine, such as a test's, mostly has no TLS, and gives no login away."""
    if host in os.environ.get(PLAIN_HTTP_VARIABLE, "").split(","):
        return ("http",)
    name = urlsplit(f"//{host}").hostname or ""
    with contextlib.suppress(ValueError):
        if ipaddress.ip_address(name).is_loopback:
            return ("http", "https")
    return ("http", "https") if name == "localhost" else ("https",)


def _parameters(challenge: str) -> dict[str, str]:
    return {key: quoted or plain for key, quoted, plain in _PARAMETER.findall(challenge)}


class _Asked:
    """One question to one registry, within one time limit."""

    def __init__(self, client: "httpx2.Client", image: Reference, end: float, limit_seconds: float) -> None:
        self._client = client
        self._image = image
        self._end = end
        self._limit_seconds = limit_seconds

    def digest(self, base: str) -> str:
        url = f"{base}/v2/{self._image.repository}/manifests/{self._image.tag}"
        headers = {"Accept": _ACCEPT, "Accept-Encoding": "identity"}  # the digest is of the bytes as they are
        answer, _ = self._send("HEAD", url, headers)
        if answer.status_code == 400 and base.startswith("http:"):
            raise _OtherScheme("HTTP 400, as from a server that wants https")
        if answer.status_code == 401:
            headers["Authorization"] = self._authorization(base, answer.headers.get_list("www-authenticate"))
            answer, _ = self._send("HEAD", url, headers)
        if answer.status_code == 200 and _DIGEST.fullmatch(answer.headers.get("docker-content-digest", "")):
            return answer.headers["docker-content-digest"]
        if answer.status_code in (200, 405):  # a registry may leave the header out, or not know HEAD
            answer, body = self._send("GET", url, headers)
            if answer.status_code == 200:
                return f"sha256:{hashlib.sha256(body).hexdigest()}"
        raise self._refusal(answer.status_code)

    def _refusal(self, status: int) -> Exception:
        image = f"{self._image.name}:{self._image.tag}"
        if status == 404:
            return UsageError(
                f"{self._image.host} has no {image}",
                "push it first, or mend the name; some registries also say so to who is not logged in: `docker login`",
            )
        if status in (401, 403):
            return Unanswered(f"{self._image.host} does not let this login read {image} (HTTP {status})")
        return Unanswered(f"{self._image.host} answered HTTP {status}")

    def _authorization(self, base: str, challenges: list[str]) -> str:
        """What to send with the next try."""
        import base64

        try:
            login = find_login(self._image.host, self._image.repository)
        except LoginProblem as problem:
            raise Unanswered(f"{self._image.host} wants a login, and {problem}") from None
        basic = ""
        if login and login.secret:
            basic = "Basic " + base64.b64encode(f"{login.user}:{login.secret}".encode()).decode()
        for challenge in challenges:
            scheme, _, rest = challenge.partition(" ")
            if scheme.lower() == "bearer":
                return f"Bearer {self._token(base, _parameters(rest), login, basic)}"
            if scheme.lower() == "basic" and basic:
                return basic
        raise Unanswered(f"{self._image.host} wants a login: `docker login {self._image.host}`")

    def _token(self, base: str, challenge: dict[str, str], login: Login | None, basic: str) -> str:
        realm = challenge.get("realm", "")
        if base.startswith("https:") and not realm.startswith("https:"):
            raise Unanswered(f"{self._image.host} wants the login sent unencrypted, to {one_line(realm) or 'nowhere'}")
        scope = challenge.get("scope") or f"repository:{self._image.repository}:pull"
        here = {"follow_redirects": False}  # a login is for whom it is kept for, and goes nowhere else
        about = {"service": challenge.get("service", ""), "scope": scope}
        if login and login.identity_token:
            form = {"grant_type": "refresh_token", "refresh_token": login.identity_token, "client_id": "cutover"}
            answer, body = self._send("POST", realm, {}, data=about | form, **here)
        else:
            answer, body = self._send("GET", realm, {"Authorization": basic} if basic else {}, params=about, **here)
        try:
            found = json.loads(body) if answer.status_code == 200 else {}
            token = found.get("token") or found.get("access_token")
        except (ValueError, AttributeError):
            token = None
        if not token:
            who = f"the login of {login.user or 'a token'}" if login else "nobody's login"
            raise Unanswered(f"{self._image.host} gave no token for {who} (HTTP {answer.status_code})")
        return str(token)

    def _send(self, method: str, url: str, headers: dict[str, str], **more: Any) -> tuple["httpx2.Response", bytes]:
        """Send, once more where an overload explains the answer. A server that drips is given up like a silent one."""
        import httpx2

        for last in (False, True):
            left = self._end - time.monotonic()
            if left <= 0:
                raise httpx2.ReadTimeout("the time is over")
            body = b""
            with self._client.stream(method, url, headers=headers, timeout=left, **more) as answer:
                for piece in answer.iter_bytes():
                    body += piece
                    if time.monotonic() > self._end:
                        raise httpx2.ReadTimeout("the time is over")
                    if len(body) > MAX_BYTES:
                        raise Unanswered(f"{self._image.host} answered more than {MAX_BYTES} bytes")
            if last or (answer.status_code != 429 and answer.status_code < 500):
                return answer, body
            time.sleep(RETRY_SECONDS)
        raise AssertionError("the last try returns")
