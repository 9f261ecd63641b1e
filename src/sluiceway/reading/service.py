"""Reading records by offset."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from sluiceway.access.caller import Caller
from sluiceway.access.roles import Role
from sluiceway.foundation.errors import SluicewayError
from sluiceway.foundation.request_errors import InvalidArgumentError
from sluiceway.foundation.rids import DatasetRid, ViewRid
from sluiceway.reading.errors import (
    GetEndOffsetsPermissionDeniedError,
    GetRecordsPermissionDeniedError,
    InvalidPartitionError,
)
from sluiceway.reading.settings import ReadingSettings
from sluiceway.reading.types import RecordsWanted, RecordWithOffset
from sluiceway.streams.directory import OpenStream, StreamDirectory
from sluiceway.streams.errors import StreamNotFoundError, ViewNotFoundError
from sluiceway.streams.log import RecordReader, StoredRecord
from sluiceway.streams.types import View

LATEST_DEFAULT = 100
"""How many records the older calls give when they are not told."""


@dataclass(frozen=True, slots=True)
class ReadingService:
    """Gives records to callers who may read them."""

    directory: StreamDirectory
    log: RecordReader
    settings: ReadingSettings

    async def stream(
        self,
        caller: Caller,
        dataset_rid: DatasetRid,
        branch_name: str,
        *,
        needs: Role,
        denied: SluicewayError,
        view_rid: ViewRid | None = None,
    ) -> OpenStream:
        """Give a stream on which the caller has at least the role *needs*.

        Raises:
            StreamNotFoundError: There is none that the caller may see.
            ViewNotFoundError: *view_rid* is not its active view.
        And *denied*, when the caller sees the stream but its role is too weak.
        """
        role = await self.directory.role(caller, dataset_rid)
        stream = await self.directory.stream(dataset_rid, branch_name)
        if role is None or stream is None:
            raise StreamNotFoundError(dataset_rid, branch_name)
        if role < needs:
            raise denied
        if view_rid is not None and view_rid != stream.view.view_rid:
            raise ViewNotFoundError(view_rid)
        return stream

    async def get_records(self, caller: Caller, wanted: RecordsWanted) -> list[RecordWithOffset]:
        """Give up to ``limit`` records of a partition, from its ``start`` on.

        Raises:
            InvalidArgumentError: ``limit`` or ``start_offset`` is out of range.
        And what ``partition`` raises.
        """
        view, partition = await self.partition(caller, wanted)
        if wanted.start < 0:
            raise InvalidArgumentError(f"startOffset is {wanted.start}: must be 0 or more")
        if wanted.limit < 1:
            raise InvalidArgumentError(f"limit is {wanted.limit}: must be 1 or more")
        return with_offsets(await self.read(view, partition, wanted.start, wanted.limit))

    async def partition(self, caller: Caller, wanted: RecordsWanted) -> tuple[View, int]:
        """Give the view and the number of the partition from which the caller may read.

        Raises:
            InvalidPartitionError: The stream has no such partition.
        And what ``stream`` raises.
        """
        dataset_rid, branch_name = wanted.dataset_rid, wanted.branch_name
        stream = await self.stream(
            caller,
            dataset_rid,
            branch_name,
            needs=Role.VIEWER,
            denied=GetRecordsPermissionDeniedError(dataset_rid, branch_name),
            view_rid=wanted.view_rid,
        )
        return stream.view, parse_partition(wanted.partition_id, stream.view)

    async def get_end_offsets(
        self,
        caller: Caller,
        dataset_rid: DatasetRid,
        branch_name: str,
        *,
        view_rid: ViewRid | None,
    ) -> dict[int, int]:
        """Give the offset that the next record of each partition will get."""
        denied = GetEndOffsetsPermissionDeniedError(dataset_rid, branch_name)
        stream = await self.stream(
            caller, dataset_rid, branch_name, needs=Role.VIEWER, denied=denied, view_rid=view_rid
        )
        return await self.log.end_offsets(stream.view.view_rid)

    async def latest(
        self, caller: Caller, dataset_rid: DatasetRid, branch_name: str, limit: int
    ) -> list[RecordWithOffset]:
        """Give the newest records of a stream over all partitions, oldest of them first.

        They are ordered by when they became durable, and as many as one answer may hold.
        """
        denied = GetRecordsPermissionDeniedError(dataset_rid, branch_name)
        stream = await self.stream(
            caller, dataset_rid, branch_name, needs=Role.VIEWER, denied=denied
        )
        newest: list[StoredRecord] = []
        for partition in range(stream.view.partitions):
            newest.extend(await self._tail(stream.view, partition, limit))
            newest.sort(key=lambda record: record.time_ms)
            # After each partition, so that memory never holds more than two answers.
            newest = self._newest(newest, limit)
        return with_offsets(newest)

    async def latest_of_view(
        self,
        caller: Caller,
        dataset_rid: DatasetRid,
        view_rid: ViewRid,
        partition_id: str,
        limit: int,
    ) -> list[RecordWithOffset]:
        """Give the newest records of one partition of a view, oldest of them first."""
        stream = await self.directory.view(view_rid)
        role = await self.directory.role(caller, dataset_rid)
        if stream is None or role is None or stream.view.dataset_rid != dataset_rid:
            raise ViewNotFoundError(view_rid)
        if role < Role.VIEWER:
            raise GetRecordsPermissionDeniedError(dataset_rid, stream.view.branch_name)
        partition = parse_partition(partition_id, stream.view)
        return with_offsets(await self._tail(stream.view, partition, limit))

    async def read(
        self, view: View, partition: int, start: int, limit: int, bytes_max: int | None = None
    ) -> list[StoredRecord]:
        """Give records of one partition, within the bounds of one answer, or of *bytes_max*."""
        return await self.log.read(
            view.view_rid,
            partition,
            start,
            limit=min(limit, self.settings.records_max),
            bytes_max=self.settings.answer_bytes_max if bytes_max is None else bytes_max,
        )

    async def _tail(self, view: View, partition: int, limit: int) -> list[StoredRecord]:
        if limit < 1:
            raise InvalidArgumentError(f"limit is {limit}: must be 1 or more")
        limit = min(limit, self.settings.records_max)
        end = (await self.log.end_offsets(view.view_rid))[partition]
        wanted = min(limit, self.settings.records_max)
        while True:
            found = await self.read(view, partition, max(0, end - wanted), wanted)
            if not found or found[-1].offset + 1 >= end or wanted == 1:
                return found
            # What one answer may hold was full before the newest record: begin nearer to it.
            wanted = max(1, wanted // 2)

    def _newest(self, records: list[StoredRecord], limit: int) -> list[StoredRecord]:
        """Give the last of *records* that one answer holds, at least one."""
        first, size = len(records), 0
        while first and len(records) - first < min(limit, self.settings.records_max):
            size += len(records[first - 1].value)
            if size > self.settings.answer_bytes_max and first < len(records):
                break
            first -= 1
        return records[first:]


def parse_partition(partition_id: str, view: View) -> int:
    """Give the number of a partition of *view*.

    Raises:
        InvalidPartitionError: The view has no such partition.
    """
    if partition_id.isascii() and partition_id.isdecimal() and len(partition_id) <= 5:  # noqa: PLR2004 - more digits than any count has
        partition = int(partition_id)
        if partition < view.partitions and str(partition) == partition_id:
            return partition
    raise InvalidPartitionError(partition_id, view.partitions)


def with_offsets(records: Sequence[StoredRecord]) -> list[RecordWithOffset]:
    """Write stored records for the wire, without parsing them."""
    return [RecordWithOffset(record.offset, msgspec.Raw(record.value)) for record in records]
