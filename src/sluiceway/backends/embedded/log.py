"""The record log that needs nothing but a folder."""

import asyncio
import sqlite3
import time
from asyncio import AbstractEventLoop, Future
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from sluiceway.backends.embedded.erasing import Eraser
from sluiceway.backends.embedded.file import (
    Contents,
    Remains,
    forget_view,
    insert_view,
    load_contents,
    open_writer,
    record_ends,
)
from sluiceway.backends.embedded.groups import Append
from sluiceway.backends.embedded.observer import LogObserver, SilentObserver
from sluiceway.backends.embedded.partitions import Partition
from sluiceway.backends.embedded.reading import ReaderPool, ReadRequest
from sluiceway.backends.embedded.settings import EmbeddedLogSettings
from sluiceway.backends.embedded.trimming import trim
from sluiceway.backends.embedded.waiting import WaitingWork
from sluiceway.backends.embedded.writer import Failed, Job, Outcome, Stored, Work, Writer
from sluiceway.foundation.errors import SluicewayError
from sluiceway.foundation.rids import ViewRid
from sluiceway.streams.log import Batch, LogHealth, StoredRecord
from sluiceway.streams.log_errors import LogBusyError, LogUnavailableError, LogViewNotFoundError
from sluiceway.streams.pending import PendingAppend

APPEND_SHARE_BYTES: Final = 256
"""What an append counts for beside its bytes, so that tiny ones are bounded too."""

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
) -> "EmbeddedLog":
    """Open the log in *folder*, or make one there.

    The folder must not be open elsewhere; whoever owns the data folder sees to that.

    Raises:
        LogUnavailableError: The folder cannot be used, holds something else, or is damaged.
        LogVersionError: A newer program wrote it.
    """
    settings = settings or EmbeddedLogSettings()

    def open_file() -> tuple[sqlite3.Connection, Contents, ReaderPool]:
        connection = open_writer(folder, settings)
        try:
            return connection, load_contents(connection), ReaderPool(folder, settings)
        except BaseException:
            connection.close()
            raise

    try:
        connection, contents, readers = await asyncio.to_thread(open_file)
    except (sqlite3.Error, OSError, TypeError, ValueError) as error:
        # A damaged page may also turn a column into another type, or a text into what is none.
        raise LogUnavailableError(f"{folder} cannot be opened: {error}") from error
    loop = asyncio.get_running_loop()
    writer = Writer(
        connection,
        settings,
        Eraser(connection, contents.remains),
        loop=loop,
        now_ms=now_ms,
        newest_ms=contents.time_ms,
    )
    return EmbeddedLog(
        contents.views, writer, readers, settings, observer or SilentObserver(), loop
    )


