"""The thread that does what no commit should wait for: zeros ahead, index files."""

import logging
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Final

from sluiceway.backends.embedded.files import write_all
from sluiceway.backends.embedded.index import OpenIndex, encode_index
from sluiceway.backends.embedded.segments import Segment, SegmentGoneError, Segments
from sluiceway.backends.embedded.tail import OpenFile

_logger: Final = logging.getLogger(__name__)


class Keeper:
    """Keeps files in shape, in a thread of its own.

    Nothing that it does changes what the log holds. When it fails, it says so, and the next start
    has more to do.
    """

    def __init__(self, segments: Segments) -> None:
        self._segments = segments
        self._work: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._extending: OpenFile | None = None
        self._snapshot: tuple[Segment, int, int, int] | None = None
        self._snapshot_lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="log-keeper", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Finish what was asked for, then end the thread."""
        self._work.put(None)
        self._thread.join()

    def extend(self, file: OpenFile) -> None:
        """Write zeros ahead in *file*."""
        if self._extending is not file:
            self._extending = file
            self._work.put(lambda: self._extend(file))

    def seal(self, segment: Segment) -> None:
        """Write the index of a full *segment*; then its memory is given back."""
        self._work.put(lambda: self._seal(segment))

    def snapshot(self, segment: Segment, position: int, sequence: int, time_ms: int) -> None:
        """Write the index of what lies before *position*, so that a start need not look at it.

        One that waits for its turn is given up for a newer one.
        """
        # Taken over between the two lines it would be neither in its turn nor due for one.
        with self._snapshot_lock:
            is_waiting = self._snapshot is not None
            self._snapshot = (segment, position, sequence, time_ms)
        if not is_waiting:
            self._work.put(self._write_snapshot)

    def _write_snapshot(self) -> None:
        with self._snapshot_lock:
            wanted, self._snapshot = self._snapshot, None
        assert wanted is not None
        segment, position, sequence, time_ms = wanted
        index = segment.index
        # What is full has an index of the whole already, or gets it next.
        if index is not None and segment.end_sequence is None:
            self._write(segment, index, position, sequence, time_ms)

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            try:
                work()
            except SegmentGoneError:
                continue
            except Exception:
                _logger.exception("keeping the log's files in shape failed")

    def _extend(self, file: OpenFile) -> None:
        while self._extending is file and file.extend():
            # Index files come first: without them memory grows.
            if not self._work.empty():
                self._work.put(lambda: self._extend(file))
                return
        if self._extending is file:
            self._extending = None

    def _seal(self, segment: Segment) -> None:
        index = segment.index
        if index is None or segment.id not in self._segments.all:
            return
        assert segment.end_sequence is not None
        self._write(segment, index, segment.end_position, segment.end_sequence, segment.time_ms)
        segment.index = None

    def _write(
        self, segment: Segment, index: OpenIndex, position: int, sequence: int, time_ms: int
    ) -> None:
        files = self._segments.files
        with self._segments.reading(segment.id) as reading:
            notes = b"".join(
                files.read(reading.file, size, at)
                for at, size in list(index.notes)
                if at < position
            )
        data = encode_index(
            index,
            segment=segment.id,
            position=position,
            sequence=sequence,
            time_ms=time_ms,
            notes=notes,
        )
        path = self._segments.index_path(segment.id)
        written = path.with_suffix(".index-part")
        files.remove(written)
        handle = files.open(written, make=True)
        try:
            write_all(files, handle, [data], 0)
            files.sync(handle)
        finally:
            files.close(handle)
        files.rename(written, path)
