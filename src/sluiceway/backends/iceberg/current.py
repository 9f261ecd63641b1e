"""The current states of tables with change data capture; see decision 34."""

import logging
import threading
from dataclasses import dataclass
from itertools import islice
from typing import Final

import msgspec
import pyarrow as pa
from pyarrow import parquet
from pyiceberg.exceptions import CommitFailedException, NoSuchTableError
from pyiceberg.manifest import DataFile
from pyiceberg.table import Table

from sluiceway.archive.errors import ArchiveConflictError, ArchiveCorruptError
from sluiceway.archive.settings import ArchiveSettings
from sluiceway.archive.types import (
    CurrentDescription,
    Folded,
    Offsets,
    TableDescription,
    TableFile,
    TableName,
)
from sluiceway.backends.iceberg.catalogue import translated
from sluiceway.backends.iceberg.folding import Fold, last_key
from sluiceway.backends.iceberg.index import Group, data_files
from sluiceway.backends.iceberg.layout import Layout
from sluiceway.backends.iceberg.maintenance import tidy
from sluiceway.backends.iceberg.rewriting import overwrite
from sluiceway.backends.iceberg.summaries import OFFSETS, offsets_text, telling_snapshot_id
from sluiceway.backends.iceberg.tables import SCHEMA, VIEW, IcebergTables, OpenTable, described
from sluiceway.foundation.rids import ViewRid
from sluiceway.schema.arrow.current import Key, Latest, as_columns, rows_within
from sluiceway.schema.current import CurrentRule
from sluiceway.schema.evolution import refusals
from sluiceway.schema.types import StreamSchema

_log: Final = logging.getLogger("sluiceway.archiver")
_CHANGES_BYTES: Final = 128 * 1_048_576
"""So many bytes of changes, as columns, are taken by one fold; a row group more at most."""
_WAITING_BYTES: Final = 64 * 1_048_576
"""So many bytes of changes, as files, are worth a fold however large the state is."""
_STATE_SHARE: Final = 16
"""And so large a part of the state's rows."""
_KEYS_MAX: Final = 10_000
"""Files whose last keys are remembered."""


@dataclass(frozen=True, slots=True)
class _Changes:
    """A table whose changes are to be folded, as it was at one moment."""

    table: Table
    layout: Layout
    rule: CurrentRule
    view: ViewRid
    schema: str
    ends: Offsets
    groups: list[tuple[int, Group]]
    """With their partitions: those that have rows from where the state is on."""

    @property
    def row_bytes(self) -> float:
        """About what a row takes in a file."""
        return _total(self.table, "files-size") / max(_total(self.table, "records"), 1)


