"""`cutover adopt`: the image is named by the digest that runs, and of the container that serves."""

from dataclasses import replace
from typing import Any

import pytest

from contract.images import version_in
from cutover.adopt.findings import findings
from cutover.adopt.found import Found
from cutover.adopt.pin import image_to_write, version_to_write
from cutover.errors import UsageError
from cutover.observe.adopted import described
from cutover.observe.facts import gather
from cutover.observe.judge import judge
from tests.unit.cutover.objects import NOW, V2, blue_green, view
from tests.unit.cutover.test_adopt import SELECTOR, deployment, entry, found, pod, pod_of, service

Json = dict[str, Any]
A, B = ("sha256:" + digit * 64 for digit in "ab")


def running(image: str, *digests: str, container: str = "main") -> Found:
    """What is live, with an image whose pods run these digests; `` is an image from no registry."""
    live = found()
    pod_of(live)["containers"][0]["image"] = image
    live.pods[:] = [runs(f"web-{i}", image, digest, container) for i, digest in enumerate(digests)]
    return live


def runs(name: str, image: str, digest: str, container: str = "main") -> Json:
    made = pod(name)
    made["spec"] = {"containers": [{"name": container, "image": image}]}
    image_id = f"docker-pullable://shop@{digest}" if digest else "sha256:" + "c" * 64
    made["status"]["containerStatuses"] = [{"name": container, "imageID": image_id, "restartCount": 0, "state": {}}]
    return made


@pytest.mark.parametrize(
    ("image", "written", "version"),
    [
        ("shop:1.0.0", f"shop:1.0.0@{A}", "1.0.0"),
        ("host:5000/shop:latest", f"host:5000/shop@{A}", "digest-aaaaaaaaaaaa"),
        ("host:5000/shop", f"host:5000/shop@{A}", "digest-aaaaaaaaaaaa"),
        (f"shop@{B}", f"shop@{B}", "digest-bbbbbbbbbbbb"),
        (f"shop:_{'x' * 70}", f"shop:_{'x' * 70}@{A}", "digest-aaaaaaaaaaaa"),
    ],
)
def test_the_image_is_named_by_what_all_pods_run(image: str, written: str, version: str) -> None:
    live = running(image, A, A, A)
    assert image_to_write(live, pin=True) == (written, [])
    assert version_to_write(live, written) == version
    made = entry(live).settings["blue"]
    assert made["image"] == written


def test_a_label_tells_the_version_better_than_a_digest() -> None:
    live = running("shop", A)
    live.deployment["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/version"] = "1.4.0"
    assert version_to_write(live, f"shop@{A}") == "1.4.0"


def test_pods_that_run_two_contents_are_refused_with_both() -> None:
    image, (refusal,) = image_to_write(running("shop:1.0.0", A, B, A), pin=True)
    assert image == "shop:1.0.0"
    assert refusal.refuses
    assert "sha256:aaaaaaaaaaaa in web-0, web-2; sha256:bbbbbbbbbbbb in web-1" in refusal.what
    assert "kubectl rollout restart deployment web" in refusal.fix


def test_a_pod_that_is_not_ready_has_no_say() -> None:
    live = running("shop:1.0.0", A, B)
    live.pods[1]["status"]["conditions"] = []
    assert image_to_write(live, pin=True) == (f"shop:1.0.0@{A}", [])


def test_without_a_pin_the_tag_stays_and_one_that_moves_is_refused() -> None:
    assert image_to_write(running("shop:1.0.0", A, B), pin=False) == ("shop:1.0.0", [])
    for image in ("shop", "shop:latest"):
        _, (refusal,) = image_to_write(running(image, A), pin=False)
        assert refusal.refuses
        assert refusal.fix == "leave --no-pin out"
    with pytest.raises(UsageError, match="no tag that says which version"):
        version_to_write(running("shop", A), "shop")


def test_an_image_from_no_registry_keeps_a_tag_that_says_something() -> None:
    image, (said,) = image_to_write(running("shop:1.0.0", ""), pin=True)
    assert (image, said.refuses) == ("shop:1.0.0", False)
    _, (refusal,) = image_to_write(running("shop:latest", ""), pin=True)
    assert refusal.refuses


def two_containers(**ports: Any) -> Found:
    live = found()
    pod_of(live)["containers"].insert(0, {"name": "proxy", "image": "envoy:3", **ports})
    return live


def test_the_container_that_the_service_sends_to_is_the_application() -> None:
    live = two_containers()
    assert [one for one in findings(live) if one.refuses] == []
    made = entry(live)
    assert made.settings["blue"]["image"] == "shop:1.0.0"
    assert made.settings["blue"]["adopt"]["container"] == "main"
    assert [one["name"] for one in made.settings["pod"]["spec"]["containers"] if one["name"] != "app"] == ["proxy"]
    proxy = two_containers(ports=[{"name": "in", "containerPort": 9000}])
    proxy.service["spec"]["ports"][0]["targetPort"] = 9000
    assert entry(proxy).settings["blue"]["image"] == "envoy:3"


def test_where_no_port_tells_a_probe_does_and_then_the_command_line() -> None:
    live = two_containers()
    live.service["spec"]["ports"][0]["targetPort"] = 7000
    assert live.serving is None
    asked = replace(live, asked="main")
    assert [one for one in findings(asked) if one.refuses] == []
    assert entry(asked).settings["blue"]["image"] == "shop:1.0.0"
    pod_of(live)["containers"][1]["livenessProbe"] = {"tcpSocket": {"port": 7000}}
    assert live.container["name"] == "main"
    (refusal,) = [one for one in findings(replace(live, asked="proxy")) if one.refuses]
    assert "sends to the container main, and --container names proxy" in refusal.what


def test_an_injected_container_makes_the_name_worth_writing() -> None:
    live = running("shop:1.0.0", A)
    assert "container" not in entry(live).settings["blue"]["adopt"]
    live.pods[0]["spec"]["containers"].insert(0, {"name": "istio-proxy", "image": "i"})
    assert entry(live).settings["blue"]["adopt"]["container"] == "main"


def drift(written: str, *digests: str, image: str = "shop:latest") -> Any:
    old = {"version": "x", "build": 0, "image": written, "adopt": {"deployment": "web", "selector": SELECTOR}}
    stack = view(shop=blue_green(adopt_service=True, blue=old, green=V2))
    live = deployment()
    live["spec"]["template"]["spec"]["containers"][0]["image"] = image
    pods = [runs(f"web-{i}", image, digest) for i, digest in enumerate(digests)]
    shown = described(stack, {"services": [service()], "deployments": [live], "pods": pods})
    return judge(stack, gather(shown["services"], shown["deployments"], shown["pods"], NOW))["shop"]


def test_the_status_of_a_pinned_adoption_tells_what_its_pods_run() -> None:
    seen = drift(f"shop@{A}", A, A, A)
    assert [line for line in seen.drift if "green" not in line] == []
    assert seen.colors["blue"].image_ids == (f"shop@{A}",)
    (line,) = [line for line in drift(f"shop@{A}", A, B, A).drift if "green" not in line]
    assert line.startswith("shop blue: image")
    (line,) = [line for line in drift("shop:1.0.0", A, B, A, image="shop:1.0.0").drift if "green" not in line]
    assert "several: sha256:aaaaaaaaaaaa" in line


def test_a_version_is_a_label_s_value() -> None:
    assert version_in("shop:1.0.0_") == ""
    assert version_in("host:5000/shop") == ""
