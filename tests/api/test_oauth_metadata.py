"""``GET /.well-known/oauth-authorization-server`` (RFC 8414)."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from fixtures.oauth import OAuthWorld, open_http, open_oauth

METADATA = "/.well-known/oauth-authorization-server"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[OAuthWorld]:
    async with open_oauth(tmp_path) as opened:
        yield opened


@pytest.fixture
async def http(world: OAuthWorld) -> AsyncIterator[httpx.AsyncClient]:
    async with open_http(world) as client:
        del client.headers["Authorization"]
        yield client


async def test_anybody_learns_where_the_endpoints_are_and_what_they_take(
    http: httpx.AsyncClient,
) -> None:
    answer = await http.get(METADATA)

    described = answer.json()
    assert answer.status_code == 200
    assert described["issuer"] == "http://sluiceway.test"
    assert described["grant_types_supported"] == [
        "authorization_code",
        "client_credentials",
        "refresh_token",
    ]
    assert described["response_types_supported"] == ["code"]
    assert described["code_challenge_methods_supported"] == ["S256"]
    assert described["authorization_endpoint"].endswith("/multipass/api/oauth2/authorize")
    assert "none" not in described["introspection_endpoint_auth_methods_supported"]
    assert {"api:use-streams-write", "offline_access"} <= set(described["scopes_supported"])


async def test_every_endpoint_that_is_named_answers(http: httpx.AsyncClient) -> None:
    described = (await http.get(METADATA)).json()
    del described["authorization_endpoint"]
    endpoints = [url for name, url in described.items() if name.endswith("_endpoint")]

    answers = [await http.post(url, data={"token": "x"}) for url in endpoints]

    assert len(endpoints) == 3
    assert all(answer.json()["error"].startswith("invalid_") for answer in answers)


async def test_a_host_that_is_none_is_refused(http: httpx.AsyncClient) -> None:
    answer = await http.get(METADATA, headers={"Host": "a,b"})

    assert (answer.status_code, answer.json()["errorName"]) == (400, "Conjure:InvalidArgument")
