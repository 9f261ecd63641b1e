"""Authorizations by users, and authorization codes, in SQL."""

from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Row, delete, insert, select

from sluiceway.access.caller import PrincipalId
from sluiceway.access.oauth.codes import CodeFacts
from sluiceway.access.oauth.consent import Authorization
from sluiceway.backends.sql.database import Database
from sluiceway.backends.sql.tables.authorizations import AUTHORIZATION_CODES, AUTHORIZATIONS


@dataclass(frozen=True, slots=True)
class SqlAuthorizationStore:
    """Keeps ``authorizations``. No cache depends on them: they only matter when codes are made."""

    database: Database

    async def find(self, principal_id: PrincipalId, client_id: str) -> Authorization | None:
        """Give the authorization of one application by one user."""
        query = select(AUTHORIZATIONS).where(_is(principal_id, client_id))
        async with self.database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
        return None if row is None else _authorization(row)

    async def put(self, authorization: Authorization) -> None:
        """Keep an authorization in place of the one of the same user and application."""
        which = _is(authorization.principal_id, authorization.client_id)
        async with self.database.write(touches_caches=False) as connection:
            await connection.execute(delete(AUTHORIZATIONS).where(which))
            row = msgspec.to_builtins(authorization)
            await connection.execute(insert(AUTHORIZATIONS).values(row))

    async def page(
        self, principal_id: PrincipalId, *, after: str | None, limit: int
    ) -> list[Authorization]:
        """Give up to *limit* of a user's in the order of client ids, from behind *after*."""
        query = (
            select(AUTHORIZATIONS)
            .where(AUTHORIZATIONS.c.principal_id == principal_id)
            .order_by(AUTHORIZATIONS.c.client_id)
            .limit(limit)
        )
        if after is not None:
            query = query.where(AUTHORIZATIONS.c.client_id > after)
        async with self.database.read() as connection:
            rows = (await connection.execute(query)).all()
        return [_authorization(row) for row in rows]

    async def delete(self, principal_id: PrincipalId, client_id: str) -> bool:
        """Forget an authorization; tells whether there was one."""
        return await self._delete(_is(principal_id, client_id)) > 0

    async def delete_client(self, client_id: str) -> int:
        """Forget every user's authorization of an application; gives how many there were."""
        return await self._delete(AUTHORIZATIONS.c.client_id == client_id)

    async def _delete(self, which: ColumnElement[bool]) -> int:
        async with self.database.write(touches_caches=False) as connection:
            found = await connection.execute(delete(AUTHORIZATIONS).where(which))
        return int(found.rowcount)


@dataclass(frozen=True, slots=True)
class SqlCodeStore:
    """Keeps ``authorization_codes``, each with its token in ``tokens``."""

    database: Database

    async def add(self, facts: CodeFacts) -> None:
        """Keep the facts of a new code, whose token is kept already."""
        async with self.database.write(touches_caches=False) as connection:
            row = msgspec.structs.asdict(facts)
            await connection.execute(insert(AUTHORIZATION_CODES).values(row))

    async def by_token_id(self, token_id: str) -> CodeFacts | None:
        """Give the facts of the code with this token."""
        query = select(AUTHORIZATION_CODES).where(AUTHORIZATION_CODES.c.token_id == token_id)
        async with self.database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
        return None if row is None else msgspec.convert(row, CodeFacts, from_attributes=True)


def _is(principal_id: PrincipalId, client_id: str) -> ColumnElement[bool]:
    return (AUTHORIZATIONS.c.principal_id == principal_id) & (
        AUTHORIZATIONS.c.client_id == client_id
    )


def _authorization(row: Row[Any]) -> Authorization:
    return msgspec.convert(row, Authorization, from_attributes=True)
