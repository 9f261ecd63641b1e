"""Reading records by offset, and end offsets."""

from typing import Any

import httpx
import pytest

from fixtures.api import Api, StreamUnderTest, assert_error, field, schema

COUNT = 25_000
RECORDS_MAX = 10_000


@pytest.fixture(scope="module")
def filled(api: Api) -> StreamUnderTest:
    """A stream whose records say their own offset."""
    stream = api.new_stream(schema(field("n", "integer")))
    for first in range(0, COUNT, 5_000):
        assert stream.publish(*({"n": n} for n in range(first, first + 5_000))).is_success
    return stream


def read(stream: StreamUnderTest, **query: Any) -> httpx.Response:
    given = {"partitionId": "0", "limit": "10", "preview": "true"} | query
    kept = {name: value for name, value in given.items() if value is not None}
    return stream.api.get(f"{stream.fast}/getRecords", params=kept)


@pytest.mark.parametrize("start", [0, 1, 4_999, 5_000, 12_345, COUNT - 1])
def test_records_are_read_from_any_offset(filled: StreamUnderTest, start: int):
    found = read(filled, startOffset=start, limit=3).json()

    wanted = range(start, min(start + 3, COUNT))
    assert found == [{"offset": n, "value": {"n": n}} for n in wanted]


def test_without_a_start_reading_begins_at_the_first_record(filled: StreamUnderTest):
    assert read(filled, limit=2).json() == [
        {"offset": 0, "value": {"n": 0}},
        {"offset": 1, "value": {"n": 1}},
    ]


@pytest.mark.parametrize("start", [COUNT, COUNT + 1, 2**62])
def test_past_the_end_there_is_an_empty_list(filled: StreamUnderTest, start: int):
    answer = read(filled, startOffset=start)

    assert (answer.status_code, answer.content) == (200, b"[]")
    assert answer.headers["content-type"] == "application/json"


def test_an_empty_stream_gives_an_empty_list(stream: StreamUnderTest):
    answer = read(stream)

    assert (answer.status_code, answer.content) == (200, b"[]")
    assert stream.ends() == {"0": 0}


@pytest.mark.parametrize("limit", [RECORDS_MAX, RECORDS_MAX + 1, 10**12])
def test_a_larger_limit_is_cut(filled: StreamUnderTest, limit: int):
    assert len(read(filled, limit=limit).json()) == RECORDS_MAX


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "-1"},
        {"limit": "many"},
        {"limit": "1.5"},
        {"limit": None},
        {"limit": "9" * 5_000},
        {"startOffset": "-1"},
        {"startOffset": "now"},
        {"startOffset": "9" * 5_000},
        {"partitionId": None},
    ],
)
def test_bounds_that_make_no_sense_are_refused(filled: StreamUnderTest, query: dict[str, Any]):
    assert_error(read(filled, **query), 400, "Conjure:InvalidArgument")


@pytest.mark.parametrize(
    "partition", ["1", "-1", "00", "", "x", "\u0660", "9" * 400, "0.0", "+0", " 0"]
)
def test_a_partition_that_the_stream_does_not_have_is_refused(
    filled: StreamUnderTest, partition: str
):
    parameters = assert_error(read(filled, partitionId=partition), 400, "InvalidPartitionId")

    assert parameters == {"partitionId": partition[:40], "partitionsCount": 1}


def test_a_view_may_be_named(filled: StreamUnderTest):
    view = filled.view()

    assert len(read(filled, viewRid=view).json()) == 10
    assert_error(read(filled, viewRid=view + "x"), 404, "ViewNotFound")
    ends = f"{filled.fast}/getEndOffsets?preview=true"
    assert filled.api.ok("GET", f"{ends}&viewRid={view}") == {"0": COUNT}
    assert_error(filled.api.get(f"{ends}&viewRid={view}x"), 404, "ViewNotFound")


@pytest.mark.parametrize("flag", ["", "?preview=false", "?preview=True", "?preview"])
def test_reading_is_in_preview(filled: StreamUnderTest, flag: str):
    for call in ("getRecords", "getEndOffsets"):
        answer = filled.api.get(f"{filled.fast}/{call}{flag}")
        assert_error(answer, 400, "ApiFeaturePreviewUsageOnly")


def test_an_answer_holds_a_bounded_number_of_bytes(api: Api):
    stream = api.new_stream(schema(field("text", "string")))
    for _ in range(20):
        assert stream.publish({"text": "x" * 1_000_000}).is_success

    first = read(stream, limit=100)
    rest = read(stream, limit=100, startOffset=len(first.json()))

    assert len(first.json()) == 16
    assert len(rest.json()) == 4


def test_each_partition_has_offsets_of_its_own(api: Api):
    stream = api.new_stream(schema(field("n", "integer"), keys=["n"]), partitionsCount=3)
    stream.publish(*({"n": n} for n in range(300)))

    ends = stream.ends()

    assert sum(ends.values()) == 300
    for partition in range(3):
        offsets = [record["offset"] for record in stream.records(partition)]
        assert offsets == list(range(ends[str(partition)]))


def test_compressed_streams_are_read_like_all_others(api: Api):
    stream = api.new_stream(schema(field("n", "integer")), compressed=True)
    for first in range(0, 5_000, 500):
        stream.publish(*({"n": n} for n in range(first, first + 500)))

    found = stream.records(start=2_345, limit=3)

    assert stream.describe()["compressed"] is True
    assert [record["value"]["n"] for record in found] == [2_345, 2_346, 2_347]


def test_an_unknown_stream_is_not_found(api: Api, stream: StreamUnderTest):
    unknown = StreamUnderTest(api, stream.rid, "no-such-branch")

    parameters = assert_error(read(unknown), 404, "StreamNotFound")

    assert parameters == {"datasetRid": stream.rid, "streamBranchName": "no-such-branch"}
