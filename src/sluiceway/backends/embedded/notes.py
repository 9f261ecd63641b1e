"""Notes: small facts that are kept for a while and known at once.

All of them are in memory, packed; the segments hold them too and give them back at the start.
"""

import struct
from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

import msgspec

from sluiceway.backends.embedded.segments import Segment, Segments
from sluiceway.backends.embedded.settings import EmbeddedLogSettings
from sluiceway.streams.log import (
    NOTE_NAME_BYTES_MAX,
    NOTE_VALUE_BYTES_MAX,
    KeptNote,
    Note,
    NoteKind,
)
from sluiceway.streams.log_errors import LogNotesFullError

Place = tuple[int, int, int]
"""Partition, first offset and count of a batch."""

_HEAD: Final = struct.Struct("<BHHI")
_PLACE: Final = struct.Struct("<IQI")
_FACTS: Final = struct.Struct("<QQQ")
_VIEW: Final = struct.Struct("<Q")

_FORGOTTEN_AT_ONCE_SHARE: Final = 256
"""Of as many notes as may be kept one in so many is forgotten at once, since looking for the
oldest passes over the gaps that were left by those before."""

_LOOK_MS: Final = 1000


class PlacedNote(msgspec.Struct, frozen=True, gc=False):
    """A note that is being written, with where the batches beside it are."""

    view_number: int
    kind: NoteKind
    name: bytes
    data: bytes
    """What its frame holds."""
    place_count: int


class Moved(NamedTuple):
    """A note that was copied from one segment to another."""

    view_number: int
    data: bytes
    sequence: int
    old: Segment
    new: Segment


def encode_note(note: Note, places: list[Place]) -> bytes:
    """Give the bytes of a note's frame."""
    return b"".join(
        [
            _HEAD.pack(note.kind, len(note.name), len(note.value), len(places)),
            *[_PLACE.pack(*place) for place in places],
            note.name,
            note.value,
        ]
    )


def check_note(note: Note) -> None:
    """Refuse what only a programmer can get wrong."""
    assert 1 <= len(note.name) <= NOTE_NAME_BYTES_MAX
    assert len(note.value) <= NOTE_VALUE_BYTES_MAX


def _decode(data: bytes) -> tuple[NoteKind, bytes, bytes, tuple[Place, ...]]:
    kind, name_bytes, value_bytes, count = _HEAD.unpack_from(data)
    at = _HEAD.size
    places = tuple(_PLACE.unpack_from(data, at + _PLACE.size * each) for each in range(count))
    at += _PLACE.size * count
    name = data[at : at + name_bytes]
    return (
        NoteKind(kind),
        name,
        data[at + name_bytes : at + name_bytes + value_bytes],
        places,
    )


