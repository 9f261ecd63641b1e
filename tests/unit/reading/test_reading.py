"""Bounds of one answer, and which records it holds."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fixtures.streams import Streams, open_streams
from sluiceway.reading.settings import ReadingSettings
from sluiceway.reading.subscribers import StreamName
from sluiceway.reading.types import CreateSubscriberRequest, ReadRecordsRequest

SETTINGS = ReadingSettings(records_max=20, answer_bytes_max=300)
RECORD_BYTES = len('{"n":"000"}')
"""27 of them fit into one answer."""


@pytest.fixture
async def streams(tmp_path: Path) -> AsyncIterator[Streams]:
    async with open_streams(tmp_path, SETTINGS) as opened:
        yield opened


def numbers(first: int, end: int) -> list[str]:
    return [f"{number:03}" for number in range(first, end)]


async def latest(streams: Streams, dataset_rid, limit: int) -> list[str]:
    found = await streams.reading.latest(streams.owner, dataset_rid, "master", limit)
    return [bytes(record.value).decode()[6:-2] for record in found]


@pytest.mark.parametrize("limit", [20, 21, 60, 10**12])
async def test_the_newest_records_are_the_newest_however_many_are_asked_for(
    streams: Streams, limit: int
) -> None:
    view = await streams.create()
    await streams.append(view, *numbers(0, 100))

    found = await latest(streams, view.dataset_rid, limit)

    assert found == numbers(80, 100)


async def test_the_newest_records_end_with_the_newest_when_bytes_are_the_bound(
    streams: Streams,
) -> None:
    view = await streams.create()
    await streams.append(view, *("x" * 100 + number for number in numbers(0, 10)))

    found = await latest(streams, view.dataset_rid, 10)

    assert found[-1].endswith("009")
    assert 1 <= len(found) <= 3


async def test_the_newest_of_many_partitions_are_within_the_bounds_of_one_answer(
    streams: Streams,
) -> None:
    view = await streams.create(partitions=8)
    for partition in range(8):
        await streams.append(view, *numbers(0, 30), partition=partition)

    found = await streams.reading.latest(streams.owner, view.dataset_rid, "master", 10**6)

    assert len(found) == 20
    assert sum(len(bytes(record.value)) for record in found) <= SETTINGS.answer_bytes_max


async def test_a_subscriber_s_answer_is_within_the_bytes_of_one_answer(streams: Streams) -> None:
    view = await streams.create(partitions=8)
    for partition in range(8):
        await streams.append(view, *numbers(0, 20), partition=partition)
    name = StreamName(view.dataset_rid, "master")
    await streams.subscribers.create(streams.owner, name, CreateSubscriberRequest("reader"))

    found = await streams.subscribers.read_records(
        streams.owner, name, "reader", ReadRecordsRequest(limit=1_000)
    )

    size = sum(len(record.value) for records in found.values() for record in records)
    # The last one may be over it: a read gives at least one record.
    assert abs(size - SETTINGS.answer_bytes_max) < RECORD_BYTES
    assert all(found.values())
