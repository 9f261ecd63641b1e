"""Groups and their members."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fixtures.access import Access, open_access
from sluiceway.access.principals.catalogue import RoleCatalogue
from sluiceway.access.principals.errors import (
    AddGroupMembersPermissionDeniedError,
    CreateGroupPermissionDeniedError,
    DeleteGroupPermissionDeniedError,
    GroupNameAlreadyExistsError,
    GroupNotFoundError,
    PrincipalNotFoundError,
    RemoveGroupMembersPermissionDeniedError,
    ReplaceGroupPermissionDeniedError,
    RoleNotFoundError,
)
from sluiceway.access.principals.groups import NewGroup
from sluiceway.access.principals.types import Group
from sluiceway.access.roles import Role
from sluiceway.foundation.paging import PageRequest
from sluiceway.foundation.request_errors import InvalidArgumentError

FIRST_PAGE = PageRequest(100, None)


@pytest.fixture
async def access(tmp_path: Path) -> AsyncIterator[Access]:
    async with open_access(tmp_path) as opened:
        yield opened


async def group(access: Access, name: str, *member_ids: str) -> Group:
    admin = await access.admin()
    made = await access.groups.create(admin, NewGroup(name=name))
    if member_ids:
        await access.groups.add_members(admin, made.group_id, member_ids)
    return made


async def member_ids(access: Access, group_id: str, *, transitive: bool = False) -> list[str]:
    page = await access.groups.members(group_id, FIRST_PAGE, transitive=transitive)
    return [member.principal_id for member in page.data]


async def test_only_administrators_change_groups(access: Access) -> None:
    crew = await group(access, "crew")
    mia = await access.person("mia")
    caller = await access.signed_in("mia")

    with pytest.raises(CreateGroupPermissionDeniedError):
        await access.groups.create(caller, NewGroup(name="mine"))
    with pytest.raises(ReplaceGroupPermissionDeniedError):
        await access.groups.replace(caller, crew.group_id, NewGroup(name="mine"))
    with pytest.raises(DeleteGroupPermissionDeniedError):
        await access.groups.delete(caller, crew.group_id)
    with pytest.raises(AddGroupMembersPermissionDeniedError):
        await access.groups.add_members(caller, crew.group_id, [mia.user_id])
    with pytest.raises(RemoveGroupMembersPermissionDeniedError):
        await access.groups.remove_members(caller, crew.group_id, [mia.user_id])


async def test_members_come_and_go_and_the_audit_trail_tells(access: Access) -> None:
    admin = await access.admin()
    mia = await access.person("mia")
    crew = await group(access, "crew")

    await access.groups.add_members(admin, crew.group_id, [mia.user_id.upper(), mia.user_id])
    await access.groups.add_members(admin, crew.group_id, [mia.user_id])
    assert await member_ids(access, crew.group_id) == [mia.user_id]
    await access.groups.remove_members(admin, crew.group_id, [mia.user_id])
    assert await member_ids(access, crew.group_id) == []
    await access.groups.delete(admin, crew.group_id)

    actions = await access.actions(crew.group_id)
    assert actions[0] == "group.created"
    assert {"group.member-added", "group.member-removed"} < set(actions)
    assert actions[-1] == "group.deleted"


async def test_members_are_added_all_or_none(access: Access) -> None:
    admin = await access.admin()
    mia = await access.person("mia")
    crew = await group(access, "crew")

    with pytest.raises(PrincipalNotFoundError):
        await access.groups.add_members(admin, crew.group_id, [mia.user_id, "nobody"])

    assert await member_ids(access, crew.group_id) == []


async def test_a_group_is_no_member_of_itself(access: Access) -> None:
    admin = await access.admin()
    crew = await group(access, "crew")

    with pytest.raises(InvalidArgumentError):
        await access.groups.add_members(admin, crew.group_id, [crew.group_id])


@pytest.mark.parametrize("count", [0, 501])
async def test_a_call_names_a_bounded_number_of_members(access: Access, count: int) -> None:
    admin = await access.admin()
    crew = await group(access, "crew")

    with pytest.raises(InvalidArgumentError):
        await access.groups.add_members(admin, crew.group_id, ["x"] * count)
    with pytest.raises(InvalidArgumentError):
        await access.groups.remove_members(admin, crew.group_id, ["x"] * count)


async def test_members_of_groups_inside_are_members_by_that(access: Access) -> None:
    mia = await access.person("mia")
    inner = await group(access, "inner", mia.user_id)
    outer = await group(access, "outer", inner.group_id)

    assert await member_ids(access, outer.group_id) == [inner.group_id]
    both = await member_ids(access, outer.group_id, transitive=True)
    assert both == sorted([inner.group_id, mia.user_id])
    direct = await access.users.memberships(mia.user_id, FIRST_PAGE, transitive=False)
    assert direct.data == [inner.group_id]
    every = await access.users.memberships(mia.user_id, FIRST_PAGE, transitive=True)
    assert every.data == sorted([inner.group_id, outer.group_id])


async def test_groups_that_hold_each_other_do_no_harm(access: Access) -> None:
    admin = await access.admin()
    mia = await access.person("mia")
    one = await group(access, "one", mia.user_id)
    two = await group(access, "two", one.group_id)
    await access.groups.add_members(admin, one.group_id, [two.group_id])

    caller = await access.signed_in("mia")

    assert caller.group_ids == {one.group_id, two.group_id}
    assert len(await member_ids(access, one.group_id, transitive=True)) == 3


async def test_a_deleted_group_is_gone_from_everywhere(access: Access) -> None:
    admin = await access.admin()
    mia = await access.person("mia")
    inner = await group(access, "inner", mia.user_id)
    outer = await group(access, "outer", inner.group_id)

    await access.groups.delete(admin, inner.group_id)

    assert await member_ids(access, outer.group_id) == []
    assert (await access.signed_in("mia")).group_ids == frozenset()
    assert await access.users.exists_principal(inner.group_id) is None
    with pytest.raises(GroupNotFoundError):
        await access.groups.get(inner.group_id)


async def test_a_deleted_user_leaves_its_groups(access: Access) -> None:
    admin = await access.admin()
    mia = await access.person("mia")
    crew = await group(access, "crew", mia.user_id)

    await access.accounts.delete(admin, mia.user_id)

    assert await member_ids(access, crew.group_id) == []


async def test_a_group_is_a_principal(access: Access) -> None:
    crew = await group(access, "crew")

    assert await access.users.exists_principal(crew.group_id.upper()) == "GROUP"
    assert await access.users.exists_principal((await access.admin()).principal_id) == "USER"


async def test_a_group_is_replaced(access: Access) -> None:
    admin = await access.admin()
    crew = await group(access, "crew")
    await group(access, "pilots")
    new = NewGroup(name="Crew", description="All hands", attributes={"room": ["12"]})

    replaced = await access.groups.replace(admin, crew.group_id, new)

    assert await access.groups.get(crew.group_id) == replaced
    assert (replaced.name, replaced.attributes) == ("Crew", {"room": ["12"]})
    with pytest.raises(GroupNameAlreadyExistsError):
        await access.groups.replace(admin, crew.group_id, NewGroup(name="Pilots"))


async def test_a_name_is_given_once(access: Access) -> None:
    await group(access, "crew")

    with pytest.raises(GroupNameAlreadyExistsError):
        await group(access, "CREW")


@pytest.mark.parametrize(
    ("new", "is_taken"),
    [
        (NewGroup(name="n" * 255), True),
        (NewGroup(name="n" * 256), False),
        (NewGroup(name=""), False),
        (NewGroup(name=" crew"), False),
        (NewGroup(name="a\nb"), False),
        (NewGroup(name="n", description="d" * 4_000), True),
        (NewGroup(name="n", description="d" * 4_001), False),
        (NewGroup(name="n", attributes={str(number): [] for number in range(50)}), True),
        (NewGroup(name="n", attributes={str(number): [] for number in range(51)}), False),
        (NewGroup(name="n", attributes={"a": ["v"] * 100}), True),
        (NewGroup(name="n", attributes={"a": ["v"] * 101}), False),
        (NewGroup(name="n", attributes={"a": ["v" * 256]}), False),
        (NewGroup(name="n", attributes={"multipass:realm": ["other"]}), False),
    ],
)
async def test_what_is_said_of_a_group_has_bounds(
    access: Access, new: NewGroup, *, is_taken: bool
) -> None:
    admin = await access.admin()

    if is_taken:
        await access.groups.create(admin, new)
    else:
        with pytest.raises(InvalidArgumentError):
            await access.groups.create(admin, new)


async def test_groups_are_listed_by_name_and_found_by_a_part_of_it(access: Access) -> None:
    made = {name: await group(access, name) for name in ("Weather", "crew", "Pilots")}

    first = await access.groups.page(PageRequest(2, None))
    second = await access.groups.page(PageRequest(2, "pilots"))
    found = await access.groups.search("EATH", FIRST_PAGE)
    by_id = await access.groups.search(made["crew"].group_id, FIRST_PAGE)

    assert [one.name for one in first.data] == ["crew", "Pilots"]
    assert [one.name for one in second.data] == ["Weather"]
    assert found.data == [made["Weather"]]
    assert by_id.data == [made["crew"]]
    assert (await access.groups.search("%", FIRST_PAGE)).data == []


async def test_the_callers_own_groups_are_listed(access: Access) -> None:
    mia = await access.person("mia")
    crew = await group(access, "crew", mia.user_id)
    await group(access, "others")

    assert await access.groups.of_caller(await access.signed_in("mia")) == [crew]


def test_roles_are_found_by_id() -> None:
    roles = RoleCatalogue()

    assert roles.get("editor") is Role.EDITOR
    assert roles.batch(["owner", "nothing", "viewer"]) == [Role.VIEWER, Role.OWNER]
    with pytest.raises(RoleNotFoundError):
        roles.get("Editor")
