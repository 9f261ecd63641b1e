"""How the values of an Avro file that hold no other values are read.

Avro 1.12, "Binary encoding" and "Logical Types". A reader raises ``IndexError`` where the bytes
end too early and ``UnicodeDecodeError`` for bad text: whoever reads a block knows where that was.
"""

import math
import struct
import uuid
from collections.abc import Callable
from typing import Any, Final

import msgspec

from sluiceway.ingest.bulk.avro_schema import Fixed, Plain
from sluiceway.ingest.bulk.errors import untaken_type
from sluiceway.ingest.bulk.values import Kind, day, floats
from sluiceway.schema.errors import BodyInvalidError
from sluiceway.schema.types import DataType

Read = Callable[[bytes, int], tuple[Any, int]]
"""Reads the value at a place; gives it, and the place behind it."""

_MORE: Final = 0x80
"""The bit of a byte that says that another one comes behind it."""
_BITS: Final = 0x7F
_SHIFT_MAX: Final = 63
_LONG_END: Final = 2**64
_INT_MIN: Final = -(2**31)
_INT_MAX: Final = 2**31 - 1
_DECIMAL_BYTES_MAX: Final = 64
"""Most bytes of a decimal that is looked at; no field takes one that needs as many."""
_FLOATS: Final = {"float": struct.Struct("<f"), "double": struct.Struct("<d")}
_PER_MS: Final = {
    "timestamp-millis": 1,
    "timestamp-micros": 1_000,
    "timestamp-nanos": 1_000_000,
}
_WALL_TIMES: Final = frozenset(f"local-{name}" for name in _PER_MS)
_UNTAKEN: Final = frozenset({"time-millis", "time-micros", "duration"})
_UUID_BYTES: Final = 16


class Reading:
    """A reader and what is known of its values."""

    __slots__ = ("json_bytes_min", "read")

    def __init__(self, read: Read, json_bytes_min: int) -> None:
        self.read = read
        self.json_bytes_min = json_bytes_min
        """The bytes that a value takes at least as JSON."""


Leaf = tuple[Reading, Kind, str]
"""A reader, the kind of its values and the name of their type."""


def read_long(data: bytes, at: int) -> tuple[int, int]:
    """Read a whole number of 64 bits with sign: of variable length, and zigzag."""
    byte = data[at]
    at += 1
    if byte < _MORE:
        return (byte >> 1) ^ -(byte & 1), at
    number, shift = byte & _BITS, 7
    while byte >= _MORE:
        if shift > _SHIFT_MAX:
            raise BodyInvalidError("a number has more than 64 bits")
        byte = data[at]
        at += 1
        number |= (byte & _BITS) << shift
        shift += 7
    if number >= _LONG_END:
        raise BodyInvalidError("a number has more than 64 bits")
    return (number >> 1) ^ -(number & 1), at


def read_bytes(data: bytes, at: int) -> tuple[bytes, int]:
    """Read bytes with their length before them."""
    size, at = read_long(data, at)
    end = at + size
    if not at <= end <= len(data):
        raise IndexError
    return data[at:end], end


def read_text(data: bytes, at: int) -> tuple[str, int]:
    """Read UTF-8 text with its length before it."""
    found, at = read_bytes(data, at)
    return found.decode(), at


def leaf(kind: Plain | Fixed, target: DataType | None, where: str) -> Leaf:
    """Make the reader of a type that holds no other, for a field of type *target*.

    Raises:
        BodyInvalidError: No field takes it.
    """
    logical = kind.logical
    if logical in _UNTAKEN:
        raise untaken_type(where, logical)
    if isinstance(kind, Fixed):
        return _fixed(kind)
    if kind.name in _FLOATS:
        return Reading(_floating(kind.name, target), 3), Kind.FLOATING, kind.name
    return _logical(kind) or _PLAIN[kind.name]


