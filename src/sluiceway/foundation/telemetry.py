"""What is counted about requests: plain numbers when they happen, metrics when asked for."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector


@dataclass(frozen=True, slots=True, eq=False)
class RequestCounters(Collector):
    """Counts answers and refusals.

    The labels are closed sets: names of calls, HTTP statuses, wire names of errors. What a client
    sends never becomes a label.
    """

    answered: Counter[tuple[str, int]] = field(default_factory=Counter)
    """Answers, by the call's name and HTTP status."""
    rejected: Counter[str] = field(default_factory=Counter)
    """Errors, by their wire name."""

    def collect(self) -> Iterable[Metric]:
        """Give the metrics."""
        answered = CounterMetricFamily(
            "sluiceway_requests", "Requests answered.", labels=["call", "status"]
        )
        for (call, status), count in list(self.answered.items()):
            answered.add_metric([call, str(status)], count)
        rejected = CounterMetricFamily(
            "sluiceway_rejected", "Requests answered with an error.", labels=["error"]
        )
        for name, count in list(self.rejected.items()):
            rejected.add_metric([name], count)
        yield answered
        yield rejected
