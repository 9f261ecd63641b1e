"""Personal tokens: create, list, disable, enable, revoke."""

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from fixtures.access import Access, open_access
from sluiceway.access.errors import InvalidTokenError
from sluiceway.access.principals.errors import UserDeletedError, UserNotFoundError
from sluiceway.access.tokens.errors import (
    RevokeAllTokensPermissionDeniedError,
    TokenAdministrationPermissionDeniedError,
    TokenCreationPermissionDeniedError,
    TokenNotFoundError,
    TokenRevokedError,
)
from sluiceway.access.tokens.personal import NewToken
from sluiceway.access.tokens.types import TokenKind, TokenState
from sluiceway.foundation.paging import PageRequest
from sluiceway.foundation.request_errors import InvalidArgumentError, PermissionDeniedError

YEAR_SECONDS = 366 * 86_400
FIRST_PAGE = PageRequest(100, None)


@pytest.fixture
async def access(tmp_path: Path) -> AsyncIterator[Access]:
    async with open_access(tmp_path) as opened:
        yield opened


async def test_a_personal_token_has_all_the_power_of_the_user(access: Access) -> None:
    admin = await access.admin()

    issued = await access.personal_tokens.create(admin, NewToken(name="laptop", description="d"))

    caller = await access.tokens.authenticate(issued.text)
    assert caller.is_personal_token
    assert caller.is_admin
    assert caller.operations is None
    assert issued.token.expires_ms == access.clock.now_ms() + 7 * 86_400_000
    assert (await access.personal_tokens.page(admin, FIRST_PAGE)).data == [issued.token]
    assert await access.actions(issued.token.token_id) == ["token.created"]


@pytest.mark.parametrize("seconds", [1, YEAR_SECONDS])
async def test_a_life_within_its_bounds_is_given(access: Access, seconds: int) -> None:
    admin = await access.admin()

    issued = await access.personal_tokens.create(admin, NewToken(name="n", seconds_to_live=seconds))

    assert issued.token.expires_ms == access.clock.now_ms() + seconds * 1_000


@pytest.mark.parametrize("seconds", [-1, 0, YEAR_SECONDS + 1, 2**63])
async def test_a_life_out_of_its_bounds_is_refused(access: Access, seconds: int) -> None:
    admin = await access.admin()

    with pytest.raises(InvalidArgumentError):
        await access.personal_tokens.create(admin, NewToken(name="n", seconds_to_live=seconds))


@pytest.mark.parametrize(
    ("new", "is_taken"),
    [
        (NewToken(name=""), False),
        (NewToken(name="n" * 255), True),
        (NewToken(name="n" * 256), False),
        (NewToken(name="a\nb"), False),
        (NewToken(name="n", description="d" * 4_000), True),
        (NewToken(name="n", description="d" * 4_001), False),
    ],
)
async def test_names_and_descriptions_have_bounds(
    access: Access, new: NewToken, *, is_taken: bool
) -> None:
    admin = await access.admin()

    if is_taken:
        await access.personal_tokens.create(admin, new)
    else:
        with pytest.raises(InvalidArgumentError):
            await access.personal_tokens.create(admin, new)


async def test_a_personal_token_creates_no_tokens(access: Access) -> None:
    issued = await access.personal_tokens.create(await access.admin(), NewToken(name="n"))
    caller = await access.tokens.authenticate(issued.text)

    with pytest.raises(TokenCreationPermissionDeniedError):
        await access.personal_tokens.create(caller, NewToken(name="another"))


async def test_an_application_creates_and_changes_no_tokens(access: Access) -> None:
    admin = await access.admin()
    own = await access.personal_tokens.create(admin, NewToken(name="n"))
    application = msgspec.structs.replace(admin, client_id="app")
    personal_tokens = access.personal_tokens

    with pytest.raises(TokenCreationPermissionDeniedError):
        await personal_tokens.create(application, NewToken(name="another"))
    with pytest.raises(TokenAdministrationPermissionDeniedError):
        await personal_tokens.page(application, FIRST_PAGE)
    with pytest.raises(TokenAdministrationPermissionDeniedError):
        await personal_tokens.revoke(application, own.token.token_id)
    with pytest.raises(TokenAdministrationPermissionDeniedError):
        await personal_tokens.set_enabled(application, own.token.token_id, enabled=False)


async def test_a_disabled_token_can_be_enabled_again(access: Access) -> None:
    admin = await access.admin()
    issued = await access.personal_tokens.create(admin, NewToken(name="n"))
    token_id = issued.token.token_id

    assert await access.personal_tokens.set_enabled(admin, token_id, enabled=False)
    assert not await access.personal_tokens.set_enabled(admin, token_id, enabled=False)
    with pytest.raises(InvalidTokenError):
        await access.tokens.authenticate(issued.text)
    assert await access.personal_tokens.set_enabled(admin, token_id, enabled=True)
    await access.tokens.authenticate(issued.text)

    assert await access.actions(token_id) == ["token.created", "token.disabled", "token.enabled"]


