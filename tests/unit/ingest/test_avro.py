"""Avro files: each type becomes what JSON would have said, or is refused."""

import datetime as dt
import io
import json
import uuid
from decimal import Decimal
from typing import Any

import fastavro
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.bulk import (
    LEAVES,
    RECORDS_MAX,
    avro_body,
    avro_container,
    avro_record,
    lines_of,
    problems,
    slot,
    stored,
    stream_schema,
)
from sluiceway.foundation.request_errors import (
    RequestEntityTooLargeError,
    UnsupportedMediaTypeError,
)
from sluiceway.ingest.bulk.conversion import Bulk
from sluiceway.schema.errors import BodyInvalidError, EmptyBatchError, TooManyRecordsError
from sluiceway.schema.types import (
    ArrayFieldType,
    DataType,
    Field,
    LongType,
    MapFieldType,
    StringType,
    StructFieldType,
)

CODECS = ["null", "deflate", "snappy", "zstandard"]
MOMENT = dt.datetime(2026, 1, 31, 12, 0, 0, 123_999, tzinfo=dt.UTC)
MOMENT_MS = 1_769_860_800_123
LONGS = ArrayFieldType(items_schema=slot(LongType()))
POINT = StructFieldType(
    sub_fields=[
        Field(name="x", schema=slot(LEAVES["double"])),
        Field(name="tag", schema=slot(LEAVES["binary"])),
    ]
)
POINT_TYPE = {
    "type": "record",
    "name": "Point",
    "fields": [{"name": "x", "type": "double"}, {"name": "tag", "type": ["null", "bytes"]}],
}


def texts(value: DataType) -> MapFieldType:
    return MapFieldType(key_schema=slot(StringType()), value_schema=slot(value))


def logical(kind: str, name: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "logicalType": name, **more}


def fixed(size: int, **more: Any) -> dict[str, Any]:
    return {"type": "fixed", "name": "Fixed", "size": size, **more}


@pytest.mark.parametrize(
    ("kind", "values", "field", "expected"),
    [
        ("boolean", [True, False], "boolean", [True, False]),
        ("int", [-128, 127], "byte", [-128, 127]),
        ("int", [2**31 - 1, -(2**31)], "integer", [2**31 - 1, -(2**31)]),
        ("long", [-(2**63), 2**63 - 1, 2**53 + 1], "long", [-(2**63), 2**63 - 1, 2**53 + 1]),
        ("long", [7], "decimal", ["7"]),
        ("long", [MOMENT_MS], "timestamp", [MOMENT_MS]),
        ("int", [1], "double", [1.0]),
        ("float", [0.1], "double", [0.10000000149011612]),
        ("float", [1.5], "float", [1.5]),
        ("double", [0.1, -0.0, 1e300, 5e-324], "double", [0.1, -0.0, 1e300, 5e-324]),
        (
            "double",
            [float("nan"), float("inf"), -float("inf")],
            "double",
            ["NaN", "Infinity", "-Infinity"],
        ),
        ("float", [float("nan")], "float", ["NaN"]),
        (
            "string",
            ["a", "", '"\\\n\u20ac\U0001f600\x00'],
            "string",
            ["a", "", '"\\\n\u20ac\U0001f600\x00'],
        ),
        ("string", ["9007199254740993"], "long", [2**53 + 1]),
        (["null", "string"], ["a", None], "string", ["a", None]),
        (["string", "null"], ["a", None], "string", ["a", None]),
        (["null", "long", "string"], [5, "6", None], "long", [5, 6, None]),
        ("null", [None], "string", [None]),
        ("bytes", [b"\x00\xff", b""], "binary", ["AP8=", ""]),
        (fixed(2), [b"ab"], "binary", ["YWI="]),
        ({"type": "enum", "name": "E", "symbols": ["A", "B"]}, ["B", "A"], "string", ["B", "A"]),
        (logical("string", "uuid"), [str(uuid.UUID(int=1))], "string", [str(uuid.UUID(int=1))]),
        (
            logical("int", "date"),
            [dt.date(2026, 1, 31), dt.date(1, 1, 1)],
            "date",
            ["2026-01-31", "0001-01-01"],
        ),
        (logical("long", "timestamp-millis"), [MOMENT], "timestamp", [MOMENT_MS]),
        (logical("long", "timestamp-micros"), [MOMENT], "timestamp", [MOMENT_MS]),
        (logical("long", "timestamp-micros"), [-1, 1_999], "timestamp", [-1, 1]),
        (logical("long", "timestamp-nanos"), [-1, 1_999_999], "timestamp", [-1, 1]),
        (
            logical("bytes", "decimal", precision=38, scale=9),
            [Decimal("1.50"), Decimal("-0.000000001"), Decimal(0)],
            "decimal",
            ["1.5", "-0.000000001", "0"],
        ),
        (
            fixed(8, logicalType="decimal", precision=18, scale=2),
            [Decimal("-123.45")],
            "decimal",
            ["-123.45"],
        ),
        (logical("long", "something-else"), [5], "long", [5]),
    ],
    ids=str,
)
def test_a_value_is_kept_as_json_would_have_it(
    kind: Any, values: list[Any], field: str, expected: list[Any]
):
    body = avro_body(avro_record(f=kind), [{"f": value} for value in values])

    kept = stored(Bulk.AVRO, body, stream_schema(f=LEAVES[field]))

    assert [record["f"] for record in kept] == expected


