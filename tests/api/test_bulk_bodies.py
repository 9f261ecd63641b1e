"""Tables of other programs as bodies of our own publish call, over HTTP to a real server."""

import gzip
import io
import json
from collections.abc import Iterator

import httpx
import polars as pl
import pyarrow as pa
import pytest
import zstandard

from fixtures.api import Api, StreamUnderTest, assert_error, field, schema
from fixtures.bulk import arrow_body, avro_body, avro_container, avro_record

ARROW = "application/vnd.apache.arrow.stream"
AVRO = "application/avro"
RECORDS_MAX = 10_000
REQUEST_BYTES_MAX = 16 * 1_048_576
KEYED = schema(field("key", "string", nullable=False), field("n", "long"), keys=["key"])


def post(stream: StreamUnderTest, body: bytes, kind: str = ARROW, **headers: str) -> httpx.Response:
    path = f"/api/v1/streams/{stream.rid}/master/records"
    return stream.api.post(path, content=body, headers={"Content-Type": kind} | headers)


def readings(count: int = 3) -> pa.Table:
    return pa.table(
        {
            "sensor_id": [f"sensor{number}" for number in range(count)],
            "temperature": pa.array([20.5 + number for number in range(count)]),
            "created_at": pa.array(range(count), pa.timestamp("ms", "UTC")),
        }
    )


def as_records(table: pa.Table) -> list[dict[str, object]]:
    return table.set_column(2, "created_at", table["created_at"].cast(pa.int64())).to_pylist()


@pytest.fixture(params=[ARROW, AVRO, "avro/binary"])
def body(request: pytest.FixtureRequest) -> tuple[str, bytes]:
    """The readings in each form, with its media type."""
    table = readings()
    if request.param == ARROW:
        return ARROW, arrow_body(table)
    schema = avro_record(
        sensor_id="string",
        temperature=["null", "double"],
        created_at={"type": "long", "logicalType": "timestamp-millis"},
    )
    return request.param, avro_body(schema, as_records(table), "snappy")


def test_a_table_is_stored_like_records_in_json(stream: StreamUnderTest, body: tuple[str, bytes]):
    kind, content = body

    receipt = post(stream, content, kind)

    assert receipt.status_code == 200
    assert receipt.json()["recordCount"] == 3
    assert stream.values() == as_records(readings())


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_a_table_may_be_compressed_as_a_whole(
    stream: StreamUnderTest, body: tuple[str, bytes], encoding: str
):
    kind, content = body
    pack = gzip.compress if encoding == "gzip" else zstandard.ZstdCompressor().compress

    answer = post(stream, pack(content), kind, **{"Content-Encoding": encoding})

    assert answer.status_code == 200
    assert stream.values() == as_records(readings())


def test_the_media_type_may_have_parameters(stream: StreamUnderTest, body: tuple[str, bytes]):
    kind, content = body

    assert post(stream, content, f"{kind.upper()}; charset=binary").status_code == 200


def test_the_body_may_come_in_chunks(stream: StreamUnderTest, body: tuple[str, bytes]):
    kind, content = body

    def pieces() -> Iterator[bytes]:
        for start in range(0, len(content), 100):
            yield content[start : start + 100]

    path = f"/api/v1/streams/{stream.rid}/master/records"
    answer = stream.api.post(path, content=pieces(), headers={"Content-Type": kind})

    assert answer.status_code == 200


def test_a_bad_record_is_named_and_nothing_is_stored(stream: StreamUnderTest):
    table = pa.table({"sensor_id": ["a", None, "c"], "temperature": ["NaN", "warm", "1"]})

    facts = assert_error(post(stream, arrow_body(table)), 400, "RecordDoesNotMatchStreamSchema")

    assert facts["invalidRecordCount"] == 2
    assert [
        (one["index"], one["path"], one["reason"], one["found"]) for one in facts["invalidRecords"]
    ] == [(1, "sensor_id", "NULL_NOT_ALLOWED", "null"), (2, "temperature", "MALFORMED", '"1"')]
    assert stream.values() == []


def test_bad_records_of_a_table_may_be_kept_as_dead_letters(stream: StreamUnderTest):
    table = pa.table({"sensor_id": ["a", None, "c"], "temperature": [1.5, 2.5, 3.5]})
    path = f"/api/v1/streams/{stream.rid}/master"

    answer = stream.api.post(
        f"{path}/records?onInvalid=dead-letter",
        content=arrow_body(table),
        headers={"Content-Type": ARROW},
    )

    assert answer.json()["recordCount"] == 2
    assert [value["sensor_id"] for value in stream.values()] == ["a", "c"]
    (letter,) = stream.api.ok("GET", f"{path}/dead-letters")["data"]
    assert json.loads(letter["value"]) == {"sensor_id": None, "temperature": 2.5}


