"""Spaces, projects, folders and resources: making, finding, listing, moving."""

import asyncio

import pytest

from fixtures.databases import open_tables
from fixtures.filesystem import Tree, caller_of
from sluiceway.access.principals.types import ORGANIZATION_RID
from sluiceway.access.roles import Role
from sluiceway.filesystem.errors import (
    CircularDependencyError,
    CreateFolderOutsideProjectNotSupportedError,
    CreateFolderPermissionDeniedError,
    CreateProjectPermissionDeniedError,
    FolderNotFoundError,
    GetRootFolderNotSupportedError,
    GetSpaceResourceNotSupportedError,
    InvalidDisplayNameError,
    InvalidFolderError,
    InvalidParentFolderError,
    InvalidPathError,
    OrganizationsNotFoundError,
    PathNotFoundError,
    ProjectNameAlreadyExistsError,
    ProjectNotFoundError,
    ReplaceFolderPermissionDeniedError,
    ReplaceProjectPermissionDeniedError,
    ResourceNameAlreadyExistsError,
    ResourceNotFoundError,
    SpaceNotFoundError,
)
from sluiceway.filesystem.projects import NewProject
from sluiceway.filesystem.settings import FilesystemSettings
from sluiceway.filesystem.types import (
    DEPTH_MAX,
    RESOURCES_PER_BATCH_MAX,
    ROOT_FOLDER_RID,
    GrantRequest,
    ResourceType,
    TrashStatus,
)
from sluiceway.foundation.paging import PageRequest, parse_page
from sluiceway.foundation.request_errors import InvalidArgumentError, PermissionDeniedError
from sluiceway.foundation.rids import Rid, is_rid, new_dataset_rid

ALL = PageRequest(1_000, None)


async def names_in(tree: Tree, rid: Rid, caller=None) -> list[str]:
    page = await tree.folders.children(caller or tree.owner, rid, ALL)
    return [resource.display_name for resource in page.data]


async def test_an_empty_server_starts_with_a_space_and_a_project(tree: Tree) -> None:
    again = await tree.spaces.bootstrap(tree.owner.principal_id)

    spaces = await tree.spaces.list_spaces(ALL)
    project = await tree.projects.get(tree.owner, tree.project_rid)
    assert again is None
    assert [space.path for space in spaces.data] == ["/Main"]
    assert project.path == "/Main/Quickstart"
    assert await tree.permissions.role(tree.owner, tree.project_rid) is Role.OWNER
    assert is_rid(tree.space_rid)
    assert is_rid(tree.project_rid)


async def test_a_resource_knows_where_it_lies(tree: Tree) -> None:
    folder = await tree.folder(tree.project_rid, "raw")

    dataset = await tree.dataset(folder.rid, "orders")

    found = await tree.resources.get(tree.owner, dataset.rid)
    assert found == dataset
    assert found.path == "/Main/Quickstart/raw/orders"
    assert (found.parent_folder_rid, found.project_rid, found.space_rid) == (
        folder.rid,
        tree.project_rid,
        tree.space_rid,
    )
    assert found.type is ResourceType.FOUNDRY_DATASET
    assert found.type.wire_type == "FOUNDRY_DATASET"
    assert folder.type.wire_type == "COMPASS_FOLDER"
    assert found.created_by == tree.owner.principal_id
    assert found.trash_status is TrashStatus.NOT_TRASHED


async def test_a_resource_is_found_by_its_path(tree: Tree) -> None:
    dataset = await tree.dataset((await tree.folder(tree.project_rid, "raw")).rid, "ördérs 1")

    for path in ("/Main/Quickstart/raw/ördérs 1", "Main/Quickstart/raw/ördérs 1"):
        assert (await tree.resources.get_by_path(tree.owner, path)).rid == dataset.rid


