"""Groups and their members in SQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Row, Select, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from sluiceway.access.caller import PrincipalId
from sluiceway.access.principals.errors import GroupNameAlreadyExistsError
from sluiceway.access.principals.types import Group, Member, name_key
from sluiceway.backends.sql.database import Database
from sluiceway.backends.sql.tables.principals import GROUP_MEMBERS, GROUPS

_COLUMNS = [column for column in GROUPS.c if column.name != "name_key"]


@dataclass(frozen=True, slots=True)
class SqlGroupStore:
    """Keeps groups in ``groups`` and who is in them in ``group_members``."""

    database: Database

    async def add(self, group: Group) -> None:
        """Keep a new group."""
        try:
            async with self.database.write() as connection:
                await connection.execute(insert(GROUPS).values(_row(group)))
        except IntegrityError as error:
            raise GroupNameAlreadyExistsError(group.name) from error

    async def replace(self, group: Group) -> None:
        """Keep *group* in place of the one with its id."""
        row = _row(group)
        change = update(GROUPS).where(GROUPS.c.group_id == row.pop("group_id")).values(row)
        try:
            async with self.database.write() as connection:
                await connection.execute(change)
        except IntegrityError as error:
            raise GroupNameAlreadyExistsError(group.name) from error

    async def delete(self, group_id: str) -> None:
        """Forget a group, its members and its memberships."""
        members = GROUP_MEMBERS.c
        async with self.database.write() as connection:
            await connection.execute(
                delete(GROUP_MEMBERS).where(
                    or_(members.group_id == group_id, members.principal_id == group_id)
                )
            )
            await connection.execute(delete(GROUPS).where(GROUPS.c.group_id == group_id))

    async def by_id(self, group_id: str) -> Group | None:
        """Give the group with this id."""
        found = await self.by_ids([group_id])
        return found[0] if found else None

    async def by_ids(self, group_ids: Sequence[str]) -> list[Group]:
        """Give those of the groups that exist."""
        return await self._list(select(*_COLUMNS).where(GROUPS.c.group_id.in_(group_ids)))

    async def page(self, *, after: str | None, limit: int) -> list[Group]:
        """Give up to *limit* groups from behind the name key *after*."""
        return await self._list(_behind(select(*_COLUMNS), after).limit(limit))

    async def search(self, text: str, *, after: str | None, limit: int) -> list[Group]:
        """Give groups whose name has *text* in it, or whose id starts with it."""
        query = select(*_COLUMNS).where(
            or_(
                GROUPS.c.name_key.contains(name_key(text), autoescape=True),
                GROUPS.c.group_id.startswith(text, autoescape=True),
            )
        )
        return await self._list(_behind(query, after).limit(limit))

    async def add_members(self, group_id: str, members: Sequence[Member]) -> None:
        """Put principals into a group; those that are in it stay."""
        unique = {member.principal_id: member.principal_type for member in members}
        async with self.database.write() as connection:
            await connection.execute(_removal(group_id, list(unique)))
            await connection.execute(
                insert(GROUP_MEMBERS),
                [
                    {"group_id": group_id, "principal_id": principal, "principal_type": kind}
                    for principal, kind in unique.items()
                ],
            )

    async def remove_members(self, group_id: str, principal_ids: Sequence[str]) -> None:
        """Take principals out of a group; those that are not in it do no harm."""
        async with self.database.write() as connection:
            await connection.execute(_removal(group_id, principal_ids))

    async def remove_everywhere(self, principal_id: str) -> None:
        """Take a principal out of every group."""
        async with self.database.write() as connection:
            await connection.execute(
                delete(GROUP_MEMBERS).where(GROUP_MEMBERS.c.principal_id == principal_id)
            )

    async def members(
        self, group_id: str, *, transitive: bool, after: str | None, limit: int
    ) -> list[Member]:
        """Give up to *limit* members in the order of their ids, from behind id *after*."""
        found = _members(group_id, transitive=transitive).subquery()
        query = select(found.c.principal_id, found.c.principal_type)
        if after is not None:
            query = query.where(found.c.principal_id > after)
        query = query.order_by(found.c.principal_id).limit(limit)
        async with self.database.read() as connection:
            rows = (await connection.execute(query)).all()
        return [Member(row.principal_id, row.principal_type) for row in rows]

    async def groups_of(self, principal_id: str, *, transitive: bool = True) -> list[PrincipalId]:
        """Give the ids of the groups that a principal is in, sorted."""
        direct = select(GROUP_MEMBERS.c.group_id).where(
            GROUP_MEMBERS.c.principal_id == principal_id
        )
        query: Select[Any] = direct
        if transitive:
            found = direct.cte("found", recursive=True)
            # UNION, not UNION ALL: groups that hold each other end the recursion.
            found = found.union(
                select(GROUP_MEMBERS.c.group_id).where(
                    GROUP_MEMBERS.c.principal_id == found.c.group_id
                )
            )
            query = select(found.c.group_id)
        async with self.database.read() as connection:
            return sorted(PrincipalId(row[0]) for row in (await connection.execute(query)).all())

    async def _list(self, query: Select[Any]) -> list[Group]:
        async with self.database.read() as connection:
            rows = (await connection.execute(query.order_by(GROUPS.c.name_key))).all()
        return [_group(row) for row in rows]


def _members(group_id: str, *, transitive: bool) -> Select[Any]:
    columns = (GROUP_MEMBERS.c.principal_id, GROUP_MEMBERS.c.principal_type)
    direct = select(*columns).where(GROUP_MEMBERS.c.group_id == group_id)
    if not transitive:
        return direct
    found = direct.cte("found", recursive=True)
    found = found.union(select(*columns).where(GROUP_MEMBERS.c.group_id == found.c.principal_id))
    return select(found.c.principal_id, found.c.principal_type)


def _removal(group_id: str, principal_ids: Sequence[str]) -> Any:  # noqa: ANN401 - a delete statement
    return (
        delete(GROUP_MEMBERS)
        .where(GROUP_MEMBERS.c.group_id == group_id)
        .where(GROUP_MEMBERS.c.principal_id.in_(principal_ids))
    )


def _behind(query: Select[Any], after: str | None) -> Select[Any]:
    return query if after is None else query.where(GROUPS.c.name_key > after)


def _group(row: Row[Any]) -> Group:
    return msgspec.convert(row, Group, from_attributes=True)


def _row(group: Group) -> dict[str, Any]:
    return {**msgspec.to_builtins(group), "name_key": name_key(group.name)}
