"""What the server and the archiver tell each other, over a `Channel`."""

from typing import Any

import msgspec

from sluiceway.archive.types import CommitStart, Piece, TableName
from sluiceway.foundation.rids import ViewRid
from sluiceway.schema.types import StreamSchema
from sluiceway.streams.search import Wanted


class OpenTable(msgspec.Struct, frozen=True, array_like=True, tag="open"):
    """Asks for a `TableState`; see `ArchiveTables.open`."""

    table: TableName
    view: ViewRid
    schema: StreamSchema


class BeginCommit(msgspec.Struct, frozen=True, array_like=True, tag="begin"):
    """Begins a commit, named by *commit* from then on."""

    commit: int
    table: TableName
    start: CommitStart


class AddPiece(msgspec.Struct, frozen=True, array_like=True, tag="add"):
    """Adds records; the answer says that there is room for more."""

    commit: int
    piece: Piece


class FinishCommit(msgspec.Struct, frozen=True, array_like=True, tag="finish"):
    """Asks for the `ArchiveTransaction`, or ``None``."""

    commit: int


class AbortCommit(msgspec.Struct, frozen=True, array_like=True, tag="abort"):
    """Gives a commit up; nothing when there is none of that number."""

    commit: int


class ReadRecords(msgspec.Struct, frozen=True, array_like=True, tag="read"):
    """Asks for a list of `StoredRecord`; see `ArchiveTables.read`."""

    table: TableName
    partition: int
    start: int
    limit: int
    bytes_max: int


class SearchRecords(msgspec.Struct, frozen=True, array_like=True, tag="search"):
    """Asks for what was `Found`; see `ArchiveTables.search`."""

    table: TableName
    wanted: Wanted
    limit: int
    bytes_max: int


class DigestRows(msgspec.Struct, frozen=True, array_like=True, tag="digest"):
    """Asks for a list of `RowsDigest`; see `ArchiveTables.digest`."""

    table: TableName
    partition: int
    bounds: list[int]


class LocateRecords(msgspec.Struct, frozen=True, array_like=True, tag="locate"):
    """Asks for a list of `FoundFile` for each place; see `ArchiveTables.locate`."""

    table: TableName
    places: list[tuple[int, int, int]]


class DescribeTable(msgspec.Struct, frozen=True, array_like=True, tag="describe"):
    """Asks for a `TableDescription`."""

    table: TableName


class FoldTable(msgspec.Struct, frozen=True, array_like=True, tag="fold"):
    """Asks for a fold, and for what is `Folded` then, or ``None``; see `ArchiveTables.fold`."""

    table: TableName
    is_forced: bool


class FindDue(msgspec.Struct, frozen=True, array_like=True, tag="due"):
    """Asks for the `DueRows`; see `ArchiveTables.due`."""

    table: TableName
    before_ms: int


class DeleteRows(msgspec.Struct, frozen=True, array_like=True, tag="delete"):
    """Asks for the `ArchiveTransaction`, or ``None``; see `ArchiveTables.delete`."""

    table: TableName
    start: CommitStart
    before_ms: int


class MaintainTable(msgspec.Struct, frozen=True, array_like=True, tag="maintain"):
    """Asks for maintenance, and for what was `Maintained`."""

    table: TableName


class DropTable(msgspec.Struct, frozen=True, array_like=True, tag="drop"):
    """Removes a table."""

    table: TableName


Request = (
    OpenTable
    | BeginCommit
    | AddPiece
    | FinishCommit
    | AbortCommit
    | ReadRecords
    | SearchRecords
    | DigestRows
    | LocateRecords
    | DescribeTable
    | FoldTable
    | FindDue
    | DeleteRows
    | MaintainTable
    | DropTable
)


class Call(msgspec.Struct, frozen=True, array_like=True, tag="c"):
    """A request, and the number by which its answer names it."""

    number: int
    request: Request


class Stop(msgspec.Struct, frozen=True, array_like=True, tag="s"):
    """Finish what was asked, then end."""


ToArchiver = Call | Stop


class Answer(msgspec.Struct, frozen=True, array_like=True, tag="a"):
    """What became of a call."""

    number: int
    result: bytes = b""
    """What was asked for, in MessagePack; empty where there is an error."""
    error: str = ""
    """The kind of error, empty where there is none; see ``archive_failures``."""
    facts: tuple[Any, ...] = ()
    """What that kind of error is made from."""
