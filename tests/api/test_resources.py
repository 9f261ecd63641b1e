"""``/api/v2/filesystem/resources``."""

from urllib.parse import quote

import pytest
from foundry_sdk.v2.filesystem import models

from fixtures.filesystem_web import ORGANIZATION, Site, assert_error, principal

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_dataset_is_got_in_the_form_of_the_sdk(site: Site) -> None:
    rid = await site.dataset(site.project_rid, "orders")

    found = models.Resource.model_validate(await site.admin.get(f"/resources/{rid}"))

    assert (found.type, found.path) == ("FOUNDRY_DATASET", "/Main/Quickstart/orders")
    assert (found.project_rid, found.space_rid) == (site.project_rid, site.space_rid)
    assert found.created_time == found.updated_time


async def test_a_project_is_a_resource_of_type_folder(site: Site) -> None:
    found = models.Resource.model_validate(await site.admin.get(f"/resources/{site.project_rid}"))

    assert found.type == "COMPASS_FOLDER"
    assert found.project_rid == site.project_rid


async def test_a_space_and_the_root_are_no_resources(site: Site) -> None:
    space = await site.admin.call("GET", f"/resources/{site.space_rid}")
    root = await site.admin.call("GET", "/resources/ri.compass.main.folder.0")

    assert_error(space, 400, "GetSpaceResourceNotSupported", spaceRid=site.space_rid)
    assert_error(root, 400, "GetRootFolderNotSupported")


async def test_a_resource_is_found_by_path(site: Site) -> None:
    rid = await site.dataset(await site.folder(site.project_rid, "ä b"), "ord%2Fers")

    found = await site.admin.get("/resources/getByPath", path="/Main/Quickstart/ä b/ord%2Fers")

    assert found["rid"] == rid


async def test_a_path_is_checked(site: Site) -> None:
    async def get(path: str):
        return await site.admin.call("GET", "/resources/getByPath", path=path)

    assert_error(await get("/Main/none"), 404, "PathNotFound", path="/Main/none")
    assert_error(await get("/Main//x"), 400, "InvalidPath", path="/Main//x")
    assert_error(await get("/"), 400, "GetRootFolderNotSupported")
    missing = await site.admin.call("GET", "/resources/getByPath")
    assert_error(missing, 400, "Conjure:InvalidArgument")


async def test_a_batch_gives_what_one_sees(site: Site) -> None:
    rid = await site.dataset(site.project_rid, "orders")
    unknown = "ri.foundry.main.dataset.00000000-0000-4000-8000-000000000000"

    found = await site.admin.post(
        "/resources/getBatch", [{"resourceRid": rid}, {"resourceRid": unknown}]
    )

    batch = models.GetResourcesBatchResponse.model_validate(found)
    assert list(batch.data) == [rid]


async def test_a_batch_is_bounded(site: Site) -> None:
    element = {"resourceRid": site.project_rid}

    await site.admin.post("/resources/getBatch", [element] * 1_000)
    reply = await site.admin.call("POST", "/resources/getBatch", [element] * 1_001)

    assert_error(reply, 400, "Conjure:InvalidArgument")


async def test_access_requirements_name_the_organization(site: Site) -> None:
    rid = await site.dataset(site.project_rid, "orders")

    found = models.AccessRequirements.model_validate(
        await site.admin.get(f"/resources/{rid}/getAccessRequirements")
    )

    (organization,) = found.organizations
    assert (organization.organization_rid, found.markings) == (ORGANIZATION, [])
    assert organization.is_directly_applied is False


async def test_a_discoverer_is_not_told_the_access_requirements(site: Site) -> None:
    person = await site.person("discoverer")
    await site.grant(site.project_rid, principal(person.user_id), "discoverer")
    path = f"/resources/{site.project_rid}/getAccessRequirements"

    reply = await person.call("GET", path)

    assert_error(reply, 403, "GetAccessRequirementsPermissionDenied", resourceRid=site.project_rid)


async def test_a_resource_goes_to_the_trash_comes_back_and_goes_for_ever(site: Site) -> None:
    folder = await site.folder(site.project_rid, "raw")
    rid = await site.dataset(folder, "orders")

    async def status() -> str:
        return (await site.admin.get(f"/resources/{rid}"))["trashStatus"]

    early = await site.admin.call("POST", f"/resources/{folder}/permanentlyDelete")
    assert_error(early, 400, "ResourceNotTrashed", resourceRid=folder)

    trashed = await site.admin.call("DELETE", f"/resources/{folder}")
    assert (trashed.status_code, trashed.content) == (204, b"")
    assert await status() == "ANCESTOR_TRASHED"
    indirect = await site.admin.call("POST", f"/resources/{rid}/restore")
    assert_error(indirect, 400, "ResourceNotDirectlyTrashed", resourceRid=rid)

    restored = await site.admin.call("POST", f"/resources/{folder}/restore")
    assert restored.status_code == 204
    assert await status() == "NOT_TRASHED"

    await site.admin.call("DELETE", f"/resources/{folder}")
    deleted = await site.admin.call("POST", f"/resources/{folder}/permanentlyDelete")
    assert deleted.status_code == 204
    gone = await site.admin.call("GET", f"/resources/{rid}")
    assert_error(gone, 404, "ResourceNotFound", resourceRid=rid)


async def test_restoring_into_a_taken_name_is_a_conflict(site: Site) -> None:
    rid = await site.dataset(site.project_rid, "orders")
    await site.admin.call("DELETE", f"/resources/{rid}")
    await site.dataset(site.project_rid, "orders")

    reply = await site.admin.call("POST", f"/resources/{rid}/restore")

    assert_error(
        reply,
        409,
        "ResourceNameAlreadyExists",
        parentFolderRid=site.project_rid,
        displayName="orders",
    )


async def test_the_trash_needs_its_roles(site: Site) -> None:
    rid = await site.dataset(site.project_rid, "orders")
    viewer, editor = await site.person("viewer"), await site.person("editor")
    await site.grant(rid, principal(viewer.user_id), "viewer")
    await site.grant(rid, principal(editor.user_id), "editor")

    refused = await viewer.call("DELETE", f"/resources/{rid}")
    assert_error(refused, 403, "DeleteResourcePermissionDenied", resourceRid=rid)
    assert (await editor.call("DELETE", f"/resources/{rid}")).status_code == 204
    restoring = await viewer.call("POST", f"/resources/{rid}/restore")
    assert_error(restoring, 403, "RestoreResourcePermissionDenied", resourceRid=rid)
    purging = await editor.call("POST", f"/resources/{rid}/permanentlyDelete")
    assert_error(purging, 403, "PermanentlyDeleteResourcePermissionDenied", resourceRid=rid)
    space = await site.admin.call("DELETE", f"/resources/{site.space_rid}")
    assert_error(space, 400, "TrashingSpaceNotSupported", resourceRid=site.space_rid)


async def test_a_text_that_is_no_rid_is_not_found(site: Site) -> None:
    for text in ("x", "ri.a.b.c.d/e", "ri.a..c.\x00", "ä" * 300):
        reply = await site.admin.call("GET", f"/resources/{quote(text, safe='')}")
        assert_error(reply, 404, "ResourceNotFound", resourceRid=text)
