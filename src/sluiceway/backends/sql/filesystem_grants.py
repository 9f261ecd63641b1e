"""The roles granted on resources, in SQL."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import RowMapping, and_, delete, func, insert, or_, select

from sluiceway.access.roles import Role
from sluiceway.backends.sql.database import Database
from sluiceway.backends.sql.filesystem import chain_upwards
from sluiceway.backends.sql.tables.filesystem import ROLE_GRANTS
from sluiceway.filesystem.types import Grant, PrincipalType
from sluiceway.foundation.rids import Rid


@dataclass(frozen=True, slots=True)
class SqlGrantStore:
    """Keeps ``role_grants``."""

    database: Database

    async def add(self, grants: Sequence[Grant]) -> None:
        """Keep the grants; what was granted already stays."""
        async with self.database.write() as connection:
            await self.remove(grants)
            for grant in grants:
                await connection.execute(
                    insert(ROLE_GRANTS).values(
                        rid=grant.rid,
                        principal_id=grant.principal_id,
                        principal_type=grant.principal_type.value,
                        role=grant.role.value,
                    )
                )

    async def remove(self, grants: Sequence[Grant]) -> None:
        """Forget the grants; what was not granted is passed over."""
        async with self.database.write() as connection:
            for grant in grants:
                await connection.execute(
                    delete(ROLE_GRANTS).where(
                        ROLE_GRANTS.c.rid == grant.rid,
                        ROLE_GRANTS.c.principal_id == grant.principal_id,
                        ROLE_GRANTS.c.role == grant.role.value,
                    )
                )

    async def on(self, rid: Rid) -> list[Grant]:
        """Give all that is granted directly on a resource, by principal and role."""
        query = (
            select(ROLE_GRANTS)
            .where(ROLE_GRANTS.c.rid == rid)
            .order_by(ROLE_GRANTS.c.principal_id, ROLE_GRANTS.c.role)
        )
        async with self.database.read() as connection:
            return [_grant(row) for row in (await connection.execute(query)).mappings()]

    async def of_principals(
        self, rids: Collection[Rid], principals: Collection[str]
    ) -> list[Grant]:
        """Give what is granted to the principals on the resources or any folder above them."""
        chain = chain_upwards(rids)
        query = (
            select(ROLE_GRANTS)
            .join(chain, ROLE_GRANTS.c.rid == chain.c.rid)
            .where(ROLE_GRANTS.c.principal_id.in_(principals))
        )
        async with self.database.read() as connection:
            return [_grant(row) for row in (await connection.execute(query)).mappings()]

    async def page(
        self, rids: Sequence[Rid], *, after: tuple[str, int] | None, limit: int
    ) -> list[Grant]:
        """Give what is granted on any of the resources, each pair once; see ``GrantStore``."""
        columns = (ROLE_GRANTS.c.principal_id, ROLE_GRANTS.c.principal_type, ROLE_GRANTS.c.role)
        query = (
            select(func.min(ROLE_GRANTS.c.rid).label("rid"), *columns)
            .where(ROLE_GRANTS.c.rid.in_(rids))
            .group_by(*columns)
            .order_by(ROLE_GRANTS.c.principal_id, ROLE_GRANTS.c.role)
            .limit(limit)
        )
        if after is not None:
            principal_id, role = after
            query = query.where(
                or_(
                    ROLE_GRANTS.c.principal_id > principal_id,
                    and_(ROLE_GRANTS.c.principal_id == principal_id, ROLE_GRANTS.c.role > role),
                )
            )
        async with self.database.read() as connection:
            return [_grant(row) for row in (await connection.execute(query)).mappings()]


def _grant(row: RowMapping) -> Grant:
    return Grant(
        row["rid"], row["principal_id"], PrincipalType(row["principal_type"]), Role(row["role"])
    )
