"""The open tables on Apache Iceberg: made, added to, dropped."""

import contextlib
import logging
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec
from pyiceberg.catalog import Catalog
from pyiceberg.exceptions import CommitFailedException, NoSuchTableError, TableAlreadyExistsError
from pyiceberg.manifest import DataFile
from pyiceberg.partitioning import UNPARTITIONED_PARTITION_SPEC
from pyiceberg.table import Table

from sluiceway.archive.errors import ArchiveConflictError, ArchiveCorruptError
from sluiceway.archive.settings import ArchiveSettings
from sluiceway.archive.types import (
    ArchiveTransaction,
    CommitStart,
    FoundFile,
    Offsets,
    Piece,
    RowsDigest,
    TableDescription,
    TableFile,
    TableName,
    TableState,
    begun,
)
from sluiceway.backends.iceberg.catalogue import open_catalogue, translated, warehouse_of
from sluiceway.backends.iceberg.commit_files import CommitFiles
from sluiceway.backends.iceberg.digesting import digest
from sluiceway.backends.iceberg.evolving import put_schema
from sluiceway.backends.iceberg.file_names import mark_of, path_of
from sluiceway.backends.iceberg.files import DurableFileIO, remove_folder
from sluiceway.backends.iceberg.index import Index, data_files, index_of
from sluiceway.backends.iceberg.layout import Layout, layout_of, sorted_by
from sluiceway.backends.iceberg.reading import GroupCache, records
from sluiceway.backends.iceberg.searching import Search
from sluiceway.backends.iceberg.summaries import (
    STARTS,
    next_offsets_of,
    offsets_text,
    start_offsets_of,
    summary_of,
    transactions_of,
)
from sluiceway.foundation.rids import ViewRid
from sluiceway.schema.evolution import refusals
from sluiceway.schema.types import StreamSchema
from sluiceway.streams.log import StoredRecord
from sluiceway.streams.search import Found, Wanted

_log: Final = logging.getLogger("sluiceway.archiver")
_OPEN_TABLES_MAX: Final = 256
"""Tables whose metadata are kept in memory: those last used."""
VIEW: Final = "sluiceway.view"
SCHEMA: Final = "sluiceway.schema"
"""Properties of a table: whose records it has, and their schema as the API has it."""
_PROPERTIES: Final = {
    # A commit that another one came before is not to be repeated: it would add records twice.
    "commit.retry.num-retries": "0",
    "write.metadata.delete-after-commit.enabled": "true",
    "write.metadata.previous-versions-max": "100",
    "write.parquet.compression-codec": "zstd",
}


def properties_of(schema: StreamSchema) -> dict[str, str]:
    """Give the properties of a table that say what the schema of its stream is."""
    return {SCHEMA: msgspec.json.encode(schema).decode()}


