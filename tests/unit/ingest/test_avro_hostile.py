"""Avro files that are damaged or made to harm: refused, and never at the cost of the memory."""

import tracemalloc
import zlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.bulk import (
    BYTES_MAX,
    LEAVES,
    RECORDS_MAX,
    avro_body,
    avro_bytes,
    avro_container,
    avro_long,
    avro_packed,
    avro_record,
    lines_of,
    stream_schema,
)
from sluiceway.foundation.errors import SluicewayError
from sluiceway.foundation.request_errors import RequestEntityTooLargeError
from sluiceway.ingest.bulk.conversion import Bulk
from sluiceway.schema.errors import BodyInvalidError, TooManyRecordsError

MIB = 1024 * 1024
CODECS = ["null", "deflate", "snappy", "zstandard"]
SCHEMA = stream_schema(text=LEAVES["string"], number=LEAVES["double"])
KIND = avro_record(
    text=["null", "string"],
    number={"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2},
    at={"type": "long", "logicalType": "timestamp-micros"},
    day={"type": "int", "logicalType": "date"},
    list={"type": "array", "items": {"type": "map", "values": ["null", "double", "boolean"]}},
    kind={"type": "enum", "name": "Kind", "symbols": ["A", "B"]},
    fixed={"type": "fixed", "name": "Two", "size": 2},
    more=[
        "null",
        {"type": "record", "name": "More", "fields": [{"name": "m", "type": ["null", "More"]}]},
    ],
)
RECORD = {
    "text": "abc",
    "number": b"\x01\x02",
    "at": 1_000,
    "day": 5,
    "list": [{"k": 1.5, "l": None}, {}],
    "kind": "B",
    "fixed": b"ab",
    "more": {"m": {"m": None}},
}
BODIES = [avro_body(KIND, [RECORD] * 3, codec) for codec in CODECS]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Give a file in which a few bytes are others, or missing."""
    body = bytearray(draw(st.sampled_from(BODIES)))
    # The schema is the largest part, and seldom of interest.
    behind = body.rindex(bytes(range(16)), 0, len(body) - 16)
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.sampled_from([0, behind - 40, behind]))
        at = draw(st.integers(start, len(body) - 2))
        if draw(st.booleans()):
            body[at] = draw(st.integers(0, 255))
        else:
            del body[at : at + draw(st.integers(1, 8))]
    return bytes(body)


@settings(max_examples=1_500)
@given(body=damaged())
def test_a_damaged_file_is_taken_or_refused_and_nothing_else(body: bytes):
    lines, refusal = b"", None
    try:
        lines = lines_of(Bulk.AVRO, body, SCHEMA)
    except SluicewayError as error:
        refusal = error

    assert len(lines) <= BYTES_MAX
    assert refusal is None or refusal.http_status in {400, 413, 415}


@given(block=st.binary(max_size=200), count=st.integers(0, 5))
def test_a_block_of_anything_is_taken_or_refused_and_nothing_else(block: bytes, count: int):
    refusal = None
    try:
        lines_of(Bulk.AVRO, avro_container(KIND, [(count, block)]), SCHEMA)
    except SluicewayError as error:
        refusal = error

    assert refusal is None or refusal.http_status in {400, 413}


@given(rest=st.binary(max_size=100))
def test_bytes_that_are_no_file_are_refused(rest: bytes):
    for body in (rest, b"Obj\x01" + rest):
        with pytest.raises(SluicewayError):
            lines_of(Bulk.AVRO, body, SCHEMA)


@pytest.mark.parametrize("codec", CODECS)
def test_a_file_that_is_cut_short_is_refused_wherever_it_is(codec: str):
    body = avro_body(KIND, [RECORD] * 3, codec)
    block = body.index(bytes(range(16))) + 16

    for end in range(block + 1, len(body)):
        with pytest.raises(BodyInvalidError) as caught:
            lines_of(Bulk.AVRO, body[:end], SCHEMA)
        assert caught.value.parameters["position"] == block


@pytest.mark.parametrize("count", [RECORDS_MAX + 1, 2**40, 2**62])
def test_records_without_bytes_are_counted_before_they_are_made(count: int):
    body = avro_container(avro_record(f="null"), [(count, b"")])

    with pytest.raises(TooManyRecordsError):
        lines_of(Bulk.AVRO, body, SCHEMA)


@pytest.mark.parametrize("items", ["null", avro_record(f="null"), "long", "boolean"], ids=str)
@pytest.mark.parametrize("count", [MIB, 2**40, 2**62])
def test_items_are_counted_before_they_are_made(items: Any, count: int):
    if isinstance(items, dict):
        items = {**items, "name": "Item"}
    body = avro_container(
        avro_record(f={"type": "array", "items": items}), [(1, avro_long(count) + b"\0")]
    )

    with pytest.raises(RequestEntityTooLargeError):
        lines_of(Bulk.AVRO, body, SCHEMA)


def doubling(levels: int) -> dict[str, Any]:
    """Give the schema of a record that holds two of the next, and so on: of no bytes at all."""
    kind: Any = "null"
    for level in range(levels):
        name = f"L{level}"
        fields = [
            {"name": "a", "type": kind},
            {"name": "b", "type": f"L{level - 1}" if level else "null"},
        ]
        kind = {"type": "record", "name": name, "fields": fields}
    return {"type": "record", "name": "Row", "fields": [{"name": "f", "type": kind}]}


@pytest.mark.parametrize("levels", [20, 60])
def test_a_record_that_is_large_by_its_schema_alone_is_refused(levels: int):
    body = avro_container(doubling(levels), [(1, b"")])

    with pytest.raises(RequestEntityTooLargeError):
        lines_of(Bulk.AVRO, body, SCHEMA)


def test_such_a_record_is_refused_inside_a_union_too():
    one = doubling(40)
    one["fields"][0]["type"] = ["null", one["fields"][0]["type"]]

    assert lines_of(Bulk.AVRO, avro_container(one, [(1, b"\0")]), SCHEMA) == b'{"f":null}\n'
    with pytest.raises(RequestEntityTooLargeError):
        lines_of(Bulk.AVRO, avro_container(one, [(1, b"\x02")]), SCHEMA)


def test_a_record_that_holds_itself_for_ever_is_refused():
    one = {"type": "record", "name": "R", "fields": [{"name": "f", "type": "R"}]}

    with pytest.raises(BodyInvalidError, match="nested too deep"):
        lines_of(Bulk.AVRO, avro_container(one, [(1, b"")]), SCHEMA)


def test_a_value_that_is_nested_very_deep_is_refused():
    one = {"type": "record", "name": "R", "fields": [{"name": "f", "type": ["null", "R"]}]}

    with pytest.raises(BodyInvalidError, match="nested too deep"):
        lines_of(Bulk.AVRO, avro_container(one, [(1, b"\x02" * 50_000 + b"\0")]), SCHEMA)


def test_a_schema_that_is_nested_very_deep_is_refused():
    text = '{"type":"array","items":' * 50_000 + '"int"' + "}" * 50_000
    meta = avro_long(1) + avro_bytes(b"avro.schema") + avro_bytes(text.encode()) + b"\0"

    with pytest.raises(BodyInvalidError, match="Avro schema"):
        lines_of(Bulk.AVRO, b"Obj\x01" + meta + bytes(16), SCHEMA)


def test_a_schema_of_very_many_types_is_refused():
    one = avro_record(**{f"f{number}": "int" for number in range(8_001)})

    with pytest.raises(BodyInvalidError, match="more than 8000 types"):
        lines_of(Bulk.AVRO, avro_container(one, []), SCHEMA)


def test_one_long_name_in_many_records_is_counted_in_each():
    kind = {"type": "enum", "name": "E", "symbols": ["A", "x" * 100_000]}
    body = avro_container(avro_record(f=kind), [(900, b"\x02" * 900)])

    with pytest.raises(RequestEntityTooLargeError):
        lines_of(Bulk.AVRO, body, SCHEMA)


def bomb(codec: str, size: int) -> bytes:
    """Compress very many zeros, without having them all at once."""
    if codec == "deflate":
        stream = zlib.compressobj(wbits=-15)
        parts = [stream.compress(bytes(MIB)) for _ in range(size // MIB)]
        return b"".join([*parts, stream.flush()])
    return avro_packed(codec, bytes(size))


@pytest.mark.parametrize("codec", ["deflate", "snappy", "zstandard"])
def test_a_bomb_takes_no_more_memory_than_the_bound_allows(codec: str):
    body = avro_container(avro_record(f="bytes"), [(1, bomb(codec, 256 * MIB))], codec, packed=True)
    tracemalloc.start()

    with pytest.raises(RequestEntityTooLargeError):
        lines_of(Bulk.AVRO, body, SCHEMA)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert most < 32 * MIB


@pytest.mark.parametrize("claimed", [2**32 - 1, BYTES_MAX + 1, 999, 1_001])
def test_a_snappy_block_may_not_claim_another_size(claimed: int):
    packed = avro_packed("snappy", bytes(1_000))
    assert packed[:2] == b"\xe8\x07"
    size = (
        avro_long(claimed)
        if claimed < 0
        else bytes(
            (claimed >> shift & 0x7F) | (0x80 if claimed >> shift + 7 else 0)
            for shift in range(0, max(claimed.bit_length(), 1), 7)
        )
    )
    body = avro_container(avro_record(f="bytes"), [(1, size + packed[2:])], "snappy", packed=True)

    with pytest.raises((RequestEntityTooLargeError, BodyInvalidError)):
        lines_of(Bulk.AVRO, body, SCHEMA)


def test_a_block_whose_checksum_is_wrong_is_refused():
    packed = bytearray(avro_packed("snappy", b"\x02a"))
    packed[-1] ^= 1
    body = avro_container(avro_record(f="string"), [(1, bytes(packed))], "snappy", packed=True)

    with pytest.raises(BodyInvalidError, match="checksum"):
        lines_of(Bulk.AVRO, body, SCHEMA)


@pytest.mark.parametrize("codec", CODECS)
def test_what_all_blocks_unpack_to_is_counted_together(codec: str):
    block = avro_bytes(bytes(BYTES_MAX // 4))
    body = avro_container(avro_record(f="bytes"), [(1, block)] * 4, codec)

    with pytest.raises(RequestEntityTooLargeError) as caught:
        lines_of(Bulk.AVRO, body, SCHEMA)

    assert caught.value.parameters["bytesMax"] == BYTES_MAX


@pytest.mark.parametrize(
    "block",
    [b"", b"\x02", b"\x02ab", b"\x01", b"\x80" * 11, b"\xff" * 9 + b"\x02", b"\x02\xff"],
    ids=["empty", "no text", "too much", "negative", "endless", "65 bits", "no UTF-8"],
)
def test_a_block_that_is_not_its_records_is_refused_with_its_place(block: bytes):
    good = avro_container(avro_record(f="string"), [(1, b"\x02a")])
    body = avro_container(avro_record(f="string"), [(1, b"\x02a"), (1, block)])

    with pytest.raises(BodyInvalidError) as caught:
        lines_of(Bulk.AVRO, body, SCHEMA)

    assert caught.value.parameters["position"] == len(good)


def test_many_small_records_in_one_take_little_memory():
    item = {"type": "record", "name": "Item", "fields": [{"name": "a", "type": "int"}]}
    count = 100_000
    block = avro_long(count) + b"\0" * count + b"\0"
    body = avro_container(avro_record(f={"type": "array", "items": item}), [(1, block)])
    tracemalloc.start()

    assert len(lines_of(Bulk.AVRO, body, SCHEMA)) == len('{"f":[]}\n') + count * len('{"a":0},') - 1
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert most < 16 * MIB
