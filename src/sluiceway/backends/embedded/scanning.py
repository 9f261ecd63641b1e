"""Finding the groups of a segment by reading it from one end to the other."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from sluiceway.backends.embedded.files import Files
from sluiceway.backends.embedded.frames import FRAME_HEADER_BYTES, NOTE, FrameHeader
from sluiceway.backends.embedded.groups import (
    ALIGNMENT,
    GROUP_HEADER_BYTES,
    MAGIC,
    FoundGroup,
    aligned,
    decode_group,
    peek_identity,
    peek_length,
)
from sluiceway.backends.embedded.index import OpenIndex

_logger: Final = logging.getLogger(__name__)

_WINDOW_BYTES: Final = 4 * 1024 * 1024
_SEARCH_BYTES: Final = 64 * 1024 * 1024
"""How far behind a group that is not right another one is looked for: further than any ordinary
group is long."""


class Stretch(msgspec.Struct, frozen=True):
    """A part of a segment that does not hold the groups that were written there."""

    segment: int
    position: int
    end: int
    sequence: int
    """Of the first group that is missing."""
    end_sequence: int
    """Of the next one that is there."""


class Tail(msgspec.Struct, frozen=True):
    """Where the groups of a segment end."""

    position: int
    sequence: int
    """Of the group that will be written there."""
    torn_bytes: int
    """Bytes of a group that was begun there and never acknowledged."""


def enter(index: OpenIndex, group: FoundGroup) -> list[tuple[FrameHeader, bool]]:
    """Enter the frames of *group* into *index*; give those of records, and which began a run."""
    entered = []
    for frame, position in group.frames:
        size = FRAME_HEADER_BYTES + frame.length
        if frame.kind == NOTE:
            index.notes.append((position, size))
        else:
            starts_run = index.add(
                frame.number, frame.base_offset, position, frame.record_count, size
            )
            entered.append((frame, starts_run))
    return entered


def report(found: FoundGroup | Stretch | Tail, path: Path) -> None:
    """Say in the log what is wrong with what was *found* in the segment at *path*."""
    if isinstance(found, Stretch):
        _logger.error(
            "%s is damaged: groups %d to %d are not at positions %d to %d; they were acknowledged",
            path,
            found.sequence,
            found.end_sequence - 1,
            found.position,
            found.end,
        )
    elif isinstance(found, Tail):
        if found.torn_bytes:
            _logger.warning(
                "%s: group %d of %d bytes was written in part and never acknowledged; it is cut",
                path,
                found.sequence,
                found.torn_bytes,
            )
    elif not found.is_intact:
        _logger.error(
            "%s is damaged: bytes of group %d changed between positions %d and %d",
            path,
            found.header.sequence,
            found.position,
            found.end,
        )


class Scanner:
    """Reads one segment."""

    def __init__(self, files: Files, file: int, segment: int, seed: int) -> None:
        self._files = files
        self._file = file
        self._segment = segment
        self._seed = seed
        self._size = files.size(file)
        self._window = b""
        self._window_at = 0

    def scan(
        self, position: int, sequence: int, known_sequence: int
    ) -> Iterator[FoundGroup | Stretch | Tail]:
        """Yield the groups from *position* on, where the group *sequence* is expected.

        Groups before *known_sequence* are known to have been durable. A group that is not right
        is a torn write of a group that was never acknowledged, unless it is one of these or a
        later one follows: that one was written only after it was durable. Last comes the tail.
        """
        while True:
            group = self._group(position)
            if group is None or group.header.sequence != sequence or not group.is_intact:
                later = self._later(position, sequence)
                if later is None and sequence >= known_sequence:
                    yield Tail(position, sequence, self._torn_bytes(position, sequence))
                    return
                if group is None or group.header.sequence != sequence:
                    yield self._stretch(position, sequence, later, known_sequence)
                    if later is None:
                        yield Tail(aligned(self._size), known_sequence, 0)
                        return
                    group = later
            yield group
            position, sequence = group.end, group.header.sequence + 1

    def _stretch(
        self, position: int, sequence: int, later: FoundGroup | None, known_sequence: int
    ) -> Stretch:
        if later is None:
            return Stretch(self._segment, position, self._size, sequence, known_sequence)
        return Stretch(self._segment, position, later.position, sequence, later.header.sequence)

    def _group(self, position: int) -> FoundGroup | None:
        """Give this segment's group at *position*, if there is one."""
        length = peek_length(self._read(position, GROUP_HEADER_BYTES))
        if length is None or length > self._size - position:
            return None
        group = decode_group(self._read(position, length), position, self._seed)
        if group is None or group.header.segment != self._segment:
            return None
        return group

    def _later(self, position: int, sequence: int) -> FoundGroup | None:
        """Give the next group behind *position* that was written after *sequence*."""
        end = min(self._size, position + _SEARCH_BYTES)
        at = position + ALIGNMENT
        while at < end:
            data = self._read(at, min(_WINDOW_BYTES, end - at))
            found = data.find(MAGIC)
            while found >= 0:
                if (at + found) % ALIGNMENT == 0 and found + GROUP_HEADER_BYTES <= len(data):
                    segment, later = peek_identity(data, found)
                    if segment == self._segment and later > sequence:
                        group = self._group(at + found)
                        if group is not None:
                            return group
                found = data.find(MAGIC, found + 1)
            at += len(data)
        return None

    def _torn_bytes(self, position: int, sequence: int) -> int:
        data = self._read(position, GROUP_HEADER_BYTES)
        length = peek_length(data)
        if length is None or peek_identity(data, 0) != (self._segment, sequence):
            return 0
        return length

    def _read(self, position: int, size: int) -> bytes:
        start = position - self._window_at
        if start < 0 or start + size > len(self._window):
            self._window = self._files.read(self._file, max(size, _WINDOW_BYTES), position)
            self._window_at = position
            start = 0
        return self._window[start : start + size]
