"""``foundry_sdk`` against a real server: streaming datasets, streams and their records."""

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from foundry_sdk import (
    BadRequestError,
    InternalServerError,
    NotFoundError,
    RequestEntityTooLargeError,
)
from foundry_sdk._errors import deserialize_error
from foundry_sdk.v2.core.errors import InvalidFieldSchema, InvalidSchema
from foundry_sdk.v2.datasets.errors import BranchAlreadyExists
from foundry_sdk.v2.filesystem.errors import ResourceNameAlreadyExists
from foundry_sdk.v2.streams.errors import InvalidStreamType, StreamNotFound

from fixtures.api import SENSOR_SCHEMA, Api, StreamUnderTest, field, schema, unique
from fixtures.clients import answer

NOTHING = "ri.foundry.main.dataset.6f0a7f9e-6d1e-4c8e-9d6a-2b1f6a3c9e55"
NO_VIEW = "ri.foundry-streaming.main.view.6f0a7f9e-6d1e-4c8e-9d6a-2b1f6a3c9e55"
NESTED_SCHEMA = schema(
    field("id", "long", nullable=False),
    field("at", "timestamp"),
    field("note", "string"),
    field("price", {"type": "decimal", "precision": 10, "scale": 2}),
    field(
        "tags", {"type": "array", "itemsSchema": {"nullable": True, "dataType": {"type": "string"}}}
    ),
    field(
        "readings",
        {
            "type": "map",
            "keySchema": {"nullable": False, "dataType": {"type": "string"}},
            "valueSchema": {"nullable": True, "dataType": {"type": "double"}},
        },
    ),
    field(
        "place", {"type": "struct", "subFields": [field("lat", "double"), field("lon", "double")]}
    ),
    keys=["id"],
)


def plain(model: Any) -> Any:
    """Give what a model of the client says, as it stands on the wire."""
    return model.model_dump(by_alias=True, exclude_none=True)


async def test_a_streaming_dataset_is_created_and_its_stream_described(
    client: Any, api: Api
) -> None:
    name, folder = unique("sensors"), api.new_project()

    dataset = await answer(
        client.streams.Dataset.create(
            name=name,
            parent_folder_rid=folder,
            schema=NESTED_SCHEMA,
            branch_name="main",
            partitions_count=3,
            stream_type="HIGH_THROUGHPUT",
            compressed=True,
            preview=True,
        )
    )
    stream = await answer(client.streams.Dataset.Stream.get(dataset.rid, "main"))

    assert (dataset.name, dataset.parent_folder_rid) == (name, folder)
    assert plain(stream) == {
        "branchName": "main",
        "schema": NESTED_SCHEMA,
        "viewRid": stream.view_rid,
        "partitionsCount": 3,
        "streamType": "HIGH_THROUGHPUT",
        "compressed": True,
    }


async def test_a_branch_whose_name_has_a_slash_is_created_written_read_and_reset(
    client: Any, stream: StreamUnderTest
) -> None:
    streams, branch = client.streams.Dataset.Stream, "feature/häuser 100%"

    made = await answer(
        streams.create(stream.rid, branch_name=branch, schema=SENSOR_SCHEMA, preview=True)
    )
    got = await answer(streams.get(stream.rid, branch))
    await answer(streams.publish_record(stream.rid, branch, record={"sensor_id": "s1"}))
    offsets = await answer(streams.get_end_offsets(stream.rid, branch, preview=True))
    records = await answer(
        streams.get_records(stream.rid, branch, partition_id="0", limit=10, preview=True)
    )
    reset = await answer(streams.reset(stream.rid, branch, preview=True))

    assert (made.branch_name, got) == (branch, made)
    assert offsets == {"0": 1}
    assert [record.value["sensor_id"] for record in records] == ["s1"]
    assert (reset.branch_name, reset.view_rid == made.view_rid) == (branch, False)


