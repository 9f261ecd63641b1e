"""Dead letters at their bounds: a full stream, wide records, what leaves out too much."""

import threading
from concurrent.futures import ThreadPoolExecutor

from fixtures.api import Api, StreamUnderTest, assert_error, field, schema
from fixtures.dead_letters import BAD, GOOD, WORSE, discard, letters, path, push, replay, results
from fixtures.server import ServerProcess, sign_in


def test_a_stream_keeps_so_many_letters_and_drops_none_for_another(own_server: ServerProcess):
    own_server.environment |= {
        "SLUICEWAY_INGEST__DEAD_LETTERS_MAX": "4",
        "SLUICEWAY_INGEST__DEAD_LETTERS_BYTES_MAX": "4000",
    }
    own_server.start()
    api = Api(own_server.url, sign_in(own_server.url))
    stream, other = api.new_stream(), api.new_stream()

    assert push(stream, GOOD, BAD, BAD, BAD, BAD).status_code == 200
    facts = assert_error(push(stream, GOOD, BAD), 409, "DeadLettersFull")
    assert (facts["deadLettersMax"], facts["deadLettersBytesMax"]) == (4, 4000)
    assert push(stream, GOOD).status_code == 200
    assert len(stream.values()) == 2

    # A letter that is resolved behind an open one still takes its place; the oldest gives it back.
    discard(stream, "1")
    assert_error(push(stream, BAD), 409, "DeadLettersFull")
    results(stream, "discard", "0", "2", "3")
    assert push(stream, BAD, BAD, BAD, BAD).status_code == 200

    long = WORSE | {"temperature": "x" * 3_000}
    assert push(other, long).status_code == 200
    assert_error(push(other, long), 409, "DeadLettersFull")
    assert push(other, WORSE).status_code == 200
    assert [len(letters(one)) for one in (stream, other)] == [4, 2]
    api.close()


def test_a_repeated_request_is_answered_also_when_its_letters_have_filled_the_stream(
    own_server: ServerProcess,
):
    own_server.environment |= {"SLUICEWAY_INGEST__DEAD_LETTERS_MAX": "3"}
    own_server.start()
    api = Api(own_server.url, sign_in(own_server.url))
    stream = api.new_stream()
    key = {"Idempotency-Key": "one"}
    ordered = {"Producer-Id": "p", "Producer-Epoch": "0", "Producer-Seq": "0"}
    assert push(stream, GOOD, BAD, **ordered).status_code == 200
    first = push(stream, GOOD, BAD, WORSE, **key).json()

    again = push(stream, GOOD, BAD, WORSE, **key)

    assert again.status_code == 200
    assert again.json() == first | {"duplicate": True}
    assert push(stream, GOOD, BAD, **ordered).status_code == 204
    assert_error(push(stream, GOOD, BAD), 409, "DeadLettersFull")
    assert_error(push(stream, GOOD, BAD, **ordered | {"Producer-Seq": "1"}), 409, "DeadLettersFull")
    assert len(stream.values()) == 2
    # What was refused has taken neither the key nor the number.
    results(stream, "discard", "0", "1", "2")
    answer = push(stream, GOOD, BAD, **ordered | {"Producer-Seq": "1"})
    assert [one["letterId"] for one in answer.json()["deadLetters"]] == ["3"]
    api.close()


def test_a_letter_that_leaves_out_too_much_for_the_new_schema_stays_open_alone(
    stream: StreamUnderTest,
):
    sparse = {"sensor_id": [{}] * 300_000}
    push(stream, WORSE | {"sensor_id": 1}, sparse, WORSE | {"sensor_id": 2})
    wide = {
        "type": "array",
        "itemsSchema": {
            "nullable": False,
            "dataType": {
                "type": "struct",
                "subFields": [field(f"a_field_of_a_wide_struct_{n}", "long") for n in range(20)],
            },
        },
    }
    text = schema(field("sensor_id", wide), field("temperature", "double"))
    stream.api.ok("POST", f"{stream.path}/reset?preview=true", json={"schema": text})

    found = results(stream, "replay", "1", "0")

    assert [(one["letterId"], one["outcome"]) for one in found] == [
        ("1", "INVALID"),
        ("0", "INVALID"),
    ]
    assert (found[0]["reason"], found[1]["reason"]) == ("OUT_OF_RANGE", "WRONG_TYPE")
    assert_error(replay(stream, "1"), 400, "RecordDoesNotMatchStreamSchema")
    assert [one["letterId"] for one in letters(stream)] == ["0", "1", "2"]


def test_others_are_answered_while_many_wide_records_are_explained(api: Api):
    names = [f"f{number}" for number in range(1_000)]
    stream = api.new_stream(schema(*[field(name, "integer") for name in names]))
    records = [dict.fromkeys(names, 1) | {names[-1]: "x"}] * 500
    over = threading.Event()
    answered = []

    def look() -> None:
        with Api(api.url, api.token) as other:
            while not over.is_set():
                answered.append(other.get(f"{path(stream)}/receipts/x").status_code)

    with ThreadPoolExecutor(1) as pool:
        looking = pool.submit(look)
        answer = push(stream, *records)
        results(stream, "replay", *(str(number) for number in range(500)))
        over.set()
        looking.result()

    assert len(answer.json()["deadLetters"]) == 500
    # One call is under way when each of the two begins, and another when it ends.
    assert len(answered) > 10
