"""Records by offset, by time and by value, in the log, in files, and in both."""

import random
from collections.abc import Iterator
from typing import Any

import pytest

from fixtures.api import Api, StreamUnderTest, assert_error, field, schema
from fixtures.archive import log_start
from fixtures.server import ServerProcess, sign_in, wait_until

COLD = {
    "SLUICEWAY_ARCHIVE__ENABLED": "true",
    "SLUICEWAY_ARCHIVE__AGE_SECONDS": "1",
    "SLUICEWAY_ARCHIVE__HOT_SECONDS": "0",
    "SLUICEWAY_ARCHIVE__MAINTAIN_COMMITS": "2",
}
ORDERS = schema(
    field("customer", "string", nullable=False),
    field("region", "integer"),
    field("price", {"type": "decimal", "precision": 12, "scale": 2}),
    field("day", "date"),
    field("ratio", "double"),
    keys=["customer"],
)
Record = dict[str, Any]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    process = ServerProcess(tmp_path_factory.mktemp("cold") / "data", COLD).start()
    yield process
    assert process.stop() == 0
    assert "Traceback" not in process.errors, process.errors


@pytest.fixture(scope="module")
def api(server: ServerProcess) -> Iterator[Api]:
    administrator = Api(server.url, sign_in(server.url))
    yield administrator
    administrator.close()


def order(n: int) -> Record:
    return {
        "customer": f"c-{n % 9}",
        "region": None if n % 4 == 3 else n % 4,
        "price": f"{n}.10",
        "day": f"2026-01-{n % 28 + 1:02}",
        "ratio": n / 3,
    }


@pytest.fixture(scope="module")
def stream(api: Api) -> StreamUnderTest:
    """A stream of which most is in files only, and the rest in the log only."""
    made = api.new_stream(ORDERS, partitionsCount=3)
    for at in range(0, 120, 20):
        assert made.publish(*map(order, range(at, at + 20))).is_success
    return made


def pages(stream: StreamUnderTest, **query: Any) -> list[list[Record]]:
    """Give all pages of a query."""
    found, token = [], None
    while True:
        more = {} if token is None else {"pageToken": token}
        path = f"/api/v1/streams/{stream.rid}/master/query"
        page = stream.api.ok("POST", path, json=query | more)
        found.append(page["data"])
        token = page.get("nextPageToken")
        if token is None:
            return found


def query(stream: StreamUnderTest, **conditions: Any) -> list[Record]:
    return [one for page in pages(stream, **conditions) for one in page]


def model(stream: StreamUnderTest) -> list[Record]:
    """Give every record as other calls have it; times are the query's own."""
    found = query(stream)
    assert [(one["partition"], one["offset"], one["value"]) for one in found] == [
        (partition, one["offset"], one["value"])
        for partition in range(3)
        for one in stream.records(partition)
    ]
    return found