class EmbeddedLog:
    """A `RecordLog` in one SQLite file, made by `open_log`.

    All its methods belong to the event loop that opened it. What is appended while a commit runs
    becomes durable together with the next one.
    """

    def __init__(
        self,
        views: dict[ViewRid, tuple[Partition, ...]],
        writer: Writer,
        readers: ReaderPool,
        settings: EmbeddedLogSettings,
        observer: LogObserver,
        loop: AbstractEventLoop,
    ) -> None:
        self._views = views
        self._writer = writer
        self._readers = readers
        self._settings = settings
        self._observer = observer
        self._loop = loop
        self._waiting = WaitingWork(settings.group_bytes_max)
        self._is_writing = False
        self._is_hand_over_due = False
        self._refusal: str | None = None
        self._ended: Future[None] = loop.create_future()
        self._closing: asyncio.Task[None] | None = None
        writer.start(self._finish, self._stop_writes, self._end)

    def append(self, batches: Sequence[Batch]) -> PendingAppend:
        """Store all of *batches* or none of them; see `RecordLog.append`."""
        append = Append([], APPEND_SHARE_BYTES)
        try:
            self._place(append, batches)
        except SluicewayError as error:
            append.fail(error)
        else:
            self._enqueue(append)
        return append

    def _place(self, append: Append, batches: Sequence[Batch]) -> None:
        """Find where each batch goes, or raise what the append fails with."""
        if self._refusal is not None:
            raise LogUnavailableError(self._refusal)
        views = self._views
        placed = []
        for batch in batches:
            partitions = views.get(batch.view)
            if partitions is None or not 0 <= batch.partition < len(partitions):
                raise LogViewNotFoundError(batch.view, batch.partition)
            partition = partitions[batch.partition]
            if partition.damage is not None:
                raise partition.damage_error()
            placed.append((partition, batch))
            append.size += len(batch.lines)
        append.placed = placed
        queued = self._waiting.size
        if queued and queued + append.size > self._settings.queue_bytes_max:
            raise LogBusyError(queued, self._settings.queue_bytes_max)

    async def create_view(self, view: ViewRid, *, partitions: int, compressed: bool) -> None:
        """Make an empty log for *view*; see `RecordLog.create_view`."""

        def run(connection: sqlite3.Connection, _: Eraser) -> None:
            # Looked up in its turn, since another call may have made it meanwhile.
            if view not in self._views:
                made = insert_view(connection, view, partitions, compressed=compressed)
                self._views[view] = made

        if view not in self._views:
            await self._do(run)

    async def views(self) -> set[ViewRid]:
        """Give every view that has a log; see `RecordLog.views`."""
        return set(self._views)

    async def delete_view(self, view: ViewRid) -> None:
        """Remove *view* and all its records; see `RecordLog.delete_view`.

        Nobody finds it any more on return; its rows are deleted in the background.
        """
        # Taken away before its turn comes, so that no append is queued behind the deletion.
        partitions = self._views.pop(view, None)
        if partitions is None:
            return

        def run(connection: sqlite3.Connection, eraser: Eraser) -> None:
            forget_view(connection, view)
            eraser.add(Remains(partition.number, None) for partition in partitions)

        try:
            await self._do(run)
        except LogUnavailableError:
            self._views.setdefault(view, partitions)
            raise

    async def read(
        self, view: ViewRid, partition: int, start: int, *, limit: int, bytes_max: int
    ) -> list[StoredRecord]:
        """Give up to *limit* records from offset *start* on; see `RecordLog.read`."""
        place = self._find(view, partition)
        start = max(start, place.start_offset)
        if start >= place.end_offset or limit <= 0:
            if place.damage is not None:
                raise place.damage_error()
            return []
        return await self._readers.read(
            ReadRequest(place, start, place.end_offset, limit, bytes_max)
        )

    async def start_offsets(self, view: ViewRid) -> dict[int, int]:
        """Give the first kept offset of each partition; see `RecordLog.start_offsets`."""
        return {place.index: place.start_offset for place in self._find_all(view)}

    async def end_offsets(self, view: ViewRid) -> dict[int, int]:
        """Give the next offset of each partition; see `RecordLog.end_offsets`."""
        return {place.index: place.end_offset for place in self._find_all(view)}

    async def trim(self, view: ViewRid, partition: int, before: int) -> None:
        """Forget the records below *before*; see `RecordLog.trim`.

        They cannot be read any more on return; their rows are deleted in the background.
        """
        place = self._find(view, partition)
        await self._do(lambda connection, eraser: trim(connection, eraser, place, before))

    def health(self) -> LogHealth:
        """Tell whether writes are taken; see `RecordLog.health`."""
        return LogHealth(
            is_writable=self._refusal is None,
            reason=self._refusal,
            queued_batches=self._waiting.batches,
            queued_bytes=self._waiting.size,
        )

    async def close(self) -> None:
        """Finish what was appended, then close the file; see `RecordLog.close`."""
        if self._closing is None:
            self._closing = self._loop.create_task(self._close())
        await asyncio.shield(self._closing)

    async def _close(self) -> None:
        if self._refusal is None:
            self._refusal = _CLOSED
        # Work is done in its turn: when this job is done, all before it is.
        partitions = [partition for view in self._views.values() for partition in view]
        last: Future[Any] = self._loop.create_future()
        self._enqueue(Job(last, lambda connection, _: record_ends(connection, partitions)))
        await asyncio.gather(last, return_exceptions=True)
        # The connection that is closed last folds the write-ahead log into the file.
        await asyncio.to_thread(self._readers.close)
        self._writer.stop()
        await self._ended

    async def _do(self, run: Callable[[sqlite3.Connection, Eraser], Any]) -> Any:  # noqa: ANN401 - what run gives
        if self._refusal is not None:
            raise LogUnavailableError(self._refusal)
        future: Future[Any] = self._loop.create_future()
        self._enqueue(Job(future, run))
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

    def _enqueue(self, work: Append | Job) -> None:
        self._waiting.add(work)
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
            assert isinstance(work, list)
            self._acknowledge(work, outcome)
        elif isinstance(work, Job) and not work.future.done():
            work.future.set_result(outcome.result)
        if self._waiting and not self._is_hand_over_due:
            # After those who were just told have had their turn: what they append joins.
            self._is_hand_over_due = True
            self._loop.call_soon(self._hand_over)

    def _acknowledge(self, group: list[Append], stored: Stored) -> None:
        for partition, end in stored.layout.ends.items():
            partition.end_offset = end
        for append, offsets in zip(group, stored.layout.first_offsets, strict=True):
            self._waiting.settle(append)
            append.store(offsets)
        self._observer.observe_commit(stored.commit)

    def _refuse(self, work: Work, failed: Failed) -> None:
        for one in [work] if isinstance(work, Job) else work:
            if isinstance(one, Append):
                self._waiting.settle(one)
                one.fail(failed.error())
            elif not one.future.done():
                one.future.set_exception(failed.error())

    def _stop_writes(self, failed: Failed) -> None:
        if self._refusal in {None, _CLOSED}:
            self._refusal = failed.reason
            self._observer.observe_stop(failed.reason)
        while self._waiting:
            self._refuse(self._waiting.take(), Failed(failed.reason, is_outcome_known=True))

    def _end(self) -> None:
        if not self._ended.done():
            self._ended.set_result(None)
