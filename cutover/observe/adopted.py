"""Adopted services as all others: what was there before gets, in what was read, the labels that ours have.

Of an adopted service the Service carries none of our labels for good, and a Deployment and its pods do not until the
release has gone. The config says which they are.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from contract.images import digest_in
from contract.labels import COLOR, COMPONENT, CONTAINER, INSTANCE, MANAGED_BY, REVISION, VERSION
from contract.serving import usual
from cutover.stackfile.view import StackView
from cutover.strategies.releases import id_of
from cutover.strategies.service import ServiceView

Json = dict[str, Any]


def adopts(view: StackView) -> bool:
    """Whether a service of the stack was there before: then labels do not tell what is the stack's."""
    return any(service.settings.get("adopt_service") is True for service in view.services.values())


def described(view: StackView, lists: Mapping[str, list[Json]]) -> dict[str, list[Json]]:
    """The lists with the labels that are missing, and without what is not Pulumi's."""
    found = {kind: [_copy(item) for item in items] for kind, items in lists.items()}
    for service in view.services.values():
        if service.settings.get("adopt_service") is not True:
            continue
        for item in found["services"]:
            if item["metadata"]["name"] == service.name:
                _mark(item, {INSTANCE: service.name, COMPONENT: "live"})
                item["spec"] = {**item["spec"], "selector": _selector(service, item["spec"].get("selector") or {})}
        for color, release, adopt in _adopted(service):
            labels, image = _labels(service, color, release), str(release.get("image", ""))
            same = True
            for item in found["pods"]:
                here = item["metadata"].get("labels") or {}
                if adopt.get("selector") and adopt["selector"].items() <= here.items() and COLOR not in here:
                    _mark(item, labels)
                    same &= _as_app(item, adopt, image)
            for item in found["deployments"]:
                if item["metadata"]["name"] == adopt.get("deployment"):
                    _mark(item, labels)
                    told = image if same and digest_in(image) else ""
                    item["spec"] = {
                        **item["spec"],
                        "template": _template(item["spec"]["template"], labels, adopt, told),
                    }
    return {kind: [item for item in items if _is_ours(item)] for kind, items in found.items()}


def selector_of(service: ServiceView, color: str, revision: str) -> dict[str, str]:
    """The selector that the live Service of a blue/green service has in the cluster when a color serves."""
    for adopted, _, adopt in _adopted(service):
        if adopted == color:
            return dict(adopt["selector"])
    return {INSTANCE: service.name, COLOR: color, REVISION: revision}


def _adopted(service: ServiceView) -> Iterator[tuple[str | None, Mapping[str, Any], Mapping[str, Any]]]:
    for slot, release in service.slots.items():
        if isinstance(adopt := release.get("adopt"), dict):
            yield service.color_of(slot), release, adopt


def _selector(service: ServiceView, selector: Json) -> Json:
    """The selector as another service's of this kind would be."""
    for color, release, adopt in _adopted(service):
        if selector == adopt.get("selector"):
            ours = {INSTANCE: service.name}
            return {**ours, COLOR: color, REVISION: id_of(release)} if color else ours
    return {key: value for key, value in selector.items() if key not in service.selected_besides}


def _labels(service: ServiceView, color: str | None, release: Mapping[str, Any]) -> Json:
    labels = {
        INSTANCE: service.name,
        COMPONENT: "workload",
        REVISION: id_of(release),
        VERSION: str(release.get("version", "")),
    }
    return {**labels, COLOR: color} if color else labels


def _template(template: Json, labels: Json, adopt: Mapping[str, Any], image: str) -> Json:
    """A pod template with these labels, the application's container under the name that ours has, and with this image
    unless that is empty.
    """
    meta, spec = template["metadata"], template["spec"]
    place = _place(spec["containers"], meta, adopt)
    containers = [dict(one) for one in spec["containers"]]
    containers[place] |= {"name": CONTAINER, **({"image": image} if image else {})}
    return {"metadata": {**meta, "labels": labels}, "spec": {**spec, "containers": containers}}


def _place(containers: list[Json], meta: Json, adopt: Mapping[str, Any]) -> int:
    """Where the application's container is."""
    named = [place for place, one in enumerate(containers) if one["name"] == adopt.get("container")]
    return named[0] if named else usual(containers, meta.get("annotations"))


def _as_app(pod: Json, adopt: Mapping[str, Any], image: str) -> bool:
    """Give the application's container of a pod the name that ours has, and the release's image where it runs the
    digest that this names. False where it runs another one.
    """
    if not (pod.get("spec") or {}).get("containers"):
        return True
    containers = [dict(one) for one in pod["spec"]["containers"]]
    app = containers[_place(containers, pod["metadata"], adopt)]
    status = pod.get("status") or {}
    states = [dict(one) for one in status.get("containerStatuses") or []]
    ran = ""
    for one in states:
        if one["name"] == app["name"]:
            one["name"], ran = CONTAINER, digest_in(one.get("imageID", ""))
    same = ran in ("", digest_in(image)) or not digest_in(image)
    app |= {"name": CONTAINER, **({"image": image} if same and digest_in(image) else {})}
    pod["spec"] = {**pod["spec"], "containers": containers}
    pod["status"] = {**status, "containerStatuses": states}
    return same


def _copy(item: Json) -> Json:
    return {**item, "metadata": dict(item["metadata"])}


def _mark(item: Json, labels: Json) -> None:
    item["metadata"]["labels"] = {**(item["metadata"].get("labels") or {}), **labels, MANAGED_BY: "pulumi"}


def _is_ours(item: Json) -> bool:
    return (item["metadata"].get("labels") or {}).get(MANAGED_BY) == "pulumi"
