"""The record log that needs nothing but a folder."""

import asyncio
import time
from asyncio import AbstractEventLoop, Future
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from sluiceway.backends.embedded.appends import Append, Group, Job, WaitingWork, Work
from sluiceway.backends.embedded.cleaning import Cleaner
from sluiceway.backends.embedded.files import Files
from sluiceway.backends.embedded.frames import Sealer
from sluiceway.backends.embedded.listeners import Listeners
from sluiceway.backends.embedded.notes import Moved, PlacedNote, check_note, encode_note
from sluiceway.backends.embedded.observer import LogObserver, SilentObserver
from sluiceway.backends.embedded.opened import OpenedLog
from sluiceway.backends.embedded.opening import open_files
from sluiceway.backends.embedded.partitions import Partition
from sluiceway.backends.embedded.reading import Reader, ReadRequest
from sluiceway.backends.embedded.settings import EmbeddedLogSettings
from sluiceway.backends.embedded.trimming import trim
from sluiceway.backends.embedded.writer import Failed, Outcome, Stored, Writer
from sluiceway.foundation.errors import SluicewayError
from sluiceway.foundation.rids import ViewRid
from sluiceway.streams.backlog import Backlog
from sluiceway.streams.log import (
    Batch,
    KeptNote,
    Listener,
    LogHealth,
    Note,
    NoteKind,
    StoredBatch,
    StoredRecord,
)
from sluiceway.streams.log_errors import LogUnavailableError, LogViewNotFoundError
from sluiceway.streams.pending import PendingAppend

_CLOSED: Final = "it is closed"


def epoch_ms() -> int:
    """Give the time in epoch milliseconds."""
    return time.time_ns() // 1_000_000


async def open_log(
    folder: Path,
    settings: EmbeddedLogSettings | None = None,
    *,
    observer: LogObserver | None = None,
    now_ms: Callable[[], int] = epoch_ms,
    files: Files | None = None,
) -> "EmbeddedLog":
    """Open the log in *folder*, or make one there.

    The folder must not be open elsewhere; whoever owns the data folder sees to that.

    Raises:
        LogUnavailableError: The folder cannot be used, holds something else, or is damaged.
        LogVersionError: A newer program wrote it.
    """
    settings = settings or EmbeddedLogSettings()
    opened = await asyncio.to_thread(open_files, folder, settings, now_ms, files)
    return EmbeddedLog(
        opened, settings, observer or SilentObserver(), asyncio.get_running_loop(), now_ms
    )


