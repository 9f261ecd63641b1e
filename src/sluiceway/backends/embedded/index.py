"""Where in a segment the frames of each partition lie.

While a segment is written its index grows in memory. Once it is full, and now and then before,
the index is written to a file beside it. That file holds nothing that the segment does not say:
when it is missing or damaged, it is made anew.
"""

import struct
from array import array
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final, NamedTuple, Protocol

import google_crc32c
import msgspec

_MAGIC: Final = b"SLGI"
_VERSION: Final = 2
_HEADER: Final = struct.Struct("<4sIQQQQQQQI")
_CRC: Final = struct.Struct("<I")
_HEADER_BYTES: Final = 80
_ROW_BYTES: Final = 8 + 8 + 4 + 4


class Columns(Protocol):
    """Facts of frames, one column each, ordered by offset within a run."""

    @property
    def bases(self) -> Sequence[int]:
        """First offsets."""
        ...

    @property
    def positions(self) -> Sequence[int]:
        """Where in the segment the frame begins."""
        ...

    @property
    def counts(self) -> Sequence[int]:
        """How many records."""
        ...

    @property
    def sizes(self) -> Sequence[int]:
        """Bytes of the frame with its header."""
        ...


class Rows(NamedTuple):
    """The frame at or before an offset, and those after it in the same run."""

    columns: Columns
    first: int
    end: int


class FrameList:
    """The frames of one partition in a segment that is in memory."""

    __slots__ = ("bases", "breaks", "counts", "ended", "positions", "sizes")

    def __init__(self) -> None:
        self.bases: array[int] = array("Q")
        self.positions: array[int] = array("Q")
        self.counts: array[int] = array("I")
        self.sizes: array[int] = array("I")
        self.breaks: list[int] = []
        """First offsets of the runs: of frames that do not follow one that lies here too, or
        follow one whose run was ended."""
        self.ended: set[int] = set()
        """Where runs were ended: a frame that begins there begins a run."""


class OpenIndex:
    """The index of a segment in memory. One thread adds, others look meanwhile."""

    def __init__(self) -> None:
        self.frames: dict[int, FrameList] = {}
        self.notes: list[tuple[int, int]] = []
        """Position and size of each note's frame."""
        self.count = 0
        """Frames and notes in all."""

    def add(self, number: int, base: int, position: int, count: int, size: int) -> bool:
        """Note a frame of the partition *number*; tell whether a run begins with it."""
        frames = self.frames.get(number)
        if frames is None:
            frames = FrameList()
            self.frames[number] = frames
        self.count += 1
        bases = frames.bases
        is_last = not bases or base > bases[-1]
        if not is_last:
            return self._insert(number, frames, base, position, count, size)
        starts_run = _starts_run(frames, len(bases), base)
        frames.positions.append(position)
        frames.counts.append(count)
        frames.sizes.append(size)
        if starts_run:
            frames.breaks.append(base)
        # Readers take as many frames as there are first offsets.
        bases.append(base)
        return starts_run

    def _insert(
        self, number: int, old: FrameList, base: int, position: int, count: int, size: int
    ) -> bool:
        """Note a frame that was copied here, before frames that are here already."""
        at = bisect_left(old.bases, base)
        if old.bases[at] == base:
            return False
        frames = FrameList()
        for column in ("bases", "positions", "counts", "sizes"):
            setattr(frames, column, array(*_parts(getattr(old, column))))
        frames.breaks, frames.ended = list(old.breaks), old.ended
        starts_run = _starts_run(frames, at, base)
        frames.bases.insert(at, base)
        frames.positions.insert(at, position)
        frames.counts.insert(at, count)
        frames.sizes.insert(at, size)
        if starts_run:
            insort(frames.breaks, base)
        self.frames[number] = frames
        return starts_run

    def end_run(self, number: int, base: int) -> None:
        """Let a frame that follows the run that holds *base* begin a run of its own.

        What is forgotten as a run must not grow afterwards: what came to it would be forgotten too.
        """
        frames = self.frames.get(number)
        if frames is not None:
            frames.ended.add(self.run(number, base)[0])

    def find(self, number: int, offset: int) -> Rows | None:
        """Find the frame of the partition *number* at or before *offset*."""
        frames = self.frames.get(number)
        if frames is None:
            return None
        end = len(frames.bases)
        first = bisect_right(frames.bases, offset, 0, end) - 1
        return None if first < 0 else Rows(frames, first, end)

    def run(self, number: int, base: int) -> tuple[int, int]:
        """Give the end offset and the bytes of the run that holds *base*."""
        frames = self.frames.get(number)
        place = 0 if frames is None else bisect_right(frames.breaks, base)
        if frames is None or not place:
            return base, 0
        first, end = bisect_left(frames.bases, frames.breaks[place - 1]), len(frames.bases)
        if place < len(frames.breaks):
            end = bisect_left(frames.bases, frames.breaks[place])
        stop = frames.bases[end - 1] + frames.counts[end - 1]
        return (stop, sum(frames.sizes[first:end])) if base < stop else (base, 0)

    def runs(self) -> Iterator[tuple[int, int, int, int]]:
        """Yield partition number, first offset, end offset and bytes of each run."""
        for number, frames in self.frames.items():
            for first, end in _run_rows(frames):
                last = end - 1
                yield (
                    number,
                    frames.bases[first],
                    frames.bases[last] + frames.counts[last],
                    sum(frames.sizes[first:end]),
                )


