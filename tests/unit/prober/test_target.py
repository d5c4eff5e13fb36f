"""Where the prober sends requests to, and where it does not."""

import pytest

from prober import Target, TargetRefusedError


@pytest.mark.parametrize(
    ("url", "address", "port"),
    [
        ("http://127.0.0.1:8080", "127.0.0.1", 8080),
        ("http://localhost/", "127.0.0.1", 80),
        ("http://[::1]:9", "::1", 9),
        ("http://198.18.16.7:80", "198.18.16.7", 80),
        ("http://198.19.255.254", "198.19.255.254", 80),
    ],
)
def test_loopback_and_the_sandbox_are_allowed(url: str, address: str, port: int) -> None:
    target = Target.parse(url)
    assert (target.port, target.address) == (port, address) or (target.host, target.address) == ("localhost", "::1")


@pytest.mark.parametrize("host", ["10.0.0.1", "198.20.0.1", "192.0.2.1", "0.0.0.0", "8.8.8.8"])  # noqa: S104
def test_anything_else_is_refused_unless_named(host: str) -> None:
    with pytest.raises(TargetRefusedError, match=r"outside 127\.0\.0\.0/8.*--allow-host"):
        Target.parse(f"http://{host}:80")
    assert Target.parse(f"http://{host}:80", allowed_hosts=[host]).address == host
    with pytest.raises(TargetRefusedError):
        Target.parse(f"http://{host}:80", allowed_hosts=["10.9.9.9"])


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("https://127.0.0.1", "not of the form"),
        ("127.0.0.1:80", "not of the form"),
        ("http://127.0.0.1/echo", "has a path"),
        ("http://no-such-host.invalid", "does not resolve"),
    ],
)
def test_other_urls_say_what_is_wrong(url: str, says: str) -> None:
    with pytest.raises(TargetRefusedError, match=says):
        Target.parse(url)
