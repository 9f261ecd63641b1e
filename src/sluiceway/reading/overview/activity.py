"""The audit trail of a stream, in sentences."""

from collections.abc import Mapping
from typing import Any, Final

from sluiceway.access.audit.types import KeptEvent
from sluiceway.access.roles import parse_role
from sluiceway.filesystem.types import EVERYONE
from sluiceway.foundation.clock import iso_time
from sluiceway.reading.overview.types import ActivityEvent

_SENTENCES: Final = {
    "stream.created": "{actor} created the stream on branch {branchName}",
    "stream.reset": "{actor} reset the stream on branch {branchName}; its records are gone",
    "stream.schema-changed": "{actor} changed the schema of branch {branchName}: {changed}",
    "dead_letters.replayed": "{actor} replayed {letters} on branch {branchName}",
    "dead_letters.discarded": "{actor} discarded {letters} on branch {branchName}",
    "retention.set": "{actor} changed how long records of branch {branchName} are kept",
    "retention.deleted": "{actor} deleted {records} records of branch {branchName}, as it is set",
    "legal_hold.set": "{actor} set a legal hold on branch {branchName}: {reason}",
    "legal_hold.lifted": "{actor} lifted the legal hold on branch {branchName}",
    "resource.registered": "{actor} created {path}",
    "resource.trashed": "{actor} moved {path} to the trash",
    "resource.restored": "{actor} took {path} out of the trash",
    "resource.purged": "{actor} deleted it for ever",
    "role.granted": "{actor} granted the role {role} to {principal}",
    "role.removed": "{actor} took the role {role} from {principal}",
}
_CHANGES_MAX: Final = 5
"""Changes of a schema that a sentence names."""


def principals_in(event: KeptEvent) -> set[str]:
    """Give the ids of those that an event's sentence names."""
    found = {event.actor_id, event.details.get("principalId")} - {None, EVERYONE}
    return {str(principal_id) for principal_id in found}


def activity_event(
    event: KeptEvent, names: Mapping[str, str], *, shows_origin: bool
) -> ActivityEvent:
    """Write an event for people; *names* are those of the principals in it, by id."""
    actor_name = names.get(event.actor_id or "", event.actor_name)
    return ActivityEvent(
        event_id=str(event.event_id),
        time=iso_time(event.time_ms),
        actor_id=event.actor_id,
        actor_name=actor_name,
        action=event.action,
        text=_sentence(event, actor_name, names),
        details=event.details,
        origin=event.origin if shows_origin else None,
    )


def _sentence(event: KeptEvent, actor_name: str, names: Mapping[str, str]) -> str:
    facts: dict[str, Any] = dict(event.details)
    principal_id = str(facts.get("principalId"))
    role = parse_role(str(facts.get("roleId")))
    facts["actor"] = actor_name
    count = facts.get("count")
    facts["letters"] = "a dead letter" if count == 1 else f"{count} dead letters"
    if "changes" in facts:
        named = list(facts["changes"])[:_CHANGES_MAX]
        more = [f"and {count - len(named)} more"] if count and count > len(named) else []
        facts["changed"] = "; ".join([*map(str, named), *more])
    facts["principal"] = names.get(principal_id, principal_id)
    facts["role"] = facts.get("roleId") if role is None else role.display_name
    try:
        return _SENTENCES[event.action].format_map(facts)
    except KeyError:
        # An action that has no sentence, or an older event with fewer details.
        return f"{actor_name}: {event.action}"
