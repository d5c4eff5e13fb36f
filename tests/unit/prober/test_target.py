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
        ("ftp://127.0.0.1", "not of the form"),
        ("127.0.0.1:80", "not of the form"),
        ("http://", "not of the form"),
        ("http://127.0.0.1:99999", "Port out of range"),
        ("http://no-such-host.invalid", "does not resolve"),
        ("http://ann:secret@127.0.0.1/", "has a user in it"),
    ],
)
def test_other_urls_say_what_is_wrong(url: str, says: str) -> None:
    with pytest.raises(TargetRefusedError, match=says) as refused:
        Target.parse(url)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "port", "path", "host", "shown"),
    [
        ("http://127.0.0.1", 80, "/", "127.0.0.1", "http://127.0.0.1"),
        ("https://127.0.0.1/a/b?key=1", 443, "/a/b?key=1", "127.0.0.1", "https://127.0.0.1/a/b"),
        ("https://[::1]:8443/a b", 8443, "/a%20b", "[::1]:8443", "https://[::1]:8443/a%20b"),
        ("http://127.0.0.1:443?q", 443, "/?q", "127.0.0.1:443", "http://127.0.0.1:443/"),
    ],
)
def test_a_path_is_kept_and_a_query_not_shown(url: str, port: int, path: str, host: str, shown: str) -> None:
    target = Target.parse(url)
    assert (target.port, target.path, target.host_header, target.shown) == (port, path, host, shown)
    assert Target.parse(target.url) == target


def test_another_host_may_be_asked_for_at_the_address_of_the_url() -> None:
    target = Target.parse("http://127.0.0.1:8080", named="shop.example")
    assert (target.address, target.host_header, target.url) == (
        "127.0.0.1",
        "shop.example:8080",
        "http://127.0.0.1:8080",
    )
    with pytest.raises(TargetRefusedError, match="'shop example' is no name of a host"):
        Target.parse("http://127.0.0.1:8080", named="shop example")
    with pytest.raises(TargetRefusedError, match=r"--allow-host"):  # the name is no leave
        Target.parse("http://10.0.0.1", named="127.0.0.1")