@pytest.mark.parametrize("scale", [-2, 77, "2", 1.5])
def test_a_logical_type_that_is_not_valid_is_ignored(scale: Any):
    one = avro_record(f=logical("bytes", "decimal", precision=4, scale=scale))

    kept = stored(
        Bulk.AVRO, avro_container(one, [(1, b"\x02a")]), stream_schema(f=LEAVES["binary"])
    )

    assert kept == [{"f": "YQ=="}]


@pytest.mark.parametrize(
    ("kind", "value", "field", "found", "reason"),
    [
        ("int", 1, "string", "1", "WRONG_TYPE"),
        ("long", 128, "byte", "128", "OUT_OF_RANGE"),
        ("double", 1.0, "integer", "1.0", "WRONG_TYPE"),
        ("double", float("nan"), "string", '["double","NaN"]', "WRONG_TYPE"),
        ("double", 0.5, "decimal", '["double",0.5]', "WRONG_TYPE"),
        (["null", "double"], 0.5, "decimal", '["double",0.5]', "WRONG_TYPE"),
        ("bytes", b"YQ==", "string", '["bytes","WVE9PQ=="]', "WRONG_TYPE"),
        (fixed(1), b"a", "string", '["fixed","YQ=="]', "WRONG_TYPE"),
        ("string", "a", "binary", '"a"', "MALFORMED"),
        (
            logical("int", "date"),
            dt.date(2026, 1, 31),
            "string",
            '["date","2026-01-31"]',
            "WRONG_TYPE",
        ),
        (logical("int", "date"), 3_000_000, "date", '"3000000 days from 1970-01-01"', "MALFORMED"),
        (
            logical("long", "timestamp-micros"),
            5_000,
            "long",
            '["timestamp-micros",5]',
            "WRONG_TYPE",
        ),
        (
            logical("long", "local-timestamp-millis"),
            5,
            "timestamp",
            '["local-timestamp-millis",5]',
            "WRONG_TYPE",
        ),
        (
            logical("long", "timestamp-millis"),
            2**60,
            "timestamp",
            "1152921504606846976",
            "OUT_OF_RANGE",
        ),
        (
            logical("bytes", "decimal", precision=3, scale=1),
            Decimal("1.5"),
            "double",
            '["decimal",1.5]',
            "WRONG_TYPE",
        ),
        (
            logical("bytes", "decimal", precision=38, scale=10),
            Decimal("1E-10"),
            "decimal",
            "0.0000000001",
            "OUT_OF_RANGE",
        ),
        ({"type": "array", "items": "int"}, [1], "long", "[1]", "WRONG_TYPE"),
        ({"type": "map", "values": "int"}, {"a": 1}, "string", '["map",{"a":1}]', "WRONG_TYPE"),
        (
            POINT_TYPE,
            {"x": 1, "tag": None},
            "string",
            '["Point",{"x":1.0,"tag":null}]',
            "WRONG_TYPE",
        ),
    ],
    ids=str,
)
def test_a_value_of_another_type_is_refused_and_shown(
    kind: Any, value: Any, field: str, found: str, reason: str
):
    body = avro_body(avro_record(f=kind), [{"f": value}])

    problem = problems(Bulk.AVRO, body, stream_schema(f=LEAVES[field]))[0]

    assert (problem.index, problem.path, problem.found, problem.reason) == (0, "f", found, reason)


