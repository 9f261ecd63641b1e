"""What the messages of an Arrow stream say of themselves, checked before memory is used for it.

Arrow's own reader verifies the form of a message's metadata, and takes the numbers in it at their
word: a compressed buffer of a few bytes may claim to be of any size, and a column without buffers
to have any number of values. They are read here from the same bytes, and held to the bounds.

The layout is that of flatbuffers (https://flatbuffers.dev/internals), the fields are those of
``Message.fbs`` and ``Schema.fbs`` of the Arrow columnar format, version 1.5.
"""

import struct
from collections.abc import Iterator
from typing import Any, Final

from sluiceway.foundation.request_errors import RequestEntityTooLargeError
from sluiceway.ingest.bulk.lines import Lines
from sluiceway.schema.errors import BodyInvalidError

_SCHEMA, _DICTIONARY, _RECORDS = 1, 2, 3
_HEADER_TYPE, _HEADER = 1, 2
_ENDIANNESS = 0
_ID, _DATA, _IS_DELTA = 0, 1, 2
_LENGTH, _NODES, _BUFFERS, _COMPRESSION = 0, 1, 2, 3
_ENTRY: Final = struct.Struct("<qq")
"""A node (length, nulls) or a buffer (offset, length)."""
_NODE_JSON_BYTES_MIN: Final = 2
"""A digit and a comma, or an empty object: what each value of a column takes at least."""
_NODE_BYTES: Final = 4
_DICTIONARY_FACTOR: Final = 16
"""Dictionaries are looked at again with each batch: as many bytes in all as this many requests."""


class Table:
    """A table of a flatbuffer."""

    __slots__ = ("_at", "_data", "_offsets")

    def __init__(self, data: bytes, at: int) -> None:
        self._data = data
        self._at = at
        offsets = at - _int(data, at)
        size: int = struct.unpack_from("<H", data, _checked(offsets))[0]
        self._offsets = struct.unpack_from(f"<{size // 2 - 2}H", data, offsets + 4)

    def number(self, field: int, form: str) -> int:
        """Give a number, written as *form* of ``struct`` says; 0 where it was left out."""
        at = self._place(field)
        return 0 if at is None else int(struct.unpack_from(f"<{form}", self._data, at)[0])

    def table(self, field: int) -> "Table | None":
        """Give a table inside this one."""
        at = self._place(field)
        return None if at is None else Table(self._data, at + _int(self._data, at))

    def entries(self, field: int) -> Iterator[tuple[Any, ...]]:
        """Give the pairs of a vector of nodes or buffers."""
        at = self._place(field)
        if at is None:
            return iter(())
        start = at + _int(self._data, at)
        end = start + 4 + _ENTRY.size * _int(self._data, start)
        if not 0 <= start <= end <= len(self._data):
            raise struct.error("a vector reaches past its end")
        return _ENTRY.iter_unpack(self._data[start + 4 : end])

    def _place(self, field: int) -> int | None:
        offset = self._offsets[field] if field < len(self._offsets) else 0
        return self._at + offset if offset else None


class Claims:
    """Checks one message after the other."""

    def __init__(self, lines: Lines, bytes_max: int) -> None:
        self._lines = lines
        self._bytes_max = bytes_max
        self._bytes = 0
        self._nodes = 0
        self._dictionaries: dict[int, int] = {}
        self._dictionary_work = 0
        self.batches: list[int] = []
        """Of each batch of records the number of values, those of lists and structs included."""

    def check(self, metadata: bytes, body: memoryview) -> None:
        """Hold a message to the bounds.

        Raises:
            BodyInvalidError: It is none that a stream of records has.
            RequestEntityTooLargeError: It would take too much memory.
            TooManyRecordsError: There would be too many records.
        """
        try:
            self._check(metadata, body)
        except struct.error as error:
            raise BodyInvalidError(f"the metadata is damaged: {error}") from None

    def _check(self, metadata: bytes, body: memoryview) -> None:
        message = Table(metadata, _int(metadata, 0))
        kind, header = message.number(_HEADER_TYPE, "B"), message.table(_HEADER)
        if header is None:
            raise BodyInvalidError("the message is empty")
        if kind == _SCHEMA:
            if header.number(_ENDIANNESS, "h"):
                raise BodyInvalidError("the numbers are big-endian; write them little-endian")
        elif kind == _DICTIONARY:
            self._check_dictionary(header, body)
        elif kind == _RECORDS:
            self._check_records(header, body)
        else:
            raise BodyInvalidError("the message is neither a schema nor a batch")

    def _check_records(self, batch: Table, body: memoryview) -> None:
        rows = batch.number(_LENGTH, "q")
        if rows < 0:
            raise BodyInvalidError("the batch has a negative length")
        self._lines.expect(rows)
        _, nodes = self._take(batch, body)
        self.batches.append(nodes)
        if len(self.batches) > self._lines.records_max:
            raise BodyInvalidError("there are more batches than a request may have records")
        self._dictionary_work += sum(self._dictionaries.values())
        if self._dictionary_work > _DICTIONARY_FACTOR * self._bytes_max:
            raise BodyInvalidError(
                "the dictionaries are too large for so many batches: write fewer, larger batches"
            )

    def _check_dictionary(self, dictionary: Table, body: memoryview) -> None:
        batch = dictionary.table(_DATA)
        if batch is None:
            raise BodyInvalidError("the dictionary is empty")
        size, nodes = self._take(batch, body)
        number = dictionary.number(_ID, "q")
        before = self._dictionaries.get(number, 0) if dictionary.number(_IS_DELTA, "B") else 0
        self._dictionaries[number] = before + size + _NODE_BYTES * nodes

    def _take(self, batch: Table, body: memoryview) -> tuple[int, int]:
        """Count what a batch takes once it is unpacked: its bytes and its values."""
        nodes = sum(_natural(length) for length, _ in batch.entries(_NODES))
        is_packed = batch.table(_COMPRESSION) is not None
        size = sum(
            _unpacked(body, offset, length) if is_packed else _natural(length)
            for offset, length in batch.entries(_BUFFERS)
        )
        self._bytes += size
        self._nodes += nodes
        if max(self._bytes, self._nodes * _NODE_JSON_BYTES_MIN) > self._bytes_max:
            raise RequestEntityTooLargeError(self._bytes_max)
        return size, nodes


def _unpacked(body: memoryview, offset: int, length: int) -> int:
    """Give what a compressed buffer says that it was before; -1 stands for: not compressed."""
    if length == 0:
        return 0
    size: int = struct.unpack_from("<q", body, _checked(offset))[0]
    return _natural(length) if size == -1 else _natural(size)


def _natural(number: int) -> int:
    if number < 0:
        raise struct.error("a length is negative")
    return number


def _checked(at: int) -> int:
    # A negative place would be counted from the end.
    if at < 0:
        raise struct.error("a place is negative")
    return at


def _int(data: bytes, at: int) -> int:
    return int(struct.unpack_from("<i", data, _checked(at))[0])
