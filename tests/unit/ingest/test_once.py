"""Exactly once: what was stored before is told apart from what is new, on a real log."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sluiceway.access.caller import PrincipalId
from sluiceway.backends.embedded.log import EmbeddedLog, open_log
from sluiceway.foundation.request_errors import InvalidArgumentError
from sluiceway.foundation.rids import ViewRid, new_view_rid
from sluiceway.ingest.errors import (
    IdempotencyKeyInUseError,
    IdempotencyKeyReusedError,
    ProducerFencedError,
    ProducerSequenceGapError,
)
from sluiceway.ingest.identity import Identity, ProducerPosition, RequestKey
from sluiceway.ingest.once import Claim, Once, Repeated
from sluiceway.streams.log import Batch
from sluiceway.streams.pending import PendingAppend


@dataclass
class Stream:
    """A view with one partition, and what is appended to it."""

    folder: Path
    log: EmbeddedLog
    once: Once
    view: ViewRid

    def append(
        self, identity: Identity, lines: bytes = b"1\n", principal: str = "ada"
    ) -> PendingAppend | Repeated:
        batch = Batch(self.view, 0, lines.count(b"\n"), lines)
        return self.once.append(self.view, Claim(PrincipalId(principal), identity), lines, [batch])

    async def stored(self, identity: Identity, lines: bytes = b"1\n", **more: str) -> list[int]:
        append = self.append(identity, lines, **more)
        assert isinstance(append, PendingAppend)
        return list(await append)

    async def end(self) -> int:
        return (await self.log.end_offsets(self.view))[0]

    async def restart(self) -> None:
        await self.log.close()
        self.log = await open_log(self.folder)
        self.once = Once(self.log)


@pytest.fixture
async def stream(tmp_path: Path) -> AsyncIterator[Stream]:
    log = await open_log(tmp_path)
    made = Stream(tmp_path, log, Once(log), new_view_rid())
    await log.create_view(made.view, partitions=1, compressed=False)
    yield made
    await made.log.close()


def at(seq: int, epoch: int = 0, producer: str = "gateway") -> ProducerPosition:
    return ProducerPosition(producer, epoch, seq)


def places_of(outcome: PendingAppend | Repeated) -> object:
    assert isinstance(outcome, Repeated)
    return outcome.places


@pytest.mark.parametrize("identity", [RequestKey("k"), at(0)])
async def test_a_repeated_request_is_not_stored_again(stream: Stream, identity: Identity) -> None:
    await stream.stored(RequestKey("other"), b"0\n")
    await stream.stored(identity, b"1\n2\n")

    for _ in range(2):
        repeated = stream.append(identity, b"1\n2\n")
        assert isinstance(repeated, Repeated)
        assert list(await repeated.append) == [1]
    assert await stream.end() == 3


async def test_it_is_told_where_the_records_of_a_key_lie(stream: Stream) -> None:
    await stream.stored(RequestKey("k"), b"1\n2\n")

    assert places_of(stream.append(RequestKey("k"), b"1\n2\n")) == ((0, 0, 2),)


@pytest.mark.parametrize("identity", [RequestKey("k"), at(0)])
async def test_it_is_known_after_a_restart(stream: Stream, identity: Identity) -> None:
    await stream.stored(identity)

    await stream.restart()

    assert isinstance(stream.append(identity), Repeated)
    assert await stream.end() == 1


@pytest.mark.parametrize("identity", [RequestKey("k"), at(0)])
async def test_the_same_name_with_other_records_is_refused(
    stream: Stream, identity: Identity
) -> None:
    on_its_way = stream.append(identity, b"1\n")
    with pytest.raises(IdempotencyKeyReusedError):
        stream.append(identity, b"2\n")
    assert isinstance(on_its_way, PendingAppend)
    await on_its_way

    with pytest.raises(IdempotencyKeyReusedError):
        stream.append(identity, b"2\n")


async def test_a_key_whose_request_is_on_its_way_is_in_use(stream: Stream) -> None:
    first = stream.append(RequestKey("k"))

    with pytest.raises(IdempotencyKeyInUseError):
        stream.append(RequestKey("k"))

    assert isinstance(first, PendingAppend)
    await first
    assert isinstance(stream.append(RequestKey("k")), Repeated)


async def test_keys_of_others_are_others(stream: Stream) -> None:
    await stream.stored(RequestKey("k"), principal="ada")

    assert await stream.stored(RequestKey("k"), principal="bob") == [1]


async def test_a_producer_goes_on_without_waiting(stream: Stream) -> None:
    appends = [stream.append(at(number), b"%d\n" % number) for number in range(5)]

    for number, append in enumerate(appends):
        assert isinstance(append, PendingAppend)
        assert list(await append) == [number]


async def test_a_repeated_request_waits_for_the_first_one(stream: Stream) -> None:
    first, repeated = stream.append(at(0)), stream.append(at(0))

    assert isinstance(first, PendingAppend)
    assert isinstance(repeated, Repeated)
    assert not repeated.append.is_settled
    assert list(await repeated.append) == list(await first) == [0]
    assert await stream.end() == 1


async def test_every_earlier_request_of_a_producer_is_known(stream: Stream) -> None:
    for number in range(4):
        await stream.stored(at(number), b"%d\n" % number)
    stream.append(at(4))

    for number in range(5):
        repeated = stream.append(at(number), b"%d\n" % number if number < 4 else b"1\n")
        assert isinstance(repeated, Repeated)
        assert repeated.last == at(4)


@pytest.mark.parametrize("is_durable", [True, False])
async def test_a_gap_is_refused_and_changes_nothing(stream: Stream, is_durable: bool) -> None:  # noqa: FBT001 - a table
    first = stream.append(at(0))
    assert isinstance(first, PendingAppend)
    if is_durable:
        await first

    with pytest.raises(ProducerSequenceGapError) as refused:
        stream.append(at(2))

    assert refused.value.parameters["expectedSeq"] == 1
    assert await stream.stored(at(1)) == [1]


async def test_an_unknown_producer_begins_with_nought(stream: Stream) -> None:
    with pytest.raises(ProducerSequenceGapError):
        stream.append(at(1))


async def test_a_new_epoch_fences_the_older_one(stream: Stream) -> None:
    await stream.stored(at(0))
    await stream.stored(at(0, epoch=2))

    with pytest.raises(ProducerFencedError) as fenced:
        stream.append(at(1))

    assert fenced.value.headers == {"Producer-Epoch": "2"}
    assert await stream.stored(at(1, epoch=2)) == [2]


async def test_a_new_epoch_begins_with_nought(stream: Stream) -> None:
    await stream.stored(at(0))

    with pytest.raises(InvalidArgumentError):
        stream.append(at(1, epoch=1))


async def test_producers_do_not_know_each_other(stream: Stream) -> None:
    await stream.stored(at(0))

    assert await stream.stored(at(0, producer="other")) == [1]


async def test_what_the_log_refuses_may_be_sent_again(stream: Stream) -> None:
    await stream.log.delete_view(stream.view)
    for identity in (RequestKey("k"), at(0)):
        refused = stream.append(identity)
        assert isinstance(refused, PendingAppend)
        assert refused.error is not None

    await stream.log.create_view(stream.view, partitions=1, compressed=False)

    assert await stream.stored(RequestKey("k")) == [0]
    assert await stream.stored(at(0)) == [1]
