"""What of others' manifests is a secret, and so not written to a file, and what only speaks about one."""

import pytest

from components.takeover.literals import has_secret, is_secret


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TOKEN_PATH", "/var/run/token"),
        ("ALLOW_EMPTY_PASSWORD", "1"),
        ("MYSQL_PASSWORD", "$(ROOT_PASSWORD)"),
        ("AUTH_MODE", "impersonate"),
        ("TOKEN_EXPIRY_SECONDS", "3600"),
        ("DB_SECRET_NAME", "db"),
        ("dbSecretName", "db"),
        ("SESSION_SECRET_FILE", "/secrets/session"),
        ("GF_AUTH_ANONYMOUS_ENABLED", "true"),
        ("DATABASE_URL", "postgres://shop@db/shop"),
        ("DATABASE_URL", "postgres://shop:$(PASSWORD)@db/shop"),
        ("WEBHOOK_SECRET", "webhook-server-cert"),
        ("CONFIG", '{"secretName": "db"}'),
        ("API_SECRET_KEY_CMD", "cat /run/secret"),
        ("UPDATER_IMAGE", "registry.example/credential-updater:1.0.8-debian"),
    ],
)
def test_a_variable_that_speaks_about_a_secret_is_kept(name: str, value: str) -> None:
    assert not is_secret(name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_PASSWORD", "hunter2"),
        ("AUTH_TOKEN", "abc"),
        ("BASIC_AUTH", "user:pw"),
        ("API_KEY", "abc"),
        ("SECRET_KEY", "/9j4AAQSkZJRgABAQAAAQ"),
        ("JWT_SECRET", "correct-horse-battery"),
        ("TOKEN_URL", "https://user:pw@host/token"),
        ("PASSWORD_FILE", "x PASSWORD=hunter2"),
        ("DATABASE_URL", "postgres://shop:hunter2@db/shop"),
        ("CONFIG", '{"password": "hunter2"}'),
    ],
)
def test_a_variable_that_holds_one_is_not(name: str, value: str) -> None:
    assert is_secret(name, value)


@pytest.mark.parametrize(
    "text",
    [
        "--dynamic-serving-ca-secret-name=cert-ca --v=2",
        "--webhook-ca-secret=cert-manager-webhook-ca",
        "--password=$(PASSWORD) --api-key ${KEY}",
        'PASSWORD="$(cat /run/secret)"; login -p"$PASSWORD"',
        "--max-num-batched-tokens 1024 --tokenizer /models/a",
        "--password-file=/etc/shop/password.txt",
        "MASTER_PASSWORD='',",
        'password="$(url_encode "$PASSWORD")"',
    ],
)
def test_a_command_that_speaks_about_a_secret_is_kept(text: str) -> None:
    assert not has_secret(text)


@pytest.mark.parametrize(
    "text",
    [
        "--token hunter2",
        "export PASSWORD=hunter2",
        "curl -H 'Authorization: Bearer abcdefgh'",
        "curl https://user:pw@host",
        "X-Api-Key: abc",
        "--client-secret=hunter2",
        "-----BEGIN PRIVATE KEY----- MIIE",
        'TOKEN_PATH="x PASSWORD=hunter2"',
    ],
)
def test_a_command_that_holds_one_is_not(text: str) -> None:
    assert has_secret(text)
