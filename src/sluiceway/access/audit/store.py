"""What the audit trail needs from storage."""

from typing import Protocol

from sluiceway.access.audit.types import AuditEvent, KeptEvent


class AuditStore(Protocol):
    """Keeps events; nothing is ever changed or removed."""

    async def add(self, event: AuditEvent) -> None:
        """Keep one event, in the transaction of the change that it tells of."""
        ...

    async def of_subject(
        self, subject: str, *, limit: int, before: int | None = None
    ) -> list[KeptEvent]:
        """Give the newest events about *subject*, newest first; those older than event *before*."""
        ...
