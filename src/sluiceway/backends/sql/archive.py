"""The archive's metadata in SQL."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Row, RowMapping, delete, insert, select, update
from sqlalchemy.sql import Select

from sluiceway.archive.types import ArchiveTable, ArchiveTransaction, Offsets, TableName
from sluiceway.backends.sql.database import Database
from sluiceway.backends.sql.tables.archive import ARCHIVE_TABLES, ARCHIVE_TRANSACTIONS
from sluiceway.backends.sql.tables.streams import VIEWS
from sluiceway.foundation.rids import TransactionRid, ViewRid


@dataclass(frozen=True, slots=True)
class SqlArchiveStore:
    """Keeps tables in ``archive_tables`` and commits in ``archive_transactions``.

    No cache depends on them, so their changes do not raise the change counter.
    """

    database: Database

    async def tables(self) -> list[ArchiveTable]:
        """Give every table there is."""
        return await self._tables(select(ARCHIVE_TABLES))

    async def of_view(self, view_rid: ViewRid) -> ArchiveTable | None:
        """Give the table of a view, if it has one."""
        found = await self._tables(
            select(ARCHIVE_TABLES).where(ARCHIVE_TABLES.c.view_rid == view_rid)
        )
        return found[0] if found else None

    async def gone(self) -> list[ArchiveTable]:
        """Give the tables of views that are not active any more."""
        active = select(VIEWS.c.view_rid)
        return await self._tables(
            select(ARCHIVE_TABLES).where(ARCHIVE_TABLES.c.view_rid.not_in(active))
        )

    async def behind(self) -> list[ViewRid]:
        """Give the active views whose tables have an older schema; see ``ArchiveStore.behind``."""
        query = (
            select(ARCHIVE_TABLES.c.view_rid)
            .join(VIEWS, VIEWS.c.view_rid == ARCHIVE_TABLES.c.view_rid)
            .where(ARCHIVE_TABLES.c.schema_version < VIEWS.c.schema_version)
        )
        async with self.database.read() as connection:
            return [ViewRid(rid) for rid in await connection.scalars(query)]

    async def evolved(self, view_rid: ViewRid, schema_version: int) -> None:
        """Keep that a table was given a schema; see ``ArchiveStore.evolved``."""
        columns = ARCHIVE_TABLES.c
        is_older = (columns.view_rid == view_rid) & (columns.schema_version < schema_version)
        change = update(ARCHIVE_TABLES).where(is_older).values(schema_version=schema_version)
        async with self.database.write(touches_caches=False) as connection:
            await connection.execute(change)

    async def _tables(self, query: Select[Any]) -> list[ArchiveTable]:
        async with self.database.read() as connection:
            rows = (await connection.execute(query)).all()
        return [_table(row) for row in rows]

    async def add(self, table: ArchiveTable) -> None:
        """Keep that a view has a table; see ``ArchiveStore.add``."""
        values = {
            "view_rid": table.view_rid,
            "dataset_rid": table.dataset_rid,
            "branch_name": table.branch_name,
            "namespace": table.table.namespace,
            "name": table.table.name,
            "next_offsets": _with_text_keys(table.next_offsets),
            "start_offsets": _with_text_keys(table.start_offsets),
            "created_ms": table.created_ms,
            "schema_version": table.schema_version,
        }
        async with self.database.write(touches_caches=False) as connection:
            await connection.execute(insert(ARCHIVE_TABLES).values(values))

    async def committed(
        self,
        view_rid: ViewRid,
        transactions: Sequence[ArchiveTransaction],
        next_offsets: Offsets,
        start_offsets: Offsets | None = None,
    ) -> list[ArchiveTransaction]:
        """Keep transactions, and where the table begins and ends; see ``ArchiveStore.committed``."""
        rids = [one.rid for one in transactions]
        known = select(ARCHIVE_TRANSACTIONS.c.rid).where(ARCHIVE_TRANSACTIONS.c.rid.in_(rids))
        places = {"next_offsets": _with_text_keys(next_offsets)}
        if start_offsets is not None:
            places["start_offsets"] = _with_text_keys(start_offsets)
        how_far = update(ARCHIVE_TABLES).where(ARCHIVE_TABLES.c.view_rid == view_rid).values(places)
        async with self.database.write(touches_caches=False) as connection:
            there = set(await connection.scalars(known))
            new = [one for one in transactions if one.rid not in there]
            if new:
                rows = [_row(view_rid, one) for one in new]
                await connection.execute(insert(ARCHIVE_TRANSACTIONS), rows)
            await connection.execute(how_far)
        return new

    async def transactions(
        self,
        view_rids: Collection[ViewRid],
        *,
        before: TransactionRid | None = None,
        limit: int,
    ) -> list[tuple[ViewRid, ArchiveTransaction]]:
        """Give transactions, newest first; see ``ArchiveStore.transactions``."""
        columns = ARCHIVE_TRANSACTIONS.c
        of_views: ColumnElement[bool] = columns.view_rid.in_(view_rids)
        if len(view_rids) == 1:
            of_views = columns.view_rid == next(iter(view_rids))  # The index has the order, too.
        query = (
            select(ARCHIVE_TRANSACTIONS)
            .where(of_views)
            .order_by(columns.closed_ms.desc(), columns.rid.desc())
            .limit(limit)
        )
        if before is not None:
            closed_ms = select(columns.closed_ms).where(columns.rid == before).scalar_subquery()
            is_same = (columns.closed_ms == closed_ms) & (columns.rid < before)
            query = query.where((columns.closed_ms < closed_ms) | is_same)
        async with self.database.read() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [(row["view_rid"], _transaction(row)) for row in rows]

    async def transaction(self, rid: TransactionRid) -> tuple[ViewRid, ArchiveTransaction] | None:
        """Give a transaction, and the view whose table it is of."""
        query = select(ARCHIVE_TRANSACTIONS).where(ARCHIVE_TRANSACTIONS.c.rid == rid)
        async with self.database.read() as connection:
            row = (await connection.execute(query)).mappings().one_or_none()
        return None if row is None else (row["view_rid"], _transaction(row))

    async def remove(self, view_rid: ViewRid) -> None:
        """Forget a table that was dropped, and its transactions."""
        of_view = ARCHIVE_TRANSACTIONS.c.view_rid == view_rid
        async with self.database.write(touches_caches=False) as connection:
            await connection.execute(delete(ARCHIVE_TRANSACTIONS).where(of_view))
            await connection.execute(
                delete(ARCHIVE_TABLES).where(ARCHIVE_TABLES.c.view_rid == view_rid)
            )


def _with_text_keys(offsets: Offsets) -> dict[str, int]:
    return {str(partition): offset for partition, offset in offsets.items()}


def _with_numbers(offsets: Mapping[str, int]) -> Offsets:
    return {int(partition): offset for partition, offset in offsets.items()}


def _row(view_rid: ViewRid, transaction: ArchiveTransaction) -> dict[str, Any]:
    row = msgspec.structs.asdict(transaction)
    ranges = {str(partition): list(ends) for partition, ends in transaction.ranges.items()}
    next_offsets = _with_text_keys(transaction.next_offsets)
    digests = {str(partition): digest for partition, digest in transaction.digests.items()}
    changed = {"ranges": ranges, "next_offsets": next_offsets, "digests": digests}
    return {**row, "view_rid": view_rid, **changed}


def _transaction(row: RowMapping) -> ArchiveTransaction:
    fields = {str(name): value for name, value in row.items() if value is not None}
    return msgspec.convert(fields, ArchiveTransaction, strict=False)


def _table(row: Row[Any]) -> ArchiveTable:
    return ArchiveTable(
        view_rid=row.view_rid,
        dataset_rid=row.dataset_rid,
        branch_name=row.branch_name,
        table=TableName(row.namespace, row.name),
        next_offsets=_with_numbers(row.next_offsets),
        start_offsets=_with_numbers(row.start_offsets),
        created_ms=row.created_ms,
        schema_version=row.schema_version,
    )
