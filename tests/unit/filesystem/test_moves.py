"""Who may move a folder where: nobody gets by it what was not granted."""

import pytest

from fixtures.filesystem import Tree
from sluiceway.access.roles import Role
from sluiceway.filesystem.errors import (
    ReplaceFolderPermissionDeniedError,
    ResourceNotDirectlyTrashedError,
)
from sluiceway.filesystem.projects import NewProject


async def test_an_editor_does_not_take_a_folder_to_a_project_of_its_own(tree: Tree) -> None:
    folder = await tree.folder(tree.project_rid, "raw")
    editor = await tree.user_with(tree.project_rid, "editor")
    own = await tree.projects.create(
        editor, NewProject(display_name="Own", space_rid=tree.space_rid)
    )

    with pytest.raises(ReplaceFolderPermissionDeniedError):
        await tree.folders.replace(
            editor, folder.rid, parent_folder_rid=own.rid, display_name="raw"
        )

    assert await tree.permissions.role(editor, folder.rid) is Role.EDITOR


async def test_an_editor_of_two_projects_does_not_move_a_folder_between_them(tree: Tree) -> None:
    folder = await tree.folder(tree.project_rid, "raw")
    other = await tree.project("Other")
    editor = await tree.user_with(tree.project_rid, "editor")
    await tree.grant(other.rid, editor.principal_id, "editor")

    with pytest.raises(ReplaceFolderPermissionDeniedError):
        await tree.folders.replace(
            editor, folder.rid, parent_folder_rid=other.rid, display_name="raw"
        )


async def test_an_editor_becomes_no_owner_by_a_move_within_a_project(tree: Tree) -> None:
    folder, plain, owned = [
        await tree.folder(tree.project_rid, name) for name in ("raw", "plain", "owned")
    ]
    editor = await tree.user_with(tree.project_rid, "editor")
    await tree.grant(owned.rid, editor.principal_id, "owner")

    with pytest.raises(ReplaceFolderPermissionDeniedError):
        await tree.folders.replace(
            editor, folder.rid, parent_folder_rid=owned.rid, display_name="raw"
        )
    moved = await tree.folders.replace(
        editor, folder.rid, parent_folder_rid=plain.rid, display_name="raw"
    )

    assert moved.path == "/Main/Quickstart/plain/raw"


async def test_a_folder_does_not_move_out_of_the_trash(tree: Tree) -> None:
    above = await tree.folder(tree.project_rid, "above")
    folder = await tree.folder(above.rid, "raw")
    await tree.trash.trash(tree.owner, above.rid)

    with pytest.raises(ResourceNotDirectlyTrashedError):
        await tree.folders.replace(
            tree.owner, folder.rid, parent_folder_rid=tree.project_rid, display_name="raw"
        )
