"""What every publish door works with."""

from dataclasses import dataclass, field
from typing import Protocol

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from sluiceway.access.caller import Caller
from sluiceway.foundation.telemetry import RequestCounters
from sluiceway.ingest.admission import InflightBudget
from sluiceway.ingest.dead_letters.ledger import Ledgers
from sluiceway.ingest.holding import Holding
from sluiceway.ingest.limits import RequestLimits
from sluiceway.ingest.recall import HeadMemory
from sluiceway.ingest.service import IngestService


class CallerCache(Protocol):
    """Finds the caller behind a token, from memory where it can."""

    def peek(self, token: bytes) -> Caller | None:
        """Give the caller if it is in memory and the token has not expired."""
        ...

    async def authenticate(self, token: str) -> Caller:
        """Give the caller; see ``access.caller.Authenticator``."""
        ...


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class FastIntake:
    """The collaborators of the fast door."""

    callers: CallerCache
    ingest: IngestService
    budget: InflightBudget
    holding: Holding
    counters: RequestCounters
    limits: RequestLimits | None = None
    """Of principals and streams; ``None`` where nothing is limited."""
    heads: HeadMemory = field(default_factory=HeadMemory)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Intake(FastIntake, Collector):
    """The collaborators of every door, and the gauge of what they hold."""

    ledgers: Ledgers

    def collect(self) -> list[Metric]:
        """Give the metrics."""
        return [
            GaugeMetricFamily(
                "sluiceway_inflight_bytes",
                "Bytes of request bodies taken and not yet stored.",
                value=self.budget.taken_bytes + self.budget.workers_bytes,
            ),
            GaugeMetricFamily(
                "sluiceway_publishers_held",
                "Clients that publish and are not read from, until the log has room again.",
                value=len(self.holding) + self.holding.held_by_workers,
            ),
        ]