class IndexHead(msgspec.Struct, frozen=True):
    """What is read of an index file at the start."""

    segment: int
    position: int
    """What lies from here on in the segment is not in the index."""
    sequence: int
    """The sequence of the group that begins there."""
    time_ms: int
    """The newest commit time before."""
    run_numbers: "array[int]"
    run_bases: "array[int]"
    run_rows: "array[int]"
    """The row with which each run begins, and the number of all rows."""
    run_ends: "array[int]"
    run_bytes: "array[int]"
    notes: bytes
    """The frames of all notes, one after the other."""
    rows_at: int
    """Where in the file the rows begin."""
    rows_crc: int

    def runs(self) -> Iterator[tuple[int, int, int, int]]:
        """Yield partition number, first offset, end offset and bytes of each run."""
        return zip(self.run_numbers, self.run_bases, self.run_ends, self.run_bytes, strict=True)


class IndexDamagedError(Exception):
    """An index file is not what was written."""


class SealedIndex:
    """The index of a segment, in its file."""

    def __init__(self, head: IndexHead, data: memoryview) -> None:
        """Take the file apart that *head* was read from.

        Raises:
            IndexDamagedError: Its rows are damaged.
        """
        self.head = head
        rows = head.run_rows[-1]
        body = data[head.rows_at : head.rows_at + rows * _ROW_BYTES]
        if google_crc32c.value(bytes(body)) != head.rows_crc:
            raise IndexDamagedError("its checksum does not match")
        self.bases = body[: rows * 8].cast("Q")
        self.positions = body[rows * 8 : rows * 16].cast("Q")
        self.counts = body[rows * 16 : rows * 20].cast("I")
        self.sizes = body[rows * 20 :].cast("I")

    def find(self, number: int, offset: int) -> Rows | None:
        """Find the frame of the partition *number* at or before *offset*."""
        head = self.head
        low = bisect_left(head.run_numbers, number)
        high = bisect_right(head.run_numbers, number, low)
        run = bisect_right(head.run_bases, offset, low, high) - 1
        if run < low:
            return None
        first, end = head.run_rows[run], head.run_rows[run + 1]
        return Rows(self, bisect_right(self.bases, offset, first, end) - 1, end)

    def run(self, number: int, base: int) -> tuple[int, int]:
        """Give the end offset and the bytes of the run that holds *base*."""
        head = self.head
        low = bisect_left(head.run_numbers, number)
        high = bisect_right(head.run_numbers, number, low)
        run = bisect_right(head.run_bases, base, low, high) - 1
        if run < low or head.run_ends[run] <= base:
            return base, 0
        return head.run_ends[run], head.run_bytes[run]

    def runs(self) -> Iterator[tuple[int, int, int, int]]:
        """Yield partition number, first offset, end offset and bytes of each run."""
        return self.head.runs()

    def open_index(self) -> OpenIndex:
        """Give it as an index in memory, to which more is added."""
        head = self.head
        index = OpenIndex()
        for run, number in enumerate(head.run_numbers):
            first, end = head.run_rows[run], head.run_rows[run + 1]
            frames = index.frames.setdefault(number, FrameList())
            frames.bases.frombytes(self.bases[first:end].tobytes())
            frames.positions.frombytes(self.positions[first:end].tobytes())
            frames.counts.frombytes(self.counts[first:end].tobytes())
            frames.sizes.frombytes(self.sizes[first:end].tobytes())
            frames.breaks.append(head.run_bases[run])
        return index


