"""Writing groups into segments, one after the other; the writer thread's own."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from sluiceway.backends.embedded.catalogue import Catalogue, SegmentRow
from sluiceway.backends.embedded.files import write_all
from sluiceway.backends.embedded.frames import NOTE, Frame
from sluiceway.backends.embedded.groups import GROUP_HEADER_BYTES, encode_group, group_bytes
from sluiceway.backends.embedded.index import OpenIndex
from sluiceway.backends.embedded.partitions import Partition
from sluiceway.backends.embedded.segments import SPARE_SUFFIX, Segment, Segments
from sluiceway.backends.embedded.tail import OpenFile

_SNAPSHOT_BYTES: Final = 16 * 1024 * 1024
_SNAPSHOT_FRAMES: Final = 50_000
"""After so many bytes or frames the index is written, which bounds what a start has to read."""

_SPARES_MAX: Final = 2
"""Files kept to be used again; more go back to the file system."""


class LogFullError(OSError):
    """The group would make the files larger than they may be; nothing was written."""


class SyncFailedError(OSError):
    """The group was written; whether it is durable is not known."""


class Journal:
    """The segment that is written to, and the change to the next one."""

    def __init__(
        self,
        segments: Segments,
        catalogue: Catalogue,
        numbers: dict[int, Partition],
        *,
        segment_bytes: int,
        size_max_bytes: int,
    ) -> None:
        self.segments = segments
        self.catalogue = catalogue
        self.numbers = numbers
        """All partitions by their number."""
        self.seed = segments.seed
        self.sequence = 1
        """Of the next group."""
        self.time_ms = 0
        """Of the last group."""
        self.next_segment = 1
        self._segment_bytes = segment_bytes
        self._size_max_bytes = size_max_bytes
        self.changed: set[Partition] = set()
        """Those whose end is not written down."""
        self._spares: list[tuple[Path, int]] = []
        self._open: Segment | None = None
        self._file: OpenFile | None = None
        self.on_zeros_needed: Callable[[OpenFile], None] = lambda _: None
        """Called when the zeros ahead run short; must return at once."""
        self.on_written: Callable[[Segment, int, int, int], None] = lambda *_: None
        """Called with segment, end, next sequence and time when much was written since the last
        time; must return at once."""
        self._snapshot_position = 0
        self._snapshot_frames = 0
        self.on_full: Callable[[Segment], None] = lambda _: None
        """Called when a segment is full; must return at once."""

    @property
    def segment(self) -> Segment:
        """The segment that is written to."""
        assert self._open is not None
        return self._open

    @property
    def file(self) -> OpenFile:
        """Its file."""
        assert self._file is not None
        return self._file

    def resume(self, segment: Segment) -> None:
        """Go on with *segment*, at its end."""
        files = self.segments.files
        handle = files.open(self.segments.path(segment.id))
        # What was found may be in the cache only; nobody may build on it before it is durable.
        files.sync(handle)
        self.segments.all[segment.id] = segment
        self._open = segment
        self._file = OpenFile(files, handle, segment.end_position, self._file_limit)

    def add_spare(self, path: Path, size: int) -> None:
        """Take on a file that may be used for a segment, or remove it."""
        if len(self._spares) < _SPARES_MAX and size <= self._segment_bytes:
            self._spares.append((path, size))
        else:
            self.segments.files.remove(path)

    def used_bytes(self) -> int:
        """Tell how many bytes all files take."""
        full = sum(
            segment.size
            for segment in list(self.segments.all.values())
            if segment is not self._open
        )
        return full + self.file.size + sum(size for _, size in self._spares)

    def _file_limit(self) -> int:
        """Tell how large the open file may become ahead of what is written."""
        if not self._size_max_bytes:
            return self._segment_bytes
        room = self._size_max_bytes - self.used_bytes() + self.file.size
        return min(self._segment_bytes, max(room, 0))

    def write(self, frames: Sequence[Frame], time_ms: int) -> None:
        """Make *frames* durable as one group.

        Raises:
            LogFullError: It does not fit; nothing was written.
            PartlyWrittenError: Only a part was written.
            SyncFailedError: It was written, and may be durable or not.
            OSError: Nothing was written.
        """
        size = group_bytes(frames)
        if self.segment.end_position and self.segment.end_position + size > self._segment_bytes:
            self.change_segment()
        self._make_room(size)
        segment, file = self.segment, self.file
        buffers = encode_group(
            frames,
            segment=segment.id,
            sequence=self.sequence,
            time_ms=time_ms,
            seed=self.seed,
        )
        position = segment.end_position
        if file.claim(position + size):
            self.on_zeros_needed(file)
        write_all(self.segments.files, file.handle, buffers, position)
        try:
            self.segments.files.sync(file.handle)
        except OSError as error:
            raise SyncFailedError(str(error)) from error
        self._note(frames, position)
        segment.end_position = position + size
        self.sequence += 1
        self.time_ms = time_ms
        self._offer_snapshot()

    def _offer_snapshot(self) -> None:
        segment, index = self.segment, self.segment.index
        assert index is not None
        if (
            segment.end_position - self._snapshot_position >= _SNAPSHOT_BYTES
            or index.count - self._snapshot_frames >= _SNAPSHOT_FRAMES
        ):
            self._snapshot_position = segment.end_position
            self._snapshot_frames = index.count
            self.on_written(segment, segment.end_position, self.sequence, self.time_ms)

    def _note(self, frames: Sequence[Frame], position: int) -> None:
        """Enter the frames of a durable group into the indexes."""
        segment = self.segment
        index = segment.index
        assert index is not None
        at = position + GROUP_HEADER_BYTES
        for frame in frames:
            size = frame.size
            segment.bytes += size
            if frame.kind == NOTE:
                index.notes.append((at, size))
                segment.notes_written += 1
                segment.note_bytes += size
            else:
                number, base = frame.number, frame.base_offset
                partition = self.numbers.get(number)
                starts_run = index.add(number, base, at, frame.count, size)
                if partition is not None:
                    if starts_run:
                        partition.add_run(base, segment.id)
                        segment.live_runs += 1
                    segment.live_bytes += size
                    end = base + frame.count
                    if end > partition.end_offset:
                        partition.end_offset = end
                        self.changed.add(partition)
            at += size

    def _make_room(self, size: int) -> None:
        if not self._size_max_bytes:
            return
        while self._growth(size) + self.used_bytes() > self._size_max_bytes:
            if self._spares:
                self.segments.files.remove(self._spares.pop()[0])
            elif not self._free_any():
                raise LogFullError(
                    f"the log is full: its files may take {self._size_max_bytes} bytes"
                )

    def _growth(self, size: int) -> int:
        return max(self.segment.end_position + size - self.file.size, 0)

    def _free_any(self) -> bool:
        """Give a segment back in which nothing counts, also the one that is written to."""
        for segment in list(self.segments.all.values()):
            if segment.is_dead and segment.end_position:
                if segment is self._open:
                    self.change_segment()
                return self.free(segment)
        return False

    def change_segment(self) -> None:
        """Go on in a new segment; the file of one that was given back is used if there is one."""
        files, old = self.segments.files, self._open
        segment = Segment(self.next_segment, self.sequence)
        segment.index = OpenIndex()
        path = self.segments.path(segment.id)
        if self._spares:
            files.rename(self._spares.pop(0)[0], path)
        handle = files.open(path, make=True)
        files.sync(handle)
        files.sync_folder(self.segments.folder)
        full = None
        if old is not None:
            old.end_sequence = self.sequence
            full = SegmentRow(old.id, old.first_sequence, self.sequence, old.end_position)
        self.catalogue.next_segment(
            SegmentRow(segment.id, self.sequence, None, None), full, self.changed, self.time_ms
        )
        self.changed.clear()
        self.next_segment += 1
        self.segments.all[segment.id] = segment
        if old is not None:
            old.size = self.file.size
            old.time_ms = self.time_ms
            self.file.close()
            self.on_full(old)
        self._open = segment
        self._file = OpenFile(files, handle, 0, self._file_limit)
        self._snapshot_position = self._snapshot_frames = 0

    def free(self, segment: Segment) -> bool:
        """Give back the file of a full segment in which nothing counts.

        False while somebody reads from it.
        """
        if not self.segments.forget(segment.id):
            return False
        files, path = self.segments.files, self.segments.path(segment.id)
        self.catalogue.delete_segment(segment.id)
        files.remove(self.segments.index_path(segment.id))
        if segment.is_missing:
            return True
        spare = path.with_suffix(SPARE_SUFFIX)
        files.rename(path, spare)
        self.add_spare(spare, segment.size)
        return True

    def finish(self) -> None:
        """Write down where everything ends, so that the next start misses what is gone.

        An empty group comes last: it shows that the one before was durable.
        """
        self.write((), self.time_ms)
        self.catalogue.note_close(self.changed, self.sequence, self.time_ms)
        self.changed.clear()

    def close(self) -> None:
        """Release the file."""
        if self._file is not None:
            self._file.close()
