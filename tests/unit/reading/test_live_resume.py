"""Resuming a live tail: nothing is lost, given twice or left uncounted, wherever it broke off."""

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fixtures.live import Event
from fixtures.streams import Streams, open_streams
from fixtures.watches import events_until, next_events, offsets_of, opened_hub, opened_watch
from sluiceway.reading.live.hub import LiveHub
from sluiceway.reading.live.inbox import INBOX_BYTES_MAX
from sluiceway.reading.live.watch import CATCH_UP_RECORDS_MAX, Start
from sluiceway.reading.settings import ReadingSettings
from sluiceway.streams.types import View


@pytest.fixture
async def streams(tmp_path: Path) -> AsyncIterator[Streams]:
    async with open_streams(tmp_path) as opened:
        yield opened


def numbers(count: int) -> list[str]:
    return [str(number) for number in range(count)]


def passed(events: list[Event]) -> int:
    """Give how many records these events tell of."""
    records = [event.data for event in events if event.name == "records"]
    return sum(data["skipped"] + len(data["records"]) for data in records)


async def first_id(hub: LiveHub, view: View, start: Start | None = None) -> str:
    watch = await opened_watch(hub, view, start)
    (event,) = await next_events(watch)
    watch.close()
    return event.id


async def feed_passed(hub: LiveHub, view: View, *, is_complete: bool, positions: list[int]) -> None:
    feed, _ = hub._feeds[(view.view_rid, is_complete)]
    async with asyncio.timeout(10):
        while feed.positions != positions:  # noqa: ASYNC110 - the feed tells nobody
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("is_sampled", [True, False])
async def test_who_breaks_off_behind_the_start_comes_back_to_the_same(
    streams: Streams, *, is_sampled: bool
):
    view = await streams.create()

    async with opened_hub(streams.log) as hub:
        begun = await first_id(hub, view)
        await streams.append(view, *numbers(CATCH_UP_RECORDS_MAX + 500))
        start = Start(last_event_id=begun, is_sampled=is_sampled)
        assert await first_id(hub, view, start) == begun
        watch = await opened_watch(hub, view, start)
        events = await events_until(watch, lambda events: passed(events) == 1_500)
        watch.close()

    assert len(offsets_of(events)) == (1_000 if is_sampled else 1_500)
    assert offsets_of(events)[-1] == 1_499


async def test_what_overflows_while_older_records_are_read_is_counted_once(streams: Streams):
    view = await streams.create()
    await streams.append(view, *numbers(100))

    async with opened_hub(streams.log) as hub:
        watch = await opened_watch(hub, view)
        for number in range(6):
            await streams.append(view, "x" * (INBOX_BYTES_MAX // 2))
            await feed_passed(hub, view, is_complete=False, positions=[101 + number])
        events = await events_until(watch, lambda events: passed(events) >= 106)
        watch.close()

    assert passed(events) == 106
    assert offsets_of(events)[:100] == list(range(100))
    assert all(event.data["skipped"] >= 0 for event in events if event.name == "records")


async def test_a_slow_client_without_samples_is_ended_and_goes_on_with_all(streams: Streams):
    view = await streams.create(partitions=2)
    settings = ReadingSettings(live_backlog_bytes_max=1_048_576)

    async with opened_hub(streams.log, settings) as hub:
        watch = await opened_watch(hub, view, Start(is_sampled=False))
        (start,) = await next_events(watch)
        for number in range(12):
            await streams.append(view, "x" * 200_000, partition=number % 2)
        await feed_passed(hub, view, is_complete=True, positions=[6, 6])
        (end,) = await next_events(watch)
        assert (end.name, end.data["cause"], end.data["retryable"]) == ("end", "tooSlow", True)
        with pytest.raises(StopAsyncIteration):
            await anext(watch)
        watch.close()
        again = await opened_watch(hub, view, Start(is_sampled=False, last_event_id=start.id))
        events = await events_until(again, lambda events: passed(events) == 12)
        again.close()

    assert sorted(offsets_of(events)) == sorted([0, 1, 2, 3, 4, 5] * 2)


@pytest.mark.parametrize("partition", [None, 1])
@pytest.mark.parametrize("is_sampled", [True, False])
async def test_wherever_it_breaks_off_it_goes_on_exactly(
    streams: Streams, *, is_sampled: bool, partition: int | None
):
    view = await streams.create(partitions=3)
    settings = ReadingSettings(live_records_per_second=100_000)
    told: dict[int, list[int]] = {0: [], 1: [], 2: []}
    rng = random.Random(20)

    async with opened_hub(streams.log, settings) as hub:
        last = await first_id(hub, view, Start(partition=partition))
        for _ in range(40):
            for number in range(3):
                await streams.append(view, *numbers(rng.randrange(8)) or ["n"], partition=number)
            start = Start(last_event_id=last, partition=partition, is_sampled=is_sampled)
            watch = await opened_watch(hub, view, start)
            await streams.append(view, "while it watches", partition=rng.randrange(3))
            # Something of each partition is new, so there are so many events at least.
            for _ in range(rng.randrange(1, 5 if partition is None else 3)):
                for event in await next_events(watch):
                    last = event.id or last
                    if event.name == "records":
                        assert event.data["skipped"] == 0
                        told[event.data["partition"]] += offsets_of([event])
            watch.close()
        ends = await streams.log.end_offsets(view.view_rid)
        start = Start(last_event_id=last, partition=partition, is_sampled=is_sampled)
        watch = await opened_watch(hub, view, start)
        wanted = range(3) if partition is None else [partition]
        appended = sum(ends[number] for number in wanted)
        missing = appended - sum(map(len, told.values()))
        for event in await events_until(watch, lambda events: passed(events) == missing):
            if event.name == "records":
                told[event.data["partition"]] += offsets_of([event])
        watch.close()

    for number in range(3):
        assert told[number] == (list(range(ends[number])) if number in wanted else [])
