"""The audit trail: who changed what, when, from where."""

from typing import Any

import msgspec

from sluiceway.access.caller import Caller


class AuditEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One change, as it is kept for ever."""

    time_ms: int
    actor_id: str | None
    """The principal; ``None`` for the machine's operator on its command line, and for retention."""
    actor_name: str
    token_id: str | None
    origin: str
    """The caller's network address, or ``local``."""
    action: str
    """A noun and a verb with a dot between, for instance ``role.granted``."""
    subject: str
    """The RID or id of what was changed."""
    details: dict[str, Any]


class KeptEvent(AuditEvent, frozen=True, kw_only=True):
    """A change with its number: a later one has a greater."""

    event_id: int


class Actor(msgspec.Struct, frozen=True):
    """Who acts, for the trail."""

    principal_id: str | None
    name: str
    token_id: str | None = None


OPERATOR = Actor(None, "operator")
"""The person at the machine's command line."""


def actor(caller: Caller) -> Actor:
    """Name the caller of a request as an actor."""
    return Actor(caller.principal_id, caller.username, caller.token_id)
