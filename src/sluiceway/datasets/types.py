"""Branches, transactions and files of a dataset."""

import enum

import msgspec

from sluiceway.datasets.schemas import DataframeReader, DatasetSchema
from sluiceway.foundation.rids import DatasetRid, TransactionRid, ViewRid


class DatasetDescription(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A dataset, and what the caller may do with it; every field is always there."""

    dataset_rid: DatasetRid
    name: str
    path: str
    role: str
    """The id of the caller's role."""
    trash_status: str
    is_streaming: bool
    """Whether its branches are streams, which are written by publishing only."""
    default_branch: str


class TransactionType(enum.StrEnum):
    """What a transaction does to the files before it."""

    APPEND = "APPEND"
    """Adds files; it replaces none."""
    UPDATE = "UPDATE"
    """Adds and replaces files."""
    SNAPSHOT = "SNAPSHOT"
    """Begins a new view, of its own files only."""
    DELETE = "DELETE"
    """Takes files out of the view."""


class TransactionStatus(enum.StrEnum):
    """Whether a transaction is part of its branch."""

    OPEN = "OPEN"
    COMMITTED = "COMMITTED"
    ABORTED = "ABORTED"


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A step in the life of a dataset: what every transaction is."""

    transaction_rid: TransactionRid
    dataset_rid: DatasetRid
    branch_name: str
    """The branch that it was opened on."""
    type: TransactionType
    status: TransactionStatus
    created_ms: int
    closed_ms: int | None
    """When it was committed or aborted."""


class Transaction(Step, frozen=True, kw_only=True):
    """A transaction of a dataset of files."""

    parent_rid: TransactionRid | None
    """The last committed one of the branch when this one was opened."""
    view_length: int
    """How many transactions its view has, itself counted."""
    schema_version_id: str | None
    """The schema of its view; of an open transaction only when it was set on that one."""


class StreamTransaction(Step, frozen=True, kw_only=True):
    """A commit of a stream's records to its table."""

    view_rid: ViewRid
    first_offsets: dict[int, int]
    """By partition: the first offset of its records."""
    next_offsets: dict[int, int]
    """By partition: the offset that came next after it; one that is left out was at 0."""

    def precedes(self, other: "StreamTransaction") -> bool:
        """Tell whether this is *other*, or one of those before it in the same view."""
        after = other.next_offsets
        return all(end <= after.get(one, 0) for one, end in self.next_offsets.items())


class Branch(msgspec.Struct, frozen=True, kw_only=True):
    """A name for a line of transactions."""

    dataset_rid: DatasetRid
    branch_name: str
    head_rid: TransactionRid | None
    """The last committed transaction."""
    open_rid: TransactionRid | None
    """The open transaction."""

    @property
    def latest_rid(self) -> TransactionRid | None:
        """The most recent open or committed transaction: what a branch shows."""
        return self.open_rid or self.head_rid


class DatasetFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of a transaction."""

    transaction_rid: TransactionRid
    path: str
    content_id: str | None
    """Where the file store has it; ``None`` when the transaction takes the file out of the view."""
    size_bytes: int
    updated_ms: int


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller asked for; what is left out is the default branch up to its end."""

    branch_name: str | None = None
    start_rid: TransactionRid | None = None
    end_rid: TransactionRid | None = None


class FileView(msgspec.Struct, frozen=True, kw_only=True):
    """The files of a walk back from *end_rid*, the newest of each path.

    It ends with the first ``SNAPSHOT`` that it comes to, or with *start_rid*.
    """

    end_rid: TransactionRid
    start_rid: TransactionRid | None = None


class SchemaVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A schema as it was put at one time; it never changes."""

    version_id: str
    dataset_rid: DatasetRid
    schema: DatasetSchema
    dataframe_reader: DataframeReader
    created_ms: int


class ViewSchema(msgspec.Struct, frozen=True):
    """The schema of a view."""

    branch_name: str
    end_rid: TransactionRid
    version: SchemaVersion
