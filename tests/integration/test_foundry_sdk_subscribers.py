"""``foundry_sdk`` against a real server: subscribers, whose place the server keeps."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from foundry_sdk import BadRequestError, NotFoundError
from foundry_sdk.v2.streams.errors import SubscriberAlreadyExists, SubscriberNotFound
from foundry_sdk.v2.streams.models import EarliestPosition, LatestPosition, SpecificPosition

from fixtures.api import Api, StreamUnderTest, field, schema
from fixtures.clients import answer

Where = tuple[str, str, str]


@pytest.fixture
def numbers(api: Api) -> StreamUnderTest:
    """A stream with the numbers 0 to 9, in its one partition, on a branch with a slash."""
    stream = api.new_stream(schema(field("n", "integer")), branchName="team/numbers")
    assert stream.publish(*({"n": n} for n in range(10))).status_code == 204
    return stream


@pytest.fixture
def subscribers(client: Any) -> Any:
    return client.streams.Dataset.Stream.Subscriber


@pytest.fixture
async def where(subscribers: Any, numbers: StreamUnderTest) -> Where:
    """A subscriber that reads from the start: its stream and its id."""
    subscriber_id = f"reader/{uuid.uuid4()}"
    await answer(
        subscribers.create(numbers.rid, numbers.branch, subscriber_id=subscriber_id, preview=True)
    )
    return numbers.rid, numbers.branch, subscriber_id


def values(read: Any, partition_id: str = "0") -> list[int]:
    return [record.value["n"] for record in read.records_by_partition.get(partition_id, [])]


async def test_a_subscriber_is_created_once_and_described(
    subscribers: Any, numbers: StreamUnderTest
) -> None:
    subscriber_id = str(uuid.uuid4())

    async def create(**more: Any) -> Any:
        return await answer(
            subscribers.create(
                numbers.rid, numbers.branch, subscriber_id=subscriber_id, preview=True, **more
            )
        )

    made = await create(read_position=SpecificPosition(offsets={"0": 4}))
    again = await create(read_position=LatestPosition())

    assert again == made
    assert (made.subscriber_id, made.dataset_rid, made.branch_name) == (
        subscriber_id,
        numbers.rid,
        numbers.branch,
    )
    assert made.view_rid == numbers.describe()["viewRid"]
    assert made.read_position == SpecificPosition(offsets={"0": 4})
    assert made.start_offsets == {"0": 4}
    assert abs(made.created_time - datetime.now(UTC)) < timedelta(minutes=1)


async def test_a_place_moves_only_when_it_is_committed(subscribers: Any, where: Where) -> None:
    first = await answer(subscribers.read_records(*where, limit=3, preview=True))
    again = await answer(subscribers.read_records(*where, limit=3, preview=True))
    committed = await answer(subscribers.commit_offsets(*where, offsets={"0": 2}, preview=True))
    position = await answer(subscribers.get_read_position(*where, preview=True))
    rest = await answer(subscribers.read_records(*where, preview=True))

    assert values(first) == values(again) == [0, 1, 2]
    assert committed == position == {"0": 3}
    assert values(rest) == list(range(3, 10))
    assert [record.offset for record in rest.records_by_partition["0"]] == list(range(3, 10))


async def test_with_auto_commit_no_record_is_read_twice(
    subscribers: Any, where: Where, numbers: StreamUnderTest
) -> None:
    view_rid = numbers.describe()["viewRid"]
    read = []

    for _ in range(4):
        found = await answer(
            subscribers.read_records(
                *where,
                auto_commit=True,
                limit=4,
                partition_ids=["0"],
                view_rid=view_rid,
                preview=True,
            )
        )
        read.append(values(found))

    position = await answer(subscribers.get_read_position(*where, view_rid=view_rid, preview=True))
    assert read == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9], []]
    assert position == {"0": 10}


async def test_a_place_is_reset_to_the_start_the_end_and_between(
    subscribers: Any, where: Where
) -> None:
    found = {}

    for position in [LatestPosition(), SpecificPosition(offsets={"0": 8}), EarliestPosition()]:
        offsets = await answer(subscribers.reset_offsets(*where, position=position, preview=True))
        read = await answer(subscribers.read_records(*where, preview=True))
        found[position.type] = (offsets, values(read))

    assert found == {
        "latest": ({"0": 10}, []),
        "specific": ({"0": 8}, [8, 9]),
        "earliest": ({"0": 0}, list(range(10))),
    }


async def test_a_limit_above_a_thousand_gives_a_thousand(
    subscribers: Any, where: Where, numbers: StreamUnderTest
) -> None:
    assert numbers.publish(*({"n": n} for n in range(10, 1_100))).status_code == 204

    read = await answer(subscribers.read_records(*where, limit=5_000, preview=True))

    assert values(read) == list(range(1_000))


async def test_after_a_reset_of_the_stream_a_subscriber_reads_the_new_view(
    subscribers: Any, where: Where, client: Any, numbers: StreamUnderTest
) -> None:
    await answer(subscribers.read_records(*where, auto_commit=True, preview=True))
    streams = client.streams.Dataset.Stream
    await answer(streams.reset(numbers.rid, numbers.branch, preview=True))
    await answer(streams.publish_record(numbers.rid, numbers.branch, record={"n": 77}))

    read = await answer(subscribers.read_records(*where, preview=True))

    assert values(read) == [77]


async def test_a_deleted_subscriber_is_not_found_and_its_id_is_free(
    subscribers: Any, where: Where, api: Api
) -> None:
    other = api.new_stream()
    await answer(subscribers.delete(*where, preview=True))
    refused = []

    for call in [
        lambda: subscribers.delete(*where, preview=True),
        lambda: subscribers.get_read_position(*where, preview=True),
        lambda: subscribers.read_records(*where, preview=True),
        lambda: subscribers.commit_offsets(*where, offsets={"0": 0}, preview=True),
        lambda: subscribers.reset_offsets(*where, position=LatestPosition(), preview=True),
    ]:
        with pytest.raises(SubscriberNotFound) as caught:
            await answer(call())
        refused.append(caught.value.parameters)

    made = await answer(
        subscribers.create(other.rid, "master", subscriber_id=where[2], preview=True)
    )
    assert refused == [{"subscriberId": where[2]}] * 5
    assert made.dataset_rid == other.rid


async def test_an_id_belongs_to_one_stream(subscribers: Any, where: Where, api: Api) -> None:
    other = api.new_stream()

    with pytest.raises(SubscriberAlreadyExists) as caught:
        await answer(subscribers.create(other.rid, "master", subscriber_id=where[2], preview=True))

    assert caught.value.parameters == {
        "subscriberId": where[2],
        "existingDatasetRid": where[0],
        "existingBranchName": where[1],
    }


async def test_a_subscriber_of_a_stream_that_is_not_there_is_not_found(
    subscribers: Any, where: Where
) -> None:
    with pytest.raises(NotFoundError) as caught:
        await answer(subscribers.create(where[0], "none", subscriber_id="any", preview=True))

    assert caught.value.name == "StreamNotFound"
    assert caught.value.parameters == {"datasetRid": where[0], "streamBranchName": "none"}


async def test_an_offset_outside_of_the_stream_is_refused(subscribers: Any, where: Where) -> None:
    for call in [
        lambda: subscribers.commit_offsets(*where, offsets={"0": 10}, preview=True),
        lambda: subscribers.reset_offsets(
            *where, position=SpecificPosition(offsets={"0": 11}), preview=True
        ),
        lambda: subscribers.reset_offsets(
            *where, position=SpecificPosition(offsets={"0": -1}), preview=True
        ),
    ]:
        with pytest.raises(BadRequestError) as caught:
            await answer(call())

        assert caught.value.name == "InvalidOffset"
