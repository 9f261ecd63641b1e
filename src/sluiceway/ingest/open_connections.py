"""How many connections are open, and which are turned away or cut."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from sluiceway.ingest.patience import Patience, Slowness

TURNED_AWAY_MAX: Final = 256
"""Connections over the limit that may be told so at once; any more are cut without a word."""


@dataclass(slots=True, eq=False)
class OpenConnections(Collector):
    """Counts the connections of a server, and says how long each may take."""

    connections_max: int
    patience: Patience
    served: int = 0
    served_by_workers: int = 0
    """Those of the workers of this server, as they last said."""
    turned_away: int = 0
    """Those of them that are just being told that there are too many."""
    cut: Counter[Slowness] = field(default_factory=Counter)

    def collect(self) -> Iterable[Metric]:
        """Give the metrics."""
        yield GaugeMetricFamily(
            "sluiceway_connections",
            "Connections that are open.",
            value=self.served + self.served_by_workers,
        )
        cut = CounterMetricFamily(
            "sluiceway_connections_cut", "Connections of slow clients closed.", labels=["reason"]
        )
        for reason, count in list(self.cut.items()):
            cut.add_metric([reason.value], count)
        yield cut
