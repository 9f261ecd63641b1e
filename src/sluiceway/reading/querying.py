"""Records by offset, by time and by the values of fields, page by page."""

import asyncio
import enum
import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final

import msgspec

from sluiceway.access.caller import Caller
from sluiceway.access.roles import Role
from sluiceway.foundation.clock import iso_time
from sluiceway.foundation.paging import Page, next_page_token, parse_page
from sluiceway.foundation.request_errors import InvalidArgumentError, InvalidPageTokenError
from sluiceway.foundation.rids import DatasetRid, ViewRid
from sluiceway.foundation.wire import Body
from sluiceway.reading.errors import GetRecordsPermissionDeniedError
from sluiceway.reading.service import ReadingService, parse_partition
from sluiceway.schema.equality import Equality, equality_of, partition_of
from sluiceway.streams.log import StoredRecord
from sluiceway.streams.search import RecordSearcher, Wanted
from sluiceway.streams.types import View

FIELDS_MAX: Final = 20
"""Most fields whose values one query names."""
_SECONDS: Final = 2.0
"""How long one call looks; then it answers with what it has, and where to go on."""
_SEARCHES: Final = 4
"""Searches that run at once, over all calls."""
_WINDOW_MIN: Final = 256
_WINDOW_MAX: Final = 65_536
"""Offsets that are looked through at once from the end on: more while that goes fast."""


class RecordOrder(enum.StrEnum):
    """Which records of a partition come first."""

    OLDEST_FIRST = "oldestFirst"
    NEWEST_FIRST = "newestFirst"


Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class QueryRecordsRequest(Body, frozen=True):
    """Which records are wanted: all conditions have to hold, and none has to be given."""

    view_rid: ViewRid | None = None
    partition_ids: list[str] | None = None
    start_offset: Annotated[int, msgspec.Meta(ge=0)] | None = None
    """The first offset, in each partition."""
    end_offset: Annotated[int, msgspec.Meta(ge=0)] | None = None
    """The offset after the last."""
    start_time: Moment | None = None
    """Records that became durable then or later."""
    end_time: Moment | None = None
    """Records that became durable before."""
    where: dict[str, msgspec.Raw] | None = None
    """The values that fields have, as they would be published."""
    order: RecordOrder = RecordOrder.OLDEST_FIRST
    page_size: int | None = None
    page_token: str | None = None


class QueriedRecord(msgspec.Struct, frozen=True, gc=False):
    """A record, where it lies and since when. The value is the stored JSON, copied as it is."""

    partition: int
    offset: int
    time: str
    value: msgspec.Raw


class _Place(msgspec.Struct, frozen=True, array_like=True):
    """Where a page begins: what a token says."""

    digest: str
    view_rid: str
    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class _Query:
    """A request that was understood."""

    view: View
    order: RecordOrder
    partitions: Sequence[int]
    wanted: Wanted
    """Of any partition."""
    limit: int


