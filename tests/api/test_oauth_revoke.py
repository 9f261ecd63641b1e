"""``POST /multipass/api/oauth2/revoke_token`` (RFC 7009)."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from fixtures.oauth import OAuthWorld, basic, credentials, open_http, open_oauth
from sluiceway.access.applications.types import ClientType, GrantType, RegisteredApplication
from sluiceway.access.errors import InvalidTokenError

REVOKE = "/multipass/api/oauth2/revoke_token"


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


async def test_a_revoked_access_token_is_dead_and_others_live(
    world: OAuthWorld, http: httpx.AsyncClient, app: RegisteredApplication
) -> None:
    first, second = [await world.client_credentials(app) for _ in range(2)]
    assert await world.caller(first)

    answer = await http.post(REVOKE, data={**credentials(app), "token": first.body["access_token"]})

    assert answer.status_code == 200
    with pytest.raises(InvalidTokenError):
        await world.caller(first)
    assert await world.caller(second)


@pytest.mark.parametrize("which", ["access_token", "refresh_token"])
async def test_revoking_one_token_of_a_grant_ends_the_whole_family(
    world: OAuthWorld, http: httpx.AsyncClient, app: RegisteredApplication, which: str
) -> None:
    refresh = await world.refresh_token(app)
    pair = await world.refresh(app, refresh.text)

    await http.post(REVOKE, data={**credentials(app), "token": pair.body[which]})

    with pytest.raises(InvalidTokenError):
        await world.caller(pair)
    assert (await world.refresh(app, pair.body["refresh_token"])).error == "invalid_grant"
    assert (await world.refresh(app, refresh.text)).error == "invalid_grant"


@pytest.mark.parametrize("token", ["x", "swa_" + "a" * 43, "ä", "a" * 5_000])
async def test_an_unknown_token_is_no_error(
    http: httpx.AsyncClient, app: RegisteredApplication, token: str
) -> None:
    answer = await http.post(REVOKE, data={**credentials(app), "token": token})

    assert (answer.status_code, answer.json()) == (200, {})


async def test_revoking_twice_is_no_error(
    world: OAuthWorld, http: httpx.AsyncClient, app: RegisteredApplication
) -> None:
    form = {**credentials(app), "token": (await world.client_credentials(app)).body["access_token"]}

    answers = [await http.post(REVOKE, data=form) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]


@pytest.mark.parametrize("hint", ["access_token", "refresh_token", "something"])
async def test_the_hint_does_not_matter(
    world: OAuthWorld, http: httpx.AsyncClient, app: RegisteredApplication, hint: str
) -> None:
    reply = await world.client_credentials(app)
    form = {**credentials(app), "token": reply.body["access_token"], "token_type_hint": hint}

    answer = await http.post(REVOKE, data=form)

    assert answer.status_code == 200
    with pytest.raises(InvalidTokenError):
        await world.caller(reply)


async def test_another_applications_token_is_not_revoked(
    world: OAuthWorld, http: httpx.AsyncClient, app: RegisteredApplication
) -> None:
    other = await world.registered(display_name="Other")
    reply = await world.client_credentials(other)

    answer = await http.post(REVOKE, data={**credentials(app), "token": reply.body["access_token"]})

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert await world.caller(reply)


async def test_a_session_cannot_be_revoked_by_an_application(
    world: OAuthWorld, http: httpx.AsyncClient, app: RegisteredApplication
) -> None:
    session = await world.admin_token()

    answer = await http.post(REVOKE, data={**credentials(app), "token": session})

    assert answer.json()["error"] == "invalid_grant"
    assert await world.authenticator.authenticate(session)


async def test_a_public_application_revokes_without_a_secret(
    world: OAuthWorld, http: httpx.AsyncClient
) -> None:
    app = await world.registered(
        client_type=ClientType.PUBLIC, grant_types=(GrantType.REFRESH_TOKEN,)
    )
    refresh = await world.refresh_token(app)

    answer = await http.post(REVOKE, data={**credentials(app), "token": refresh.text})

    assert answer.status_code == 200
    assert (await world.refresh(app, refresh.text)).error == "invalid_grant"


async def test_a_disabled_application_may_still_revoke(
    world: OAuthWorld, http: httpx.AsyncClient, app: RegisteredApplication
) -> None:
    token = (await world.client_credentials(app)).body["access_token"]
    await world.applications.disable(await world.access.admin(), app.application.client_id)

    answer = await http.post(REVOKE, data={**credentials(app), "token": token})

    assert answer.status_code == 200


async def test_without_the_secret_nothing_is_revoked(
    world: OAuthWorld, http: httpx.AsyncClient, app: RegisteredApplication
) -> None:
    reply = await world.client_credentials(app)
    client_id, token = app.application.client_id, reply.body["access_token"]

    answers = [
        await http.post(REVOKE, data={"token": token}),
        await http.post(REVOKE, data={"token": token, "client_id": client_id}),
        await http.post(
            REVOKE, data={"token": token}, headers={"Authorization": basic(client_id, "x")}
        ),
    ]

    assert [(a.status_code, a.json()["error"]) for a in answers] == [(401, "invalid_client")] * 3
    assert await world.caller(reply)


async def test_a_request_without_a_token_is_refused(
    http: httpx.AsyncClient, app: RegisteredApplication
) -> None:
    answer = await http.post(REVOKE, data=credentials(app))

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_a_revocation_leaves_a_trace(
    world: OAuthWorld, http: httpx.AsyncClient, app: RegisteredApplication
) -> None:
    text = (await world.client_credentials(app)).body["access_token"]
    token = await world.tokens.find(text)
    assert token is not None

    await http.post(REVOKE, data={**credentials(app), "token": text})

    assert await world.access.actions(token.token_id) == ["token.issued", "token.revoked"]