class OpenTable:
    """A table and what is known of it; its lock is held while it is changed."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.schema = msgspec.json.decode(table.properties[SCHEMA], type=StreamSchema)
        self.layout: Layout = layout_of(self.schema)
        self._index: Index | None = None

    @property
    def index(self) -> Index:
        """Where which offsets are; read from the files when it is first asked for."""
        if self._index is None:
            self._index = index_of(self.table.io, data_files(self.table), self.layout)
        return self._index

    def added(self, files: CommitFiles) -> None:
        """Take note of files that were just added."""
        if self._index is not None:
            for location, footer in files.footers:
                self._index.add(location, footer, self.layout)

    @property
    def next_offsets(self) -> Offsets:
        """How far it is."""
        return next_offsets_of(self.table)

    @property
    def start_offsets(self) -> Offsets:
        """The offset with which each partition begins that does not begin with 0."""
        return start_offsets_of(self.table)

    def starting_at(self, starts: Offsets) -> dict[str, str]:
        """Write the properties of the table for when its partitions begin there."""
        return {STARTS: offsets_text(self.start_offsets | starts)} if starts else {}


class IcebergTables:
    """The tables of one catalogue; its calls wait, and may come from several threads."""

    def __init__(self, settings: ArchiveSettings, data_folder: Path) -> None:
        self._warehouse = warehouse_of(settings, data_folder).rstrip("/")
        self._is_behind_rest = settings.catalog_properties.get("type") == "rest"
        """Whether a REST catalogue has the tables, which removes the files of one itself."""
        self.catalogue: Catalog = open_catalogue(settings, data_folder)
        self.compression_level = settings.compression_level
        self._open: OrderedDict[TableName, OpenTable] = OrderedDict()
        self._locks: dict[TableName, threading.RLock] = {}
        self._rewrites: dict[TableName, threading.Lock] = {}
        self._guard = threading.Lock()
        self._groups = GroupCache()

    def close(self) -> None:
        """Close the catalogue."""
        self.catalogue.close()

    def open(self, name: TableName, view: ViewRid, schema: StreamSchema) -> TableState:
        """Make the table if it is missing, and tell how far it is; see `ArchiveTables.open`."""
        with translated(), self.locked(name):
            self._open.pop(name, None)
            try:
                opened = self.load(name)
            except NoSuchTableError:
                layout = layout_of(schema)
                self.create(name, view, schema, layout.own[:2], layout.own)
                opened = self.load(name)
            if opened.table.properties.get(VIEW) != view:
                raise ArchiveCorruptError(str(name), f"it is not the table of {view}")
            if self.evolve(name, schema):
                opened = self.load(name)
            with self.locked(name.current), contextlib.suppress(NoSuchTableError):
                self.evolve(name.current, schema)
            return TableState(
                next_offsets=opened.next_offsets,
                start_offsets=opened.start_offsets,
                transactions=transactions_of(opened.table),
            )

    def begin(self, name: TableName, start: CommitStart) -> "Commit":
        """Begin to add records to a table.

        Raises:
            ArchiveConflictError: It is not at ``start.next_offsets``.
        """
        with translated(), self.locked(name):
            opened = self.load(name)
            check_place(opened, start)
            files = CommitFiles(opened.table, start, opened.layout, self.compression_level)
            return Commit(self, name, start, files)

    def read(
        self, name: TableName, partition: int, start: int, limit: int, bytes_max: int
    ) -> list[StoredRecord]:
        """Give records in order; see `ArchiveTables.read`."""
        with translated():
            try:
                return self._read(name, partition, start, limit, bytes_max)
            except FileNotFoundError:
                self.forget(name)  # Others have taken the place of a file that it had.
                return self._read(name, partition, start, limit, bytes_max)

    def _read(
        self, name: TableName, partition: int, start: int, limit: int, bytes_max: int
    ) -> list[StoredRecord]:
        with self.locked(name):
            opened = self.load(name)
            groups = opened.index.since(partition, start)
        found: list[StoredRecord] = []
        size = 0
        for group in groups:
            columns = self._groups.read(opened.table.io, group)
            for record in records(
                columns,
                opened.layout,
                start,
                limit=limit - len(found),
                bytes_max=bytes_max - size + 1,
            ):
                size += len(record.value)
                if size > bytes_max and found:
                    return found
                found.append(record)
            if len(found) >= limit or size >= bytes_max:
                break
        return found

    def search(self, name: TableName, wanted: Wanted, limit: int, bytes_max: int) -> Found:
        """Look through records; see `ArchiveTables.search`."""
        with translated():
            try:
                return self._search(name, wanted, limit, bytes_max)
            except FileNotFoundError:
                self.forget(name)  # Others have taken the place of a file that it had.
                return self._search(name, wanted, limit, bytes_max)

    def _search(self, name: TableName, wanted: Wanted, limit: int, bytes_max: int) -> Found:
        with self.locked(name):
            opened = self.load(name)
            groups = list(opened.index.since(wanted.partition, wanted.start))
        search = Search(opened.table.io, opened.layout, opened.schema, wanted, self._groups)
        return search.run(groups, limit, bytes_max)

    def digest(self, name: TableName, partition: int, bounds: list[int]) -> list[RowsDigest]:
        """Give digests of ranges of rows; see `ArchiveTables.digest`."""
        with translated():
            try:
                return self._digest(name, partition, bounds)
            except FileNotFoundError:
                self.forget(name)  # Others have taken the place of a file that it had.
                return self._digest(name, partition, bounds)

    def _digest(self, name: TableName, partition: int, bounds: list[int]) -> list[RowsDigest]:
        with self.locked(name):
            opened = self.load(name)
            groups = list(opened.index.since(partition, bounds[0]))
        return digest(opened.table.io, groups, opened.layout, bounds)

    def locate(
        self, name: TableName, places: Sequence[tuple[int, int, int]]
    ) -> list[list[FoundFile]]:
        """Find files by offsets; see `ArchiveTables.locate`."""
        with translated(), self.locked(name):
            opened = self.load(name)
            folder = opened.table.location()
            return [
                [
                    FoundFile(path_of(one, folder), mark_of(one))
                    for one in opened.index.within(*place)
                ]
                for place in places
            ]

    def describe(self, name: TableName) -> TableDescription:
        """Tell what the table has; see `ArchiveTables.describe`."""
        with translated(), self.locked(name):
            opened = self.load(name)
            table = opened.table
            files = [described(table, file) for file in data_files(table)]
            return TableDescription(
                metadata_location=table.metadata_location,
                snapshot_id=table.metadata.current_snapshot_id,
                next_offsets=opened.next_offsets,
                start_offsets=opened.start_offsets,
                columns=[field.name for field in table.schema().fields],
                own_columns=opened.layout.own,
                files=files,
            )

    def drop(self, name: TableName) -> None:
        """Remove the table, its current state and all files; see `ArchiveTables.drop`."""
        for one in (name.current, name):
            self.drop_only(one)

    def drop_only(self, name: TableName) -> None:
        """Remove a table and all its files, and no other."""
        with translated(), self.locked(name):
            self._open.pop(name, None)
            if self._is_behind_rest:
                # What is not a table's is nobody's there: a folder without one may not be looked at.
                with contextlib.suppress(NoSuchTableError):
                    self.catalogue.purge_table((name.namespace, name.name))
            else:
                with contextlib.suppress(NoSuchTableError):
                    self.catalogue.drop_table((name.namespace, name.name))
                remove_folder(DurableFileIO(self.catalogue.properties), self.location(name))
        self._locks.pop(name, None)
        self._rewrites.pop(name, None)

    def load(self, name: TableName) -> OpenTable:
        """Give a table as it was when it was last looked at; its lock must be held."""
        opened = self._open.get(name)
        if opened is None:
            opened = OpenTable(self.catalogue.load_table((name.namespace, name.name)))
            self._open[name] = opened
            while len(self._open) > _OPEN_TABLES_MAX:
                self._open.popitem(last=False)
        with contextlib.suppress(KeyError):
            self._open.move_to_end(name)
        return opened

    def forget(self, name: TableName) -> None:
        """Look at the table anew the next time."""
        self._open.pop(name, None)

    @contextlib.contextmanager
    def locked(self, name: TableName) -> Iterator[None]:
        """Have a table for oneself."""
        with self._guard:
            lock = self._locks.setdefault(name, threading.RLock())
        with lock:
            yield

    @contextlib.contextmanager
    def rewriting(self, name: TableName) -> Iterator[None]:
        """Be the only one who takes files out of a table; commits that add go on.

        Rows of a file that two take out would be there twice.
        """
        with self._guard:
            lock = self._rewrites.setdefault(name, threading.Lock())
        with lock:
            yield

    def evolve(self, name: TableName, schema: StreamSchema) -> bool:
        """Give a table the columns of *schema*, unless it has them; its lock must be held.

        Raises:
            ArchiveCorruptError: Neither schema may become the other.
            CommitFailedException: Another commit came first; nothing was changed.
        """
        opened = self.load(name)
        if msgspec.json.encode(schema).decode() == opened.table.properties[SCHEMA]:
            return False
        if refusals(opened.schema, schema):
            if refusals(schema, opened.schema):
                raise ArchiveCorruptError(str(name), "its schema is none that became the stream's")
            return False  # Whoever asked had not heard yet that the schema grew.
        try:
            put_schema(opened.table, layout_of(schema).iceberg_schema(), properties_of(schema))
        finally:
            self.forget(name)
        return True

    def location(self, name: TableName) -> str:
        """Give the folder, or what is like one, of a table's files."""
        return f"{self._warehouse}/{name.namespace}/{name.name}"

    def create(
        self,
        name: TableName,
        view: ViewRid,
        schema: StreamSchema,
        sort: Sequence[str],
        whole: Sequence[str],
    ) -> None:
        """Make a table, unless there is one; of *whole* columns the statistics are not cut short."""
        iceberg = layout_of(schema).iceberg_schema()
        full = {f"write.metadata.metrics.column.{column}": "full" for column in whole}
        properties = {
            **_PROPERTIES,
            **full,
            VIEW: view,
            **properties_of(schema),
        }
        with contextlib.suppress(TableAlreadyExistsError):
            self.catalogue.create_table(
                (name.namespace, name.name),
                iceberg,
                location=self.location(name),
                partition_spec=UNPARTITIONED_PARTITION_SPEC,
                sort_order=sorted_by(sort, iceberg),
                properties=properties,
            )