class QueryingService:
    """Finds records for callers who may read them."""

    def __init__(self, reading: ReadingService, searcher: RecordSearcher) -> None:
        self._reading = reading
        self._searcher = searcher
        self._searches = asyncio.Semaphore(_SEARCHES)

    async def query(
        self,
        caller: Caller,
        dataset_rid: DatasetRid,
        branch_name: str,
        request: QueryRecordsRequest,
    ) -> Page[QueriedRecord]:
        """Give a page of the wanted records, by partition, and in each by offset.

        A page may have few records or none and yet a token: then nothing more was found in the time
        of one call, and the next one goes on. What is published meanwhile may be on later pages.

        Raises:
            InvalidPartitionError: The stream has no such partition.
            InvalidArgumentError: A condition cannot hold for any record of the stream.
            InvalidPageSizeError, InvalidPageTokenError: They are not what they must be.
        And what ``ReadingService.stream`` and the searcher raise.
        """
        denied = GetRecordsPermissionDeniedError(dataset_rid, branch_name)
        stream = await self._reading.stream(
            caller,
            dataset_rid,
            branch_name,
            needs=Role.VIEWER,
            denied=denied,
            view_rid=request.view_rid,
        )
        query = _understood(stream.view, request)
        page = parse_page(request.page_size, request.page_token)
        digest = _digest(request)
        place = None if page.after is None else _place(page.after, digest, query, request)
        found, following = await self._run(query, place)
        token = None
        if following is not None:
            partition, offset = following
            at = _Place(digest, stream.view.view_rid, partition, offset)
            token = next_page_token(msgspec.json.encode(at).decode())
        return Page(
            data=[
                QueriedRecord(partition, one.offset, iso_time(one.time_ms), msgspec.Raw(one.value))
                for partition, one in found
            ],
            next_page_token=token,
        )

    async def _run(
        self, query: _Query, place: _Place | None
    ) -> tuple[list[tuple[int, StoredRecord]], tuple[int, int] | None]:
        """Give records with their partitions, and from where to go on."""
        deadline = time.monotonic() + _SECONDS
        ends = await self._reading.log.end_offsets(query.view.view_rid)
        left = _Left(query.limit, self._reading.settings.answer_bytes_max, deadline)
        found: list[tuple[int, StoredRecord]] = []
        for partition in query.partitions:
            at = None
            if place is not None and partition == place.partition:
                at = place.offset
            elif place is not None and partition < place.partition:
                continue
            end = min(query.wanted.end, ends.get(partition, 0))
            wanted = await self._searcher.narrowed(
                query.view.view_rid,
                msgspec.structs.replace(query.wanted, partition=partition, end=end),
            )
            look = self._backwards if query.order is RecordOrder.NEWEST_FIRST else self._forwards
            records, reached = await look(query.view.view_rid, wanted, at, left)
            found += ((partition, record) for record in records)
            if reached is not None:
                return found, (partition, reached)
        return found, None

    async def _forwards(
        self, view: ViewRid, wanted: Wanted, at: int | None, left: "_Left"
    ) -> tuple[list[StoredRecord], int | None]:
        """Look from the first on; give where to go on, ``None`` at the end."""
        found: list[StoredRecord] = []
        start = wanted.start if at is None else max(at, wanted.start)
        while start < wanted.end:
            if not left.has_room:
                return found, start
            part = msgspec.structs.replace(wanted, start=start)
            async with self._searches:
                some = await self._searcher.search(
                    view, part, limit=left.records, bytes_max=max(left.bytes, 1)
                )
            found += some.records
            left.take(some.records)
            start = some.reached
        return found, None

    async def _backwards(
        self, view: ViewRid, wanted: Wanted, at: int | None, left: "_Left"
    ) -> tuple[list[StoredRecord], int | None]:
        """Look from the last on, a window of offsets at a time; as ``_forwards``."""
        found: list[StoredRecord] = []
        first = wanted.start
        end = wanted.end if at is None else min(at, wanted.end)
        window = _WINDOW_MIN
        while first < end:
            if not left.has_room:
                return found, end
            start = max(first, end - window)
            whole = await self._window(view, wanted, start, end, left)
            if whole is None:
                window = max(1, (end - start) // 2)
                continue
            found += reversed(whole)
            left.take(whole)
            end = start
            window = min(4 * window, _WINDOW_MAX)
        return found, None

    async def _window(
        self, view: ViewRid, wanted: Wanted, start: int, end: int, left: "_Left"
    ) -> list[StoredRecord] | None:
        """Give all wanted records of a window; ``None`` when it has more than there is room for."""
        found: list[StoredRecord] = []
        at = start
        while at < end:
            part = msgspec.structs.replace(wanted, start=at, end=end)
            room = left.bytes - sum(len(one.value) for one in found)
            async with self._searches:
                some = await self._searcher.search(
                    view, part, limit=left.records - len(found) + 1, bytes_max=max(room, 1)
                )
            found += some.records
            size = sum(len(one.value) for one in found)
            has_too_many = len(found) > left.records or size > left.bytes
            if has_too_many and end - start > 1:
                return None
            at = some.reached
            if at < end and left.is_late and end - start > 1:
                return None  # A smaller one is done sooner.
        return found


class _Left:
    """What one answer may still have."""

    def __init__(self, records: int, bytes_max: int, deadline: float) -> None:
        self.records = records
        self.bytes = bytes_max
        self._deadline = deadline
        self._has_progress = False

    @property
    def is_late(self) -> bool:
        """Whether the time is over."""
        return time.monotonic() >= self._deadline

    @property
    def has_room(self) -> bool:
        """Whether to look on; until something was looked through, so that no call is in vain."""
        if not self._has_progress:
            return True
        return self.records > 0 and self.bytes > 0 and not self.is_late

    def take(self, records: Sequence[StoredRecord]) -> None:
        """Count what was found in a part that was looked through."""
        self._has_progress = True
        self.records -= len(records)
        self.bytes -= sum(len(one.value) for one in records)


def _understood(view: View, request: QueryRecordsRequest) -> _Query:
    page = parse_page(request.page_size, None)
    equality = _equality(view, request)
    partitions: Sequence[int] = range(view.partitions)
    if request.partition_ids is not None:
        partitions = sorted({parse_partition(one, view) for one in request.partition_ids})
    only = None if equality is None else partition_of(view.schema, equality, view.partitions)
    if only is not None:
        partitions = [one for one in partitions if one == only]
    start_ms, end_ms = _epoch_ms(request.start_time), _epoch_ms(request.end_time)
    wanted = Wanted(
        partition=0,
        start=request.start_offset or 0,
        end=(1 << 63) - 1 if request.end_offset is None else request.end_offset,
        start_ms=start_ms,
        end_ms=end_ms,
        equality=equality,
    )
    if wanted.start > wanted.end:
        raise InvalidArgumentError("startOffset is after endOffset")
    if start_ms is not None and end_ms is not None and start_ms > end_ms:
        raise InvalidArgumentError("startTime is after endTime")
    return _Query(view, request.order, partitions, wanted, page.size)


def _equality(view: View, request: QueryRecordsRequest) -> Equality | None:
    if not request.where:
        return None
    if len(request.where) > FIELDS_MAX:
        raise InvalidArgumentError(f"where names more than {FIELDS_MAX} fields")
    return equality_of(view.schema, request.where)


def _epoch_ms(moment: datetime | None) -> int | None:
    """Give epoch milliseconds; a part of one counts as whole, as records have none."""
    if moment is None:
        return None
    return -(-round(moment.timestamp() * 1_000_000) // 1_000)


def _digest(request: QueryRecordsRequest) -> str:
    """Tell queries apart, whatever page of them is asked for."""
    same = msgspec.structs.replace(request, page_size=None, page_token=None)
    return hashlib.sha256(msgspec.json.encode(same)).hexdigest()[:16]


def _place(after: str, digest: str, query: _Query, request: QueryRecordsRequest) -> _Place:
    """Read where the page begins, which is one of this query."""
    token = request.page_token or ""
    try:
        place = msgspec.json.decode(after, type=_Place)
    except msgspec.DecodeError:
        raise InvalidPageTokenError(token) from None
    is_ours = place.digest == digest and place.view_rid == query.view.view_rid
    if not is_ours or place.partition not in query.partitions or place.offset < 0:
        raise InvalidPageTokenError(token)
    return place