@pytest.mark.parametrize("path", ["/Main/Quickstart/none", "/Other", "/main", "/a" * 51])
async def test_a_path_to_nothing_is_not_found(tree: Tree, path: str) -> None:
    with pytest.raises(PathNotFoundError):
        await tree.resources.get_by_path(tree.owner, path)


async def test_a_path_to_what_one_does_not_see_is_not_found(tree: Tree) -> None:
    with pytest.raises(PathNotFoundError):
        await tree.resources.get_by_path(tree.user(), "/Main/Quickstart")


@pytest.mark.parametrize("path", ["", "//", "/Main/", "/Main//x", "/Main/\x00"])
async def test_what_is_no_path_is_refused(tree: Tree, path: str) -> None:
    with pytest.raises(InvalidPathError):
        await tree.resources.get_by_path(tree.owner, path)


async def test_spaces_and_the_root_are_no_resources(tree: Tree) -> None:
    with pytest.raises(GetSpaceResourceNotSupportedError):
        await tree.resources.get(tree.owner, tree.space_rid)
    with pytest.raises(GetSpaceResourceNotSupportedError):
        await tree.resources.get_by_path(tree.owner, "/Main")
    with pytest.raises(GetRootFolderNotSupportedError):
        await tree.resources.get(tree.owner, ROOT_FOLDER_RID)
    with pytest.raises(GetRootFolderNotSupportedError):
        await tree.resources.get_by_path(tree.owner, "/")
    with pytest.raises(GetRootFolderNotSupportedError):
        await tree.folders.children(tree.owner, ROOT_FOLDER_RID, ALL)


async def test_what_one_does_not_see_is_not_found(tree: Tree) -> None:
    folder = await tree.folder(tree.project_rid, "raw")
    stranger = tree.user()

    with pytest.raises(ResourceNotFoundError):
        await tree.resources.get(stranger, folder.rid)
    with pytest.raises(FolderNotFoundError):
        await tree.folders.get(stranger, folder.rid)
    with pytest.raises(FolderNotFoundError):
        await tree.folders.create(stranger, parent_folder_rid=folder.rid, display_name="x")
    with pytest.raises(ProjectNotFoundError):
        await tree.projects.get(stranger, tree.project_rid)
    with pytest.raises(ResourceNotFoundError):
        await tree.resources.get(tree.owner, Rid("not a rid"))


async def test_a_discoverer_sees_name_and_path(tree: Tree) -> None:
    dataset = await tree.dataset(tree.project_rid, "orders")

    caller = await tree.user_with(dataset.rid, "discoverer")

    assert (await tree.resources.get(caller, dataset.rid)).path == "/Main/Quickstart/orders"


async def test_a_batch_leaves_out_what_one_does_not_see(tree: Tree) -> None:
    seen = await tree.dataset(tree.project_rid, "seen")
    unseen = await tree.dataset(tree.project_rid, "unseen")
    caller = await tree.user_with(seen.rid, "viewer")

    found = await tree.resources.get_batch(
        caller, [seen.rid, unseen.rid, tree.space_rid, new_dataset_rid(), seen.rid]
    )

    assert found == {seen.rid: seen}


async def test_a_batch_holds_at_most_so_many(tree: Tree) -> None:
    dataset = await tree.dataset(tree.project_rid, "orders")
    rids = [dataset.rid] + [new_dataset_rid() for _ in range(RESOURCES_PER_BATCH_MAX - 1)]

    assert list(await tree.resources.get_batch(tree.owner, rids)) == [dataset.rid]

    with pytest.raises(InvalidArgumentError):
        await tree.resources.get_batch(tree.owner, [*rids, dataset.rid])


async def test_children_come_by_name_and_in_pages_without_gaps(tree: Tree) -> None:
    names = ["b", "a" * 700, "a" * 699 + "b", "c", "a"]
    for name in names:
        await tree.folder(tree.project_rid, name)

    found, after, pages = [], None, 0
    while True:
        page = await tree.folders.children(tree.owner, tree.project_rid, PageRequest(2, after))
        found.extend(page.data)
        pages += 1
        if page.next_page_token is None:
            break
        after = parse_page(2, page.next_page_token).after

    assert sorted(child.display_name for child in found) == sorted(names)
    assert [child.display_name for child in found][-2:] == ["b", "c"]
    assert pages == 3


