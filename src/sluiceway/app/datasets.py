"""Puts the services of datasets together."""

from dataclasses import dataclass
from pathlib import Path

from sluiceway.access.audit.service import AuditTrail
from sluiceway.app.data_folder import files_folder
from sluiceway.app.filesystem import FilesystemServices
from sluiceway.app.stream_tables import ArchivedStreams
from sluiceway.backends.files.store import LocalFileStore
from sluiceway.backends.sql.database import Database
from sluiceway.backends.sql.dataset_files import SqlDatasetFileStore
from sluiceway.backends.sql.datasets import SqlBranchStore, SqlTransactionStore
from sluiceway.backends.tables.pool import TablePool
from sluiceway.datasets.files import FileService
from sluiceway.datasets.gate import Gate
from sluiceway.datasets.history import History
from sluiceway.datasets.keeping import Keeping
from sluiceway.datasets.service import DatasetService
from sluiceway.datasets.stream_files import StreamFiles
from sluiceway.datasets.streaming import Streaming
from sluiceway.datasets.table import TableService
from sluiceway.datasets.views import Views
from sluiceway.foundation.clock import Clock
from sluiceway.settings import Settings


@dataclass(frozen=True, slots=True)
class DatasetServices:
    """Datasets, their branches, transactions and files."""

    contents: LocalFileStore
    keeping: Keeping
    datasets: DatasetService
    history: History
    views: Views
    files: FileService
    pool: TablePool
    table: TableService

    async def close(self) -> None:
        """End what is being read, and finish what is being written to the disk."""
        await self.pool.close()
        self.contents.close()


def build_datasets(
    database: Database,
    clock: Clock,
    settings: Settings,
    *,
    tables: ArchivedStreams,
    filesystem: FilesystemServices,
    audit: AuditTrail,
) -> DatasetServices:
    """Put the services of datasets together."""
    branches, files = SqlBranchStore(database), SqlDatasetFileStore(database)
    contents = LocalFileStore(files_folder(Path(settings.server.data_dir)))
    gate, limits = Gate(filesystem.permissions, tables.streams), settings.datasets
    keeping = Keeping(contents, files, database, limits)
    transactions = SqlTransactionStore(database)
    streaming = Streaming(tables.streams, tables, settings.streams.default_branch)
    history = History(
        gate, branches, transactions, keeping, streaming, database, audit, clock, limits
    )
    pool = TablePool(limits, settings.archive.catalog_properties)
    archived = StreamFiles(streaming, pool, limits)
    views = Views(history, settings.streams.default_branch)
    return DatasetServices(
        contents=contents,
        keeping=keeping,
        datasets=DatasetService(
            gate,
            branches,
            history,
            keeping,
            streaming,
            filesystem.resources,
            filesystem.permissions,
            database,
            audit,
            settings.streams,
        ),
        history=history,
        views=views,
        files=FileService(gate, views, history, files, keeping, archived, database, clock, limits),
        pool=pool,
        table=TableService(
            gate,
            views,
            transactions,
            files,
            keeping,
            archived,
            pool,
            database,
            audit,
            clock,
            limits,
        ),
    )
