"""The tables of docs/peers.md."""

from typing import Any

from peers.document import better, faster, fill
from peers.footprint import rights
from peers.row import Row


def row(tool: str, **values: Any) -> Row:
    return Row(
        **{"way": f"{tool} rolling", "cell": "release", "requests": 100, "wanted": "2", "serves": ["2"], **values}
    )


def test_a_table_per_cell_shows_what_was_seen_and_typed() -> None:
    typed = [{"command": "kubectl get a|b", "exit": 1, "seconds": 2.0, "said": ""}]
    facts = {"tool_seconds": 1.2, "controller_seconds": 0.5}
    rows = [
        row("cutover", first_seconds=3.04, facts=facts),
        row("kubectl", failed=4, raced=1, typed=typed, problems=["too busy"]),
    ]
    made = fill("<!-- rolling -->\nold\n<!-- end -->\n", {}, rows)
    assert "old" not in made
    assert "### release" in made
    assert "| cutover | 0 of 100 | 0 | 3.0 |  |  |  | 2 | 1.2 + 0.5 |  |" in made
    assert "| kubectl ✖ | 4 (1 raced) of 100 | 0 |  |  |  |  | 2 | 0.0 | `kubectl get a\\|b` (exit 1) |" in made


def test_where_a_peer_is_better_it_is_said() -> None:
    ours, theirs = row("cutover", failed=3, raced=1), row("kubectl", unwanted=1)
    assert better([ours, theirs]) == [
        "- rolling, release: kubectl lost 0 and gave 1 unwanted answers, `cutover` 3 and 0."
    ]
    gave_up = row("kubectl", serves=["1"])
    assert better([ours, gave_up]) == ["Nowhere in this run."]
    assert better([row("cutover", serves=["1"]), row("kubectl", failed=9)]) == [
        "- rolling, release: kubectl lost 9 and gave 0 unwanted answers, `cutover` 0 and 0, and serves 1."
    ]
    assert better([ours, row("kubectl", failed=9)]) == ["Nowhere in this run."]
    assert better([ours, row("kubectl", problems=["not measured"])]) == ["Nowhere in this run."]
    assert better([row("kubectl")]) == ["Nowhere in this run."]


def test_where_a_peer_is_faster_it_is_said_with_what_ours_did() -> None:
    ours = row("cutover", first_seconds=9.0, typed=[{"command": "cutover promote --yes", "seconds": 9.5}])
    assert faster([ours, row("kubectl", first_seconds=1.0)]) == [
        "- rolling, release: kubectl after 1.0 s, `cutover` after 9.0 s, of 9.5 s `cutover promote`."
    ]
    spent = {"driver": 0.42, "engine": 1.0, "switch": 0.3, "drain": 7.78}
    told = row("cutover", first_seconds=9.0, typed=[{"command": "cutover up", "seconds": 9.5, "spent": spent}])
    assert faster([told, row("kubectl", first_seconds=1.0)])[0].endswith(
        "of 9.5 s `cutover up` (driver 0.4, engine 1.0, switch 0.3, drain 7.8)."
    )
    assert faster([ours, row("kubectl", first_seconds=9.5)]) == ["Nowhere in this run."]
    assert faster([ours, row("kubectl")]) == ["Nowhere in this run."]


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
    assert rights(rules) == {"writes to kinds, everywhere": 2, "reads Secrets": "yes"}
