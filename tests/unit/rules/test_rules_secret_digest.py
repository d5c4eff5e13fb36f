"""The digest of a secret: of its content alone, another one for each owner, and slow to make."""

import hashlib
import re

from components.rules.secret_digest import secret_digest

OWNER = ("cutover", "shop", "storefront")


def test_it_is_the_content_s_whatever_the_order() -> None:
    one = secret_digest({"A": "1", "B": "2"}, OWNER)
    assert re.fullmatch(r"[0-9a-f]{10}", one)
    assert secret_digest({"B": "2", "A": "1"}, OWNER) == one
    assert secret_digest({"A": "12", "B": ""}, OWNER) != one
    assert secret_digest({"B": "1", "A": "2"}, OWNER) != one


def test_one_value_of_two_owners_cannot_be_told_to_be_one() -> None:
    owners = (OWNER, ("cutover", "shop", "web"), ("cutover", "shop-dev", "storefront"))
    assert len({secret_digest({"A": "1"}, owner) for owner in owners}) == 3
    assert secret_digest({"A": "1"}, ("a", "b")) != secret_digest({"A": "1"}, ("a, b",))


def test_it_is_no_plain_hash() -> None:
    salt = b'["cutover", "shop", "storefront"]'
    assert (
        secret_digest({"A": "1"}, OWNER) == hashlib.scrypt(b'{"A": "1"}', salt=salt, n=2**14, r=8, p=1, dklen=5).hex()
    )
