"""The tree of resources in SQL."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from sqlalchemy import CTE, RowMapping, delete, func, insert, literal, select, tuple_, update
from sqlalchemy.exc import IntegrityError

from sluiceway.backends.sql.database import Database
from sluiceway.backends.sql.tables.filesystem import RESOURCES, ROLE_GRANTS
from sluiceway.filesystem.errors import (
    ProjectNameAlreadyExistsError,
    ResourceNameAlreadyExistsError,
)
from sluiceway.filesystem.names import name_key
from sluiceway.filesystem.types import (
    DEPTH_MAX,
    ROOT_FOLDER_RID,
    Descendant,
    ResourceRecord,
    ResourceType,
)
from sluiceway.foundation.errors import SluicewayError
from sluiceway.foundation.rids import Rid

_VALUES_PER_STATEMENT_MAX: Final = 500
"""Databases bound the values in a statement; longer lists go in several."""


def chain_upwards(rids: Collection[Rid]) -> CTE:
    """Make the query of the resources and all folders above them, each once."""
    chain = (
        select(RESOURCES.c.rid, RESOURCES.c.parent_folder_rid)
        .where(RESOURCES.c.rid.in_(rids))
        .cte("chain", recursive=True)
    )
    return chain.union(
        select(RESOURCES.c.rid, RESOURCES.c.parent_folder_rid).where(
            RESOURCES.c.rid == chain.c.parent_folder_rid
        )
    )


@dataclass(frozen=True, slots=True)
class SqlResourceStore:
    """Keeps ``resources``."""

    database: Database

    async def lock_space(self, space_rid: Rid) -> None:
        """Keep other transactions from changing the tree of the space; see ``ResourceStore``."""
        query = select(RESOURCES.c.rid).where(RESOURCES.c.rid == space_rid).with_for_update()
        async with self.database.write(touches_caches=False) as connection:
            await connection.execute(query)

    async def add(self, record: ResourceRecord) -> None:
        """Keep a new resource; see ``ResourceStore``."""
        # Nobody has a role on it that could be in memory; what lies above it stays as it is.
        async with self.database.write(touches_caches=False) as connection:
            try:
                await connection.execute(insert(RESOURCES).values(_columns(record)))
            except IntegrityError as error:
                raise _name_taken(record) from error

    async def update(self, record: ResourceRecord) -> None:
        """Keep the resource as it is now; see ``ResourceStore``."""
        change = update(RESOURCES).where(RESOURCES.c.rid == record.rid).values(_columns(record))
        async with self.database.write() as connection:
            try:
                await connection.execute(change)
            except IntegrityError as error:
                raise _name_taken(record) from error

    async def relocate(
        self, rids: Sequence[Rid], *, project_rid: Rid | None, space_rid: Rid
    ) -> None:
        """Set the project and the space of resources that moved along with a folder."""
        async with self.database.write() as connection:
            for some in _portions(rids):
                await connection.execute(
                    update(RESOURCES)
                    .where(RESOURCES.c.rid.in_(some))
                    .values(project_rid=project_rid, space_rid=space_rid)
                )

    async def remove(self, rids: Sequence[Rid]) -> None:
        """Forget resources for ever, with the roles granted on them."""
        async with self.database.write() as connection:
            for some in _portions(rids):
                await connection.execute(delete(ROLE_GRANTS).where(ROLE_GRANTS.c.rid.in_(some)))
                await connection.execute(delete(RESOURCES).where(RESOURCES.c.rid.in_(some)))

    async def with_ancestors(self, rids: Collection[Rid]) -> Mapping[Rid, ResourceRecord]:
        """Give those of the resources that exist and every folder above them, by RID."""
        if not rids:
            return {}
        chain = chain_upwards(rids)
        query = select(RESOURCES).join(chain, RESOURCES.c.rid == chain.c.rid)
        async with self.database.read() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return {record.rid: record for record in map(_record, rows)}

    async def child(self, parent_folder_rid: Rid, display_name: str) -> ResourceRecord | None:
        """Give the resource with this name in a folder, unless it was itself trashed."""
        query = select(RESOURCES).where(
            RESOURCES.c.parent_folder_rid == parent_folder_rid,
            RESOURCES.c.name_key == name_key(display_name),
            RESOURCES.c.trashed_ms.is_(None),
        )
        async with self.database.read() as connection:
            row = (await connection.execute(query)).mappings().one_or_none()
        return None if row is None or row["display_name"] != display_name else _record(row)

    async def children(
        self,
        parent_folder_rid: Rid,
        *,
        after: str | None,
        limit: int,
        granted_to: Collection[str] | None,
    ) -> list[ResourceRecord]:
        """Give resources in a folder by ``name_key``; see ``ResourceStore``."""
        query = (
            select(RESOURCES)
            .where(
                RESOURCES.c.parent_folder_rid == parent_folder_rid,
                RESOURCES.c.trashed_ms.is_(None),
            )
            .order_by(RESOURCES.c.name_key)
            .limit(limit)
        )
        if after is not None:
            query = query.where(RESOURCES.c.name_key > after)
        if granted_to is not None:
            granted = select(ROLE_GRANTS.c.rid).where(
                ROLE_GRANTS.c.rid == RESOURCES.c.rid,
                ROLE_GRANTS.c.principal_id.in_(granted_to),
            )
            query = query.where(granted.exists())
        async with self.database.read() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [_record(row) for row in rows]

    async def search(
        self,
        text: str,
        *,
        below: Rid | None,
        granted_to: Collection[str] | None,
        limit: int,
        of_type: ResourceType | None = None,
    ) -> list[ResourceRecord]:
        """Give resources that have *text* in their name; see ``ResourceStore``."""
        start = select(RESOURCES.c.rid).where(RESOURCES.c.trashed_ms.is_(None))
        if granted_to is not None:
            granted = select(ROLE_GRANTS.c.rid).where(ROLE_GRANTS.c.principal_id.in_(granted_to))
            start = start.where(RESOURCES.c.rid.in_(granted))
            if below is not None:
                start = start.where(RESOURCES.c.space_rid == below)
        elif below is not None:
            start = start.where(RESOURCES.c.parent_folder_rid == below)
        else:
            start = start.where(RESOURCES.c.parent_folder_rid == ROOT_FOLDER_RID)
        tree = start.cte("tree", recursive=True)
        # A union without doubles: roles may be granted on two levels of one branch.
        tree = tree.union(
            select(RESOURCES.c.rid).where(
                RESOURCES.c.parent_folder_rid == tree.c.rid, RESOURCES.c.trashed_ms.is_(None)
            )
        )
        query = (
            select(RESOURCES)
            .join(tree, RESOURCES.c.rid == tree.c.rid)
            .where(
                RESOURCES.c.type != ResourceType.SPACE.value,
                func.lower(RESOURCES.c.display_name).contains(text.lower(), autoescape=True),
            )
            .order_by(RESOURCES.c.name_key, RESOURCES.c.rid)
            .limit(limit)
        )
        if of_type is not None:
            query = query.where(RESOURCES.c.type == of_type.value)
        async with self.database.read() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [_record(row) for row in rows]

    async def trashed(self, *, before: tuple[int, str] | None, limit: int) -> list[ResourceRecord]:
        """Give the resources that were themselves trashed; see ``ResourceStore``."""
        order = (RESOURCES.c.trashed_ms, RESOURCES.c.rid)
        query = (
            select(RESOURCES)
            .where(RESOURCES.c.trashed_ms.is_not(None))
            .order_by(*(column.desc() for column in order))
            .limit(limit)
        )
        if before is not None:
            query = query.where(tuple_(*order) < before)
        async with self.database.read() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [_record(row) for row in rows]

    async def descendants(self, rid: Rid) -> list[Descendant]:
        """Give the resource and all below it, trashed or not."""
        tree = (
            select(RESOURCES.c.rid, RESOURCES.c.type, literal(0).label("distance"))
            .where(RESOURCES.c.rid == rid)
            .cte("tree", recursive=True)
        )
        tree = tree.union_all(
            select(RESOURCES.c.rid, RESOURCES.c.type, tree.c.distance + 1).where(
                RESOURCES.c.parent_folder_rid == tree.c.rid, tree.c.distance < DEPTH_MAX
            )
        )
        async with self.database.read() as connection:
            rows = (await connection.execute(select(tree))).all()
        return [Descendant(row.rid, ResourceType(row.type), row.distance) for row in rows]


def _columns(record: ResourceRecord) -> dict[str, Any]:
    return {
        **msgspec.structs.asdict(record),
        "type": record.type.value,
        "name_key": name_key(record.display_name),
    }


def _record(row: RowMapping) -> ResourceRecord:
    kept = {name: row[name] for name in ResourceRecord.__struct_fields__}
    return ResourceRecord(**{**kept, "type": ResourceType(row["type"])})


def _name_taken(record: ResourceRecord) -> SluicewayError:
    if record.type is ResourceType.PROJECT:
        return ProjectNameAlreadyExistsError(record.space_rid, record.display_name)
    return ResourceNameAlreadyExistsError(record.parent_folder_rid, record.display_name)


def _portions(rids: Sequence[Rid]) -> list[Sequence[Rid]]:
    return [
        rids[start : start + _VALUES_PER_STATEMENT_MAX]
        for start in range(0, len(rids), _VALUES_PER_STATEMENT_MAX)
    ]
