"""``foundry_sdk`` against a real server: spaces, projects, folders, resources, roles, trash."""

from typing import Any

import pytest
from foundry_sdk.v2.admin.errors import PrincipalNotFound
from foundry_sdk.v2.filesystem import errors
from foundry_sdk.v2.filesystem.models import (
    Everyone,
    PrincipalIdOnly,
    PrincipalWithId,
    ResourceRoleIdentifier,
)

from fixtures.api import SENSOR_SCHEMA, Api, StreamUnderTest, unique
from fixtures.clients import Sdk, answer, every

Person = tuple[str, Api]

ORGANIZATION = "ri.multipass..organization.sluiceway"
NO_FOLDER = "ri.compass.main.folder.6f0a7f9e-6d1e-4c8e-9d6a-2b1f6a3c9e55"
ROOT_FOLDER = "ri.compass.main.folder.0"


@pytest.fixture
def filesystem(client: Any) -> Any:
    return client.filesystem


@pytest.fixture
def project(api: Api) -> str:
    return api.new_project()


def may(role_id: str, principal_id: str | None = None) -> ResourceRoleIdentifier:
    """Name a role of a principal, or of everyone."""
    who = Everyone() if principal_id is None else PrincipalIdOnly(principal_id=principal_id)
    return ResourceRoleIdentifier(resource_role_principal=who, role_id=role_id)


def granted(roles: list[Any]) -> list[tuple[str, str]]:
    """Give who has which role."""
    return sorted(
        (getattr(one.resource_role_principal, "principal_id", "everyone"), one.role_id)
        for one in roles
    )


async def test_spaces_are_listed_and_got(filesystem: Any) -> None:
    listed = {space.display_name: space for space in await every(filesystem.Space.list())}

    got = await answer(filesystem.Space.get(listed["Main"].rid, preview=True))

    assert got == listed["Main"]
    assert got.path == "/Main"
    with pytest.raises(errors.SpaceNotFound) as caught:
        await answer(filesystem.Space.get(NO_FOLDER, preview=True))
    assert caught.value.parameters == {"spaceRid": NO_FOLDER}


async def test_a_project_is_created_got_and_replaced(
    filesystem: Any, api: Api, person: Person
) -> None:
    name, renamed = unique("meters"), unique("renamed")
    viewer = PrincipalWithId(principal_id=person[0], principal_type="USER")

    made = await answer(
        filesystem.Project.create(
            display_name=name,
            description="What the meters say.",
            space_rid=api.space(),
            role_grants={"viewer": [viewer]},
            default_roles=["discoverer"],
            organization_rids=[],
            resource_level_role_grants_allowed=True,
        )
    )
    got = await answer(filesystem.Project.get(made.rid))
    replaced = await answer(
        filesystem.Project.replace(
            made.rid, display_name=renamed, description="Now others.", preview=True
        )
    )
    roles = await every(filesystem.Resource.Role.list(made.rid))

    assert got == made
    assert (made.display_name, made.description, made.path) == (
        name,
        "What the meters say.",
        f"/Main/{name}",
    )
    assert made.resource_level_role_grants_allowed is True
    assert (replaced.rid, replaced.display_name, replaced.description, replaced.path) == (
        made.rid,
        renamed,
        "Now others.",
        f"/Main/{renamed}",
    )
    me = api.ok("GET", "/api/v2/admin/users/getCurrent")["id"]
    assert granted(roles) == sorted(
        [("everyone", "discoverer"), (person[0], "viewer"), (me, "owner")]
    )


async def test_a_project_that_cannot_be_raises_the_clients_own_errors(
    filesystem: Any, api: Api, project: str
) -> None:
    taken, space = (await answer(filesystem.Project.get(project))).display_name, api.space()

    async def create(**changes: Any) -> Any:
        described = {
            "display_name": unique("new"),
            "space_rid": space,
            "role_grants": {},
            "default_roles": [],
            "organization_rids": [],
        }
        return await answer(filesystem.Project.create(**{**described, **changes}))

    with pytest.raises(errors.ProjectNameAlreadyExists) as twice:
        await create(display_name=taken)
    with pytest.raises(errors.InvalidDisplayName) as dotted:
        await create(display_name="..")
    with pytest.raises(errors.InvalidRoleIds) as unknown:
        await create(default_roles=["king"])
    with pytest.raises(errors.SpaceNotFound):
        await create(space_rid=NO_FOLDER)
    with pytest.raises(errors.ProjectNotFound) as missing:
        await answer(filesystem.Project.get(NO_FOLDER))
    with pytest.raises(errors.ProjectNotFound):
        await answer(filesystem.Project.replace(NO_FOLDER, display_name="x", preview=True))
    with pytest.raises(errors.InvalidDisplayName):
        await answer(filesystem.Project.replace(project, display_name="a/b", preview=True))

    assert twice.value.parameters == {"spaceRid": space, "displayName": taken}
    assert dotted.value.parameters["displayName"] == ".."
    assert "king" in unknown.value.parameters["requestedRoleIds"]
    assert missing.value.parameters == {"projectRid": NO_FOLDER}


