"""Which stream a query means, and whether the caller may read it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sluiceway.access.caller import Caller
from sluiceway.access.roles import Role
from sluiceway.filesystem.errors import (
    GetRootFolderNotSupportedError,
    GetSpaceResourceNotSupportedError,
    InvalidPathError,
    PathNotFoundError,
)
from sluiceway.filesystem.service import ResourceService
from sluiceway.foundation.rids import DatasetRid, is_rid
from sluiceway.queries.errors import QueryParseError, ReadQueryInputsPermissionDeniedError
from sluiceway.queries.types import TableName
from sluiceway.streams.directory import StreamDirectory
from sluiceway.streams.types import View


@dataclass(frozen=True, slots=True)
class Naming:
    """Finds the streams of a query."""

    directory: StreamDirectory
    resources: ResourceService
    default_branch: str

    async def find(
        self, caller: Caller, table: TableName, fallback_branches: Sequence[str]
    ) -> View:
        """Give the active view that the caller's query means.

        Raises:
            QueryParseError: There is no such stream that the caller may see.
            ReadQueryInputsPermissionDeniedError: The caller sees it, but is less than Viewer.
        """
        dataset_rid = await self._dataset(caller, table.name)
        role = None if dataset_rid is None else await self.directory.role(caller, dataset_rid)
        if dataset_rid is None or role is None:
            raise QueryParseError(f"there is no stream {table.name!r}")
        if table.branch is not None:
            branches: Sequence[str] = (table.branch,)
        else:
            branches = fallback_branches or (self.default_branch,)
        for branch in branches:
            stream = await self.directory.stream(dataset_rid, branch)
            if stream is not None:
                if role < Role.VIEWER:
                    raise ReadQueryInputsPermissionDeniedError([dataset_rid])
                return stream.view
        raise QueryParseError(f"{table.name!r} has no stream on branch {' or '.join(branches)}")

    async def check(self, caller: Caller, dataset_rids: Sequence[DatasetRid]) -> None:
        """Check that a caller may still read what it has asked.

        Raises:
            ReadQueryInputsPermissionDeniedError: It is less than Viewer by now.
        """
        denied = [
            rid
            for rid in dataset_rids
            if (role := await self.directory.role(caller, rid)) is None or role < Role.VIEWER
        ]
        if denied:
            raise ReadQueryInputsPermissionDeniedError(denied)

    async def _dataset(self, caller: Caller, name: str) -> DatasetRid | None:
        if is_rid(name):
            return DatasetRid(name)  # type: ignore[arg-type]  # it has the form of one
        try:
            resource = await self.resources.get_by_path(caller, name)
        except (
            InvalidPathError,
            PathNotFoundError,
            GetRootFolderNotSupportedError,
            GetSpaceResourceNotSupportedError,
        ):
            return None
        return DatasetRid(resource.rid)
