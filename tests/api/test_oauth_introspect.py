"""``POST /multipass/api/oauth2/introspect`` (RFC 7662)."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from fixtures.oauth import OAuthWorld, basic, credentials, open_http, open_oauth
from sluiceway.access.applications.types import ClientType, RegisteredApplication

INTROSPECT = "/multipass/api/oauth2/introspect"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[OAuthWorld]:
    async with open_oauth(tmp_path) as opened:
        yield opened


@pytest.fixture
async def http(world: OAuthWorld) -> AsyncIterator[httpx.AsyncClient]:
    async with open_http(world) as client:
        del client.headers["Authorization"]
        yield client


@pytest.fixture
async def app(world: OAuthWorld) -> RegisteredApplication:
    return await world.registered()


async def introspected(
    http: httpx.AsyncClient, app: RegisteredApplication, token: str
) -> dict[str, object]:
    answer = await http.post(INTROSPECT, data={**credentials(app), "token": token})
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    described: dict[str, object] = answer.json()
    return described


async def test_a_valid_access_token_is_described(
    world: OAuthWorld, http: httpx.AsyncClient, app: RegisteredApplication
) -> None:
    reply = await world.client_credentials(app, scope="api:streams-write")

    described = await introspected(http, app, reply.body["access_token"])

    now = world.clock.now_ms() // 1000
    assert described == {
        "active": True,
        "client_id": app.application.client_id,
        "sub": app.application.service_user_id,
        "token_type": "bearer",
        "iat": now,
        "exp": now + 3600,
        "scope": "api:use-streams-write",
    }


async def test_a_refresh_token_is_active_until_it_is_exchanged(
    world: OAuthWorld, http: httpx.AsyncClient, app: RegisteredApplication
) -> None:
    refresh = await world.refresh_token(app)
    before = await introspected(http, app, refresh.text)

    await world.refresh(app, refresh.text)

    assert (before["active"], before["token_type"]) == (True, "refresh_token")
    assert await introspected(http, app, refresh.text) == {"active": False}


@pytest.mark.parametrize("token", ["x", "swa_" + "a" * 43, "ä"])
async def test_an_unknown_token_is_not_active(
    http: httpx.AsyncClient, app: RegisteredApplication, token: str
) -> None:
    assert await introspected(http, app, token) == {"active": False}


async def test_of_other_tokens_an_application_learns_nothing(
    world: OAuthWorld, http: httpx.AsyncClient, app: RegisteredApplication
) -> None:
    other = await world.registered(display_name="Other")
    tokens = [
        (await world.client_credentials(other)).body["access_token"],
        await world.admin_token(),
    ]

    assert [await introspected(http, app, token) for token in tokens] == [{"active": False}] * 2


async def test_an_expired_token_is_not_active(
    world: OAuthWorld, http: httpx.AsyncClient, app: RegisteredApplication
) -> None:
    token = (await world.client_credentials(app)).body["access_token"]
    world.clock.time_ms += 3_600_000

    assert await introspected(http, app, token) == {"active": False}


async def test_a_revoked_token_is_not_active(
    world: OAuthWorld, http: httpx.AsyncClient, app: RegisteredApplication
) -> None:
    token = (await world.client_credentials(app)).body["access_token"]
    await world.access.token_store.revoke_client(app.application.client_id)

    assert await introspected(http, app, token) == {"active": False}


async def test_only_a_confidential_application_with_its_secret_may_ask(
    world: OAuthWorld, http: httpx.AsyncClient, app: RegisteredApplication
) -> None:
    public = await world.registered(client_type=ClientType.PUBLIC, grant_types=())
    client_id = app.application.client_id

    answers = [
        await http.post(INTROSPECT, data={"token": "x"}),
        await http.post(INTROSPECT, data={"token": "x", **credentials(public)}),
        await http.post(INTROSPECT, data={"token": "x", "client_id": client_id}),
        await http.post(
            INTROSPECT, data={"token": "x"}, headers={"Authorization": basic(client_id, "x")}
        ),
    ]

    assert [(a.status_code, a.json()["error"]) for a in answers] == [(401, "invalid_client")] * 4


async def test_a_disabled_application_may_not_ask(
    world: OAuthWorld, http: httpx.AsyncClient, app: RegisteredApplication
) -> None:
    await world.applications.disable(await world.access.admin(), app.application.client_id)

    answer = await http.post(INTROSPECT, data={**credentials(app), "token": "x"})

    assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client")


async def test_a_request_without_a_token_is_refused(
    http: httpx.AsyncClient, app: RegisteredApplication
) -> None:
    answer = await http.post(INTROSPECT, data=credentials(app))

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