class EmbeddedLog:
    """A `RecordLog` in segment files, made by `open_log`.

    All its methods belong to the event loop that opened it. What is appended while a commit runs
    becomes durable together with the next one.
    """

    def __init__(
        self,
        opened: OpenedLog,
        settings: EmbeddedLogSettings,
        observer: LogObserver,
        loop: AbstractEventLoop,
        now_ms: Callable[[], int],
    ) -> None:
        self._views = opened.views
        self._opened = opened
        self._notes = opened.notes
        self._journal = opened.journal
        self._settings = settings
        self._observer = observer
        self._loop = loop
        self._cleaner = Cleaner(opened.journal, opened.notes, now_ms, self._note_moves)
        self._reader = Reader(opened.segments, settings.readers)
        self.backlog = Backlog(settings.queue_bytes_max)
        self._waiting = WaitingWork(
            self.backlog, settings.group_bytes_max, settings.frame_bytes_max
        )
        self._listeners = Listeners()
        self._is_writing = False
        self._is_hand_over_due = False
        self._refusal: str | None = None
        self._ended: Future[None] = loop.create_future()
        self._closing: asyncio.Task[None] | None = None
        sealer = Sealer(settings.compression_level, opened.segments.seed)
        self._writer = Writer(opened.journal, self._cleaner, sealer, loop=loop, now_ms=now_ms)
        self._writer.start(self._finish, self._stop_writes, self._end)

    def append(self, batches: Sequence[Batch], note: Note | None = None) -> PendingAppend:
        """Store all of *batches* and *note*, or nothing; see `RecordLog.append`."""
        append = Append()
        try:
            placed = self._place(append, batches)
            view_number = self._reserve(append, note) if note is not None else 0
        except SluicewayError as error:
            # Its traceback would hold the frames, and with them the records, of all who wait.
            append.fail(error.with_traceback(None))
            return append
        self._waiting.add(append, placed)
        if note is not None:
            self._attach(append, note, view_number, batches)
        if not self._is_hand_over_due:
            self._hand_over_soon()
        return append

    def _place(self, append: Append, batches: Sequence[Batch]) -> list[tuple[Partition, Batch]]:
        """Find where each batch goes, or raise what the append fails with."""
        if self._refusal is not None:
            raise LogUnavailableError(self._refusal)
        views = self._views
        placed = []
        size = append.size
        for batch in batches:
            partitions = views.get(batch.view)
            if partitions is None or not 0 <= batch.partition < len(partitions):
                raise LogViewNotFoundError(batch.view, batch.partition)
            partition = partitions[batch.partition]
            if partition.damage is not None:
                raise partition.damage_error()
            placed.append((partition, batch))
            size += len(batch.lines)
        append.size = size
        self.backlog.check(size)
        return placed

    def _reserve(self, append: Append, note: Note) -> int:
        """Make sure that there is room for *note*; give the number of its view."""
        check_note(note)
        view_number = self._find_all(note.view)[0].view_number
        append.size += len(note.name) + len(note.value)
        self._notes.reserve(view_number, note)
        return view_number

    @staticmethod
    def _attach(append: Append, note: Note, view_number: int, batches: Sequence[Batch]) -> None:
        places = [
            (batch.partition, first, batch.count)
            for batch, first in zip(batches, append.offsets, strict=True)
        ]
        data = encode_note(note, places)
        append.note = PlacedNote(view_number, note.kind, note.name, data, len(places))

    def note(self, view: ViewRid, kind: NoteKind, name: bytes) -> KeptNote | None:
        """Give the newest durable note of that name; see `RecordLog.note`."""
        partitions = self._views.get(view)
        if partitions is None:
            return None
        return self._notes.get(partitions[0].view_number, kind, name)

    async def create_view(self, view: ViewRid, *, partitions: int, compressed: bool) -> None:
        """Make an empty log for *view*; see `RecordLog.create_view`."""

        def run() -> None:
            # Looked up in its turn, since another call may have made it meanwhile.
            if view not in self._views:
                made = self._opened.catalogue.insert_view(view, partitions, compressed=compressed)
                self._journal.numbers.update({one.number: one for one in made})
                self._views[view] = tuple(made)

        if view not in self._views:
            await self._do(run)

    async def views(self) -> set[ViewRid]:
        """Give every view that has a log; see `RecordLog.views`."""
        return set(self._views)

    async def delete_view(self, view: ViewRid) -> None:
        """Remove *view* and all its records; see `RecordLog.delete_view`.

        Nobody finds it any more on return; its space is given back in the background.
        """
        # Taken away before its turn comes, so that no append is queued behind the deletion.
        partitions = self._views.pop(view, None)
        if partitions is None:
            return
        self._listeners.gone(view)

        def run() -> None:
            self._opened.catalogue.delete_view(view)
            for partition in partitions:
                partition.is_deleted = True
            self._cleaner.deleted(partitions)

        try:
            await self._do(run)
        except LogUnavailableError:
            self._views.setdefault(view, partitions)
            raise
        self._notes.forget_view(partitions[0].view_number)

    async def read(
        self, view: ViewRid, partition: int, start: int, *, limit: int, bytes_max: int
    ) -> list[StoredRecord]:
        """Give up to *limit* records from offset *start* on; see `RecordLog.read`."""
        request = self._request(view, partition, start, bytes_max)
        if request is None or limit <= 0:
            return []
        return await self._reader.read(request, limit)

    async def read_batches(
        self, view: ViewRid, partition: int, start: int, *, bytes_max: int
    ) -> list[StoredBatch]:
        """Give records as they are stored; see `RecordLog.read_batches`."""
        request = self._request(view, partition, start, bytes_max)
        return [] if request is None else await self._reader.read_batches(request)

    def _request(
        self, view: ViewRid, partition: int, start: int, bytes_max: int
    ) -> ReadRequest | None:
        """Say what to read; nothing at or past the end."""
        place = self._find(view, partition)
        start = max(start, place.start_offset)
        if start < place.end_offset:
            return ReadRequest(place, start, place.end_offset, bytes_max)
        if place.damage is not None:
            raise place.damage_error()
        return None

    async def stored_bytes(self, view: ViewRid, partition: int, start: int, end: int) -> int:
        """Give how many bytes records take; see `RecordLog.stored_bytes`."""
        place = self._find(view, partition)
        start, end = max(start, place.start_offset), min(end, place.end_offset)
        return await self._reader.stored_bytes(place, start, end) if start < end else 0

    async def start_offsets(self, view: ViewRid) -> dict[int, int]:
        """Give the first kept offset of each partition; see `RecordLog.start_offsets`."""
        return {place.index: place.start_offset for place in self._find_all(view)}

    async def end_offsets(self, view: ViewRid) -> dict[int, int]:
        """Give the next offset of each partition; see `RecordLog.end_offsets`."""
        return {place.index: place.end_offset for place in self._find_all(view)}

    def listen(self, view: ViewRid, listener: Listener) -> Callable[[], None]:
        """Have *listener* told of what becomes durable; see `RecordReader.listen`."""
        return self._listeners.add(view, listener)

    async def trim(self, view: ViewRid, partition: int, before: int) -> None:
        """Forget the records below *before*; see `RecordLog.trim`.

        They cannot be read any more on return; their space is given back in the background.
        """
        place = self._find(view, partition)
        opened, cleaner = self._opened, self._cleaner
        await self._do(lambda: trim(opened.segments, opened.catalogue, cleaner, place, before))

    def health(self) -> LogHealth:
        """Tell whether writes are taken; see `RecordLog.health`."""
        return LogHealth(
            is_writable=self._refusal is None,
            reason=self._refusal,
            queued_batches=self._waiting.batches,
            queued_bytes=self.backlog.size,
        )

    async def close(self) -> None:
        """Finish what was appended, then close the files; see `RecordLog.close`."""
        if self._closing is None:
            self._closing = self._loop.create_task(self._close())
        await asyncio.shield(self._closing)

    async def _close(self) -> None:
        if self._refusal is None:
            self._refusal = _CLOSED
        # Work is done in its turn: when this job is done, all before it is.
        last: Future[Any] = self._loop.create_future()
        self._enqueue_job(Job(last, self._journal.finish))
        await asyncio.gather(last, return_exceptions=True)
        await asyncio.to_thread(self._reader.close)
        self._writer.stop()
        await self._ended
        await asyncio.to_thread(self._opened.close)

    async def _do(self, run: Callable[[], Any]) -> Any:  # noqa: ANN401 - what run gives
        if self._refusal is not None:
            raise LogUnavailableError(self._refusal)
        future: Future[Any] = self._loop.create_future()
        self._enqueue_job(Job(future, run))
        return await future

    def _find_all(self, view: ViewRid) -> tuple[Partition, ...]:
        partitions = self._views.get(view)
        if partitions is None:
            raise LogViewNotFoundError(view)
        return partitions

    def _find(self, view: ViewRid, partition: int) -> Partition:
        partitions = self._find_all(view)
        if not 0 <= partition < len(partitions):
            raise LogViewNotFoundError(view, partition)
        return partitions[partition]

    def _enqueue_job(self, job: Job) -> None:
        self._waiting.add_job(job)
        self._hand_over_soon()

    def _hand_over_soon(self) -> None:
        if not self._is_writing and not self._is_hand_over_due:
            # At the end of the loop's turn, so that all its appends go together.
            self._is_hand_over_due = True
            self._loop.call_soon(self._hand_over)

    def _hand_over(self) -> None:
        self._is_hand_over_due = False
        if self._waiting and not self._is_writing:
            self._is_writing = True
            self._writer.submit(self._waiting.take())

    def _finish(self, work: Work, outcome: Outcome) -> None:
        self._is_writing = False
        if isinstance(outcome, Failed):
            self._refuse(work, outcome)
            self._stop_writes(outcome)
            return
        if isinstance(outcome, Stored):
            assert isinstance(work, Group)
            self._acknowledge(work, outcome)
        elif isinstance(work, Job) and not work.future.done():
            work.future.set_result(outcome.result)
        if self._waiting and not self._is_hand_over_due:
            # After those who were just told have had their turn: what they append joins.
            self._is_hand_over_due = True
            self._loop.call_soon(self._hand_over)

    def _acknowledge(self, group: Group, stored: Stored) -> None:
        self._waiting.settle(group)
        for append in group.appends:
            if append.note is not None:
                self._keep(append.note, stored)
            append.store(append.offsets, stored.time_ms)
        if self._listeners:
            self._listeners.grown(lines.partition for lines in group.frames)
        self._observer.observe_commit(stored.commit)

    def _keep(self, note: PlacedNote, stored: Stored) -> None:
        # Those of a view that is being deleted are forgotten when that is done.
        self._notes.settle(note)
        self._notes.keep(
            note.view_number, note.data, stored.sequence, stored.time_ms, stored.segment
        )
        self._notes.forget_old()

    def _note_moves(self, moves: list[Moved]) -> None:
        """Take note of copied notes; called in the writer thread."""

        def move() -> None:
            for moved in moves:
                self._notes.move(moved)

        self._loop.call_soon_threadsafe(move)

    def _refuse(self, work: Work, failed: Failed) -> None:
        if isinstance(work, Job):
            if not work.future.done():
                work.future.set_exception(failed.error())
            return
        self._waiting.settle(work)
        for append in work.appends:
            if append.note is not None:
                self._notes.settle(append.note)
            append.fail(failed.error())

    def _stop_writes(self, failed: Failed) -> None:
        if self._refusal in {None, _CLOSED}:
            self._refusal = failed.reason
            self._observer.observe_stop(failed.reason)
        while self._waiting:
            self._refuse(self._waiting.take(), Failed(failed.reason, is_outcome_known=True))

    def _end(self) -> None:
        if not self._ended.done():
            self._ended.set_result(None)