async def test_records_with_nulls_times_and_nested_values_are_read_as_they_were_pushed(
    client: Any, api: Api
) -> None:
    stream = api.new_stream(NESTED_SCHEMA)
    streams = client.streams.Dataset.Stream
    time = datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=timezone(timedelta(hours=2)))
    full = {
        "id": 7,
        "at": time,
        "note": None,
        "price": "12.5",
        "tags": ["a", None],
        "readings": {"indoors": 20.5, "outdoors": None},
        "place": {"lat": 1, "lon": None},
    }

    await answer(streams.publish_record(stream.rid, "master", record=full))
    await answer(streams.publish_records(stream.rid, "master", records=[{"id": 8}, {"id": 9}]))
    first, *others = await answer(
        streams.get_records(stream.rid, "master", partition_id="0", limit=10, preview=True)
    )
    later = await answer(
        streams.get_records(
            stream.rid, "master", partition_id="0", limit=1, start_offset=1, preview=True
        )
    )

    assert first.value == {**full, "at": round(time.timestamp() * 1_000)}
    assert [record.value["id"] for record in others] == [8, 9]
    assert {name: others[0].value[name] for name in others[0].value if name != "id"} == {
        "at": None,
        "note": None,
        "price": None,
        "tags": None,
        "readings": None,
        "place": None,
    }
    assert later == others[:1]
    assert later[0].offset == 1


async def test_an_empty_stream_gives_an_empty_list(client: Any, stream: StreamUnderTest) -> None:
    streams = client.streams.Dataset.Stream

    records = await answer(
        streams.get_records(stream.rid, "master", partition_id="0", limit=10, preview=True)
    )
    offsets = await answer(streams.get_end_offsets(stream.rid, "master", preview=True))

    assert (records, offsets) == ([], {"0": 0})


async def test_a_binary_record_is_read_as_base64(client: Any, api: Api) -> None:
    stream = api.new_stream(schema(field("payload", "binary", nullable=False)))
    streams = client.streams.Dataset.Stream
    view_rid = stream.describe()["viewRid"]

    await answer(streams.publish_binary_record(stream.rid, "master", b"\x00\xff{]"))
    await answer(streams.publish_binary_record(stream.rid, "master", b"two", view_rid=view_rid))

    records = await answer(
        streams.get_records(stream.rid, "master", partition_id="0", limit=10, preview=True)
    )
    assert [record.value for record in records] == [{"payload": "AP97XQ=="}, {"payload": "dHdv"}]


async def test_a_reset_gives_an_empty_view_with_what_was_asked_for(
    client: Any, stream: StreamUnderTest
) -> None:
    streams = client.streams.Dataset.Stream
    old = await answer(streams.get(stream.rid, "master"))
    record = {"sensor_id": "s1"}
    await answer(streams.publish_record(stream.rid, "master", record=record, view_rid=old.view_rid))

    new = await answer(
        streams.reset(
            stream.rid,
            "master",
            schema=NESTED_SCHEMA,
            partitions_count=2,
            compressed=True,
            stream_type="HIGH_THROUGHPUT",
            preview=True,
        )
    )
    with pytest.raises(NotFoundError) as stale:
        await answer(
            streams.publish_records(stream.rid, "master", records=[record], view_rid=old.view_rid)
        )
    await answer(
        streams.publish_records(stream.rid, "master", records=[{"id": 1}], view_rid=new.view_rid)
    )
    ends = await answer(
        streams.get_end_offsets(stream.rid, "master", view_rid=new.view_rid, preview=True)
    )

    assert (stale.value.name, stale.value.parameters) == (
        "ViewNotFound",
        stale.value.parameters | {"viewRid": old.view_rid},
    )
    assert new.view_rid != old.view_rid
    assert plain(new.schema_) == NESTED_SCHEMA
    assert (new.partitions_count, new.stream_type, new.compressed) == (2, "HIGH_THROUGHPUT", True)
    assert sorted(ends.values()) == [0, 1]