def check(stream: StreamUnderTest) -> None:
    """Compare what queries give with what a look at every record gives."""
    every = model(stream)
    moments = sorted({one["time"] for one in every})
    first, last = moments[len(moments) // 3], moments[-1]
    asked: list[tuple[dict[str, Any], Any]] = [
        ({"startOffset": 7, "endOffset": 23}, lambda one: 7 <= one["offset"] < 23),
        ({"partitionIds": ["2", "0"]}, lambda one: one["partition"] in {0, 2}),
        ({"startTime": first}, lambda one: one["time"] >= first),
        ({"endTime": first}, lambda one: one["time"] < first),
        ({"startTime": first, "endTime": last}, lambda one: first <= one["time"] < last),
        ({"where": {"customer": "c-4"}}, lambda one: one["value"]["customer"] == "c-4"),
        ({"where": {"region": None}}, lambda one: one["value"]["region"] is None),
        ({"where": {"region": 1, "day": "2026-01-02"}}, lambda one: (
            (one["value"]["region"], one["value"]["day"]) == (1, "2026-01-02"))),
        ({"where": {"price": "17.10"}}, lambda one: one["value"]["price"] == "17.1"),
        ({"where": {"customer": "c"}}, lambda _: False),
        ({"where": {"customer": "c-1"}, "startTime": first, "startOffset": 3}, lambda one: (
            one["value"]["customer"] == "c-1" and one["time"] >= first and one["offset"] >= 3)),
    ]  # fmt: skip
    for conditions, holds in asked:
        wanted = [one for one in every if holds(one)]
        size = random.choice([5, 50, 1_000])

        assert query(stream, pageSize=size, **conditions) == wanted, conditions
        backwards = query(stream, pageSize=size, order="newestFirst", **conditions)
        assert backwards == sorted(wanted, key=lambda one: (one["partition"], -one["offset"]))


def test_a_query_is_the_same_in_the_log_in_files_and_in_both(
    stream: StreamUnderTest, server: ServerProcess
) -> None:
    check(stream)

    path = f"/api/v1/streams/{stream.rid}/master/description"
    wait_until(lambda: stream.api.ok("GET", path)["archivedThrough"] == stream.ends(), 30)
    wait_until(lambda: log_start(server.data_dir) >= max(stream.ends().values()), 30)
    check(stream)

    assert stream.publish(*map(order, range(120, 140))).is_success
    check(stream)


def test_digits_are_those_that_are_stored(api: Api) -> None:
    stream = api.new_stream(schema(field("n", "long"), field("d", "double")))
    assert stream.publish({"n": 2**63 - 1, "d": 0.1}, {"n": 5, "d": 1e22}).is_success

    answer = api.post(
        f"/api/v1/streams/{stream.rid}/master/query",
        content=b'{"where": {"n": 9223372036854775807}}',
        headers={"Content-Type": "application/json"},
    )

    assert b'"value":{"n":9223372036854775807,"d":0.1}' in answer.content
    assert [one["offset"] for one in answer.json()["data"]] == [0]


def test_who_may_not_read_may_not_query(api: Api, stream: StreamUnderTest) -> None:
    user_id, user = api.new_user()
    path = f"/api/v1/streams/{stream.rid}/master/query"
    assert_error(user.post(path, json={}), 404, "StreamNotFound")

    api.grant(stream.rid, user_id, "discoverer")
    assert_error(user.post(path, json={}), 403, "GetRecordsFromStreamPermissionDenied")

    api.grant(stream.rid, user_id, "viewer")
    assert user.post(path, json={"pageSize": 1}).is_success


@pytest.mark.parametrize(
    ("body", "name", "reason"),
    [
        ({"where": {"nothing": 1}}, "Conjure:InvalidArgument", "no field 'nothing'"),
        ({"where": {"ratio": 1.5}}, "Conjure:InvalidArgument", "'ratio' is of type double"),
        ({"where": {"region": "x"}}, "Conjure:InvalidArgument", "'region'"),
        ({"where": {"customer": None}}, "Conjure:InvalidArgument", "'customer'"),
        ({"startOffset": 2, "endOffset": 1}, "Conjure:InvalidArgument", "after endOffset"),
        ({"startTime": "2026-01-02T00:00:00Z", "endTime": "2026-01-01T00:00:00Z"},
         "Conjure:InvalidArgument", "after endTime"),
        ({"startTime": "yesterday"}, "Conjure:InvalidArgument", "startTime"),
        ({"partitionIds": ["3"]}, "InvalidPartitionId", "partitions 0 to 2"),
        ({"pageSize": 0}, "InvalidPageSize", "between 1 and 1000"),
        ({"pageSize": 1_001}, "InvalidPageSize", "between 1 and 1000"),
        ({"pageToken": "x"}, "InvalidPageToken", "not one of ours"),
        ({"limit": 1}, "Conjure:InvalidArgument", "limit"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_query_is_named(
    stream: StreamUnderTest, body: Record, name: str, reason: str
) -> None:
    answer = stream.api.post(f"/api/v1/streams/{stream.rid}/master/query", json=body)

    assert_error(answer, 400, name)
    assert reason in answer.json()["errorDescription"]


def test_a_token_is_good_for_its_query_only(api: Api, stream: StreamUnderTest) -> None:
    path = f"/api/v1/streams/{stream.rid}/master/query"
    token = api.ok("POST", path, json={"pageSize": 2})["nextPageToken"]

    assert len(api.ok("POST", path, json={"pageSize": 5, "pageToken": token})["data"]) == 5
    for other in ({"startOffset": 1}, {"order": "newestFirst"}, {"where": {"customer": "c-1"}}):
        answer = api.post(path, json={"pageToken": token, **other})
        assert_error(answer, 400, "InvalidPageToken")
