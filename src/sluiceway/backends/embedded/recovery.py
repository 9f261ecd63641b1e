"""What the log holds when it is opened: the segments, and where the partitions end."""

import logging
from typing import Final

from sluiceway.backends.embedded.catalogue import Catalogue, SegmentRow, State
from sluiceway.backends.embedded.frames import FRAME_HEADER_BYTES, decode_header, split_frames
from sluiceway.backends.embedded.groups import FoundGroup
from sluiceway.backends.embedded.index import IndexDamagedError, OpenIndex
from sluiceway.backends.embedded.journal import Journal
from sluiceway.backends.embedded.notes import FoundNote
from sluiceway.backends.embedded.partitions import Partition
from sluiceway.backends.embedded.scanning import Scanner, Stretch, Tail, enter, report
from sluiceway.backends.embedded.segments import SPARE_SUFFIX, Segment, Segments

_logger: Final = logging.getLogger(__name__)

_MISSING: Final = "records at its end are missing"
_UNCERTAIN: Final = "its last records may have been in a part of the log that is damaged"
_NAMED_MAX: Final = 10
"""How many partitions are named when something is wrong with many."""


class Recovery:
    """Reads what is there into a journal that was just made; the steps in their order."""

    def __init__(self, journal: Journal, catalogue: Catalogue, state: State) -> None:
        self._journal = journal
        self._segments: Segments = journal.segments
        self._catalogue = catalogue
        self._state = state
        self._found_ends: dict[int, int] = {}
        self._suspects: set[Partition] = set()
        self._is_damaged = False
        self.notes: list[FoundNote] = []
        """All notes, also those that count no more."""

    def run(self) -> None:
        """Find everything out, and let the journal go on behind it."""
        journal, segments = self._journal, self._segments
        journal.sequence = self._state.sequence
        journal.time_ms = self._state.time_ms
        journal.next_segment = self._state.next_segment
        names = set(segments.files.names(segments.folder))
        rows = self._catalogue.segments()
        for row in rows:
            segment = self._add(row)
            if segments.path(row.id).name not in names:
                self._miss(segment)
            elif row.end_sequence is not None:
                self._load_full(segment)
            else:
                self._load_open(segment)
        self._tidy(names, {row.id for row in rows})
        self._check_ends()
        open_ = segments.all[rows[-1].id] if rows else None
        if open_ is None or open_.is_missing or open_.end_sequence is not None:
            journal.change_segment()
        else:
            journal.resume(open_)
            if self._is_damaged:
                journal.change_segment()

    def _add(self, row: SegmentRow) -> Segment:
        segment = Segment(row.id, row.first_sequence)
        segment.end_sequence = row.end_sequence
        segment.end_position = row.end_position or 0
        self._segments.all[row.id] = segment
        return segment

    def _miss(self, segment: Segment) -> None:
        """Name a segment whose file is not there."""
        path = self._segments.path(segment.id)
        _logger.error("%s is missing; the records in it are lost", path)
        segment.is_missing = True
        if segment.end_sequence is None:
            self._is_damaged = True
            segment.end_sequence = self._state.sequence
            if not self._state.is_closed:
                self._suspect()
        try:
            head = self._segments.read_head(segment.id)
        except IndexDamagedError:
            return
        for number, base, _, _ in head.runs():
            # What was there is known, so reading it is an error and no gap.
            self._enter_run(segment, number, base, base, 0)

    def _load_full(self, segment: Segment) -> None:
        segments = self._segments
        handle = segments.files.open(segments.path(segment.id))
        try:
            segment.size = segments.files.size(handle)
            try:
                head = segments.read_full_head(segment)
            except IndexDamagedError as error:
                index = segment.index = segments.rebuild(segment, handle, str(error))
                segments.on_rebuilt(segment)
                runs, notes = index.runs(), self._read_notes(handle, index)
            else:
                segment.time_ms = head.time_ms
                runs, notes = head.runs(), split_frames(head.notes)
        finally:
            segments.files.close(handle)
        for number, base, end, size in runs:
            self._enter_run(segment, number, base, end, size)
        self._take_notes(segment, notes)

    def _load_open(self, segment: Segment) -> None:
        segments = self._segments
        path = segments.path(segment.id)
        handle = segments.files.open(path)
        try:
            index, position, sequence = self._read_snapshot(segment)
            segment.index = index
            scanner = Scanner(segments.files, handle, segment.id, segments.seed)
            for found in scanner.scan(position, sequence, self._state.sequence):
                report(found, path)
                self._take(segment, index, found)
            notes = self._read_notes(handle, index)
        finally:
            segments.files.close(handle)
        for number, base, end, size in index.runs():
            self._enter_run(segment, number, base, end, size)
        self._take_notes(segment, notes)

    def _read_snapshot(self, segment: Segment) -> tuple[OpenIndex, int, int]:
        """Take over what an index file says of an open segment, and where that ends."""
        try:
            sealed = self._segments.read_index(segment.id)
        except IndexDamagedError as error:
            if self._segments.has_index(segment.id):
                _logger.warning("the index of segment %d is not used: %s", segment.id, error)
            return OpenIndex(), 0, segment.first_sequence
        head = sealed.head
        self._journal.time_ms = max(self._journal.time_ms, head.time_ms)
        return sealed.open_index(), head.position, head.sequence

    def _take(self, segment: Segment, index: OpenIndex, found: FoundGroup | Stretch | Tail) -> None:
        """Take over what was found in the open segment."""
        journal = self._journal
        if isinstance(found, Tail):
            segment.end_position = found.position
            journal.sequence = found.sequence
        elif isinstance(found, Stretch):
            self._is_damaged = True
            # When the log was closed, it was written down where every partition ends.
            if not self._state.is_closed and found.end_sequence > self._state.sequence:
                self._suspect()
        else:
            self._is_damaged |= not found.is_intact
            journal.time_ms = max(journal.time_ms, found.header.time_ms)
            for frame, _ in enter(index, found):
                partition = journal.numbers.get(frame.number)
                if partition is not None:
                    self._suspects.discard(partition)

    def _suspect(self) -> None:
        """Of no partition it is known whether its last records were in what is damaged.

        It is known for those of which more records are found behind it.
        """
        self._suspects = set(self._journal.numbers.values())

    def _enter_run(self, segment: Segment, number: int, base: int, end: int, size: int) -> None:
        segment.bytes += size
        partition = self._journal.numbers.get(number)
        if partition is None:
            return
        if end > self._found_ends.get(number, 0):
            self._found_ends[number] = end
        if end > partition.start_offset or segment.is_missing:
            partition.add_run(base, segment.id)
            segment.live_runs += 1
            segment.live_bytes += size
        elif segment.index is not None:
            segment.index.end_run(number, base)

    def _read_notes(self, handle: int, index: OpenIndex) -> list[bytes]:
        return [self._segments.files.read(handle, size, at) for at, size in index.notes]

    def _take_notes(self, segment: Segment, frames: list[bytes]) -> None:
        for frame in frames:
            header = decode_header(frame)
            segment.bytes += len(frame)
            segment.note_bytes += len(frame)
            self.notes.append(
                FoundNote(
                    header.number,
                    header.base_offset,
                    header.time_ms,
                    frame[FRAME_HEADER_BYTES:],
                    segment,
                )
            )

    def _tidy(self, names: set[str], known: set[int]) -> None:
        """Take on or remove the files that belong to no segment."""
        segments, journal = self._segments, self._journal
        keep = {segments.path(id_).name for id_ in known}
        keep |= {segments.index_path(id_).name for id_ in known}
        for name in sorted(names - keep):
            path = segments.folder / name
            if path.suffix not in {SPARE_SUFFIX, ".log"}:
                segments.files.remove(path)
                continue
            spare = path.with_suffix(SPARE_SUFFIX)
            if spare != path:
                segments.files.rename(path, spare)
            handle = segments.files.open(spare)
            size = segments.files.size(handle)
            segments.files.close(handle)
            journal.add_spare(spare, size)

    def _check_ends(self) -> None:
        """Settle where each partition ends; take out those of which nobody knows."""
        damaged = []
        for partition in self._journal.numbers.values():
            found = self._found_ends.get(partition.number, 0)
            end, start = partition.end_offset, partition.start_offset
            is_missing = start < end and found < end
            if partition.damage is None and (is_missing or partition in self._suspects):
                partition.damage = _MISSING if is_missing else _UNCERTAIN
                damaged.append(partition)
            partition.end_offset = partition.next_offset = max(end, found, start)
            if partition.end_offset > end:
                self._journal.changed.add(partition)
        for partition in damaged[:_NAMED_MAX]:
            _logger.error(
                "partition %d of %s takes no more writes: %s",
                partition.index,
                partition.view,
                partition.damage,
            )
        if len(damaged) > _NAMED_MAX:
            _logger.error("so do %d more partitions", len(damaged) - _NAMED_MAX)
        if damaged:
            self._catalogue.note_damage(damaged)
