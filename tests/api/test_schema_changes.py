"""``/api/v1/streams/…/schema``: who may change a schema, to what, and what is told of it."""

import http.client
import json
from typing import Any

import httpx
import pytest

from fixtures.api import Api, StreamUnderTest, assert_error, field, schema
from fixtures.dead_letters import letters, path, push, replay

OLD = schema(field("id", "integer", nullable=False), field("t", "float"))
NEW = schema(field("unit", "string"), field("id", "long"), field("t", "double"))


@pytest.fixture
def grown(api: Api) -> StreamUnderTest:
    """A stream with two records."""
    stream = api.new_stream(OLD, partitionsCount=2)
    for number in (1, 2):
        assert stream.publish({"id": number, "t": 0.1}).is_success
    return stream


def change(
    stream: StreamUnderTest, to: dict[str, Any], *, api: Api | None = None, **more: Any
) -> httpx.Response:
    path = f"/api/v1/streams/{stream.rid}/{stream.branch}/schema"
    return (api or stream.api).post(path, json={"schema": to, **more})


def test_a_dry_run_tells_what_would_change_and_changes_nothing(grown: StreamUnderTest) -> None:
    answer = change(grown, NEW, dryRun=True)

    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert [(one["field"], one["kind"]) for one in found["changes"]] == [
        ("unit", "FIELD_ADDED"),
        ("id", "NULL_ALLOWED"),
        ("id", "TYPE_WIDENED"),
        ("t", "TYPE_WIDENED"),
    ]
    assert found["stored"] == {"records": 2, "lookedAt": 2, "misfits": 0, "examples": []}
    assert (found["isAllowed"], found["isApplied"], found["schemaVersion"]) == (True, False, 0)
    assert found["schema"] == OLD == grown.describe()["schema"]


def test_a_change_keeps_the_view_and_is_for_the_next_publish(grown: StreamUnderTest) -> None:
    view = grown.view()
    assert_error(grown.publish({"id": 1 << 40}), 400, "RecordDoesNotMatchStreamSchema")

    found = change(grown, NEW).json()
    again = change(grown, NEW).json()
    wide = grown.publish({"unit": "C", "id": 1 << 40})

    assert (found["viewRid"], found["schemaVersion"], found["isApplied"]) == (view, 1, True)
    assert (again["schemaVersion"], again["isApplied"], again["changes"]) == (1, False, [])
    assert grown.describe()["schema"] == NEW
    assert wide.status_code == 204
    stored = [value for partition in range(2) for value in grown.values(partition)]
    assert sorted(stored, key=lambda one: one["id"]) == [
        {"id": 1, "t": 0.1},
        {"id": 2, "t": 0.1},
        {"unit": "C", "id": 1 << 40, "t": None},
    ]
    activity = grown.api.ok("GET", f"/api/v1/streams/{grown.rid}/master/activity")["data"]
    named = [one for one in activity if one["action"] == "stream.schema-changed"]
    assert len(named) == 1
    assert "changed the schema of branch master: unit is added: string" in named[0]["text"]


def test_a_refused_change_says_each_field_and_why_and_which_records_stand_in_the_way(
    grown: StreamUnderTest,
) -> None:
    other = schema(field("id", "string"), field("needed", "long", nullable=False))

    parameters = assert_error(change(grown, other), 400, "SchemaChangeNotAllowed")
    tried = change(grown, other, dryRun=True).json()

    refused = [(one["field"], one["kind"]) for one in parameters["refusals"]]
    assert refused == [
        ("t", "REMOVED"),
        ("id", "TYPE_CHANGED"),
        ("needed", "ADDED_NOT_NULLABLE"),
    ]
    assert tried["refusals"] == parameters["refusals"]
    assert (tried["isAllowed"], tried["stored"]["misfits"]) == (False, 2)
    examples = tried["stored"]["examples"]
    assert {(one["partitionId"], one["offset"]) for one in examples} == {("0", 0), ("1", 0)}
    assert "Expected" in examples[0]["description"]
    assert (examples[0]["field"], grown.describe()["schema"]) == ("id", OLD)


def test_who_may_reset_may_change_the_schema(api: Api, grown: StreamUnderTest) -> None:
    user_id, user = api.new_user()
    with user:
        assert_error(change(grown, NEW, api=user), 404, "StreamNotFound")
        api.grant(grown.rid, user_id, "viewer")
        assert_error(change(grown, NEW, api=user), 403, "ChangeStreamSchemaPermissionDenied")
        denied = change(grown, NEW, api=user, dryRun=True)
        assert_error(denied, 403, "ChangeStreamSchemaPermissionDenied")
        api.grant(grown.rid, user_id, "editor")
        assert change(grown, NEW, api=user).json()["isApplied"]