async def test_keyed_records_stay_in_one_partition_in_their_order(client: Any, api: Api) -> None:
    stream = api.new_stream(
        schema(field("k", "string"), field("n", "integer"), keys=["k"]), partitionsCount=4
    )
    streams = client.streams.Dataset.Stream
    sent = [{"k": f"key {n % 5}", "n": n} for n in range(50)]

    await answer(streams.publish_records(stream.rid, "master", records=sent))

    seen: dict[str, list[tuple[str, int]]] = {}
    for partition_id in map(str, range(4)):
        records = await answer(
            streams.get_records(
                stream.rid, "master", partition_id=partition_id, limit=100, preview=True
            )
        )
        for record in records:
            seen.setdefault(record.value["k"], []).append((partition_id, record.value["n"]))
    assert {key: [n for _, n in found] for key, found in seen.items()} == {
        f"key {k}": list(range(k, 50, 5)) for k in range(5)
    }
    assert all(len({partition_id for partition_id, _ in found}) == 1 for found in seen.values())


async def test_a_stream_that_is_not_there_raises_stream_not_found(
    client: Any, stream: StreamUnderTest
) -> None:
    streams = client.streams.Dataset.Stream
    found = {}

    for rid, branch in [(NOTHING, "master"), (stream.rid, "no/branch")]:
        with pytest.raises(StreamNotFound) as got:
            await answer(streams.get(rid, branch))
        with pytest.raises(StreamNotFound) as reset:
            await answer(streams.reset(rid, branch, preview=True))
        found[rid, branch] = [got.value.parameters, reset.value.parameters]

    assert found == {
        (rid, branch): [{"datasetRid": rid, "streamBranchName": branch}] * 2
        for rid, branch in found
    }


async def test_publishing_to_and_reading_from_a_stream_that_is_not_there_is_not_found(
    client: Any,
) -> None:
    streams, where = client.streams.Dataset.Stream, (NOTHING, "master")

    for call in [
        lambda: streams.publish_record(*where, record={}),
        lambda: streams.publish_records(*where, records=[{}]),
        lambda: streams.publish_binary_record(*where, b"x"),
        lambda: streams.get_records(*where, partition_id="0", limit=1, preview=True),
        lambda: streams.get_end_offsets(*where, preview=True),
    ]:
        # None of these calls declares a class of its own for this error.
        with pytest.raises(NotFoundError) as caught:
            await answer(call())

        assert caught.value.name == "StreamNotFound"
        assert caught.value.parameters == {"datasetRid": NOTHING, "streamBranchName": "master"}


async def test_a_view_that_is_not_there_is_not_found(client: Any, stream: StreamUnderTest) -> None:
    streams, where = client.streams.Dataset.Stream, (stream.rid, "master")

    for call in [
        lambda: streams.publish_record(*where, record={}, view_rid=NO_VIEW),
        lambda: streams.publish_binary_record(*where, b"x", view_rid=NO_VIEW),
        lambda: streams.get_records(
            *where, partition_id="0", limit=1, view_rid=NO_VIEW, preview=True
        ),
        lambda: streams.get_end_offsets(*where, view_rid=NO_VIEW, preview=True),
    ]:
        with pytest.raises(NotFoundError) as caught:
            await answer(call())

        assert caught.value.name == "ViewNotFound"
        assert caught.value.parameters == {"viewRid": NO_VIEW}


async def test_a_bad_record_is_refused_with_what_is_wrong_and_nothing_is_written(
    client: Any, stream: StreamUnderTest
) -> None:
    streams = client.streams.Dataset.Stream
    records = [{"sensor_id": "good"}, {"sensor_id": "bad", "temperature": [4]}]

    with pytest.raises(BadRequestError) as caught:
        await answer(streams.publish_records(stream.rid, "master", records=records))

    assert caught.value.name == "RecordDoesNotMatchStreamSchema"
    assert caught.value.parameters["datasetRid"] == stream.rid
    assert caught.value.parameters["branchName"] == "master"
    assert caught.value.parameters["invalidRecordCount"] == 1
    (problem,) = caught.value.parameters["invalidRecords"]
    assert (problem["index"], problem["path"], problem["reason"]) == (
        1,
        "temperature",
        "WRONG_TYPE",
    )
    assert stream.values() == []


