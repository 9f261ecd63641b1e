"""The bodies of a load: so many records of so many bytes, and never more than can be sent."""

import random
from typing import Any

import msgspec
import pytest

from fixtures.api import SENSOR_SCHEMA, field, schema
from sluiceway.load.bodies import (
    REQUEST_BYTES_MAX,
    RecordsImpossibleError,
    make_bodies,
    record_bytes,
    record_maker,
    write_request,
)
from sluiceway.schema.types import StreamSchema


def maker(fields: dict[str, Any], record_bytes: int | None = None):
    return record_maker(msgspec.convert(fields, StreamSchema), record_bytes, random.Random(1))


def test_a_body_has_so_many_records_and_no_two_bodies_are_alike() -> None:
    bodies = make_bodies(maker(SENSOR_SCHEMA), 3)

    assert {len(msgspec.json.decode(body)["records"]) for body in bodies} == {3}
    assert len(set(bodies)) == len(bodies) == 256


def test_one_record_is_written_as_the_call_for_one_takes_it() -> None:
    body = msgspec.json.decode(make_bodies(maker(SENSOR_SCHEMA), 1)[0])

    assert set(body) == {"record"}
    assert set(body["record"]) == {"sensor_id", "temperature", "created_at"}


@pytest.mark.parametrize("size", [200, 100_001])
def test_records_have_the_size_that_was_asked_for_and_keep_their_keys(size: int) -> None:
    fields = schema(field("id", "string"), field("text", "string"), keys=["id"])

    record = maker(fields, size)()

    assert len(msgspec.json.encode(record)) == size
    assert record["id"] is None or len(record["id"]) == 8


def test_the_smallest_size_is_that_of_a_record_without_text() -> None:
    fields = schema(field("text", "string", nullable=False))

    assert maker(fields, len('{"text":""}'))() == {"text": ""}
    with pytest.raises(RecordsImpossibleError, match="has 11 bytes and more"):
        maker(fields, len('{"text":""}') - 1)()


def test_without_a_field_of_text_no_size_can_be_asked_for() -> None:
    with pytest.raises(RecordsImpossibleError, match="no field of text"):
        maker(schema(field("n", "long")), 100)


def test_large_bodies_are_few_and_one_that_is_too_large_is_refused() -> None:
    record = {"text": "x" * (REQUEST_BYTES_MAX // 64 - len('{"text":""}'))}

    def make() -> dict[str, Any]:
        return record

    assert len(make_bodies(make, 8)) == 1
    assert len(make_bodies(make, 64)) == 1
    with pytest.raises(RecordsImpossibleError, match="67,108,864"):
        make_bodies(make, 65)


@pytest.mark.parametrize("batch", [1, 2, 100])
def test_how_large_a_record_is_counts_the_record_alone(batch: int) -> None:
    bodies = make_bodies(maker(SENSOR_SCHEMA, 300), batch)

    assert record_bytes(bodies, batch) == 300


def test_a_request_is_one_of_http() -> None:
    assert write_request("host:80", "/path", "secret", b"{}") == (
        b"POST /path HTTP/1.1\r\nHost: host:80\r\nAuthorization: Bearer secret\r\n"
        b"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
    )
