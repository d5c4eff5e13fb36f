"""What looks like a secret is never in a text that is shown."""

import pytest

from contract.secrets import looks_secret, masked

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.hunter2"


@pytest.mark.parametrize(
    "text",
    [
        "could not connect to postgres://u:hunter2/ss@db",
        "postgres://u:ss@hunter2/@db/shop?x=1",
        "AWS_SECRET_ACCESS_KEY=hunter2/+x",
        "aws_session_token = hunter2",
        "Authorization: Bearer hunter2",
        "authorization: Basic aHVudGVyMg== hunter",
        "{'Authorization': 'token hunter2'}",
        "Cookie: session=hunter2",
        "X-Api-Key: hunter2",
        "sent Bearer hunter2",
        '"db_password": "two words hunter2"',
        'password="cut off hunter2',
        "PASSWORD=hunt,hunter2;x",
        "password => hunter2",
        "run --db-password hunter2 --verbose",
        "tool -token hunter2",
        "DB_PASS=hunter2",
        "client_secret=hunter2",
        "private.key: hunter2",
        "-----BEGIN RSA PRIVATE KEY-----\nhunter2\n-----END RSA PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY----- hunter2",
        f"got {JWT}",
        "ghp_hunter2hunter2hunter2",
        "glpat-hunter2hunter2hunter2",
    ],
)
def test_secrets_are_hidden(text: str) -> None:
    assert "hunter2" not in masked(text)


@pytest.mark.parametrize(
    "text",
    [
        'password authentication failed for user "shop"',
        "Basic authentication is required",
        "GET http://shop:8080/version?x=1",
        "the token has expired",
        "passed: 3, failed: 0",
        "compass=north",
        "shop@example.com",
        "--replicas 3",
    ],
)
def test_all_else_stays(text: str) -> None:
    assert masked(text) == text


@pytest.mark.parametrize(
    "name", ["DB_PASSWORD", "API_TOKEN", "AWS_SECRET_ACCESS_KEY", "dbPassword", "BASIC_AUTH", "PGPASSWORD"]
)
def test_names_of_secrets(name: str) -> None:
    assert looks_secret(name, "x")
    assert not looks_secret(name, "")


def test_values_of_secrets() -> None:
    assert looks_secret("DATABASE_URL", "postgres://u:p@db")
    assert not looks_secret("LOG_LEVEL", "debug")
    assert not looks_secret("COMPASS", "north")


@pytest.mark.parametrize(
    "piece",
    [
        "x",
        "token",
        "token ",
        "x-",
        "://",
        "eyJ-",
        "--token ",
        "bearer ",
        "basic ",
        '"',
        "a.",
        "-----BEGIN PRIVATE KEY-----",
    ],
)
def test_a_long_text_takes_no_longer_than_its_length(piece: str) -> None:
    """With a pattern that looks at every end from every begin this test would take hours."""
    assert masked(piece * (1_000_000 // len(piece)))
