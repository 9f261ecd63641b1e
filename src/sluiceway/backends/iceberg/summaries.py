"""What the summary of a snapshot says about us."""

from collections.abc import Iterator
from typing import Any, Final

import msgspec
from pyiceberg.table import Table
from pyiceberg.table.metadata import TableMetadata
from pyiceberg.table.snapshots import Snapshot

from sluiceway.archive.errors import ArchiveCorruptError
from sluiceway.archive.types import ArchiveTransaction, CommitStart, Offsets, TransactionType
from sluiceway.foundation.rids import TransactionRid

OFFSETS: Final = "sluiceway.offsets"
"""The offset that comes next, of each partition that has records: a JSON object."""
TRANSACTION: Final = "sluiceway.transaction"
"""The identifier of the commit; maintenance has none."""
_RANGES: Final = "sluiceway.ranges"
"""What the commit added: by partition the first offset, and the one after the last."""
_DIGESTS: Final = "sluiceway.digests"
"""By partition the SHA-256 of the lines that the commit added."""
_STARTED: Final = "sluiceway.started-ms"
"""When the commit began, in epoch milliseconds."""
_TYPE: Final = "sluiceway.type"
"""What the commit did, if it did not add."""
STARTS: Final = "sluiceway.starts"
"""A property of the table: the offset with which each partition begins that does not with 0."""

_offsets: Final = msgspec.json.Decoder(dict[int, int], strict=False)
_digests: Final = msgspec.json.Decoder(dict[int, str], strict=False)
_ranges: Final = msgspec.json.Decoder(dict[int, tuple[int, int]], strict=False)


def summary_of(
    start: CommitStart,
    next_offsets: Offsets,
    ranges: dict[int, tuple[int, int]],
    digests: dict[int, str],
    transaction_type: TransactionType = TransactionType.APPEND,
) -> dict[str, str]:
    """Write what the snapshot of a commit is to say."""
    kind = {} if transaction_type is TransactionType.APPEND else {_TYPE: transaction_type.value}
    return {
        OFFSETS: offsets_text(next_offsets),
        TRANSACTION: start.transaction,
        _RANGES: _json(ranges),
        _DIGESTS: _json(digests),
        _STARTED: str(start.started_ms),
        **kind,
    }


def offsets_text(next_offsets: Offsets) -> str:
    """Write how far a table is, for a snapshot that adds nothing."""
    return _json(next_offsets)


def next_offsets_of(table: Table) -> Offsets:
    """Tell how far a table is.

    Snapshots that other programs made, which rewrite files, do not say it; those before them do.

    Raises:
        ArchiveCorruptError: None says it.
    """
    for snapshot in _with_ancestors(table.metadata):
        found = _property(snapshot, OFFSETS)
        if found is not None:
            return _offsets.decode(found)
    if table.metadata.current_snapshot_id is None:
        return {}
    raise ArchiveCorruptError(
        ".".join(table.name()), f"no snapshot says {OFFSETS}: it was written by another program"
    )


def start_offsets_of(table: Table) -> Offsets:
    """Tell with which offset partitions begin, of those that do not with 0."""
    found: str | None = table.properties.get(STARTS)
    return {} if found is None else _offsets.decode(found)


def telling_snapshot_id(table: Table) -> int | None:
    """Give the snapshot that tells how far the table is; it may not expire."""
    for snapshot in _with_ancestors(table.metadata):
        if _property(snapshot, OFFSETS) is not None:
            return snapshot.snapshot_id
    return None


def transactions_of(table: Table) -> list[ArchiveTransaction]:
    """Give the commits that the table still has snapshots of, oldest first."""
    found = [_transaction(snapshot) for snapshot in _with_ancestors(table.metadata)]
    return [one for one in reversed(found) if one is not None]


def _transaction(snapshot: Snapshot) -> ArchiveTransaction | None:
    rid, ranges = _property(snapshot, TRANSACTION), _property(snapshot, _RANGES)
    next_offsets = _property(snapshot, OFFSETS)
    if rid is None or ranges is None or next_offsets is None:
        return None
    kind = TransactionType(_property(snapshot, _TYPE) or TransactionType.APPEND)
    added, size = _number(snapshot, "added-records"), _number(snapshot, "added-files-size")
    if kind is TransactionType.DELETE:
        # What stays of files that were written anew was added.
        added = _number(snapshot, "deleted-records") - added
        size = max(_number(snapshot, "removed-files-size") - size, 0)
    return ArchiveTransaction(
        rid=TransactionRid(rid),  # type: ignore[arg-type]
        snapshot_id=snapshot.snapshot_id,
        started_ms=int(_property(snapshot, _STARTED) or snapshot.timestamp_ms),
        closed_ms=snapshot.timestamp_ms,
        rows=added,
        stored_bytes=size,
        ranges=_ranges.decode(ranges),
        next_offsets=_offsets.decode(next_offsets),
        digests=_digests.decode(_property(snapshot, _DIGESTS) or "{}"),
        transaction_type=kind,
    )


def _number(snapshot: Snapshot, name: str) -> int:
    return int(_property(snapshot, name) or 0)


def _with_ancestors(metadata: TableMetadata) -> Iterator[Snapshot]:
    """Give the current snapshot and those before it, the newest first."""
    by_id = {snapshot.snapshot_id: snapshot for snapshot in metadata.snapshots}
    at = metadata.current_snapshot_id
    while at is not None and at in by_id:
        yield by_id[at]
        at = by_id[at].parent_snapshot_id


def _property(snapshot: Snapshot, name: str) -> str | None:
    summary: Any = snapshot.summary
    return None if summary is None else summary.additional_properties.get(name)


def _json(value: Any) -> str:  # noqa: ANN401 - whatever JSON takes
    return msgspec.json.encode(value).decode()
