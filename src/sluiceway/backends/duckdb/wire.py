"""What the server and the process of a query tell each other, over a Unix socket.

Each message is MessagePack behind its length, four bytes, the highest first. The server does not
trust the process: it computes what a stranger wrote.
"""

import enum
from typing import Final

import msgspec

from sluiceway.queries.types import (
    DownloadFormat,
    QueryLimits,
    SerializationFormat,
    TableName,
)

LENGTH_BYTES: Final = 4
REPLY_BYTES_MAX: Final = 1_048_576
"""Most bytes of what the process says."""
FILES_AT_ONCE: Final = 64
"""Most descriptors that wait in the socket; Linux takes up to 253 in one message."""


class Begin(msgspec.Struct, frozen=True, array_like=True, tag="b"):
    """A query."""

    text: str
    written_as: SerializationFormat
    limits: QueryLimits


class Convert(msgspec.Struct, frozen=True, array_like=True, tag="v"):
    """A result to be written in another format."""

    written_as: DownloadFormat
    limits: QueryLimits


class Declare(msgspec.Struct, frozen=True, array_like=True, tag="d"):
    """A stream of the query, by whose number others name it; said again, it begins anew."""

    number: int
    table: TableName
    schema: bytes
    """As JSON, see ``schema.types``."""
    known: dict[int, int] | None
    """See ``queries.engine.Relation``."""


class Attach(msgspec.Struct, frozen=True, array_like=True, tag="a"):
    """Parquet files of a stream: so many descriptors wait in the other socket."""

    number: int
    count: int
    """1 to ``FILES_AT_ONCE``."""
    is_state: bool
    """Whether they are those of the current state."""


class Feed(msgspec.Struct, frozen=True, array_like=True, tag="f"):
    """Records of one partition of a stream; see ``queries.engine.Piece``."""

    number: int
    partition: int
    runs: list[tuple[int, int, int]]
    lines: bytes


class Compute(msgspec.Struct, frozen=True, array_like=True, tag="c"):
    """Everything is there."""


ToProcess = Begin | Convert | Declare | Attach | Feed | Compute


class Tables(msgspec.Struct, frozen=True, array_like=True, tag="t"):
    """What the query names."""

    tables: list[TableName]


class Attached(msgspec.Struct, frozen=True, array_like=True, tag="h"):
    """The process has the descriptors; more may be sent."""


class Done(msgspec.Struct, frozen=True, array_like=True, tag="o"):
    """The result is written; see ``queries.types.Outcome``."""

    result_bytes: int
    page_bytes: int
    rows: int


class Failure(enum.StrEnum):
    """Why there is no result."""

    PARSE = "parse"
    TYPES = "types"
    FAILED = "failed"


class Failed(msgspec.Struct, frozen=True, array_like=True, tag="e"):
    """There is no result."""

    failure: Failure
    reason: str
    position: int | None = None
    """Where in the text of the query, in characters, where that is known."""


FromProcess = Tables | Attached | Done | Failed
