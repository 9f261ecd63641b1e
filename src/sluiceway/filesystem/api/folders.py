"""``/api/v2/filesystem/folders``."""

from typing import Final

from litestar import get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from sluiceway.access.caller import Caller
from sluiceway.access.guard import requires
from sluiceway.access.scopes import Operation
from sluiceway.filesystem.api.wire import (
    TAGS,
    FolderReply,
    FolderRequest,
    PageSize,
    PageToken,
    ResourceReply,
    folder_reply,
    resource_reply,
)
from sluiceway.filesystem.folders import FolderService
from sluiceway.foundation.paging import PAGE_SIZE_MAX, Page, parse_page
from sluiceway.foundation.rids import Rid

_FOLDERS: Final = "/api/v2/filesystem/folders"


@post(
    _FOLDERS,
    opt=requires(Operation.FILESYSTEM_WRITE),
    status_code=200,
    operation_id="createFolder",
    tags=TAGS,
)
async def create_folder(
    caller: NamedDependency[Caller],
    data: JSONBody[FolderRequest],
    folders: NamedDependency[FolderService],
) -> FolderReply:
    """Create a folder in a project or folder."""
    folder = await folders.create(
        caller, parent_folder_rid=data.parent_folder_rid, display_name=data.display_name
    )
    return folder_reply(folder)


@get(
    f"{_FOLDERS}/{{folder_rid:str}}",
    opt=requires(Operation.FILESYSTEM_READ),
    operation_id="getFolder",
    tags=TAGS,
)
async def get_folder(
    caller: NamedDependency[Caller],
    folder_rid: FromPath[Rid],
    folders: NamedDependency[FolderService],
) -> FolderReply:
    """Get a folder, project or space."""
    return folder_reply(await folders.get(caller, folder_rid))


@put(
    f"{_FOLDERS}/{{folder_rid:str}}",
    opt=requires(Operation.FILESYSTEM_WRITE, preview=True),
    operation_id="replaceFolder",
    tags=TAGS,
)
async def replace_folder(
    caller: NamedDependency[Caller],
    folder_rid: FromPath[Rid],
    data: JSONBody[FolderRequest],
    folders: NamedDependency[FolderService],
) -> FolderReply:
    """Rename a folder, or move it with all that lies in it."""
    folder = await folders.replace(
        caller,
        folder_rid,
        parent_folder_rid=data.parent_folder_rid,
        display_name=data.display_name,
    )
    return folder_reply(folder)


@get(
    f"{_FOLDERS}/{{folder_rid:str}}/children",
    opt=requires(Operation.FILESYSTEM_READ),
    operation_id="listFolderChildren",
    tags=TAGS,
)
async def list_children(
    caller: NamedDependency[Caller],
    folder_rid: FromPath[Rid],
    folders: NamedDependency[FolderService],
    page_size: PageSize = None,
    page_token: PageToken = None,
) -> Page[ResourceReply]:
    """List what lies in a folder, by name; of a space, its projects."""
    # Clients ask for as many as Foundry gives, which is more than ours: they get fewer, no error.
    size = PAGE_SIZE_MAX if page_size is None else min(page_size, PAGE_SIZE_MAX)
    page = await folders.children(caller, folder_rid, parse_page(size, page_token))
    return Page(
        data=[resource_reply(child) for child in page.data], next_page_token=page.next_page_token
    )


HANDLERS: Final = (create_folder, get_folder, replace_folder, list_children)
