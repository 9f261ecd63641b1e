"""How far a client is in a view, and the id by which it goes on from there."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from sluiceway.foundation.rids import Rid, ViewRid, is_uuid
from sluiceway.reading.errors import InvalidLastEventIdError
from sluiceway.streams.types import View

ID_LENGTH_MAX: Final = 4_096
"""Longest id, in characters: a client sends it back in a header. With about 500 partitions or
more there is none, and a client that connects again starts anew."""
_OFFSET: Final = "(?:0|[1-9][0-9]{0,18})"
_ID: Final = re.compile(
    f"(?P<locator>[^:]+):(?:(?P<partition>0|[1-9][0-9]{{0,4}})=(?P<offset>{_OFFSET})"
    f"|(?P<offsets>{_OFFSET}(?:,{_OFFSET})*))"
)


class Place(msgspec.Struct, frozen=True):
    """What an id says: a view, by its locator, and offsets of all its partitions or of one."""

    locator: str
    offsets: Mapping[int, int]
    is_whole: bool


def place_id(view_rid: ViewRid, positions: Sequence[int], partition: int | None) -> bytes:
    """Name the place behind *positions*, of one *partition* only where that is given.

    Empty when the id would be longer than ``ID_LENGTH_MAX``.
    """
    if partition is not None:
        return place_id_of_one(view_rid, partition, positions[partition])
    text = f"{locator_of(view_rid)}:{','.join(map(str, positions))}"
    return text.encode() if len(text) <= ID_LENGTH_MAX else b""


def place_id_of_one(view_rid: ViewRid, partition: int, position: int) -> bytes:
    """Name the place behind *position* of one partition."""
    return f"{locator_of(view_rid)}:{partition}={position}".encode()


def parse_place(text: str, view: View) -> Place:
    """Read an id that may be of *view* or of another.

    Raises:
        InvalidLastEventIdError: It has not the form of an id.
    """
    found = _ID.fullmatch(text) if len(text) <= ID_LENGTH_MAX else None
    locator = found["locator"] if found else ""
    if found is None or not (locator == locator_of(view.view_rid) or is_uuid(locator)):
        raise InvalidLastEventIdError(text, "it is not an id of an event")
    if found["partition"] is not None:
        return Place(locator, {int(found["partition"]): int(found["offset"])}, is_whole=False)
    offsets = map(int, found["offsets"].split(","))
    return Place(locator, dict(enumerate(offsets)), is_whole=True)


def check_place(
    text: str, place: Place, view: View, ends: Mapping[int, int], partition: int | None
) -> None:
    """Check an id of *view*, whose partitions end at *ends*, for who wants *partition* or all.

    Raises:
        InvalidLastEventIdError: It cannot have been given for that.
    """
    if place.is_whole and len(place.offsets) != view.partitions:
        raise InvalidLastEventIdError(text, f"the view has {view.partitions} partitions")
    for number, offset in place.offsets.items():
        if offset > ends.get(number, -1):
            raise InvalidLastEventIdError(text, f"partition {number} is not that long")
    wanted = range(view.partitions) if partition is None else [partition]
    if not all(number in place.offsets for number in wanted):
        raise InvalidLastEventIdError(text, "it is the id of one other partition")


def locator_of(view_rid: ViewRid) -> str:
    """Give the part of a view's RID by which an id names it."""
    return view_rid.rpartition(".")[2]


def with_locator(view_rid: ViewRid, locator: str) -> ViewRid:
    """Give the RID of the view that an id names by *locator*."""
    return ViewRid(Rid(f"{view_rid.rpartition('.')[0]}.{locator}"))
