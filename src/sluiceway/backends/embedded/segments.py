"""The segment files: their names, what is known of each, and reading from them."""

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol

import msgspec

from sluiceway.backends.embedded.files import Files
from sluiceway.backends.embedded.frames import split_frames
from sluiceway.backends.embedded.groups import FoundGroup
from sluiceway.backends.embedded.index import (
    IndexDamagedError,
    IndexHead,
    OpenIndex,
    Rows,
    SealedIndex,
    decode_head,
)
from sluiceway.backends.embedded.scanning import Scanner, enter, report

_logger: Final = logging.getLogger(__name__)

FOLDER_NAME: Final = "segments"
SPARE_SUFFIX: Final = ".spare"
"""Of a file that was a segment's and may be another one's."""
_OPEN_MAX: Final = 128
"""Segments whose files are held open for readers."""


class Segment:
    """One segment of the log."""

    __slots__ = (
        "bytes",
        "end_position",
        "end_sequence",
        "first_sequence",
        "id",
        "index",
        "is_missing",
        "is_uncopyable",
        "live_bytes",
        "live_runs",
        "note_bytes",
        "notes_gone",
        "notes_written",
        "size",
        "time_ms",
    )

    def __init__(self, id_: int, first_sequence: int) -> None:
        self.id = id_
        self.first_sequence = first_sequence
        self.end_sequence: int | None = None
        """The sequence after its last group, once it is full."""
        self.end_position = 0
        """Where its groups end."""
        self.index: OpenIndex | None = None
        """Its index while that is in memory; otherwise it is in its file."""
        self.time_ms = 0
        """The newest commit time in it, once it is full."""
        self.is_missing = False
        """Whether its file was not there when the log was opened."""
        self.is_uncopyable = False
        """Whether something in it is damaged, so that it stays as it is."""
        self.size = 0
        """Bytes that its file takes."""
        self.bytes = 0
        """Bytes of all frames."""
        self.live_runs = 0
        self.live_bytes = 0
        """Runs that hold records that can be read, and their bytes; the writer thread's own."""
        self.note_bytes = 0
        """Bytes of all notes."""
        self.notes_written = 0
        """Notes that were written to it; the writer thread's own."""
        self.notes_gone = 0
        """Those of them that count no more; the event loop's own."""

    @property
    def counting_bytes(self) -> int:
        """About how many bytes still count."""
        if not self.notes_written:
            return self.live_bytes
        live = self.notes_written - self.notes_gone
        return self.live_bytes + self.note_bytes * live // self.notes_written

    @property
    def is_dead(self) -> bool:
        """Whether nothing in it counts any more."""
        return not self.live_runs and self.notes_written == self.notes_gone


class Index(Protocol):
    """What both forms of an index can do."""

    def find(self, number: int, offset: int) -> Rows | None:
        """Find the frame of the partition *number* at or before *offset*."""
        ...

    def run(self, number: int, base: int) -> tuple[int, int]:
        """Give the end offset and the bytes of the run that holds *base*."""
        ...

    def runs(self) -> Iterator[tuple[int, int, int, int]]:
        """Yield partition number, first offset, end offset and bytes of each run."""
        ...


class Reading(msgspec.Struct, frozen=True, gc=False):
    """A segment while somebody reads from it."""

    file: int
    index: Index


class _Handle:
    """The open files of a segment."""

    __slots__ = ("file", "readers", "sealed_index", "segment")

    def __init__(self, segment: Segment, file: int) -> None:
        self.segment = segment
        self.file = file
        self.readers = 0
        self.sealed_index: SealedIndex | None = None


class SegmentGoneError(Exception):
    """The segment holds nothing any more, or its file is missing."""


