"""The store of third-party applications: what is read is what was kept."""

from collections.abc import AsyncIterator

import msgspec
import pytest

from fixtures.databases import open_tables
from sluiceway.access.applications.store import ApplicationStore
from sluiceway.access.applications.types import (
    Application,
    ApplicationFacts,
    ClientType,
    GrantType,
    Installation,
)
from sluiceway.access.caller import PrincipalId
from sluiceway.backends.sql.applications import SqlApplicationStore

FULL = Application(
    client_id="0a" * 16,
    client_type=ClientType.CONFIDENTIAL,
    facts=ApplicationFacts(
        display_name="Zähler",
        description="Reads the meters.",
        logo_uri="https://example.com/logo.png",
        grant_types=(GrantType.AUTHORIZATION_CODE, GrantType.CLIENT_CREDENTIALS),
        redirect_uris=("https://example.com/callback",),
        allowed_organization_rids=("ri.multipass..organization.sluiceway",),
        resources=("ri.compass.main.folder.a",),
        operations=("api:use-streams-write", "api:read-data"),
        marking_ids=("m",),
        role_grants={"oauth2-client:manage-client": ("someone",)},
    ),
    secret_sha256=bytes(range(32)),
    service_user_id=PrincipalId("5d0d9b0e-0000-4000-8000-000000000001"),
    installation=Installation(operations=("api:streams-write",), grant_types=()),
    created_ms=1_764_000_000_000,
    created_by=PrincipalId("5d0d9b0e-0000-4000-8000-000000000002"),
    used_ms=1_764_000_000_001,
)
BARE = Application(
    client_id="0b" * 16,
    client_type=ClientType.PUBLIC,
    facts=ApplicationFacts(display_name="Phone", grant_types=()),
    secret_sha256=None,
    created_ms=0,
    created_by=None,
)


@pytest.fixture
async def store(metadata_url: str) -> AsyncIterator[ApplicationStore]:
    """An empty store."""
    async with open_tables(metadata_url) as database:
        yield SqlApplicationStore(database)


@pytest.mark.parametrize("application", [FULL, BARE], ids=["full", "bare"])
async def test_what_is_read_is_what_was_kept(
    store: ApplicationStore, application: Application
) -> None:
    await store.add(application)

    found = await store.by_client_id(application.client_id)

    assert found == application


async def test_an_unknown_client_id_finds_nothing(store: ApplicationStore) -> None:
    await store.add(FULL)

    found = await store.by_client_id(FULL.client_id.upper() + "x" * 500)

    assert found is None


async def test_pages_go_through_all_applications_in_the_order_of_their_client_ids(
    store: ApplicationStore,
) -> None:
    await store.add(BARE)
    await store.add(FULL)

    first = await store.page(after=None, limit=1)
    second = await store.page(after=FULL.client_id, limit=10)

    assert [first, second] == [[FULL], [BARE]]
    assert await store.count() == 2


async def test_a_replaced_application_is_changed_and_no_other(store: ApplicationStore) -> None:
    await store.add(FULL)
    await store.add(BARE)

    changed = msgspec.structs.replace(FULL, installation=None, secret_sha256=bytes(32))
    await store.replace(changed)

    assert await store.page(after=None, limit=10) == [changed, BARE]


async def test_a_deleted_application_is_gone(store: ApplicationStore) -> None:
    await store.add(FULL)

    assert await store.delete(FULL.client_id)

    assert await store.by_client_id(FULL.client_id) is None
    assert not await store.delete(FULL.client_id)


async def test_noting_a_use_changes_only_that(store: ApplicationStore) -> None:
    await store.add(BARE)

    await store.set_used(BARE.client_id, 7)

    assert await store.by_client_id(BARE.client_id) == msgspec.structs.replace(BARE, used_ms=7)
