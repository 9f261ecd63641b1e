"""Tokens: who is behind one, and when there is nobody any more."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fixtures.access import START_MS, Access, open_access
from sluiceway.access.caller import Caller
from sluiceway.access.errors import InvalidTokenError
from sluiceway.access.principals.groups import NewGroup
from sluiceway.access.scopes import Operation
from sluiceway.access.tokens.texts import PREFIXES, digest, kind_of
from sluiceway.access.tokens.types import TokenKind, TokenState

BEARERS = [TokenKind.PERSONAL, TokenKind.SESSION, TokenKind.ACCESS]


@pytest.fixture
async def access(tmp_path: Path) -> AsyncIterator[Access]:
    async with open_access(tmp_path) as opened:
        yield opened


async def is_taken(access: Access, text: str) -> bool:
    try:
        await access.tokens.authenticate(text)
    except InvalidTokenError:
        return False
    return True


@pytest.mark.parametrize("kind", list(TokenKind))
async def test_a_token_is_a_prefix_and_256_random_bits(access: Access, kind: TokenKind) -> None:
    user = await access.person("mia")

    issued = await access.token(user, kind)

    assert issued.text.startswith(PREFIXES[kind])
    assert len(issued.text) == 47
    assert kind_of(issued.text) is kind
    assert issued.token.sha256 == digest(issued.text.encode())
    assert issued.text.endswith(issued.token.last_four)


@pytest.mark.parametrize("kind", BEARERS)
async def test_the_caller_is_the_user_with_its_groups_and_the_tokens_scope(
    access: Access, kind: TokenKind
) -> None:
    admin = await access.admin()
    user = await access.person("mia")
    inner = await access.groups.create(admin, NewGroup(name="inner"))
    outer = await access.groups.create(admin, NewGroup(name="outer"))
    await access.groups.add_members(admin, inner.group_id, [user.user_id])
    await access.groups.add_members(admin, outer.group_id, [inner.group_id])
    issued = await access.token(user, kind, operations=[Operation.STREAMS_WRITE], client_id="app")

    caller = await access.tokens.authenticate(issued.text)

    assert caller == Caller(
        principal_id=user.user_id,
        username="mia",
        group_ids=frozenset({inner.group_id, outer.group_id}),
        is_admin=False,
        operations=frozenset({Operation.STREAMS_WRITE}),
        token_id=issued.token.token_id,
        client_id="app",
        is_personal_token=kind is TokenKind.PERSONAL,
        is_service_user=False,
        expires_ms=START_MS + 60_000,
    )


async def test_an_application_is_a_service_user_only_when_it_acts_for_itself(
    access: Access,
) -> None:
    user = await access.person("mia")
    service = await access.users.create_service_user("app", display_name="App")
    for_mia = await access.token(user, TokenKind.ACCESS, client_id="app")
    for_itself = await access.token(service, TokenKind.ACCESS, client_id="app")

    assert not (await access.tokens.authenticate(for_mia.text)).is_service_user
    assert (await access.tokens.authenticate(for_itself.text)).is_service_user


async def test_no_operations_and_all_operations_are_told_apart(access: Access) -> None:
    user = await access.person("mia")
    nothing = await access.token(user, operations=[])
    everything = await access.token(user)

    assert (await access.tokens.authenticate(nothing.text)).operations == frozenset()
    assert (await access.tokens.authenticate(everything.text)).operations is None


async def test_a_refresh_token_is_no_bearer_token(access: Access) -> None:
    user = await access.person("mia")
    issued = await access.token(user, TokenKind.REFRESH)

    assert not await is_taken(access, issued.text)
    assert await access.tokens.find(issued.text) == issued.token


async def test_a_refresh_token_in_the_clothes_of_another_kind_is_refused(access: Access) -> None:
    user = await access.person("mia")
    issued = await access.token(user, TokenKind.REFRESH)

    assert not await is_taken(access, issued.text.replace("swr_", "swa_"))


@pytest.mark.parametrize(
    "forge",
    [
        lambda _: "",
        lambda text: text[:-1],
        lambda text: text + "A",
        lambda text: text[4:],
        lambda text: "sws_" + text[4:],
        lambda text: "swx_" + text[4:],
        lambda text: text.upper(),
        lambda text: text[:-1] + ("A" if text[-1] != "A" else "B"),
        lambda text: text[:-1] + "\n",
        lambda text: text[:-1] + "é",
        lambda text: text[:-1] + "\ud800",
        lambda _: "swp_" + "A" * 43,
        lambda _: "A" * 100_000,
    ],
)
async def test_a_forged_token_is_refused(access: Access, forge) -> None:
    issued = await access.token(await access.person("mia"))

    assert not await is_taken(access, forge(issued.text))
    with pytest.raises(InvalidTokenError):
        await access.authenticator.authenticate(forge(issued.text))
    assert await is_taken(access, issued.text)


@pytest.mark.parametrize("kind", BEARERS)
async def test_a_token_ends_at_its_very_end(access: Access, kind: TokenKind) -> None:
    issued = await access.token(await access.person("mia"), kind, expires_in_ms=1_000)
    await access.authenticator.authenticate(issued.text)

    access.clock.time_ms = START_MS + 999
    assert await is_taken(access, issued.text)
    assert access.authenticator.peek(issued.text.encode()) is not None
    access.clock.time_ms = START_MS + 1_000
    assert access.authenticator.peek(issued.text.encode()) is None
    assert not await is_taken(access, issued.text)


async def test_a_token_without_an_end_stays(access: Access) -> None:
    issued = await access.token(await access.person("mia"), expires_in_ms=None)

    access.clock.time_ms += 100 * 365 * 86_400_000

    assert await is_taken(access, issued.text)


@pytest.mark.parametrize("state", [TokenState.DISABLED, TokenState.REVOKED])
async def test_a_token_that_is_not_enabled_is_refused(access: Access, state: TokenState) -> None:
    issued = await access.token(await access.person("mia"))
    await access.authenticator.authenticate(issued.text)

    await access.token_store.set_state(issued.token.token_id, state)

    assert access.authenticator.peek(issued.text.encode()) is None
    assert not await is_taken(access, issued.text)


async def test_disabling_a_user_ends_its_tokens_until_it_is_enabled(access: Access) -> None:
    admin = await access.admin()
    user = await access.person("mia")
    issued = await access.token(user)
    await access.authenticator.authenticate(issued.text)

    await access.accounts.set_enabled(admin, user.user_id, enabled=False)
    assert access.authenticator.peek(issued.text.encode()) is None
    assert not await is_taken(access, issued.text)

    await access.accounts.set_enabled(admin, user.user_id, enabled=True)
    assert await is_taken(access, issued.text)


async def test_deleting_a_user_ends_its_tokens(access: Access) -> None:
    admin = await access.admin()
    user = await access.person("mia")
    issued = await access.token(user)
    await access.authenticator.authenticate(issued.text)

    await access.accounts.delete(admin, user.user_id)

    assert access.authenticator.peek(issued.text.encode()) is None
    assert not await is_taken(access, issued.text)


async def test_the_tokens_of_a_disabled_application_are_refused(access: Access) -> None:
    user = await access.person("mia")
    of_application = await access.token(user, TokenKind.ACCESS, client_id="app")
    own = await access.token(user)

    access.applications.disabled.add("app")

    assert not await is_taken(access, of_application.text)
    assert await is_taken(access, own.text)


async def test_a_change_while_a_caller_is_looked_up_is_not_missed(access: Access) -> None:
    issued = await access.token(await access.person("mia"))

    class Slow:
        """Looks up a caller, and is done after the token was revoked."""

        async def authenticate(self, token: str) -> Caller:
            caller = await access.tokens.authenticate(token)
            await access.token_store.set_state(caller.token_id, TokenState.REVOKED)
            return caller

    access.authenticator.authenticator = Slow()
    await access.authenticator.authenticate(issued.text)

    assert access.authenticator.peek(issued.text.encode()) is None


async def test_the_cache_holds_no_more_than_it_may_and_drops_the_oldest(access: Access) -> None:
    user = await access.person("mia")
    issued = [await access.token(user) for _ in range(3)]
    access.authenticator.entries_max = 2

    for one in issued:
        await access.authenticator.authenticate(one.text)

    remembered = [access.authenticator.peek(one.text.encode()) is not None for one in issued]
    assert remembered == [False, True, True]


async def test_the_cache_holds_no_token(access: Access) -> None:
    issued = await access.token(await access.person("mia"))

    await access.authenticator.authenticate(issued.text)

    assert issued.text not in repr(access.authenticator)
    assert issued.text[4:] not in repr(await access.token_store.by_id(issued.token.token_id))


async def test_ended_tokens_are_purged_thirty_days_later(access: Access) -> None:
    issued = await access.token(await access.person("mia"), expires_in_ms=1_000)
    end_ms = START_MS + 1_000

    access.clock.time_ms = end_ms + 30 * 86_400_000
    assert await access.tokens.purge_expired() == 0
    access.clock.time_ms += 1
    assert await access.tokens.purge_expired() == 1
    assert await access.tokens.find(issued.text) is None