async def test_the_projects_of_a_space_are_listed_to_those_who_see_them(tree: Tree) -> None:
    other = await tree.project("Other")
    caller = await tree.user_with(other.rid, "discoverer")

    assert await names_in(tree, tree.space_rid, caller) == ["Other"]
    assert await names_in(tree, tree.space_rid, tree.user()) == []
    assert await names_in(tree, tree.space_rid, tree.admin) == ["Other", "Quickstart"]


async def test_children_of_a_dataset_are_refused(tree: Tree) -> None:
    dataset = await tree.dataset(tree.project_rid, "orders")

    with pytest.raises(InvalidFolderError):
        await tree.folders.children(tree.owner, dataset.rid, ALL)


@pytest.mark.parametrize(
    "name", ["x" * 700, "…", ".hidden", "a b", "a\\b", "%2F", "\N{GRINNING FACE}" * 700]
)
async def test_a_name_that_is_allowed_is_given_back(tree: Tree, name: str) -> None:
    folder = await tree.folder(tree.project_rid, name)

    found = await tree.resources.get_by_path(tree.owner, f"/Main/Quickstart/{name}")
    assert (found.rid, found.display_name) == (folder.rid, name)


@pytest.mark.parametrize("name", ["", " ", ".", "..", "a/b", "/", "x" * 701, "a\nb", "a\x00"])
async def test_a_name_that_is_not_allowed_is_refused(tree: Tree, name: str) -> None:
    with pytest.raises(InvalidDisplayNameError):
        await tree.folder(tree.project_rid, name)
    with pytest.raises(InvalidDisplayNameError):
        await tree.dataset(tree.project_rid, name)
    with pytest.raises(InvalidDisplayNameError):
        await tree.project(name)


@pytest.mark.parametrize("name", ["orders", "o" * 700])
async def test_a_name_is_taken_once_in_a_folder(tree: Tree, name: str) -> None:
    folder = await tree.folder(tree.project_rid, "raw")
    await tree.dataset(tree.project_rid, name)

    with pytest.raises(ResourceNameAlreadyExistsError) as refused:
        await tree.folder(tree.project_rid, name)

    assert refused.value.parameters == {"parentFolderRid": tree.project_rid, "displayName": name}
    await tree.dataset(folder.rid, name)


async def test_of_two_creations_at_once_with_one_name_one_is_refused(tree: Tree) -> None:
    outcomes = await asyncio.gather(
        *(tree.dataset(tree.project_rid, "orders") for _ in range(2)), return_exceptions=True
    )

    refused = [one for one in outcomes if isinstance(one, BaseException)]
    assert len(refused) == 1
    assert isinstance(refused[0], ResourceNameAlreadyExistsError)
    assert await names_in(tree, tree.project_rid) == ["orders"]


async def test_a_project_name_is_taken_once_in_a_space(tree: Tree) -> None:
    with pytest.raises(ProjectNameAlreadyExistsError):
        await tree.project("Quickstart")


async def test_creating_needs_the_role_editor(tree: Tree) -> None:
    viewer = await tree.user_with(tree.project_rid, "viewer")
    editor = await tree.user_with(tree.project_rid, "editor")

    with pytest.raises(CreateFolderPermissionDeniedError):
        await tree.folders.create(viewer, parent_folder_rid=tree.project_rid, display_name="raw")
    with pytest.raises(PermissionDeniedError):
        await tree.resources.register(
            viewer,
            rid=new_dataset_rid(),
            resource_type=ResourceType.FOUNDRY_DATASET,
            parent_folder_rid=tree.project_rid,
            display_name="orders",
        )

    await tree.folders.create(editor, parent_folder_rid=tree.project_rid, display_name="raw")


