"""Waiting for records: one listener for each view, and none when nobody waits."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fixtures.streams import Streams, open_streams
from fixtures.watches import stop_the_clock
from sluiceway.foundation.rids import new_view_rid
from sluiceway.reading.arrivals import Arrivals, Waiter
from sluiceway.reading.errors import TooManyWaitingRequestsError
from sluiceway.reading.settings import ReadingSettings

SECONDS = 20.0


@pytest.fixture
async def streams(tmp_path: Path) -> AsyncIterator[Streams]:
    async with open_streams(tmp_path) as opened:
        yield opened


def later() -> float:
    return asyncio.get_running_loop().time() + SECONDS


async def test_those_who_wait_for_a_view_are_told_by_one_listener(streams: Streams):
    view = await streams.create(partitions=2)
    arrivals = Arrivals(streams.log, ReadingSettings())

    async with asyncio.timeout(SECONDS / 2):
        waits = [
            asyncio.create_task(arrivals.wait(view.view_rid, n % 2, Waiter(0), later()))
            for n in range(100)
        ]
        await asyncio.sleep(0.1)
        assert len(arrivals._views) == 1
        await streams.append(view, "a", partition=1)
        await asyncio.gather(*waits[1::2])
        assert not any(wait.done() for wait in waits[::2])
        await streams.append(view, "a", partition=0)
        await asyncio.gather(*waits)
        assert arrivals._views == {}


async def test_a_wait_ends_with_its_view_and_with_the_server(streams: Streams):
    view, other = await streams.create("one"), await streams.create("two")
    arrivals = Arrivals(streams.log, ReadingSettings())

    async with asyncio.timeout(SECONDS / 2):
        first, second = (
            asyncio.create_task(arrivals.wait(one.view_rid, 0, Waiter(0), later()))
            for one in (view, other)
        )
        await asyncio.sleep(0.05)
        await streams.log.delete_view(view.view_rid)
        await first
        assert not second.done()
        arrivals.close()
        await second
        await arrivals.wait(other.view_rid, 0, Waiter(0), later())
        assert arrivals._views == {}


async def test_a_cancelled_wait_leaves_nothing_behind(streams: Streams):
    view = await streams.create()
    arrivals = Arrivals(streams.log, ReadingSettings())

    async with asyncio.timeout(SECONDS / 2):
        wait = asyncio.create_task(arrivals.wait(view.view_rid, 0, Waiter(0), later()))
        await asyncio.sleep(0.05)
        wait.cancel()
        await asyncio.wait([wait])

        assert wait.cancelled()
        assert arrivals._views == {}


async def test_places_are_bounded_and_given_back(streams: Streams):
    arrivals = Arrivals(streams.log, ReadingSettings(waiting_requests_max=2))

    arrivals.admit()
    arrivals.admit()
    with pytest.raises(TooManyWaitingRequestsError):
        arrivals.admit()
    arrivals.dismiss()
    arrivals.admit()


async def test_a_wait_is_ended_by_the_record_and_not_by_a_timer(streams: Streams):
    view = await streams.create()
    arrivals = Arrivals(streams.log, ReadingSettings())
    waiter = Waiter(0)
    wait = asyncio.create_task(arrivals.wait(view.view_rid, 0, waiter, later()))
    await asyncio.sleep(0)
    stop_the_clock()

    await streams.append(view, "a")

    await wait


async def test_what_became_durable_before_the_wait_ends_it(streams: Streams):
    view = await streams.create()
    arrivals = Arrivals(streams.log, ReadingSettings())
    await streams.append(view, "a")
    stop_the_clock()

    await arrivals.wait(view.view_rid, 0, Waiter(0), later())

    assert arrivals._views == {}


async def test_a_wait_for_a_view_that_is_not_there_ends(streams: Streams):
    arrivals = Arrivals(streams.log, ReadingSettings())

    await arrivals.wait(new_view_rid(), 0, Waiter(0), later())

    assert arrivals._views == {}
