"""Whatever a program passes: settings, or problems at properties, and no value that is secret in any of them."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from components.plugin.kinds import KINDS
from components.plugin.problems import invalid
from components.plugin.reading import Read, settings_of, unknown
from components.plugin.values import REFERENCE, UNKNOWN, Secret
from components.rules.errors import ConfigError
from tests.unit.plugin.test_spelling import pairs

WORD = "hunter2"
MARKS = (lambda _: Secret(WORD), lambda value: Secret(value), lambda _: UNKNOWN, lambda _: REFERENCE, lambda _: WORD)
RELEASE = {"version": "1.0.0", "build": 1, "image": "shop:1"}
GOOD: dict[str, Any] = {
    "BlueGreenService": {"active": "blue", "port": 80, "blue": RELEASE},
    "RollingApp": {"port": 80, "release": RELEASE},
    "SideBySide": {"port": 80, "versions": {"v1": RELEASE}},
    "Environments": {
        "active": "coco-1",
        "builds": {"coco-1": {"services": {"cart": {"strategy": "rolling", "port": 80, "release": RELEASE}}}},
    },
    "ReleaseGroup": {"active": "blue", "order": ["a"], "services": {"a": {"port": 80, "blue": RELEASE}}},
}


@st.composite
def marked(draw: st.DrawFn, value: Any, left: int = 2) -> Any:
    """A value with a few of its parts marked or replaced."""
    if left and draw(st.integers(0, 5)) == 0:
        return draw(st.sampled_from(MARKS))(value)
    if isinstance(value, dict):
        return {key: draw(marked(inner, left)) for key, inner in value.items()}
    if isinstance(value, list):
        return [draw(marked(item, left)) for item in value]
    return value


def test_what_is_good_is_good() -> None:
    for kind in KINDS:
        assert isinstance(settings_of(kind, "shop", {"namespace": "ns", **GOOD[kind.name]}), Read)


@given(data=st.data())
def test_settings_or_problems(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(KINDS))
    written, _ = data.draw(pairs(kind.inputs))
    given_ = {key: data.draw(marked(value)) for key, value in written.items()}
    inputs = {"namespace": "ns", **GOOD[kind.name], **given_}
    unknown(inputs)
    try:
        read = settings_of(kind, "shop", inputs)
    except ConfigError as error:
        told = invalid("shop", error.problems, inputs)
        assert told.errors
        if any(isinstance(one, Secret) for one in _parts(inputs)) and not _plain(inputs):
            assert WORD not in str(told.errors)
    else:
        assert WORD not in repr(read) or _plain(inputs)


def _parts(value: Any) -> list[Any]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [value, *(part for one in inner for part in _parts(one))]


def _plain(inputs: Any) -> bool:
    """Whether the word is somewhere as plain text, which a problem may quote."""
    return any(one == WORD for one in _parts(inputs))
