"""Retention in SQL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import RowMapping, delete, insert, select, update
from sqlalchemy.sql import ColumnElement

from sluiceway.archive.retention.types import ActiveRetention, RetentionPolicy, StreamRetention
from sluiceway.archive.types import Offsets
from sluiceway.backends.sql.database import Database
from sluiceway.backends.sql.tables.retention import RETENTION
from sluiceway.backends.sql.tables.streams import VIEWS
from sluiceway.foundation.rids import DatasetRid, ViewRid
from sluiceway.streams.types import LegalHold

_RIDS_AT_ONCE: Final = 500
"""So many every database takes as parameters of one query."""
_POLICY: Final = (RETENTION.c.hot_seconds, RETENTION.c.hot_bytes, RETENTION.c.cold_seconds)


@dataclass(frozen=True, slots=True)
class SqlRetentionStore:
    """Keeps policies and holds in ``retention``.

    No cache depends on them, so their changes do not raise the change counter.
    """

    database: Database

    async def of_stream(self, dataset_rid: DatasetRid, branch_name: str) -> StreamRetention:
        """Give what is set for a stream; nothing of it when nothing is."""
        query = select(RETENTION).where(_of_stream(dataset_rid, branch_name))
        async with self.database.read() as connection:
            row = (await connection.execute(query)).mappings().one_or_none()
        if row is None:
            return StreamRetention(dataset_rid=dataset_rid, branch_name=branch_name)
        return _stream(row)

    async def active(self) -> list[ActiveRetention]:
        """Give every policy that sets something, with the view to which it applies now."""
        is_of_view = (VIEWS.c.dataset_rid == RETENTION.c.dataset_rid) & (
            VIEWS.c.branch_name == RETENTION.c.branch_name
        )
        sets_something = _POLICY[0].is_not(None) | _POLICY[1].is_not(None) | _POLICY[2].is_not(None)
        query = select(RETENTION, VIEWS.c.view_rid).join(VIEWS, is_of_view).where(sets_something)
        async with self.database.read() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [_active(row) for row in rows]

    async def policies(self) -> dict[ViewRid, RetentionPolicy]:
        """Give the same policies by view."""
        return {one.view_rid: one.stream.policy for one in await self.active()}

    async def held(self, dataset_rids: Sequence[DatasetRid]) -> list[LegalHold]:
        """Give the holds on streams of the datasets; see ``HoldStore.held``."""
        found: list[LegalHold] = []
        async with self.database.read() as connection:
            for first in range(0, len(dataset_rids), _RIDS_AT_ONCE):
                rids = dataset_rids[first : first + _RIDS_AT_ONCE]
                query = (
                    select(RETENTION)
                    .where(RETENTION.c.dataset_rid.in_(rids) & RETENTION.c.hold_ms.is_not(None))
                    .order_by(RETENTION.c.dataset_rid, RETENTION.c.branch_name)
                )
                rows = (await connection.execute(query)).mappings()
                found += [hold for row in rows if (hold := _hold(row)) is not None]
        return found

    async def set_policy(
        self, dataset_rid: DatasetRid, branch_name: str, policy: RetentionPolicy
    ) -> None:
        """Take *policy* for the stream."""
        values = {
            "hot_seconds": policy.hot_seconds,
            "hot_bytes": policy.hot_bytes,
            "cold_seconds": policy.cold_seconds,
        }
        await self._set(dataset_rid, branch_name, values)

    async def set_hold(
        self, dataset_rid: DatasetRid, branch_name: str, hold: LegalHold | None
    ) -> None:
        """Set the stream's hold, or lift it."""
        values = {
            "hold_reason": None if hold is None else hold.reason,
            "hold_by": None if hold is None else hold.set_by,
            "hold_by_name": None if hold is None else hold.set_by_name,
            "hold_ms": None if hold is None else hold.set_ms,
        }
        await self._set(dataset_rid, branch_name, values)

    async def trimming(self, active: ActiveRetention, before: Offsets) -> None:
        """Keep up to where the log of a view is about to be trimmed."""
        values = {
            "trimmed_view": active.view_rid,
            "trimmed_before": {str(partition): offset for partition, offset in before.items()},
        }
        await self._set(active.stream.dataset_rid, active.stream.branch_name, values)

    async def remove(self, dataset_rids: Sequence[DatasetRid]) -> None:
        """Forget all that is set for the streams of datasets."""
        async with self.database.write(touches_caches=False) as connection:
            for rid in dataset_rids:
                await connection.execute(delete(RETENTION).where(RETENTION.c.dataset_rid == rid))

    async def _set(
        self, dataset_rid: DatasetRid, branch_name: str, values: Mapping[str, Any]
    ) -> None:
        change = update(RETENTION).where(_of_stream(dataset_rid, branch_name)).values(values)
        # One writer at a time, see `Database`: no other adds the row between the two.
        async with self.database.write(touches_caches=False) as connection:
            if not (await connection.execute(change)).rowcount:
                names = {"dataset_rid": dataset_rid, "branch_name": branch_name}
                await connection.execute(insert(RETENTION).values({**names, **values}))


def _of_stream(dataset_rid: DatasetRid, branch_name: str) -> ColumnElement[bool]:
    return (RETENTION.c.dataset_rid == dataset_rid) & (RETENTION.c.branch_name == branch_name)


def _stream(row: RowMapping) -> StreamRetention:
    return StreamRetention(
        dataset_rid=row["dataset_rid"],
        branch_name=row["branch_name"],
        policy=RetentionPolicy(
            hot_seconds=row["hot_seconds"],
            hot_bytes=row["hot_bytes"],
            cold_seconds=row["cold_seconds"],
        ),
        hold=_hold(row),
    )


def _hold(row: RowMapping) -> LegalHold | None:
    if row["hold_ms"] is None:
        return None
    return LegalHold(
        dataset_rid=row["dataset_rid"],
        branch_name=row["branch_name"],
        reason=row["hold_reason"],
        set_by=row["hold_by"],
        set_by_name=row["hold_by_name"],
        set_ms=row["hold_ms"],
    )


def _active(row: RowMapping) -> ActiveRetention:
    before = row["trimmed_before"] if row["trimmed_view"] == row["view_rid"] else None
    return ActiveRetention(
        stream=_stream(row),
        view_rid=ViewRid(row["view_rid"]),
        trimmed={int(partition): offset for partition, offset in (before or {}).items()},
    )
