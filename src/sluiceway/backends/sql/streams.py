"""Streams in SQL."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy import delete, func, insert, select, tuple_, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql import ColumnElement

from sluiceway.backends.sql.database import Database
from sluiceway.backends.sql.tables.streams import GONE_VIEWS, VIEWS
from sluiceway.foundation.rids import DatasetRid, ViewRid, dead_letters_rid
from sluiceway.streams.errors import BranchAlreadyExistsError, StreamNotFoundError
from sluiceway.streams.types import View


@dataclass(frozen=True, slots=True)
class SqlStreamStore:
    """Keeps the active views in ``views``, and in ``gone_views`` those that were."""

    database: Database

    async def add(self, view: View) -> None:
        """Make *view* the active one of its branch; see ``StreamStore.add``."""
        try:
            # Of a branch without a view nothing is in memory, so all that is there stays right.
            async with self.database.write(touches_caches=False) as connection:
                await connection.execute(insert(VIEWS).values(msgspec.to_builtins(view)))
        except IntegrityError as error:
            raise BranchAlreadyExistsError(view.dataset_rid, view.branch_name) from error

    async def replace(self, view: View) -> ViewRid:
        """Make *view* the active one of its branch; see ``StreamStore.replace``."""
        async with self.database.write() as connection:
            of_branch = _of_branch(view.dataset_rid, view.branch_name)
            old = await connection.scalar(select(VIEWS.c.view_rid).where(of_branch))
            if old is None:
                raise StreamNotFoundError(view.dataset_rid, view.branch_name)
            await connection.execute(delete(VIEWS).where(of_branch))
            await connection.execute(insert(GONE_VIEWS).values(view_rid=old))
            await connection.execute(insert(VIEWS).values(msgspec.to_builtins(view)))
        return ViewRid(old)

    async def change_schema(self, view: View) -> None:
        """Give the view its new schema; see ``StreamStore.change_schema``."""
        values = {
            "schema": msgspec.to_builtins(view.schema),
            "schema_version": view.schema_version,
            "added": view.added,
        }
        async with self.database.write() as connection:
            of_view = VIEWS.c.view_rid == view.view_rid
            await connection.execute(update(VIEWS).where(of_view).values(values))

    async def active(self, dataset_rid: DatasetRid, branch_name: str) -> View | None:
        """Give the active view of a branch."""
        found = await self._found(_of_branch(dataset_rid, branch_name))
        return found[0] if found else None

    async def active_among(self, branches: Collection[tuple[DatasetRid, str]]) -> list[View]:
        """Give the active views of those of the branches that have one."""
        dataset_rid, branch_name = VIEWS.c.dataset_rid, VIEWS.c.branch_name
        return await self._found(
            # For pairs alone SQLite looks at every row; with their parts it uses the index.
            dataset_rid.in_({rid for rid, _ in branches})
            & branch_name.in_({name for _, name in branches})
            & tuple_(dataset_rid, branch_name).in_(branches)
        )

    async def active_of(self, view_rids: Collection[ViewRid]) -> list[View]:
        """Give those of the views that are active."""
        return await self._found(VIEWS.c.view_rid.in_(view_rids))

    async def branches(self, dataset_rid: DatasetRid) -> int:
        """Give how many branches a dataset has."""
        query = select(func.count()).select_from(VIEWS).where(VIEWS.c.dataset_rid == dataset_rid)
        async with self.database.read() as connection:
            return int((await connection.execute(query)).scalar_one())

    async def with_branches(self, dataset_rids: Collection[DatasetRid]) -> set[DatasetRid]:
        """Give those of the datasets that have a branch."""
        rid = VIEWS.c.dataset_rid
        query = select(rid).distinct().where(rid.in_(dataset_rids))
        async with self.database.read() as connection:
            return set(await connection.scalars(query))

    async def branch_names(self, dataset_rid: DatasetRid) -> list[str]:
        """Give the names of a dataset's branches, sorted."""
        query = select(VIEWS.c.branch_name).where(VIEWS.c.dataset_rid == dataset_rid)
        async with self.database.read() as connection:
            return sorted(await connection.scalars(query))

    async def all_views(self) -> dict[ViewRid, tuple[DatasetRid, str]]:
        """Give every active view, with dataset and branch."""
        query = select(VIEWS.c.view_rid, VIEWS.c.dataset_rid, VIEWS.c.branch_name)
        async with self.database.read() as connection:
            rows = await connection.execute(query)
            return {ViewRid(view): (DatasetRid(rid), branch) for view, rid, branch in rows}

    async def remove(self, dataset_rids: Sequence[DatasetRid]) -> list[ViewRid]:
        """Forget every stream of the datasets; see ``StreamStore.remove``."""
        gone: list[ViewRid] = []
        async with self.database.write() as connection:
            for dataset_rid in dataset_rids:
                of_dataset = VIEWS.c.dataset_rid == dataset_rid
                query = select(VIEWS.c.view_rid, VIEWS.c.branch_name).where(of_dataset)
                for view_rid, branch_name in await connection.execute(query):
                    gone += [ViewRid(view_rid), dead_letters_rid(dataset_rid, branch_name)]
                await connection.execute(delete(VIEWS).where(of_dataset))
            if gone:
                rows = [{"view_rid": view} for view in gone]
                await connection.execute(insert(GONE_VIEWS), rows)
        return gone

    async def gone_views(self) -> set[ViewRid]:
        """Give the views whose records may still be there; see ``StreamStore.gone_views``."""
        async with self.database.read() as connection:
            return {ViewRid(rid) for rid in await connection.scalars(select(GONE_VIEWS.c.view_rid))}

    async def forget_gone(self, views: Collection[ViewRid]) -> None:
        """Forget that these are gone."""
        async with self.database.write(touches_caches=False) as connection:
            for view in views:
                await connection.execute(delete(GONE_VIEWS).where(GONE_VIEWS.c.view_rid == view))

    async def _found(self, condition: ColumnElement[bool]) -> list[View]:
        async with self.database.read() as connection:
            rows = (await connection.execute(select(VIEWS).where(condition))).all()
        return msgspec.convert(rows, list[View], from_attributes=True)


def _of_branch(dataset_rid: DatasetRid, branch_name: str) -> ColumnElement[bool]:
    return (VIEWS.c.dataset_rid == dataset_rid) & (VIEWS.c.branch_name == branch_name)
