"""Tables, commits, and what they move."""

import enum
from typing import NamedTuple

import msgspec

from sluiceway.foundation.rids import DatasetRid, TransactionRid, ViewRid
from sluiceway.schema.current import CurrentRule
from sluiceway.schema.own_columns import OwnColumns
from sluiceway.streams.log import StoredBatch

Offsets = dict[int, int]
"""By partition: the offset that comes next. A partition that is left out is at 0."""


class TransactionType(enum.StrEnum):
    """What a commit did to a table, in the words of the datasets API."""

    APPEND = "APPEND"
    DELETE = "DELETE"
    """Took the oldest records away, as retention wants."""


class TableName(msgspec.Struct, frozen=True, array_like=True):
    """What a table is called in the catalogue."""

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}.{self.name}"

    @property
    def current(self) -> "TableName":
        """What the table is called that has the current state of this one; see decision 34."""
        return TableName(self.namespace, f"{self.name}__current")


class ArchiveTable(msgspec.Struct, frozen=True, kw_only=True):
    """The table of a view, as the metadata know it."""

    view_rid: ViewRid
    dataset_rid: DatasetRid
    branch_name: str
    table: TableName
    next_offsets: Offsets
    """How far it was when that was last told; the table itself knows better."""
    start_offsets: Offsets = {}
    """Where its partitions began when that was last told."""
    created_ms: int
    schema_version: int = 0
    """That of the view when the table was last given its schema."""


class ArchiveTransaction(msgspec.Struct, frozen=True, kw_only=True):
    """One commit to a table."""

    rid: TransactionRid
    snapshot_id: int
    started_ms: int
    closed_ms: int
    rows: int
    """How many records it added or took away."""
    stored_bytes: int
    """Bytes of the files that it added; of a deletion, how much smaller it made the table."""
    ranges: dict[int, tuple[int, int]]
    """By partition: the first offset of its records, and the one after its last."""
    next_offsets: Offsets
    """Where the table was after it."""
    digests: dict[int, str] = {}
    """By partition: the SHA-256, in hexadecimal digits, of the lines that it added, each with its
    newline. Empty for commits from before there were any."""
    transaction_type: TransactionType = TransactionType.APPEND

    @property
    def ends(self) -> Offsets:
        """The offsets after its last records."""
        return {partition: end for partition, (_, end) in self.ranges.items()}


class TableState(msgspec.Struct, frozen=True, kw_only=True):
    """How far a table is."""

    next_offsets: Offsets
    start_offsets: Offsets
    """The offset with which each partition begins that does not begin with 0."""
    transactions: list[ArchiveTransaction]
    """Those that the table still has snapshots of, oldest first."""


class CommitStart(msgspec.Struct, frozen=True, kw_only=True):
    """What a commit begins with."""

    transaction: TransactionRid
    started_ms: int
    next_offsets: Offsets
    """Where the table must be: at another place nothing is committed."""


class Piece(msgspec.Struct, frozen=True):
    """Batches of one partition that follow each other."""

    partition: int
    batches: list[StoredBatch]


class FileMark(NamedTuple):
    """A commit whose records are in a file, in the order of commits."""

    started_ms: int
    transaction: TransactionRid


class FoundFile(NamedTuple):
    """A file that has records of some offsets."""

    path: str
    """See ``TableFile.path``."""
    written: FileMark | None
    """See ``TableFile.written``."""


class TableFile(msgspec.Struct, frozen=True, kw_only=True):
    """One Parquet file of a table."""

    path: str
    """Where it is in the folder of the table; it sorts by time."""
    location: str
    """A path or a URL, as the warehouse is one."""
    rows: int
    stored_bytes: int
    written: FileMark | None
    """The last commit whose records it has; unknown of a file that another program has written."""


class CurrentDescription(msgspec.Struct, frozen=True, kw_only=True):
    """The current state of a table with change data capture, and what changed since."""

    rule: CurrentRule
    next_offsets: Offsets
    """The state knows every record before these, and none after."""
    files: list[TableFile]
    """Those of the state, sorted by their keys, of which no two files have the same. Deleted keys
    are among the rows.
    """
    changes: list[TableFile]
    """Those of the table's own files that may have records from ``next_offsets`` on, and others."""


class TableDescription(msgspec.Struct, frozen=True, kw_only=True):
    """What a table has now. Its files stay for ``archive.snapshots_keep_seconds``."""

    metadata_location: str
    """The metadata file, which engines open that do not read our catalogue."""
    snapshot_id: int | None
    next_offsets: Offsets
    """Every record before these is in one of the files, or was deleted, and none after."""
    start_offsets: Offsets
    """Every record before these was deleted, or was never put into the table; none after."""
    columns: list[str]
    """The names of all columns, in their order."""
    own_columns: OwnColumns
    """The names of our columns, which are the last."""
    files: list[TableFile]
    current: CurrentDescription | None = None
    """``None`` for a stream without change data capture."""


class Folded(msgspec.Struct, frozen=True, kw_only=True):
    """How far the current state of a table is."""

    next_offsets: Offsets
    """It knows every record before these."""
    rows: int
    """Its keys, those that are deleted included."""
    changes_left: int
    """After how many more records another fold is worth it; 0: now."""


class RowsDigest(msgspec.Struct, frozen=True, kw_only=True):
    """What rows of a range of offsets are, read back as lines."""

    rows: int
    is_ordered: bool
    """Whether each offset is greater than the one before it."""
    sha256: str
    """Of the lines, each with its newline, in hexadecimal digits."""


class DueRows(msgspec.Struct, frozen=True, kw_only=True):
    """The oldest rows of a table, or of a log, that a deletion would take away."""

    ranges: dict[int, tuple[int, int]]
    """By partition: the first offset of its records, and the one after its last."""
    counts: dict[int, int]
    """By partition: how many records."""
    stored_bytes: int
    """About how many bytes that gives back."""
    files: int
    """How many files are removed or written anew."""
    oldest_ms: int | None
    newest_ms: int | None
    """When the first and the last of them were ingested, in epoch milliseconds."""

    @property
    def records(self) -> int:
        """How many records, of all partitions."""
        return sum(self.counts.values())

    @property
    def ends(self) -> Offsets:
        """The offsets after the last records."""
        return {partition: end for partition, (_, end) in self.ranges.items()}


class Maintained(msgspec.Struct, frozen=True, kw_only=True):
    """What maintenance of a table did."""

    merged_files: int
    expired_snapshots: int
    removed_files: int


def begun(next_offsets: Offsets, ranges: dict[int, tuple[int, int]]) -> Offsets:
    """Tell where partitions begin that had nothing before and whose first records are gone.

    *ranges* are those of a commit to a table that is at *next_offsets*.
    """
    return {
        partition: first
        for partition, (first, _) in ranges.items()
        if first and not next_offsets.get(partition)
    }
