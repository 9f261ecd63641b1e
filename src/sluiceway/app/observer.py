"""Shows the record log and the archive to Prometheus."""

import logging
from collections.abc import Iterable
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from sluiceway.archive.retention.deleting import DeletionCounts
from sluiceway.archive.service import ArchiveService
from sluiceway.backends.embedded.observer import Commit
from sluiceway.streams.log import RecordLog

_log: Final = logging.getLogger("sluiceway.log")
_SECONDS: Final = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


class LogMetrics:
    """Counts what the log made durable, and measures how long that took."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._records = Counter(
            "sluiceway_published_records", "Records made durable.", registry=registry
        )
        self._bytes = Counter(
            "sluiceway_stored_bytes",
            "Bytes of records made durable, after compression.",
            registry=registry,
        )
        self._commit = Histogram(
            "sluiceway_commit_seconds",
            "Time from taking up a group of requests to durable.",
            buckets=_SECONDS,
            registry=registry,
        )
        self._fsync = Histogram(
            "sluiceway_fsync_seconds",
            "The part of a commit that wrote and synced.",
            buckets=_SECONDS,
            registry=registry,
        )

    def observe_commit(self, commit: Commit) -> None:
        """Count a group that became durable."""
        self._records.inc(commit.records)
        self._bytes.inc(commit.stored_bytes)
        self._commit.observe(commit.commit_seconds)
        self._fsync.observe(commit.fsync_seconds)

    def observe_stop(self, reason: str) -> None:
        """Say on stderr that the log takes no more writes."""
        _log.critical("the record log takes no more writes until a restart: %s", reason)


class LogHealthCollector(Collector):
    """Shows the log's queue, and whether it takes writes."""

    def __init__(self, log: RecordLog) -> None:
        self._log = log

    def collect(self) -> Iterable[Metric]:
        """Give the gauges."""
        health = self._log.health()
        yield GaugeMetricFamily(
            "sluiceway_log_writable", "1 while the log takes writes.", value=health.is_writable
        )
        yield GaugeMetricFamily(
            "sluiceway_queued_batches", "Batches not yet durable.", value=health.queued_batches
        )
        yield GaugeMetricFamily(
            "sluiceway_queued_bytes", "Bytes not yet durable.", value=health.queued_bytes
        )


class ArchiveCollector(Collector):
    """Shows how far archiving is behind, and what it did."""

    def __init__(self, archive: ArchiveService, deletions: DeletionCounts) -> None:
        self._archive = archive
        self._deletions = deletions

    def collect(self) -> Iterable[Metric]:
        """Give gauges and counters, over all streams."""
        waiting, counts = self._archive.waiting, self._archive.counts
        failing = waiting.failing
        yield GaugeMetricFamily(
            "sluiceway_archive_lag_seconds",
            "How long the oldest record waits that is in no table.",
            value=waiting.lag_seconds,
        )
        yield GaugeMetricFamily(
            "sluiceway_archive_lag_records",
            "Records that are in no table.",
            value=waiting.lag_records,
        )
        yield GaugeMetricFamily(
            "sluiceway_archive_failing_streams",
            "Streams whose last commit failed.",
            value=0 if failing is None else failing[0],
        )
        for name, meaning, value in (
            ("commits", "Commits to tables.", counts.commits),
            ("records", "Records put into tables.", counts.records),
            ("stored_bytes", "Bytes of the files that commits added.", counts.stored_bytes),
            ("merged_files", "Files that were merged into larger ones.", counts.merged_files),
            ("failures", "Commits and other work that failed, and is done again.", counts.failures),
        ):
            yield CounterMetricFamily(f"sluiceway_archive_{name}", meaning, value=value)
        deletions = self._deletions
        for name, meaning, value in (
            ("deletions", "Deletions by retention, one a stream each time.", deletions.deletions),
            ("records", "Records that retention deleted.", deletions.records),
            ("stored_bytes", "Bytes that deletions gave back.", deletions.stored_bytes),
            ("failures", "Deletions that failed, and are done again.", deletions.failures),
        ):
            yield CounterMetricFamily(f"sluiceway_retention_{name}", meaning, value=value)
