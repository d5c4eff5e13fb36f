"""The image tarball is plain OCI, and equal input gives equal bytes."""

import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from sandbox.cluster import images
from sandbox.cluster.build import PODINFO_VERSIONS


@pytest.fixture
def binaries(tmp_path: Path) -> Path:
    for name in ("pause", *(f"podinfo-{version}" for version in PODINFO_VERSIONS)):
        (tmp_path / name).write_bytes(f"program {name}".encode())
    return tmp_path


@pytest.fixture
def layout(binaries: Path) -> dict[str, bytes]:
    archive = images.layout(images.catalog(binaries, b"<html>"), "amd64")
    return _untar(archive)


def _untar(archive: bytes) -> dict[str, bytes]:
    files = {}
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for member in tar.getmembers():
            extracted = tar.extractfile(member)
            files[member.name] = extracted.read() if extracted else b""
    return files


def _blob(layout: dict[str, bytes], descriptor: dict[str, Any]) -> bytes:
    return layout["blobs/sha256/" + descriptor["digest"].removeprefix("sha256:")]


def _manifests(layout: dict[str, bytes]) -> dict[str, dict[str, Any]]:
    index = json.loads(layout["index.json"])
    return {
        one["annotations"]["io.containerd.image.name"]: json.loads(_blob(layout, one)) for one in index["manifests"]
    }


def test_equal_input_gives_equal_bytes(binaries: Path) -> None:
    first, second = (images.layout(images.catalog(binaries, b"<html>"), "amd64") for _ in range(2))
    assert first == second


def test_every_blob_is_named_by_its_digest(layout: dict[str, bytes]) -> None:
    blobs = {name: content for name, content in layout.items() if name.startswith("blobs/")}
    assert blobs
    assert all(hashlib.sha256(content).hexdigest() == Path(name).name for name, content in blobs.items())


def test_descriptors_give_size_and_digest_of_what_is_there(layout: dict[str, bytes]) -> None:
    for manifest in _manifests(layout).values():
        config = json.loads(_blob(layout, manifest["config"]))
        assert [layer["digest"] for layer in manifest["layers"]] == config["rootfs"]["diff_ids"]
        assert all(len(_blob(layout, one)) == one["size"] for one in [manifest["config"], *manifest["layers"]])


def test_all_releases_and_pause_are_in_one_index(layout: dict[str, bytes]) -> None:
    tags = [name for name in _manifests(layout) if "@" not in name]
    assert tags == ["cutover.local/pause:1", *images.references()]


def test_every_image_has_its_digest_as_a_name_too(layout: dict[str, bytes]) -> None:
    named = [
        (one["annotations"]["io.containerd.image.name"], one["digest"])
        for one in json.loads(layout["index.json"])["manifests"]
    ]
    assert {name for name, _ in named if "@" in name} == {
        f"{name.rpartition(':')[0]}@{digest}" for name, digest in named if "@" not in name
    }


def test_images_share_the_layer_below_the_program(layout: dict[str, bytes]) -> None:
    manifests = _manifests(layout)
    bases = {manifests[reference]["layers"][0]["digest"] for reference in images.references()}
    assert len(bases) == 1


@pytest.mark.parametrize(
    ("tag", "program", "entrypoint"),
    [
        ("1.0.0", b"program podinfo-1.0.0", ["/podinfo"]),
        ("1.3.0-broken", b"program podinfo-0.0.0", ["/podinfo"]),
        ("1.3.0-unready", b"program podinfo-1.3.0", ["/podinfo", "--unready"]),
        ("1.3.0-crash", b"program podinfo-1.3.0", ["/podinfo", "--secure-port=9899"]),
    ],
)
def test_a_release_is_its_program_with_its_flags(
    layout: dict[str, bytes], tag: str, program: bytes, entrypoint: list[str]
) -> None:
    manifest = _manifests(layout)[f"cutover.local/podinfo:{tag}"]
    config = json.loads(_blob(layout, manifest["config"]))["config"]
    assert config["Entrypoint"] == entrypoint
    assert config["User"] == "65532:65532"
    assert _untar(_blob(layout, manifest["layers"][1]))["podinfo"] == program
