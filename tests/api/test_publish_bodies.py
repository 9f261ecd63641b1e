"""Bodies that are odd, wrong, or just within a bound, through both doors."""

import json
from collections.abc import Iterator

import pytest

from fixtures.api import Api, StreamUnderTest, assert_error, field, schema, unique
from fixtures.doors import JSON, OCTETS, Door
from fixtures.server import ServerProcess, sign_in

RECORD_BYTES_MAX = 1_048_576
REQUEST_BYTES_MAX = 16 * 1_048_576
RECORDS_MAX = 10_000

TEXT = schema(field("text", "string", nullable=False))


def post(door: Door, stream: StreamUnderTest, body: bytes, headers=None):
    return door.post(stream.api, f"{stream.fast}/publishRecords", body, headers)


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b'{"records": [{"sensor_id": "a"}]',
        b'{"records": [{"sensor_id": "a"}]} x',
        b'{"records": [{"sensor_id": "a", "temperature": NaN}]}',
        b'{"records": [{"sensor_id": "a", "temperature": Infinity}]}',
        b'{"records": [{"sensor_id": "\xff"}]}',
        b'\xef\xbb\xbf{"records": [{"sensor_id": "a"}]}',
        b'{"records": [{"sensor_id": "a\nb"}]}',
        b"{'records': []}",
        b'"text"',
        b"null",
        b"[]",
        b"{}",
        b'{"records": {}}',
        b'{"records": null}',
        b'{"records": ["a"], "more": 1}',
        b'{"records": [{"sensor_id": "a"}], "viewrid": "x"}',
        b'{"records": [{"sensor_id": "a"}], "viewRid": 5}',
        b'{"record": {"sensor_id": "a"}}',
        b"\x00\x00",
    ],
)
def test_a_body_that_is_not_the_calls_json_is_refused(
    door: Door, stream: StreamUnderTest, body: bytes
):
    answer = post(door, stream, body)

    assert assert_error(answer, 400, "Conjure:InvalidArgument")["reason"]
    assert stream.values() == []


def test_an_empty_body_is_missing(door: Door, stream: StreamUnderTest):
    answer = post(door, stream, b"")

    assert_error(answer, 400, "MissingPostBody")


def test_an_empty_batch_is_refused(door: Door, stream: StreamUnderTest):
    answer = post(door, stream, b'{"records": []}')

    assert_error(answer, 400, "Conjure:InvalidArgument")


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_a_deeply_nested_body_is_refused(door: Door, stream: StreamUnderTest, opening: bytes):
    closing = b"]" if opening == b"[" else b"}"
    body = b'{"records": [{"sensor_id": %b1%b}]}' % (opening * 300, closing * 300)

    answer = post(door, stream, body)

    assert answer.status_code == 400
    assert answer.json()["errorName"] in {
        "RecordDoesNotMatchStreamSchema",
        "Conjure:InvalidArgument",
    }


def test_a_body_of_nothing_but_opening_brackets_is_refused(door: Door, stream: StreamUnderTest):
    answer = post(door, stream, b"[" * 1_000_000)

    assert_error(answer, 400, "Conjure:InvalidArgument")


def test_the_last_of_a_name_that_is_repeated_counts(door: Door, stream: StreamUnderTest):
    body = b'{"records": [{"sensor_id": "a", "temperature": 1, "temperature": 2.5}]}'

    assert post(door, stream, body).status_code == 204

    assert stream.values() == [{"sensor_id": "a", "temperature": 2.5, "created_at": None}]


@pytest.mark.parametrize("kind", ["byte", "short", "integer", "long", "timestamp", "double"])
def test_an_integer_of_400_digits_is_out_of_range(door: Door, api: Api, kind: str):
    stream = api.new_stream(schema(field("number", kind)))

    answer = post(door, stream, b'{"records": [{"number": %b}]}' % (b"9" * 400))

    (problem,) = assert_error(answer, 400, "RecordDoesNotMatchStreamSchema")["invalidRecords"]
    assert (problem["path"], problem["reason"]) == ("number", "OUT_OF_RANGE")
    assert len(problem["found"]) == 80


