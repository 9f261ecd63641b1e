"""The catalogue: the small state of the log, in SQLite.

The file is ``catalogue.db`` in the log's folder. It names the views, their partitions and the
segments; records and notes are in the segments alone.
"""

import os
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

from sluiceway.backends.embedded.groups import FORMAT_VERSION
from sluiceway.backends.embedded.partitions import Partition
from sluiceway.foundation.rids import ViewRid
from sluiceway.streams.log_errors import LogVersionError

FILE_NAME: Final = "catalogue.db"

_BUSY_SECONDS: Final = 1.0
"""How long a write waits for another program's lock; nobody but the log should hold one."""

# AUTOINCREMENT: the number of a partition that is gone is never given to another one, so a frame
# that still lies somewhere belongs to nobody.
#
# partitions.end_offset is written when a segment is full, by a trim and when the log is closed:
# up to state.sequence it is exact, later the end is at least there.
_TABLES: Final = (
    """CREATE TABLE views (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        rid TEXT NOT NULL UNIQUE,
        compressed INTEGER NOT NULL
    )""",
    """CREATE TABLE partitions (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        view_number INTEGER NOT NULL,
        partition INTEGER NOT NULL,
        start_offset INTEGER NOT NULL,
        end_offset INTEGER NOT NULL,
        damage TEXT,
        UNIQUE (view_number, partition)
    )""",
    """CREATE TABLE segments (
        id INTEGER PRIMARY KEY,
        first_sequence INTEGER NOT NULL,
        end_sequence INTEGER,
        end_position INTEGER
    )""",
    """CREATE TABLE state (
        log_id BLOB NOT NULL,
        sequence INTEGER NOT NULL,
        time_ms INTEGER NOT NULL,
        next_segment INTEGER NOT NULL,
        is_closed INTEGER NOT NULL
    )""",
    f"PRAGMA user_version = {FORMAT_VERSION}",
)


class SegmentRow(msgspec.Struct, frozen=True):
    """What the catalogue knows of a segment."""

    id: int
    first_sequence: int
    """The sequence of its first group."""
    end_sequence: int | None
    """The sequence after its last group, once it is full."""
    end_position: int | None
    """The position after its last group, once it is full."""


class State(msgspec.Struct, frozen=True):
    """What is true of the log as a whole."""

    log_id: bytes
    """Random bytes that no other log has."""
    sequence: int
    """Groups before this one were durable, and the partitions ended where it says, when it was
    written."""
    time_ms: int
    """The newest commit time then."""
    next_segment: int
    is_closed: bool
    """Whether nothing was written since."""


