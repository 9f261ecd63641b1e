"""``/api/v1/streams/…/dead-letters``: records that did not fit, mended, replayed, discarded."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from fixtures.api import Api, StreamUnderTest, assert_error, field, schema
from fixtures.dead_letters import (
    BAD,
    GOOD,
    WORSE,
    discard,
    letters,
    path,
    push,
    push_lines,
    replay,
    results,
)
from fixtures.server import ServerProcess, sign_in


def test_records_that_fit_are_stored_and_the_others_kept(stream: StreamUnderTest):
    answer = push(stream, GOOD, BAD, GOOD | {"sensor_id": "c"}, WORSE)

    assert answer.status_code == 200
    body = answer.json()
    assert body["recordCount"] == 2
    assert body["partitions"] == [
        {"partition": 0, "firstOffset": 0, "lastOffset": 1, "recordCount": 2}
    ]
    assert body["deadLetters"] == [
        {
            "letterId": "0",
            "index": 1,
            "path": "temperature",
            "expected": body["deadLetters"][0]["expected"],
            "found": '"warm"',
            "reason": "MALFORMED",
        },
        {
            "letterId": "1",
            "index": 3,
            "path": "sensor_id",
            "expected": body["deadLetters"][1]["expected"],
            "found": "nothing",
            "reason": "MISSING_FIELD",
        },
    ]
    assert [value["sensor_id"] for value in stream.values()] == ["a", "c"]
    first, second = letters(stream)
    assert (first["letterId"], second["letterId"]) == ("0", "1")
    assert json.loads(first["value"]) == BAD
    assert first["viewRid"] == stream.view()
    assert first["username"]
    assert first["time"].endswith("Z")


def test_a_request_that_does_not_ask_for_it_is_refused_as_a_whole(stream: StreamUnderTest):
    for query in ("", "?onInvalid=refuse"):
        assert_error(push(stream, GOOD, BAD, query=query), 400, "RecordDoesNotMatchStreamSchema")
    assert (stream.values(), letters(stream)) == ([], [])


def test_another_choice_is_refused(stream: StreamUnderTest):
    assert_error(push(stream, GOOD, query="?onInvalid=drop"), 400, "Conjure:InvalidArgument")
    assert stream.values() == []


def test_where_all_fit_there_are_no_letters(stream: StreamUnderTest):
    body = push(stream, GOOD).json()

    assert (body["recordCount"], body["deadLetters"]) == (1, [])


def test_where_none_fits_there_are_only_letters(stream: StreamUnderTest):
    body = push(stream, BAD, WORSE).json()

    assert (body["recordCount"], body["partitions"], len(body["deadLetters"])) == (0, [], 2)
    receipt = stream.api.ok("GET", f"{path(stream)}/receipts/{body['receiptId']}")
    assert receipt["partitions"] == []


def test_a_line_that_is_no_json_is_kept_as_it_was(stream: StreamUnderTest):
    body = b'{"sensor_id": "a"}\n{"sensor_id": "\xc3\xa4\n \t{"sensor_id":1}{}  \nnull\n'

    answer = push_lines(stream, body)

    assert answer.json()["recordCount"] == 1
    assert [one["value"] for one in letters(stream)] == [
        '{"sensor_id": "ä',
        '{"sensor_id":1}{}  ',
        "null",
    ]


@pytest.mark.parametrize("body", [b"[", b"\xff\n", b""])
def test_a_body_that_cannot_be_read_makes_no_letters(stream: StreamUnderTest, body: bytes):
    answer = stream.api.post(
        f"{path(stream)}/records?onInvalid=dead-letter",
        content=body,
        headers={"Content-Type": "application/json" if body == b"[" else "application/x-ndjson"},
    )

    assert answer.status_code == 400
    assert letters(stream) == []


def test_a_letter_is_replayed_once_with_the_mended_value(stream: StreamUnderTest):
    push(stream, GOOD, BAD)

    replayed = replay(stream, "0", value=BAD | {"temperature": 20})

    assert replayed.status_code == 200
    assert replayed.json() == {"letterId": "0", "partition": 0, "offset": 1}
    assert [(value["sensor_id"], value["temperature"]) for value in stream.values()] == [
        ("a", 1.5),
        ("b", 20.0),
    ]
    facts = assert_error(
        replay(stream, "0", value=BAD | {"temperature": 20}), 409, "DeadLetterResolved"
    )
    assert facts["letterId"] == "0"
    assert_error(discard(stream, "0"), 409, "DeadLetterResolved")
    assert letters(stream) == []
    assert len(stream.values()) == 2


def test_a_letter_behind_an_open_one_tells_how_it_was_resolved(stream: StreamUnderTest):
    push(stream, BAD, BAD, WORSE)

    replay(stream, "1", value=GOOD)
    discard(stream, "2")

    facts = assert_error(replay(stream, "1", value=GOOD), 409, "DeadLetterResolved")
    assert facts["resolution"] == "REPLAYED"
    assert facts["by"]
    facts = assert_error(discard(stream, "2"), 409, "DeadLetterResolved")
    assert facts["resolution"] == "DISCARDED"
    assert [one["letterId"] for one in letters(stream)] == ["0"]


def test_a_letter_that_still_does_not_fit_stays_open(stream: StreamUnderTest):
    push(stream, BAD)

    facts = assert_error(replay(stream, "0"), 400, "RecordDoesNotMatchStreamSchema")
    assert facts["invalidRecords"][0]["path"] == "temperature"
    assert_error(replay(stream, "0", value=WORSE), 400, "RecordDoesNotMatchStreamSchema")
    assert_error(replay(stream, "0", value=[GOOD]), 400, "RecordDoesNotMatchStreamSchema")
    assert_error(replay(stream, "0", valu=GOOD), 400, "Conjure:InvalidArgument")

    assert [one["letterId"] for one in letters(stream)] == ["0"]
    assert replay(stream, "0", value=GOOD).status_code == 200


def test_letters_outlive_a_reset_and_fit_the_new_schema(stream: StreamUnderTest):
    push(stream, BAD, GOOD, WORSE)
    text = schema(
        field("sensor_id", "string", nullable=False),
        field("temperature", "string"),
    )
    stream.api.ok("POST", f"{stream.path}/reset?preview=true", json={"schema": text})

    found = results(stream, "replay", "0", "1", "1", "7", "x")

    assert found == [
        {"letterId": "0", "outcome": "REPLAYED", "partition": 0, "offset": 0},
        {
            "letterId": "1",
            "outcome": "INVALID",
            "path": "sensor_id",
            "expected": found[1]["expected"],
            "found": "nothing",
            "reason": "MISSING_FIELD",
        },
        {"letterId": "7", "outcome": "NOT_FOUND"},
        {"letterId": "x", "outcome": "NOT_FOUND"},
    ]
    assert stream.values() == [BAD]
    assert [one["letterId"] for one in letters(stream)] == ["1"]
    assert [one["outcome"] for one in results(stream, "replay", "0")] == ["RESOLVED_BEFORE"]


def test_letters_are_replayed_to_the_partitions_of_their_keys(api: Api):
    keyed = schema(field("key", "string", nullable=False), field("n", "integer"), keys=["key"])
    stream = api.new_stream(keyed, partitionsCount=4)
    records = [{"key": f"k{number}", "n": "x"} for number in range(40)]
    push(stream, *records)
    loose = schema(field("key", "string", nullable=False), field("n", "string"), keys=["key"])
    api.ok("POST", f"{stream.path}/reset?preview=true", json={"schema": loose})

    found = results(stream, "replay", *map(str, range(40)))

    assert len({one["partition"] for one in found}) > 1
    for number, one in enumerate(found):
        assert stream.values(one["partition"])[one["offset"]]["key"] == f"k{number}"


def test_letters_are_discarded(stream: StreamUnderTest):
    push(stream, BAD, WORSE, BAD)

    assert discard(stream, "1").status_code == 204
    assert [one["outcome"] for one in results(stream, "discard", "0", "1", "2")] == [
        "DISCARDED",
        "RESOLVED_BEFORE",
        "DISCARDED",
    ]
    assert (letters(stream), stream.values()) == ([], [])
    push(stream, BAD)
    assert [one["letterId"] for one in letters(stream)] == ["3"]


def test_letters_come_in_pages(stream: StreamUnderTest):
    push(stream, *[BAD] * 7)
    discard(stream, "3")

    seen, token = [], ""
    while True:
        query = f"?pageSize=2{token}"
        page = stream.api.ok("GET", f"{path(stream)}/dead-letters{query}")
        assert page["openCount"] == 6
        seen.append([one["letterId"] for one in page["data"]])
        if "nextPageToken" not in page:
            break
        token = f"&pageToken={page['nextPageToken']}"

    assert seen == [["0", "1"], ["2", "4"], ["5", "6"]]
    assert_error(
        stream.api.get(f"{path(stream)}/dead-letters?pageToken=MTp4"), 400, "InvalidPageToken"
    )


def test_one_letter_is_shown(stream: StreamUnderTest):
    push(stream, BAD)

    assert stream.api.ok("GET", f"{path(stream)}/dead-letters/0") == letters(stream)[0]
    for letter in ("1", "-1", "00", "x", "9" * 30):
        assert_error(
            stream.api.get(f"{path(stream)}/dead-letters/{letter}"), 404, "DeadLetterNotFound"
        )


def test_a_repeated_request_makes_no_second_letters(stream: StreamUnderTest):
    first = push(stream, GOOD, BAD, **{"Idempotency-Key": "one"}).json()
    push(stream, WORSE)

    again = push(stream, GOOD, BAD, **{"Idempotency-Key": "one"})

    assert again.headers["idempotency-replayed"] == "true"
    assert again.json() == first | {"duplicate": True}
    assert_error(
        push(stream, GOOD, WORSE, **{"Idempotency-Key": "one"}), 422, "IdempotencyKeyReused"
    )
    assert [one["letterId"] for one in letters(stream)] == ["0", "1"]
    assert len(stream.values()) == 1


def test_an_ordered_producer_makes_letters_once(stream: StreamUnderTest):
    headers = {"Producer-Id": "p", "Producer-Epoch": "0", "Producer-Seq": "0"}

    assert push(stream, GOOD, BAD, **headers).status_code == 200
    assert push(stream, GOOD, BAD, **headers).status_code == 204
    assert len(letters(stream)) == len(stream.values()) == 1


@pytest.mark.parametrize(("bad", "status"), [(1_000, 200), (1_001, 400)])
def test_too_many_bad_records_are_a_wrong_schema(stream: StreamUnderTest, bad: int, status: int):
    answer = push(stream, GOOD, *[WORSE] * bad)

    assert answer.status_code == status
    assert len(stream.values()) == (status == 200)
    if status == 400:
        facts = assert_error(answer, 400, "RecordDoesNotMatchStreamSchema")
        assert (facts["invalidRecordCount"], len(facts["invalidRecords"])) == (1_001, 20)


def test_a_record_over_the_size_limit_refuses_the_request(stream: StreamUnderTest):
    large = "x" * 1_048_576

    for records in ((WORSE, GOOD | {"sensor_id": large}), (GOOD, WORSE | {"temperature": large})):
        facts = assert_error(push(stream, *records), 413, "RecordTooLarge")
        assert facts["index"] == 1
    assert (stream.values(), letters(stream)) == ([], [])


def test_rights_are_those_of_publishing(api: Api, stream: StreamUnderTest):
    push(stream, BAD)
    user_id, other = api.new_user()
    theirs = stream.as_(other)

    assert_error(other.get(f"{path(stream)}/dead-letters"), 404, "StreamNotFound")
    api.grant(stream.rid, user_id, "viewer")
    for answer in (
        other.get(f"{path(stream)}/dead-letters"),
        other.get(f"{path(stream)}/dead-letters/0"),
        replay(theirs, "0", value=GOOD),
        discard(theirs, "0"),
    ):
        assert_error(answer, 403, "PublishRecordsToStreamPermissionDenied")
    api.grant(stream.rid, user_id, "editor")
    assert replay(theirs, "0", value=GOOD).status_code == 200


def test_what_was_done_is_in_the_streams_activity(stream: StreamUnderTest):
    push(stream, BAD, BAD, BAD)
    replay(stream, "0", value=GOOD)
    results(stream, "discard", "1", "2")

    texts = [one["text"] for one in stream.api.ok("GET", f"{path(stream)}/activity")["data"]]

    assert texts[0].endswith("discarded 2 dead letters on branch master")
    assert texts[1].endswith("replayed a dead letter on branch master")


@pytest.mark.parametrize("ids", [[], ["0"] * 1_001])
def test_how_many_letters_one_call_may_name(stream: StreamUnderTest, ids: list[str]):
    answer = stream.api.post(f"{path(stream)}/dead-letters/discard", json={"letterIds": ids})

    assert_error(answer, 400, "Conjure:InvalidArgument")


def test_of_many_who_replay_a_letter_one_succeeds(stream: StreamUnderTest):
    push(stream, *[BAD] * 20)

    def attempt(number: int) -> int:
        with Api(stream.api.url, stream.api.token) as api:
            return replay(stream.as_(api), str(number % 20), value=GOOD).status_code

    with ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(attempt, range(160)))

    assert statuses.count(200) == 20
    assert set(statuses) == {200, 409}
    assert len(stream.values()) == 20
    assert letters(stream) == []


def test_letters_and_what_became_of_them_outlive_the_server(own_server: ServerProcess):
    own_server.start()
    api = Api(own_server.url, sign_in(own_server.url))
    stream = api.new_stream()
    push(stream, GOOD, BAD, WORSE, BAD, **{"Idempotency-Key": "one"})
    replay(stream, "1", value=GOOD)
    before = letters(stream)

    own_server.kill()
    own_server.start(own_server.port)

    assert letters(stream) == before
    facts = assert_error(replay(stream, "1", value=GOOD), 409, "DeadLetterResolved")
    assert facts["resolution"] == "REPLAYED"
    again = push(stream, GOOD, BAD, WORSE, BAD, **{"Idempotency-Key": "one"}).json()
    assert (again["duplicate"], len(again["deadLetters"])) == (True, 3)
    assert replay(stream, "0", value=GOOD).json()["offset"] == 2
    assert [one["letterId"] for one in letters(stream)] == ["2"]
    api.close()
