"""``/api/v2/filesystem/projects``."""

import pytest
from foundry_sdk.v2.filesystem import models

from fixtures.filesystem_web import ORGANIZATION, Person, Site, assert_error

pytestmark = pytest.mark.asyncio(loop_scope="module")


def project(site: Site, **more: object) -> dict[str, object]:
    return {
        "displayName": "New",
        "spaceRid": site.space_rid,
        "roleGrants": {},
        "defaultRoles": [],
        "organizationRids": [ORGANIZATION],
        **more,
    }


async def role_ids(person: Person, rid: str) -> set[tuple[str, str]]:
    page = await person.get(f"/resources/{rid}/roles")
    return {
        (one["resourceRolePrincipal"].get("principalId", "everyone"), one["roleId"])
        for one in page["data"]
    }


async def test_a_project_is_created_with_its_roles(site: Site) -> None:
    maker, editor = await site.person("maker"), await site.person("editor")
    group = await site.group("readers")
    named = [{"type": "principalWithId", "principalId": editor.user_id, "principalType": "USER"}]
    readers = [{"type": "principalWithId", "principalId": group, "principalType": "GROUP"}]

    made = models.Project.model_validate(
        await maker.post(
            "/projects/create",
            project(
                site,
                description="ours\n" * 2_000,
                roleGrants={"editor": named, "viewer": readers},
                defaultRoles=["discoverer"],
                resourceLevelRoleGrantsAllowed=False,
            ),
        )
    )

    assert (made.path, made.description) == ("/Main/New", "ours\n" * 2_000)
    assert made.resource_level_role_grants_allowed is False
    assert made.created_by == maker.user_id
    assert made.trash_status == "NOT_TRASHED"
    assert await role_ids(maker, made.rid) == {
        (maker.user_id, "owner"),
        (editor.user_id, "editor"),
        (group, "viewer"),
        ("everyone", "discoverer"),
    }


async def test_roles_on_single_resources_are_allowed_by_default(site: Site) -> None:
    body = {"displayName": "Short", "spaceRid": site.space_rid}

    made = models.Project.model_validate(await site.admin.post("/projects/create", body))

    assert made.resource_level_role_grants_allowed is True


@pytest.mark.parametrize(
    ("change", "status", "name"),
    [
        ({"displayName": "Quickstart"}, 409, "ProjectNameAlreadyExists"),
        ({"displayName": "a/b"}, 400, "InvalidDisplayName"),
        ({"displayName": "x" * 701}, 400, "InvalidDisplayName"),
        ({"spaceRid": "ri.compass.main.folder.none"}, 404, "SpaceNotFound"),
        ({"defaultRoles": ["emperor"]}, 400, "InvalidRoleIds"),
        ({"organizationRids": ["ri.multipass..organization.x"]}, 404, "OrganizationsNotFound"),
        ({"description": "x" * 10_001}, 400, "Conjure:InvalidArgument"),
        ({"description": "\x00"}, 400, "Conjure:InvalidArgument"),
        ({"displayName": 7}, 400, "Conjure:InvalidArgument"),
        ({"unknown": 1}, 400, "Conjure:InvalidArgument"),
    ],
)
async def test_a_project_that_is_not_possible_is_refused(
    site: Site, change: dict[str, object], status: int, name: str
) -> None:
    reply = await site.admin.call("POST", "/projects/create", project(site, **change))

    assert_error(reply, status, name)


async def test_a_role_for_somebody_who_does_not_exist_is_refused(site: Site) -> None:
    nobody = "00000000-0000-4000-8000-000000000000"
    named = [{"type": "principalWithId", "principalId": nobody, "principalType": "USER"}]

    reply = await site.admin.call(
        "POST", "/projects/create", project(site, roleGrants={"viewer": named})
    )

    assert_error(reply, 404, "PrincipalNotFound", principalId=nobody)
    children = await site.admin.get(f"/folders/{site.space_rid}/children")
    assert [one["displayName"] for one in children["data"]] == ["Quickstart"]


async def test_a_project_is_got_by_those_who_see_it(site: Site) -> None:
    stranger = await site.person("stranger")

    found = models.Project.model_validate(await site.admin.get(f"/projects/{site.project_rid}"))
    refused = await stranger.call("GET", f"/projects/{site.project_rid}")

    assert found.path == "/Main/Quickstart"
    assert_error(refused, 404, "ProjectNotFound", projectRid=site.project_rid)


async def test_a_project_is_replaced_by_its_owner(site: Site) -> None:
    editor = await site.person("editor")
    body = {"displayName": "Renamed", "description": "why"}
    path = f"/projects/{site.project_rid}"
    grant = {"type": "principalIdOnly", "principalId": editor.user_id}
    await site.grant(site.project_rid, grant, "editor")

    refused = await editor.call("PUT", path, body, preview="true")
    replaced = await site.admin.call("PUT", path, body, preview="true")

    assert_error(refused, 403, "ReplaceProjectPermissionDenied", projectRid=site.project_rid)
    assert models.Project.model_validate(replaced.json()).path == "/Main/Renamed"