async def test_folders_and_data_lie_in_projects(tree: Tree) -> None:
    with pytest.raises(CreateFolderOutsideProjectNotSupportedError):
        await tree.folder(tree.space_rid, "raw")
    with pytest.raises(InvalidParentFolderError):
        await tree.dataset(tree.space_rid, "orders")


async def test_nothing_lies_in_a_dataset(tree: Tree) -> None:
    dataset = await tree.dataset(tree.project_rid, "orders")

    with pytest.raises(InvalidFolderError):
        await tree.folder(dataset.rid, "raw")
    with pytest.raises(InvalidFolderError):
        await tree.dataset(dataset.rid, "more")


async def test_folders_nest_to_a_bound(tree: Tree) -> None:
    rid = tree.project_rid
    for level in range(3, DEPTH_MAX + 1):
        rid = (await tree.folder(rid, f"level {level}")).rid

    with pytest.raises(InvalidParentFolderError):
        await tree.folder(rid, "too deep")
    with pytest.raises(InvalidParentFolderError):
        await tree.dataset(rid, "too deep")
    deepest = await tree.resources.get(tree.owner, rid)
    assert (await tree.resources.get_by_path(tree.owner, deepest.path)).rid == rid


async def test_a_folder_is_renamed(tree: Tree) -> None:
    folder = await tree.folder(tree.project_rid, "raw")
    dataset = await tree.dataset(folder.rid, "orders")

    renamed = await tree.folders.replace(
        tree.owner, folder.rid, parent_folder_rid=tree.project_rid, display_name="clean"
    )

    assert renamed.path == "/Main/Quickstart/clean"
    found = await tree.resources.get(tree.owner, dataset.rid)
    assert found.path == "/Main/Quickstart/clean/orders"


async def test_a_folder_moves_to_another_project_with_all_that_lies_in_it(tree: Tree) -> None:
    folder = await tree.folder(tree.project_rid, "raw")
    dataset = await tree.dataset((await tree.folder(folder.rid, "deep")).rid, "orders")
    other = await tree.project("Other")

    await tree.folders.replace(
        tree.owner, folder.rid, parent_folder_rid=other.rid, display_name="raw"
    )

    found = await tree.resources.get(tree.owner, dataset.rid)
    assert found.path == "/Main/Other/raw/deep/orders"
    assert found.project_rid == other.rid
    assert await names_in(tree, tree.project_rid) == []


async def test_a_folder_does_not_move_into_itself(tree: Tree) -> None:
    folder = await tree.folder(tree.project_rid, "raw")
    below = await tree.folder(folder.rid, "below")

    for parent in (folder.rid, below.rid):
        with pytest.raises(CircularDependencyError):
            await tree.folders.replace(
                tree.owner, folder.rid, parent_folder_rid=parent, display_name="raw"
            )


async def test_a_folder_does_not_move_where_it_would_lie_too_deep(tree: Tree) -> None:
    rid = tree.project_rid
    for level in range(3, DEPTH_MAX):
        rid = (await tree.folder(rid, f"level {level}")).rid
    moved = await tree.folder(tree.project_rid, "moved")
    await tree.folders.replace(tree.owner, moved.rid, parent_folder_rid=rid, display_name="moved")
    taller = await tree.folder(tree.project_rid, "taller")
    await tree.folder(taller.rid, "below")

    with pytest.raises(InvalidParentFolderError):
        await tree.folders.replace(
            tree.owner, taller.rid, parent_folder_rid=rid, display_name="taller"
        )


