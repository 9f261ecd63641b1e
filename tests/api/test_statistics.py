"""Statistics of a stream: what was published lately, what was refused, and how fast."""

from typing import Any

import pytest

from fixtures.api import Api, StreamUnderTest, assert_error
from fixtures.live import page_of

GOOD = {"sensor_id": "s1", "temperature": 1.5, "created_at": None}


def numbers(stream: StreamUnderTest, window: str = "5m") -> dict[str, Any]:
    found: dict[str, Any] = stream.api.ok("GET", f"{page_of(stream)}/statistics?window={window}")
    return found


def sums(stream: StreamUnderTest, window: str = "5m") -> dict[str, int]:
    series = numbers(stream, window)["series"]
    return {name: sum(series[name]) for name in ("records", "bytes", "requests")}


@pytest.mark.parametrize(
    ("window", "buckets", "seconds"), [("5m", 30, 10), ("1h", 360, 10), ("24h", 288, 300)]
)
def test_each_window_has_its_buckets(
    stream: StreamUnderTest, window: str, buckets: int, seconds: int
):
    stream.publish(GOOD, GOOD, GOOD)

    found = numbers(stream, window)

    assert (found["window"], found["bucketSeconds"]) == (window, seconds)
    series = found["series"]
    assert {len(series[name]) for name in series if name != "rejected"} == {buckets}
    assert sums(stream, window)["records"] == 3


def test_what_was_stored_is_counted(stream: StreamUnderTest):
    stream.publish(GOOD, GOOD)
    stream.publish(GOOD)

    size = 3 * len('{"sensor_id":"s1","temperature":1.5,"created_at":null}\n')
    assert sums(stream) == {"records": 3, "bytes": size, "requests": 2}
    series = numbers(stream)["series"]
    p50 = [one for one in series["latencyP50Ms"] if one is not None]
    p99 = [one for one in series["latencyP99Ms"] if one is not None]
    assert p50
    assert all(0 < low <= high for low, high in zip(p50, p99, strict=True))


def test_nothing_is_nothing(stream: StreamUnderTest):
    found = numbers(stream)

    assert sums(stream) == {"records": 0, "bytes": 0, "requests": 0}
    assert found["series"]["rejected"] == {}
    assert set(found["series"]["latencyP50Ms"]) == {None}
    assert found["partitions"] == [
        {"partition": 0, "records": 0, "endOffset": 0, "archivedThrough": 0}
    ]
    assert "countedSince" not in found
    assert "archiveBehindSeconds" not in found  # These servers archive nothing.


def test_each_partition_has_its_own(api: Api):
    stream = api.new_stream(partitionsCount=2)
    stream.publish(GOOD)
    stream.publish(GOOD, GOOD)

    assert numbers(stream)["partitions"] == [
        {"partition": 0, "records": 1, "endOffset": 1, "archivedThrough": 0},
        {"partition": 1, "records": 2, "endOffset": 2, "archivedThrough": 0},
    ]


def test_what_was_refused_is_counted_by_reason(stream: StreamUnderTest):
    user_id, user = stream.api.new_user()
    stream.api.grant(stream.rid, user_id, "viewer")
    stream.publish(GOOD)
    path = f"{stream.fast}/publishRecords"

    stream.publish({"sensor_id": 1})
    stream.api.post(path, content=b"[", headers={"Content-Type": "application/json"})
    stream.api.post(path, json={"records": [GOOD], "viewRid": "ri.a.b.c.d"})
    stream.as_(user).publish(GOOD)

    rejected = numbers(stream)["series"]["rejected"]
    counted = {reason: sum(line) for reason, line in rejected.items()}
    assert counted["permission"] == 1
    assert counted["view"] == 1
    assert sum(counted.values()) == 4
    assert set(counted) <= {"schema", "body", "view", "permission"}
    assert sums(stream)["requests"] == 1


def test_what_strangers_send_does_not_count(stream: StreamUnderTest):
    _, stranger = stream.api.new_user()
    stream.publish(GOOD)

    assert_error(stream.as_(stranger).publish(GOOD), 404, "StreamNotFound")
    assert_error(stream.as_(stream.api.as_("x")).publish(GOOD), 401, "Default:Unauthorized")

    assert numbers(stream)["series"]["rejected"] == {}


def test_a_chunked_publish_counts_like_any(stream: StreamUnderTest):
    def body(text: bytes):
        yield text

    def post(text: bytes) -> int:
        path = f"{stream.fast}/publishRecord"
        headers = {"Content-Type": "application/json"}
        return stream.api.post(path, content=body(text), headers=headers).status_code

    assert post(b'{"record":{"sensor_id":"s1"}}') == 204
    assert post(b'{"record":{"sensor_id":7}}') == 400

    assert sums(stream)["requests"] == 1
    rejected = numbers(stream)["series"]["rejected"]
    assert {reason: sum(line) for reason, line in rejected.items()} == {"schema": 1}


def test_a_reset_begins_anew(stream: StreamUnderTest):
    stream.publish(GOOD)

    stream.api.ok("POST", f"{stream.path}/reset?preview=true", json={})

    assert sums(stream)["records"] == 0


def test_who_may_not_read_learns_nothing(stream: StreamUnderTest):
    path = f"{page_of(stream)}/statistics"
    user_id, user = stream.api.new_user()

    assert_error(user.get(path), 404, "StreamNotFound")
    stream.api.grant(stream.rid, user_id, "discoverer")
    assert_error(user.get(path), 403, "ViewStreamPermissionDenied")
    assert_error(stream.api.get(f"{path}?window=2h"), 400, "Conjure:InvalidArgument")
