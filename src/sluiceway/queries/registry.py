"""The queries that run, and those that ended and are remembered for a while."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from sluiceway.access.caller import PrincipalId
from sluiceway.foundation.clock import Clock
from sluiceway.foundation.errors import SluicewayError
from sluiceway.foundation.rids import DatasetRid
from sluiceway.queries.errors import TooManyQueriesError
from sluiceway.queries.results import ResultFile
from sluiceway.queries.settings import QuerySettings
from sluiceway.queries.types import Outcome, QueryStatus, SerializationFormat, SqlQueryId


@dataclass(eq=False, slots=True)
class Query:
    """One query, from when it is asked until it is forgotten."""

    query_id: SqlQueryId
    principal_id: PrincipalId
    written_as: SerializationFormat
    status: QueryStatus
    started_ms: int
    task: asyncio.Task[None] | None = None
    ended_ms: int | None = None
    inputs: Sequence[DatasetRid] = ()
    outcome: Outcome | None = None
    result: ResultFile | None = None
    error: SluicewayError | None = None
    """Why it failed."""

    @property
    def kept_bytes(self) -> int:
        """Bytes of the result in its file."""
        outcome = self.outcome
        return 0 if outcome is None else outcome.result_bytes + outcome.page_bytes


@dataclass(eq=False, slots=True)
class QueryRegistry:
    """Keeps queries within their bounds of count, bytes and time."""

    settings: QuerySettings
    clock: Clock
    _queries: dict[SqlQueryId, Query] = field(default_factory=dict)
    """In the order of their beginning."""
    _running: Counter[PrincipalId] = field(default_factory=Counter)

    def take(self, principal_id: PrincipalId) -> None:
        """Take the place of one running query; ``give_back`` it.

        Raises:
            TooManyQueriesError: There is none.
        """
        if self._running[principal_id] >= self.settings.running_per_principal_max:
            raise TooManyQueriesError("of yours", self.settings.running_per_principal_max)
        if self._running.total() >= self.settings.running_max:
            raise TooManyQueriesError("in all", self.settings.running_max)
        self._running[principal_id] += 1
        self._make_room()

    def give_back(self, principal_id: PrincipalId) -> None:
        """Give back the place of a query that runs no longer."""
        self._running[principal_id] -= 1
        if not self._running[principal_id]:
            del self._running[principal_id]

    def add(self, query: Query) -> None:
        """Remember a query."""
        self._queries[query.query_id] = query

    def find(self, query_id: str, principal_id: PrincipalId) -> Query | None:
        """Give a query to who asked it; ``None`` when there is no such one."""
        self._forget_old()
        query = self._queries.get(SqlQueryId(query_id))
        return query if query is not None and query.principal_id == principal_id else None

    def forget(self, query: Query) -> None:
        """Forget a query; whoever reads its result may finish."""
        self._queries.pop(query.query_id, None)

    def all(self) -> list[Query]:
        """Give every query."""
        return list(self._queries.values())

    def _forget_old(self) -> None:
        before = self.clock.now_ms() - 1_000 * self.settings.results_keep_seconds
        for query in self._ended():
            if query.ended_ms is not None and query.ended_ms < before:
                self.forget(query)

    def _make_room(self) -> None:
        """Forget what is over the bounds, so that all that runs may have as much as it may."""
        self._forget_old()
        ended = self._ended()
        room = self.settings.results_bytes_max
        room -= self._running.total() * self.settings.result_bytes_max
        kept = sum(query.kept_bytes for query in ended)
        while ended and (kept > room or len(ended) > self.settings.results_max):
            oldest = ended.pop(0)
            kept -= oldest.kept_bytes
            self.forget(oldest)

    def _ended(self) -> list[Query]:
        return [query for query in self._queries.values() if query.ended_ms is not None]
