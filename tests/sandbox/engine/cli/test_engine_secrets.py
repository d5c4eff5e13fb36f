"""Encryption under a passphrase, and secrets inside resource rows."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.engine.backend import secrets
from sandbox.engine.backend.envelopes import MASK, Sealer, mask, reveal
from sandbox.engine.backend.errors import EngineError
from sandbox.engine.backend.secrets import Crypter, SecretsManager, new_state, unlock
from sandbox.engine.model import SECRET, SIG

# Made with a million rounds; a later version that cannot open it could not open its users' stacks either.
STATE = "v1:zpZQoR6HROo=:v1:pkokJBsNLYHVDxip:DB1KjSUYZAFE7Bc9ulLxvKw0LI7MNA=="
SEALED = "v1:nRRG6TrfWlq+VeEz:JmBzzg+idp3wn2miRvF8vuUwow=="
CRYPTER = Crypter("quick", b"\0" * 8)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
)
ROWS = st.recursive(
    PLAIN | PLAIN.map(lambda value: {SIG: SECRET, "value": value}),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
)


def quick() -> SecretsManager:
    manager = SecretsManager("v1:unused")
    manager._crypter = CRYPTER
    return manager


@given(st.text())
def test_what_is_encrypted_is_decrypted(text: str) -> None:
    sealed = CRYPTER.encrypt(text)
    assert sealed.startswith("v1:")
    assert CRYPTER.decrypt(sealed) == text


def test_an_earlier_state_still_opens() -> None:
    assert unlock(STATE, "correct horse").decrypt(SEALED) == "tok"


def test_a_wrong_passphrase_is_said_to_be_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "ROUNDS", 10)
    state, _ = new_state("right")
    with pytest.raises(EngineError, match="incorrect passphrase"):
        unlock(state, "wrong")
    with pytest.raises(EngineError, match="malformed"):
        unlock("v2:abc", "right")


@pytest.mark.parametrize("text", ["", "v1:", "v2:a:b", "v1:!:b", "v1:AAAA:AAAA"])
def test_what_is_no_ciphertext_is_refused(text: str) -> None:
    with pytest.raises(EngineError, match="failed to decrypt"):
        CRYPTER.decrypt(text)


def test_without_a_passphrase_the_error_names_the_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE", raising=False)
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE_FILE", raising=False)
    with pytest.raises(EngineError, match="PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE"):
        SecretsManager(STATE).encrypt("x")


def test_the_passphrase_may_be_in_a_file(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "phrase").write_text("  from a file\n")
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE", raising=False)
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE_FILE", str(tmp_path / "phrase"))
    assert secrets.passphrase() == "from a file"
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "")
    assert secrets.passphrase() == ""


@given(ROWS)
def test_rows_survive_sealing_and_opening(row: Any) -> None:
    sealer = Sealer(quick(), quick())
    sealed = sealer.seal(row, "place")
    opened = sealer.open(sealed, "place")
    assert reveal(opened) == reveal(row)
    assert mask(sealed) == mask(row) == mask(opened)


def test_an_unchanged_secret_keeps_its_ciphertext_and_a_changed_one_does_not() -> None:
    manager = quick()
    sealer = Sealer(manager, manager)
    sealed = sealer.seal({"a": {SIG: SECRET, "value": 1}, "b": {SIG: SECRET, "value": 1}}, "row")
    assert sealed["a"] != sealed["b"]
    later = Sealer(manager, manager)  # another process
    opened = later.open(sealed, "row")
    assert later.seal(opened, "row") == sealed
    opened["a"]["value"] = 2
    assert later.seal(opened, "row")["a"] != sealed["a"]
    assert later.seal(opened, "row")["b"] == sealed["b"]


def test_masking_reaches_everywhere() -> None:
    secret = {SIG: SECRET, "value": "x"}
    assert mask({"a": [secret, {"b": secret}], "c": 1}) == {"a": [MASK, {"b": MASK}], "c": 1}
