"""Every token store keeps what it is given, and revokes what it is asked to."""

import hashlib
from collections.abc import AsyncIterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fixtures.access import open_access
from sluiceway.access.caller import PrincipalId
from sluiceway.access.scopes import Operation
from sluiceway.access.tokens.store import TokenStore
from sluiceway.access.tokens.types import Token, TokenKind, TokenState

MIA = PrincipalId("aaaaaaaa-0000-4000-8000-000000000000")
NOAH = PrincipalId("bbbbbbbb-0000-4000-8000-000000000000")


@pytest.fixture
async def store(metadata_url: str) -> AsyncIterator[TokenStore]:
    async with open_access(metadata_url) as access:
        yield access.token_store


def token(
    number: int,
    principal_id: PrincipalId = MIA,
    kind: TokenKind = TokenKind.PERSONAL,
    *,
    client_id: str | None = None,
    grant_id: str | None = None,
    expires_ms: int | None = None,
) -> Token:
    return Token(
        token_id=f"00000000-0000-4000-8000-{number:012}",
        kind=kind,
        sha256=hashlib.sha256(str(number).encode()).digest(),
        last_four="wxyz",
        principal_id=principal_id,
        client_id=client_id,
        grant_id=grant_id,
        created_ms=1,
        expires_ms=expires_ms,
    )


async def states(store: TokenStore, *tokens: Token) -> list[TokenState]:
    found = [await store.by_id(one.token_id) for one in tokens]
    return [one.state for one in found if one is not None]


tokens = st.builds(
    Token,
    token_id=st.uuids().map(str),
    kind=st.sampled_from(TokenKind),
    sha256=st.binary(min_size=32, max_size=32),
    last_four=st.text("abcXYZ019-_", min_size=4, max_size=4),
    principal_id=st.sampled_from([MIA, NOAH]),
    client_id=st.none() | st.just("client"),
    grant_id=st.none() | st.uuids().map(str),
    name=st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=255),
    description=st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=400),
    operations=st.none() | st.frozensets(st.sampled_from(Operation)),
    state=st.sampled_from(TokenState),
    created_ms=st.integers(0, 2**53),
    expires_ms=st.none() | st.integers(0, 2**53),
    used_ms=st.none() | st.integers(0, 2**53),
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(kept=tokens)
async def test_what_is_found_is_what_was_added(store: TokenStore, kept: Token) -> None:
    if await store.by_id(kept.token_id) or await store.by_sha256(kept.sha256):
        return

    await store.add(kept)

    assert await store.by_id(kept.token_id) == kept
    assert await store.by_sha256(kept.sha256) == kept


async def test_an_unknown_token_is_not_found(store: TokenStore) -> None:
    await store.add(token(1))

    assert await store.by_id(token(2).token_id) is None
    assert await store.by_sha256(token(2).sha256) is None


async def test_the_tokens_of_a_principal_are_listed_by_kind_in_the_order_of_their_ids(
    store: TokenStore,
) -> None:
    for number in (3, 1, 2):
        await store.add(token(number))
    await store.add(token(4, kind=TokenKind.SESSION))
    await store.add(token(5, NOAH))

    first = await store.of_principal(MIA, TokenKind.PERSONAL, after=None, limit=2)
    rest = await store.of_principal(MIA, TokenKind.PERSONAL, after=first[-1].token_id, limit=2)

    assert first == [token(1), token(2)]
    assert rest == [token(3)]


async def test_a_state_is_changed_for_one_token(store: TokenStore) -> None:
    await store.add(token(1))
    await store.add(token(2))

    await store.set_state(token(1).token_id, TokenState.DISABLED)

    assert await states(store, token(1), token(2)) == [TokenState.DISABLED, TokenState.ENABLED]


async def test_the_time_of_use_is_kept(store: TokenStore) -> None:
    await store.add(token(1))

    await store.set_used(token(1).token_id, 5)

    found = await store.by_id(token(1).token_id)
    assert found is not None
    assert found.used_ms == 5


@pytest.mark.parametrize(
    ("others", "revoke"),
    [
        (token(2, client_id="b"), lambda store: store.revoke_client("a")),
        (token(2, grant_id="b"), lambda store: store.revoke_grant("a")),
        (token(2, NOAH), lambda store: store.revoke_principal(MIA)),
    ],
)
async def test_tokens_are_revoked_together_and_others_are_not(
    store: TokenStore, others: Token, revoke
) -> None:
    one = token(1, client_id="a", grant_id="a")
    await store.add(one)
    await store.add(others)

    counts = [await revoke(store), await revoke(store)]

    assert counts == [1, 0]
    assert await states(store, one, others) == [TokenState.REVOKED, TokenState.ENABLED]


async def test_revoking_tokens_of_none_revokes_none(store: TokenStore) -> None:
    await store.add(token(1))

    assert await store.revoke_client("a") == 0
    assert await store.revoke_grant("a") == 0


async def test_sessions_are_revoked_but_for_one(store: TokenStore) -> None:
    kept, ended, other = token(1), token(2, kind=TokenKind.SESSION), token(3, NOAH)
    current = token(4, kind=TokenKind.SESSION)
    for one in (kept, ended, other, current):
        await store.add(one)

    count = await store.revoke_sessions(MIA, besides=current.token_id)

    assert count == 1
    enabled, revoked = TokenState.ENABLED, TokenState.REVOKED
    assert await states(store, kept, ended, other, current) == [enabled, revoked, enabled, enabled]
    assert await store.revoke_sessions(MIA, besides=None) == 1


async def test_tokens_that_ended_before_are_deleted(store: TokenStore) -> None:
    before, at, never = token(1, expires_ms=9), token(2, expires_ms=10), token(3)
    for one in (before, at, never):
        await store.add(one)

    count = await store.delete_expired(10)

    assert count == 1
    assert len(await states(store, before, at, never)) == 2
    assert await store.by_id(before.token_id) is None


@pytest.mark.parametrize("state", list(TokenState))
async def test_a_token_that_was_revoked_stays_so(store: TokenStore, state: TokenState) -> None:
    kept = token(1)
    await store.add(kept)
    await store.set_state(kept.token_id, TokenState.REVOKED)

    await store.set_state(kept.token_id, state)

    found = await store.by_id(kept.token_id)
    assert found is not None
    assert found.state is TokenState.REVOKED
