"""Authorization codes: short-lived, used once, and never more than the user agreed to."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from fixtures.browser import CALLBACK, VERIFIER, challenge, query_of
from fixtures.oauth import OAuthWorld, credentials, open_oauth
from sluiceway.access.applications.types import ClientType, GrantType, RegisteredApplication
from sluiceway.access.applications.wire import ApplicationBody
from sluiceway.access.errors import InvalidTokenError
from sluiceway.access.oauth.codes import CODE_MS
from sluiceway.access.oauth.grants import REUSE_MS
from sluiceway.access.oauth.protocol import Reply
from sluiceway.access.scopes import Operation
from sluiceway.access.tokens.service import KEPT_AFTER_END_MS

GRANTS = (GrantType.AUTHORIZATION_CODE, GrantType.REFRESH_TOKEN)
SCOPE = "api:use-streams-write offline_access"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[OAuthWorld]:
    async with open_oauth(tmp_path) as opened:
        yield opened


@pytest.fixture
async def app(world: OAuthWorld) -> RegisteredApplication:
    return await world.registered(
        client_type=ClientType.PUBLIC, grant_types=GRANTS, redirect_uris=(CALLBACK,)
    )


def query(app: RegisteredApplication) -> str:
    return urlencode(
        {
            "response_type": "code",
            "client_id": app.application.client_id,
            "scope": SCOPE,
            "code_challenge": challenge(),
            "code_challenge_method": "S256",
        }
    )


async def code_for(world: OAuthWorld, app: RegisteredApplication) -> str:
    """Let the first administrator agree; give the code."""
    caller = await world.access.admin()
    location = await world.authorizations.decide(caller, query(app), "approve")
    return query_of(location)["code"]


async def exchange(world: OAuthWorld, app: RegisteredApplication, code: str) -> Reply:
    form = {"grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER}
    return await world.exchange({**form, **credentials(app)})


async def test_the_caller_is_the_user_through_the_application(
    world: OAuthWorld, app: RegisteredApplication
) -> None:
    caller = await world.caller(await exchange(world, app, await code_for(world, app)))

    assert (caller.username, caller.client_id) == ("admin", app.application.client_id)
    assert caller.operations == {Operation.STREAMS_WRITE}
    assert not caller.is_personal_token


async def test_a_code_is_good_until_just_before_ten_minutes(
    world: OAuthWorld, app: RegisteredApplication
) -> None:
    early, late = await code_for(world, app), await code_for(world, app)

    world.clock.time_ms += CODE_MS - 1
    in_time = await exchange(world, app, early)
    world.clock.time_ms += 1
    too_late = await exchange(world, app, late)

    assert CODE_MS == 600_000
    assert in_time.status == 200
    assert (too_late.status, too_late.error) == (400, "invalid_grant")


async def test_a_code_used_again_after_its_time_ends_what_it_bought_too(
    world: OAuthWorld, app: RegisteredApplication
) -> None:
    code = await code_for(world, app)
    reply = await exchange(world, app, code)
    world.clock.time_ms += CODE_MS

    again = await exchange(world, app, code)

    assert again.error == "invalid_grant"
    with pytest.raises(InvalidTokenError):
        await world.caller(reply)


async def test_of_two_uses_at_once_none_keeps_its_tokens(
    world: OAuthWorld, app: RegisteredApplication
) -> None:
    code = await code_for(world, app)

    replies = await asyncio.gather(*(exchange(world, app, code) for _ in range(2)))

    assert sorted(reply.status for reply in replies) == [200, 400]
    for reply in replies:
        if reply.status == 200:
            with pytest.raises(InvalidTokenError):
                await world.caller(reply)


async def test_a_stolen_refresh_token_ends_the_sign_in_and_not_the_next(
    world: OAuthWorld, app: RegisteredApplication
) -> None:
    first = await exchange(world, app, await code_for(world, app))
    second = await exchange(world, app, await code_for(world, app))
    rotated = await world.refresh(app, first.body["refresh_token"])
    world.clock.time_ms += REUSE_MS + 1

    stolen = await world.refresh(app, first.body["refresh_token"])

    assert stolen.error == "invalid_grant"
    with pytest.raises(InvalidTokenError):
        await world.caller(rotated)
    assert await world.caller(second)


async def test_a_session_that_ended_gives_no_code(
    world: OAuthWorld, app: RegisteredApplication
) -> None:
    caller = await world.access.admin()
    await world.authorizations.decide(caller, query(app), "approve")
    await world.access.sessions.sign_out(caller)

    with pytest.raises(InvalidTokenError):
        await world.authorizations.decide(caller, query(app), "approve")
    with pytest.raises(InvalidTokenError):
        await world.authorizations.begin(caller, query(app))


async def test_a_user_who_is_shut_out_gets_nothing_for_a_code(
    world: OAuthWorld, app: RegisteredApplication
) -> None:
    user = await world.access.person("mia")
    caller = await world.access.signed_in("mia")
    location = await world.authorizations.decide(caller, query(app), "approve")
    admin = await world.access.admin()

    await world.access.accounts.set_enabled(admin, user.user_id, enabled=False)

    reply = await exchange(world, app, query_of(location)["code"])
    assert reply.error == "invalid_grant"


async def test_restricting_an_application_to_projects_ends_what_it_has_for_users(
    world: OAuthWorld, app: RegisteredApplication
) -> None:
    reply = await exchange(world, app, await code_for(world, app))
    body = ApplicationBody(
        client_type=ClientType.PUBLIC,
        display_name="Sensors",
        grant_types=GRANTS,
        resources=("ri.compass.main.folder.a",),
    )

    await world.applications.update(await world.access.admin(), app.application.client_id, body)

    with pytest.raises(InvalidTokenError):
        await world.caller(reply)
    assert (await world.refresh(app, reply.body["refresh_token"])).error == "invalid_grant"


async def test_what_happens_is_in_the_audit_trail(
    world: OAuthWorld, app: RegisteredApplication
) -> None:
    client_id = app.application.client_id
    code = await code_for(world, app)
    caller = await world.access.admin()
    await world.authorizations.decide(caller, query(app), "deny")
    reply = await exchange(world, app, code)
    await exchange(world, app, code)
    await world.authorizations.revoke(caller, client_id)

    found = await world.tokens.find(code)
    bought = await world.tokens.find(reply.body["access_token"])
    assert found is not None
    assert bought is not None
    actions = await world.access.actions(client_id)
    assert actions == [
        "application.created",
        "authorization.granted",
        "authorization.denied",
        "authorization.revoked",
    ]
    assert await world.access.actions(found.token_id) == ["code.issued", "token.reuse-detected"]
    (event,) = await world.access.audit_store.of_subject(bought.token_id, limit=10)
    assert event.details["grantType"] == "authorization_code"


async def test_the_text_of_a_code_is_not_kept(
    world: OAuthWorld, app: RegisteredApplication, tmp_path: Path
) -> None:
    code = await code_for(world, app)

    kept = await asyncio.to_thread(contents, tmp_path)

    assert code.encode() not in kept
    assert app.application.client_id.encode() in kept


def contents(folder: Path) -> bytes:
    """Give all that the database's files hold."""
    return b"".join(path.read_bytes() for path in folder.iterdir())


async def test_a_code_is_forgotten_with_its_token(
    world: OAuthWorld, app: RegisteredApplication
) -> None:
    code = await world.tokens.find(await code_for(world, app))
    assert code is not None
    world.clock.time_ms += CODE_MS + KEPT_AFTER_END_MS + 1

    await world.tokens.purge_expired()

    assert await world.code_store.by_token_id(code.token_id) is None
