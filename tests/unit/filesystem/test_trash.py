"""The trash: in, out, and gone for ever."""

import pytest

from fixtures.filesystem import Tree
from sluiceway.filesystem.errors import (
    DeleteResourcePermissionDeniedError,
    InvalidParentFolderError,
    PathNotFoundError,
    PermanentlyDeleteResourcePermissionDeniedError,
    ProjectNameAlreadyExistsError,
    ResourceNameAlreadyExistsError,
    ResourceNotDirectlyTrashedError,
    ResourceNotFoundError,
    ResourceNotTrashedError,
    RestoreResourcePermissionDeniedError,
    TrashingSpaceNotSupportedError,
)
from sluiceway.filesystem.types import TrashStatus
from sluiceway.foundation.paging import PageRequest
from sluiceway.foundation.rids import Rid

ALL = PageRequest(1_000, None)


async def status_of(tree: Tree, rid: Rid) -> TrashStatus:
    state = await tree.permissions.resource_state(rid)
    assert state is not None
    assert state.is_trashed is (state.trash_status is not TrashStatus.NOT_TRASHED)
    return state.trash_status


async def test_what_lies_in_a_trashed_folder_is_in_the_trash_with_it(tree: Tree) -> None:
    folder = await tree.folder(tree.project_rid, "raw")
    below = await tree.folder(folder.rid, "below")
    dataset = await tree.dataset(below.rid, "orders")
    beside = await tree.dataset(tree.project_rid, "beside")

    await tree.trash.trash(tree.owner, folder.rid)

    assert await status_of(tree, folder.rid) is TrashStatus.DIRECTLY_TRASHED
    assert await status_of(tree, below.rid) is TrashStatus.ANCESTOR_TRASHED
    assert await status_of(tree, dataset.rid) is TrashStatus.ANCESTOR_TRASHED
    assert await status_of(tree, beside.rid) is TrashStatus.NOT_TRASHED
    assert await status_of(tree, tree.project_rid) is TrashStatus.NOT_TRASHED


async def test_what_is_in_the_trash_is_neither_listed_nor_at_a_path_but_still_got(
    tree: Tree,
) -> None:
    folder = await tree.folder(tree.project_rid, "raw")
    dataset = await tree.dataset(folder.rid, "orders")

    await tree.trash.trash(tree.owner, folder.rid)

    assert (await tree.folders.children(tree.owner, tree.project_rid, ALL)).data == []
    for path in (folder.path, dataset.path):
        with pytest.raises(PathNotFoundError):
            await tree.resources.get_by_path(tree.owner, path)
    found = await tree.resources.get(tree.owner, dataset.rid)
    assert found.trash_status is TrashStatus.ANCESTOR_TRASHED
    (child,) = (await tree.folders.children(tree.owner, folder.rid, ALL)).data
    assert child == found


async def test_restoring_a_folder_restores_what_lies_in_it(tree: Tree) -> None:
    folder = await tree.folder(tree.project_rid, "raw")
    dataset = await tree.dataset(folder.rid, "orders")
    await tree.trash.trash(tree.owner, folder.rid)

    await tree.trash.restore(tree.owner, folder.rid)

    assert await status_of(tree, dataset.rid) is TrashStatus.NOT_TRASHED
    assert (await tree.resources.get_by_path(tree.owner, dataset.path)).rid == dataset.rid


async def test_restoring_restores_the_trashed_folders_above_too(tree: Tree) -> None:
    folder = await tree.folder(tree.project_rid, "raw")
    dataset = await tree.dataset(folder.rid, "orders")
    await tree.trash.trash(tree.owner, dataset.rid)
    await tree.trash.trash(tree.owner, folder.rid)
    assert await status_of(tree, dataset.rid) is TrashStatus.DIRECTLY_TRASHED

    await tree.trash.restore(tree.owner, dataset.rid)

    assert await status_of(tree, dataset.rid) is TrashStatus.NOT_TRASHED
    assert await status_of(tree, folder.rid) is TrashStatus.NOT_TRASHED


async def test_restoring_what_only_a_folder_above_put_in_the_trash_is_refused(tree: Tree) -> None:
    folder = await tree.folder(tree.project_rid, "raw")
    dataset = await tree.dataset(folder.rid, "orders")
    await tree.trash.trash(tree.owner, folder.rid)

    with pytest.raises(ResourceNotDirectlyTrashedError):
        await tree.trash.restore(tree.owner, dataset.rid)


async def test_trashing_twice_and_restoring_what_is_not_trashed_do_nothing(tree: Tree) -> None:
    dataset = await tree.dataset(tree.project_rid, "orders")

    await tree.trash.restore(tree.owner, dataset.rid)
    await tree.trash.trash(tree.owner, dataset.rid)
    await tree.trash.trash(tree.owner, dataset.rid)

    events = await tree.audit.store.of_subject(dataset.rid, limit=10)
    assert [event.action for event in events] == ["resource.trashed", "resource.registered"]


async def test_the_name_of_what_is_in_the_trash_is_free_and_restoring_may_conflict(
    tree: Tree,
) -> None:
    first = await tree.dataset(tree.project_rid, "orders")
    await tree.trash.trash(tree.owner, first.rid)
    second = await tree.dataset(tree.project_rid, "orders")
    await tree.trash.trash(tree.owner, second.rid)
    third = await tree.dataset(tree.project_rid, "orders")

    with pytest.raises(ResourceNameAlreadyExistsError):
        await tree.trash.restore(tree.owner, first.rid)

    await tree.trash.trash(tree.owner, third.rid)
    await tree.trash.restore(tree.owner, first.rid)
    assert (await tree.resources.get_by_path(tree.owner, first.path)).rid == first.rid