class Commit:
    """A commit in the making: files that no snapshot has yet."""

    def __init__(
        self, tables: IcebergTables, name: TableName, start: CommitStart, files: CommitFiles
    ) -> None:
        self._tables = tables
        self._name = name
        self._start = start
        self._files = files
        self._may_be_committed = False

    def add(self, piece: Piece) -> None:
        """Add records; see `ArchiveTables.append` for their order."""
        with translated():
            first, begun = piece.batches[0].start, piece.partition in self._files.ranges
            if not begun and first < self._start.next_offsets.get(piece.partition, 0):
                raise ArchiveConflictError(self._start.next_offsets)
            self._files.add(piece)

    def finish(self) -> ArchiveTransaction | None:
        """Add the files to the table in one snapshot; ``None`` if there was nothing to add."""
        if not self._files.ranges:
            self.abort()
            return None
        with translated():
            data_files = self._files.finish()
            with self._tables.locked(self._name):
                try:
                    return self._commit(data_files)
                except ArchiveConflictError:
                    self.abort()
                    raise

    def _commit(self, data_files: Sequence[DataFile]) -> ArchiveTransaction:
        opened = self._tables.load(self._name)
        check_place(opened, self._start)
        ranges = self._files.ranges
        after = self._start.next_offsets | {one: end for one, (_, end) in ranges.items()}
        self._may_be_committed = True
        try:
            starts = opened.starting_at(begun(self._start.next_offsets, ranges))
            summary = summary_of(self._start, after, ranges, self._files.digests)
            append(opened.table, data_files, summary, starts)
        except CommitFailedException:
            self._may_be_committed = False
            self._tables.forget(self._name)
            raise ArchiveConflictError(self._tables.load(self._name).next_offsets) from None
        except BaseException:
            # It may have happened: only the catalogue knows.
            self._tables.forget(self._name)
            raise
        opened.added(self._files)
        return transactions_of(opened.table)[-1]

    def abort(self) -> None:
        """Leave the table as it is, and remove the files, if it is certain that no snapshot has them.

        One that stays is an orphan.
        """
        if self._may_be_committed:
            return
        try:
            with translated():
                self._files.abort()
        except Exception as error:  # noqa: BLE001 - the commit failed already, and says why
            _log.warning("files of %s are left to be removed later: %s", self._name, error)


def described(table: Table, file: DataFile) -> TableFile:
    """Give a file of a table as it is described to others."""
    return TableFile(
        path=path_of(file.file_path, table.location()),
        location=file.file_path,
        rows=file.record_count,
        stored_bytes=file.file_size_in_bytes,
        written=mark_of(file.file_path),
    )


def append(
    table: Table,
    data_files: Sequence[DataFile],
    summary: dict[str, str],
    properties: dict[str, str],
) -> None:
    """Add files to a table in one snapshot, and set *properties* of the table with it."""
    with table.transaction() as transaction:
        if properties:
            transaction.set_properties(properties)
        update = transaction.update_snapshot(snapshot_properties=summary)
        with update.fast_append() as files:
            for data_file in data_files:
                files.append_data_file(data_file)


def check_place(opened: OpenTable, start: CommitStart) -> None:
    """Refuse a commit that does not start where the table is.

    Raises:
        ArchiveConflictError: It does not.
    """
    found = opened.next_offsets
    if _without_zeros(found) != _without_zeros(start.next_offsets):
        raise ArchiveConflictError(found)


def _without_zeros(offsets: Offsets) -> Offsets:
    return {partition: offset for partition, offset in offsets.items() if offset}