def test_a_damaged_body_is_refused_with_its_place(stream: StreamUnderTest, body: tuple[str, bytes]):
    kind, content = body

    facts = assert_error(post(stream, content[:-40], kind), 400, "Conjure:InvalidArgument")

    assert 0 < facts["position"] < len(content)
    assert stream.values() == []


@pytest.mark.parametrize("content", [b"", b"{}", b"\x00" * 100])
def test_what_is_no_table_is_refused(
    stream: StreamUnderTest, body: tuple[str, bytes], content: bytes
):
    name = "Conjure:InvalidArgument" if content else "MissingPostBody"

    assert_error(post(stream, content, body[0]), 400, name)


def test_a_repeated_table_is_stored_once_whatever_its_form(
    stream: StreamUnderTest, body: tuple[str, bytes]
):
    kind, content = body
    key = {"Idempotency-Key": '"load-1"'}
    as_json = json.dumps(as_records(readings())).encode()

    first = post(stream, content, kind, **key)
    again = post(stream, content, kind, **key)
    otherwise = post(stream, as_json, "application/json", **key)
    other = post(stream, arrow_body(readings(2)), **key)

    assert [answer.json()["duplicate"] for answer in (first, again, otherwise)] == [
        False,
        True,
        True,
    ]
    assert_error(other, 422, "IdempotencyKeyReused")
    assert len(stream.values()) == 3


def test_a_producer_may_number_its_tables(stream: StreamUnderTest, body: tuple[str, bytes]):
    kind, content = body
    numbered = {"Producer-Id": "loader", "Producer-Epoch": "0"}

    answers = [
        post(stream, content, kind, **numbered, **{"Producer-Seq": seq}) for seq in ("0", "0", "2")
    ]

    assert [answer.status_code for answer in answers] == [200, 204, 409]
    assert len(stream.values()) == 3


def test_keyed_records_go_to_the_partition_of_their_key(api: Api):
    tables, lines = (api.new_stream(KEYED, partitionsCount=4) for _ in range(2))
    table = pa.table({"key": [f"k{number}" for number in range(40)], "n": range(40)})

    assert post(tables, arrow_body(table)).json()["recordCount"] == 40
    assert post(lines, json.dumps(table.to_pylist()).encode(), "application/json").is_success

    for partition in range(4):
        assert tables.values(partition) == lines.values(partition) != []


def test_a_request_may_be_meant_for_one_view(stream: StreamUnderTest, body: tuple[str, bytes]):
    kind, content = body
    path = f"/api/v1/streams/{stream.rid}/master/records?viewRid="
    headers = {"Content-Type": kind}

    right = stream.api.post(path + stream.view(), content=content, headers=headers)
    wrong = stream.api.post(path + stream.rid, content=content, headers=headers)

    assert right.status_code == 200
    assert wrong.status_code == 404


def test_who_may_not_publish_is_refused(stream: StreamUnderTest, body: tuple[str, bytes]):
    kind, content = body
    user_id, other = stream.api.new_user()

    assert_error(post(stream.as_(other), content, kind), 404, "StreamNotFound")
    stream.api.grant(stream.rid, user_id, "viewer")
    assert_error(
        post(stream.as_(other), content, kind), 403, "PublishRecordsToStreamPermissionDenied"
    )


@pytest.mark.parametrize(("rows", "status"), [(RECORDS_MAX, 200), (RECORDS_MAX + 1, 413)])
def test_rows_are_counted(stream: StreamUnderTest, rows: int, status: int):
    answer = post(stream, arrow_body(readings(rows)))

    assert answer.status_code == status
    assert status == 200 or answer.json()["errorName"] == "TooManyRecords"


@pytest.mark.parametrize(("rows", "status"), [(RECORDS_MAX, 200), (RECORDS_MAX + 1, 413)])
def test_records_of_a_file_are_counted(stream: StreamUnderTest, rows: int, status: int):
    body = avro_container(avro_record(sensor_id="string"), [(rows, b"\x02a" * rows)])

    answer = post(stream, body, AVRO)

    assert answer.status_code == status
    assert status == 200 or answer.json()["errorName"] == "TooManyRecords"


def test_a_bad_record_of_a_file_is_named(stream: StreamUnderTest):
    kind = avro_record(sensor_id=["null", "string"], temperature="bytes")
    records = [{"sensor_id": "a", "temperature": b"x"}, {"sensor_id": None, "temperature": b""}]

    answer = post(stream, avro_body(kind, records), AVRO)

    facts = assert_error(answer, 400, "RecordDoesNotMatchStreamSchema")
    assert [
        (one["index"], one["path"], one["reason"], one["found"]) for one in facts["invalidRecords"]
    ] == [
        (0, "temperature", "WRONG_TYPE", '["bytes","eA=="]'),
        (1, "sensor_id", "NULL_NOT_ALLOWED", "null"),
    ]


