"""Giving space back: segments in which nothing counts any more, in small steps."""

import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Final

from sluiceway.backends.embedded.frames import (
    FRAME_HEADER_BYTES,
    NOTE,
    Frame,
    decode_header,
    is_intact,
)
from sluiceway.backends.embedded.index import IndexDamagedError, Rows
from sluiceway.backends.embedded.journal import Journal, LogFullError
from sluiceway.backends.embedded.notes import Moved, NoteTable
from sluiceway.backends.embedded.partitions import Partition
from sluiceway.backends.embedded.segments import Reading, Segment, SegmentGoneError

_STEP_BYTES_MAX: Final = 1024 * 1024
_STEP_NOTES_MAX: Final = 1000
_PAUSE_FACTOR: Final = 4
"""A step may take a fifth of the writer's time: after it comes a pause of four times its length."""
_LOOK_SECONDS: Final = 1.0
"""How often to look whether there is something to do, when nobody said so."""
_LIVE_SHARE: Final = 4
"""A segment of which less than one part in so many counts is copied forward."""


class Cleaner:
    """What is to be given back; the writer thread's own.

    What it has not done when the program ends is found again at the next start.
    """

    def __init__(
        self,
        journal: Journal,
        notes: NoteTable,
        now_ms: Callable[[], int],
        on_moved: Callable[[list[Moved]], None],
    ) -> None:
        self._journal = journal
        self._notes = notes
        self._now_ms = now_ms
        self._on_moved = on_moved
        self._deleted: deque[Partition] = deque()
        self._copying: Iterator[None] | None = None
        self._next_step = 0.0

    def trimmed(self, partition: Partition) -> None:
        """Take note that the start of *partition* has moved."""
        # Runs may overlap while a segment is copied, so each is asked where it ends.
        dead = [run for run in partition.trimmed_runs() if self._is_trimmed(partition, *run)]
        self._drop(partition, dead)
        self._next_step = 0.0

    def _is_trimmed(self, partition: Partition, base: int, segment: int) -> bool:
        try:
            with self._journal.segments.reading(segment) as reading:
                end, _ = reading.index.run(partition.number, base)
        except SegmentGoneError:
            return True
        return end <= partition.start_offset

    def deleted(self, partitions: tuple[Partition, ...]) -> None:
        """Take note that *partitions* are gone."""
        self._deleted.extend(partitions)
        self._next_step = 0.0

    def seconds_to_next(self) -> float:
        """Tell when the next step is due."""
        return max(self._next_step - time.monotonic(), 0.0)

    def step(self) -> None:
        """Do a bounded piece of work, if there is any."""
        started = time.monotonic()
        did = self._do()
        done = time.monotonic()
        pause = (done - started) * _PAUSE_FACTOR if did else _LOOK_SECONDS
        self._next_step = done + pause

    def _do(self) -> bool:
        if self._deleted:
            partition = self._deleted.popleft()
            self._drop(partition, list(zip(*partition.runs, strict=True)))
            self._journal.numbers.pop(partition.number, None)
            return True
        if self._copying is not None:
            if next(self._copying, self) is self:
                self._copying = None
            return True
        full = [
            segment
            for segment in self._journal.segments.all.values()
            if segment is not self._journal.segment
        ]
        for segment in full:
            if segment.is_dead and self._journal.free(segment):
                return True
        for segment in full:
            if self._is_worth_copying(segment):
                self._copying = self._copy(segment)
                return True
        return False

    def _drop(self, partition: Partition, runs: list[tuple[int, int]]) -> None:
        """Let *runs* count no more."""
        partition.remove_runs(runs)
        for base, number in runs:
            segment = self._journal.segments.all.get(number)
            if segment is None:
                continue
            segment.live_runs -= 1
            if segment.index is not None:
                segment.index.end_run(partition.number, base)
            try:
                with self._journal.segments.reading(number) as reading:
                    segment.live_bytes -= reading.index.run(partition.number, base)[1]
            except SegmentGoneError:
                # Its file is missing; how much it held does not matter.
                continue

    def _is_worth_copying(self, segment: Segment) -> bool:
        return (
            not segment.is_dead
            and not segment.is_missing
            and not segment.is_uncopyable
            and segment.counting_bytes * _LIVE_SHARE < segment.bytes
        )

    def _copy(self, segment: Segment) -> Iterator[None]:
        """Copy what counts in *segment* into the one that is written to, a part at each step."""
        try:
            with self._journal.segments.reading(segment.id) as reading:
                yield from self._copy_records(segment, reading)
                yield from self._copy_notes(segment)
        except (IndexDamagedError, SegmentGoneError, LogFullError):
            segment.is_uncopyable = True

    def _copy_records(self, segment: Segment, reading: Reading) -> Iterator[None]:
        for number, base, end, _ in list(reading.index.runs()):
            partition = self._journal.numbers.get(number)
            if partition is None or partition.is_deleted or end <= partition.start_offset:
                continue
            offset = max(base, partition.start_offset)
            while offset < end:
                rows = reading.index.find(number, offset)
                frames = self._live_frames(reading, rows, partition) if rows else []
                if not frames or frames[-1].base_offset + frames[-1].count <= offset:
                    # A damaged frame: it stays where it is, and with it the segment.
                    segment.is_uncopyable = True
                    return
                self._write(frames)
                offset = frames[-1].base_offset + frames[-1].count
                yield None
            self._drop(partition, [(base, segment.id)])

    def _live_frames(self, reading: Reading, rows: Rows, partition: Partition) -> list[Frame]:
        """Read the next frames of a run, a step's worth; fewer when one is damaged."""
        journal, columns = self._journal, rows.columns
        frames: list[Frame] = []
        size = 0
        for row in range(rows.first, rows.end):
            data = journal.segments.files.read(
                reading.file, columns.sizes[row], columns.positions[row]
            )
            if not is_intact(data, journal.seed):
                break
            header = decode_header(data)
            if (header.number, header.base_offset) != (partition.number, columns.bases[row]):
                break
            frames.append(
                Frame(
                    header.number,
                    header.base_offset,
                    header.time_ms,
                    header.record_count,
                    header.kind,
                    (data[FRAME_HEADER_BYTES:],),
                    journal.seed,
                )
            )
            size += len(data)
            if size >= _STEP_BYTES_MAX:
                break
        return frames

    def _copy_notes(self, segment: Segment) -> Iterator[None]:
        journal = self._journal
        frames: list[Frame] = []
        for data in journal.segments.note_frames(segment):
            header = decode_header(data)
            note = data[FRAME_HEADER_BYTES:]
            if self._notes.is_kept(header.number, note, header.base_offset):
                frames.append(
                    Frame(
                        header.number,
                        header.base_offset,
                        header.time_ms,
                        header.record_count,
                        NOTE,
                        (note,),
                        journal.seed,
                    )
                )
        for first in range(0, len(frames), _STEP_NOTES_MAX):
            part = frames[first : first + _STEP_NOTES_MAX]
            self._write(part)
            new = journal.segment
            self._on_moved(
                [Moved(one.number, one.chunks[0], one.base_offset, segment, new) for one in part]
            )
            yield None

    def _write(self, frames: list[Frame]) -> None:
        self._journal.write(frames, max(self._journal.time_ms, self._now_ms()))
