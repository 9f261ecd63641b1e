"""Files of datasets in SQL."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import msgspec
from sqlalchemy import CTE, Select, delete, func, insert, literal, select

from sluiceway.backends.sql.database import Database
from sluiceway.backends.sql.tables.datasets import (
    DATASET_BRANCHES,
    DATASET_FILES,
    DATASET_SCHEMAS,
    DATASET_TRANSACTIONS,
    UNWANTED_CONTENTS,
)
from sluiceway.datasets.types import DatasetFile, FileView, TransactionType
from sluiceway.foundation.rids import DatasetRid, TransactionRid

_AT_ONCE: Final = 500
"""How many values stand in one statement."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SqlDatasetFileStore:
    """Keeps files in ``dataset_files``, and in ``unwanted_contents`` what is to be removed."""

    database: Database

    async def put(self, file: DatasetFile) -> None:
        """Keep a file; see ``DatasetFileStore.put``."""
        of_path = (DATASET_FILES.c.transaction_rid == file.transaction_rid) & (
            DATASET_FILES.c.path == file.path
        )
        async with self.database.write(touches_caches=False) as connection:
            replaced = await connection.scalar(select(DATASET_FILES.c.content_id).where(of_path))
            await connection.execute(delete(DATASET_FILES).where(of_path))
            await connection.execute(insert(DATASET_FILES).values(msgspec.to_builtins(file)))
            if replaced is not None:
                await self.note_unwanted([replaced])
            if file.content_id is not None:
                await self.forget_unwanted([file.content_id])

    async def of_transaction(
        self, transaction_rid: TransactionRid, path: str
    ) -> DatasetFile | None:
        """Give the file that a transaction itself has of a path."""
        query = select(DATASET_FILES).where(
            DATASET_FILES.c.transaction_rid == transaction_rid, DATASET_FILES.c.path == path
        )
        return next(iter(await self._files(query)), None)

    async def count(self, transaction_rid: TransactionRid) -> int:
        """Give how many files a transaction itself has."""
        query = (
            select(func.count())
            .select_from(DATASET_FILES)
            .where(DATASET_FILES.c.transaction_rid == transaction_rid)
        )
        async with self.database.read() as connection:
            return int((await connection.execute(query)).scalar_one())

    async def view(
        self,
        view: FileView,
        *,
        after: str | None = None,
        limit: int,
        prefix: str = "",
        path: str | None = None,
    ) -> list[DatasetFile]:
        """Give files of a view by path; see ``DatasetFileStore.view``."""
        walk = _walk(view)
        newest = func.row_number().over(
            partition_by=DATASET_FILES.c.path, order_by=walk.c.distance.asc()
        )
        found = select(DATASET_FILES, newest.label("place")).join(
            walk, DATASET_FILES.c.transaction_rid == walk.c.transaction_rid
        )
        if after is not None:
            found = found.where(DATASET_FILES.c.path > after)
        if prefix:
            found = found.where(func.substr(DATASET_FILES.c.path, 1, len(prefix)) == prefix)
        if path is not None:
            found = found.where(DATASET_FILES.c.path == path)
        of = found.subquery()
        query = (
            select(
                of.c.transaction_rid, of.c.path, of.c.content_id, of.c.size_bytes, of.c.updated_ms
            )
            .where(of.c.place == 1, of.c.content_id.is_not(None))
            .order_by(of.c.path)
            .limit(limit)
        )
        return await self._files(query)

    async def drop(self, transaction_rid: TransactionRid) -> list[str]:
        """Forget the files of a transaction; see ``DatasetFileStore.drop``."""
        of_transaction = DATASET_FILES.c.transaction_rid == transaction_rid
        contents = select(DATASET_FILES.c.content_id).where(
            of_transaction, DATASET_FILES.c.content_id.is_not(None)
        )
        async with self.database.write(touches_caches=False) as connection:
            dropped = list(await connection.scalars(contents))
            await connection.execute(delete(DATASET_FILES).where(of_transaction))
            await self.note_unwanted(dropped)
        return dropped

    async def purge(self, dataset_rids: Sequence[DatasetRid]) -> list[str]:
        """Forget all that there is of datasets; see ``DatasetFileStore.purge``."""
        dropped: list[str] = []
        async with self.database.write(touches_caches=False) as connection:
            for rid in dataset_rids:
                of_dataset = DATASET_TRANSACTIONS.c.dataset_rid == rid
                contents = (
                    select(DATASET_FILES.c.content_id)
                    .join(
                        DATASET_TRANSACTIONS,
                        DATASET_FILES.c.transaction_rid == DATASET_TRANSACTIONS.c.transaction_rid,
                    )
                    .where(of_dataset, DATASET_FILES.c.content_id.is_not(None))
                )
                dropped += await connection.scalars(contents)
                # The files go with their transactions.
                await connection.execute(delete(DATASET_TRANSACTIONS).where(of_dataset))
                for table in (DATASET_BRANCHES, DATASET_SCHEMAS):
                    await connection.execute(delete(table).where(table.c.dataset_rid == rid))
            await self.note_unwanted(dropped)
        return dropped

    async def note_unwanted(self, content_ids: Collection[str]) -> None:
        """Note that contents are to be removed."""
        if not content_ids:
            return
        rows = [{"content_id": one} for one in content_ids]
        async with self.database.write(touches_caches=False) as connection:
            await connection.execute(insert(UNWANTED_CONTENTS), rows)

    async def unwanted(self, content_ids: Collection[str] | None = None) -> list[str]:
        """Give the contents that are to be removed."""
        query = select(UNWANTED_CONTENTS.c.content_id)
        async with self.database.read() as connection:
            if content_ids is None:
                return list(await connection.scalars(query))
            found: list[str] = []
            for some in _portions(list(content_ids)):
                found += await connection.scalars(
                    query.where(UNWANTED_CONTENTS.c.content_id.in_(some))
                )
            return found

    async def forget_unwanted(self, content_ids: Collection[str]) -> None:
        """Forget contents that were removed."""
        async with self.database.write(touches_caches=False) as connection:
            for some in _portions(list(content_ids)):
                await connection.execute(
                    delete(UNWANTED_CONTENTS).where(UNWANTED_CONTENTS.c.content_id.in_(some))
                )

    async def _files(self, query: Select[tuple[object, ...]]) -> list[DatasetFile]:
        async with self.database.read() as connection:
            rows = (await connection.execute(query)).all()
        return [msgspec.convert(row, DatasetFile, from_attributes=True) for row in rows]


def _walk(view: FileView) -> CTE:
    """Give the transactions of a view, with how far each is from its end."""
    columns = DATASET_TRANSACTIONS.c
    start = select(
        columns.transaction_rid, columns.parent_rid, columns.type, literal(0).label("distance")
    ).where(columns.transaction_rid == view.end_rid)
    walk = start.cte("walk", recursive=True)
    before = (
        select(
            columns.transaction_rid,
            columns.parent_rid,
            columns.type,
            (walk.c.distance + 1).label("distance"),
        )
        .join(walk, columns.transaction_rid == walk.c.parent_rid)
        .where(walk.c.type != TransactionType.SNAPSHOT.value)
    )
    if view.start_rid is not None:
        before = before.where(walk.c.transaction_rid != view.start_rid)
    return walk.union_all(before)


def _portions(values: Sequence[T]) -> Iterator[Sequence[T]]:
    for first in range(0, len(values), _AT_ONCE):
        yield values[first : first + _AT_ONCE]