async def test_a_revoked_token_stays_revoked(access: Access) -> None:
    admin = await access.admin()
    issued = await access.personal_tokens.create(admin, NewToken(name="n"))
    token_id = issued.token.token_id

    assert await access.personal_tokens.revoke(admin, token_id)
    assert not await access.personal_tokens.revoke(admin, token_id)

    with pytest.raises(TokenRevokedError):
        await access.personal_tokens.set_enabled(admin, token_id, enabled=True)
    with pytest.raises(InvalidTokenError):
        await access.tokens.authenticate(issued.text)
    assert await access.actions(token_id) == ["token.created", "token.revoked"]


async def test_another_users_token_is_not_found_but_by_an_administrator(access: Access) -> None:
    admin = await access.admin()
    issued = await access.token(await access.person("mia"))
    await access.person("noah")
    noah = await access.signed_in("noah")

    with pytest.raises(TokenNotFoundError):
        await access.personal_tokens.revoke(noah, issued.token.token_id)
    assert (await access.personal_tokens.page(noah, FIRST_PAGE)).data == []
    assert await access.personal_tokens.revoke(admin, issued.token.token_id)


async def test_an_unknown_token_is_not_found(access: Access) -> None:
    admin = await access.admin()

    with pytest.raises(TokenNotFoundError):
        await access.personal_tokens.revoke(admin, "no such token")


async def test_pages_hold_every_token_once(access: Access) -> None:
    admin = await access.admin()
    made = {
        (await access.personal_tokens.create(admin, NewToken(name=str(number)))).token.token_id
        for number in range(5)
    }

    first = await access.personal_tokens.page(admin, PageRequest(3, None))
    second = await access.personal_tokens.page(admin, PageRequest(3, first.data[-1].token_id))

    assert first.next_page_token is not None
    assert second.next_page_token is None
    assert {token.token_id for token in (*first.data, *second.data)} == made


async def test_the_operator_makes_a_token_for_a_person(access: Access) -> None:
    await access.person("mia")

    issued = await access.personal_tokens.create_for("mia", NewToken(name="cli"))

    assert (await access.tokens.authenticate(issued.text)).username == "mia"
    (event,) = await access.audit_store.of_subject(issued.token.token_id, limit=2)
    assert (event.actor_id, event.actor_name, event.origin) == (None, "operator", "local")


async def test_the_operator_makes_no_token_for_who_may_not_act(access: Access) -> None:
    admin = await access.admin()
    mia = await access.person("mia")
    await access.accounts.set_enabled(admin, mia.user_id, enabled=False)
    await access.users.create_service_user("app", display_name="App")

    with pytest.raises(UserNotFoundError):
        await access.personal_tokens.create_for("nobody", NewToken(name="cli"))
    with pytest.raises(PermissionDeniedError):
        await access.personal_tokens.create_for("mia", NewToken(name="cli"))
    with pytest.raises(PermissionDeniedError):
        await access.personal_tokens.create_for("app", NewToken(name="cli"))


@pytest.mark.parametrize("is_own", [True, False])
async def test_all_tokens_of_a_user_are_revoked_by_itself_or_an_administrator(
    access: Access, *, is_own: bool
) -> None:
    mia = await access.person("mia")
    issued = [await access.token(mia, kind) for kind in TokenKind]
    caller = await access.signed_in("mia" if is_own else "admin")

    count = await access.personal_tokens.revoke_all(caller, mia.user_id.upper())

    assert count == len(issued) + is_own
    states = [(await access.token_store.by_id(one.token.token_id)).state for one in issued]
    assert set(states) == {TokenState.REVOKED}
    assert "user.tokens-revoked" in await access.actions(mia.user_id)


async def test_the_tokens_of_another_user_are_not_revoked(access: Access) -> None:
    mia = await access.person("mia")
    await access.person("noah")

    with pytest.raises(RevokeAllTokensPermissionDeniedError):
        await access.personal_tokens.revoke_all(await access.signed_in("noah"), mia.user_id)


async def test_the_tokens_of_nobody_are_not_revoked(access: Access) -> None:
    admin = await access.admin()
    mia = await access.person("mia")
    await access.accounts.delete(admin, mia.user_id)

    with pytest.raises(UserDeletedError):
        await access.personal_tokens.revoke_all(admin, mia.user_id)
    with pytest.raises(UserNotFoundError):
        await access.personal_tokens.revoke_all(admin, "nobody")


async def test_no_secret_is_in_the_audit_trail(access: Access) -> None:
    admin = await access.admin()

    issued = await access.personal_tokens.create(admin, NewToken(name="n"))

    events = await access.audit_store.of_subject(issued.token.token_id, limit=10)
    assert issued.text[4:] not in repr(events)


async def test_a_session_that_was_just_revoked_leaves_no_token_behind(access: Access) -> None:
    caller = await access.admin()
    await access.personal_tokens.revoke_all(caller, caller.principal_id)

    with pytest.raises(InvalidTokenError):
        await access.personal_tokens.create(caller, NewToken(name="too late"))

    assert (await access.personal_tokens.page(caller, FIRST_PAGE)).data == []