async def test_moving_needs_the_role_editor_on_both_sides(tree: Tree) -> None:
    folder = await tree.folder(tree.project_rid, "raw")
    other = await tree.project("Other")
    caller = await tree.user_with(tree.project_rid, "editor")
    await tree.grant(other.rid, caller.principal_id, "viewer")
    viewer = await tree.user_with(tree.project_rid, "viewer")

    with pytest.raises(ReplaceFolderPermissionDeniedError):
        await tree.folders.replace(
            caller, folder.rid, parent_folder_rid=other.rid, display_name="raw"
        )
    with pytest.raises(ReplaceFolderPermissionDeniedError):
        await tree.folders.replace(
            viewer, folder.rid, parent_folder_rid=tree.project_rid, display_name="clean"
        )


async def test_the_maker_of_a_project_owns_it_and_the_others_get_their_roles(tree: Tree) -> None:
    editor, stranger = tree.user(), tree.user()

    project = await tree.project(
        "Shared",
        description="what we share",
        grants=[GrantRequest(editor.principal_id, "editor")],
        default_role_ids=["discoverer"],
        organization_rids=[ORGANIZATION_RID],
    )

    assert project.description == "what we share"
    assert await tree.permissions.role(tree.owner, project.rid) is Role.OWNER
    assert await tree.permissions.role(editor, project.rid) is Role.EDITOR
    assert await tree.permissions.role(stranger, project.rid) is Role.DISCOVERER


async def test_a_project_of_an_unknown_organization_or_space_is_refused(tree: Tree) -> None:
    with pytest.raises(OrganizationsNotFoundError):
        await tree.project("New", organization_rids=["ri.multipass..organization.other"])
    with pytest.raises(SpaceNotFoundError):
        await tree.projects.create(
            tree.owner, NewProject(display_name="New", space_rid=tree.project_rid)
        )


async def test_the_service_user_of_an_application_makes_no_projects(tree: Tree) -> None:
    service = caller_of(tree.directory.new_user(), client_id="f3a9", is_service_user=True)
    new = NewProject(display_name="New", space_rid=tree.space_rid)

    with pytest.raises(CreateProjectPermissionDeniedError):
        await tree.projects.create(service, new)

    await tree.grant(tree.space_rid, service.principal_id, "editor")
    await tree.projects.create(service, new)


async def test_making_projects_can_be_left_to_editors_of_the_space(tmp_path) -> None:
    async with open_tables(tmp_path) as database:
        tree = Tree(database, FilesystemSettings(users_create_projects=False))
        await tree.bootstrap()
        new = NewProject(display_name="New", space_rid=tree.space_rid)

        with pytest.raises(CreateProjectPermissionDeniedError):
            await tree.projects.create(tree.owner, new)
        await tree.projects.create(tree.admin, new)


async def test_a_project_is_changed_by_its_owner_only(tree: Tree) -> None:
    editor = await tree.user_with(tree.project_rid, "editor")

    with pytest.raises(ReplaceProjectPermissionDeniedError):
        await tree.projects.replace(editor, tree.project_rid, display_name="X", description=None)
    replaced = await tree.projects.replace(
        tree.owner, tree.project_rid, display_name="Renamed", description="why"
    )

    assert (replaced.path, replaced.description) == ("/Main/Renamed", "why")
    assert await tree.projects.get(tree.owner, tree.project_rid) == replaced


async def test_a_new_resource_is_forgotten_with_the_transaction_around_it(tree: Tree) -> None:
    async def fail_later() -> None:
        async with tree.database.begin():
            await tree.dataset(tree.project_rid, "orders")
            raise LookupError

    with pytest.raises(LookupError):
        await fail_later()

    assert await names_in(tree, tree.project_rid) == []


async def test_what_is_made_is_in_the_audit_trail(tree: Tree) -> None:
    dataset = await tree.dataset(tree.project_rid, "orders")

    (event,) = await tree.audit.store.of_subject(dataset.rid, limit=10)
    assert (event.action, event.actor_id) == ("resource.registered", tree.owner.principal_id)
    assert event.details == {"path": "/Main/Quickstart/orders", "type": "FOUNDRY_DATASET"}