class Catalogue:
    """The open file; used by one thread at a time."""

    def __init__(self, folder: Path) -> None:
        self._connection = sqlite3.connect(
            folder / FILE_NAME,
            timeout=_BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            self._prepare(folder / FILE_NAME)
        except BaseException:
            self._connection.close()
            raise

    def _prepare(self, path: Path) -> None:
        execute = self._connection.execute
        (version,) = execute("PRAGMA user_version").fetchone()
        if version > FORMAT_VERSION:
            raise LogVersionError(str(path), version, FORMAT_VERSION)
        execute("PRAGMA journal_mode = WAL").fetchall()
        execute("PRAGMA synchronous = FULL").fetchall()
        if version == 0:
            with transaction(self._connection):
                for statement in _TABLES:
                    execute(statement)
                execute("INSERT INTO state VALUES (?, 1, 0, 1, 1)", (os.urandom(16),))

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def state(self) -> State:
        """Give the state of the log as a whole."""
        row = self._connection.execute("SELECT * FROM state").fetchone()
        if row is None:
            raise sqlite3.DatabaseError("the catalogue has no state")
        log_id, sequence, time_ms, next_segment, is_closed = row
        return State(log_id, sequence, time_ms, next_segment, bool(is_closed))

    def segments(self) -> list[SegmentRow]:
        """Give all segments, oldest first."""
        rows = self._connection.execute("SELECT * FROM segments ORDER BY id").fetchall()
        return [SegmentRow(*row) for row in rows]

    def views(self) -> dict[ViewRid, tuple[Partition, ...]]:
        """Give all views with their partitions, as they were noted last."""
        views: dict[ViewRid, list[Partition]] = {}
        for (
            number,
            rid,
            view_number,
            compressed,
            index,
            start,
            end,
            damage,
        ) in self._connection.execute(
            "SELECT p.number, v.rid, v.number, v.compressed, p.partition, p.start_offset,"
            " p.end_offset, p.damage FROM partitions p JOIN views v ON v.number = p.view_number"
            " ORDER BY v.number, p.partition"
        ):
            partition = Partition(
                number,
                ViewRid(rid),
                index,
                compressed=bool(compressed),
                start=start,
                end=end,
                view_number=view_number,
            )
            partition.damage = damage
            views.setdefault(partition.view, []).append(partition)
        return {rid: tuple(partitions) for rid, partitions in views.items()}

    def insert_view(self, view: ViewRid, partitions: int, *, compressed: bool) -> list[Partition]:
        """Add *view*; give its partitions."""
        execute = self._connection.execute
        with transaction(self._connection):
            view_number = execute(
                "INSERT INTO views (rid, compressed) VALUES (?, ?)", (view, compressed)
            ).lastrowid
            numbers = [
                execute(
                    "INSERT INTO partitions (view_number, partition, start_offset, end_offset)"
                    " VALUES (?, ?, 0, 0)",
                    (view_number, index),
                ).lastrowid
                for index in range(partitions)
            ]
        return [
            Partition(number or 0, view, index, compressed=compressed, view_number=view_number or 0)
            for index, number in enumerate(numbers)
        ]

    def insert_partitions(self, partitions: Iterable[Partition]) -> None:
        """Add *partitions* and their views with the numbers that they have."""
        with transaction(self._connection):
            for one in partitions:
                self._connection.execute(
                    "INSERT OR IGNORE INTO views VALUES (?, ?, ?)",
                    (one.view_number, one.view, one.compressed),
                )
                self._connection.execute(
                    "INSERT INTO partitions VALUES (?, ?, ?, ?, ?, NULL)",
                    (one.number, one.view_number, one.index, one.start_offset, one.end_offset),
                )

    def delete_view(self, view: ViewRid) -> None:
        """Remove *view*."""
        with transaction(self._connection):
            self._connection.execute(
                "DELETE FROM partitions WHERE view_number IN"
                " (SELECT number FROM views WHERE rid = ?)",
                (view,),
            )
            self._connection.execute("DELETE FROM views WHERE rid = ?", (view,))

    def move_start(self, partition: Partition, start: int) -> None:
        """Note that *partition* begins at *start*."""
        with transaction(self._connection):
            self._connection.execute(
                "UPDATE partitions SET start_offset = ?1, end_offset = max(end_offset, ?2)"
                " WHERE number = ?3",
                (start, partition.end_offset, partition.number),
            )

    def note_damage(self, partitions: Iterable[Partition]) -> None:
        """Note what is wrong with *partitions*, so that the next start knows it too."""
        with transaction(self._connection):
            self._connection.executemany(
                "UPDATE partitions SET damage = ?, end_offset = max(end_offset, ?)"
                " WHERE number = ?",
                [(one.damage, one.end_offset, one.number) for one in partitions],
            )

    def note_open(self) -> None:
        """Note that from now on more may be written than the catalogue says."""
        with transaction(self._connection):
            self._connection.execute("UPDATE state SET is_closed = 0")

    def note_close(self, partitions: Iterable[Partition], sequence: int, time_ms: int) -> None:
        """Note that the log ends before the group *sequence*, and where *partitions* end.

        They are all that changed.
        """
        with transaction(self._connection):
            self._note_ends(partitions, sequence, time_ms)
            self._connection.execute("UPDATE state SET is_closed = 1")

    def _note_ends(self, partitions: Iterable[Partition], sequence: int, time_ms: int) -> None:
        self._connection.executemany(
            "UPDATE partitions SET end_offset = ?1 WHERE number = ?2 AND end_offset < ?1",
            [(one.end_offset, one.number) for one in partitions],
        )
        self._connection.execute(
            "UPDATE state SET sequence = max(sequence, ?), time_ms = max(time_ms, ?)",
            (sequence, time_ms),
        )

    def next_segment(
        self,
        segment: SegmentRow,
        full: SegmentRow | None,
        partitions: Iterable[Partition],
        time_ms: int,
    ) -> None:
        """Begin *segment*; *full* is the one before it."""
        execute = self._connection.execute
        with transaction(self._connection):
            execute(
                "INSERT INTO segments VALUES (?, ?, NULL, NULL)",
                (segment.id, segment.first_sequence),
            )
            execute("UPDATE state SET next_segment = ?", (segment.id + 1,))
            if full is not None:
                execute(
                    "UPDATE segments SET end_sequence = ?, end_position = ? WHERE id = ?",
                    (full.end_sequence, full.end_position, full.id),
                )
            self._note_ends(partitions, segment.first_sequence, time_ms)

    def delete_segment(self, segment: int) -> None:
        """Forget a segment; its file may then be used for another one."""
        with transaction(self._connection):
            self._connection.execute("DELETE FROM segments WHERE id = ?", (segment,))


class transaction:  # noqa: N801 - reads as a statement
    """A transaction that is committed at the end of the block, or rolled back on an error."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def __exit__(self, error_type: type[BaseException] | None, *_: object) -> None:
        if error_type is None:
            self._connection.execute("COMMIT")
        elif self._connection.in_transaction:
            # SQLite itself has rolled back after some errors; a second time would be an error.
            self._connection.execute("ROLLBACK")
