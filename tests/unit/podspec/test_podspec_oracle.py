"""kubectl's own strategic merge of any fragment over any template gives what ours gives."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from components.podspec.check import findings
from components.podspec.merge import DIRECTIVE, merged
from components.podspec.types import ADDED, ROOT, Kind, is_type, types
from sandbox.cluster import build

WORDS = ("a", "b", "c")
PLAIN: dict[str, st.SearchStrategy[Any]] = {
    "text": st.sampled_from(WORDS),
    "integer": st.integers(0, 2),
    "boolean": st.booleans(),
    "quantity": st.sampled_from(("1", "2Gi", "1500m")),
    "port": st.one_of(st.integers(1, 3), st.sampled_from(WORDS)),
    "time": st.just("2026-01-01T00:00:00Z"),
}
MOST_FIELDS, DEEPEST = 4, 7


def kubectl() -> str:
    own = build.MODULE.binaries / "kubectl"
    found = str(own) if own.exists() else shutil.which("kubectl")
    if found is None:
        pytest.skip("no kubectl on this machine")
    return found


def value(kind: Kind, depth: int, patch: bool) -> st.SearchStrategy[Any]:
    """Of a fragment (`patch`: fields may be null, entries may be taken away) or of a template."""
    if kind.form == "list":
        entry = value(kind.inner, depth + 1, patch and bool(kind.key))
        if not kind.key or kind.key == ADDED:
            return st.lists(entry, min_size=1, max_size=2)
        keyed = st.builds(lambda one, key: {**one, kind.key: key}, entry, _plain(types()[kind.name][kind.key]))
        if patch:
            gone = st.builds(lambda key: {DIRECTIVE: "delete", kind.key: key}, _plain(types()[kind.name][kind.key]))
            keyed = st.one_of(keyed, keyed, keyed, gone)
        entries = st.lists(keyed, min_size=1, max_size=3, unique_by=lambda one: one[kind.key])
        whole = st.just([{DIRECTIVE: "replace"}])
        return st.one_of(entries, entries, st.builds(lambda a, b: a + b, whole, entries)) if patch else entries
    if kind.form == "mapping":
        inner = value(kind.inner, depth, False)
        return st.dictionaries(
            st.sampled_from(WORDS), st.one_of(inner, st.none()) if patch else inner, min_size=1, max_size=2
        )
    return fields(kind.name, depth, patch) if is_type(kind) else _plain(kind)


def _plain(kind: Kind) -> st.SearchStrategy[Any]:
    return st.sampled_from(kind.words) if kind.words else PLAIN[kind.name]


@st.composite
def fields(draw: st.DrawFn, name: str, depth: int, patch: bool) -> dict[str, Any]:
    known = types()[name]
    shallow = [field for field, kind in known.items() if depth < DEEPEST or not is_type(kind)]
    preferred = [field for field in ("spec", "containers", "volumes", "env", "ports") if field in shallow]
    chosen = draw(st.lists(st.sampled_from(shallow), max_size=MOST_FIELDS, unique=True)) if shallow else []
    made = {}
    for field in dict.fromkeys([*preferred, *chosen]):
        absent = patch and draw(st.integers(0, 9)) == 0
        made[field] = None if absent else draw(value(known[field], depth + 1, patch))
    return made


def patched(folder: Path, template: dict[str, Any], patch: dict[str, Any]) -> Any:
    """The template with the patch over it, by kubectl, which leaves `null` in entries that are new."""
    whole = {"apiVersion": "v1", "kind": "PodTemplate", "metadata": {"name": "x"}, "template": template}
    (folder / "template.json").write_text(json.dumps(whole))
    (folder / "patch.json").write_text(json.dumps({"template": patch}))
    words = ["patch", "--local", "--type=strategic", "-f", "template.json", "--patch-file", "patch.json", "-o", "json"]
    done = subprocess.run(
        [kubectl(), *words], cwd=folder, capture_output=True, text=True, check=False, env={"KUBECONFIG": os.devnull}
    )
    assert done.returncode == 0, done.stderr
    return without_null(json.loads(done.stdout)["template"])


def without_null(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_null(inner) for name, inner in value.items() if inner is not None}
    return [without_null(inner) for inner in value] if isinstance(value, list) else value


def reachable(patch: Any, template: Any) -> Any:
    """The patch without directives inside of what is new: kubectl leaves them in the result, as entries."""
    if isinstance(patch, dict):
        there = template if isinstance(template, dict) else {}
        return {name: reachable(inner, there.get(name)) for name, inner in patch.items()}
    if not isinstance(patch, list) or not isinstance(patch[0], dict):
        return patch
    new = not isinstance(template, list)
    whole = new or any(one.get(DIRECTIVE) == "replace" for one in patch)
    kept = [one for one in patch if not new or DIRECTIVE not in one]
    return [one if DIRECTIVE in one else reachable(one, None if whole else like(one, template)) for one in kept]


def like(entry: dict[str, Any], entries: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The entry of the same key."""
    keys = [key for key in ("containerPort", "mountPath", "devicePath", "topologyKey", "ip", "name") if key in entry]
    found = [one for one in entries if any(key in one and one[key] == entry[key] for key in keys[:1])]
    return found[0] if found else None


# Each example runs kubectl; a failure is shown as it was found, as making it smaller takes minutes.
@settings(max_examples=60, phases=[Phase.explicit, Phase.generate])
@given(template=fields(ROOT, 0, patch=False), patch=fields(ROOT, 0, patch=True))
def test_any_fragment_is_merged_as_kubectl_does(
    template: dict[str, Any], patch: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    patch = reachable(patch, template)
    assert findings(template) == []
    assert findings(patch) == []
    folder = tmp_path_factory.mktemp("patch")
    assert merged(template, patch) == patched(folder, template, patch)
