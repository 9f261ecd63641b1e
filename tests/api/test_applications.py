"""``/multipass/api/clients`` and ``client-installations``, as Foundry's clients call them."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from fixtures.oauth import OAuthWorld, open_http, open_oauth
from sluiceway.access.scopes import Operation

CLIENTS = "/multipass/api/clients"
INSTALLATIONS = "/multipass/api/client-installations"
BODY = {
    "organizationRid": "ri.multipass..organization.somewhere",
    "clientType": "CONFIDENTIAL",
    "displayName": "Sensors",
    "description": None,
    "logoUri": None,
    "grantTypes": ["REFRESH_TOKEN", "CLIENT_CREDENTIALS"],
    "redirectUris": None,
    "allowedOrganizationRids": None,
    "resources": None,
    "operations": None,
    "markingIds": None,
    "roleSetId": None,
}


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[OAuthWorld]:
    async with open_oauth(tmp_path) as opened:
        yield opened


@pytest.fixture
async def http(world: OAuthWorld) -> AsyncIterator[httpx.AsyncClient]:
    async with open_http(world) as client:
        yield client


async def registered(http: httpx.AsyncClient, **changes: Any) -> dict[str, Any]:
    answer = await http.post(CLIENTS, json={**BODY, "roleGrants": None, **changes})
    assert answer.status_code == 200, answer.text
    reply: dict[str, Any] = answer.json()
    return reply


async def test_the_reply_has_every_field_that_foundrys_has(http: httpx.AsyncClient) -> None:
    reply = await registered(http)

    shown = {name: reply[name] for name in BODY if name != "organizationRid"}
    assert shown == {
        **{name: BODY[name] for name in shown},
        "redirectUris": [],
        "allowedOrganizationRids": [],
        "roleSetId": "oauth2-client",
    }
    assert reply["organizationRid"] == "ri.multipass..organization.sluiceway"
    assert len(reply["clientId"]) == 32
    assert len(reply["clientSecret"]) == 47
    assert reply["enabled"] is True


async def test_the_secret_is_shown_only_when_it_is_made(http: httpx.AsyncClient) -> None:
    reply = await registered(http)
    path = f"{CLIENTS}/{reply['clientId']}"

    answer = await http.put(f"{path}/rotateSecret")
    rotated = answer.json()
    later = [
        await http.get(path),
        await http.put(path, json=BODY),
        await http.get(CLIENTS),
        await http.get(f"{INSTALLATIONS}/{reply['clientId']}"),
    ]

    assert rotated == {**reply, "clientSecret": rotated["clientSecret"]}
    assert rotated["clientSecret"] != reply["clientSecret"]
    assert answer.headers["Cache-Control"] == "no-store"
    for answer in later:
        assert answer.status_code == 200
        assert "clientSecret" not in answer.text
        assert rotated["clientSecret"] not in answer.text


async def test_a_public_client_has_no_secret(http: httpx.AsyncClient) -> None:
    reply = await registered(
        http,
        clientType="PUBLIC",
        grantTypes=["AUTHORIZATION_CODE", "REFRESH_TOKEN"],
        redirectUris=["http://localhost:9876/callback"],
    )

    answer = await http.put(f"{CLIENTS}/{reply['clientId']}/rotateSecret")

    assert reply["clientSecret"] is None
    assert reply["serviceUserId"] is None
    assert answer.status_code == 400
    assert answer.json()["errorName"] == "ThirdPartyApplicationHasNoSecret"


async def test_applications_are_listed_in_pages(http: httpx.AsyncClient) -> None:
    client_ids = {(await registered(http, displayName=name))["clientId"] for name in "abc"}

    first = (await http.get(CLIENTS, params={"limit": 2})).json()
    second = (await http.get(CLIENTS, params={"limit": 2, "start": first["nextPageToken"]})).json()

    pages = [*first["values"], *second["values"]]
    assert {listed["clientId"] for listed in pages} == client_ids
    assert [len(first["values"]), len(second["values"])] == [2, 1]
    assert second["nextPageToken"] is None


@pytest.mark.parametrize(
    ("params", "error"),
    [
        ({"limit": 0}, "InvalidPageSize"),
        ({"limit": 1001}, "InvalidPageSize"),
        ({"start": "%"}, "InvalidPageToken"),
    ],
)
async def test_wrong_page_parameters_are_refused(
    http: httpx.AsyncClient, params: dict[str, Any], error: str
) -> None:
    answer = await http.get(CLIENTS, params=params)

    assert (answer.status_code, answer.json()["errorName"]) == (400, error)


async def test_a_disabled_application_has_no_installation_and_an_enabled_one_its_restrictions(
    http: httpx.AsyncClient,
) -> None:
    path = f"{INSTALLATIONS}/{(await registered(http))['clientId']}"
    restrictions = {
        "operations": ["api:use-streams-write"],
        "resources": None,
        "markingIds": None,
        "grantTypes": None,
        "requireConsent": True,
    }

    assert (await http.delete(path)).status_code == 204
    disabled = (await http.get(path)).json()
    enabled = (await http.put(path, json=restrictions)).json()

    assert disabled["installation"] is None
    assert disabled["client"]["displayName"] == "Sensors"
    assert enabled["installation"] == {**restrictions, "resources": []}
    assert enabled == (await http.get(path)).json()


async def test_an_application_can_be_enabled_without_a_body(http: httpx.AsyncClient) -> None:
    reply = await registered(http)

    answer = await http.put(f"{INSTALLATIONS}/{reply['clientId']}")

    assert answer.status_code == 200
    assert answer.json()["installation"]["operations"] == []


async def test_a_deleted_application_is_not_found(http: httpx.AsyncClient) -> None:
    path = f"{CLIENTS}/{(await registered(http))['clientId']}"

    deleted = await http.delete(path)
    answer = await http.get(path)

    assert (deleted.status_code, deleted.content) == (204, b"")
    assert answer.status_code == 404
    assert answer.json()["errorName"] == "ThirdPartyApplicationNotFound"


@pytest.mark.parametrize(
    "changes",
    [
        {"clientType": "PUBLIC"},
        {"grantTypes": ["JWT_BEARER"]},
        {"grantTypes": ["AUTHORIZATION_CODE"]},
        {"redirectUris": ["http://example.com/"]},
        {"displayName": ""},
        {"operations": []},
    ],
)
async def test_what_cannot_be_is_refused_and_the_field_named(
    http: httpx.AsyncClient, changes: dict[str, Any]
) -> None:
    answer = await http.post(CLIENTS, json={**BODY, **changes})

    assert answer.status_code == 400
    assert answer.json()["errorName"] == "InvalidThirdPartyApplication"
    assert answer.json()["parameters"]["reason"]


async def test_who_is_no_administrator_is_refused(
    world: OAuthWorld, http: httpx.AsyncClient
) -> None:
    user = await world.access.person("walter")
    token = await world.access.token(user)

    answer = await http.post(CLIENTS, json=BODY, headers={"Authorization": f"Bearer {token.text}"})

    assert answer.status_code == 403
    assert answer.json()["errorName"] == "ManageThirdPartyApplicationsPermissionDenied"


async def test_a_token_without_the_scope_is_refused(
    world: OAuthWorld, http: httpx.AsyncClient
) -> None:
    admin = await world.access.users.by_username("admin")
    assert admin is not None
    token = await world.access.token(admin, operations=[Operation.ADMIN_READ])

    answer = await http.post(CLIENTS, json=BODY, headers={"Authorization": f"Bearer {token.text}"})

    assert answer.status_code == 403
    assert answer.json()["errorName"] == "ApiUsageDenied"
