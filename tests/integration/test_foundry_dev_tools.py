"""``foundry_dev_tools`` against a real server: applications and personal tokens."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from foundry_dev_tools import FoundryContext
from foundry_dev_tools.clients.multipass import MultipassClient
from foundry_dev_tools.config.config import Config
from foundry_dev_tools.config.config_types import Host
from foundry_dev_tools.config.token_provider import (
    JWTTokenProvider,
    OAuthTokenProvider,
    TokenProvider,
)
from foundry_dev_tools.errors.meta import FoundryAPIError
from foundry_dev_tools.errors.multipass import ClientAuthenticationFailedError

from fixtures.api import Api, StreamUnderTest, unique

ORGANIZATION = "ri.multipass..organization.sluiceway"
SERVER_GRANTS = ["REFRESH_TOKEN", "CLIENT_CREDENTIALS"]
Connect = Callable[[TokenProvider], FoundryContext]


@pytest.fixture
def host(api: Api) -> Host:
    return Host(api.url.removeprefix("http://"), scheme="http")


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Make contexts that read no configuration of this machine; closed at the end."""
    made: list[FoundryContext] = []

    def make(provider: TokenProvider) -> FoundryContext:
        made.append(FoundryContext(config=Config(), token_provider=provider))
        return made[-1]

    yield make
    for context in made:
        context.client.close()


@pytest.fixture
def multipass(api: Api, host: Host, connect: Connect) -> MultipassClient:
    """The client as the administrator."""
    return connect(JWTTokenProvider(host, str(api.token))).multipass


def described(**changes: Any) -> dict[str, Any]:
    return {
        "client_type": "CONFIDENTIAL",
        "display_name": unique("app"),
        "description": "Reads meters.",
        "grant_types": SERVER_GRANTS,
        "redirect_uris": None,
        "logo_uri": None,
        "organization_rid": ORGANIZATION,
        **changes,
    }


def names(error: pytest.ExceptionInfo[FoundryAPIError]) -> tuple[int, str]:
    """Give the status and the name of a refusal."""
    answer = error.value.response
    assert answer is not None
    return answer.status_code, answer.json()["errorName"]


def test_an_application_lives_from_its_registration_to_its_end(
    multipass: MultipassClient, host: Host, connect: Connect
) -> None:
    made = multipass.api_create_third_party_application(**described()).json()
    client_id = made["clientId"]

    def token(secret: str) -> str:
        provider = OAuthTokenProvider(host, client_id, secret, "client_credentials")
        connect(provider)
        return str(provider.token)

    def listed() -> list[str]:
        values = multipass.api_request("GET", "clients").json()["values"]
        return [application["clientId"] for application in values]

    assert client_id in listed()
    first = token(made["clientSecret"])
    assert connect(JWTTokenProvider(host, first)).multipass.get_user_info()["username"] == client_id

    rotated = multipass.api_rotate_third_party_application_secret(client_id).json()
    with pytest.raises(ClientAuthenticationFailedError):
        token(made["clientSecret"])
    token(rotated["clientSecret"])

    updated = multipass.api_update_third_party_application(
        client_id, **described(display_name="renamed", operations=["api:use-streams-write"])
    ).json()
    assert (updated["displayName"], updated["operations"]) == (
        "renamed",
        ["api:use-streams-write"],
    )
    assert "clientSecret" not in updated
    assert multipass.api_get_third_party_application(client_id).json() == updated

    multipass.api_delete_third_party_application(client_id)
    assert client_id not in listed()
    with pytest.raises(FoundryAPIError) as caught:
        multipass.api_get_third_party_application(client_id)
    assert names(caught) == (404, "ThirdPartyApplicationNotFound")


def test_an_application_is_disabled_and_enabled_again(
    multipass: MultipassClient, host: Host, connect: Connect
) -> None:
    made = multipass.api_create_third_party_application(**described()).json()
    client_id = made["clientId"]
    provider = OAuthTokenProvider(host, client_id, made["clientSecret"], "client_credentials")
    service = connect(provider).multipass
    assert service.get_user_info()["username"] == client_id

    multipass.api_request("DELETE", f"client-installations/{client_id}")
    with pytest.raises(FoundryAPIError) as disabled:
        service.get_user_info()
    enabled = multipass.api_enable_third_party_application(
        client_id, operations=["api:use-streams-read"], resources=[]
    ).json()
    installed = multipass.api_get_third_party_application_installation(client_id).json()
    provider.invalidate_cache()

    assert names(disabled) == (401, "Default:Unauthorized")
    assert installed == enabled
    assert installed["client"]["clientId"] == client_id
    assert installed["installation"]["operations"] == ["api:use-streams-read"]
    assert service.get_user_info()["username"] == client_id
    (alternative,) = service.api_me_scope().json()["scopes"]
    assert alternative == {
        "type": "intersection",
        "scopes": [{"type": "operation", "operations": ["api:use-streams-read"]}],
    }


def test_a_public_client_gets_no_secret(multipass: MultipassClient) -> None:
    made = multipass.api_create_third_party_application(
        **described(
            client_type="PUBLIC",
            grant_types=["AUTHORIZATION_CODE", "REFRESH_TOKEN"],
            redirect_uris=["http://localhost:5173/callback"],
        )
    ).json()

    assert (made["clientType"], made["clientSecret"]) == ("PUBLIC", None)
    with pytest.raises(FoundryAPIError) as caught:
        multipass.api_rotate_third_party_application_secret(made["clientId"])
    assert names(caught)[0] == 400


def test_a_personal_token_pushes_until_it_is_revoked(
    api: Api, host: Host, connect: Connect, stream: StreamUnderTest
) -> None:
    user_id, user = api.new_user()
    api.grant(stream.rid, user_id, "editor")
    session = connect(JWTTokenProvider(host, str(user.token))).multipass

    made = session.api_create_token("laptop", "for tests", seconds_to_live=600).json()
    token_id = made["tokenInfo"]["tokenId"]
    own = connect(JWTTokenProvider(host, made["access_token"])).multipass
    pushing = stream.as_(api.as_(made["access_token"]))

    assert pushing.publish({"sensor_id": "s1"}).status_code == 204
    assert own.get_user_info()["id"] == user_id
    assert 590 < own.api_get_ttl().json() <= 600
    assert own.api_me_scope().json() == {"type": "universal"}
    listed = {token["tokenId"]: token["state"] for token in session.get_tokens("USER_GENERATED")}
    assert listed == {token_id: "ENABLED"}
    with pytest.raises(FoundryAPIError) as caught:
        own.api_create_token("another")
    assert names(caught)[0] == 403

    assert session.api_revoke_token(token_id).json() is True
    assert pushing.publish({"sensor_id": "s2"}).status_code == 401
    with pytest.raises(FoundryAPIError) as dead:
        own.get_user_info()
    assert names(dead) == (401, "Default:Unauthorized")


def test_tokens_are_listed_over_all_pages(api: Api, host: Host, connect: Connect) -> None:
    _, user = api.new_user()
    session = connect(JWTTokenProvider(host, str(user.token))).multipass
    made = [session.api_create_token(f"token {n}").json()["tokenInfo"] for n in range(5)]

    listed = list(session.get_tokens("USER_GENERATED", limit=2))

    assert {token["tokenId"] for token in listed} == {token["tokenId"] for token in made}
    assert len(listed) == 5
