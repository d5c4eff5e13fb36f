"""The connection to a stack's cluster: JSON in and out, short retries, errors. kubeaccess reads and logs in."""

import json
import time
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from contract.ownership import FIELD_MANAGER
from cutover.errors import ClusterUnreachable
from kubeaccess import Access, KubeconfigError, LoginError, read
from kubeaccess.plain import Answer, RequestError, requests

if TYPE_CHECKING:
    import httpx2

RETRY_SECONDS = 3.0  # who looks wants to know soon; an API server that restarts is seen by the next look
POLL_SECONDS = 0.2
_TOO_MANY = 429  # an overload, or a disruption budget that allows no eviction now


class Refused(ClusterUnreachable):
    """The API server answered, with a refusal of its own; `status` is the HTTP status."""

    def __init__(self, what: str, fix: str, status: int) -> None:
        super().__init__(what, fix)
        self.status = status


class Api:
    """Requests to one API server; use it as a context manager, from any thread."""

    def __init__(self, access: Access) -> None:
        """Reads the kubeconfig; nothing is sent yet. Raises ClusterUnreachable where there is no usable one."""
        try:
            self._identity = read(access)
            self._requests = requests(self._identity)
        except KubeconfigError as error:
            raise ClusterUnreachable(
                f"no usable kubeconfig: {error}",
                "set KUBECONFIG, or `pulumi config set kubernetes:kubeconfig` and `kubernetes:context`; "
                "docs/cluster-access.md has what is supported",
            ) from None
        self.server: str = self._identity.cluster.server

    def __enter__(self) -> "Api":
        return self

    def __exit__(self, *_: object) -> None:
        self._requests.close()
        if "http" in vars(self):
            self.http.close()

    @cached_property
    def http(self) -> "httpx2.Client":
        """A client for who wants more of an answer than JSON, such as its time. It is loaded when it is asked for."""
        from kubeaccess.client import client

        return client(self._identity)

    def items(self, path: str, params: Mapping[str, str] | None = None) -> list[Any]:
        """The items of a list. Raises as `json` does; an answer that holds none is no answer: it is no empty list."""
        answer = self.json("GET", path, params=params)
        found = answer.get("items") if isinstance(answer, dict) else None
        if not isinstance(found, list) or not all(isinstance(item, dict) and "metadata" in item for item in found):
            raise ClusterUnreachable(
                f"the API server {self.server} answered GET {path} with no list of objects",
                "something between here and the API server answers for it: check `kubectl get --raw /readyz`",
            )
        return found

    def patch(
        self, path: str, body: Mapping[str, Any], meta: Mapping[str, Any], *, manager: str = FIELD_MANAGER
    ) -> bool:
        """Merge a change into the one object whose `metadata` was read as `meta`, as it was then. False, and nothing is
        done, where it has changed since or is gone: so a late try undoes nobody's work. Raises as `json` does.
        """
        same = {key: meta[key] for key in ("uid", "resourceVersion")}
        guarded = {**body, "metadata": {**body.get("metadata", {}), **same}}
        try:
            self.json(
                "PATCH",
                path,
                params={"fieldManager": manager},
                body=guarded,
                content_type="application/merge-patch+json",
            )
        except Refused as refused:
            if refused.status not in (404, 409):
                raise
            return False
        return True

    def amend(self, path: str, operations: Sequence[Mapping[str, Any]], *, manager: str = FIELD_MANAGER) -> None:
        """Change the one object by a JSON patch, whose `test` operations are its precondition. Raises as `json` does;
        Refused with 409 or 422 where one of them does not hold any more.
        """
        self.json(
            "PATCH",
            path,
            params={"fieldManager": manager},
            body=operations,
            content_type="application/json-patch+json",
        )

    def json(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Any = None,
        content_type: str = "application/json",
        retry_seconds: float = RETRY_SECONDS,
    ) -> Any:
        """The answer as JSON. What an overload or a restart explains is tried again for `retry_seconds`.

        Raises Refused for an answer that says no (403, 404, 409 …), else ClusterUnreachable.
        """
        give_up = time.monotonic() + retry_seconds
        while True:
            try:
                answer = self._requests.ask(method, path, params or {}, body, content_type)
            except RequestError as error:
                problem = str(error)
            except LoginError as error:
                raise ClusterUnreachable(
                    f"no login to {self.server}: {error}",
                    "log in again, or install what `users[].user.exec` of the kubeconfig names",
                ) from None
            else:
                if answer.status < 400 and (found := _document(answer)) is not None:
                    return found
                problem = f"HTTP {answer.status}, {_message(answer) or 'no words'}"
                if 400 <= answer.status < 500 and answer.status != _TOO_MANY:
                    raise _refused(self.server, method, path, answer.status, problem)
            if time.monotonic() >= give_up:
                if problem.startswith(f"HTTP {_TOO_MANY},"):
                    raise _refused(self.server, method, path, _TOO_MANY, problem)
                raise ClusterUnreachable(
                    f"the API server {self.server} gave no good answer for {retry_seconds:g} s "
                    f"({method} {path}: {problem})",
                    "check `kubectl get --raw /readyz` with the same kubeconfig and context",
                )
            time.sleep(POLL_SECONDS)


def _refused(server: str, method: str, path: str, status: int, problem: str) -> Refused:
    if status == 401:
        fix = "log in to the cluster again: the token of the kubeconfig has expired, or is of another cluster"
    elif status == 403:
        fix = "give the identity the Role in docs/rbac.yaml: `kubectl apply -n <namespace> -f docs/rbac.yaml`"
    else:
        fix = "`cutover doctor` checks the connection and every right that is needed"
    return Refused(f"the API server {server} refused {method} {path}: {problem}", fix, status)


def _document(answer: Answer) -> Any:
    """The JSON that an API server answers with; None for a proxy's page, and whatever else is none."""
    try:
        return json.loads(answer.body)
    except ValueError:
        return None


def _message(answer: Answer) -> str:
    said = _document(answer)
    text = said.get("message") if isinstance(said, dict) else None
    return " ".join(str(text or answer.body.decode(errors="replace")).split())[:500]
