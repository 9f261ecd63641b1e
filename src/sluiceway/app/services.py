"""Puts everything together, and takes it apart again in order."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from prometheus_client import CollectorRegistry

from sluiceway.app.access import AccessServices, build_access
from sluiceway.app.archive_overview import ArchiveOverview
from sluiceway.app.archiving import Archive, build_archive
from sluiceway.app.data_folder import database_url, has_database, log_folder
from sluiceway.app.datasets import DatasetServices, build_datasets
from sluiceway.app.filesystem import FilesystemServices, build_filesystem
from sluiceway.app.observer import ArchiveCollector, LogHealthCollector, LogMetrics
from sluiceway.app.queries import build_queries
from sluiceway.app.server import share_of_budget, share_of_connections
from sluiceway.app.stream_page import StreamPageServices, build_stream_page
from sluiceway.app.stream_tables import ArchivedStreams
from sluiceway.archive.searching import HybridSearch
from sluiceway.backends.embedded.log import EmbeddedLog, open_log
from sluiceway.backends.sql.database import Database, open_database
from sluiceway.backends.sql.migrations import migrate
from sluiceway.backends.sql.retention import SqlRetentionStore
from sluiceway.backends.sql.streams import SqlStreamStore
from sluiceway.backends.sql.subscribers import SqlSubscriberStore
from sluiceway.filesystem.purging import PurgeListener
from sluiceway.foundation.clock import Clock, SystemClock
from sluiceway.foundation.errors import SluicewayError
from sluiceway.foundation.telemetry import RequestCounters
from sluiceway.ingest.dead_letters.ledger import Ledgers
from sluiceway.ingest.dead_letters.service import DeadLetterService
from sluiceway.ingest.holding import Holding
from sluiceway.ingest.intake import Intake
from sluiceway.ingest.limits import request_limits
from sluiceway.ingest.once import Once
from sluiceway.ingest.open_connections import OpenConnections
from sluiceway.ingest.service import IngestService
from sluiceway.queries.service import QueryService
from sluiceway.reading.arrivals import Arrivals
from sluiceway.reading.querying import QueryingService
from sluiceway.reading.service import ReadingService
from sluiceway.reading.subscribers import SubscriberService
from sluiceway.reading.waiting import WaitingService
from sluiceway.settings import Settings
from sluiceway.streams.directory import StreamDirectory
from sluiceway.streams.service import StreamService
from sluiceway.streams.statistics import StreamStatistics
from sluiceway.streams.types import Sweep

_log: Final = logging.getLogger("sluiceway.app")
_PURGE_SECONDS: Final = 3_600


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that answers requests."""

    settings: Settings
    clock: Clock
    database: Database
    log: EmbeddedLog
    access: AccessServices
    filesystem: FilesystemServices
    streams: StreamService
    datasets: DatasetServices
    intake: Intake
    connections: OpenConnections
    dead_letters: DeadLetterService
    reading: ReadingService
    querying: QueryingService
    waiting: WaitingService
    subscribers: SubscriberService
    archive: Archive
    queries: QueryService
    page: StreamPageServices
    counters: RequestCounters
    registry: CollectorRegistry

    def end_waits(self) -> None:
        """End what would go on until its client leaves: live tails, and waits for records."""
        self.page.live.hub.stop()
        self.waiting.arrivals.close()
        self.archive.end()


@contextlib.asynccontextmanager
async def open_access(settings: Settings) -> AsyncIterator[AccessServices]:
    """Open the metadata alone, for commands that run beside a server.

    Raises:
        FileNotFoundError: No server was ever started on the data folder.
    """
    folder = Path(settings.server.data_dir)
    if not settings.server.database_url and not has_database(folder):
        raise FileNotFoundError(f"no server was ever started on the data folder {folder}")
    database = open_database(settings.server.database_url or database_url(folder))
    try:
        yield build_access(database, SystemClock(), settings.access)
    finally:
        await database.close()


@contextlib.asynccontextmanager
async def open_services(settings: Settings) -> AsyncIterator[Services]:
    """Open the backends and build the services; the caller holds the data folder's lock."""
    folder = Path(settings.server.data_dir)
    registry = CollectorRegistry()
    async with contextlib.AsyncExitStack() as stack:
        database = open_database(settings.server.database_url or database_url(folder))
        stack.push_async_callback(database.close)
        await migrate(database)
        log = await open_log(log_folder(folder), settings.log, observer=LogMetrics(registry))
        stack.push_async_callback(log.close)
        services = _build(settings, database, log, registry)
        stack.push_async_callback(services.datasets.close)
        _report(await services.streams.sweep())
        if removed := await services.datasets.keeping.sweep():
            _log.warning("removed %d contents of files that a crash had left behind", removed)
        async with asyncio.TaskGroup() as background:
            tasks = [
                background.create_task(_hear_of_changes(services)),
                background.create_task(_forget_expired_tokens(services)),
            ]
            services.page.live.hub.start(background)
            services.archive.start(background)
            try:
                yield services
            finally:
                services.end_waits()
                await services.queries.close()
                services.page.live.hub.close()
                await services.archive.close()
                for task in tasks:
                    task.cancel()


