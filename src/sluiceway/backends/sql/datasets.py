"""Branches, transactions and schemas of datasets in SQL."""

from dataclasses import dataclass

import msgspec
from sqlalchemy import delete, func, insert, literal, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql import ColumnElement

from sluiceway.backends.sql.database import Database
from sluiceway.backends.sql.tables.datasets import (
    DATASET_BRANCHES,
    DATASET_SCHEMAS,
    DATASET_TRANSACTIONS,
)
from sluiceway.datasets.types import Branch, SchemaVersion, Transaction
from sluiceway.foundation.rids import DatasetRid, TransactionRid
from sluiceway.streams.errors import BranchAlreadyExistsError


@dataclass(frozen=True, slots=True)
class SqlBranchStore:
    """Keeps branches in ``dataset_branches``."""

    database: Database

    async def add(self, branch: Branch) -> None:
        """Keep a new branch; see ``BranchStore.add``."""
        try:
            async with self.database.write(touches_caches=False) as connection:
                await connection.execute(insert(DATASET_BRANCHES).values(_row(branch)))
        except IntegrityError as error:
            raise BranchAlreadyExistsError(branch.dataset_rid, branch.branch_name) from error

    async def get(self, dataset_rid: DatasetRid, branch_name: str) -> Branch | None:
        """Give a branch."""
        query = select(DATASET_BRANCHES).where(_of_branch(dataset_rid, branch_name))
        async with self.database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
        return None if row is None else msgspec.convert(row, Branch, from_attributes=True)

    async def update(self, branch: Branch) -> None:
        """Keep a branch as it is now."""
        change = (
            update(DATASET_BRANCHES)
            .where(_of_branch(branch.dataset_rid, branch.branch_name))
            .values(_row(branch))
        )
        async with self.database.write(touches_caches=False) as connection:
            await connection.execute(change)

    async def remove(self, dataset_rid: DatasetRid, branch_name: str) -> None:
        """Forget a branch."""
        change = delete(DATASET_BRANCHES).where(_of_branch(dataset_rid, branch_name))
        async with self.database.write(touches_caches=False) as connection:
            await connection.execute(change)

    async def page(self, dataset_rid: DatasetRid, *, after: str | None, limit: int) -> list[Branch]:
        """Give branches by name."""
        query = (
            select(DATASET_BRANCHES)
            .where(DATASET_BRANCHES.c.dataset_rid == dataset_rid)
            .order_by(DATASET_BRANCHES.c.branch_name)
            .limit(limit)
        )
        if after is not None:
            query = query.where(DATASET_BRANCHES.c.branch_name > after)
        async with self.database.read() as connection:
            rows = (await connection.execute(query)).all()
        return [msgspec.convert(row, Branch, from_attributes=True) for row in rows]

    async def count(self, dataset_rid: DatasetRid) -> int:
        """Give how many branches a dataset has."""
        query = (
            select(func.count())
            .select_from(DATASET_BRANCHES)
            .where(DATASET_BRANCHES.c.dataset_rid == dataset_rid)
        )
        async with self.database.read() as connection:
            return int((await connection.execute(query)).scalar_one())


