"""The images of the sandbox, as one OCI layout tarball made from the built programs: there is no registry to pull them.

All of them are the real podinfo (github.com/stefanprodan/podinfo), one static binary per version, run as user 65532;
nothing is written, so a read-only root filesystem is fine. Under `cutover.local/podinfo`:

| tag            | behavior                                                                                |
| -------------- | --------------------------------------------------------------------------------------- |
| 6.9.2          | podinfo's own version number                                                            |
| 1.0.0 … 1.2.0  | good releases; each says its number                                                     |
| 1.3.0-broken   | starts and gets ready, but says that it is version 0.0.0: only its answers give it away |
| 1.3.0-unready  | serves as 1.3.0, but `/readyz` answers 503 for ever                                     |
| 1.3.0-crash    | logs `HTTPS server crashed` at start-up (it lacks its certificate) and exits with 1     |

What podinfo does, as far as a release tool cares:

- Port 9898. `/healthz` and `/readyz` answer 200 or 503. `/version` answers JSON with `version` and `commit`.
- `GET /` and `GET /api/info` answer JSON with `version` and `hostname` (the pod), about 360 bytes; `/` is HTML
  for a browser. `POST /echo` answers 202 with the body it was sent. `POST /headers` answers the request's headers
  plus `X-Api-Version`, so a POST can tell the version too. `/delay/N` takes N seconds, `/status/N` answers status N,
  `POST /readyz/disable` and `/readyz/enable` turn the readiness of one pod.
- SIGTERM: `/healthz` and `/readyz` answer 503 at once; all else is served on for 3 s; then the listener is closed
  and requests under way may take until 5 s after the signal (`--server-shutdown-timeout`). So it drains, and a pod is
  gone 3 s after its preStop hook. `--level=debug` leaves the 3 s out.
- Logs: a few lines at start and stop. Requests are logged at level debug only.
- A flag is also an environment variable: `PODINFO_LEVEL=debug`, `PODINFO_UI_MESSAGE=…`, `PODINFO_UNREADY=true`.
"""

import hashlib
import io
import json
import re
import subprocess
import tarfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox import golang
from sandbox.cluster import build
from sandbox.cluster.config import PAUSE_IMAGE

REPOSITORY = "cutover.local/podinfo"
PORT = 9898
USER = 65532
RELEASES: dict[str, tuple[str, ...]] = {  # tag -> the version it says, and its flags
    "6.9.2": ("6.9.2",),
    "1.0.0": ("1.0.0",),
    "1.1.0": ("1.1.0",),
    "1.2.0": ("1.2.0",),
    "1.3.0-broken": ("0.0.0",),
    "1.3.0-unready": ("1.3.0", "--unready"),
    "1.3.0-crash": ("1.3.0", "--secure-port=9899"),
}
EPOCH = "1970-01-01T00:00:00Z"
OCI = "application/vnd.oci.image"


@dataclass(frozen=True)
class File:
    """One file of a layer; a directory where `content` is None."""

    path: str
    content: bytes | None
    mode: int = 0o644


@dataclass(frozen=True)
class Image:
    """One image: its layers from the lowest up, each a list of files."""

    reference: str
    layers: tuple[tuple[File, ...], ...]
    entrypoint: tuple[str, ...]
    port: int | None = None


