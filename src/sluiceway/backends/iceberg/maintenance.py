"""Keeping tables small: files merged, old snapshots expired, orphans removed."""

import contextlib
import time
from typing import Any, Final

from pyarrow import fs
from pyiceberg.exceptions import CommitFailedException, NoSuchTableError
from pyiceberg.io import FileIO
from pyiceberg.io.pyarrow import PyArrowFileIO
from pyiceberg.table.snapshots import Snapshot

from sluiceway.archive.errors import ArchiveCorruptError
from sluiceway.archive.types import Maintained, TableName
from sluiceway.backends.iceberg.catalogue import translated
from sluiceway.backends.iceberg.file_names import merged_file
from sluiceway.backends.iceberg.files import DurableFileIO
from sluiceway.backends.iceberg.index import data_files
from sluiceway.backends.iceberg.merging import alike, layout_of_file, merge, mergeable
from sluiceway.backends.iceberg.rewriting import replace
from sluiceway.backends.iceberg.summaries import OFFSETS, offsets_text, telling_snapshot_id
from sluiceway.backends.iceberg.tables import IcebergTables
from sluiceway.backends.iceberg.writing import FileWriter

_ORPHAN_SECONDS: Final = 86_400
"""How old a file that no snapshot ever had must be to be removed: another program may be about to
add it, after a long job."""


def maintain(tables: IcebergTables, name: TableName, keep_seconds: int) -> Maintained:
    """Merge small files, expire snapshots and remove orphans of one table and its current state.

    Snapshots stay for *keep_seconds*, and with them the files that they have. Commits go on
    meanwhile.

    Raises:
        ArchiveUnavailableError: It could not be finished; what was done is done.
        ArchiveTableNotFoundError: There is no such table.
    """
    merged = 0
    with tables.rewriting(name):
        while done := _merge_once(tables, name):
            merged += done
        with translated():
            expired, removed = tidy(tables, name, keep_seconds)
            # Made with the first fold, which some never have.
            with contextlib.suppress(NoSuchTableError):
                expired_too, removed_too = tidy(tables, name.current, keep_seconds)
                expired, removed = expired + expired_too, removed + removed_too
    return Maintained(merged_files=merged, expired_snapshots=expired, removed_files=removed)


def tidy(tables: IcebergTables, name: TableName, keep_seconds: int) -> tuple[int, int]:
    """Expire snapshots of one table and remove unused files; give how many of each."""
    expired = _expire(tables, name, keep_seconds)
    return len(expired), _remove_unused(tables, name, expired)


def _merge_once(tables: IcebergTables, name: TableName) -> int:
    """Merge files of one size; give how many, 0 when none are worth it, or when others were first."""
    with translated():
        with tables.locked(name):
            opened = tables.load(name)
            groups = alike(opened.table, data_files(opened.table))
            files = next((some for group in groups if (some := mergeable(group))), [])
            table, layout = opened.table, opened.layout
        if not files:
            return 0
        layout = layout_of_file(table.io, files[0], layout)
        writer = FileWriter(table, merged_file(files), layout, tables.compression_level)
        is_decided = False
        try:
            merge(table, layout, files, writer)
            merged = writer.finish()
            if merged.record_count != sum(file.record_count for file in files):
                raise ArchiveCorruptError(str(name), "its files have other rows than they say")
            with tables.locked(name):
                opened = tables.load(name)
                is_decided = True
                try:
                    summary = {OFFSETS: offsets_text(opened.next_offsets)}
                    replace(opened.table, files, [merged], summary)
                except CommitFailedException:
                    is_decided = False
                    raise
                finally:
                    tables.forget(name)
        except CommitFailedException:
            return 0
        finally:
            if not is_decided:
                with contextlib.suppress(OSError):
                    writer.abort()
    return len(files)


def _expire(tables: IcebergTables, name: TableName, keep_seconds: int) -> list[Snapshot]:
    """Expire old snapshots; give them."""
    with tables.locked(name):
        table = tables.load(name).table
        oldest_ms = (time.time() - keep_seconds) * 1_000
        kept = {table.metadata.current_snapshot_id, telling_snapshot_id(table)}
        old = [
            snapshot
            for snapshot in table.metadata.snapshots
            if snapshot.timestamp_ms < oldest_ms and snapshot.snapshot_id not in kept
        ]
        if old:
            expire = table.maintenance.expire_snapshots()
            try:
                expire.by_ids([snapshot.snapshot_id for snapshot in old]).commit()
            finally:
                tables.forget(name)
        return old


def _remove_unused(tables: IcebergTables, name: TableName, expired: list[Snapshot]) -> int:
    """Remove files that only *expired* snapshots had, and orphans that are old enough.

    The table is asked anew, after the folder was listed: what it does not refer to then, and a
    commit did not just add, it never will again.
    """
    io = DurableFileIO(tables.catalogue.properties)
    location = tables.location(name)
    listed = _listed(io, location)
    table = tables.catalogue.load_table((name.namespace, name.name))
    metadata = table.metadata
    used = _used(table.io, metadata.snapshots)
    used |= {table.metadata_location, *(entry.metadata_file for entry in metadata.metadata_log)}
    known = {_path(io, one) for one in used}
    young = time.time() - _ORPHAN_SECONDS
    unused = {_path(io, one) for one in _used(table.io, expired)} - known
    there = {one.path: one.mtime.timestamp() for one in listed if one.path not in known}
    removable = [path for path, time_s in there.items() if path in unused or time_s < young]
    filesystem = _filesystem(io, location)
    for path in removable:
        filesystem.delete_file(path)
    return len(removable)


def _used(io: FileIO, snapshots: list[Snapshot]) -> set[str]:
    """Name every file that snapshots have."""
    used, seen = set[str](), set[str]()
    for snapshot in snapshots:
        used.add(snapshot.manifest_list)
        for manifest in snapshot.manifests(io):
            if manifest.manifest_path in seen:
                continue
            seen.add(manifest.manifest_path)
            entries = manifest.fetch_manifest_entry(io, discard_deleted=True)
            used.update(entry.data_file.file_path for entry in entries)
    return used | seen


def _filesystem(io: PyArrowFileIO, location: str) -> Any:  # noqa: ANN401 - Arrow has no types
    scheme, netloc, _ = io.parse_location(location, io.properties)
    return io.fs_by_scheme(scheme, netloc)


def _path(io: PyArrowFileIO, location: str) -> str:
    return io.parse_location(location, io.properties)[2]


def _listed(io: PyArrowFileIO, location: str) -> list[Any]:
    selector = fs.FileSelector(_path(io, location), recursive=True)
    found = _filesystem(io, location).get_file_info(selector)
    return [one for one in found if one.type == fs.FileType.File]
