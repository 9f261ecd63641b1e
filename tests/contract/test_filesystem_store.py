"""The contract of the stores of resources and of grants."""

import itertools
from collections.abc import AsyncIterator

import msgspec
import pytest

from fixtures.databases import open_tables
from fixtures.filesystem import new_principal
from sluiceway.access.roles import Role
from sluiceway.backends.sql.filesystem import SqlResourceStore
from sluiceway.backends.sql.filesystem_grants import SqlGrantStore
from sluiceway.filesystem.errors import (
    ProjectNameAlreadyExistsError,
    ResourceNameAlreadyExistsError,
)
from sluiceway.filesystem.names import name_key
from sluiceway.filesystem.store import GrantStore, ResourceStore
from sluiceway.filesystem.types import (
    EVERYONE,
    ROOT_FOLDER_RID,
    Grant,
    PrincipalType,
    ResourceRecord,
    ResourceType,
)
from sluiceway.foundation.rids import Rid, new_folder_rid


class Stores(msgspec.Struct):
    resources: ResourceStore
    grants: GrantStore


@pytest.fixture
async def stores(metadata_url: str) -> AsyncIterator[Stores]:
    async with open_tables(metadata_url) as database:
        yield Stores(SqlResourceStore(database), SqlGrantStore(database))


def record(
    parent: ResourceRecord | None,
    name: str,
    resource_type: ResourceType = ResourceType.FOLDER,
    **more: object,
) -> ResourceRecord:
    rid = new_folder_rid()
    made = ResourceRecord(
        rid=rid,
        type=resource_type,
        parent_folder_rid=ROOT_FOLDER_RID if parent is None else parent.rid,
        project_rid=None if parent is None else parent.project_rid,
        space_rid=rid if parent is None else parent.space_rid,
        display_name=name,
        created_by=new_principal(),
        updated_by=new_principal(),
        created_ms=1,
        updated_ms=2,
    )
    return msgspec.structs.replace(made, **more)


async def add_chain(store: ResourceStore, *names: str) -> list[ResourceRecord]:
    chain: list[ResourceRecord] = []
    for name in names:
        chain.append(record(chain[-1] if chain else None, name))
        await store.add(chain[-1])
    return chain


def grant(rid: Rid, principal_id: str, role: Role) -> Grant:
    kind = PrincipalType.EVERYONE if principal_id == EVERYONE else PrincipalType.USER
    return Grant(rid, principal_id, kind, role)


async def test_what_is_got_is_what_was_added(stores: Stores) -> None:
    (space,) = await add_chain(stores.resources, "Main")
    project = record(
        space,
        "P",
        ResourceType.PROJECT,
        description="d",
        role_grants_allowed=False,
        trashed_ms=3,
    )
    await stores.resources.add(project)

    assert await stores.resources.with_ancestors([project.rid]) == {
        space.rid: space,
        project.rid: project,
    }


async def test_ancestors_of_several_come_once_and_the_unknown_are_left_out(stores: Stores) -> None:
    top, left = await add_chain(stores.resources, "Main", "left")
    right = record(top, "right")
    await stores.resources.add(right)

    found = await stores.resources.with_ancestors([left.rid, right.rid, new_folder_rid()])

    assert set(found) == {top.rid, left.rid, right.rid}
    assert await stores.resources.with_ancestors([]) == {}


async def test_a_chain_of_fifty_is_walked_to_its_end(stores: Stores) -> None:
    chain = await add_chain(stores.resources, *(f"level {level}" for level in range(50)))

    found = await stores.resources.with_ancestors([chain[-1].rid])
    below = await stores.resources.descendants(chain[0].rid)

    assert len(found) == 50
    assert sorted(one.distance for one in below) == list(range(50))


async def test_a_name_is_unique_among_those_not_trashed(stores: Stores) -> None:
    top, first = await add_chain(stores.resources, "Main", "x")

    with pytest.raises(ResourceNameAlreadyExistsError):
        await stores.resources.add(record(top, "x"))
    with pytest.raises(ProjectNameAlreadyExistsError):
        await stores.resources.add(record(top, "x", ResourceType.PROJECT))
    with pytest.raises(ResourceNameAlreadyExistsError):
        await stores.resources.add(record(None, "Main", ResourceType.SPACE))

    await stores.resources.update(msgspec.structs.replace(first, trashed_ms=5))
    await stores.resources.add(record(top, "x"))
    with pytest.raises(ResourceNameAlreadyExistsError):
        await stores.resources.update(first)


async def test_names_differ_in_case(stores: Stores) -> None:
    top, _ = await add_chain(stores.resources, "Main", "orders")

    await stores.resources.add(record(top, "Orders"))

    assert await stores.resources.child(top.rid, "ORDERS") is None


async def test_children_come_by_key_after_a_key_up_to_a_limit(stores: Stores) -> None:
    (top,) = await add_chain(stores.resources, "Main")
    for name in ("b", "a", "c", "d" * 200):
        await stores.resources.add(record(top, name))
    await stores.resources.add(record(top, "trashed", trashed_ms=1))

    first = await stores.resources.children(top.rid, after=None, limit=2, granted_to=None)
    rest = await stores.resources.children(top.rid, after=name_key("b"), limit=10, granted_to=None)
    last = await stores.resources.children(
        top.rid, after=name_key("d" * 200), limit=10, granted_to=None
    )

    assert [one.display_name for one in first] == ["a", "b"]
    assert [one.display_name for one in rest] == ["c", "d" * 200]
    assert last == []


