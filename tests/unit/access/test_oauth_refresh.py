"""Refresh tokens: exchanged at each use, dead when idle, and a trap for thieves."""

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from fixtures.oauth import GRANT, OAuthWorld, open_oauth
from sluiceway.access.applications.types import ClientType, GrantType, RegisteredApplication
from sluiceway.access.applications.wire import ApplicationBody, InstallationBody
from sluiceway.access.errors import InvalidTokenError
from sluiceway.access.oauth.grants import REUSE_MS
from sluiceway.access.scopes import Operation
from sluiceway.access.tokens.types import IssuedToken, TokenKind

DAYS_30_MS = 30 * 86_400_000
BOTH = frozenset({Operation.STREAMS_READ, Operation.STREAMS_WRITE})


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[OAuthWorld]:
    async with open_oauth(tmp_path) as opened:
        yield opened


@pytest.fixture
async def app(world: OAuthWorld) -> RegisteredApplication:
    return await world.registered()


@pytest.fixture
async def refresh(world: OAuthWorld, app: RegisteredApplication) -> IssuedToken:
    return await world.refresh_token(app)


async def test_a_refresh_token_buys_a_pair_for_the_same_user(
    world: OAuthWorld, app: RegisteredApplication, refresh: IssuedToken
) -> None:
    reply = await world.refresh(app, refresh.text)

    caller = await world.caller(reply)
    assert caller.username == "admin"
    assert (caller.operations, caller.client_id) == (None, app.application.client_id)
    assert reply.body["refresh_token"] not in {refresh.text, reply.body["access_token"]}
    assert reply.body["expires_in"] == 3600
    assert "scope" not in reply.body


async def test_the_new_refresh_token_works_and_so_on(
    world: OAuthWorld, app: RegisteredApplication, refresh: IssuedToken
) -> None:
    text = refresh.text
    for _ in range(5):
        world.clock.time_ms += DAYS_30_MS - 1
        reply = await world.refresh(app, text)
        text = reply.body["refresh_token"]

    assert await world.caller(reply)


async def test_a_refresh_token_that_lay_idle_for_30_days_is_dead(
    world: OAuthWorld, app: RegisteredApplication, refresh: IssuedToken
) -> None:
    world.clock.time_ms += DAYS_30_MS

    reply = await world.refresh(app, refresh.text)

    assert (reply.status, reply.error) == (400, "invalid_grant")


async def test_reuse_within_a_minute_gives_another_pair(
    world: OAuthWorld, app: RegisteredApplication, refresh: IssuedToken
) -> None:
    first = await world.refresh(app, refresh.text)
    world.clock.time_ms += REUSE_MS

    second = await world.refresh(app, refresh.text)

    assert await world.caller(first)
    assert await world.caller(second)
    assert first.body["refresh_token"] != second.body["refresh_token"]


async def test_reuse_within_the_minute_does_not_prolong_it(
    world: OAuthWorld, app: RegisteredApplication, refresh: IssuedToken
) -> None:
    await world.refresh(app, refresh.text)
    world.clock.time_ms += REUSE_MS
    await world.refresh(app, refresh.text)
    world.clock.time_ms += 1

    reply = await world.refresh(app, refresh.text)

    assert reply.error == "invalid_grant"


async def test_reuse_after_a_minute_ends_every_token_of_the_grant(
    world: OAuthWorld, app: RegisteredApplication, refresh: IssuedToken
) -> None:
    other_grant = await world.client_credentials(app)
    first = await world.refresh(app, refresh.text)
    world.clock.time_ms += REUSE_MS + 1

    reply = await world.refresh(app, refresh.text)

    assert (reply.status, reply.error) == (400, "invalid_grant")
    assert "access_token" not in reply.body
    with pytest.raises(InvalidTokenError):
        await world.caller(first)
    assert (await world.refresh(app, first.body["refresh_token"])).error == "invalid_grant"
    assert await world.caller(other_grant)
    actions = await world.access.actions(refresh.token.token_id)
    assert actions == ["token.reuse-detected"]


async def test_another_application_cannot_use_a_refresh_token_nor_end_its_family(
    world: OAuthWorld, app: RegisteredApplication, refresh: IssuedToken
) -> None:
    thief = await world.registered(display_name="Thief")
    first = await world.refresh(app, refresh.text)
    world.clock.time_ms += REUSE_MS + 1

    reply = await world.refresh(thief, refresh.text)

    assert reply.error == "invalid_grant"
    assert await world.caller(first)


async def test_the_scope_may_be_narrowed_for_one_access_token(
    world: OAuthWorld, app: RegisteredApplication
) -> None:
    refresh = await world.refresh_token(app, operations=BOTH)

    narrow = await world.refresh(app, refresh.text, scope="api:streams-read api:read-data")
    wide = await world.refresh(app, narrow.body["refresh_token"])

    assert (await world.caller(narrow)).operations == {Operation.STREAMS_READ}
    assert narrow.body["scope"] == "api:streams-read"
    assert (await world.caller(wide)).operations == BOTH
    assert wide.body["scope"] == "api:use-streams-read api:use-streams-write"