@pytest.mark.parametrize(
    ("kind", "value", "data_type", "expected"),
    [
        ({"type": "array", "items": ["null", "long"]}, [1, None], LONGS, [1, None]),
        ({"type": "array", "items": "long"}, [], LONGS, []),
        ({"type": "map", "values": "long"}, {"a": 1, "": 2}, texts(LongType()), {"a": 1, "": 2}),
        (POINT_TYPE, {"x": 1.5, "tag": b"a"}, POINT, {"x": 1.5, "tag": "YQ=="}),
        (["null", POINT_TYPE], {"x": 1.5, "tag": None}, POINT, {"x": 1.5, "tag": None}),
        (
            {"type": "array", "items": {"type": "map", "values": POINT_TYPE}},
            [{"p": {"x": 0.5, "tag": b""}}, {}],
            ArrayFieldType(items_schema=slot(texts(POINT))),
            [{"p": {"x": 0.5, "tag": ""}}, {}],
        ),
    ],
    ids=str,
)
def test_what_holds_other_values_is_kept(kind: Any, value: Any, data_type: DataType, expected: Any):
    body = avro_body(avro_record(f=kind), [{"f": value}])

    assert stored(Bulk.AVRO, body, stream_schema(f=data_type)) == [{"f": expected}]


@pytest.mark.parametrize(
    ("kind", "value", "data_type", "path"),
    [
        (
            {"type": "array", "items": "bytes"},
            [b"a"],
            ArrayFieldType(items_schema=slot(StringType())),
            "f[0]",
        ),
        ({"type": "map", "values": "bytes"}, {"k": b"a"}, texts(StringType()), 'f["k"]'),
        ({"type": "map", "values": "bytes"}, {"x": b"a"}, POINT, "f"),
        (POINT_TYPE, {"x": 1, "tag": b"a"}, texts(StringType()), "f"),
        (POINT_TYPE, {"x": 1, "tag": None}, LONGS, "f"),
        (avro_record(x="string", tag="string"), {"x": "1", "tag": "a"}, POINT, "f.x"),
    ],
    ids=str,
)
def test_the_place_of_a_bad_value_is_told(kind: Any, value: Any, data_type: DataType, path: str):
    body = avro_body({**avro_record(f=kind), "name": "Outer"}, [{"f": value}])

    assert problems(Bulk.AVRO, body, stream_schema(f=data_type))[0].path == path


def test_each_bad_record_is_named_whichever_block_it_is_in():
    one = avro_record(f="int")
    body = avro_container(one, [(2, b"\x02\xd8\x04"), (1, b"\x04"), (1, b"\xd7\x04")])

    found = problems(Bulk.AVRO, body, stream_schema(f=LEAVES["byte"]))

    assert [(problem.index, problem.found) for problem in found] == [(1, "300"), (3, "-300")]


@pytest.mark.parametrize("codec", CODECS)
@given(data=st.data())
def test_what_another_program_writes_is_read_as_it_reads_it(codec: str, data: st.DataObject):
    integers = st.integers(-(2**63), 2**63 - 1)
    rows = data.draw(
        st.lists(
            st.fixed_dictionaries(
                {
                    "text": st.none() | st.text(max_size=20),
                    "long": st.none() | integers,
                    "list": st.lists(st.none() | integers, max_size=4),
                    "double": st.floats(allow_nan=False, allow_infinity=False),
                }
            ),
            min_size=1,
            max_size=20,
        )
    )
    one = avro_record(
        text=["null", "string"],
        long=["null", "long"],
        list={"type": "array", "items": ["null", "long"]},
        double="double",
    )
    schema = stream_schema(text=StringType(), long=LongType(), list=LONGS, double=LEAVES["double"])

    assert stored(Bulk.AVRO, avro_body(one, rows, codec), schema) == rows


@pytest.mark.parametrize("codec", ["null", "deflate"])
def test_the_files_of_another_program_are_read(codec: str):
    rows = [{"f": number} for number in range(500)]
    out = io.BytesIO()
    fastavro.writer(out, avro_record(f="long"), rows, codec=codec, sync_interval=100)

    assert stored(Bulk.AVRO, out.getvalue(), stream_schema(f=LongType())) == rows


def test_named_types_are_found_by_their_names():
    inner = {
        "type": "record",
        "name": "Inner",
        "namespace": "a.b",
        "fields": [{"name": "n", "type": "int"}],
    }
    one = {
        "type": "record",
        "name": "a.Outer",
        "fields": [
            {"name": "first", "type": inner},
            {"name": "second", "type": "a.b.Inner"},
            {"name": "kind", "type": {"type": "enum", "name": "Kind", "symbols": ["X"]}},
            {"name": "other", "type": ["null", "Kind"]},
            {"name": "more", "type": {"type": "array", "items": "a.Kind"}},
        ],
    }
    record = {"first": {"n": 1}, "second": {"n": 2}, "kind": "X", "other": "X", "more": ["X"]}

    lines = lines_of(Bulk.AVRO, avro_body(one, [record]), stream_schema())

    assert json.loads(lines) == record


