"""Which stream a query means, and whether the caller may read it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

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
from sluiceway.queries.types import NamedStream, TableName
from sluiceway.streams.directory import StreamDirectory

CHANGELOG: Final = "/changelog"
"""Behind a stream's name: its records as they came, and not the current state of its rows. No
resource has such a path, as a stream has none inside."""


@dataclass(frozen=True, slots=True)
class Naming:
    """Finds the streams of a query."""

    directory: StreamDirectory
    resources: ResourceService
    default_branch: str

    async def find(
        self, caller: Caller, table: TableName, fallback_branches: Sequence[str]
    ) -> NamedStream:
        """Give the active view that the caller's query means, and what of it.

        Raises:
            QueryParseError: There is no such stream that the caller may see.
            ReadQueryInputsPermissionDeniedError: The caller sees it, but is less than Viewer.
        """
        dataset_rid = await self._dataset(caller, table.name)
        is_changelog = dataset_rid is None and table.name.endswith(CHANGELOG)
        if is_changelog:
            dataset_rid = await self._dataset(caller, table.name.removesuffix(CHANGELOG))
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
                has_changes = stream.view.schema.change_data_capture is not None
                if is_changelog and not has_changes:
                    raise QueryParseError(
                        f"there is no stream {table.name!r}: a stream without change data capture"
                        " has its records under its own name"
                    )
                return NamedStream(stream.view, has_changes and not is_changelog)
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