async def test_a_scope_beyond_the_grant_is_refused(
    world: OAuthWorld, app: RegisteredApplication
) -> None:
    refresh = await world.refresh_token(app, operations=BOTH)

    reply = await world.refresh(app, refresh.text, scope="api:streams-read api:admin-write")

    assert (reply.status, reply.error) == (400, "invalid_scope")


async def test_what_the_application_may_no_longer_have_is_left_out(world: OAuthWorld) -> None:
    app = await world.registered(operations=("api:use-streams-read",))
    refresh = await world.refresh_token(app, operations=BOTH)

    reply = await world.refresh(app, refresh.text)

    assert (await world.caller(reply)).operations == {Operation.STREAMS_READ}
    assert reply.body["scope"] == "api:use-streams-read"


async def test_a_public_application_refreshes_without_a_secret(world: OAuthWorld) -> None:
    app = await world.registered(
        client_type=ClientType.PUBLIC, grant_types=(GrantType.REFRESH_TOKEN,)
    )
    refresh = await world.refresh_token(app)

    reply = await world.refresh(app, refresh.text)

    assert await world.caller(reply)
    assert (await world.refresh(app, refresh.text, client_secret="x")).error == "invalid_client"


async def test_a_confidential_application_needs_its_secret(
    world: OAuthWorld, app: RegisteredApplication, refresh: IssuedToken
) -> None:
    reply = await world.exchange(
        {
            "grant_type": "refresh_token",
            "refresh_token": refresh.text,
            "client_id": app.application.client_id,
        }
    )

    assert (reply.status, reply.error) == (401, "invalid_client")


async def test_an_application_without_the_grant_is_refused(world: OAuthWorld) -> None:
    app = await world.registered(grant_types=(GrantType.CLIENT_CREDENTIALS,))
    refresh = await world.refresh_token(app)

    reply = await world.refresh(app, refresh.text)

    assert (reply.status, reply.error) == (400, "unauthorized_client")


async def test_a_disabled_application_gets_nothing_and_enabling_does_not_revive_the_grant(
    world: OAuthWorld, app: RegisteredApplication, refresh: IssuedToken
) -> None:
    admin, client_id = await world.access.admin(), app.application.client_id
    await world.applications.disable(admin, client_id)
    assert (await world.refresh(app, refresh.text)).error == "unauthorized_client"

    await world.applications.enable(admin, client_id, InstallationBody())

    assert (await world.refresh(app, refresh.text)).error == "invalid_grant"


async def test_a_disabled_user_s_refresh_token_buys_nothing(
    world: OAuthWorld, app: RegisteredApplication, refresh: IssuedToken
) -> None:
    user = await world.access.user_store.by_id(refresh.token.principal_id)
    assert user is not None
    await world.access.user_store.replace(msgspec.structs.replace(user, is_enabled=False))

    reply = await world.refresh(app, refresh.text)

    assert reply.error == "invalid_grant"


async def test_taking_the_refresh_grant_away_stops_refreshing(
    world: OAuthWorld, app: RegisteredApplication, refresh: IssuedToken
) -> None:
    changed = ApplicationBody(
        client_type=ClientType.CONFIDENTIAL, display_name="Sensors", grant_types=()
    )
    await world.applications.update(await world.access.admin(), app.application.client_id, changed)

    reply = await world.refresh(app, refresh.text)

    assert reply.error == "unauthorized_client"


@pytest.mark.parametrize("text", ["", "x", "swr_" + "a" * 43, "swr_" + "a" * 5_000, "ä"])
async def test_what_is_no_refresh_token_is_refused(
    world: OAuthWorld, app: RegisteredApplication, text: str
) -> None:
    reply = await world.refresh(app, text)

    assert reply.error == ("invalid_grant" if text else "invalid_request")


async def test_an_access_token_is_no_refresh_token_and_the_other_way_round(
    world: OAuthWorld, app: RegisteredApplication, refresh: IssuedToken
) -> None:
    access = (await world.client_credentials(app)).body["access_token"]

    assert (await world.refresh(app, access)).error == "invalid_grant"
    with pytest.raises(InvalidTokenError):
        await world.authenticator.authenticate(refresh.text)


async def test_tokens_of_one_exchange_belong_to_the_grant(
    world: OAuthWorld, app: RegisteredApplication, refresh: IssuedToken
) -> None:
    reply = await world.refresh(app, refresh.text)

    pair = [await world.tokens.find(reply.body[name]) for name in ("access_token", "refresh_token")]

    assert [token.kind for token in pair if token] == [TokenKind.ACCESS, TokenKind.REFRESH]
    assert {token.grant_id for token in pair if token} == {GRANT}