def test_a_record_may_hold_itself():
    node = {
        "type": "record",
        "name": "Node",
        "fields": [
            {"name": "value", "type": "int"},
            {"name": "next", "type": ["null", "Node"]},
            {"name": "children", "type": {"type": "array", "items": "Node"}},
        ],
    }
    leaf = {"value": 2, "next": None, "children": []}
    record = {"value": 1, "next": leaf, "children": [leaf, leaf]}

    lines = lines_of(Bulk.AVRO, avro_body(node, [record]), stream_schema())

    assert json.loads(lines) == record


@pytest.mark.parametrize(
    "kind",
    [
        logical("int", "time-millis"),
        logical("long", "time-micros"),
        fixed(12, logicalType="duration"),
        {"type": "array", "items": logical("int", "time-millis")},
    ],
    ids=str,
)
def test_a_type_that_no_field_takes_is_refused(kind: Any):
    with pytest.raises(BodyInvalidError, match="which no field takes") as caught:
        lines_of(Bulk.AVRO, avro_container(avro_record(f=kind), []), stream_schema())

    assert "field 'f'" in str(caught.value)


@pytest.mark.parametrize(
    "one",
    [
        "int",
        ["null", avro_record(f="int")],
        {"type": "array", "items": "int"},
        None,
        5,
        avro_record(f="Unknown"),
        avro_record(f=[]),
        avro_record(f={"type": "enum", "name": "E"}),
        avro_record(f={"type": "enum", "name": "E", "symbols": [1]}),
        avro_record(f={"type": "fixed", "name": "F", "size": -1}),
        avro_record(f={"type": "fixed", "name": "F", "size": True}),
        avro_record(f={"type": "fixed", "size": 1}),
        avro_record(f={"type": "array"}),
        avro_record(f=avro_record(g="int")),
        avro_record(**{'a"b': "int"}),
        {"type": "record", "name": "R"},
        {"type": "record", "name": "R", "fields": [{"name": "f"}]},
        {"type": "record", "name": "R", "fields": [5]},
        {"type": "record", "name": "R", "fields": [{"name": "f", "type": "int"}] * 2},
        {"type": "record", "name": "int", "fields": []},
    ],
    ids=str,
)
def test_a_schema_that_is_none_is_refused(one: Any):
    with pytest.raises(BodyInvalidError, match="Avro schema"):
        lines_of(Bulk.AVRO, avro_container(one, [(1, b"\0")]), stream_schema())


@pytest.mark.parametrize(("rows", "fits"), [(RECORDS_MAX, True), (RECORDS_MAX + 1, False)])
def test_records_are_counted(rows: int, fits: bool):  # noqa: FBT001 - a table
    body = avro_container(
        avro_record(f="int"), [(300, b"\0" * 300), (rows - 300, b"\0" * (rows - 300))]
    )

    if fits:
        assert lines_of(Bulk.AVRO, body, stream_schema()).count(b"\n") == rows
    else:
        with pytest.raises(TooManyRecordsError):
            lines_of(Bulk.AVRO, body, stream_schema())


def test_the_lines_are_counted_while_they_are_written():
    body = avro_body(avro_record(f="double"), [{"f": 1.23456789}] * 1_000)
    size = len(lines_of(Bulk.AVRO, body, stream_schema()))

    assert len(lines_of(Bulk.AVRO, body, stream_schema(), bytes_max=size)) == size
    with pytest.raises(RequestEntityTooLargeError):
        lines_of(Bulk.AVRO, body, stream_schema(), bytes_max=size - 1)


def test_a_file_without_records_is_refused():
    with pytest.raises(EmptyBatchError):
        lines_of(Bulk.AVRO, avro_container(avro_record(f="int"), []), stream_schema())


def test_other_codecs_are_refused_and_the_taken_ones_named():
    body = avro_container(avro_record(f="int"), [(1, b"\0")], "xz")

    with pytest.raises(UnsupportedMediaTypeError) as caught:
        lines_of(Bulk.AVRO, body, stream_schema())

    assert all(codec in caught.value.parameters["expected"] for codec in CODECS)
