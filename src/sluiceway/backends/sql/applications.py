"""Third-party applications in SQL."""

from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Row, delete, func, insert, select, update

from sluiceway.access.applications.types import Application
from sluiceway.backends.sql.database import Database
from sluiceway.backends.sql.tables.applications import APPLICATIONS


@dataclass(frozen=True, slots=True)
class SqlApplicationStore:
    """Keeps ``applications``."""

    database: Database

    async def add(self, application: Application) -> None:
        """Keep a new application."""
        async with self.database.write() as connection:
            await connection.execute(insert(APPLICATIONS).values(_row(application)))

    async def by_client_id(self, client_id: str) -> Application | None:
        """Give the application with this client id."""
        query = select(APPLICATIONS).where(APPLICATIONS.c.client_id == client_id)
        async with self.database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
        return None if row is None else _application(row)

    async def page(self, *, after: str | None, limit: int) -> list[Application]:
        """Give up to *limit* applications in the order of their client ids, from behind *after*."""
        query = select(APPLICATIONS).order_by(APPLICATIONS.c.client_id).limit(limit)
        if after is not None:
            query = query.where(APPLICATIONS.c.client_id > after)
        async with self.database.read() as connection:
            rows = (await connection.execute(query)).all()
        return [_application(row) for row in rows]

    async def count(self) -> int:
        """Tell how many applications there are."""
        async with self.database.read() as connection:
            query = select(func.count()).select_from(APPLICATIONS)
            return int((await connection.execute(query)).scalar_one())

    async def replace(self, application: Application) -> None:
        """Keep *application* in place of the one with its client id; nothing if there is none."""
        statement = (
            update(APPLICATIONS)
            .where(APPLICATIONS.c.client_id == application.client_id)
            .values(_row(application))
        )
        async with self.database.write() as connection:
            await connection.execute(statement)

    async def delete(self, client_id: str) -> bool:
        """Forget an application; tells whether there was one."""
        statement = delete(APPLICATIONS).where(APPLICATIONS.c.client_id == client_id)
        async with self.database.write() as connection:
            return (await connection.execute(statement)).rowcount > 0

    async def set_used(self, client_id: str, used_ms: int) -> None:
        """Note when an application got a token; caches need not hear of it."""
        statement = (
            update(APPLICATIONS)
            .where(APPLICATIONS.c.client_id == client_id)
            .values(used_ms=used_ms)
        )
        async with self.database.write(touches_caches=False) as connection:
            await connection.execute(statement)


def _row(application: Application) -> dict[str, Any]:
    # The digest is bytes in SQL too; to_builtins must not write it as base64.
    row: dict[str, Any] = msgspec.to_builtins(application, builtin_types=(bytes,))
    return row


def _application(row: Row[Any]) -> Application:
    return msgspec.convert(row, Application, from_attributes=True, builtin_types=(bytes,))
