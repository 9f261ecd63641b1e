"""A log that another process has: what is appended, what it is told, and what when that is gone."""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio

from sluiceway.backends.embedded.log import EmbeddedLog, open_log
from sluiceway.backends.embedded.settings import EmbeddedLogSettings
from sluiceway.backends.remote.channel import Channel
from sluiceway.backends.remote.failures import put_together, taken_apart
from sluiceway.backends.remote.log import RemoteLog
from sluiceway.backends.remote.owner import WorkerLink
from sluiceway.backends.remote.wire import Counts, Forget, FromOwner, Outcomes
from sluiceway.foundation.rids import Rid, ViewRid
from sluiceway.streams.log import Batch
from sluiceway.streams.log_errors import (
    AdmissionOutdatedError,
    LogBusyError,
    LogCorruptError,
    LogNotesFullError,
    LogOutcomeUnknownError,
    LogUnavailableError,
    LogViewNotFoundError,
)

VIEW = ViewRid(Rid("ri.foundry-streaming.main.view.1"))


def batch(*values: int, view: ViewRid = VIEW, partition: int = 0) -> Batch:
    lines = b"".join(b'{"n":%d}\n' % value for value in values)
    return Batch(view, partition, len(values), lines)


@dataclass(eq=False)
class Pair:
    """Both sides of the socket, in one process, around a real log."""

    log: EmbeddedLog
    generation: int = 0
    counted_batches: list[Batch] = field(default_factory=list)
    counts: list[Counts] = field(default_factory=list)

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        ours, theirs = socket.socketpair()
        self.link = WorkerLink(self.log, self, lambda: self.generation)
        self.channel: Channel[FromOwner] = Channel(FromOwner, self._receive, self._lose)
        self.remote = RemoteLog(loop, self.channel.send, 1_048_576)
        await loop.create_connection(lambda: self.link.channel, sock=ours)
        await loop.create_connection(lambda: self.channel, sock=theirs)

    def _receive(self, message: FromOwner) -> None:
        if isinstance(message, Outcomes):
            self.remote.settle(message.outcomes)
        elif isinstance(message, Forget):
            self.remote.generation = message.generation

    def _lose(self) -> None:
        self.remote.lose()

    def stored(self, batches: Sequence[Batch], started: float) -> None:
        assert started > 0
        self.counted_batches.extend(batches)

    def counted(self, worker: WorkerLink, counts: Counts) -> None:
        assert worker is self.link
        self.counts.append(counts)

    async def values(self) -> list[bytes]:
        found = await self.log.read(VIEW, 0, 0, limit=10_000, bytes_max=1 << 30)
        return [record.value for record in found]


@pytest_asyncio.fixture
async def pair(tmp_path: Path) -> AsyncIterator[Pair]:
    settings = EmbeddedLogSettings(queue_bytes_max=1_048_576)
    log = await open_log(tmp_path / "log", settings)
    await log.create_view(VIEW, partitions=2, compressed=False)
    made = Pair(log)
    await made.open()
    yield made
    made.link.channel.close()
    made.channel.close()
    await log.close()


async def test_what_is_appended_is_stored_in_its_order(pair: Pair) -> None:
    appends = [pair.remote.append([batch(n), batch(n, n, partition=1)]) for n in range(500)]
    settled: list[int] = []
    for number, append in enumerate(appends):
        append.then(lambda number=number: settled.append(number))

    firsts = [tuple(await append) for append in appends]

    assert firsts == [(n, 2 * n) for n in range(500)]
    assert settled == list(range(500))
    assert all(append.time_ms > 0 for append in appends)
    assert await pair.values() == [b'{"n":%d}' % n for n in range(500)]
    assert len(pair.counted_batches) == 1_000


async def test_an_append_of_many_megabytes_goes_through(pair: Pair) -> None:
    line = b'{"n":"%b"}\n' % (b"x" * 1_000_000)
    appends = [pair.remote.append([Batch(VIEW, 0, 20, line * 20)]), pair.remote.append([batch(1)])]

    assert list(await appends[0]) == [0]
    with pytest.raises(LogBusyError) as caught:
        await appends[1]
    assert caught.value.queue_bytes_max == 1_048_576


async def test_what_was_admitted_before_a_change_is_not_stored(pair: Pair) -> None:
    pair.generation = 1
    behind, question = pair.remote.append([batch(1)]), pair.remote.append(())
    for append in (behind, question):
        with pytest.raises(AdmissionOutdatedError):
            await append
    pair.link.forget()
    await asyncio.sleep(0.05)

    assert list(await pair.remote.append(())) == []
    assert list(await pair.remote.append([batch(2)])) == [0]
    assert await pair.values() == [b'{"n":2}']


async def test_a_view_that_is_not_there_is_told(pair: Pair) -> None:
    other = ViewRid(Rid("ri.foundry-streaming.main.view.2"))
    with pytest.raises(LogViewNotFoundError) as caught:
        await pair.remote.append([batch(1, view=other)])

    assert (caught.value.view, caught.value.partition) == (other, 0)


async def test_a_closed_log_is_told(pair: Pair) -> None:
    await pair.log.close()

    with pytest.raises(LogUnavailableError) as caught:
        await pair.remote.append([batch(1)])
    assert caught.value.wrote_nothing


async def test_when_the_log_is_gone_nobody_knows(pair: Pair) -> None:
    append = pair.remote.append([batch(1)])
    await asyncio.sleep(0)
    pair.link.channel.close()

    with pytest.raises(LogOutcomeUnknownError):
        await append
    late = pair.remote.append([batch(2)])
    with pytest.raises(LogUnavailableError) as caught:
        await late
    assert type(caught.value) is LogUnavailableError


async def test_counts_arrive_with_whom_they_are_from(pair: Pair) -> None:
    counts = Counts(
        [("publishRecord", 204, 3)], {"LogBusy": 1}, [(VIEW, "schema", 2)], {"head": 1}, 4, 17, 5
    )
    pair.channel.send(counts)
    await asyncio.sleep(0.05)

    assert pair.counts == [counts]


@pytest.mark.parametrize(
    "error",
    [
        AdmissionOutdatedError(),
        LogBusyError(3, 2),
        LogCorruptError(VIEW, 1, 7, "torn"),
        LogNotesFullError(5, 60),
        LogOutcomeUnknownError("disk"),
        LogUnavailableError("closed"),
        LogViewNotFoundError(VIEW, 1),
        LogViewNotFoundError(VIEW),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_is_the_same_on_the_other_side(error: Exception) -> None:
    made = put_together(*taken_apart(error))

    assert type(made) is type(error)
    assert vars(made) == vars(error)


def test_of_a_fault_nobody_knows_what_it_wrote() -> None:
    made = put_together(*taken_apart(ValueError("secret")))

    assert type(made) is LogOutcomeUnknownError
    assert "secret" not in str(made)