async def test_children_are_narrowed_to_those_with_a_grant(stores: Stores) -> None:
    top, seen = await add_chain(stores.resources, "Main", "seen")
    await stores.resources.add(record(top, "unseen"))
    who = new_principal()
    roles = (Role.VIEWER, Role.EDITOR)
    await stores.grants.add([grant(seen.rid, who, role) for role in roles])

    found = await stores.resources.children(
        top.rid, after=None, limit=10, granted_to={who, EVERYONE}
    )

    assert [one.rid for one in found] == [seen.rid]


async def test_a_search_walks_down_from_a_resource_or_from_what_is_granted(stores: Stores) -> None:
    space, project, folder, leaf = await add_chain(
        stores.resources, "Main", "Wanted 1", "folder", "WANTED 2"
    )
    principal = new_principal()
    await stores.grants.add([grant(folder.rid, principal, Role.VIEWER)])

    async def found(below: Rid | None, granted_to: list[str] | None, limit: int = 9) -> list[str]:
        records = await stores.resources.search(
            "wanted", below=below, granted_to=granted_to, limit=limit
        )
        return [one.rid for one in records]

    assert await found(None, None) == [leaf.rid, project.rid]
    assert await found(None, None, limit=1) == [leaf.rid]
    assert await found(project.rid, None) == [leaf.rid]
    assert await found(None, [principal]) == [leaf.rid]
    assert await found(space.rid, [principal]) == [leaf.rid]
    assert await found(None, [new_principal()]) == []
    dataset = record(folder, "wanted 3", ResourceType.FOUNDRY_DATASET)
    await stores.resources.add(dataset)
    of_type = await stores.resources.search(
        "", below=None, granted_to=[principal], limit=9, of_type=ResourceType.FOUNDRY_DATASET
    )
    assert [one.rid for one in of_type] == [dataset.rid]


async def test_a_search_does_not_walk_through_the_trash(stores: Stores) -> None:
    _, _, folder, _ = await add_chain(stores.resources, "Main", "project", "folder", "wanted")

    await stores.resources.update(msgspec.structs.replace(folder, trashed_ms=1))

    assert await stores.resources.search("wanted", below=None, granted_to=None, limit=9) == []


async def test_the_trashed_come_latest_first_before_a_place(stores: Stores) -> None:
    (top,) = await add_chain(stores.resources, "Main")
    trashed = [record(top, f"at {ms}", trashed_ms=ms) for ms in (5, 7, 7)]
    for one in trashed:
        await stores.resources.add(one)
    expected = sorted(trashed, key=lambda one: (one.trashed_ms, one.rid), reverse=True)

    first = await stores.resources.trashed(before=None, limit=2)
    rest = await stores.resources.trashed(before=(7, expected[1].rid), limit=9)

    assert [*first, *rest] == expected


async def test_removed_resources_go_with_their_grants(stores: Stores) -> None:
    top, below = await add_chain(stores.resources, "Main", "x")
    await stores.grants.add([grant(below.rid, EVERYONE, Role.VIEWER)])

    await stores.resources.remove([below.rid])

    assert set(await stores.resources.with_ancestors([top.rid, below.rid])) == {top.rid}
    assert await stores.grants.on(below.rid) == []


async def test_thousands_are_relocated_and_removed(stores: Stores) -> None:
    (top,) = await add_chain(stores.resources, "Main")
    rids = [new_folder_rid() for _ in range(1_001)]
    kept = record(top, "kept")
    await stores.resources.add(kept)

    await stores.resources.relocate([*rids, kept.rid], project_rid=rids[0], space_rid=rids[1])
    (found,) = await stores.resources.children(top.rid, after=None, limit=9, granted_to=None)
    await stores.resources.remove([*rids, kept.rid])

    assert (found.project_rid, found.space_rid) == (rids[0], rids[1])
    assert await stores.resources.with_ancestors([kept.rid]) == {}


async def test_grants_are_kept_once_and_removed_by_role(stores: Stores) -> None:
    (top,) = await add_chain(stores.resources, "Main")
    who = new_principal()
    viewer, editor = (grant(top.rid, who, role) for role in (Role.VIEWER, Role.EDITOR))

    await stores.grants.add([viewer, editor])
    await stores.grants.add([viewer])
    assert await stores.grants.on(top.rid) == [viewer, editor]

    await stores.grants.remove([editor])
    await stores.grants.remove([editor])
    assert await stores.grants.on(top.rid) == [viewer]


async def test_grants_of_principals_are_found_on_all_levels_above(stores: Stores) -> None:
    top, middle, leaf = await add_chain(stores.resources, "Main", "x", "y")
    beside = record(top, "beside")
    await stores.resources.add(beside)
    who, other = new_principal(), new_principal()
    above = grant(top.rid, EVERYONE, Role.DISCOVERER)
    own = grant(leaf.rid, who, Role.EDITOR)
    foreign = (grant(middle.rid, other, Role.OWNER), grant(beside.rid, who, Role.OWNER))
    await stores.grants.add([above, own, *foreign])

    found = await stores.grants.of_principals([leaf.rid], {who, EVERYONE})

    assert sorted(found, key=lambda one: one.role) == [above, own]


async def test_pages_of_grants_have_each_pair_once_and_no_gaps(stores: Stores) -> None:
    top, leaf = await add_chain(stores.resources, "Main", "x")
    people = [new_principal() for _ in range(3)]
    pairs = list(itertools.product(people, (Role.VIEWER, Role.OWNER)))
    for rid in (top.rid, leaf.rid):
        await stores.grants.add([grant(rid, who, role) for who, role in pairs])

    found: list[tuple[str, Role]] = []
    after: tuple[str, int] | None = None
    while page := await stores.grants.page([top.rid, leaf.rid], after=after, limit=4):
        found.extend((one.principal_id, one.role) for one in page)
        after = (found[-1][0], found[-1][1].value)

    assert found == sorted(pairs)
