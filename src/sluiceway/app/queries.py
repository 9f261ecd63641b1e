"""Puts together what answers queries in SQL."""

from pathlib import Path

from sluiceway.backends.duckdb.process import DuckDbEngine
from sluiceway.filesystem.service import ResourceService
from sluiceway.foundation.clock import Clock
from sluiceway.queries.engine import ColdFilesSource
from sluiceway.queries.naming import Naming
from sluiceway.queries.registry import QueryRegistry
from sluiceway.queries.relations import StreamRelations
from sluiceway.queries.service import QueryService
from sluiceway.settings import Settings
from sluiceway.streams.directory import StreamDirectory
from sluiceway.streams.log import RecordLog, RecordReader


def build_queries(
    settings: Settings,
    clock: Clock,
    directory: StreamDirectory,
    resources: ResourceService,
    log: RecordLog,
    reader: RecordReader,
    cold: ColdFilesSource,
) -> QueryService:
    """Put it together; *reader* has also what *log* gave up. Results are written into the data folder."""
    return QueryService(
        naming=Naming(directory, resources, settings.streams.default_branch),
        relations=StreamRelations(log, reader, cold),
        engine=DuckDbEngine(),
        registry=QueryRegistry(settings.queries, clock),
        settings=settings.queries,
        clock=clock,
        folder=Path(settings.server.data_dir),
    )
