"""Places of subscribers, when several ask at once and when the stream is reset."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fixtures.streams import Streams, open_streams
from sluiceway.reading.subscribers import StreamName
from sluiceway.reading.types import CreateSubscriberRequest, ReadRecordsRequest
from sluiceway.streams.types import ResetStreamRequest, View

AUTO = ReadRecordsRequest(auto_commit=True, limit=10)


@pytest.fixture
async def streams(tmp_path: Path, metadata_url: str) -> AsyncIterator[Streams]:
    async with open_streams(tmp_path, metadata=metadata_url) as opened:
        yield opened


async def subscribed(streams: Streams) -> tuple[View, StreamName]:
    view = await streams.create()
    name = StreamName(view.dataset_rid, "master")
    await streams.subscribers.create(streams.owner, name, CreateSubscriberRequest("reader"))
    return view, name


async def test_readers_at_once_with_auto_commit_get_each_record_once(streams: Streams) -> None:
    view, name = await subscribed(streams)
    await streams.append(view, *(str(number) for number in range(100)))

    answers = await asyncio.gather(
        *(streams.subscribers.read_records(streams.owner, name, "reader", AUTO) for _ in range(10))
    )

    offsets = [record.offset for answer in answers for record in answer[0]]
    assert sorted(offsets) == list(range(100))


async def test_after_a_reset_readers_at_once_get_each_new_record_once(streams: Streams) -> None:
    view, name = await subscribed(streams)
    await streams.append(view, "old", "older")
    await streams.subscribers.read_records(streams.owner, name, "reader", AUTO)
    now = await streams.service.reset(streams.owner, *_of(name), ResetStreamRequest())
    await streams.append(now, *(str(number) for number in range(100)))

    answers = await asyncio.gather(
        *(streams.subscribers.read_records(streams.owner, name, "reader", AUTO) for _ in range(10))
    )

    offsets = [record.offset for answer in answers for record in answer[0]]
    assert sorted(offsets) == list(range(100))


async def test_commits_at_once_are_both_noted(streams: Streams) -> None:
    view = await streams.create(partitions=2)
    name = StreamName(view.dataset_rid, "master")
    await streams.subscribers.create(streams.owner, name, CreateSubscriberRequest("reader"))
    for partition in range(2):
        await streams.append(view, "a", "b", "c", partition=partition)

    await asyncio.gather(
        streams.subscribers.commit(streams.owner, name, "reader", {"0": 1}, None),
        streams.subscribers.commit(streams.owner, name, "reader", {"1": 2}, None),
    )

    positions = await streams.subscribers.read_position(streams.owner, name, "reader", None)
    assert positions == {0: 2, 1: 3}


def _of(name: StreamName) -> tuple:
    return name.dataset_rid, name.branch_name
