"""A registry of the tests' own: manifests by tag and digest, open or behind a login, by the distribution protocol."""

import base64
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.unit.cutover.servers import Reply, Request

INDEX, MANIFEST = "application/vnd.oci.image.index.v1+json", "application/vnd.oci.image.manifest.v1+json"
USER, SECRET, REFRESH, TOKEN = "ann", "hunter2:colon", "refresh-7", "granted-42"


def content_of(**fields: Any) -> str:
    """A manifest's bytes."""
    return json.dumps({"schemaVersion": 2, **fields})


def digest_of(content: str) -> str:
    """Its digest."""
    return f"sha256:{hashlib.sha256(content.encode()).hexdigest()}"


@dataclass
class Registry:
    """`manifests`: by `repository:tag` their media type and content. `login` is `none`, `basic` or `token`."""

    manifests: dict[str, tuple[str, str]] = field(default_factory=dict)
    login: str = "none"
    url: str = ""
    realm: str = ""
    tells_digest: bool = True
    knows_head: bool = True
    seconds: float = 0.0
    failing: int = 0
    sends_on: tuple[int, str] | None = None  # the redirect of its token service
    asked: list[Request] = field(default_factory=list)

    def answer(self, request: Request) -> Reply:
        """Answer as a registry; `/token` is its token service. A proxy is asked with the whole URL."""
        self.asked.append(request)
        parts = urlsplit(request.path)
        if self.failing:
            self.failing -= 1
            return Reply(503)
        if parts.path == "/token" and self.sends_on:
            return Reply(self.sends_on[0], headers={"Location": self.sends_on[1]})
        if parts.path == "/token":
            return self._token(request, parse_qs(parts.query))
        if not self._let_in(request):
            return Reply(401, '{"errors": [{"code": "UNAUTHORIZED"}]}', headers={"WWW-Authenticate": self._challenge()})
        if request.method == "HEAD" and not self.knows_head:
            return Reply(405)
        repository, _, tag = parts.path.removeprefix("/v2/").partition("/manifests/")
        kind, content = self.manifests.get(f"{repository}:{tag}", ("", ""))
        if kind not in request.headers.get("accept", "") or not content:
            return Reply(404, '{"errors": [{"code": "MANIFEST_UNKNOWN"}]}', self.seconds)
        headers = {"Content-Type": kind} | ({"Docker-Content-Digest": digest_of(content)} if self.tells_digest else {})
        return Reply(200, content, self.seconds, headers)

    def _let_in(self, request: Request) -> bool:
        sent = request.headers.get("authorization", "")
        wanted = {"none": sent, "basic": _basic(), "token": f"Bearer {TOKEN}"}[self.login]
        return sent == wanted

    def _challenge(self) -> str:
        if self.login == "basic":
            return 'Basic realm="registry"'
        realm = self.realm or f"{self.url}/token"
        return f'Bearer realm="{realm}",service="registry.test",scope="repository:team/shop:pull,push"'

    def _token(self, request: Request, query: dict[str, list[str]]) -> Reply:
        form = parse_qs(request.body.decode())
        asked = form or query
        good = form["refresh_token"] == [REFRESH] if form else request.headers.get("authorization") == _basic()
        about = (asked["service"], asked["scope"]) == (["registry.test"], ["repository:team/shop:pull,push"])
        key = "access_token" if form else "token"
        return Reply(200, json.dumps({key: TOKEN})) if good and about else Reply(401, "{}")


def _basic() -> str:
    return "Basic " + base64.b64encode(f"{USER}:{SECRET}".encode()).decode()
