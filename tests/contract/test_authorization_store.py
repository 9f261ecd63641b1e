"""The stores of authorizations and codes: what is read is what was kept."""

from collections.abc import AsyncIterator

import msgspec
import pytest

from fixtures.oauth import OAuthWorld, open_oauth
from sluiceway.access.caller import PrincipalId
from sluiceway.access.oauth.codes import CodeFacts
from sluiceway.access.oauth.consent import Authorization, AuthorizationStore
from sluiceway.access.tokens.types import TokenKind

MIA = PrincipalId("aaaaaaaa-0000-4000-8000-000000000000")
NOAH = PrincipalId("bbbbbbbb-0000-4000-8000-000000000000")


@pytest.fixture
async def world(metadata_url: str) -> AsyncIterator[OAuthWorld]:
    async with open_oauth(metadata_url) as opened:
        yield opened


@pytest.fixture
def store(world: OAuthWorld) -> AuthorizationStore:
    return world.authorization_store


async def authorization(world: OAuthWorld, principal_id: PrincipalId = MIA) -> Authorization:
    """Describe an authorization of a new application."""
    client_id = (await world.registered()).application.client_id
    return Authorization(
        principal_id=principal_id,
        client_id=client_id,
        scopes=("api:use-streams-read", "offline_access"),
        agreed=(),
        created_ms=1_764_000_000_000,
        used_ms=1_764_000_000_001,
    )


async def test_an_authorization_is_found_as_it_was_put(
    world: OAuthWorld, store: AuthorizationStore
) -> None:
    first = await authorization(world)
    changed = msgspec.structs.replace(first, agreed=first.scopes, used_ms=7)
    await store.put(first)

    found = await store.find(MIA, first.client_id)
    await store.put(changed)

    assert found == first
    assert await store.find(MIA, first.client_id) == changed
    assert await store.find(NOAH, first.client_id) is None


async def test_authorizations_of_one_user_come_in_pages_by_client_id(
    world: OAuthWorld, store: AuthorizationStore
) -> None:
    kept = sorted([await authorization(world) for _ in range(3)], key=lambda one: one.client_id)
    for one in (*kept, await authorization(world, NOAH)):
        await store.put(one)

    assert await store.page(MIA, after=None, limit=2) == kept[:2]
    assert await store.page(MIA, after=kept[1].client_id, limit=2) == kept[2:]


async def test_deleting_takes_one_or_all_of_an_application(
    world: OAuthWorld, store: AuthorizationStore
) -> None:
    mine = await authorization(world)
    theirs = msgspec.structs.replace(mine, principal_id=NOAH)
    await store.put(mine)
    await store.put(theirs)

    assert await store.delete(MIA, mine.client_id)
    assert not await store.delete(MIA, mine.client_id)
    assert await store.find(NOAH, mine.client_id) == theirs
    assert await store.delete_client(mine.client_id) == 1
    assert await store.find(NOAH, mine.client_id) is None


@pytest.mark.parametrize("challenge", [None, "x" * 43])
async def test_what_a_code_is_bound_to_is_found_by_its_token(
    world: OAuthWorld, challenge: str | None
) -> None:
    issued = await world.tokens.issue(
        kind=TokenKind.CODE, principal_id=MIA, operations=frozenset(), expires_in_ms=1
    )
    facts = CodeFacts(
        token_id=issued.token.token_id,
        redirect_uri="https://example.com/" + "x" * 1_980,
        names_redirect_uri=challenge is None,
        scope="api:streams-read",
        is_refreshable=True,
        code_challenge=challenge,
    )

    await world.code_store.add(facts)

    assert await world.code_store.by_token_id(facts.token_id) == facts
    assert await world.code_store.by_token_id("0" * 36) is None
