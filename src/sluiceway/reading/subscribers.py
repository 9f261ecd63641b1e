"""Subscribers: readers whose place the server keeps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from sluiceway.access.caller import Caller
from sluiceway.access.roles import Role
from sluiceway.foundation.clock import Clock
from sluiceway.foundation.request_errors import InvalidArgumentError
from sluiceway.foundation.rids import DatasetRid, Rid, ViewRid
from sluiceway.foundation.transactions import Transactions
from sluiceway.reading.errors import (
    CommitOffsetsPermissionDeniedError,
    CreateSubscriberPermissionDeniedError,
    DeleteSubscriberPermissionDeniedError,
    GetReadPositionPermissionDeniedError,
    InvalidOffsetError,
    ReadRecordsPermissionDeniedError,
    ResetOffsetsPermissionDeniedError,
    SubscriberAlreadyExistsError,
    SubscriberNotFoundError,
    SubscriberPermissionDeniedError,
    TooManySubscribersError,
)
from sluiceway.reading.service import ReadingService, parse_partition
from sluiceway.reading.store import SubscriberStore
from sluiceway.reading.types import (
    CreateSubscriberRequest,
    EarliestPosition,
    LatestPosition,
    ReadPosition,
    ReadRecordsRequest,
    Subscriber,
    numbers_of,
)
from sluiceway.streams.log import RecordReader, StoredRecord
from sluiceway.streams.types import View

READ_DEFAULT: Final = 100
"""How many records one read gives when it is not told (Foundry's number)."""
READ_MAX: Final = 1_000
"""Most records of one read; a larger limit is cut to it without a word (Foundry's rule)."""
SUBSCRIBER_ID_LENGTH_MAX: Final = 255


class StreamName(msgspec.Struct, frozen=True):
    """Which stream a call is about."""

    dataset_rid: DatasetRid
    branch_name: str


@dataclass(frozen=True, slots=True)
class SubscriberService:
    """Registers subscribers, reads for them, and keeps their places.

    After a reset of the stream a subscriber goes on with the new view, from its first record.
    """

    reading: ReadingService
    store: SubscriberStore
    log: RecordReader
    transactions: Transactions
    clock: Clock

    async def create(
        self, caller: Caller, name: StreamName, request: CreateSubscriberRequest
    ) -> Subscriber:
        """Register a subscriber, or give the one that the stream has under this id.

        Raises:
            SubscriberAlreadyExistsError: Another stream has a subscriber of this id.
            InvalidOffsetError: The position is not in the stream.
        """
        subscriber_id = _check_id(request.subscriber_id)
        denied = CreateSubscriberPermissionDeniedError
        view = await self._view(caller, name, subscriber_id, Role.EDITOR, denied)
        existing = await self.store.get(subscriber_id)
        if existing is None:
            position = request.read_position or EarliestPosition()
            subscriber = Subscriber(
                subscriber_id=subscriber_id,
                dataset_rid=name.dataset_rid,
                branch_name=name.branch_name,
                view_rid=view.view_rid,
                read_position=position,
                start_offsets=await self._offsets_of(position, view),
                created_ms=self.clock.now_ms(),
            )
            async with self.transactions.begin():
                subscribers_max = self.reading.settings.subscribers_max
                if await self.store.count(name.dataset_rid, name.branch_name) >= subscribers_max:
                    raise TooManySubscribersError(name.dataset_rid, subscribers_max)
                if await self.store.add(subscriber):
                    return subscriber
                existing = await self.store.get(subscriber_id)
        if existing is None:
            raise SubscriberNotFoundError(subscriber_id)
        if (existing.dataset_rid, existing.branch_name) != (name.dataset_rid, name.branch_name):
            # Foundry's error names the other stream; its identifier alone opens nothing.
            raise SubscriberAlreadyExistsError(
                subscriber_id, existing.dataset_rid, existing.branch_name
            )
        return await self._current(existing, view)

    async def delete(self, caller: Caller, name: StreamName, subscriber_id: str) -> None:
        """Forget a subscriber; its id may be used again."""
        denied = DeleteSubscriberPermissionDeniedError
        view = await self._view(caller, name, subscriber_id, Role.EDITOR, denied)
        await self._find(name, subscriber_id, view)
        await self.store.delete(subscriber_id)

    async def read_position(
        self, caller: Caller, name: StreamName, subscriber_id: str, view_rid: ViewRid | None
    ) -> dict[int, int]:
        """Give the offset that the subscriber reads next, of each partition."""
        denied = GetReadPositionPermissionDeniedError
        view = await self._view(caller, name, subscriber_id, Role.VIEWER, denied, view_rid)
        await self._find(name, subscriber_id, view)
        return await self.store.positions(subscriber_id)

    async def read_records(
        self, caller: Caller, name: StreamName, subscriber_id: str, request: ReadRecordsRequest
    ) -> dict[int, list[StoredRecord]]:
        """Give the next records, over all wanted partitions at most the limit.

        With ``autoCommit`` the subscriber's place moves behind them before they are given: at
        most once. Without it the place stays until ``commit``: at least once.
        """
        denied = ReadRecordsPermissionDeniedError
        view = await self._view(caller, name, subscriber_id, Role.VIEWER, denied, request.view_rid)
        limit = READ_DEFAULT if request.limit is None else min(request.limit, READ_MAX)
        if limit < 1:
            raise InvalidArgumentError(f"limit is {limit}: must be 1 or more")
        wanted: Sequence[int] = range(view.partitions)
        if request.partition_ids is not None:
            wanted = [parse_partition(one, view) for one in dict.fromkeys(request.partition_ids)]
        if not request.auto_commit:
            await self._find(name, subscriber_id, view)
            positions = await self.store.positions(subscriber_id)
            return await self._read(view, wanted, positions, limit)
        async with self.transactions.begin():
            await self._find(name, subscriber_id, view)
            positions = await self.store.positions(subscriber_id)
            records = await self._read(view, wanted, positions, limit)
            moved = {part: found[-1].offset + 1 for part, found in records.items() if found}
            await self.store.set_positions(subscriber_id, moved)
        return records

    async def commit(
        self,
        caller: Caller,
        name: StreamName,
        subscriber_id: str,
        offsets: Mapping[str, int | str],
        view_rid: ViewRid | None,
    ) -> dict[int, int]:
        """Note the last processed offset of partitions; gives what is read next of each.

        Raises:
            InvalidOffsetError: An offset is negative or not yet in the partition.
        """
        denied = CommitOffsetsPermissionDeniedError
        view = await self._view(caller, name, subscriber_id, Role.EDITOR, denied, view_rid)
        async with self.transactions.begin():
            await self._find(name, subscriber_id, view)
            ends = await self.log.end_offsets(view.view_rid)
            positions = {}
            for partition_id, offset in numbers_of(offsets).items():
                partition = parse_partition(partition_id, view)
                if not 0 <= offset < ends[partition]:
                    raise InvalidOffsetError(partition, offset, ends[partition] - 1)
                positions[partition] = offset + 1
            await self.store.set_positions(subscriber_id, positions)
        return positions

    async def reset(
        self, caller: Caller, name: StreamName, subscriber_id: str, position: ReadPosition
    ) -> dict[int, int]:
        """Let a subscriber read from elsewhere; gives what is read next of each partition."""
        denied = ResetOffsetsPermissionDeniedError
        view = await self._view(caller, name, subscriber_id, Role.EDITOR, denied)
        async with self.transactions.begin():
            await self._find(name, subscriber_id, view)
            positions = await self._offsets_of(position, view)
            await self.store.set_positions(subscriber_id, positions)
        return positions

    async def purge(self, rids: Sequence[Rid]) -> None:
        """Forget the subscribers of datasets that are being deleted for ever."""
        await self.store.remove([DatasetRid(rid) for rid in rids])

    async def _view(
        self,
        caller: Caller,
        name: StreamName,
        subscriber_id: str,
        needs: Role,
        denied: type[SubscriberPermissionDeniedError],
        view_rid: ViewRid | None = None,
    ) -> View:
        stream = await self.reading.stream(
            caller,
            name.dataset_rid,
            name.branch_name,
            needs=needs,
            denied=denied(name.dataset_rid, name.branch_name, subscriber_id[:255]),
            view_rid=view_rid,
        )
        return stream.view

    async def _find(self, name: StreamName, subscriber_id: str, view: View) -> Subscriber:
        subscriber = await self.store.get(subscriber_id)
        if subscriber is None or (subscriber.dataset_rid, subscriber.branch_name) != (
            name.dataset_rid,
            name.branch_name,
        ):
            raise SubscriberNotFoundError(subscriber_id)
        return await self._current(subscriber, view)

    async def _current(self, subscriber: Subscriber, view: View) -> Subscriber:
        """Move a subscriber to the stream's new view if the stream was reset."""
        if subscriber.view_rid == view.view_rid:
            return subscriber
        async with self.transactions.begin():
            # Asked again: another call may have moved it, and gone on from there.
            now = await self.store.get(subscriber.subscriber_id)
            if now is None:
                raise SubscriberNotFoundError(subscriber.subscriber_id)
            if now.view_rid == view.view_rid:
                return now
            starts = await self._offsets_of(EarliestPosition(), view)
            moved = msgspec.structs.replace(now, view_rid=view.view_rid, start_offsets=starts)
            await self.store.restart(moved)
        return moved

    async def _offsets_of(self, position: ReadPosition, view: View) -> dict[int, int]:
        if isinstance(position, LatestPosition):
            return await self.log.end_offsets(view.view_rid)
        starts = await self.log.start_offsets(view.view_rid)
        if isinstance(position, EarliestPosition):
            return starts
        ends = await self.log.end_offsets(view.view_rid)
        for partition_id, offset in numbers_of(position.offsets).items():
            partition = parse_partition(partition_id, view)
            if not 0 <= offset <= ends[partition]:
                raise InvalidOffsetError(partition, offset, ends[partition])
            starts[partition] = offset
        return starts

    async def _read(
        self, view: View, wanted: Sequence[int], positions: Mapping[int, int], limit: int
    ) -> dict[int, list[StoredRecord]]:
        """Read fairly: first an equal share of each partition, then what room is left.

        All together are within the bytes of one answer, but for one record, of whatever size.
        """
        bytes_left = self.reading.settings.answer_bytes_max
        bytes_share = max(1, bytes_left // max(1, len(wanted)))
        records: dict[int, list[StoredRecord]] = {partition: [] for partition in wanted}
        share = max(1, limit // max(1, len(wanted)))
        room = limit
        for most, bytes_most in ((share, bytes_share), (limit, bytes_left)):
            for partition, found in records.items():
                start = found[-1].offset + 1 if found else positions.get(partition, 0)
                if room and bytes_left > 0 and len(found) < most:
                    wish = min(room, most - len(found))
                    bytes_max = min(bytes_left, bytes_most)
                    more = await self.reading.read(view, partition, start, wish, bytes_max)
                    found.extend(more)
                    room -= len(more)
                    bytes_left -= sum(len(record.value) for record in more)
        return records


def _check_id(subscriber_id: str) -> str:
    if not subscriber_id.strip() or len(subscriber_id) > SUBSCRIBER_ID_LENGTH_MAX:
        reason = f"a subscriber id has 1 to {SUBSCRIBER_ID_LENGTH_MAX} characters"
        raise InvalidArgumentError(reason, subscriberId=subscriber_id[:SUBSCRIBER_ID_LENGTH_MAX])
    return subscriber_id