async def test_restoring_a_project_whose_name_was_taken_is_refused(tree: Tree) -> None:
    project = await tree.project("Other")
    await tree.trash.trash(tree.owner, project.rid)
    await tree.project("Other")

    with pytest.raises(ProjectNameAlreadyExistsError):
        await tree.trash.restore(tree.owner, project.rid)


async def test_nothing_is_made_in_or_moved_to_a_trashed_folder(tree: Tree) -> None:
    folder = await tree.folder(tree.project_rid, "raw")
    below = await tree.folder(folder.rid, "below")
    moved = await tree.folder(tree.project_rid, "moved")
    await tree.trash.trash(tree.owner, folder.rid)

    with pytest.raises(InvalidParentFolderError):
        await tree.folder(below.rid, "more")
    with pytest.raises(InvalidParentFolderError):
        await tree.dataset(folder.rid, "orders")
    with pytest.raises(InvalidParentFolderError):
        await tree.folders.replace(
            tree.owner, moved.rid, parent_folder_rid=folder.rid, display_name="moved"
        )


async def test_the_trash_is_for_editors_and_deleting_for_ever_for_owners(tree: Tree) -> None:
    dataset = await tree.dataset(tree.project_rid, "orders")
    viewer = await tree.user_with(tree.project_rid, "viewer")
    editor = await tree.user_with(tree.project_rid, "editor")

    with pytest.raises(DeleteResourcePermissionDeniedError):
        await tree.trash.trash(viewer, dataset.rid)
    await tree.trash.trash(editor, dataset.rid)
    with pytest.raises(RestoreResourcePermissionDeniedError):
        await tree.trash.restore(viewer, dataset.rid)
    with pytest.raises(PermanentlyDeleteResourcePermissionDeniedError):
        await tree.trash.permanently_delete(editor, dataset.rid)
    await tree.trash.restore(editor, dataset.rid)

    assert await status_of(tree, dataset.rid) is TrashStatus.NOT_TRASHED


async def test_restoring_needs_the_role_on_the_folders_above_too(tree: Tree) -> None:
    folder = await tree.folder(tree.project_rid, "raw")
    dataset = await tree.dataset(folder.rid, "orders")
    editor = await tree.user_with(dataset.rid, "editor")
    await tree.trash.trash(editor, dataset.rid)
    await tree.trash.trash(tree.owner, folder.rid)

    with pytest.raises(RestoreResourcePermissionDeniedError):
        await tree.trash.restore(editor, dataset.rid)


async def test_a_project_goes_to_the_trash_by_its_owner_only(tree: Tree) -> None:
    editor = await tree.user_with(tree.project_rid, "editor")

    with pytest.raises(DeleteResourcePermissionDeniedError):
        await tree.trash.trash(editor, tree.project_rid)
    await tree.trash.trash(tree.owner, tree.project_rid)

    assert await status_of(tree, tree.project_rid) is TrashStatus.DIRECTLY_TRASHED


async def test_a_space_is_not_put_in_the_trash(tree: Tree) -> None:
    with pytest.raises(TrashingSpaceNotSupportedError):
        await tree.trash.trash(tree.admin, tree.space_rid)


async def test_only_what_was_itself_trashed_is_deleted_for_ever(tree: Tree) -> None:
    folder = await tree.folder(tree.project_rid, "raw")
    dataset = await tree.dataset(folder.rid, "orders")

    with pytest.raises(ResourceNotTrashedError):
        await tree.trash.permanently_delete(tree.owner, folder.rid)
    await tree.trash.trash(tree.owner, folder.rid)
    with pytest.raises(ResourceNotTrashedError):
        await tree.trash.permanently_delete(tree.owner, dataset.rid)


async def test_deleting_for_ever_takes_all_that_lies_below_with_roles_and_data(tree: Tree) -> None:
    folder = await tree.folder(tree.project_rid, "raw")
    below = await tree.folder(folder.rid, "below")
    inner = await tree.dataset(below.rid, "inner")
    trashed = await tree.dataset(folder.rid, "trashed")
    beside = await tree.dataset(tree.project_rid, "beside")
    await tree.grant(inner.rid, None, "viewer")
    await tree.trash.trash(tree.owner, trashed.rid)
    await tree.trash.trash(tree.owner, folder.rid)

    await tree.trash.permanently_delete(tree.owner, folder.rid)

    assert sorted(tree.purged.rids) == sorted([inner.rid, trashed.rid])
    for rid in (folder.rid, below.rid, inner.rid, trashed.rid):
        assert await tree.permissions.resource_state(rid) is None
        with pytest.raises(ResourceNotFoundError):
            await tree.resources.get(tree.admin, rid)
    assert await tree.grants.on(inner.rid) == []
    assert await status_of(tree, beside.rid) is TrashStatus.NOT_TRASHED
    (event, *_) = await tree.audit.store.of_subject(folder.rid, limit=1)
    assert event.action == "resource.purged"
    assert event.details == {"path": "/Main/Quickstart/raw", "resources": 4, "datasets": 2}
