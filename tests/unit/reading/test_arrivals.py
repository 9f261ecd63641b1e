"""Waiting for records: one task for each view, and none when nobody waits."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fixtures.streams import Streams, open_streams
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


async def test_those_who_wait_for_a_view_share_one_task(streams: Streams):
    view = await streams.create(partitions=2)
    arrivals = Arrivals(streams.log, ReadingSettings())

    async with asyncio.TaskGroup() as group, asyncio.timeout(SECONDS / 2):
        arrivals.start(group)
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

    async with asyncio.TaskGroup() as group, asyncio.timeout(SECONDS / 2):
        arrivals.start(group)
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

    async with asyncio.TaskGroup() as group, asyncio.timeout(SECONDS / 2):
        arrivals.start(group)
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