@dataclass(frozen=True, slots=True)
class SqlTransactionStore:
    """Keeps transactions in ``dataset_transactions`` and schemas in ``dataset_schemas``."""

    database: Database

    async def add(self, transaction: Transaction) -> None:
        """Keep a new transaction."""
        async with self.database.write(touches_caches=False) as connection:
            await connection.execute(insert(DATASET_TRANSACTIONS).values(_row(transaction)))

    async def get(self, dataset_rid: DatasetRid, transaction_rid: str) -> Transaction | None:
        """Give a transaction of a dataset."""
        query = select(DATASET_TRANSACTIONS).where(
            DATASET_TRANSACTIONS.c.transaction_rid == transaction_rid,
            DATASET_TRANSACTIONS.c.dataset_rid == dataset_rid,
        )
        async with self.database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
        return None if row is None else msgspec.convert(row, Transaction, from_attributes=True)

    async def update(self, transaction: Transaction) -> None:
        """Keep a transaction as it is now."""
        change = (
            update(DATASET_TRANSACTIONS)
            .where(DATASET_TRANSACTIONS.c.transaction_rid == transaction.transaction_rid)
            .values(_row(transaction))
        )
        async with self.database.write(touches_caches=False) as connection:
            await connection.execute(change)

    async def page(
        self, dataset_rid: DatasetRid, *, before: str | None, limit: int
    ) -> list[Transaction]:
        """Give all transactions of a dataset, the latest first."""
        columns = DATASET_TRANSACTIONS.c
        query = (
            select(DATASET_TRANSACTIONS)
            .where(columns.dataset_rid == dataset_rid)
            .order_by(columns.number.desc())
            .limit(limit)
        )
        if before is not None:
            last = select(columns.number).where(columns.transaction_rid == before)
            query = query.where(columns.number < last.scalar_subquery())
        async with self.database.read() as connection:
            rows = (await connection.execute(query)).all()
        return [msgspec.convert(row, Transaction, from_attributes=True) for row in rows]

    async def history(self, transaction_rid: TransactionRid, *, limit: int) -> list[Transaction]:
        """Give a transaction and those before it; see ``TransactionStore.history``."""
        columns = DATASET_TRANSACTIONS.c
        start = select(
            columns.transaction_rid, columns.parent_rid, literal(1).label("distance")
        ).where(columns.transaction_rid == transaction_rid)
        walk = start.cte("walk", recursive=True)
        walk = walk.union_all(
            select(
                columns.transaction_rid,
                columns.parent_rid,
                (walk.c.distance + 1).label("distance"),
            )
            .join(walk, columns.transaction_rid == walk.c.parent_rid)
            .where(walk.c.distance < limit)
        )
        query = (
            select(DATASET_TRANSACTIONS)
            .join(walk, columns.transaction_rid == walk.c.transaction_rid)
            .order_by(walk.c.distance)
        )
        async with self.database.read() as connection:
            rows = (await connection.execute(query)).all()
        return [msgspec.convert(row, Transaction, from_attributes=True) for row in rows]

    async def precedes(self, earlier: TransactionRid, later: TransactionRid) -> bool:
        """Tell whether a transaction is the other one, or one of those before it."""
        columns = DATASET_TRANSACTIONS.c
        start = select(columns.transaction_rid, columns.parent_rid)
        walk = start.where(columns.transaction_rid == later).cte("walk", recursive=True)
        walk = walk.union_all(
            start.join(walk, columns.transaction_rid == walk.c.parent_rid).where(
                walk.c.transaction_rid != earlier
            )
        )
        found = select(walk.c.transaction_rid).where(walk.c.transaction_rid == earlier)
        async with self.database.read() as connection:
            return (await connection.execute(found)).first() is not None

    async def add_schema(self, version: SchemaVersion) -> None:
        """Keep a new version of a schema."""
        async with self.database.write(touches_caches=False) as connection:
            await connection.execute(insert(DATASET_SCHEMAS).values(_row(version)))

    async def schema(self, dataset_rid: DatasetRid, version_id: str) -> SchemaVersion | None:
        """Give a version of a schema of a dataset."""
        query = select(DATASET_SCHEMAS).where(
            DATASET_SCHEMAS.c.version_id == version_id,
            DATASET_SCHEMAS.c.dataset_rid == dataset_rid,
        )
        async with self.database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
        return None if row is None else msgspec.convert(row, SchemaVersion, from_attributes=True)


def _row(one: msgspec.Struct) -> dict[str, object]:
    row: dict[str, object] = msgspec.to_builtins(one)
    return row


def _of_branch(dataset_rid: DatasetRid, branch_name: str) -> ColumnElement[bool]:
    return (DATASET_BRANCHES.c.dataset_rid == dataset_rid) & (
        DATASET_BRANCHES.c.branch_name == branch_name
    )
