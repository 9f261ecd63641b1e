"""The records of a request, laid out for the partitions of their stream."""

from collections.abc import Sequence
from typing import Any

from sluiceway.schema.shapes import Decoded
from sluiceway.streams.directory import OpenStream
from sluiceway.streams.log import Batch

Parts = list[tuple[int, list[Any]]]
"""Of each batch its partition and its records."""


def split(
    stream: OpenStream, records: list[Any], lines: bytes | None = None
) -> tuple[Parts, list[Batch]]:
    """Say which of *records*, at least one, go where, and write a batch for each partition.

    *lines* are all of them in canonical form, if that is known.
    """
    schema, view = stream.schema, stream.view
    if view.partitions == 1:
        parts = [(0, records)]
    else:
        unkeyed = 0 if schema.is_keyed else stream.next_partition()
        parts = schema.partitions(records, view.partitions, unkeyed)
    if len(parts) == 1:
        written = lines or schema.encode(records)
        return parts, [Batch(view.view_rid, parts[0][0], len(records), written)]
    return parts, [
        Batch(view.view_rid, partition, len(part), schema.encode(part)) for partition, part in parts
    ]


def whole(stream: OpenStream, decoded: Decoded, batches: Sequence[Batch]) -> bytes:
    """Give all records of a request in canonical form, in the order of the request."""
    return batches[0].lines if len(batches) == 1 else stream.schema.encode(decoded.records)
