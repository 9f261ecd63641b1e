"""The calls about groups, by way of the SDK and by hand."""

import uuid
from urllib.parse import urlsplit

import pytest
from foundry_sdk import Config, FoundryClient, UserTokenAuth
from foundry_sdk.v2.admin import errors, models

from fixtures.api import Api, assert_error, unique
from fixtures.server import wait_until

UNKNOWN = "6f9619ff-8b86-4011-b42d-00c04fc964ff"
ORGANIZATION = "ri.multipass..organization.sluiceway"
GROUPS = "/api/v2/admin/groups"


def sdk(api: Api) -> FoundryClient:
    return FoundryClient(
        auth=UserTokenAuth(str(api.token)),
        hostname=urlsplit(api.url).netloc,
        config=Config(scheme="http"),
    )


def new_group(api: Api, *member_ids: str) -> str:
    group_id: str = api.ok("POST", GROUPS, json={"name": unique("group")})["id"]
    if member_ids:
        add = {"principalIds": list(member_ids)}
        api.ok("POST", f"{GROUPS}/{group_id}/groupMembers/add", json=add)
    return group_id


def test_a_group_is_created_got_and_deleted(api: Api) -> None:
    client = sdk(api).admin.Group

    made = client.create(
        name=unique("group"),
        organizations=[ORGANIZATION],
        description="All hands",
        attributes={"room": ["12"]},
    )

    assert client.get(made.id) == made
    assert (made.description, made.attributes) == ("All hands", {"room": ["12"]})
    assert (made.organizations, made.realm) == ([ORGANIZATION], "palantir-internal-realm")
    batch = client.get_batch(
        [models.GetGroupsBatchRequestElement(group_id=one) for one in (made.id, UNKNOWN)]
    )
    assert batch.data == {made.id: made}
    client.delete(made.id)
    with pytest.raises(errors.GroupNotFound):
        client.get(made.id)


def test_a_group_is_replaced(api: Api) -> None:
    group_id, name = new_group(api), unique("renamed")

    replaced = sdk(api).admin.Group.replace(
        group_id, name=name, organizations=[ORGANIZATION], attributes={}
    )

    assert replaced.name == name
    assert sdk(api).admin.Group.get(group_id) == replaced


def test_groups_are_listed_and_searched(api: Api) -> None:
    client = sdk(api).admin.Group
    made = [new_group(api) for _ in range(3)]
    name = client.get(made[0]).name

    listed = [group.id for group in client.list(page_size=2)]
    found = client.search(where=models.GroupSearchFilter(type="queryString", value=name[3:]))

    assert set(made) < set(listed)
    assert len(listed) == len(set(listed))
    assert [group.id for group in found.data] == [made[0]]


def test_members_come_and_go(api: Api) -> None:
    user_id, user = api.new_user()
    inner = new_group(api, user_id)
    outer = new_group(api, inner)
    client = sdk(api).admin.Group.GroupMember

    assert [(one.principal_type, one.principal_id) for one in client.list(outer)] == [
        ("GROUP", inner)
    ]
    every = {one.principal_id for one in client.list(outer, transitive=True, page_size=1)}
    assert every == {inner, user_id}
    current = user.ok("GET", f"{GROUPS}/listCurrent?preview=true")["data"]
    assert {group["id"] for group in current} == {inner, outer}
    client.remove(outer, principal_ids=[inner])
    assert list(client.list(outer)) == []
    client.add(outer, principal_ids=[user_id])
    assert [one.principal_id for one in client.list(outer)] == [user_id]


def test_errors_arrive_as_the_sdks_own(api: Api) -> None:
    user_id, user = api.new_user()
    group_id = new_group(api)
    name = sdk(api).admin.Group.get(group_id).name
    as_admin, as_user = sdk(api).admin.Group, sdk(user).admin.Group
    new = {"organizations": [ORGANIZATION], "attributes": {}}

    with pytest.raises(errors.GroupNameAlreadyExists):
        as_admin.create(name=name.upper(), **new)
    with pytest.raises(errors.InvalidGroupOrganizations):
        as_admin.create(name=unique("group"), organizations=[], attributes={})
    with pytest.raises(errors.PrincipalNotFound):
        as_admin.GroupMember.add(group_id, principal_ids=[UNKNOWN])
    with pytest.raises(errors.GroupNotFound):
        as_admin.GroupMember.add(UNKNOWN, principal_ids=[user_id])
    with pytest.raises(errors.CreateGroupPermissionDenied):
        as_user.create(name=unique("group"), **new)
    with pytest.raises(errors.ReplaceGroupPermissionDenied):
        as_user.replace(group_id, name=unique("group"), **new)
    with pytest.raises(errors.DeleteGroupPermissionDenied):
        as_user.delete(group_id)
    with pytest.raises(errors.AddGroupMembersPermissionDenied):
        as_user.GroupMember.add(group_id, principal_ids=[user_id])
    with pytest.raises(errors.RemoveGroupMembersPermissionDenied):
        as_user.GroupMember.remove(group_id, principal_ids=[user_id])


def test_everybody_looks_up_groups(api: Api) -> None:
    group_id = new_group(api)

    assert api.new_user()[1].ok("GET", f"{GROUPS}/{group_id}")["id"] == group_id


def test_a_membership_that_should_end_is_refused_rather_than_kept_for_ever(api: Api) -> None:
    body = {"principalIds": [api.new_user()[0]], "expiration": "2030-01-01T00:00:00Z"}

    answer = api.post(f"{GROUPS}/{new_group(api)}/groupMembers/add", json=body)

    assert_error(answer, 400, "Conjure:InvalidArgument")


@pytest.mark.parametrize(
    "body",
    [{}, {"name": ""}, {"name": 1}, {"name": "a", "organizations": ["x"]}, {"name": "a", "b": 1}],
)
def test_a_group_that_makes_no_sense_is_refused(api: Api, body: dict[str, object]) -> None:
    assert_error(api.post(GROUPS, json=body), 400, "Conjure:InvalidArgument")


def test_a_role_that_a_group_was_granted_is_had_by_its_members_within_a_second(
    api: Api, stream
) -> None:
    user_id, user = api.new_user()
    group_id = new_group(api)
    api.grant(stream.rid, group_id, "editor")
    as_user = stream.as_(user)
    record = {"sensor_id": str(uuid.uuid4())}
    assert as_user.publish(record).status_code == 404

    add = {"principalIds": [user_id]}
    api.ok("POST", f"{GROUPS}/{group_id}/groupMembers/add", json=add)
    wait_until(lambda: as_user.publish(record).status_code == 204, 1.0)

    api.ok("POST", f"{GROUPS}/{group_id}/groupMembers/remove", json=add)
    wait_until(lambda: as_user.publish(record).status_code == 404, 1.0)