async def test_folders_are_created_got_and_listed_page_by_page(
    filesystem: Any, client: Any, project: str
) -> None:
    made = [
        await answer(
            filesystem.Folder.create(display_name=f"folder {n}", parent_folder_rid=project)
        )
        for n in range(3)
    ]
    dataset = await answer(
        client.streams.Dataset.create(
            name="stream", parent_folder_rid=project, schema=SENSOR_SCHEMA, preview=True
        )
    )

    got = await answer(filesystem.Folder.get(made[0].rid))
    children = await every(filesystem.Folder.children(project, page_size=2))
    nothing = await every(filesystem.Folder.children(made[0].rid))

    assert got == made[0]
    assert (got.type, got.parent_folder_rid, got.project_rid) == ("FOLDER", project, project)
    assert sorted((child.rid, child.type) for child in children) == sorted(
        [(folder.rid, "COMPASS_FOLDER") for folder in made] + [(dataset.rid, "FOUNDRY_DATASET")]
    )
    assert nothing == []


async def test_a_folder_that_cannot_be_raises_the_clients_own_errors(
    filesystem: Any, project: str, stream: StreamUnderTest
) -> None:
    async def create(name: str, parent: str) -> Any:
        return await answer(filesystem.Folder.create(display_name=name, parent_folder_rid=parent))

    await create("taken", project)
    with pytest.raises(errors.ResourceNameAlreadyExists) as twice:
        await create("taken", project)
    with pytest.raises(errors.InvalidDisplayName):
        await create("a" * 701, project)
    with pytest.raises(errors.FolderNotFound) as missing:
        await create("new", NO_FOLDER)
    with pytest.raises(errors.InvalidFolder) as no_folder:
        await create("new", stream.rid)
    with pytest.raises(errors.FolderNotFound):
        await answer(filesystem.Folder.get(NO_FOLDER))
    with pytest.raises(errors.FolderNotFound):
        await every(filesystem.Folder.children(NO_FOLDER))

    assert twice.value.parameters == {"parentFolderRid": project, "displayName": "taken"}
    assert missing.value.parameters == {"folderRid": NO_FOLDER}
    assert no_folder.value.parameters == {"resourceRid": stream.rid}


async def test_a_resource_is_got_by_its_id_by_its_path_and_with_others(
    filesystem: Any, api: Api, project: str
) -> None:
    streams = [api.new_stream(folder=project), api.new_stream(folder=project)]

    got = await answer(filesystem.Resource.get(streams[0].rid))
    by_path = await answer(filesystem.Resource.get_by_path(path=got.path))
    batch = await answer(
        filesystem.Resource.get_batch(
            [{"resourceRid": one.rid} for one in streams] + [{"resourceRid": NO_FOLDER}]
        )
    )
    requirements = await answer(filesystem.Resource.get_access_requirements(streams[0].rid))

    assert by_path == got
    assert (got.type, got.trash_status, got.project_rid) == (
        "FOUNDRY_DATASET",
        "NOT_TRASHED",
        project,
    )
    assert set(batch.data) == {one.rid for one in streams}
    assert batch.data[got.rid] == got
    assert requirements.markings == []


async def test_a_resource_that_is_not_there_raises_the_clients_own_errors(
    filesystem: Any,
) -> None:
    resources = filesystem.Resource

    for call in [
        lambda: resources.get(NO_FOLDER),
        lambda: resources.delete(NO_FOLDER),
        lambda: resources.restore(NO_FOLDER),
        lambda: resources.permanently_delete(NO_FOLDER),
        lambda: resources.get_access_requirements(NO_FOLDER),
        lambda: resources.Role.add(NO_FOLDER, roles=[may("viewer")]),
        lambda: resources.Role.remove(NO_FOLDER, roles=[may("viewer")]),
    ]:
        with pytest.raises(errors.ResourceNotFound) as caught:
            await answer(call())
        assert caught.value.parameters == {"resourceRid": NO_FOLDER}
    with pytest.raises(errors.ResourceNotFound):
        await every(resources.Role.list(NO_FOLDER))
    with pytest.raises(errors.PathNotFound) as nowhere:
        await answer(resources.get_by_path(path="/Main/nowhere"))
    with pytest.raises(errors.InvalidPath):
        await answer(resources.get_by_path(path="/Main//nowhere"))
    with pytest.raises(errors.GetRootFolderNotSupported):
        await answer(resources.get(ROOT_FOLDER))

    assert nowhere.value.parameters == {"path": "/Main/nowhere"}


