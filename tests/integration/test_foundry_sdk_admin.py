"""``foundry_sdk`` against a real server: users, groups, their members, and roles."""

from typing import Any

import pytest
from foundry_sdk import PermissionDeniedError, UnauthorizedError
from foundry_sdk.v2.admin import errors
from foundry_sdk.v2.core.errors import InvalidPageSize

from fixtures.api import Api, unique
from fixtures.clients import Sdk, answer, every

ORGANIZATION = "ri.multipass..organization.sluiceway"
NOBODY = "6f0a7f9e-6d1e-4c8e-9d6a-2b1f6a3c9e55"


@pytest.fixture
def users(client: Any) -> Any:
    return client.admin.User


@pytest.fixture
def groups(client: Any) -> Any:
    return client.admin.Group


async def new_group(groups: Any, **more: Any) -> Any:
    described = {"name": unique("group"), "organizations": [ORGANIZATION], "attributes": {}}
    return await answer(groups.create(**{**described, **more}))


async def test_users_are_got_listed_and_searched(users: Any, api: Api) -> None:
    family = unique("Meier")
    ids = [api.new_user(givenName="Mia", familyName=family)[0] for _ in range(2)]

    me = await answer(users.get_current())
    got = await answer(users.get(ids[0]))
    batch = await answer(users.get_batch([{"userId": one} for one in [*ids, NOBODY]]))
    listed = await every(users.list(page_size=2))
    found = await answer(
        users.search(where={"type": "queryString", "value": got.username}, page_size=10)
    )

    assert (me.username, me.status, me.realm) == ("admin", "ACTIVE", "palantir-internal-realm")
    assert (got.given_name, got.family_name) == ("Mia", family)
    assert set(batch.data) == set(ids)
    assert batch.data[got.id] == got
    assert {me.id, *ids} <= {user.id for user in listed}
    assert [user.id for user in found.data] == [got.id]


async def test_a_user_that_is_not_there_raises_the_clients_own_errors(users: Any, api: Api) -> None:
    deleted, _ = api.new_user()
    await answer(users.delete(deleted))

    with pytest.raises(errors.UserNotFound) as missing:
        await answer(users.get(NOBODY))
    with pytest.raises(errors.UserNotFound):
        await answer(users.revoke_all_tokens(NOBODY))
    with pytest.raises(errors.UserDeleted):
        await answer(users.get(deleted))
    with pytest.raises(InvalidPageSize):
        await every(users.list(page_size=100_000))

    gone = await answer(users.get(deleted, status="DELETED"))
    assert missing.value.parameters == {"userId": NOBODY}
    assert (gone.id, gone.status) == (deleted, "DELETED")


async def test_all_tokens_of_a_user_die_at_once(sdk: Sdk, users: Any, api: Api) -> None:
    user_id, user = api.new_user()
    theirs = sdk.as_(user.token).admin.User
    assert (await answer(theirs.get_current())).id == user_id

    await answer(users.revoke_all_tokens(user_id))

    with pytest.raises(UnauthorizedError) as caught:
        await answer(theirs.get_current())
    assert caught.value.name == "Default:Unauthorized"


async def test_groups_are_created_got_listed_searched_replaced_and_deleted(groups: Any) -> None:
    made = await new_group(groups, description="For tests.")

    got = await answer(groups.get(made.id))
    batch = await answer(groups.get_batch([{"groupId": made.id}, {"groupId": NOBODY}]))
    listed = await every(groups.list(page_size=1))
    found = await answer(groups.search(where={"type": "queryString", "value": made.name}))
    replaced = await answer(
        groups.replace(made.id, name=unique("new"), organizations=[ORGANIZATION], attributes={})
    )
    await answer(groups.delete(made.id))

    assert got == made == batch.data[made.id]
    assert (made.description, made.organizations) == ("For tests.", [ORGANIZATION])
    assert set(batch.data) == {made.id}
    assert made.id in {group.id for group in listed}
    assert [group.id for group in found.data] == [made.id]
    assert (replaced.id, replaced.description) == (made.id, None)
    with pytest.raises(errors.GroupNotFound) as caught:
        await answer(groups.get(made.id))
    assert caught.value.parameters == {"groupId": made.id}


