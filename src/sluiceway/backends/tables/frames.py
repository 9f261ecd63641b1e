"""What goes between the server and a process that reads tables.

A frame is its kind, one byte, the length of what it holds, four bytes, little endian, and that. The
server sends ``FILES`` once, then ``JOB`` again and again; to each the process answers ``FAULT``, or
``BEGIN``, pieces, and ``END`` or ``FAULT``.
"""

import enum
import struct
from typing import Final

import msgspec

from sluiceway.datasets.tables import TableFaultKind

HEAD: Final = struct.Struct("<BI")
PIECE_BYTES_MAX: Final = 1_048_576


class Kind(enum.IntEnum):
    """What a frame holds."""

    JOB = 1
    """A ``TableJob`` or ``FileJob`` as JSON."""
    BEGIN = 2
    """Nothing: all that can be checked before the first byte is right."""
    PIECE = 3
    """Bytes of the table."""
    END = 4
    """One byte: whether the process takes another job."""
    FAULT = 5
    """A ``Fault`` as JSON."""
    FILES = 6
    """How files are got at, in the properties of PyIceberg, as JSON; comes before the first job."""


class Fault(msgspec.Struct, frozen=True):
    """A ``TableFaultError`` over the wire."""

    kind: TableFaultKind
    message: str
    goes_on: bool
    """Whether the process takes another job."""


def frame(kind: Kind, data: bytes = b"") -> bytes:
    """Write a frame."""
    return HEAD.pack(kind, len(data)) + data
