"""Applies policies: deletes what is older than they say, and tells of it."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import msgspec

from sluiceway.access.audit.service import AuditTrail
from sluiceway.archive.moving import Mover
from sluiceway.archive.retention.hot import Limits, let_go
from sluiceway.archive.retention.store import RetentionStore
from sluiceway.archive.retention.types import ActiveRetention, RetentionPolicy
from sluiceway.archive.settings import ArchiveSettings
from sluiceway.archive.telling import RETENTION, ranges_text
from sluiceway.archive.types import DueRows, Offsets
from sluiceway.foundation.clock import Clock
from sluiceway.foundation.errors import SluicewayError
from sluiceway.foundation.rids import ViewRid
from sluiceway.foundation.transactions import Transactions
from sluiceway.streams.log import RecordLog
from sluiceway.streams.log_errors import LogViewNotFoundError

_log: Final = logging.getLogger("sluiceway.retention")
_MS: Final = 1_000
_LOOK_SECONDS: Final = 60.0
"""The longest time between two looks at what has to be done."""


@dataclass(frozen=True, slots=True)
class Due:
    """What a policy lets go."""

    deleted: DueRows
    """For ever."""
    trimmed: dict[int, tuple[int, int]]
    """By partition the offsets that the log gives up while the table keeps them."""
    trimmed_bytes: int


_NOTHING: Final = DueRows(
    ranges={}, counts={}, stored_bytes=0, files=0, oldest_ms=None, newest_ms=None
)


@dataclass(slots=True)
class DeletionCounts:
    """What retention deleted since the start."""

    deletions: int = 0
    records: int = 0
    stored_bytes: int = 0
    failures: int = 0


@dataclass(slots=True)
class Deleter:
    """Applies every policy every ``archive.retention_seconds``, one stream after the other."""

    log: RecordLog
    mover: Mover
    store: RetentionStore
    transactions: Transactions
    audit: AuditTrail
    clock: Clock
    settings: ArchiveSettings
    now: Callable[[], float]
    """Seconds of a clock that never goes back."""
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Whoever has it decides what is deleted: a deletion, or one who sets a hold."""
    counts: DeletionCounts = field(default_factory=DeletionCounts)
    _expiring: dict[ViewRid, float] = field(default_factory=dict)
    """When the old snapshots of a table, which still have what was deleted, may go."""
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Apply policies until ``stop`` is called, then finish the deletion in progress."""
        await self._tried("the tables", self._load)
        due = self.now()
        while not self._stopping.is_set():
            if self.now() >= due:
                due = self.now() + self.settings.retention_seconds
                await self.apply()
            await self._expire()
            pause = min(due, *self._expiring.values(), self.now() + _LOOK_SECONDS) - self.now()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), max(pause, 0.1))

    def stop(self) -> None:
        """Begin no further deletion."""
        self._stopping.set()

    async def apply(self) -> None:
        """Apply every policy once. What fails is done at the next call."""
        active: list[ActiveRetention] = []

        async def load() -> None:
            active.extend(await self.store.active())

        await self._tried("the policies", load)
        for one in active:
            if self._stopping.is_set():
                return
            async with self.turn:
                await self._tried(one.view_rid, lambda one=one: self._apply(one))  # type: ignore[misc]

    async def due(self, view: ViewRid, policy: RetentionPolicy) -> Due:
        """Tell what *policy* lets go now; changes nothing but what is told of the table.

        Raises:
            SluicewayError: The table or the log cannot be asked.
        """
        now_ms, found = self.clock.now_ms(), await self.mover.found(view)
        if not self.settings.enabled:
            ranges = {} if found else await self._due_in_log(view, policy, now_ms)
            return Due(await self._rows_in_log(view, ranges), {}, 0)
        if found is None:
            return Due(_NOTHING, {}, 0)
        table, state = found
        deleted = _NOTHING
        if policy.cold_seconds is not None:
            before_ms = now_ms - policy.cold_seconds * _MS
            deleted = await self.mover.tables.due(table.table, before_ms)
        limits = Limits.with_archive(policy, now_ms, self.settings.hot_seconds)
        trimmed = await self._ranges(view, await let_go(self.log, view, state.next_offsets, limits))
        return Due(deleted, trimmed, (await self._rows_in_log(view, trimmed)).stored_bytes)

    async def _due_in_log(
        self, view: ViewRid, policy: RetentionPolicy, now_ms: int
    ) -> dict[int, tuple[int, int]]:
        limits = Limits.without_archive(policy, now_ms)
        ends = await self.log.end_offsets(view)
        return await self._ranges(view, await let_go(self.log, view, ends, limits))

    async def _ranges(self, view: ViewRid, before: Offsets) -> dict[int, tuple[int, int]]:
        starts = await self.log.start_offsets(view)
        return {one: (starts[one], end) for one, end in before.items() if end > starts[one]}

    async def _rows_in_log(self, view: ViewRid, ranges: dict[int, tuple[int, int]]) -> DueRows:
        """Tell of records that lie in the log."""
        size, times = 0, list[int]()
        for partition, (start, end) in ranges.items():
            size += await self.log.stored_bytes(view, partition, start, end)
            for offset in (start, end - 1):
                batches = await self.log.read_batches(view, partition, offset, bytes_max=1)
                times += [batch.time_ms for batch in batches[:1]]
        return DueRows(
            ranges=ranges,
            counts={partition: end - start for partition, (start, end) in ranges.items()},
            stored_bytes=size,
            files=0,
            oldest_ms=min(times, default=None),
            newest_ms=max(times, default=None),
        )

    async def _apply(self, active: ActiveRetention) -> None:
        # Asked in its turn: a hold may have been set meanwhile, or the policy changed.
        name = active.stream
        stream = await self.store.of_stream(name.dataset_rid, name.branch_name)
        if stream.hold is not None:
            return
        active = msgspec.structs.replace(active, stream=stream)
        if self.settings.enabled:
            await self._delete_rows(active)
        elif await self.mover.store.of_view(active.view_rid) is None:
            await self._delete_from_log(active)
        else:
            _log.warning(
                "the archive is off, and %s has a table that would miss what its log gives up:"
                " nothing of it is deleted",
                active.view_rid,
            )

    async def _delete_rows(self, active: ActiveRetention) -> None:
        seconds, view = active.stream.policy.cold_seconds, active.view_rid
        found = None if seconds is None else await self.mover.found(view)
        if seconds is None or found is None:
            return
        table, state = found
        before_ms = self.clock.now_ms() - seconds * _MS
        due = await self.mover.tables.due(table.table, before_ms)
        # While the table has them nothing is lost: the snapshot alone deletes.
        await self._trim(view, state.start_offsets | due.ends)
        if not due.ranges:
            return
        done = await self.mover.delete(table, before_ms)
        if done is not None:
            await self._trim(view, done.ends)
            self._expiring[view] = self.now() + self.settings.snapshots_keep_seconds + 1
            self._count(view, done.rows, done.stored_bytes)

    async def _delete_from_log(self, active: ActiveRetention) -> None:
        policy, view = active.stream.policy, active.view_rid
        # Decided before a crash, perhaps.
        await self._trim(view, active.trimmed)
        ranges = await self._due_in_log(view, policy, self.clock.now_ms())
        if not ranges:
            return
        due = await self._rows_in_log(view, ranges)
        async with self.transactions.begin():
            await self.store.trimming(active, active.trimmed | due.ends)
            await self.audit.record(
                RETENTION,
                "retention.deleted",
                active.stream.dataset_rid,
                branchName=active.stream.branch_name,
                viewRid=view,
                records=due.records,
                storedBytes=due.stored_bytes,
                ranges=ranges_text(ranges),
            )
        await self._trim(view, due.ends)
        self._count(view, due.records, due.stored_bytes)

    async def _trim(self, view: ViewRid, before: Mapping[int, int]) -> None:
        starts = await self.log.start_offsets(view)
        for partition, offset in before.items():
            if offset > starts.get(partition, offset):
                await self.log.trim(view, partition, offset)

    def _count(self, view: ViewRid, records: int, stored_bytes: int) -> None:
        self.counts.deletions += 1
        self.counts.records += records
        self.counts.stored_bytes += stored_bytes
        _log.info("deleted %d records of %s, %d bytes", records, view, stored_bytes)

    async def _load(self) -> None:
        """Old snapshots of tables of which something was deleted may still be there."""
        later = self.now() + self.settings.snapshots_keep_seconds + 1
        for table in await self.mover.store.tables():
            if any(table.start_offsets.values()):
                self._expiring[table.view_rid] = later

    async def _expire(self) -> None:
        for view in [view for view, due in self._expiring.items() if due <= self.now()]:

            async def maintain(view: ViewRid = view) -> None:
                await self.mover.maintain(view)
                del self._expiring[view]

            if not await self._tried(view, maintain):
                self._expiring[view] = self.now() + _LOOK_SECONDS

    async def _tried(self, what: str, call: Callable[[], Awaitable[None]]) -> bool:
        """Tell whether *call* succeeded; it is made again later."""
        try:
            await call()
        except LogViewNotFoundError:
            return True  # It was reset or deleted meanwhile.
        except SluicewayError as error:
            _log.error("retention of %s waits: %s", what, error.message)
        except Exception:  # noqa: BLE001 - tried again
            _log.exception("retention of %s waits", what)
        else:
            return True
        self.counts.failures += 1
        return False
