"""The tables of docs/peers.md."""

from typing import Any

from peers.document import better, fill
from peers.footprint import rights
from peers.row import Row


def row(tool: str, **values: Any) -> Row:
    return Row(**{"way": f"{tool} rolling", "cell": "release", "requests": 100, "serves": ["2"], **values})


def test_a_table_per_cell_shows_what_was_seen_and_typed() -> None:
    typed = [{"command": "kubectl get a|b", "exit": 1, "seconds": 2.0, "said": ""}]
    rows = [row("cutover", first_seconds=3.04), row("kubectl", failed=4, raced=1, typed=typed, problems=["too busy"])]
    made = fill("<!-- rolling -->\nold\n<!-- end -->\n", {}, rows)
    assert "old" not in made
    assert "### release" in made
    assert "| cutover | 0 of 100 | 0 | 3.0 |  |  |  | 2 |  |" in made
    assert "| kubectl ✖ | 4 (1 raced) of 100 | 0 |  |  |  |  | 2 | `kubectl get a\\|b` (exit 1) |" in made


def test_where_a_peer_is_better_it_is_said() -> None:
    ours, theirs = row("cutover", failed=3, raced=1), row("kubectl", unwanted=1)
    assert better([ours, theirs]) == [
        "- rolling, release: kubectl lost 0 and gave 1 unwanted answers, `cutover` 3 and 0."
    ]
    assert better([ours, row("kubectl", failed=9)]) == ["Nowhere in this run."]
    assert better([ours, row("kubectl", problems=["not measured"])]) == ["Nowhere in this run."]
    assert better([row("kubectl")]) == ["Nowhere in this run."]


def test_what_stays_is_a_row_per_tool() -> None:
    about = {"stays": {"Argo": {"CRDs": 5, "memory_mib": 70}, "Other": {"CRDs": 1}}, "versions": {"Argo": "v1"}}
    made = fill("<!-- stays -->\n<!-- end -->\n<!-- versions -->\n<!-- end -->", about, [])
    assert "| tool | CRDs | memory_mib |\n|---|---|---|\n| Argo | 5 | 70 |\n| Other | 1 |  |" in made
    assert "| Argo | v1 |" in made


def test_rights_are_counted_by_kind() -> None:
    rules = [
        {"apiGroups": [""], "resources": ["pods", "secrets"], "verbs": ["get", "list"]},
        {"apiGroups": ["apps"], "resources": ["replicasets", "deployments"], "verbs": ["get", "update"]},
        {"nonResourceURLs": ["/healthz"], "verbs": ["get"]},
    ]
    assert rights(rules) == {"writes_kinds": 2, "reads_secrets": True}
