"""How the values of an Avro file are read: for each type a function from bytes to a value.

Avro 1.12, "Binary encoding". What is made of a value takes memory that the bytes do not show: a
record of one byte in an array is an object in Python. So each reader knows how many bytes its
values take at least as JSON, and what does not fit there is refused before it is made.
"""

from collections.abc import Sequence
from typing import Any, Final

from sluiceway.ingest.bulk.avro_leaves import Read, Reading, leaf, read_long, read_text
from sluiceway.ingest.bulk.avro_schema import (
    AvroType,
    Enumeration,
    Listed,
    Mapped,
    Record,
    Union,
)
from sluiceway.ingest.bulk.lines import Lines
from sluiceway.ingest.bulk.values import Kind, is_plain, row_class_of, tagged
from sluiceway.schema.errors import BodyInvalidError
from sluiceway.schema.types import ArrayFieldType, DataType, Field, MapFieldType, StructFieldType

JSON_BYTES_MAX: Final = 2**62
"""A schema can say of itself that its values are larger than any number that is of use."""


class Values:
    """Makes the readers of one file, for the fields of one stream."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._records: dict[tuple[int, int], Reading] = {}

    def of(self, kind: AvroType, target: DataType | None, where: str) -> Reading:
        """Make the reader of a type; *target* is the type of its field, if it has one.

        Raises:
            BodyInvalidError: It has a type that no field takes.
        """
        match kind:
            case Union():
                return self._union(kind, target, where)
            case Record():
                struct_type = target if isinstance(target, StructFieldType) else None
                fields = struct_type.sub_fields if struct_type else ()
                reading = self.record(kind, fields, struct_type, where)
                found, name = Kind.STRUCT, kind.name
            case Listed():
                reading, found, name = self._list(kind, target, where), Kind.LIST, "array"
            case Mapped():
                reading, found, name = self._map(kind, target, where), Kind.MAP, "map"
            case Enumeration():
                reading, found, name = self._enumeration(kind), Kind.TEXT, "enum"
            case _:
                reading, found, name = leaf(kind, target, where)
        return reading if is_plain(found, target) else _tagged(reading, name)

    def record(self, record: Record, fields: Sequence[Field], owner: object, where: str) -> Reading:
        """Make the reader of a record whose fields are meant for *fields*, those of *owner*."""
        key = (id(record), id(owner))
        known = self._records.get(key)
        if known is not None:
            return known
        # A record that holds itself meets, on its way down, the reader that is being made.
        reading = self._records[key] = Reading(
            lambda data, at: reading.read(data, at),  # noqa: PLW0108 - it is another one by then
            2,
        )
        targets = {field.name: field.schema.data_type for field in fields}
        parts = [
            (name, self.of(kind, targets.get(name), f"field {name[:100]!r} of {where}"))
            for name, kind in record.fields
        ]
        size = 1 + sum(len(name) + 4 + part.json_bytes_min for name, part in parts)
        reading.json_bytes_min = min(max(size, 2), JSON_BYTES_MAX)
        reading.read = _record_reader([name for name, _ in parts], [part for _, part in parts])
        return reading

    def _list(self, kind: Listed, target: DataType | None, where: str) -> Reading:
        inner = target.items_schema.data_type if isinstance(target, ArrayFieldType) else None
        items = self.of(kind.items, inner, f"an item of {where}")
        claim = self._lines.claim

        def read_list(data: bytes, at: int) -> tuple[list[Any], int]:
            values: list[Any] = []
            while True:
                count, at = _read_count(data, at)
                if not count:
                    return values, at
                claim(count * (items.json_bytes_min + 1))
                read = items.read
                for _ in range(count):
                    value, at = read(data, at)
                    values.append(value)

        return Reading(read_list, 2)

    def _map(self, kind: Mapped, target: DataType | None, where: str) -> Reading:
        inner = target.value_schema.data_type if isinstance(target, MapFieldType) else None
        items = self.of(kind.values, inner, f"a value of {where}")
        claim = self._lines.claim

        def read_map(data: bytes, at: int) -> tuple[dict[str, Any], int]:
            values: dict[str, Any] = {}
            while True:
                count, at = _read_count(data, at)
                if not count:
                    return values, at
                claim(count * (items.json_bytes_min + len('"":')))
                read = items.read
                for _ in range(count):
                    name, at = read_text(data, at)
                    values[name], at = read(data, at)

        return Reading(read_map, 2)

    def _union(self, kind: Union, target: DataType | None, where: str) -> Reading:
        branches = [self.of(branch, target, where) for branch in kind.branches]
        least = min(branch.json_bytes_min for branch in branches)
        claim = self._lines.claim
        # Of these the union says less than they take.
        larger = [
            branch if isinstance(one, Record) else None
            for one, branch in zip(kind.branches, branches, strict=True)
        ]

        def read_union(data: bytes, at: int) -> tuple[Any, int]:
            number, at = read_long(data, at)
            if not 0 <= number < len(branches):
                raise BodyInvalidError(f"{where} has no type of the number {number}")
            record = larger[number]
            if record is not None:
                claim(max(record.json_bytes_min - least, 0))
            return branches[number].read(data, at)

        return Reading(read_union, least)

    def _enumeration(self, kind: Enumeration) -> Reading:
        symbols = kind.symbols
        least = min(map(len, symbols), default=0)
        claim = self._lines.claim

        def read_enumeration(data: bytes, at: int) -> tuple[str, int]:
            number, at = read_long(data, at)
            if not 0 <= number < len(symbols):
                raise BodyInvalidError(f"an enum has no symbol of the number {number}")
            symbol = symbols[number]
            # One long name may stand in many records by its number alone.
            claim(len(symbol) - least)
            return symbol, at

        return Reading(read_enumeration, least + 2)


def _tagged(reading: Reading, name: str) -> Reading:
    read = reading.read

    def read_tagged(data: bytes, at: int) -> tuple[Any, int]:
        value, at = read(data, at)
        return tagged(name, [value])[0], at

    return Reading(read_tagged, reading.json_bytes_min)


def _read_count(data: bytes, at: int) -> tuple[int, int]:
    """Read how many items come next; if that is negative, their size comes behind it."""
    count, at = read_long(data, at)
    if count < 0:
        count = -count
        _, at = read_long(data, at)
    return count, at


def _record_reader(names: Sequence[str], parts: Sequence[Reading]) -> Read:
    record = row_class_of(names, "the Avro schema")
    reads = [part.read for part in parts]

    def read_record(data: bytes, at: int) -> tuple[Any, int]:
        values = []
        for read in reads:
            value, at = read(data, at)
            values.append(value)
        return record(*values), at

    return read_record
