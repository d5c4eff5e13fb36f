"""Whatever stands in manifests, a takeover ends with services and reasons, never with an exception."""

import copy
import json
from pathlib import Path
from typing import Any

import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from components.takeover.entries import entries

Json = dict[str, Any]
FOLDER = Path(__file__).parent
GOOD = [list(yaml.safe_load_all((FOLDER / name).read_text())) for name in ("shapes.yaml", "beside.yaml", "sets.yaml")]
ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 2**70),
    st.floats(allow_nan=False),
    st.sampled_from(["", "x", "0", "-", "a/b", "$(X)", "{{ x }}", "25%", "TCP", "app", "/", "apps/v1", "Deployment"]),
    st.sampled_from(["[]", "{}", "[null]", "[{}]", '{"x": {}}']).map(json.loads),  # each time another object
)


def _places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(place for key, inner in items for place in _places(inner, (*at, key)))]


@st.composite
def nearly_good(draw: st.DrawFn) -> list[Any]:
    """Manifests with one to three places changed or gone; some as the API server gives them, with a uid."""
    objects: list[Any] = copy.deepcopy(draw(st.sampled_from(GOOD)))
    if draw(st.booleans()):
        for one in objects:
            one["metadata"]["uid"] = "u"
    for _ in range(draw(st.integers(1, 3))):
        *keys, last = draw(st.sampled_from([place for place in _places(objects) if place]))
        owner: Any = objects
        for key in keys:
            owner = owner[key]
        if draw(st.booleans()):
            owner[last] = draw(ANYTHING)
        else:
            del owner[last]
    return objects


@example([{"kind": "NetworkPolicy", "metadata": {"name": "p"}, "spec": 1}], False)
@given(nearly_good(), st.booleans())
def test_every_workload_is_a_service_or_has_a_reason(objects: list[Any], blue_green: bool) -> None:
    made = entries(objects, blue_green=blue_green)
    assert made["services"].keys() == made["lost"].keys()
    assert all(reasons for reasons in made["refused"].values())
