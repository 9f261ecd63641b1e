"""Roles: what is inherited, who may grant and take away what."""

import pytest

from fixtures.filesystem import Tree
from sluiceway.access.principals.errors import PrincipalNotFoundError
from sluiceway.access.roles import Role
from sluiceway.filesystem.errors import (
    AddResourceRolesPermissionDeniedError,
    InvalidRoleIdsError,
    RemoveResourceRolesPermissionDeniedError,
    ResourceNotFoundError,
)
from sluiceway.filesystem.types import EVERYONE, GRANTS_PER_REQUEST_MAX, GrantRequest
from sluiceway.foundation.paging import PageRequest
from sluiceway.foundation.request_errors import InvalidArgumentError, PermissionDeniedError
from sluiceway.foundation.rids import Rid, new_dataset_rid


async def granted(
    tree: Tree, rid: Rid, *, include_inherited: bool = False
) -> set[tuple[str, Role]]:
    page = await tree.roles.list_grants(
        tree.admin, rid, PageRequest(1_000, None), include_inherited=include_inherited
    )
    return {(grant.principal_id, grant.role) for grant in page.data}


@pytest.mark.parametrize(
    ("on_space", "on_project", "on_dataset", "expected"),
    [
        (None, None, None, None),
        (None, None, "discoverer", Role.DISCOVERER),
        (None, "viewer", None, Role.VIEWER),
        (None, "viewer", "editor", Role.EDITOR),
        (None, "owner", "viewer", Role.OWNER),
        ("editor", None, None, Role.EDITOR),
        ("viewer", "discoverer", "discoverer", Role.VIEWER),
    ],
)
async def test_a_role_is_the_strongest_of_the_resource_and_the_folders_above(
    tree: Tree,
    on_space: str | None,
    on_project: str | None,
    on_dataset: str | None,
    expected: Role | None,
) -> None:
    dataset = await tree.dataset((await tree.folder(tree.project_rid, "in")).rid, "orders")
    caller = tree.user()
    places = ((tree.space_rid, on_space), (tree.project_rid, on_project), (dataset.rid, on_dataset))

    for rid, role_id in places:
        if role_id is not None:
            await tree.grant(rid, caller.principal_id, role_id)

    assert await tree.permissions.role(caller, dataset.rid) == expected


async def test_a_role_does_not_reach_upwards_or_sideways(tree: Tree) -> None:
    folder = await tree.folder(tree.project_rid, "mine")
    other = await tree.folder(tree.project_rid, "other")

    caller = await tree.user_with(folder.rid, "owner")

    assert await tree.permissions.role(caller, tree.project_rid) is None
    assert await tree.permissions.role(caller, other.rid) is None


async def test_a_role_of_a_group_reaches_its_members_only(tree: Tree) -> None:
    group = tree.directory.new_group()

    await tree.grant(tree.project_rid, group, "editor")

    assert await tree.permissions.role(tree.user(group), tree.project_rid) is Role.EDITOR
    assert await tree.permissions.role(tree.user(), tree.project_rid) is None


async def test_a_role_of_everyone_reaches_everybody(tree: Tree) -> None:
    await tree.grant(tree.project_rid, None, "viewer")

    assert await tree.permissions.role(tree.user(), tree.project_rid) is Role.VIEWER


async def test_an_administrator_owns_what_exists_and_nothing_else(tree: Tree) -> None:
    assert await tree.permissions.role(tree.admin, tree.project_rid) is Role.OWNER
    assert await tree.permissions.role(tree.admin, new_dataset_rid()) is None