def test_what_is_no_schema_or_in_the_trash_is_refused(api: Api, grown: StreamUnderTest) -> None:
    twice = schema(field("id", "integer"), field("id", "integer"))
    assert_error(change(grown, twice), 400, "InvalidSchema")
    api.delete(f"/api/v2/filesystem/resources/{grown.rid}?preview=true")

    assert_error(change(grown, NEW), 400, "CannotWriteToTrashedStream")


def test_a_dry_run_looks_at_the_newest_records_of_each_partition_within_its_bounds(
    api: Api,
) -> None:
    stream = api.new_stream(schema(field("text", "string"), field("n", "long")), partitionsCount=2)
    records = [{"text": "x" * 40_000, "n": number} for number in range(50)]
    for _ in range(14):
        assert stream.publish(*records).is_success
    ends = stream.ends()
    to = schema(field("text", "string"), field("n", "integer", nullable=False))

    stored = change(stream, to, dryRun=True).json()["stored"]
    narrow = change(stream, schema(field("n", "long")), dryRun=True).json()["stored"]

    assert (stored["records"], stored["misfits"]) == (700, 0)
    # 16 MiB of them: both partitions have the same share.
    assert 400 <= stored["lookedAt"] <= 440
    assert (narrow["misfits"], len(narrow["examples"])) == (narrow["lookedAt"], 20)
    newest = {(one["partitionId"], one["offset"]) for one in narrow["examples"]}
    assert max(offset for _, offset in newest) == max(ends.values()) - 1


def test_records_whose_body_comes_while_the_schema_changes_go_where_their_keys_belong(
    api: Api,
) -> None:
    old = schema(field("key", "string", nullable=False), field("n", "long"), keys=["key"])
    new = schema(field("first", "string"), *old["fields"], keys=["key"])
    stream = api.new_stream(old, partitionsCount=7)
    records = [{"key": f"k{number}", "n": number} for number in range(40)]
    body = json.dumps([*records, {"key": None}]).encode()
    connection = http.client.HTTPConnection(api.base_url.host, api.base_url.port or 80, timeout=20)
    connection.putrequest("POST", f"{path(stream)}/records?onInvalid=dead-letter")
    connection.putheader("Authorization", f"Bearer {api.token}")
    connection.putheader("Content-Type", "application/json")
    connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body[:100])

    assert change(stream, new).json()["isApplied"]
    connection.send(body[100:])
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    connection.close()

    assert stream.publish(*records).is_success
    found = {partition: [one["key"] for one in stream.values(partition)] for partition in range(7)}
    assert sum(map(len, found.values())) == 80
    for keys in found.values():
        assert sorted(keys[: len(keys) // 2]) == sorted(keys[len(keys) // 2 :])
    assert len(letters(stream)) == 1


def test_a_request_that_is_repeated_after_a_change_is_stored_once(grown: StreamUnderTest) -> None:
    records = [{"id": number, "t": number / 3} for number in range(10, 14)]
    body = {"records": records}
    places = [
        {"Idempotency-Key": "before"},
        {"Producer-Id": "p", "Producer-Epoch": "0", "Producer-Seq": "0"},
    ]
    send = f"{grown.fast}/publishRecords"
    for headers in places:
        assert grown.api.post(send, json=body, headers=headers).is_success
    letter = {"Idempotency-Key": "with-a-letter"}
    first = push(grown, *records, {"id": "none"}, **letter)
    ends = grown.ends()
    between = schema(field("unit", "string"), *OLD["fields"])
    assert change(grown, between).json()["isApplied"]
    assert change(grown, schema(field("unit", "string"), *OLD["fields"], field("u", "date"))).json()

    answers = [grown.api.post(send, json=body, headers=headers) for headers in places]
    again = push(grown, *records, {"id": "none"}, **letter)
    other = grown.api.post(
        send, json={"records": [one | {"unit": "C"} for one in records]}, headers=places[0]
    )

    assert first.status_code == again.status_code == 200, first.text + again.text
    assert [one.status_code for one in answers] == [204, 204]
    assert again.json()["partitions"] == first.json()["partitions"]
    assert grown.ends() == ends
    assert_error(other, 422, "IdempotencyKeyReused")
    assert len(letters(grown)) == 1


def test_a_reset_begins_anew_with_the_schema_that_the_stream_has(grown: StreamUnderTest) -> None:
    assert change(grown, NEW).json()["isApplied"]

    grown.api.ok("POST", f"{grown.path}/reset?preview=true", json={})

    assert grown.describe()["schema"] == NEW
    assert change(grown, NEW).json()["schemaVersion"] == 0


def test_a_dead_letter_that_fits_the_new_schema_is_replayed(api: Api) -> None:
    stream = api.new_stream(OLD)
    assert push(stream, {"id": 1 << 40, "t": None}).status_code == 200
    (letter,) = letters(stream)
    assert replay(stream, letter["letterId"]).status_code == 400

    assert change(stream, NEW).json()["isApplied"]

    assert replay(stream, letter["letterId"]).is_success
    assert stream.values() == [{"unit": None, "id": 1 << 40, "t": None}]
    assert letters(stream) == []