def test_a_decimal_of_400_digits_does_not_fit(door: Door, api: Api):
    stream = api.new_stream(schema(field("number", {"type": "decimal", "precision": 38})))

    answer = post(door, stream, b'{"records": [{"number": %b}]}' % (b"9" * 400))

    assert_error(answer, 400, "RecordDoesNotMatchStreamSchema")


@pytest.mark.parametrize("encoding", ["br", "deflate", "nonsense", "identity, gzip"])
def test_a_body_in_an_unknown_content_coding_is_refused(
    door: Door, stream: StreamUnderTest, encoding: str
):
    answer = post(door, stream, b"{}", JSON | {"Content-Encoding": encoding})

    assert assert_error(answer, 415, "Conjure:UnsupportedMediaType")["found"] == encoding


@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/x-www-form-urlencoded", "application/octet-stream"]
)
def test_a_body_of_another_media_type_is_refused(
    door: Door, stream: StreamUnderTest, media_type: str
):
    answer = post(door, stream, b'{"records": [{}]}', {"Content-Type": media_type})

    assert_error(answer, 415, "Conjure:UnsupportedMediaType")


def test_json_is_no_binary_record(door: Door, api: Api):
    stream = api.new_stream(schema(field("payload", "binary")))

    answer = door.post(api, f"{stream.fast}/publishBinaryRecord", b"{}", JSON)

    assert_error(answer, 415, "Conjure:UnsupportedMediaType")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "application/json; charset=utf-8"},
        {"Content-Type": "Application/JSON"},
        JSON | {"Content-Encoding": "identity"},
    ],
)
def test_a_body_of_no_or_the_right_media_type_is_taken(
    door: Door, stream: StreamUnderTest, headers: dict[str, str]
):
    answer = post(door, stream, b'{"records": [{"sensor_id": "a"}]}', headers)

    assert answer.status_code == 204, answer.text


def test_as_many_records_as_may_be_are_taken_and_one_more_is_refused(
    door: Door, stream: StreamUnderTest
):
    records = [{"sensor_id": str(number)} for number in range(RECORDS_MAX + 1)]

    most = door.publish(stream, *records[:RECORDS_MAX])
    too_many = door.publish(stream, *records)

    assert most.status_code == 204
    assert assert_error(too_many, 413, "TooManyRecords") == {
        "records": RECORDS_MAX + 1,
        "recordsMax": RECORDS_MAX,
    }
    assert stream.ends() == {"0": RECORDS_MAX}


def test_a_record_of_the_most_bytes_is_taken_and_of_one_more_refused(door: Door, api: Api):
    stream = api.new_stream(TEXT)
    most = "x" * (RECORD_BYTES_MAX - len('{"text":""}'))

    taken = door.publish(stream, {"text": most})
    refused = door.publish(stream, {"text": "small"}, {"text": most + "x"})

    assert taken.status_code == 204
    assert assert_error(refused, 413, "RecordTooLarge") == {
        "index": 1,
        "bytes": RECORD_BYTES_MAX + 1,
        "bytesMax": RECORD_BYTES_MAX,
    }
    assert [len(value["text"]) for value in stream.values()] == [len(most)]