@pytest.mark.parametrize(
    ("own", "handed_on", "allowed"),
    [
        ("owner", "owner", True),
        ("editor", "editor", True),
        ("editor", "discoverer", True),
        ("editor", "owner", False),
        ("viewer", "viewer", False),
        ("discoverer", "discoverer", False),
    ],
)
async def test_editors_and_owners_hand_on_roles_up_to_their_own(
    tree: Tree, own: str, handed_on: str, *, allowed: bool
) -> None:
    dataset = await tree.dataset(tree.project_rid, "orders")
    caller = await tree.user_with(tree.project_rid, own)
    receiver = tree.directory.new_user()
    request = [GrantRequest(receiver, handed_on)]

    if allowed:
        await tree.roles.add(caller, dataset.rid, request)
        await tree.roles.remove(caller, dataset.rid, request)
    else:
        with pytest.raises(AddResourceRolesPermissionDeniedError):
            await tree.roles.add(caller, dataset.rid, request)
        await tree.grant(dataset.rid, receiver, handed_on)
        with pytest.raises(RemoveResourceRolesPermissionDeniedError):
            await tree.roles.remove(caller, dataset.rid, request)

    assert (receiver in {who for who, _ in await granted(tree, dataset.rid)}) is not allowed


async def test_sharing_what_one_does_not_see_is_not_found(tree: Tree) -> None:
    with pytest.raises(ResourceNotFoundError):
        await tree.roles.add(tree.user(), tree.project_rid, [GrantRequest(None, "viewer")])


async def test_a_role_that_does_not_exist_is_refused_with_all_that_was_asked(tree: Tree) -> None:
    requests = [GrantRequest(None, "viewer"), GrantRequest(None, "emperor")]

    with pytest.raises(InvalidRoleIdsError) as refused:
        await tree.roles.add(tree.owner, tree.project_rid, requests)

    assert refused.value.parameters == {"requestedRoleIds": ["emperor", "viewer"]}
    assert EVERYONE not in {who for who, _ in await granted(tree, tree.project_rid)}


@pytest.mark.parametrize(
    "principal_id", ["00000000-0000-4000-8000-000000000000", "everyone", "nobody"]
)
async def test_a_principal_that_does_not_exist_is_refused(tree: Tree, principal_id: str) -> None:
    with pytest.raises(PrincipalNotFoundError):
        await tree.roles.add(tree.owner, tree.project_rid, [GrantRequest(principal_id, "viewer")])
    with pytest.raises(PrincipalNotFoundError):
        await tree.roles.remove(
            tree.owner, tree.project_rid, [GrantRequest(principal_id, "viewer")]
        )


async def test_the_id_of_a_principal_may_be_written_in_capitals(tree: Tree) -> None:
    caller = tree.user()

    await tree.grant(tree.project_rid, caller.principal_id.upper(), "viewer")

    assert await tree.permissions.role(caller, tree.project_rid) is Role.VIEWER


async def test_the_role_of_a_principal_that_is_gone_can_be_taken_away(tree: Tree) -> None:
    caller = await tree.user_with(tree.project_rid, "viewer")
    del tree.directory.kinds[caller.principal_id]

    await tree.roles.remove(
        tree.owner, tree.project_rid, [GrantRequest(caller.principal_id, "viewer")]
    )

    assert await tree.permissions.role(caller, tree.project_rid) is None


async def test_granting_twice_and_removing_twice_do_no_harm(tree: Tree) -> None:
    receiver = tree.directory.new_user()
    request = [GrantRequest(receiver, "viewer")] * 2

    await tree.roles.add(tree.owner, tree.project_rid, request)
    await tree.roles.add(tree.owner, tree.project_rid, request)
    assert (receiver, Role.VIEWER) in await granted(tree, tree.project_rid)

    await tree.roles.remove(tree.owner, tree.project_rid, request)
    await tree.roles.remove(tree.owner, tree.project_rid, request)
    assert (receiver, Role.VIEWER) not in await granted(tree, tree.project_rid)


async def test_the_last_owner_of_a_project_stays(tree: Tree) -> None:
    owner = GrantRequest(tree.owner.principal_id, "owner")

    with pytest.raises(RemoveResourceRolesPermissionDeniedError):
        await tree.roles.remove(tree.owner, tree.project_rid, [owner])

    await tree.user_with(tree.project_rid, "owner")
    await tree.roles.remove(tree.owner, tree.project_rid, [owner])
    assert await tree.permissions.role(tree.owner, tree.project_rid) is None


