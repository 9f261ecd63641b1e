"""A value in a JSON body must be of the type that the call takes; nothing is cast."""

from typing import Any

import pytest

from fixtures.api import SENSOR_SCHEMA, Api, StreamUnderTest, assert_error, unique

CREATE = "/api/v2/streams/datasets/create?preview=true"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("partitionsCount", "3"),
        ("partitionsCount", 3.5),
        ("partitionsCount", True),
        ("compressed", "true"),
        ("compressed", 1),
        ("name", 5),
        ("streamType", ["LOW_LATENCY"]),
        ("schema", "{}"),
    ],
)
def test_a_value_of_another_type_is_refused_with_its_place(api: Api, field: str, value: Any):
    body = {
        "name": unique("stream"),
        "parentFolderRid": api.new_project(),
        "schema": SENSOR_SCHEMA,
        field: value,
    }

    answer = api.post(CREATE, json=body)

    assert f"$.{field}" in assert_error(answer, 400, "Conjure:InvalidArgument")["reason"]


def test_a_flag_deep_in_a_schema_is_not_cast(api: Api):
    nullable = {"name": "a", "schema": {"nullable": "false", "dataType": {"type": "string"}}}
    body = {
        "name": unique("stream"),
        "parentFolderRid": api.new_project(),
        "schema": {"fields": [nullable]},
    }

    answer = api.post(CREATE, json=body)

    reason = assert_error(answer, 400, "Conjure:InvalidArgument")["reason"]
    assert "$.schema.fields[0].schema.nullable" in reason


@pytest.mark.parametrize(
    ("path", "body", "place"),
    [
        ("/multipass/api/tokens", {"name": "a", "secondsToLive": "3600"}, "$.secondsToLive"),
        ("/multipass/api/tokens", {"name": 1, "secondsToLive": 3600}, "$.name"),
        (
            "/api/v2/admin/users/search?preview=true",
            {"where": {"type": "queryString", "value": "a"}, "pageSize": "5"},
            "$.pageSize",
        ),
        ("/api/v1/users", {"username": "a", "isAdmin": "yes"}, "$.isAdmin"),
        ("/api/v2/filesystem/resources/getBatch?preview=true", [{"resourceRid": 1}], "$[0]"),
    ],
)
def test_every_call_is_as_strict(api: Api, path: str, body: Any, place: str):
    answer = api.post(path, json=body)

    assert place in assert_error(answer, 400, "Conjure:InvalidArgument")["reason"]


def test_parameters_of_the_query_are_texts_and_read_as_what_they_say(stream: StreamUnderTest):
    stream.publish({"sensor_id": "a"}, {"sensor_id": "b"})

    assert len(stream.records(limit=1)) == 1


@pytest.mark.parametrize("offset", [1, "1"])
def test_offsets_may_be_texts_since_clients_write_long_numbers_so(
    stream: StreamUnderTest, offset: int | str
):
    stream.publish(*({"sensor_id": str(number)} for number in range(3)))
    subscriber = unique("subscriber").replace(" ", "-")
    position = {"type": "specific", "offsets": {"0": offset}}
    query = "preview=true"

    made = stream.api.ok(
        "POST",
        f"{stream.path}/subscribers?{query}",
        json={"subscriberId": subscriber, "readPosition": position},
    )
    of_subscriber = f"{stream.fast}/subscribers/{subscriber}"
    committed = stream.api.ok(
        "POST", f"{of_subscriber}/commitOffsets?{query}", json={"offsets": {"0": offset}}
    )
    moved = stream.api.ok(
        "POST", f"{of_subscriber}/resetOffsets?{query}", json={"position": position}
    )

    assert made["startOffsets"] == {"0": 1}
    assert made["readPosition"] == {"type": "specific", "offsets": {"0": 1}}
    assert committed == {"0": 2}
    assert moved == {"0": 1}


@pytest.mark.parametrize("offset", ["", "01", "-1", "1.0", "1e3", " 1", "9" * 20, 1.5, None, True])
def test_what_is_no_offset_is_refused(stream: StreamUnderTest, offset: Any):
    stream.publish({"sensor_id": "a"})
    subscriber = unique("subscriber").replace(" ", "-")
    stream.api.ok(
        "POST", f"{stream.path}/subscribers?preview=true", json={"subscriberId": subscriber}
    )

    answer = stream.api.post(
        f"{stream.fast}/subscribers/{subscriber}/commitOffsets?preview=true",
        json={"offsets": {"0": offset}},
    )

    assert_error(answer, 400, "Conjure:InvalidArgument")


def test_a_parameter_of_the_query_is_named_as_it_was_sent(api: Api):
    answer = api.get("/api/v2/admin/users?pageSize=many")

    reason = assert_error(answer, 400, "Conjure:InvalidArgument")["reason"]
    assert reason.startswith("pageSize: ")


def test_a_record_that_is_no_object_is_described_without_a_field(stream: StreamUnderTest):
    answer = stream.api.post(f"{stream.fast}/publishRecord", json={"record": "{}"})

    assert_error(answer, 400, "RecordDoesNotMatchStreamSchema")
    description = answer.json()["errorDescription"]
    assert description.startswith("records that do not match the schema: 1; record 0: expected")
