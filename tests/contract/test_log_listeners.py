"""Who listens to a view of a record log is told of all that becomes durable in it, and when."""

import asyncio
from collections.abc import Mapping

import pytest

from sluiceway.foundation.rids import ViewRid, new_view_rid
from sluiceway.streams.log import Batch, RecordLog
from sluiceway.streams.pending import PendingAppend

Told = list[Mapping[int, int] | None]


def batch(view: ViewRid, count: int = 1, *, partition: int = 0) -> Batch:
    return Batch(view, partition, count, b'{"v":1}\n' * count)


async def make_view(log: RecordLog, *, partitions: int = 1) -> ViewRid:
    view = new_view_rid()
    await log.create_view(view, partitions=partitions, compressed=False)
    return view


async def settle(append: PendingAppend) -> None:
    await append


async def test_who_listens_is_told_of_its_view_alone_once_the_end_says_so(log: RecordLog) -> None:
    view, other = await make_view(log, partitions=2), await make_view(log)
    told: Told = []
    others: Told = []
    leave, _ = log.listen(view, told.append), log.listen(other, others.append)

    await log.append([batch(view, 2, partition=1), batch(other)])
    await log.append([batch(other)])
    await log.append([batch(view), batch(view, partition=1)])
    assert told == [{1: 2}, {0: 1, 1: 3}]
    assert others == [{0: 1}, {0: 2}]

    leave()
    leave()
    await log.append([batch(view)])
    assert told == [{1: 2}, {0: 1, 1: 3}]


async def test_what_becomes_durable_together_is_told_once(log: RecordLog) -> None:
    view = await make_view(log)
    first: Told = []
    second: Told = []
    log.listen(view, first.append)
    log.listen(view, second.append)

    await asyncio.gather(*(settle(log.append([batch(view)])) for _ in range(20)))

    assert first == second == [{0: 20}]


async def test_an_append_is_settled_before_it_is_told(log: RecordLog) -> None:
    view = await make_view(log)
    append = log.append([batch(view)])
    told: list[bool] = []
    log.listen(view, lambda _: told.append(append.is_settled))

    await append

    assert told == [True]


async def test_who_listens_is_told_that_the_view_is_gone(log: RecordLog) -> None:
    view = await make_view(log)
    told: Told = []
    log.listen(view, told.append)

    await log.delete_view(view)
    await log.delete_view(view)

    assert told == [None]


async def test_a_listener_that_fails_hurts_nobody(
    log: RecordLog, caplog: pytest.LogCaptureFixture
) -> None:
    view = await make_view(log)
    told: Told = []

    def fail(_: Mapping[int, int] | None) -> None:
        raise ValueError("broken")

    log.listen(view, fail)
    log.listen(view, told.append)

    assert list(await log.append([batch(view)])) == [0]
    assert list(await log.append([batch(view)])) == [1]
    assert told == [{0: 1}, {0: 2}]
    assert "broken" in caplog.text
