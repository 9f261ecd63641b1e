"""``/api/v2/filesystem/spaces``."""

import pytest
from foundry_sdk.v2.filesystem import models

from fixtures.filesystem_web import ORGANIZATION, Site, assert_error
from sluiceway.access.scopes import Operation

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_spaces_are_listed_to_everyone_in_the_form_of_the_sdk(site: Site) -> None:
    stranger = await site.person("stranger")

    page = models.ListSpacesResponse.model_validate(await stranger.get("/spaces"))

    (space,) = page.data
    assert (space.rid, space.display_name, space.path) == (site.space_rid, "Main", "/Main")
    assert space.organizations == [ORGANIZATION]
    assert page.next_page_token is None


async def test_a_space_is_got(site: Site) -> None:
    space = models.Space.model_validate(
        await site.admin.get(f"/spaces/{site.space_rid}", preview="true")
    )

    assert space.display_name == "Main"


async def test_getting_a_space_is_in_preview(site: Site) -> None:
    reply = await site.admin.call("GET", f"/spaces/{site.space_rid}")

    assert_error(reply, 400, "ApiFeaturePreviewUsageOnly")


async def test_what_is_no_space_is_not_found(site: Site) -> None:
    for rid in (site.project_rid, "ri.compass.main.folder.none", "nonsense", "%00"):
        reply = await site.admin.call("GET", f"/spaces/{rid}", preview="true")
        assert reply.status_code == 404
        assert reply.json()["errorName"] == "SpaceNotFound"


async def test_a_token_needs_the_scope_of_the_filesystem(site: Site) -> None:
    narrow = await site.with_token(site.admin.user_id, Operation.STREAMS_WRITE)

    reply = await narrow.call("GET", "/spaces")

    assert_error(reply, 403, "ApiUsageDenied", missingScope="api:use-filesystem-read")


async def test_without_a_token_nothing_is_told(site: Site) -> None:
    reply = await site.http.get("/api/v2/filesystem/spaces")

    assert_error(reply, 401, "MissingCredentials")


async def test_page_parameters_are_checked(site: Site) -> None:
    assert_error(await site.admin.call("GET", "/spaces", pageSize=0), 400, "InvalidPageSize")
    assert_error(await site.admin.call("GET", "/spaces", pageToken="?"), 400, "InvalidPageToken")
    too_many = await site.admin.call("GET", "/spaces", pageSize="many")
    assert_error(too_many, 400, "Conjure:InvalidArgument")
