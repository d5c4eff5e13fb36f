"""A program's last words never hold what looks like a login."""

import pytest

from components.rules.words import LENGTH, last_words


@pytest.mark.parametrize(
    "text",
    [
        "could not connect to postgres://shop:hunter2@db:5432/shop",
        "dsn host=db user=shop password=hunter2 dbname=shop",
        "PGPASSWORD: hunter2",
        '{"token": "hunter2", "level": "fatal"}',
        "api_key='hunter2'",
        "redis://:hunter2@cache",
        "sent Secret = hunter2; gave up",
    ],
)
def test_logins_are_left_out(text: str) -> None:
    assert "hunter2" not in last_words(text)


def test_all_else_stays_in_one_line() -> None:
    assert (
        last_words('ERROR: column "total"\n  does not exist at 12:30')
        == 'ERROR: column "total" does not exist at 12:30'
    )


def test_the_end_is_what_counts() -> None:
    shown = last_words("usage " * 200 + "fatal: locked")
    assert shown.endswith("fatal: locked")
    assert len(shown) == LENGTH + 2


def test_a_login_is_not_half_shown_where_the_text_is_cut() -> None:
    text = "postgres://shop:" + "x" * LENGTH + "@db failed"
    assert last_words(text) == "postgres://…@db failed"