def _report(sweep: Sweep) -> None:
    """Say where record log and metadata were not of one mind."""
    if sweep.removed:
        _log.warning("removed %d logs that a crash had left behind", len(sweep.removed))
    if sweep.kept:
        _log.error(
            "kept %d logs with records that no stream has: are these the metadata that belong to"
            " this data folder? The first is %s",
            len(sweep.kept),
            sweep.kept[0],
        )
    if sweep.missing:
        _log.error(
            "%d streams have no log and take no records until they are reset; the first is %s",
            len(sweep.missing),
            sweep.missing[0],
        )


def _build(
    settings: Settings, database: Database, log: EmbeddedLog, registry: CollectorRegistry
) -> Services:
    clock, purge_listeners = SystemClock(), list[PurgeListener]()
    access = build_access(database, clock, settings.access, public_url=settings.server.public_url)
    filesystem = build_filesystem(
        database,
        clock,
        settings.filesystem,
        audit=access.audit,
        users=access.users,
        purge_listeners=purge_listeners,
    )
    store, permissions = SqlStreamStore(database), filesystem.permissions
    directory = StreamDirectory(store, permissions, settings.streams.cache_entries_max)
    database.listeners.extend([directory.forget, access.authenticator.forget])
    streams = _build_streams(settings, store, log, filesystem, access, database)
    archive = build_archive(settings, database, log, directory, access.audit, clock)
    tables = ArchivedStreams(store, archive.store, archive.tables, settings.archive.enabled)
    datasets = build_datasets(
        database, clock, settings, tables=tables, filesystem=filesystem, audit=access.audit
    )
    reading = ReadingService(directory, archive.reader, settings.reading)
    subscribers = SubscriberService(
        reading, SqlSubscriberStore(database), archive.reader, database, clock
    )
    purge_listeners.extend([streams, archive.retention, subscribers, datasets.datasets])
    counters, connections = RequestCounters(), share_of_connections(settings)
    statistics = StreamStatistics(clock, settings.streams.statistics_streams_max)
    page = build_stream_page(
        subscribers,
        statistics,
        store=store,
        audit=access.audit.store,
        permissions=permissions,
        users=access.users,
        callers=access.authenticator,
        tables=ArchiveOverview(archive, Path(settings.server.data_dir)),
    )
    publishing = IngestService(directory, log, settings.ingest, statistics, Once(log))
    ledgers = Ledgers(log, settings.ingest)
    intake = _build_intake(settings, access, publishing, counters, ledgers)
    archiving = ArchiveCollector(archive.service, archive.retention.deleter.counts)
    for collector in (counters, intake, connections, LogHealthCollector(log), archiving):
        registry.register(collector)
    return Services(
        settings=settings,
        clock=clock,
        database=database,
        log=log,
        access=access,
        filesystem=filesystem,
        streams=streams,
        datasets=datasets,
        intake=intake,
        connections=connections,
        dead_letters=DeadLetterService(publishing, ledgers, database, access.audit),
        reading=reading,
        querying=QueryingService(reading, HybridSearch(log, archive.tables, archive.store)),
        waiting=WaitingService(reading, access.authenticator, Arrivals(log, settings.reading)),
        subscribers=subscribers,
        archive=archive,
        queries=build_queries(
            settings, clock, directory, filesystem.resources, log, archive.reader, archive.files
        ),
        page=page,
        counters=counters,
        registry=registry,
    )


def _build_streams(
    settings: Settings,
    store: SqlStreamStore,
    log: EmbeddedLog,
    filesystem: FilesystemServices,
    access: AccessServices,
    database: Database,
) -> StreamService:
    return StreamService(
        store,
        log,
        filesystem.resources,
        filesystem.permissions,
        database,
        access.audit,
        access.audit.clock,
        settings.streams,
        SqlRetentionStore(database),
    )


def _build_intake(
    settings: Settings,
    access: AccessServices,
    publishing: IngestService,
    counters: RequestCounters,
    ledgers: Ledgers,
) -> Intake:
    budget = share_of_budget(settings)
    return Intake(
        callers=access.authenticator,
        ingest=publishing,
        budget=budget,
        holding=Holding(publishing.log.backlog, budget, settings.ingest.hold_seconds),
        counters=counters,
        ledgers=ledgers,
        limits=request_limits(settings.limits),
    )


async def _hear_of_changes(services: Services) -> None:
    """Drop what is cached when another process changed tokens, roles or streams.

    When the database does not answer, everything is dropped too: it is then looked up anew, and
    fails as it must, instead of trusting what may have been revoked.
    """
    seen: int | None = None
    while True:
        try:
            counter: int | None = await services.database.change_counter()
        except SluicewayError:
            counter = None  # The database has logged why.
        except Exception:  # noqa: BLE001 - any failure means: trust nothing that is cached
            _log.exception("could not ask the database for changes")
            counter = None
        if counter is None or counter != seen:
            for listener in services.database.listeners:
                listener()
        seen = counter
        await asyncio.sleep(services.settings.server.cache_staleness_ms / 1_000)


async def _forget_expired_tokens(services: Services) -> None:
    while True:
        await asyncio.sleep(_PURGE_SECONDS)
        try:
            await services.access.tokens.purge_expired()
        except Exception:  # noqa: BLE001 - tried again in an hour
            _log.exception("could not remove expired tokens")