async def test_members_come_and_go(sdk: Sdk, groups: Any, users: Any, api: Api) -> None:
    user_id, user = api.new_user()
    outer, inner = await new_group(groups), await new_group(groups)

    await answer(groups.GroupMember.add(inner.id, principal_ids=[user_id]))
    await answer(groups.GroupMember.add(outer.id, principal_ids=[inner.id]))
    direct = await every(groups.GroupMember.list(outer.id))
    through = await every(groups.GroupMember.list(outer.id, transitive=True))
    memberships = await every(users.GroupMembership.list(user_id, transitive=True))
    own = await answer(sdk.as_(user.token).admin.Group.list_current(preview=True))
    await answer(groups.GroupMember.remove(inner.id, principal_ids=[user_id]))
    left = await every(groups.GroupMember.list(inner.id))

    assert [(one.principal_id, one.principal_type) for one in direct] == [(inner.id, "GROUP")]
    assert user_id in {one.principal_id for one in through}
    assert {one.group_id for one in memberships} == {inner.id, outer.id}
    assert {group.id for group in own.data} == {inner.id, outer.id}
    assert left == []


async def test_groups_that_cannot_be_raise_the_clients_own_errors(groups: Any, api: Api) -> None:
    group = await new_group(groups)

    with pytest.raises(errors.GroupNameAlreadyExists) as twice:
        await new_group(groups, name=group.name)
    with pytest.raises(errors.GroupNotFound):
        await answer(groups.delete(NOBODY))
    with pytest.raises(errors.GroupNotFound):
        await answer(groups.GroupMember.add(NOBODY, principal_ids=[group.id]))
    with pytest.raises(errors.GroupNotFound):
        await answer(groups.GroupMember.remove(NOBODY, principal_ids=[group.id]))
    with pytest.raises(errors.GroupNotFound):
        await every(groups.GroupMember.list(NOBODY))
    with pytest.raises(errors.PrincipalNotFound) as missing:
        await answer(groups.GroupMember.add(group.id, principal_ids=[NOBODY]))

    assert twice.value.parameters == {"groupName": group.name}
    assert missing.value.parameters == {"principalId": NOBODY}


async def test_who_is_no_administrator_gets_the_clients_own_errors(
    sdk: Sdk, groups: Any, person: tuple[str, Api]
) -> None:
    group = await new_group(groups)
    theirs = sdk.as_(person[1].token).admin
    denied: list[tuple[type[PermissionDeniedError], Any]] = [
        (errors.CreateGroupPermissionDenied, lambda: new_group(theirs.Group)),
        (errors.DeleteGroupPermissionDenied, lambda: theirs.Group.delete(group.id)),
        (
            errors.ReplaceGroupPermissionDenied,
            lambda: theirs.Group.replace(
                group.id, name="new", organizations=[ORGANIZATION], attributes={}
            ),
        ),
        (
            errors.AddGroupMembersPermissionDenied,
            lambda: theirs.Group.GroupMember.add(group.id, principal_ids=[person[0]]),
        ),
        (
            errors.RemoveGroupMembersPermissionDenied,
            lambda: theirs.Group.GroupMember.remove(group.id, principal_ids=[person[0]]),
        ),
        (errors.DeleteUserPermissionDenied, lambda: theirs.User.delete(person[0])),
    ]

    for error, call in denied:
        with pytest.raises(error):
            await answer(call())

    me = sdk.as_(person[1].token).admin.User
    assert (await answer(me.get_current())).id == person[0]


async def test_nobody_but_administrators_revokes_the_tokens_of_others(
    sdk: Sdk, users: Any, person: tuple[str, Api]
) -> None:
    admin = await answer(users.get_current())

    with pytest.raises(errors.RevokeAllTokensUserPermissionDenied) as caught:
        await answer(sdk.as_(person[1].token).admin.User.revoke_all_tokens(admin.id))

    assert caught.value.parameters == {"userId": admin.id}


async def test_roles_are_described(client: Any) -> None:
    roles = client.admin.Role

    editor = await answer(roles.get("editor", preview=True))
    batch = await answer(
        roles.get_batch(
            [{"roleId": one} for one in ("owner", "editor", "viewer", "discoverer", "king")],
            preview=True,
        )
    )

    assert (editor.id, editor.display_name) == ("editor", "Editor")
    assert set(editor.can_assigns) == {"editor", "viewer", "discoverer"}
    assert batch.data["editor"] == editor
    assert set(batch.data) == {"owner", "editor", "viewer", "discoverer"}
    with pytest.raises(errors.RoleNotFound) as caught:
        await answer(roles.get("king", preview=True))
    assert caught.value.parameters == {"roleId": "king"}
