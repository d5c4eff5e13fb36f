"""The login to a registry that `docker login` or `podman login` left behind. No secret is ever shown."""

import base64
import binascii
import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cutover.registry.reference import DEFAULT_HOST

HELPER_SECONDS = 5
_KNOWN_AS = {DEFAULT_HOST: ("https://index.docker.io/v1/", "index.docker.io")}  # where `docker login` puts its own
_TOKEN_USER = "<token>"  # noqa: S105 - a helper's word for: the secret is an identity token


class LoginProblem(Exception):  # noqa: N818 - named for what happened
    """A login that cannot be read. Nothing of the file's content is in the text."""


@dataclass(frozen=True)
class Login:
    """A user and a secret, or an identity token (a refresh token of OAuth 2)."""

    user: str
    secret: str = field(default="", repr=False)
    identity_token: str = field(default="", repr=False)


def find_login(host: str, repository: str) -> Login | None:
    """The login for a repository; None where there is none. Raises LoginProblem."""
    for content in _contents():
        known = (host, *_KNOWN_AS.get(host, ()))
        for key in (*_prefixes(host, repository), *known):
            if login := _of(content, key, asked=key in known):
                return login
    return None


def _contents() -> Iterator[Mapping[str, Any]]:
    """In the order of the tools: what a variable holds or names, docker's folder, podman's default."""
    if held := os.environ.get("DOCKER_AUTH_CONFIG"):
        yield _parsed(held.encode(), "DOCKER_AUTH_CONFIG")
    if named := os.environ.get("REGISTRY_AUTH_FILE"):
        yield _read(Path(named))
    yield _read(Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker") / "config.json")
    if runtime := os.environ.get("XDG_RUNTIME_DIR"):
        yield _read(Path(runtime) / "containers" / "auth.json")


def _prefixes(host: str, repository: str) -> Iterator[str]:
    """The longest first, as podman keeps logins: `host/team/shop`, `host/team`, `host`; then as old tools wrote it."""
    parts = [host, *repository.split("/")]
    yield from ("/".join(parts[:length]) for length in range(len(parts), 0, -1))
    yield from (f"https://{host}", f"https://{host}/v2/", f"https://{host}/v1/")


def _read(path: Path) -> Mapping[str, Any]:
    try:
        return _parsed(path.read_bytes(), str(path))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise LoginProblem(f"{path} cannot be read: {error.strerror}") from None


def _parsed(text: bytes, name: str) -> Mapping[str, Any]:
    try:
        content = json.loads(text)
    except ValueError:
        raise LoginProblem(f"{name} is no JSON") from None
    return content if isinstance(content, dict) else {}


def _of(content: Mapping[str, Any], key: str, *, asked: bool) -> Login | None:
    """`asked`: a store of all logins is asked for this key even where the file does not list it."""
    helper = _mapping(content, "credHelpers").get(key)
    stored = _mapping(content, "auths").get(key)
    if helper is None and (asked or stored is not None):
        helper = content.get("credsStore")
    if isinstance(helper, str) and (login := _from_helper(helper, key)):
        return login
    return _from_file(stored, key) if isinstance(stored, dict) else None


def _mapping(content: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = content.get(key)
    return found if isinstance(found, dict) else {}


def _from_file(stored: Mapping[str, Any], key: str) -> Login | None:
    user, secret = stored.get("username") or "", stored.get("password") or ""
    if encoded := stored.get("auth"):
        try:
            user, _, secret = base64.b64decode(str(encoded), validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise LoginProblem(f"the login for {key} is not in base64") from None
    if token := stored.get("identitytoken"):
        return Login(str(user), identity_token=str(token))
    return Login(str(user), str(secret).rstrip("\0")) if user and secret else None


def _from_helper(helper: str, key: str) -> Login | None:
    """Ask `docker-credential-<helper>`; it answers with an error for a registry that it does not know."""
    program = f"docker-credential-{helper}"
    try:
        ended = subprocess.run(
            [program, "get"], input=key, capture_output=True, text=True, timeout=HELPER_SECONDS, check=False
        )
        if ended.returncode != 0:
            return None
        found = json.loads(ended.stdout)
        user, secret = str(found["Username"]), str(found["Secret"])
    except subprocess.TimeoutExpired:
        raise LoginProblem(f"{program} gave no login in {HELPER_SECONDS} s") from None
    except OSError as error:
        raise LoginProblem(f"{program} cannot be run: {error.strerror}") from None
    except (ValueError, KeyError, TypeError):
        raise LoginProblem(f"{program} gave a login of another shape") from None
    return Login(user, identity_token=secret) if user == _TOKEN_USER else Login(user, secret)