def _logical(kind: Plain) -> Leaf | None:
    """Make the reader of a type that is more than its bytes say; ``None`` where it is not."""
    match kind.name, kind.logical:
        case "bytes", "decimal":
            return Reading(_mapped(read_bytes, _decimal(kind.scale)), 1), Kind.DECIMAL, "decimal"
        case "int", "date":
            return Reading(_mapped(_read_int, day), 12), Kind.DATE, "date"
        case "long", str() as name if name in _PER_MS:
            per_ms = _PER_MS[name]
            return Reading(_mapped(read_long, lambda count: count // per_ms), 1), Kind.MOMENT, name
        case "long", str() as name if name in _WALL_TIMES:
            return Reading(read_long, 1), Kind.WALL_TIME, name
    return None


def _fixed(kind: Fixed) -> Leaf:
    size = kind.size

    def read_fixed(data: bytes, at: int) -> tuple[bytes, int]:
        end = at + size
        if end > len(data):
            raise IndexError
        return data[at:end], end

    if kind.logical == "decimal":
        return Reading(_mapped(read_fixed, _decimal(kind.scale)), 1), Kind.DECIMAL, "decimal"
    if kind.logical == "uuid" and size == _UUID_BYTES:
        read = _mapped(read_fixed, lambda found: str(uuid.UUID(bytes=found)))
        return Reading(read, 38), Kind.TEXT, "uuid"
    return Reading(read_fixed, 2), Kind.BYTES, "fixed"


def _mapped(read: Callable[[bytes, int], tuple[Any, int]], make: Callable[[Any], Any]) -> Read:
    def read_mapped(data: bytes, at: int) -> tuple[Any, int]:
        found, at = read(data, at)
        return make(found), at

    return read_mapped


def _decimal(scale: int) -> Callable[[bytes], Any]:
    """Make what writes a decimal, of which the bytes are the unscaled number, big-endian."""

    def write(found: bytes) -> Any:  # noqa: ANN401 - a number in JSON, or a text that is none
        if len(found) > _DECIMAL_BYTES_MAX:
            return f"a decimal of {len(found)} bytes"
        unscaled = int.from_bytes(found, "big", signed=True)
        digits = str(abs(unscaled)).rjust(scale + 1, "0")
        sign, point = "-" if unscaled < 0 else "", len(digits) - scale
        fraction = f".{digits[point:]}" if scale else ""
        return msgspec.Raw(f"{sign}{digits[:point]}{fraction}".encode())

    return write


def _floating(name: str, target: DataType | None) -> Read:
    form = _FLOATS[name]
    unpack, size = form.unpack_from, form.size

    def read_floating(data: bytes, at: int) -> tuple[Any, int]:
        end = at + size
        if end > len(data):
            raise IndexError
        (value,) = unpack(data, at)
        return (value if math.isfinite(value) else floats(name, [value], target)[0]), end

    return read_floating


def _read_int(data: bytes, at: int) -> tuple[int, int]:
    number, at = read_long(data, at)
    if not _INT_MIN <= number <= _INT_MAX:
        raise BodyInvalidError("an int has more than 32 bits")
    return number, at


def _read_null(_data: bytes, at: int) -> tuple[None, int]:
    return None, at


def _read_boolean(data: bytes, at: int) -> tuple[bool, int]:
    byte = data[at]
    if byte > 1:
        raise BodyInvalidError("a boolean is neither 0 nor 1")
    return byte == 1, at + 1


_PLAIN: Final[dict[str, Leaf]] = {
    "null": (Reading(_read_null, 4), Kind.TEXT, "null"),
    "boolean": (Reading(_read_boolean, 4), Kind.BOOLEAN, "boolean"),
    "int": (Reading(_read_int, 1), Kind.WHOLE, "int"),
    "long": (Reading(read_long, 1), Kind.WHOLE, "long"),
    "bytes": (Reading(read_bytes, 2), Kind.BYTES, "bytes"),
    "string": (Reading(read_text, 2), Kind.TEXT, "string"),
}