async def test_an_administrator_may_remove_the_last_owner(tree: Tree) -> None:
    owner = GrantRequest(tree.owner.principal_id, "owner")

    await tree.roles.remove(tree.admin, tree.project_rid, [owner])

    assert await granted(tree, tree.project_rid) == set()


async def test_a_project_may_forbid_roles_on_single_resources(tree: Tree) -> None:
    project = await tree.project("Strict", role_grants_allowed=False)
    folder = await tree.folder(project.rid, "in")
    request = [GrantRequest(tree.directory.new_user(), "viewer")]

    with pytest.raises(AddResourceRolesPermissionDeniedError, match="grant on the project"):
        await tree.roles.add(tree.owner, folder.rid, request)

    await tree.roles.add(tree.owner, project.rid, request)


async def test_inherited_roles_are_listed_on_request_and_each_once(tree: Tree) -> None:
    dataset = await tree.dataset(tree.project_rid, "orders")
    receiver = tree.directory.new_user()
    await tree.grant(tree.project_rid, receiver, "viewer")
    await tree.grant(dataset.rid, receiver, "viewer")
    await tree.grant(dataset.rid, None, "discoverer")
    own = {(receiver, Role.VIEWER), (EVERYONE, Role.DISCOVERER)}

    page = await tree.roles.list_grants(
        tree.owner, dataset.rid, PageRequest(10, None), include_inherited=True
    )

    assert await granted(tree, dataset.rid) == own
    found = [(grant.principal_id, grant.role) for grant in page.data]
    assert set(found) == {*own, (tree.owner.principal_id, Role.OWNER)}
    assert len(found) == 3


async def test_roles_are_listed_in_pages_without_gaps(tree: Tree) -> None:
    receivers = [tree.directory.new_user() for _ in range(4)]
    for role_id in ("viewer", "editor"):
        await tree.roles.add(
            tree.owner, tree.project_rid, [GrantRequest(one, role_id) for one in receivers]
        )

    found, after = [], None
    while True:
        page = await tree.roles.list_grants(
            tree.owner, tree.project_rid, PageRequest(2, after), include_inherited=False
        )
        found.extend((grant.principal_id, grant.role) for grant in page.data)
        if page.next_page_token is None:
            break
        after = f"{found[-1][0]}:{found[-1][1].value}"

    assert found == sorted(found)
    assert len(found) == 9


async def test_who_has_a_role_is_told_to_viewers_only(tree: Tree) -> None:
    page = PageRequest(10, None)

    with pytest.raises(PermissionDeniedError):
        await tree.roles.list_grants(
            await tree.user_with(tree.project_rid, "discoverer"),
            tree.project_rid,
            page,
            include_inherited=False,
        )

    viewer = await tree.user_with(tree.project_rid, "viewer")
    await tree.roles.list_grants(viewer, tree.project_rid, page, include_inherited=False)


async def test_a_request_carries_at_most_so_many_roles(tree: Tree) -> None:
    requests = [GrantRequest(None, "viewer")] * GRANTS_PER_REQUEST_MAX

    await tree.roles.add(tree.owner, tree.project_rid, requests)

    with pytest.raises(InvalidArgumentError):
        await tree.roles.add(tree.owner, tree.project_rid, [*requests, requests[0]])


async def test_every_change_of_roles_is_in_the_audit_trail(tree: Tree) -> None:
    receiver = tree.directory.new_user()
    request = [GrantRequest(receiver, "viewer")]

    await tree.roles.add(tree.owner, tree.project_rid, request)
    await tree.roles.remove(tree.owner, tree.project_rid, request)

    removed, added = await tree.audit.store.of_subject(tree.project_rid, limit=2)
    assert (added.action, removed.action) == ("role.granted", "role.removed")
    assert added.actor_id == tree.owner.principal_id
    assert added.details == {"principalId": receiver, "principalType": "USER", "roleId": "viewer"}