def encode_index(
    index: OpenIndex, *, segment: int, position: int, sequence: int, time_ms: int, notes: bytes
) -> bytes:
    """Give the bytes of the index file; frames at or past *position* are left out.

    More may be added to *index* meanwhile.
    """
    runs: tuple[array[int], ...] = tuple(array("Q") for _ in range(5))
    numbers, bases, rows, ends, sizes = runs
    columns: tuple[array[int], ...] = (array("Q"), array("Q"), array("I"), array("I"))
    for number in sorted(list(index.frames)):  # noqa: C414 - copied at once, then sorted
        kept = _before(index.frames[number], position)
        for first, end in _run_rows(kept):
            numbers.append(number)
            bases.append(kept.bases[first])
            rows.append(len(columns[0]) + first)
            ends.append(kept.bases[end - 1] + kept.counts[end - 1])
            sizes.append(sum(kept.sizes[first:end]))
        columns[0].extend(kept.bases)
        columns[1].extend(kept.positions)
        columns[2].extend(kept.counts)
        columns[3].extend(kept.sizes)
    rows.append(len(columns[0]))
    body = b"".join(column.tobytes() for column in columns)
    padded = notes + bytes(-len(notes) % 8)
    tail = b"".join(column.tobytes() for column in runs) + padded
    head = _HEADER.pack(
        _MAGIC,
        _VERSION,
        segment,
        position,
        sequence,
        time_ms,
        len(numbers),
        len(columns[0]),
        len(notes),
        google_crc32c.value(body),
    )
    crc = _CRC.pack(google_crc32c.value(head + tail))
    return (head + crc).ljust(_HEADER_BYTES, b"\0") + tail + body


def decode_head(data: memoryview) -> IndexHead:
    """Take the head of an index file apart.

    Raises:
        IndexDamagedError: It is none, or damaged, or of another version.
    """
    if len(data) < _HEADER_BYTES:
        raise IndexDamagedError("it is too short")
    head = bytes(data[: _HEADER.size])
    magic, version, segment, position, sequence, time_ms, runs, rows, note_bytes, rows_crc = (
        _HEADER.unpack(head)
    )
    if magic != _MAGIC or version != _VERSION:
        raise IndexDamagedError("it is of another kind or version")
    notes_at = _HEADER_BYTES + (runs * 5 + 1) * 8
    rows_at = notes_at + note_bytes + -note_bytes % 8
    if rows_at + rows * _ROW_BYTES != len(data):
        raise IndexDamagedError("its size is not what it says")
    tail = bytes(data[_HEADER_BYTES:rows_at])
    (crc,) = _CRC.unpack_from(data, _HEADER.size)
    if google_crc32c.value(head + tail) != crc:
        raise IndexDamagedError("its checksum does not match")
    columns: list[array[int]] = []
    at = 0
    for count in (runs, runs, runs + 1, runs, runs):
        column: array[int] = array("Q")
        column.frombytes(tail[at : at + count * 8])
        columns.append(column)
        at += count * 8
    return IndexHead(
        segment=segment,
        position=position,
        sequence=sequence,
        time_ms=time_ms,
        run_numbers=columns[0],
        run_bases=columns[1],
        run_rows=columns[2],
        run_ends=columns[3],
        run_bytes=columns[4],
        notes=tail[at : at + note_bytes],
        rows_at=rows_at,
        rows_crc=rows_crc,
    )


def _before(frames: FrameList, position: int) -> FrameList:
    """Copy what of *frames* lies before *position*."""
    end = len(frames.bases)
    kept = FrameList()
    kept.bases = frames.bases[:end]
    kept.positions = frames.positions[:end]
    kept.counts = frames.counts[:end]
    kept.sizes = frames.sizes[:end]
    kept.breaks = list(frames.breaks)
    if end and max(kept.positions) >= position:
        rows = [at for at, place in enumerate(kept.positions) if place < position]
        kept.breaks = [
            frames.bases[at]
            for before, at in pairwise([-1, *rows])
            if before != at - 1 or frames.bases[at] in frames.breaks
        ]
        kept.bases = array("Q", [kept.bases[at] for at in rows])
        kept.positions = array("Q", [kept.positions[at] for at in rows])
        kept.counts = array("I", [kept.counts[at] for at in rows])
        kept.sizes = array("I", [kept.sizes[at] for at in rows])
    return kept


def _starts_run(frames: FrameList, at: int, base: int) -> bool:
    """Tell whether a frame at the row *at* that begins with *base* begins a run."""
    follows = at and frames.bases[at - 1] + frames.counts[at - 1] == base
    return not follows or base in frames.ended


def _run_rows(frames: FrameList) -> Iterator[tuple[int, int]]:
    """Yield the first row of each run and the one after its last."""
    firsts = []
    for base in frames.breaks:
        at = bisect_left(frames.bases, base)
        if at < len(frames.bases) and frames.bases[at] == base:
            firsts.append(at)
    return pairwise([*firsts, len(frames.bases)])


def _parts(column: "array[int]") -> "tuple[str, array[int]]":
    return column.typecode, column
