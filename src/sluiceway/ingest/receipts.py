"""Receipts: what says that records are stored, and where.

A receipt's id holds all that the receipt says, so nothing is kept of receipts anywhere, and one is
good for as long as its view. Whoever shows one needs the rights to the stream all the same.
"""

import base64
import binascii
import enum
import hashlib
from collections.abc import Mapping, Sequence
from typing import Annotated, Final

import msgspec

from sluiceway.foundation.clock import iso_time
from sluiceway.foundation.rids import ViewRid
from sluiceway.foundation.wire import Wire
from sluiceway.ingest.archived import ArchivedFile, ArchivedPlaces
from sluiceway.ingest.dead_letters.types import NewLetter
from sluiceway.ingest.errors import InvalidReceiptError
from sluiceway.ingest.once import Places

RECEIPT_LENGTH_MAX: Final = 16_384
"""Most characters of an id: more than one over 256 partitions needs."""
_VERSION: Final = 1
_CHECK_BYTES: Final = 4


class Durability(enum.StrEnum):
    """What the records survive."""

    FSYNCED = "fsynced"
    """On the disk of this server, and synced: its crash and a power cut."""


class StoredRange(msgspec.Struct, frozen=True, rename="camel"):
    """Where the records of one partition lie, without a gap."""

    partition: int
    first_offset: int
    last_offset: int
    record_count: int


class Receipt(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """That records are stored."""

    receipt_id: str
    view_rid: ViewRid
    durability: Durability
    time: str
    """When they became durable, in ISO 8601."""
    record_count: int
    partitions: Sequence[StoredRange]
    duplicate: bool = False
    """Whether the request had been stored before; this is what was answered then."""
    dead_letters: Sequence[NewLetter] | msgspec.UnsetType = msgspec.UNSET
    """The records that did not fit, if the request wanted them kept."""


class Whereabouts(enum.StrEnum):
    """Where the records of a receipt are now."""

    HOT = "HOT"
    """In the record log."""
    TRIMMED = "TRIMMED"
    """No longer in the record log, at least not all of them."""
    MISSING = "MISSING"
    """Not in the log though they should be: it is not the one, or older than the receipt."""


class FoundRange(msgspec.Struct, frozen=True, rename="camel"):
    """Where the records of one partition are now."""

    partition: int
    first_offset: int
    last_offset: int
    whereabouts: Whereabouts
    archived: bool = False
    """Whether all of them are in the stream's table."""
    files: Sequence[ArchivedFile] | msgspec.UnsetType = msgspec.UNSET
    """The files of the table that have them; left out when nobody can tell now."""


class ReceiptReply(Wire, frozen=True):
    """What became of the records of a receipt."""

    receipt_id: str
    view_rid: ViewRid
    durability: Durability
    time: str
    partitions: Sequence[FoundRange]


_Offset = Annotated[int, msgspec.Meta(ge=0)]
_Count = Annotated[int, msgspec.Meta(ge=1)]


class _Packed(msgspec.Struct, array_like=True, frozen=True):
    version: int
    view: str
    time_ms: Annotated[int, msgspec.Meta(ge=0, lt=2**46)]
    places: tuple[tuple[_Offset, _Offset, _Count], ...]


def make_receipt(
    view: ViewRid, time_ms: int, places: Places, *, is_duplicate: bool = False
) -> Receipt:
    """Write the receipt of an append that is durable."""
    packed = msgspec.msgpack.encode(_Packed(_VERSION, _short(view), time_ms, tuple(places)))
    receipt_id = base64.urlsafe_b64encode(_check(packed) + packed).rstrip(b"=").decode()
    return Receipt(
        receipt_id=receipt_id,
        view_rid=view,
        durability=Durability.FSYNCED,
        time=iso_time(time_ms),
        record_count=sum(count for _, _, count in places),
        partitions=[
            StoredRange(partition, first, first + count - 1, count)
            for partition, first, count in places
        ],
        duplicate=is_duplicate,
    )


def find_receipt(
    receipt_id: str, view: ViewRid, starts: Mapping[int, int], ends: Mapping[int, int]
) -> ReceiptReply:
    """Say where the records of a receipt are, by where the partitions of *view* start and end.

    Raises:
        InvalidReceiptError: It is no id of ours, or one of another view.
    """
    packed = _unpack(receipt_id)
    if packed.view != _short(view):
        raise InvalidReceiptError("it is that of another view")
    found = []
    for partition, first, count in packed.places:
        if first + count > ends.get(partition, 0):
            whereabouts = Whereabouts.MISSING
        elif first < starts[partition]:
            whereabouts = Whereabouts.TRIMMED
        else:
            whereabouts = Whereabouts.HOT
        found.append(FoundRange(partition, first, first + count - 1, whereabouts))
    return ReceiptReply(
        receipt_id=receipt_id,
        view_rid=view,
        durability=Durability.FSYNCED,
        time=iso_time(packed.time_ms),
        partitions=found,
    )


async def with_archive(reply: ReceiptReply, archive: ArchivedPlaces) -> ReceiptReply:
    """Say also which of the records are archived, and in which files."""
    ends = await archive.next_offsets(reply.view_rid)
    flags = [one.last_offset < ends.get(one.partition, 0) for one in reply.partitions]
    places = [
        (one.partition, one.first_offset, one.last_offset - one.first_offset + 1)
        for one, is_archived in zip(reply.partitions, flags, strict=True)
        if is_archived
    ]
    files = await archive.files(reply.view_rid, places) if places else []
    left = None if files is None else iter(files)
    found = [
        msgspec.structs.replace(
            one, archived=is_archived, files=next(left) if left and is_archived else msgspec.UNSET
        )
        for one, is_archived in zip(reply.partitions, flags, strict=True)
    ]
    return msgspec.structs.replace(reply, partitions=found)


def _unpack(receipt_id: str) -> _Packed:
    try:
        if len(receipt_id) > RECEIPT_LENGTH_MAX:
            raise InvalidReceiptError("it is too long")
        raw = base64.b64decode(receipt_id + "=" * (-len(receipt_id) % 4), b"-_", validate=True)
        check, packed = raw[:_CHECK_BYTES], raw[_CHECK_BYTES:]
        found = msgspec.msgpack.decode(packed, type=_Packed)
    except (binascii.Error, ValueError) as error:
        raise InvalidReceiptError("it was not made by this server") from error
    if check != _check(packed) or found.version != _VERSION:
        raise InvalidReceiptError("it was not made by this server")
    return found


def _short(view: ViewRid) -> str:
    return view.rpartition(".")[2]


def _check(packed: bytes) -> bytes:
    return hashlib.blake2b(packed, digest_size=_CHECK_BYTES).digest()