class NoteTable:
    """All notes that are durable; the event loop's own.

    The writer thread only asks `is_kept`, and may hear what was true a moment ago.
    """

    def __init__(
        self, segments: Segments, settings: EmbeddedLogSettings, now_ms: Callable[[], int]
    ) -> None:
        self._segments = segments
        self._max = settings.notes_max
        self._keep_ms = settings.notes_keep_seconds * 1000
        self._keep_min_ms = settings.notes_keep_min_seconds * 1000
        self._now_ms = now_ms
        # The one used longest ago comes first.
        self._kept: dict[NoteKind, dict[bytes, bytes]] = {kind: {} for kind in NoteKind}
        self._on_the_way: dict[NoteKind, int] = dict.fromkeys(NoteKind, 0)
        self._of_view: dict[int, int] = {}
        self._next_look_ms = 0

    def get(self, view_number: int, kind: NoteKind, name: bytes) -> KeptNote | None:
        """Give a note."""
        packed = self._kept[kind].get(_VIEW.pack(view_number) + name)
        if packed is None:
            return None
        time_ms, _, _ = _FACTS.unpack_from(packed)
        _, _, value, places = _decode(packed[_FACTS.size :])
        return KeptNote(value, time_ms, places)

    def reserve(self, view_number: int, note: Note) -> None:
        """Make sure that there is room for *note* before it is written.

        Raises:
            LogNotesFullError: There is none.
        """
        kept = self._kept[note.kind]
        count = len(kept) + self._on_the_way[note.kind]
        if count >= self._max and _VIEW.pack(view_number) + note.name not in kept:
            oldest_ms = self._forget_oldest(note.kind, self._now_ms() - self._keep_min_ms)
            if oldest_ms is not None:
                wait_ms = max(oldest_ms + self._keep_min_ms - self._now_ms(), 1)
                raise LogNotesFullError(self._max, -(-wait_ms // 1000))
        self._on_the_way[note.kind] += 1

    def _forget_oldest(self, kind: NoteKind, before_ms: int) -> int | None:
        """Forget some notes older than *before_ms*; if there are none, give the oldest's time."""
        kept = self._kept[kind]
        wanted = max(self._max // _FORGOTTEN_AT_ONCE_SHARE, 1)
        gone: list[bytes] = []
        for key, packed in kept.items():
            time_ms, _, _ = _FACTS.unpack_from(packed)
            if time_ms > before_ms:
                if not gone:
                    return int(time_ms)
                break
            gone.append(key)
            if len(gone) >= wanted:
                break
        for key in gone:
            self._remove(kind, key)
        # With every one on its way to the disk there is none to forget yet.
        return None if gone else self._now_ms()

    def settle(self, note: PlacedNote) -> None:
        """Note that the outcome of one that was reserved is known."""
        self._on_the_way[note.kind] -= 1

    def keep(
        self, view_number: int, data: bytes, sequence: int, time_ms: int, segment: Segment
    ) -> None:
        """Keep a note that is durable in *segment*, unless a newer one of its name is kept."""
        kind, name, _, _ = _decode(data)
        key = _VIEW.pack(view_number) + name
        kept = self._kept[kind]
        old = kept.get(key)
        if old is not None:
            _, old_sequence, _ = _FACTS.unpack_from(old)
            if old_sequence > sequence:
                segment.notes_gone += 1
                return
            self._remove(kind, key)
        kept[key] = _FACTS.pack(time_ms, sequence, segment.id) + data
        self._of_view[view_number] = self._of_view.get(view_number, 0) + 1

    def discard(self, segment: Segment) -> None:
        """Note that a note in *segment* counts no more: its view is gone."""
        segment.notes_gone += 1

    def is_kept(self, view_number: int, data: bytes, sequence: int) -> bool:
        """Tell whether the note that was written with the group *sequence* still counts."""
        kind, name, _, _ = _decode(data)
        packed = self._kept[kind].get(_VIEW.pack(view_number) + name)
        # One group may hold several notes of a name; the last of them counts.
        return (
            packed is not None
            and _FACTS.unpack_from(packed)[1] == sequence
            and packed[_FACTS.size :] == data
        )

    def move(self, moved: Moved) -> None:
        """Note that a note was copied, so that the old copy counts no more."""
        kind, name, _, _ = _decode(moved.data)
        kept = self._kept[kind]
        key = _VIEW.pack(moved.view_number) + name
        packed = kept.get(key)
        if packed is not None:
            time_ms, sequence, segment = _FACTS.unpack_from(packed)
            is_same = packed[_FACTS.size :] == moved.data
            if is_same and (sequence, segment) == (moved.sequence, moved.old.id):
                # The same key keeps its place in the order.
                kept[key] = _FACTS.pack(time_ms, sequence, moved.new.id) + moved.data
                moved.old.notes_gone += 1
                return
        moved.new.notes_gone += 1

    def forget_view(self, view_number: int) -> None:
        """Forget all notes of a view that is gone."""
        if not self._of_view.get(view_number):
            return
        prefix = _VIEW.pack(view_number)
        for kind, kept in self._kept.items():
            for key in [key for key in kept if key.startswith(prefix)]:
                self._remove(kind, key)

    def forget_old(self) -> None:
        """Forget the notes that were kept long enough; looks once a second at most."""
        now_ms = self._now_ms()
        if now_ms < self._next_look_ms:
            return
        self._next_look_ms = now_ms + _LOOK_MS
        before_ms = now_ms - self._keep_ms
        for kind in NoteKind:
            for key in list(self._older(kind, before_ms)):
                self._remove(kind, key)

    def _older(self, kind: NoteKind, before_ms: int) -> Iterator[bytes]:
        for key, packed in self._kept[kind].items():
            if _FACTS.unpack_from(packed)[0] >= before_ms:
                return
            yield key

    def _remove(self, kind: NoteKind, key: bytes) -> None:
        packed = self._kept[kind].pop(key)
        (view_number,) = _VIEW.unpack_from(key)
        self._of_view[view_number] -= 1
        if not self._of_view[view_number]:
            del self._of_view[view_number]
        segment = self._segments.all.get(_FACTS.unpack_from(packed)[2])
        if segment is not None:
            segment.notes_gone += 1


class FoundNote(msgspec.Struct, frozen=True, gc=False):
    """A note that was found at the start."""

    view_number: int
    sequence: int
    time_ms: int
    data: bytes
    segment: Segment


def load(table: NoteTable, found: Iterable[FoundNote], views: set[int]) -> None:
    """Keep the notes that were *found*, those of *views* that there still are."""
    # Copies lie behind newer notes; each says when it was written first.
    for note in sorted(found, key=lambda note: note.sequence):
        note.segment.notes_written += 1
        if note.view_number in views:
            table.keep(note.view_number, note.data, note.sequence, note.time_ms, note.segment)
        else:
            table.discard(note.segment)
    table.forget_old()
