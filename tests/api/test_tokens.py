"""The calls about tokens, by way of Foundry DevTools and by hand."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from foundry_dev_tools import FoundryContext
from foundry_dev_tools.clients.multipass import MultipassClient
from foundry_dev_tools.config.config_types import Host
from foundry_dev_tools.config.token_provider import JWTTokenProvider

from fixtures.api import Api, assert_error, unique

TOKENS = "/multipass/api/tokens"
WEEK_SECONDS = 7 * 86_400
YEAR_SECONDS = 366 * 86_400


@pytest.fixture
def user(api: Api) -> Api:
    """A person who signed in."""
    return api.new_user(givenName="Mia", email="mia@example.org")[1]


@pytest.fixture
def multipass(user: Api) -> Iterator[MultipassClient]:
    """Foundry DevTools, as that person."""
    host = Host(urlsplit(user.url).netloc, scheme="http")
    context = FoundryContext(token_provider=JWTTokenProvider(host=host, jwt=str(user.token)))
    yield context.multipass
    context.client.close()


def test_the_user_and_the_scope_of_its_session_are_told(
    user: Api, multipass: MultipassClient
) -> None:
    current = user.ok("GET", "/api/v2/admin/users/getCurrent")

    me = multipass.get_user_info()

    assert (me["id"], me["username"]) == (current["id"], current["username"])
    assert me["attributes"]["multipass:email:primary"] == ["mia@example.org"]
    assert me["attributes"]["multipass:realm"] == ["palantir-internal-realm"]
    assert multipass.api_me_scope().json() == {"type": "universal"}
    assert 16 * 3_600 - 60 < multipass.api_get_ttl().json() <= 16 * 3_600


def test_a_token_is_created_with_the_clients_default_life(
    user: Api, multipass: MultipassClient
) -> None:
    made = multipass.api_create_token("laptop", "for tests").json()

    info = made["tokenInfo"]
    assert made["access_token"].startswith("swp_")
    assert made["access_token"].endswith(info["lastFour"])
    assert {
        "name": "laptop",
        "description": "for tests",
        "expires_in": WEEK_SECONDS,
        "scope": {"type": "universal"},
        "state": "ENABLED",
        "userId": multipass.get_user_info()["id"],
    }.items() <= info.items()
    with_it = user.as_(made["access_token"])
    assert with_it.ok("GET", "/multipass/api/me/scope") == {"type": "universal"}
    assert WEEK_SECONDS - 60 < with_it.ok("GET", "/multipass/api/token/ttl") <= WEEK_SECONDS


def test_a_new_token_is_not_to_be_kept_by_caches(user: Api) -> None:
    answer = user.post(TOKENS, json={"name": "n"})

    assert answer.headers["cache-control"] == "no-store"


def test_tokens_are_listed_page_by_page(multipass: MultipassClient) -> None:
    made = {
        multipass.api_create_token(str(number)).json()["tokenInfo"]["tokenId"]
        for number in range(5)
    }

    for token_type in (None, "USER_GENERATED"):
        listed = [one["tokenId"] for one in multipass.get_tokens(token_type=token_type, limit=2)]
        assert sorted(listed) == sorted(made)


def test_a_list_shows_no_token(user: Api) -> None:
    text = user.ok("POST", TOKENS, json={"name": "n"})["access_token"]

    assert text[4:-4] not in user.get(TOKENS).text


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("limit=500", 200),
        ("limit=501", 400),
        ("limit=0", 400),
        ("limit=x", 400),
        ("start=nonsense", 400),
        ("type=OTHER", 400),
    ],
)
def test_the_page_of_a_list_has_bounds(user: Api, query: str, status: int) -> None:
    assert user.get(f"{TOKENS}?{query}").status_code == status


def test_a_revoked_token_stays_in_the_list_as_such(multipass: MultipassClient) -> None:
    token_id = multipass.api_create_token("n").json()["tokenInfo"]["tokenId"]

    assert multipass.api_revoke_token(token_id).json() is True
    assert multipass.api_revoke_token(token_id).json() is False

    (listed,) = multipass.get_tokens()
    assert (listed["tokenId"], listed["state"]) == (token_id, "REVOKED")


def test_a_revoked_token_cannot_be_enabled(user: Api) -> None:
    token_id = user.ok("POST", TOKENS, json={"name": "n"})["tokenInfo"]["tokenId"]
    user.ok("POST", f"{TOKENS}/revoke", json={"tokenId": token_id})

    answer = user.post(f"{TOKENS}/enable", json={"tokenId": token_id})

    assert_error(answer, 409, "TokenRevoked")


@pytest.mark.parametrize("verb", ["revoke", "disable", "enable"])
def test_another_users_token_is_not_found(api: Api, user: Api, verb: str) -> None:
    token_id = user.ok("POST", TOKENS, json={"name": "n"})["tokenInfo"]["tokenId"]
    stranger = api.new_user()[1]

    answer = stranger.post(f"{TOKENS}/{verb}", json={"tokenId": token_id})

    assert assert_error(answer, 404, "TokenNotFound") == {"tokenId": token_id}


def test_an_administrator_revokes_the_token_of_another(api: Api, user: Api) -> None:
    made = user.ok("POST", TOKENS, json={"name": "n"})

    token_id = made["tokenInfo"]["tokenId"]
    assert api.ok("POST", f"{TOKENS}/revoke", json={"tokenId": token_id}) is True

    assert_error(
        user.as_(made["access_token"]).get("/multipass/api/me"), 401, "Default:Unauthorized"
    )


def test_a_personal_token_creates_no_tokens(user: Api) -> None:
    text = user.ok("POST", TOKENS, json={"name": "n"})["access_token"]

    answer = user.as_(text).post(TOKENS, json={"name": "another"})

    assert_error(answer, 403, "TokenCreationPermissionDenied")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": "n", "secondsToLive": 1}, 200),
        ({"name": "n", "secondsToLive": YEAR_SECONDS}, 200),
        ({"name": "n", "secondsToLive": YEAR_SECONDS + 1}, 400),
        ({"name": "n", "secondsToLive": 0}, 400),
        ({"name": "n", "secondsToLive": "week"}, 400),
        ({"name": "n", "secondsToLive": 2**70}, 400),
        ({"name": "n" * 255}, 200),
        ({"name": "n" * 256}, 400),
        ({"name": ""}, 400),
        ({"name": "n", "surprise": True}, 400),
        ({}, 400),
    ],
)
def test_what_is_asked_of_a_token_has_bounds(
    user: Api, body: dict[str, object], status: int
) -> None:
    assert user.post(TOKENS, json=body).status_code == status


def test_a_session_is_not_signed_out_by_a_personal_token(user: Api) -> None:
    text = user.ok("POST", TOKENS, json={"name": "n"})["access_token"]

    answer = user.as_(text).delete("/multipass/api/sessions/current")

    assert_error(answer, 403, "Default:PermissionDenied")


def test_all_tokens_of_a_user_are_revoked(api: Api) -> None:
    user_id, user = api.new_user()
    text = user.ok("POST", TOKENS, json={"name": "n"})["access_token"]

    assert api.post(f"/api/v2/admin/users/{user_id}/revokeAllTokens").status_code == 204

    for ended in (user, user.as_(text)):
        assert_error(ended.get("/multipass/api/me"), 401, "Default:Unauthorized")


def test_the_scope_of_an_applications_token_is_told(api: Api) -> None:
    body = {
        "clientType": "CONFIDENTIAL",
        "displayName": unique("app"),
        "grantTypes": ["CLIENT_CREDENTIALS"],
    }
    made = api.ok("POST", "/multipass/api/clients", json=body)
    api.ok("PUT", f"/multipass/api/client-installations/{made['clientId']}", json={})
    form = {
        "grant_type": "client_credentials",
        "client_id": made["clientId"],
        "client_secret": made["clientSecret"],
        "scope": "api:use-streams-write",
    }
    text = api.as_(None).ok("POST", "/multipass/api/oauth2/token", data=form)["access_token"]
    application = api.as_(text)

    scope = application.ok("GET", "/multipass/api/me/scope")

    assert scope == {
        "type": "union",
        "scopes": [
            {
                "type": "intersection",
                "scopes": [{"type": "operation", "operations": ["api:use-streams-write"]}],
            }
        ],
    }
    assert application.ok("GET", "/multipass/api/me")["username"] == made["clientId"]
    assert_error(application.post(TOKENS, json={"name": "n"}), 403, "TokenCreationPermissionDenied")
    assert_error(application.get(TOKENS), 403, "TokenAdministrationPermissionDenied")
    denied = application.get("/api/v2/admin/users/getCurrent")
    assert assert_error(denied, 403, "ApiUsageDenied") == {"missingScope": "api:use-admin-read"}
