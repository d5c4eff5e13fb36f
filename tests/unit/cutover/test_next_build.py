"""The build of a release that nobody numbered."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cutover.strategies.releases import next_build

RELEASES = st.lists(
    st.fixed_dictionaries(
        {
            "version": st.sampled_from(["1.0.0", "1.1.0"]),
            "build": st.integers(0, 9),
            "image": st.sampled_from(["shop:a", "shop:b"]),
        }
    ),
    max_size=2,
)


def test_a_new_version_begins_with_1_and_a_new_image_of_it_is_one_more() -> None:
    assert next_build([], "1.0.0", "shop:a") == 1
    have: list[dict[str, Any]] = [{"version": "1.0.0", "build": 7, "image": "shop:a"}, {"version": "1.1.0"}]
    assert next_build(have, "1.0.0", "shop:b") == 8
    assert next_build(have, "1.2.0", "shop:b") == 1


@given(RELEASES, st.sampled_from(["1.0.0", "1.1.0"]), st.sampled_from(["shop:a", "shop:b"]))
def test_the_same_image_twice_is_one_release_and_another_image_never_the_same(
    have: list[dict[str, Any]], version: str, image: str
) -> None:
    build = next_build(have, version, image)
    assert next_build([*have, {"version": version, "build": build, "image": image}], version, image) == build
    others = [one for one in have if one["version"] == version and one["image"] != image]
    known = any(one["version"] == version and one["image"] == image for one in have)
    assert known or build not in [one["build"] for one in others]