def test_a_record_is_measured_as_it_is_stored_and_not_as_it_is_sent(door: Door, api: Api):
    stream = api.new_stream(TEXT)
    text = "ü" * ((RECORD_BYTES_MAX - len('{"text":""}')) // 2)

    as_escapes = door.publish(stream, {"text": text})
    with_blanks = post(
        door, stream, b'{"records": [{%b"text": "a"}]}' % (b" " * (RECORD_BYTES_MAX + 1))
    )

    assert as_escapes.status_code == 204
    assert with_blanks.status_code == 204


def test_a_binary_record_is_measured_as_it_is_stored(door: Door, api: Api):
    stream = api.new_stream(schema(field("b", "binary")))
    most = (RECORD_BYTES_MAX - len('{"b":""}')) // 4 * 3
    path = f"{stream.fast}/publishBinaryRecord"

    taken = door.post(api, path, b"x" * most, OCTETS)
    refused = door.post(api, path, b"x" * (most + 1), OCTETS)

    assert taken.status_code == 204
    assert_error(refused, 413, "RecordTooLarge")


def test_a_body_of_the_most_bytes_is_taken_and_of_one_more_refused(
    door: Door, stream: StreamUnderTest
):
    body = b'{"records": [{"sensor_id": "a"}]}'
    most = body + b" " * (REQUEST_BYTES_MAX - len(body))

    taken = post(door, stream, most)
    refused = post(door, stream, most + b" ")

    assert taken.status_code == 204, taken.text
    assert assert_error(refused, 413, "Default:RequestEntityTooLarge") == {
        "bytesMax": REQUEST_BYTES_MAX
    }
    assert stream.ends() == {"0": 1}
    assert door.publish(stream, {"sensor_id": "b"}).status_code == 204


def test_who_may_not_publish_does_not_learn_how_large_a_body_may_be(
    door: Door, stream: StreamUnderTest
):
    nobody = stream.as_(stream.api.as_(None))

    answer = post(door, nobody, b" " * (REQUEST_BYTES_MAX + 1))

    assert_error(answer, 401, "MissingCredentials")


def test_what_does_not_fit_is_told_for_the_first_twenty(door: Door, stream: StreamUnderTest):
    bad = [
        {"sensor_id": 5},
        {"temperature": 1.5},
        {"sensor_id": None},
        {"sensor_id": "a", "temperatur": 4},
        {"sensor_id": "a", "created_at": "yesterday"},
        "no object",
    ]

    answer = door.publish(stream, {"sensor_id": "good"}, *bad, *([{}] * 30))

    parameters = assert_error(answer, 400, "RecordDoesNotMatchStreamSchema")
    described = stream.describe()
    assert parameters["datasetRid"] == stream.rid
    assert parameters["branchName"] == "master"
    assert parameters["viewRid"] == described["viewRid"]
    assert parameters["invalidRecordCount"] == 36
    problems = parameters["invalidRecords"]
    assert [problem["index"] for problem in problems] == list(range(1, 21))
    assert [(one["path"], one["found"], one["reason"]) for one in problems[:7]] == [
        ("sensor_id", "5", "WRONG_TYPE"),
        ("sensor_id", "nothing", "MISSING_FIELD"),
        ("sensor_id", "null", "NULL_NOT_ALLOWED"),
        ("temperatur", "4", "UNKNOWN_FIELD"),
        ("created_at", '"yesterday"', "MALFORMED"),
        ("", '"no object"', "WRONG_TYPE"),
        ("sensor_id", "nothing", "MISSING_FIELD"),
    ]
    assert all(problem["expected"] for problem in problems)


def test_all_twenty_are_told_and_the_rest_only_counted(door: Door, stream: StreamUnderTest):
    twenty = assert_error(door.publish(stream, *([{}] * 20)), 400, "RecordDoesNotMatchStreamSchema")
    more = assert_error(door.publish(stream, *([{}] * 21)), 400, "RecordDoesNotMatchStreamSchema")

    assert (twenty["invalidRecordCount"], len(twenty["invalidRecords"])) == (20, 20)
    assert (more["invalidRecordCount"], len(more["invalidRecords"])) == (21, 20)


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """A server whose bounds are small settings."""
    settings = {
        "SLUICEWAY_INGEST__RECORD_BYTES_MAX": "100",
        "SLUICEWAY_INGEST__REQUEST_BYTES_MAX": "1000",
        "SLUICEWAY_INGEST__REQUEST_RECORDS_MAX": "3",
    }
    process = ServerProcess(tmp_path_factory.mktemp(unique("narrow")) / "data", settings).start()
    api = Api(process.url, sign_in(process.url))
    yield api
    api.close()
    assert process.stop() == 0


def test_the_bounds_are_settings(door: Door, narrow: Api):
    stream = narrow.new_stream(TEXT)

    record = door.publish(stream, {"text": "x" * 90})
    records = door.publish(stream, *([{"text": ""}] * 4))
    request = post(door, stream, b" " * 1_001)

    assert_error(record, 413, "RecordTooLarge")
    assert_error(records, 413, "TooManyRecords")
    assert assert_error(request, 413, "Default:RequestEntityTooLarge") == {"bytesMax": 1_000}
    assert door.publish(stream, {"text": "x" * 89}).status_code == 204
    assert post(
        door, stream, json.dumps({"records": [{"text": ""}]}).encode().ljust(1_000)
    ).is_success
