"""Puts together what the stream page needs besides the records."""

from collections.abc import Collection
from dataclasses import dataclass

from sluiceway.access.audit.store import AuditStore
from sluiceway.access.principals.service import UserService
from sluiceway.access.principals.types import UserKind
from sluiceway.filesystem.service import Permissions
from sluiceway.reading.callers import Callers
from sluiceway.reading.live.hub import LiveHub
from sluiceway.reading.live.service import LiveService
from sluiceway.reading.overview.service import ArchivedTables, OverviewService
from sluiceway.reading.subscribers import SubscriberService
from sluiceway.streams.statistics import StreamStatistics
from sluiceway.streams.store import StreamStore


@dataclass(frozen=True, slots=True)
class StreamPageServices:
    """The live tail, and what is known of a stream."""

    live: LiveService
    overview: OverviewService
    statistics: StreamStatistics


@dataclass(frozen=True, slots=True)
class PrincipalNames:
    """Shows the names of ``access`` to those who write them for people."""

    users: UserService

    async def names(self, principal_ids: Collection[str]) -> dict[str, str]:
        """Give the names of users, applications and groups, by id."""
        ids = list(principal_ids)
        if not ids:
            return {}
        found = {group.group_id: group.name for group in await self.users.groups.by_ids(ids)}
        for user in await self.users.users.by_ids(ids):
            application = user.given_name if user.kind is UserKind.SERVICE else None
            found[user.user_id] = application or user.username
        return {str(principal_id): name for principal_id, name in found.items()}


def build_stream_page(
    subscribers: SubscriberService,
    statistics: StreamStatistics,
    *,
    store: StreamStore,
    audit: AuditStore,
    permissions: Permissions,
    users: UserService,
    callers: Callers,
    tables: ArchivedTables,
) -> StreamPageServices:
    """Put it together; the hub of the live tail is still to be started."""
    reading = subscribers.reading
    return StreamPageServices(
        live=LiveService(reading, callers, LiveHub(reading.log, reading.settings)),
        overview=OverviewService(
            reading,
            statistics,
            reading.log,
            store,
            subscribers.store,
            audit,
            permissions,
            PrincipalNames(users),
            tables,
        ),
        statistics=statistics,
    )
