"""Keys: which records stay in order, and in which partition they are.

The key of a record is the compact JSON array of the canonical values of its key fields, in the
order of ``keyFieldNames``. Its partition is the CRC-32 of those bytes (as in zlib and gzip)
modulo the number of partitions: librdkafka's ``consistent`` partitioner, so that a log kept in
Kafka has the same order. It must never change for a stream that has records.
"""

import operator
import zlib
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from sluiceway.schema.layout import StructNode

KeyOf = Callable[[Any], bytes]


def key_of(root: StructNode, names: Sequence[str]) -> KeyOf | None:
    """Make the function that gives the key of a record; ``None`` if there are no key fields."""
    if not names:
        return None
    attributes = {field.name: field.attribute for field in root.fields}
    values = operator.attrgetter(*(attributes[name] for name in names))
    encode = msgspec.json.Encoder().encode
    if len(names) == 1:
        return lambda record: encode((values(record),))
    return lambda record: encode(values(record))


def by_partition(
    records: Sequence[Any], key: KeyOf, partitions: int
) -> list[tuple[int, list[Any]]]:
    """Split *records* by the partition of their key, each part in the order of *records*."""
    parts: dict[int, list[Any]] = {}
    for record in records:
        partition = zlib.crc32(key(record)) % partitions
        part = parts.get(partition)
        if part is None:
            parts[partition] = [record]
        else:
            part.append(record)
    return sorted(parts.items())
