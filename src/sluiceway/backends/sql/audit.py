"""The audit trail in SQL."""

from dataclasses import dataclass

import msgspec
from sqlalchemy import insert, select

from sluiceway.access.audit.types import AuditEvent, KeptEvent
from sluiceway.backends.sql.database import Database
from sluiceway.backends.sql.tables.audit import AUDIT_EVENTS


@dataclass(frozen=True, slots=True)
class SqlAuditStore:
    """Appends to ``audit_events``."""

    database: Database

    async def add(self, event: AuditEvent) -> None:
        """Keep one event, in the transaction of the change that it tells of."""
        async with self.database.write(touches_caches=False) as connection:
            await connection.execute(insert(AUDIT_EVENTS).values(msgspec.to_builtins(event)))

    async def of_subject(
        self, subject: str, *, limit: int, before: int | None = None
    ) -> list[KeptEvent]:
        """Give the newest events about *subject*, newest first; those older than event *before*."""
        query = (
            select(AUDIT_EVENTS)
            .where(AUDIT_EVENTS.c.subject == subject)
            .order_by(AUDIT_EVENTS.c.event_id.desc())
            .limit(limit)
        )
        if before is not None:
            query = query.where(AUDIT_EVENTS.c.event_id < before)
        async with self.database.read() as connection:
            rows = (await connection.execute(query)).all()
        return [msgspec.convert(row, KeptEvent, from_attributes=True) for row in rows]
