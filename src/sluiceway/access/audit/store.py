"""What the audit trail needs from storage."""

from typing import Protocol

from sluiceway.access.audit.types import AuditEvent


class AuditStore(Protocol):
    """Keeps events; nothing is ever changed or removed."""

    async def add(self, event: AuditEvent) -> None:
        """Keep one event, in the transaction of the change that it tells of."""
        ...

    async def of_subject(self, subject: str, *, limit: int) -> list[AuditEvent]:
        """Give the newest events about *subject*, newest first."""
        ...