@pytest.mark.parametrize(("over", "status"), [(0, 200), (1, 413)])
def test_the_lines_may_be_as_large_as_a_body(api: Api, over: int, status: int):
    stream = api.new_stream(schema(field("f", "string"), field("a field with a name", "integer")))
    around = len('{"f":"","a field with a name":null}\n')
    # Each row is 1,000 bytes as a line, and less in Arrow; the last one fills up what is left.
    rows, rest = divmod(REQUEST_BYTES_MAX, 4_000)
    texts = ["x" * (4_000 - around)] * (rows - 1) + ["x" * (4_000 - around + rest + over)]
    table = pa.table({"f": texts, "a field with a name": pa.nulls(rows, pa.int32())})

    answer = post(stream, arrow_body(table))

    assert answer.status_code == status
    if status == 413:
        assert (
            assert_error(answer, 413, "Default:RequestEntityTooLarge")["bytesMax"]
            == REQUEST_BYTES_MAX
        )


def test_a_large_record_is_named(stream: StreamUnderTest):
    table = pa.table({"sensor_id": ["a", "x" * 1_048_576]})

    assert assert_error(post(stream, arrow_body(table)), 413, "RecordTooLarge")["index"] == 1


@pytest.mark.parametrize("compression", ["uncompressed", "lz4", "zstd"])
def test_polars_may_write_the_body(api: Api, compression: str):
    stream = api.new_stream(
        schema(
            field("name", "string"),
            field("kind", "string"),
            field("at", "timestamp"),
            field("day", "date"),
            field(
                "values",
                {
                    "type": "array",
                    "itemsSchema": {"nullable": True, "dataType": {"type": "double"}},
                },
            ),
            field("amount", {"type": "decimal", "precision": 10, "scale": 2}),
            field("payload", "binary"),
        )
    )
    frame = pl.DataFrame(
        {
            "name": ["a", None],
            "kind": pl.Series(["x", "y"], dtype=pl.Categorical),
            "at": pl.Series([0, 1_500], dtype=pl.Datetime("ms", "UTC")),
            "day": pl.Series([0, 1], dtype=pl.Date),
            "values": [[1.5, None], []],
            "amount": pl.Series(["1.50", "2.00"]).cast(pl.Decimal(10, 2)),
            "payload": [b"\x00", b""],
        }
    )
    out = io.BytesIO()
    frame.write_ipc_stream(out, compression=compression)

    assert post(stream, out.getvalue()).status_code == 200
    assert stream.values() == [
        {
            "name": "a",
            "kind": "x",
            "at": 0,
            "day": "1970-01-01",
            "values": [1.5, None],
            "amount": "1.5",
            "payload": "AA==",
        },
        {
            "name": None,
            "kind": "y",
            "at": 1500,
            "day": "1970-01-02",
            "values": [],
            "amount": "2",
            "payload": "",
        },
    ]


def test_other_publish_calls_take_no_tables(stream: StreamUnderTest, body: tuple[str, bytes]):
    kind, content = body

    answer = stream.api.post(
        f"{stream.fast}/publishRecords", content=content, headers={"Content-Type": kind}
    )

    assert_error(answer, 415, "Conjure:UnsupportedMediaType")


def test_other_media_types_are_refused_and_the_taken_ones_named(stream: StreamUnderTest):
    facts = assert_error(
        post(stream, b"x", "application/parquet"), 415, "Conjure:UnsupportedMediaType"
    )

    assert all(kind in facts["expected"] for kind in (ARROW, AVRO, "avro/binary"))


def test_a_stream_that_is_reset_meanwhile_gets_what_fits_its_new_schema(api: Api):
    stream = api.new_stream(schema(field("f", "binary")))
    content = arrow_body(pa.table({"f": [b"x" * 1_000_000]}))

    def pieces() -> Iterator[bytes]:
        yield content[:100_000]
        body = {"schema": schema(field("f", "string"))}
        api.ok("POST", f"{stream.path}/reset?preview=true", json=body)
        yield content[100_000:]

    path = f"/api/v1/streams/{stream.rid}/master/records"
    with Api(api.url, api.token) as other:
        answer = other.post(path, content=pieces(), headers={"Content-Type": ARROW})

    # As text of the old schema, the bytes in base64 would be a string that the new one takes.
    facts = assert_error(answer, 400, "RecordDoesNotMatchStreamSchema")
    assert facts["invalidRecords"][0]["found"].startswith('["binary",')
