"""``/api/v2/filesystem/spaces``."""

from typing import Final

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath

from sluiceway.access.caller import Caller
from sluiceway.access.guard import requires
from sluiceway.access.scopes import Operation
from sluiceway.filesystem.api.wire import TAGS, PageSize, PageToken, SpaceReply, space_reply
from sluiceway.filesystem.spaces import SpaceService
from sluiceway.foundation.paging import Page, parse_page
from sluiceway.foundation.rids import Rid

_SPACES: Final = "/api/v2/filesystem/spaces"


@get(_SPACES, opt=requires(Operation.FILESYSTEM_READ), operation_id="listSpaces", tags=TAGS)
async def list_spaces(
    spaces: NamedDependency[SpaceService], page_size: PageSize = None, page_token: PageToken = None
) -> Page[SpaceReply]:
    """List all spaces, by name."""
    page = await spaces.list_spaces(parse_page(page_size, page_token))
    return Page(
        data=[space_reply(space) for space in page.data], next_page_token=page.next_page_token
    )


@get(
    f"{_SPACES}/{{space_rid:str}}",
    opt=requires(Operation.FILESYSTEM_READ, preview=True),
    operation_id="getSpace",
    tags=TAGS,
)
async def get_space(
    caller: NamedDependency[Caller], space_rid: FromPath[Rid], spaces: NamedDependency[SpaceService]
) -> SpaceReply:
    """Get a space."""
    return space_reply(await spaces.get(caller, space_rid))


HANDLERS: Final = (list_spaces, get_space)