class CurrentTables:
    """Folds changes into states; its calls wait, and may come from several threads."""

    def __init__(self, settings: ArchiveSettings) -> None:
        self._settings = settings
        self._last_keys: dict[str, Key] = {}
        self._guard = threading.Lock()

    def describe(self, tables: IcebergTables, name: TableName) -> TableDescription:
        """Tell what a table and its state have; see `ArchiveTables.describe`."""
        with translated():
            with tables.locked(name):
                rule = tables.load(name).layout.rule
            if rule is None:
                return tables.describe(name)
            # The state is looked at first: what it knows, the table has.
            state = _state_of(tables, name)
            files, starts = list[TableFile](), dict[int, int]()
            if state is not None:
                starts = state.next_offsets
                ordered = self._in_order(state.table, rule)
                files = [described(state.table, file) for file, _ in ordered]
            with tables.locked(name):
                found = tables.describe(name)
                changed = {group.location for _, group in _groups_since(tables.load(name), starts)}
        current = CurrentDescription(
            rule=rule,
            next_offsets=starts,
            files=files,
            changes=[file for file in found.files if file.location in changed],
        )
        return msgspec.structs.replace(found, current=current)

    def fold(self, tables: IcebergTables, name: TableName, is_forced: bool) -> Folded | None:  # noqa: FBT001 - as it comes over the wire
        """Take changes into the state of a table; see `ArchiveTables.fold`."""
        with translated():
            try:
                return self._fold(tables, name, is_forced=is_forced)
            except FileNotFoundError:
                tables.forget(name)  # Others have taken the place of a file that it had.
                raise

    def _fold(self, tables: IcebergTables, name: TableName, *, is_forced: bool) -> Folded | None:
        with tables.locked(name):
            if tables.load(name).layout.rule is None:
                return None
        state = _usable_state(tables, name)
        starts = {} if state is None else state.next_offsets
        changes = _changes_of(tables, name, starts)
        rows = 0 if state is None else _total(state.table, "records")
        waiting = sum(max(end - starts.get(one, 0), 0) for one, end in changes.ends.items())
        left = self._worth(changes, rows) - waiting
        if not changes.groups or (left > 0 and not is_forced):
            return Folded(next_offsets=starts, rows=rows, changes_left=max(left, 1))
        if state is None:
            state = _make(tables, name, changes)
        reached, latest = self._gather(changes, starts)
        state = self._write(tables, name, state, changes, latest, reached)
        tidy(tables, name.current, self._settings.snapshots_keep_seconds)
        rows = _total(state.table, "records")
        waiting = sum(max(end - reached.get(one, 0), 0) for one, end in changes.ends.items())
        left = max(self._worth(changes, rows) - waiting, 0)
        return Folded(next_offsets=reached, rows=rows, changes_left=left)

    def _worth(self, changes: _Changes, rows: int) -> int:
        """Tell how many changes are worth a fold."""
        by_number = max(self._settings.fold_records, rows // _STATE_SHARE)
        return min(by_number, max(1, int(_WAITING_BYTES / max(changes.row_bytes, 1.0))))

    def _gather(self, changes: _Changes, starts: Offsets) -> tuple[Offsets, pa.Table]:
        """Read changes, as many as one fold takes; tell how far that is."""
        schema = changes.layout.arrow_schema()
        gathered = Latest(changes.rule, schema)
        reached = dict(starts)
        for partition, group in changes.groups:
            with changes.table.io.new_input(group.location).open() as opened:
                read = parquet.ParquetFile(opened).read_row_group(group.number)
            rows = rows_within(as_columns(read, schema), changes.rule, starts)
            size = gathered.add(rows)
            reached[partition] = group.last + 1
            if size >= _CHANGES_BYTES:
                break
        return reached, gathered.finish()

    def _write(
        self,
        tables: IcebergTables,
        name: TableName,
        state: OpenTable,
        changes: _Changes,
        latest: pa.Table,
        reached: Offsets,
    ) -> OpenTable:
        """Make the new files of a state, and its next snapshot; give it as it is then."""
        snapshot_id = state.table.metadata.current_snapshot_id
        fold = Fold(state.table, changes.layout, changes.rule, self._settings.compression_level)
        may_be_committed = False
        try:
            fold.run(self._in_order(state.table, changes.rule), latest, changes.row_bytes)
            with tables.locked(name.current):
                now = tables.load(name.current)
                if now.table.metadata.current_snapshot_id != snapshot_id:
                    raise ArchiveConflictError(now.next_offsets)
                may_be_committed = True
                try:
                    overwrite(now.table, fold.old, fold.new, {OFFSETS: offsets_text(reached)})
                except CommitFailedException:
                    may_be_committed = False
                    raise
                finally:
                    tables.forget(name.current)
                return tables.load(name.current)
        finally:
            if not may_be_committed:
                fold.abort()

    def _in_order(self, state: Table, rule: CurrentRule) -> list[tuple[DataFile, Key]]:
        """Give the files of a state with their last keys, and in the order of these."""
        found = []
        for file in data_files(state):
            key = self._last_keys.get(file.file_path)
            if key is None:
                key = last_key(state.io, file, rule)
                with self._guard:
                    if len(self._last_keys) >= _KEYS_MAX:
                        self._last_keys.clear()
                    self._last_keys[file.file_path] = key
            found.append((file, key))
        return sorted(found, key=lambda one: one[1])


def _changes_of(tables: IcebergTables, name: TableName, starts: Offsets) -> _Changes:
    with tables.locked(name):
        opened = tables.load(name)
        layout, properties = opened.layout, opened.table.properties
        assert layout.rule is not None
        return _Changes(
            table=opened.table,
            layout=layout,
            rule=layout.rule,
            view=ViewRid(properties[VIEW]),  # type: ignore[arg-type]
            schema=properties[SCHEMA],
            ends=opened.next_offsets,
            groups=_groups_since(opened, starts),
        )


def _groups_since(opened: OpenTable, starts: Offsets) -> list[tuple[int, Group]]:
    index = opened.index
    return [
        (partition, group)
        for partition in index.partitions
        for group in index.since(partition, starts.get(partition, 0))
    ]


def _state_of(tables: IcebergTables, name: TableName) -> OpenTable | None:
    """Give the state of a table if there is one that can be read with it.

    Raises:
        ArchiveCorruptError: There is one that cannot, and its table has no longer all changes from
            which it could be made anew.
    """
    with tables.locked(name):
        changes = tables.load(name)
        ends, properties = changes.next_offsets, changes.table.properties
    with tables.locked(name.current):
        try:
            state = tables.load(name.current)
        except NoSuchTableError:
            return None
        # Another program that wrote files anew knows nothing of their order.
        is_foreign = telling_snapshot_id(state.table) != state.table.metadata.current_snapshot_id
        is_ahead = not is_foreign and any(
            at > ends.get(one, 0) for one, at in state.next_offsets.items()
        )
        # Its schema may be older for a moment, or until the next fold after a crash in that moment.
        is_other = state.table.properties.get(VIEW) != properties[VIEW] or bool(
            refusals(state.schema, changes.schema)
        )
    if not (is_foreign or is_ahead or is_other):
        return state
    with tables.locked(name):
        index = tables.load(name).index
        firsts = [
            group.first for one in index.partitions for group in islice(index.since(one, 0), 1)
        ]
    if any(firsts):
        reason = f"it is not the state of {name}, which has lost changes from which to make it anew"
        raise ArchiveCorruptError(str(name.current), reason)
    return None


def _usable_state(tables: IcebergTables, name: TableName) -> OpenTable | None:
    """Give the state of a table; one that does not belong to it is dropped, to be made anew."""
    state = _state_of(tables, name)
    if state is None and tables.catalogue.table_exists((name.current.namespace, name.current.name)):
        _log.warning("%s is not the state of %s and is made anew", name.current, name)
        tables.drop_only(name.current)
    if state is not None:
        with tables.locked(name):
            schema = tables.load(name).schema
        with tables.locked(name.current):
            if tables.evolve(name.current, schema):
                return tables.load(name.current)
    return state


def _make(tables: IcebergTables, name: TableName, changes: _Changes) -> OpenTable:
    schema = msgspec.json.decode(changes.schema, type=StreamSchema)
    keys = changes.rule.keys
    with tables.locked(name.current):
        tables.create(name.current, changes.view, schema, keys, keys)
        return tables.load(name.current)


def _total(table: Table, what: str) -> int:
    """Give a total that the current snapshot tells: ``records``, or the ``files-size`` in bytes."""
    snapshot = table.current_snapshot()
    if snapshot is None or snapshot.summary is None:
        return 0
    return int(snapshot.summary.additional_properties.get(f"total-{what}") or 0)
