"""Writes the audit trail."""

from dataclasses import dataclass

from sluiceway.access.audit.store import AuditStore
from sluiceway.access.audit.types import Actor, AuditEvent
from sluiceway.foundation.clock import Clock
from sluiceway.foundation.origin import current_origin


@dataclass(frozen=True, slots=True)
class AuditTrail:
    """The one way by which services tell what was changed."""

    store: AuditStore
    clock: Clock

    async def record(self, actor: Actor, action: str, subject: str, **details: object) -> None:
        """Keep that *actor* did *action* to *subject*; call it inside the change's transaction."""
        await self.store.add(
            AuditEvent(
                time_ms=self.clock.now_ms(),
                actor_id=actor.principal_id,
                actor_name=actor.name,
                token_id=actor.token_id,
                origin=current_origin(),
                action=action,
                subject=subject,
                details=details,
            )
        )