async def test_a_resource_goes_to_the_trash_and_back_and_for_ever(
    filesystem: Any, api: Api, project: str
) -> None:
    folder = await answer(filesystem.Folder.create(display_name="f", parent_folder_rid=project))
    stream = api.new_stream(folder=folder.rid)
    resources = filesystem.Resource

    async def status() -> tuple[str, str]:
        return (
            (await answer(resources.get(folder.rid))).trash_status,
            (await answer(resources.get(stream.rid))).trash_status,
        )

    with pytest.raises(errors.ResourceNotTrashed) as too_soon:
        await answer(resources.permanently_delete(folder.rid))
    await answer(resources.delete(folder.rid))
    trashed = await status()
    with pytest.raises(errors.ResourceNotDirectlyTrashed) as below:
        await answer(resources.restore(stream.rid))
    await answer(resources.restore(folder.rid))
    restored = await status()
    await answer(resources.delete(folder.rid))
    await answer(resources.permanently_delete(folder.rid))

    assert trashed == ("DIRECTLY_TRASHED", "ANCESTOR_TRASHED")
    assert restored == ("NOT_TRASHED", "NOT_TRASHED")
    assert too_soon.value.parameters == {"resourceRid": folder.rid}
    assert below.value.parameters == {"resourceRid": stream.rid}
    for rid in (folder.rid, stream.rid):
        with pytest.raises(errors.ResourceNotFound):
            await answer(resources.get(rid))


async def test_a_stream_is_shared_with_a_person_a_group_and_everyone(
    sdk: Sdk, client: Any, api: Api, stream: StreamUnderTest
) -> None:
    roles = client.filesystem.Resource.Role
    user_id, user = api.new_user()
    group = await answer(
        client.admin.Group.create(name=unique("team"), organizations=[ORGANIZATION], attributes={})
    )
    grants = [may("editor", user_id), may("viewer", group.id), may("discoverer")]
    as_user = sdk.as_(user.token).streams.Dataset.Stream

    await answer(roles.add(stream.rid, roles=grants))
    direct = await every(roles.list(stream.rid, page_size=1))
    inherited = await every(roles.list(stream.rid, include_inherited=True))
    await answer(as_user.publish_record(stream.rid, "master", record={"sensor_id": "s1"}))
    await answer(roles.remove(stream.rid, roles=grants))
    left = await every(roles.list(stream.rid))

    assert granted(direct) == sorted(
        [(user_id, "editor"), (group.id, "viewer"), ("everyone", "discoverer")]
    )
    assert {one.resource_role_principal.type for one in direct} == {"principalWithId", "everyone"}
    me = api.ok("GET", "/api/v2/admin/users/getCurrent")["id"]
    assert (me, "owner") in granted(inherited)
    assert set(granted(direct)) < set(granted(inherited))
    assert left == []


async def test_roles_that_cannot_be_raise_the_clients_own_errors(
    filesystem: Any, stream: StreamUnderTest
) -> None:
    nobody = "6f0a7f9e-6d1e-4c8e-9d6a-2b1f6a3c9e55"

    for call in (filesystem.Resource.Role.add, filesystem.Resource.Role.remove):
        with pytest.raises(errors.InvalidRoleIds) as unknown:
            await answer(call(stream.rid, roles=[may("king")]))
        assert unknown.value.parameters == {"requestedRoleIds": ["king"]}
    with pytest.raises(PrincipalNotFound) as missing:
        await answer(filesystem.Resource.Role.add(stream.rid, roles=[may("viewer", nobody)]))

    assert missing.value.parameters == {"principalId": nobody}


async def test_a_folder_is_renamed_and_moved_but_not_into_itself(
    filesystem: Any, api: Api, project: str
) -> None:
    folders = filesystem.Folder
    old = await answer(folders.create(display_name="old", parent_folder_rid=project))
    home = await answer(folders.create(display_name="home", parent_folder_rid=project))
    stream = api.new_stream(folder=old.rid)

    moved = await answer(
        folders.replace(old.rid, display_name="new", parent_folder_rid=home.rid, preview=True)
    )
    with pytest.raises(errors.CircularDependency):
        await answer(
            folders.replace(home.rid, display_name="home", parent_folder_rid=old.rid, preview=True)
        )
    below = await answer(filesystem.Resource.get(stream.rid))

    assert (moved.rid, moved.path) == (old.rid, f"{home.path}/new")
    assert below.path.startswith(f"{home.path}/new/")
