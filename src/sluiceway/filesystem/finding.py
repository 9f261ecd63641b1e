"""Finding resources by a part of their name."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from sluiceway.access.caller import Caller
from sluiceway.filesystem.errors import InvalidFolderError
from sluiceway.filesystem.names import DISPLAY_NAME_LENGTH_MAX
from sluiceway.filesystem.service import Permissions, ResourceService, principals_of
from sluiceway.filesystem.store import ResourceStore
from sluiceway.filesystem.types import Resource, ResourceRecord, ResourceType, Visible
from sluiceway.foundation.request_errors import InvalidArgumentError
from sluiceway.foundation.rids import Rid

FOUND_MAX: Final = 100
"""Most resources that one search gives: a person narrows the text instead of turning pages."""


class Found(msgspec.Struct, frozen=True):
    """What a search gave."""

    resources: Sequence[Resource]
    """By path."""
    is_complete: bool
    """Whether there are no more than these."""


@dataclass(frozen=True, slots=True)
class SearchService:
    """Searches what a caller sees."""

    resources: ResourceService
    permissions: Permissions
    store: ResourceStore

    async def search(self, caller: Caller, text: str, *, folder_rid: Rid | None) -> Found:
        """Give the projects, folders and datasets whose name has *text* in it, in any case.

        With *folder_rid* only what lies somewhere below that space, project or folder. What is in
        the trash is not found.

        Raises:
            InvalidArgumentError: The text is blank, too long, or has a NUL character.
            ResourceNotFoundError: The caller does not see the folder.
            InvalidFolderError: It is not a folder.
        """
        wanted = _checked(text)
        if not wanted:
            raise InvalidArgumentError("a search needs a text")
        folder = None if folder_rid is None else await self._folder(caller, folder_rid)
        granted_to = None if caller.is_admin else principals_of(caller)
        if folder is not None and folder.role is not None:
            # A role hands itself down: all that lies below is the caller's to see.
            granted_to = None
        records = await self.store.search(
            wanted, below=folder_rid, granted_to=granted_to, limit=FOUND_MAX + 1
        )
        return await self._seen(caller, records)

    async def datasets(self, caller: Caller, text: str) -> Found:
        """Give the datasets whose name has *text* in it, in any case; all of them for no text.

        Raises:
            InvalidArgumentError: The text is too long, or has a NUL character.
        """
        records = await self.store.search(
            _checked(text),
            below=None,
            granted_to=None if caller.is_admin else principals_of(caller),
            limit=FOUND_MAX + 1,
            of_type=ResourceType.FOUNDRY_DATASET,
        )
        return await self._seen(caller, records)

    async def _seen(self, caller: Caller, records: Sequence[ResourceRecord]) -> Found:
        visible = await self.permissions.visible_among(caller, [one.rid for one in records])
        found = [
            one.resource
            for one in visible.values()
            if not one.resource.is_trashed and one.resource.type is not ResourceType.SPACE
        ]
        found.sort(key=lambda resource: resource.path)
        return Found(found[:FOUND_MAX], len(records) <= FOUND_MAX)

    async def _folder(self, caller: Caller, rid: Rid) -> Visible:
        folder = await self.resources.visible(caller, rid)
        if not folder.resource.type.is_folder:
            raise InvalidFolderError(rid)
        return folder


def _checked(text: str) -> str:
    wanted = text.strip()
    if len(wanted) > DISPLAY_NAME_LENGTH_MAX:
        raise InvalidArgumentError(
            f"a search has at most {DISPLAY_NAME_LENGTH_MAX} characters", found=len(wanted)
        )
    if "\x00" in wanted:
        raise InvalidArgumentError("a search must not have a NUL character")
    return wanted
