"""``/api/v2/filesystem/resources/{resourceRid}/roles``."""

import pytest
from foundry_sdk.v2.filesystem import models

from fixtures.filesystem_web import EVERYONE, Site, assert_error, principal, roles

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_stream_is_shared_with_one_application_as_in_the_walk_through(site: Site) -> None:
    rid = await site.dataset(site.project_rid, "orders")
    application = await site.person("application")
    before = await application.call("GET", f"/resources/{rid}")

    granted = await site.admin.call(
        "POST", f"/resources/{rid}/roles/add", roles((principal(application.user_id), "editor"))
    )

    assert_error(before, 404, "ResourceNotFound", resourceRid=rid)
    assert (granted.status_code, granted.content) == (204, b"")
    assert (await application.get(f"/resources/{rid}"))["path"] == "/Main/Quickstart/orders"
    project = await application.call("GET", f"/resources/{site.project_rid}")
    assert_error(project, 404, "ResourceNotFound")


async def test_roles_are_listed_in_the_form_of_the_sdk(site: Site) -> None:
    rid = await site.dataset(site.project_rid, "orders")
    group = await site.group("readers")
    await site.grant(rid, principal(group), "viewer")
    await site.grant(rid, EVERYONE, "discoverer")

    own = models.ListResourceRolesResponse.model_validate(
        await site.admin.get(f"/resources/{rid}/roles")
    )
    every = models.ListResourceRolesResponse.model_validate(
        await site.admin.get(f"/resources/{rid}/roles", includeInherited="true")
    )

    assert {(one.resource_role_principal.type, one.role_id) for one in own.data} == {
        ("principalWithId", "viewer"),
        ("everyone", "discoverer"),
    }
    named = [one for one in own.data if one.role_id == "viewer"]
    assert named[0].resource_role_principal.principal_type == "GROUP"
    assert named[0].resource_role_principal.principal_id == group
    assert {one.role_id for one in every.data} == {"viewer", "discoverer", "owner"}


async def test_roles_come_in_pages(site: Site) -> None:
    for number in range(4):
        person = await site.person(f"person-{number}")
        await site.grant(site.project_rid, principal(person.user_id), "viewer")
    path = f"/resources/{site.project_rid}/roles"

    found, token = [], {}
    while True:
        page = await site.admin.get(path, pageSize=2, **token)
        found.extend(one["resourceRolePrincipal"]["principalId"] for one in page["data"])
        if "nextPageToken" not in page:
            break
        token = {"pageToken": page["nextPageToken"]}

    assert len(found) == len(set(found)) == 5
    foreign = await site.admin.call("GET", path, pageToken="MTp4")
    assert_error(foreign, 400, "InvalidPageToken")


async def test_a_role_of_a_group_reaches_its_members(site: Site) -> None:
    member = await site.person("member")
    group = await site.group("team", member)

    await site.grant(site.project_rid, principal(group), "viewer")

    found = await member.get(f"/projects/{site.project_rid}")
    assert found["displayName"] == "Quickstart"


async def test_a_role_that_was_removed_is_gone(site: Site) -> None:
    person = await site.person("person")
    body = roles((principal(person.user_id), "viewer"))
    await site.admin.post(f"/resources/{site.project_rid}/roles/add", body)

    removed = await site.admin.call("POST", f"/resources/{site.project_rid}/roles/remove", body)

    assert removed.status_code == 204
    reply = await person.call("GET", f"/projects/{site.project_rid}")
    assert_error(reply, 404, "ProjectNotFound")


@pytest.mark.parametrize("call", ["add", "remove"])
async def test_what_is_not_possible_is_refused(site: Site, call: str) -> None:
    path = f"/resources/{site.project_rid}/roles/{call}"
    editor, nobody = await site.person("editor"), "00000000-0000-4000-8000-000000000000"
    await site.grant(site.project_rid, principal(editor.user_id), "editor")
    denied = f"{call.capitalize()}ResourceRolesPermissionDenied"

    async def refused(body: object, person=site.admin, path=path):
        return await person.call("POST", path, body)

    owner = roles((principal(site.admin.user_id), "owner"))
    stronger = await refused(owner, editor)
    assert_error(stronger, 403, denied, resourceRid=site.project_rid)
    unknown_role = await refused(roles((EVERYONE, "emperor")))
    assert_error(unknown_role, 400, "InvalidRoleIds", requestedRoleIds=["emperor"])
    unknown = await refused(roles((principal(nobody), "viewer")))
    assert_error(unknown, 404, "PrincipalNotFound", principalId=nobody)
    unseen = await refused(owner, path="/resources/ri.compass.main.folder.x/roles/add")
    assert_error(unseen, 404, "ResourceNotFound")
    assert_error(await refused({"roles": [{}]}), 400, "Conjure:InvalidArgument")
    too_many = await refused(roles(*[(EVERYONE, "viewer")] * 1_001))
    assert_error(too_many, 400, "Conjure:InvalidArgument")
