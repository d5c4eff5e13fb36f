"""The note of a refused release: what an error found and its code, and nothing of its advice."""

import json

from hypothesis import given
from hypothesis import strategies as st

from contract.annotations import REFUSED
from contract.codes import STAYS
from contract.refusal import LONGEST, Refusal, read_refusal

ERROR = f"""shop-green: GET /version failed:
  HTTP 503
    {STAYS}
    why: users would get that
    fix: mend it
    code: gate.smoke_failed
shop: blue is live"""


def test_the_advice_of_an_error_is_left_out_and_its_code_kept() -> None:
    made = Refusal.now("refused", "green", "1-1-0-b1", ERROR)
    assert (made.why, made.code) == ("shop-green: GET /version failed: HTTP 503", "gate.smoke_failed")
    assert read_refusal({REFUSED: made.text()}) == made
    assert made.to_json()["code"] == "gate.smoke_failed"


def test_who_knows_the_code_says_it() -> None:
    assert Refusal.now("refused", "green", "r", "2 of 3 pods ready", "gate.not_ready").code == "gate.not_ready"


def test_the_code_is_kept_where_the_reason_is_too_long() -> None:
    made = Refusal.now("refused", "green", "r", f"{'x' * 900}\n    code: gate.smoke_failed")
    assert (len(made.why), made.code) == (LONGEST, "gate.smoke_failed")


def test_a_note_of_before_has_no_code() -> None:
    note = {"kind": "reverted", "color": "green", "revision": "r", "at": "2026-01-01T00:00:00Z", "why": "errors: 7"}
    found = read_refusal({REFUSED: json.dumps(note)})
    assert found == Refusal("reverted", "green", "r", "2026-01-01T00:00:00Z", "errors: 7")


@given(st.text())
def test_any_text_makes_a_note_of_one_line_that_can_be_read(text: str) -> None:
    made = Refusal.now("refused", "green", "r", text)
    assert "\n" not in made.why
    found = read_refusal({REFUSED: made.text()})
    assert found is not None
    assert (found.kind, found.color, found.revision, found.at) == (made.kind, made.color, made.revision, made.at)
