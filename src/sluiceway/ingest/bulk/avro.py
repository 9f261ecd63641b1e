"""Avro object container files: the header, the blocks, and their records as lines.

Avro 1.12, "Object Container Files". The decoder is our own, because no library bounds what it
makes of a few bytes (``docs/decisions/0021-bulk-bodies.md``).
"""

from collections.abc import Iterator
from typing import Any, Final

from sluiceway.foundation.request_errors import RequestEntityTooLargeError
from sluiceway.ingest.bulk.avro_codecs import Unpack, unpack_of
from sluiceway.ingest.bulk.avro_leaves import Reading, read_bytes, read_long, read_text
from sluiceway.ingest.bulk.avro_schema import read_schema
from sluiceway.ingest.bulk.avro_values import Values
from sluiceway.ingest.bulk.lines import Lines
from sluiceway.schema.errors import BodyInvalidError
from sluiceway.schema.types import StreamSchema

_MAGIC: Final = b"Obj\x01"
_SYNC_BYTES: Final = 16
_CHUNK_RECORDS: Final = 256
_WHERE: Final = "the record"


def avro_lines(body: bytes, schema: StreamSchema, bytes_max: int, records_max: int) -> bytes:
    """Write the records of an Avro file, for a stream of *schema*, as lines of JSON.

    Raises:
        BodyInvalidError: It is no such file, or has a type that no field takes.
        UnsupportedMediaTypeError: Its blocks are compressed in a way that is not taken.
        EmptyBatchError: It holds no record.
        TooManyRecordsError: It holds more than *records_max* records.
        RequestEntityTooLargeError: Unpacked, or as lines, it has more than *bytes_max* bytes.
    """
    lines = Lines(bytes_max, records_max)
    meta, sync, at = _header(body)
    unpack = unpack_of(meta.get("avro.codec", b"null").decode("latin-1"))
    record = read_schema(meta.get("avro.schema", b""))
    try:
        reading = Values(lines).record(record, schema.fields, schema, _WHERE)
    except RecursionError:
        raise BodyInvalidError("the Avro schema is nested too deep") from None
    left = bytes_max
    for position, count, packed in _blocks(body, at, sync):
        try:
            lines.expect(count)
            block = _unpacked(packed, unpack, left, bytes_max)
            left -= len(block)
            _read_block(block, count, reading, lines)
        except BodyInvalidError as error:
            raise BodyInvalidError(error.message, position) from None
    return lines.text()


def _header(body: bytes) -> tuple[dict[str, bytes], bytes, int]:
    """Read the header; give its entries, the mark between blocks, and where the blocks begin."""
    if not body.startswith(_MAGIC):
        raise BodyInvalidError("the body is no Avro file: it does not begin with Obj and 1", 0)
    meta: dict[str, bytes] = {}
    at = len(_MAGIC)
    try:
        while count := (found := read_long(body, at))[0]:
            at = found[1]
            if count < 0:
                _, at = read_long(body, at)
            for _ in range(abs(count)):
                name, at = read_text(body, at)
                meta[name], at = read_bytes(body, at)
        at = found[1]
    except IndexError:
        raise BodyInvalidError("the header of the Avro file is cut short", at) from None
    except UnicodeDecodeError:
        raise BodyInvalidError("a name in the Avro header is not UTF-8", at) from None
    end = at + _SYNC_BYTES
    if end > len(body):
        raise BodyInvalidError("the header of the Avro file is cut short", at)
    return meta, body[at:end], end


def _blocks(body: bytes, at: int, sync: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Give of each block its position, the number of its records, and its bytes."""
    while at < len(body):
        position = at
        try:
            count, at = read_long(body, at)
            packed, at = read_bytes(body, at)
        except IndexError:
            raise BodyInvalidError("a block of the Avro file is cut short", position) from None
        except BodyInvalidError as error:
            raise BodyInvalidError(error.message, position) from None
        end = at + _SYNC_BYTES
        if count < 0 or body[at:end] != sync:
            raise BodyInvalidError("a block of the Avro file is damaged", position)
        yield position, count, packed
        at = end


def _unpacked(packed: bytes, unpack: Unpack, left: int, bytes_max: int) -> bytes:
    try:
        return unpack(packed, left)
    except RequestEntityTooLargeError:
        # What is left is less than what the request may have, which is to be told.
        raise RequestEntityTooLargeError(bytes_max) from None


def _read_block(block: bytes, count: int, reading: Reading, lines: Lines) -> None:
    read, size = reading.read, reading.json_bytes_min
    at = 0
    try:
        for start in range(0, count, _CHUNK_RECORDS):
            records: list[Any] = []
            for _ in range(min(_CHUNK_RECORDS, count - start)):
                lines.claim(size)
                record, at = read(block, at)
                records.append(record)
            lines.write(records)
    except IndexError:
        raise BodyInvalidError("a block ends before its last record does") from None
    except UnicodeDecodeError:
        raise BodyInvalidError("a text in the block is not UTF-8") from None
    except RecursionError:
        raise BodyInvalidError("a record is nested too deep") from None
    if at != len(block):
        raise BodyInvalidError("a block has more bytes than its records")
