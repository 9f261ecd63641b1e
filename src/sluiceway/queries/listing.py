"""Which streams a caller may ask about."""

from dataclasses import dataclass

from sluiceway.access.caller import Caller
from sluiceway.access.roles import Role
from sluiceway.filesystem.finding import SearchService
from sluiceway.foundation.rids import DatasetRid
from sluiceway.queries.types import QueryTable, QueryTables
from sluiceway.streams.directory import StreamDirectory


@dataclass(frozen=True, slots=True)
class TableListing:
    """Lists streams as queries name them."""

    search: SearchService
    directory: StreamDirectory
    default_branch: str

    async def find(self, caller: Caller, text: str) -> QueryTables:
        """Give the streams on the default branch whose name has *text* in it, by path.

        Those of which the caller is at least Viewer; all of them for no text.

        Raises:
            InvalidArgumentError: The text is too long, or has a NUL character.
        """
        found = await self.search.datasets(caller, text)
        tables = []
        for resource in found.resources:
            rid = DatasetRid(resource.rid)
            role = await self.directory.role(caller, rid)
            if role is None or role < Role.VIEWER:
                continue
            stream = await self.directory.stream(rid, self.default_branch)
            if stream is not None:
                has_changelog = stream.view.schema.change_data_capture is not None
                name, path = resource.display_name, resource.path
                tables.append(QueryTable(rid, name, path, has_changelog))
        return QueryTables(tables, found.is_complete)