def tar(files: Iterable[File]) -> bytes:
    """A tar archive with nothing in it but names, modes and contents: equal files give equal bytes."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for file in files:
            entry = tarfile.TarInfo(file.path)
            entry.mode = file.mode
            if file.content is None:
                entry.type = tarfile.DIRTYPE
                archive.addfile(entry)
            else:
                entry.size = len(file.content)
                archive.addfile(entry, io.BytesIO(file.content))
    return buffer.getvalue()


def layout(images: Iterable[Image], architecture: str) -> bytes:
    """An OCI image layout with all the images in one index; layers that images share are in it once."""
    blobs: dict[str, bytes] = {}
    manifests = []

    def add(media_type: str, content: bytes) -> dict[str, Any]:
        digest = hashlib.sha256(content).hexdigest()
        blobs[digest] = content
        return {"mediaType": f"{OCI}.{media_type}", "digest": f"sha256:{digest}", "size": len(content)}

    for image in images:
        layers = [add("layer.v1.tar", tar(files)) for files in image.layers]
        config = add("config.v1+json", _json(_config(image, architecture, [layer["digest"] for layer in layers])))
        manifest_type = f"{OCI}.manifest.v1+json"
        content = _json({"schemaVersion": 2, "mediaType": manifest_type, "config": config, "layers": layers})
        manifest = {
            **add("manifest.v1+json", content),
            "platform": {"architecture": architecture, "os": "linux"},
        }
        # By tag and by digest, as a node knows an image that it pulled.
        digest = f"{image.reference.rpartition(':')[0]}@{manifest['digest']}"
        for name in (image.reference, digest):
            manifests.append({**manifest, "annotations": {"io.containerd.image.name": name}})
    index = {"schemaVersion": 2, "mediaType": f"{OCI}.index.v1+json", "manifests": manifests}
    return tar(
        [
            File("oci-layout", _json({"imageLayoutVersion": "1.0.0"})),
            File("index.json", _json(index)),
            *(File(f"blobs/sha256/{digest}", content) for digest, content in blobs.items()),
        ]
    )


def _config(image: Image, architecture: str, layer_digests: list[str]) -> dict[str, Any]:
    run: dict[str, Any] = {"Entrypoint": list(image.entrypoint), "User": f"{USER}:{USER}", "Env": ["PATH=/"]}
    if image.port:
        run |= {"ExposedPorts": {f"{image.port}/tcp": {}}, "WorkingDir": "/home/app"}
    return {
        "architecture": architecture,
        "os": "linux",
        "created": EPOCH,
        "config": run,
        "rootfs": {"type": "layers", "diff_ids": layer_digests},
        "history": [{"created": EPOCH} for _ in layer_digests],
    }


def _json(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def catalog(binaries: Path, page: bytes) -> list[Image]:
    """Every image of the sandbox. `page` is podinfo's web page."""
    base = (
        File("etc", None, 0o755),
        File("etc/passwd", f"app:x:{USER}:{USER}::/home/app:/\n".encode()),
        File("home", None, 0o755),
        File("home/app", None, 0o755),
        File("home/app/ui", None, 0o755),
        File("home/app/ui/vue.html", page),
    )

    def podinfo(tag: str, version: str, *flags: str) -> Image:
        program = File("podinfo", (binaries / f"podinfo-{version}").read_bytes(), 0o755)
        return Image(f"{REPOSITORY}:{tag}", (base, (program,)), ("/podinfo", *flags), PORT)

    pause = File("pause", (binaries / "pause").read_bytes(), 0o755)
    releases = [podinfo(tag, *release) for tag, release in RELEASES.items()]
    return [Image(PAUSE_IMAGE, ((pause,),), ("/pause",)), *releases]


def references() -> list[str]:
    """What pods can name as their image."""
    return [f"{REPOSITORY}:{tag}" for tag in RELEASES]


def shared_libraries(programs: Iterable[str]) -> set[str]:
    """What the dynamic linker of this machine loads for the programs, itself included; none where it is not glibc's."""
    said = subprocess.run(["ldd", *programs], capture_output=True, text=True, check=False).stdout
    return set(re.findall(r"(?:=> )?(/\S+) \(0x", said))


def archive(folder: Path, recipe: bytes, make: Callable[[], Iterable[Image]]) -> Path:
    """The tarball of the images that `make` gives, made where `folder` has none of this recipe; the one before goes."""
    path = folder / f"images-{hashlib.sha256(recipe).hexdigest()[:8]}.tar"
    if not path.exists():
        golang.write_atomically(path, layout(make(), golang.architecture()))
        for stale in set(folder.glob("images-*.tar")) - {path}:
            stale.unlink()
    return path


def ensure(report: golang.Report) -> Path:
    """The tarball with all images, made where it is not in the cache."""

    def make() -> list[Image]:
        report("making the images")
        page = build.MODULE.source("github.com/stefanprodan/podinfo", report) / "ui" / "vue.html"
        return catalog(build.MODULE.binaries, page.read_bytes())

    return archive(build.MODULE.cache, Path(__file__).read_bytes(), make)
