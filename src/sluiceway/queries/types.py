"""Queries, and how they go over the wire. Names: ``foundry_sdk/v2/sql_queries/models.py``."""

import enum
from typing import NewType

import msgspec

from sluiceway.foundation.rids import DatasetRid
from sluiceway.foundation.wire import Body
from sluiceway.streams.types import View

SqlQueryId = NewType("SqlQueryId", str)
"""Identifies a query: a UUID."""


class SerializationFormat(enum.StrEnum):
    """How a result is written."""

    ARROW = "ARROW"
    """An Arrow IPC stream."""
    CSV = "CSV"
    """Lines of texts with commas between, a head line first; columns of nested values do not fit."""


class DownloadFormat(enum.StrEnum):
    """What our own download call writes a result as."""

    CSV = "csv"
    """As for a spreadsheet: a text that it would take for a formula gets an apostrophe in front."""
    PARQUET = "parquet"


class ExecuteSqlQueryRequest(Body, frozen=True):
    """What is asked."""

    query: str
    fallback_branch_ids: list[str] | None = None
    serialization_format: SerializationFormat | None = None


class RunningQueryStatus(
    msgspec.Struct, frozen=True, rename="camel", tag_field="type", tag="running"
):
    """The query runs."""

    query_id: SqlQueryId


class SucceededQueryStatus(
    msgspec.Struct, frozen=True, rename="camel", tag_field="type", tag="succeeded"
):
    """The result can be read."""

    query_id: SqlQueryId


class FailedQueryStatus(
    msgspec.Struct, frozen=True, rename="camel", tag_field="type", tag="failed"
):
    """The query has no result; the message says why."""

    error_message: str


class CanceledQueryStatus(msgspec.Struct, frozen=True, tag_field="type", tag="canceled"):
    """The query was ended by who asked it."""


QueryStatus = RunningQueryStatus | SucceededQueryStatus | FailedQueryStatus | CanceledQueryStatus


class NamedStream(msgspec.Struct, frozen=True):
    """What a query means by a name."""

    view: View
    is_current: bool
    """Whether the current state of the rows is meant, and not the records as they came."""


class TableName(msgspec.Struct, frozen=True):
    """A stream as a query names it."""

    name: str
    """Its path, or its dataset's RID."""
    branch: str | None = None
    """``None`` where the query does not say."""


class QueryTable(msgspec.Struct, frozen=True, rename="camel"):
    """A stream that can be named in a query."""

    dataset_rid: DatasetRid
    name: str
    path: str
    has_changelog: bool
    """Whether its path is its current state, and with ``/changelog`` behind it its records."""


class QueryTables(msgspec.Struct, frozen=True, rename="camel"):
    """Streams that can be named in a query, by path."""

    data: list[QueryTable]
    is_complete: bool
    """Whether there are no others."""


class QueryLimits(msgspec.Struct, frozen=True):
    """What the process of a query may use."""

    seconds: int
    memory_bytes: int
    rows: int
    result_bytes: int
    files: int


class Outcome(msgspec.Struct, frozen=True):
    """A result that was written."""

    result_bytes: int
    """How long the result is; the rows for the page follow it in the file."""
    page_bytes: int
    rows: int


class QueryDetails(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What the page shows of a result besides its rows."""

    query_id: SqlQueryId
    rows_count: int
    result_bytes: int
    seconds: float
    inputs: list[DatasetRid]
    result: msgspec.Raw
    """``columns``, each with ``name`` and ``type``, and the first ``rows`` as lists of values."""
