"""``/api/v2/filesystem/folders``."""

import pytest
from foundry_sdk.v2.filesystem import models

from fixtures.filesystem_web import Site, assert_error, principal

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_folder_is_created_and_got(site: Site) -> None:
    body = {"parentFolderRid": site.project_rid, "displayName": "raw"}

    made = models.Folder.model_validate(await site.admin.post("/folders", body))

    assert (made.type, made.path) == ("FOLDER", "/Main/Quickstart/raw")
    assert (made.parent_folder_rid, made.project_rid) == (site.project_rid, site.project_rid)
    assert models.Folder.model_validate(await site.admin.get(f"/folders/{made.rid}")) == made


async def test_spaces_and_projects_are_folders_too(site: Site) -> None:
    space = models.Folder.model_validate(await site.admin.get(f"/folders/{site.space_rid}"))
    project = models.Folder.model_validate(await site.admin.get(f"/folders/{site.project_rid}"))

    assert (space.type, space.parent_folder_rid) == ("SPACE", "ri.compass.main.folder.0")
    assert space.project_rid is None
    assert project.type == "PROJECT"


async def test_a_folder_that_is_not_possible_is_refused(site: Site) -> None:
    dataset = await site.dataset(site.project_rid, "orders")
    reader = await site.person("reader")
    await site.grant(site.project_rid, principal(reader.user_id), "viewer")

    async def create(parent: str, name: str, person=site.admin):
        body = {"parentFolderRid": parent, "displayName": name}
        return await person.call("POST", "/folders", body)

    taken = await create(site.project_rid, "orders")
    assert_error(taken, 409, "ResourceNameAlreadyExists", displayName="orders")
    outside = await create(site.space_rid, "x")
    assert_error(outside, 400, "CreateFolderOutsideProjectNotSupported")
    assert_error(await create(dataset, "x"), 400, "InvalidFolder", resourceRid=dataset)
    assert_error(await create("nonsense", "x"), 404, "FolderNotFound", folderRid="nonsense")
    assert_error(await create(site.project_rid, ".."), 400, "InvalidDisplayName")
    root = await create("ri.compass.main.folder.0", "x")
    assert_error(root, 400, "GetRootFolderNotSupported")
    denied = await create(site.project_rid, "x", reader)
    assert_error(denied, 403, "CreateFolderPermissionDenied")


async def test_children_come_in_pages_in_the_form_of_the_sdk(site: Site) -> None:
    for number in range(5):
        await site.folder(site.project_rid, f"folder {number}")

    names, token = [], {}
    while True:
        page = models.ListChildrenOfFolderResponse.model_validate(
            await site.admin.get(f"/folders/{site.project_rid}/children", pageSize=2, **token)
        )
        names.extend(child.display_name for child in page.data)
        if page.next_page_token is None:
            break
        token = {"pageToken": page.next_page_token}

    assert names == [f"folder {number}" for number in range(5)]


async def test_a_page_of_children_may_be_asked_for_as_large_as_foundry_gives(site: Site) -> None:
    page = await site.admin.get(f"/folders/{site.project_rid}/children", pageSize=2_000)

    assert page == {"data": []}


async def test_a_folder_is_moved_and_renamed(site: Site) -> None:
    inner, outer = (
        await site.folder(site.project_rid, "a"),
        await site.folder(site.project_rid, "b"),
    )
    path = f"/folders/{inner}"

    moved = await site.admin.call(
        "PUT", path, {"parentFolderRid": outer, "displayName": "c"}, preview="true"
    )
    circular = await site.admin.call(
        "PUT",
        f"/folders/{outer}",
        {"parentFolderRid": inner, "displayName": "b"},
        preview="true",
    )

    assert models.Folder.model_validate(moved.json()).path == "/Main/Quickstart/b/c"
    assert_error(circular, 400, "CircularDependency")
