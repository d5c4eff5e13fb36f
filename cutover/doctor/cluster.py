"""The cluster: does it answer, is it new enough, is the namespace there, has the identity its rights?"""

import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

from cutover.doctor.findings import Finding, bad, good, skipped
from cutover.doctor.rights import Right, in_words, lacking, needed
from cutover.errors import DriverError
from cutover.observe import Api, Refused, access_of
from cutover.observe.roles import roles_in
from cutover.observe.routes import route_of
from cutover.shipped import RBAC, path_in
from cutover.stackfile.view import StackView
from cutover.strategies.service import ServiceView

OLDEST_MINOR = 30  # the native preStop sleep is on by default
_REVIEWS = "/apis/authorization.k8s.io/v1/"
_AT_ONCE = 8


def check_cluster(view: StackView) -> list[Finding]:
    """The findings about the cluster of a stack."""
    try:
        with Api(access_of(view)) as api:
            return [_version(api), _namespace(api, view.namespace), _rights(api, view)]
    except DriverError as error:
        return [
            bad("cluster", error.what, error.fix),
            *(skipped(name, "needs the cluster") for name in ("namespace", "rights")),
        ]


def _version(api: Api) -> Finding:
    answer = api.json("GET", "/version")
    text = str(answer.get("gitVersion"))
    found = re.match(r"v1\.(\d+)\.", text)
    where = f"Kubernetes {text} at {api.server}"
    if found and int(found[1]) < OLDEST_MINOR:
        return bad(
            "cluster", f"{where}, wanted 1.{OLDEST_MINOR} or later", "pods cannot pause before they stop: upgrade"
        )
    return good("cluster", where)


def _namespace(api: Api, namespace: str) -> Finding:
    name = "namespace"
    if not namespace:
        return skipped(name, "the config names none")
    try:
        api.json("GET", f"/api/v1/namespaces/{namespace}")
    except Refused as error:
        if error.status == 404:
            return bad(name, f"{namespace} is not there", f"`kubectl create namespace {namespace}`")
        if error.status == 403:  # the Role is for what is in the namespace; that there is one, the rights tell
            return good(name, f"{namespace} (the identity may not look at the namespace itself, and need not)")
        raise
    return good(name, f"{namespace} is there")


def uses_of(services: Iterable[ServiceView]) -> Iterator[str]:
    """The features in use that take rights of their own (rights.ONLY_FOR)."""
    for one in services:
        if route := route_of(one):
            yield route.kind.name
        has = {
            "cutover by labels": one.by_label,
            "metadata by role": bool(roles_in(one)),
            "secrets": _has_secrets(one),
            "stateful sets": one.stateful,
            "KEDA": one.scaled_by_keda,
            "preview pods": not one.switches and bool(one.settings.get("smoke")),
        }
        yield from (use for use, is_so in has.items() if is_so)


def _rights(api: Api, view: StackView) -> Finding:
    name, namespace = "rights", view.namespace
    if not namespace:
        return skipped(name, "the config names no namespace")
    services = view.services.values()
    wanted = needed(uses_of(services))
    question = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectRulesReview",
        "spec": {"namespace": namespace},
    }
    answer = api.json("POST", f"{_REVIEWS}selfsubjectrulesreviews", body=question)
    missing = lacking(answer["status"].get("resourceRules") or [], wanted)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        allowed = list(pool.map(lambda right: _allowed(api, namespace, right), missing))
    missing = [right for right, is_allowed in zip(missing, allowed, strict=True) if not is_allowed]
    if missing:
        fix = f"`kubectl apply -n {namespace} -f {path_in(view.project, RBAC)}`, bound to this identity"
        return bad(name, f"in {namespace} the identity may not {in_words(missing)}", fix)
    return good(name, f"all {len(wanted)} that a release needs in {namespace}")


def _has_secrets(service: ServiceView) -> bool:
    return any(part.get("secrets") for part in (service.settings, service.release, *service.colors.values()))


def _allowed(api: Api, namespace: str, right: Right) -> bool:
    answer = api.json("POST", f"{_REVIEWS}selfsubjectaccessreviews", body=right.review(namespace))
    return bool(answer["status"].get("allowed"))
