"""The server's own description: its issuer and its endpoints."""

import pytest

from sluiceway.access.oauth.metadata import server_metadata
from sluiceway.foundation.request_errors import InvalidArgumentError


@pytest.mark.parametrize("public_url", ["https://data.example.com", "https://data.example.com/"])
def test_the_public_url_is_the_issuer_whatever_the_host(public_url: str) -> None:
    found = server_metadata(public_url, "http", "evil.example.com")

    assert found.issuer == "https://data.example.com"
    assert found.token_endpoint == "https://data.example.com/multipass/api/oauth2/token"


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8080", "localhost", "data.example.com:443", "[::1]:8080", "my_host"]
)
def test_without_a_public_url_the_host_is_the_issuer(host: str) -> None:
    for scheme in ("http", "https"):
        assert server_metadata("", scheme, host).issuer == f"{scheme}://{host}"


@pytest.mark.parametrize(
    "host",
    [None, "", "a b", "a/b", "a@b", "a?b", "a#b", "a\\b", 'a"b', "a:b", "a:999999", "[x]", "a,b"],
)
def test_what_is_no_host_makes_no_issuer(host: str | None) -> None:
    with pytest.raises(InvalidArgumentError):
        server_metadata("", "https", host)