async def test_a_record_that_is_too_large_is_refused(client: Any, stream: StreamUnderTest) -> None:
    record = {"sensor_id": "x" * 1_100_000}

    with pytest.raises(RequestEntityTooLargeError) as caught:
        await answer(
            client.streams.Dataset.Stream.publish_record(stream.rid, "master", record=record)
        )

    assert caught.value.name == "RecordTooLarge"


async def test_a_binary_record_needs_a_schema_of_one_binary_field(
    client: Any, stream: StreamUnderTest
) -> None:
    with pytest.raises(InternalServerError) as caught:
        await answer(
            client.streams.Dataset.Stream.publish_binary_record(stream.rid, "master", b"x")
        )

    assert caught.value.name == "FailedToProcessBinaryRecord"


async def test_a_dataset_that_cannot_be_raises_the_clients_own_errors(
    client: Any, api: Api
) -> None:
    folder, taken = api.new_project(), unique("taken")
    api.new_stream(folder=folder)

    async def create(**changes: Any) -> Any:
        described = {"name": taken, "parent_folder_rid": folder, "schema": SENSOR_SCHEMA}
        return await answer(client.streams.Dataset.create(**{**described, **changes}, preview=True))

    await create()
    with pytest.raises(ResourceNameAlreadyExists) as twice:
        await create()
    with pytest.raises(InvalidSchema) as keyless:
        await create(name="new", schema=schema(field("a", "string"), keys=["b"]))
    too_wide = schema(field("price", {"type": "decimal", "precision": 39, "scale": 2}))
    with pytest.raises(InvalidFieldSchema) as precise:
        await create(name="new", schema=too_wide)

    assert twice.value.parameters == {"parentFolderRid": folder, "displayName": taken}
    assert keyless.value.parameters["errorType"] == "KEY_FIELD_NOT_FOUND"
    assert precise.value.parameters["fieldName"] == "price"


async def test_a_stream_that_cannot_be_raises_the_clients_own_errors(
    client: Any, stream: StreamUnderTest
) -> None:
    streams = client.streams.Dataset.Stream

    async def create(**changes: Any) -> Any:
        described = {"branch_name": "new", "schema": SENSOR_SCHEMA}
        return await answer(streams.create(stream.rid, **{**described, **changes}, preview=True))

    with pytest.raises(BranchAlreadyExists) as taken:
        await create(branch_name="master")
    with pytest.raises(InvalidSchema) as empty:
        await create(schema=schema())
    with pytest.raises(InvalidFieldSchema):
        await create(schema=schema(field("", "string")))
    with pytest.raises(InvalidSchema):
        await answer(streams.reset(stream.rid, "master", schema=schema(), preview=True))
    with pytest.raises(BadRequestError) as like_an_id:
        await create(branch_name=NOTHING)

    assert taken.value.parameters == {"datasetRid": stream.rid, "branchName": "master"}
    assert empty.value.parameters["errorType"] == "NO_FIELDS"
    assert like_an_id.value.name == "InvalidBranchName"


def test_an_unknown_stream_type_is_the_clients_own_error(api: Api, stream: StreamUnderTest) -> None:
    # The client checks the type before it sends it; its own reader of errors gets the answer.
    body = {"branchName": "b", "schema": SENSOR_SCHEMA, "streamType": "FAST"}
    path = f"/api/v2/streams/datasets/{stream.rid}/streams?preview=true"

    refused = api.post(path, json=body)

    error = deserialize_error(refused.json(), {"InvalidStreamType": InvalidStreamType})
    assert isinstance(error, InvalidStreamType)
    assert error.parameters == {"streamType": "FAST"}


async def test_a_preview_call_without_the_flag_is_refused(
    client: Any, stream: StreamUnderTest
) -> None:
    with pytest.raises(BadRequestError) as caught:
        await answer(client.streams.Dataset.Stream.get_end_offsets(stream.rid, "master"))

    assert caught.value.name == "ApiFeaturePreviewUsageOnly"
