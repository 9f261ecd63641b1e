"""Palantir's own clients, unmodified, register applications, get tokens and revoke them."""

import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import requests
from foundry_dev_tools import FoundryContext
from foundry_dev_tools.config.config_types import Host
from foundry_dev_tools.config.token_provider import JWTTokenProvider, OAuthTokenProvider
from foundry_dev_tools.errors.meta import FoundryAPIError
from foundry_dev_tools.errors.multipass import ClientAuthenticationFailedError
from foundry_sdk import ConfidentialClientAuth, Config, FoundryClient, PermissionDeniedError

from fixtures.server import ServerProcess, sign_in

ORGANIZATION = "ri.multipass..organization.somewhere"
SERVER_GRANTS = ["REFRESH_TOKEN", "CLIENT_CREDENTIALS"]

# Both clients leave sockets to the garbage collector.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def domain(server: ServerProcess) -> str:
    return server.url.removeprefix("http://")


@pytest.fixture
def host(domain: str) -> Host:
    return Host(domain, scheme="http")


@pytest.fixture
def tools(server: ServerProcess, host: Host) -> FoundryContext:
    """``foundry-dev-tools`` as the administrator."""
    provider = JWTTokenProvider(host=host, jwt=sign_in(server.url))
    return FoundryContext(token_provider=provider)


@pytest.fixture
def application(tools: FoundryContext) -> Iterator[dict[str, Any]]:
    made = register(tools)
    yield made
    tools.multipass.api_delete_third_party_application(made["clientId"])


def register(tools: FoundryContext, **changes: Any) -> dict[str, Any]:
    described: dict[str, Any] = {
        "client_type": "CONFIDENTIAL",
        "display_name": f"app {uuid.uuid4().hex}",
        "description": None,
        "grant_types": SERVER_GRANTS,
        "redirect_uris": None,
        "logo_uri": None,
        "organization_rid": ORGANIZATION,
        **changes,
    }
    made: dict[str, Any] = tools.multipass.api_create_third_party_application(**described).json()
    return made


def test_foundry_dev_tools_leads_an_application_through_its_life(tools: FoundryContext) -> None:
    multipass = tools.multipass
    made = register(tools, operations=["api:use-streams-write"])
    client_id = made["clientId"]

    rotated = multipass.api_rotate_third_party_application_secret(client_id).json()
    updated = multipass.api_update_third_party_application(
        client_id,
        client_type="CONFIDENTIAL",
        display_name="renamed",
        description="Reads meters.",
        grant_types=SERVER_GRANTS,
        redirect_uris=None,
        logo_uri=None,
        organization_rid=ORGANIZATION,
    ).json()
    enabled = multipass.api_enable_third_party_application(
        client_id, operations=["api:use-streams-write"], resources=[]
    ).json()
    shown = multipass.api_get_third_party_application(client_id).json()
    installed = multipass.api_get_third_party_application_installation(client_id).json()
    multipass.api_delete_third_party_application(client_id)

    assert rotated["clientSecret"] != made["clientSecret"]
    assert (updated["displayName"], updated["operations"]) == ("renamed", None)
    assert shown == updated
    assert enabled["installation"]["operations"] == ["api:use-streams-write"]
    assert installed == enabled
    with pytest.raises(FoundryAPIError) as caught:
        multipass.api_get_third_party_application(client_id)
    assert caught.value.response.json()["errorName"] == "ThirdPartyApplicationNotFound"


def test_foundry_dev_tools_gets_a_token_with_raw_basic_credentials(
    tools: FoundryContext, host: Host, application: dict[str, Any]
) -> None:
    with requests.Session() as session:
        provider = OAuthTokenProvider(
            host=host,
            client_id=application["clientId"],
            client_secret=application["clientSecret"],
            grant_type="client_credentials",
            scopes=["api:use-streams-write", "api:read-data", "offline_access"],
        )
        provider.set_requests_session(session)
        as_application = FoundryContext(token_provider=provider)

        scope = as_application.multipass.api_me_scope().json()
        user = as_application.multipass.get_user_info()

    assert "streams-write" in str(scope)
    assert user["username"] == application["clientId"]
    assert user["id"] == application["serviceUserId"]


def test_foundry_dev_tools_learns_of_a_wrong_secret(
    host: Host, application: dict[str, Any]
) -> None:
    with requests.Session() as session:
        provider = OAuthTokenProvider(
            host=host,
            client_id=application["clientId"],
            client_secret="wrong",
            grant_type="client_credentials",
        )
        provider.set_requests_session(session)

        with pytest.raises(ClientAuthenticationFailedError):
            _ = provider.token


def test_the_platform_sdk_gets_a_token_makes_calls_and_signs_out(
    domain: str, application: dict[str, Any]
) -> None:
    auth = ConfidentialClientAuth(
        client_id=application["clientId"],
        client_secret=application["clientSecret"],
        scopes=["api:use-admin-read"],
        should_refresh=False,
    )
    client = FoundryClient(auth=auth, hostname=domain, config=Config(scheme="http"))

    user = client.admin.User.get_current()
    token = auth.get_token()
    auth.sign_out()

    assert user.username == application["clientId"]
    assert token.expires_in == 3600
    assert token.refresh_token is None
    answer = httpx.get(
        f"http://{domain}/multipass/api/me",
        headers={"Authorization": f"Bearer {token.access_token}"},
    )
    assert (answer.status_code, answer.json()["errorName"]) == (401, "Default:Unauthorized")


def test_the_platform_sdk_gets_further_tokens_without_a_refresh_token(
    domain: str, application: dict[str, Any]
) -> None:
    auth = ConfidentialClientAuth(
        client_id=application["clientId"],
        client_secret=application["clientSecret"],
        hostname=domain,
        config=Config(scheme="http"),
        should_refresh=False,
    )

    first = auth.get_token().access_token
    auth._try_refresh_token()
    second = auth.get_token().access_token

    assert first != second


def test_the_platform_sdk_raises_its_own_error_outside_of_the_scope(
    domain: str, application: dict[str, Any]
) -> None:
    auth = ConfidentialClientAuth(
        client_id=application["clientId"],
        client_secret=application["clientSecret"],
        scopes=["api:use-streams-write"],
        should_refresh=False,
    )
    client = FoundryClient(auth=auth, hostname=domain, config=Config(scheme="http"))

    with pytest.raises(PermissionDeniedError) as caught:
        client.admin.User.get_current()

    assert caught.value.name == "ApiUsageDenied"
    assert caught.value.parameters["missingScope"] == "api:use-admin-read"


def test_disabling_an_application_stops_its_token_within_a_second(
    server: ServerProcess, tools: FoundryContext, application: dict[str, Any]
) -> None:
    client_id = application["clientId"]
    form = {
        "grant_type": "client_credentials",
        "client_id": client_id,
        "client_secret": application["clientSecret"],
    }
    reply = httpx.post(f"{server.url}/multipass/api/oauth2/token", data=form).json()
    headers = {"Authorization": f"Bearer {reply['access_token']}"}
    assert httpx.get(f"{server.url}/multipass/api/me", headers=headers).status_code == 200

    tools.multipass.api_request("DELETE", f"client-installations/{client_id}")

    assert httpx.get(f"{server.url}/multipass/api/me", headers=headers).status_code == 401
    assert httpx.post(f"{server.url}/multipass/api/oauth2/token", data=form).status_code == 400