class Segments:
    """All segments, and the files of those that were read last. For all threads."""

    def __init__(self, folder: Path, files: Files, seed: int) -> None:
        self.folder = folder
        self.files = files
        self.seed = seed
        self.on_rebuilt: Callable[[Segment], None] = lambda _: None
        """Called when an index had to be made anew; must return at once."""
        self.all: dict[int, Segment] = {}
        self._handles: OrderedDict[int, _Handle] = OrderedDict()
        self._lock = threading.Lock()

    def path(self, segment: int) -> Path:
        """Give the path of a segment's file."""
        return self.folder / f"{segment:016x}.log"

    def index_path(self, segment: int) -> Path:
        """Give the path of its index."""
        return self.folder / f"{segment:016x}.index"

    def read_head(self, segment: int) -> IndexHead:
        """Read the head of a segment's index file.

        Raises:
            IndexDamagedError: It is missing or damaged, or that of another segment.
        """
        return self._read_index(segment)[0]

    def read_full_head(self, segment: Segment) -> IndexHead:
        """Read the head of a full segment's index file.

        Raises:
            IndexDamagedError: It is missing or damaged, or says nothing of the segment's end.
        """
        head = self.read_head(segment.id)
        if head.sequence != segment.end_sequence:
            raise IndexDamagedError("it ends before the segment does")
        return head

    def has_index(self, segment: int) -> bool:
        """Tell whether the segment has an index file, be it damaged."""
        return self.index_path(segment).name in self.files.names(self.folder)

    def _read_index(self, segment: int) -> tuple[IndexHead, memoryview]:
        try:
            data = self.files.view(self.index_path(segment))
        except FileNotFoundError:
            raise IndexDamagedError("it is missing") from None
        head = decode_head(data)
        if head.segment != segment:
            raise IndexDamagedError(f"it is that of segment {head.segment}")
        return head, data

    def read_index(self, segment: int) -> SealedIndex:
        """Read a segment's index file.

        Raises:
            IndexDamagedError: It is missing or damaged, or that of another segment.
        """
        return SealedIndex(*self._read_index(segment))

    @contextmanager
    def reading(self, segment: int) -> Iterator[Reading]:
        """Hold a segment's file open; it is not used for another segment meanwhile.

        Raises:
            SegmentGoneError: The segment is gone, or its file is missing.
            OSError: The file cannot be opened.
        """
        with self._lock:
            handle = self._take(segment)
            index = handle.segment.index or self._sealed_index(handle)
            handle.readers += 1
        try:
            yield Reading(handle.file, index)
        finally:
            with self._lock:
                handle.readers -= 1

    def _take(self, segment: int) -> _Handle:
        handle = self._handles.get(segment)
        if handle is None:
            known = self.all.get(segment)
            if known is None or known.is_missing:
                raise SegmentGoneError
            handle = _Handle(known, self.files.open(self.path(segment)))
            self._handles[segment] = handle
            self._close_oldest()
        else:
            self._handles.move_to_end(segment)
        return handle

    def _sealed_index(self, handle: _Handle) -> Index:
        if handle.sealed_index is None:
            segment = handle.segment
            try:
                self.read_full_head(segment)
                handle.sealed_index = self.read_index(segment.id)
            except IndexDamagedError as error:
                segment.index = self.rebuild(segment, handle.file, str(error))
                self.on_rebuilt(segment)
                return segment.index
        return handle.sealed_index

    def rebuild(self, segment: Segment, file: int, reason: str) -> OpenIndex:
        """Make the index of a full segment anew, from the segment itself."""
        _logger.warning("the index of segment %d is made anew: %s", segment.id, reason)
        assert segment.end_sequence is not None
        scanner = Scanner(self.files, file, segment.id, self.seed)
        index = OpenIndex()
        for found in scanner.scan(0, segment.first_sequence, segment.end_sequence):
            if isinstance(found, FoundGroup):
                enter(index, found)
            report(found, self.path(segment.id))
        return index

    def note_frames(self, segment: Segment) -> list[bytes]:
        """Give the frames of all notes of a full segment.

        Raises:
            SegmentGoneError: Its file is missing.
            IndexDamagedError: They cannot be told.
        """
        with self.reading(segment.id) as reading:
            if segment.index is not None:
                return [self.files.read(reading.file, size, at) for at, size in segment.index.notes]
        return split_frames(self.read_head(segment.id).notes)

    def _close_oldest(self) -> None:
        for segment, handle in list(self._handles.items()):
            if len(self._handles) <= _OPEN_MAX:
                break
            if not handle.readers and segment != next(reversed(self._handles)):
                self._close(segment)

    def _close(self, segment: int) -> None:
        self.files.close(self._handles.pop(segment).file)

    def forget(self, segment: int) -> bool:
        """Drop a segment that holds nothing any more; false while somebody reads from it."""
        with self._lock:
            handle = self._handles.get(segment)
            if handle is not None:
                if handle.readers:
                    return False
                self._close(segment)
            del self.all[segment]
            return True

    def close(self) -> None:
        """Close all files; nobody may read any more."""
        with self._lock:
            for segment in list(self._handles):
                self._close(segment)
