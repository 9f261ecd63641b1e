"""Arrow IPC streams: each type becomes what JSON would have said, or is refused."""

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.bulk import (
    BYTES_MAX,
    LEAVES,
    RECORDS_MAX,
    arrow_body,
    lines_of,
    problems,
    slot,
    stored,
    stream_schema,
)
from sluiceway.foundation.request_errors import RequestEntityTooLargeError
from sluiceway.ingest.bulk.conversion import Bulk
from sluiceway.schema.errors import BodyInvalidError, EmptyBatchError, TooManyRecordsError
from sluiceway.schema.types import (
    ArrayFieldType,
    DataType,
    DecimalType,
    Field,
    LongType,
    MapFieldType,
    StringType,
    StructFieldType,
)

UTC = dt.UTC
MOMENT = dt.datetime(2026, 1, 31, 12, 0, 0, 123_999, tzinfo=UTC)
MOMENT_MS = 1_769_860_800_123
LONGS = ArrayFieldType(items_schema=slot(LongType()))
POINT = StructFieldType(
    sub_fields=[
        Field(name="x", schema=slot(LEAVES["double"])),
        Field(name="tag", schema=slot(LEAVES["binary"])),
    ]
)


def columns(**arrays: pa.Array) -> bytes:
    return arrow_body(pa.table(arrays))


def texts(key: DataType, value: DataType) -> MapFieldType:
    return MapFieldType(key_schema=slot(key), value_schema=slot(value))


@pytest.mark.parametrize(
    ("array", "field", "expected"),
    [
        (pa.array([True, False]), "boolean", [True, False]),
        (pa.array([-128, 127], pa.int8()), "byte", [-128, 127]),
        (pa.array([255], pa.uint8()), "short", [255]),
        (pa.array([2**31 - 1], pa.int64()), "integer", [2**31 - 1]),
        (pa.array([-(2**63), 2**63 - 1, 2**53 + 1]), "long", [-(2**63), 2**63 - 1, 2**53 + 1]),
        (pa.array([5], pa.uint64()), "long", [5]),
        (pa.array(["9007199254740993"]), "long", [2**53 + 1]),
        (pa.array([1.5], pa.float16()), "float", [1.5]),
        (pa.array([1.5], pa.float32()), "float", [1.5]),
        (pa.array([0.1], pa.float32()), "double", [0.10000000149011612]),
        (pa.array([0.1, -0.0, 1e300, 5e-324]), "double", [0.1, -0.0, 1e300, 5e-324]),
        (
            pa.array([float("nan"), float("inf"), -float("inf"), None, 1.0]),
            "double",
            ["NaN", "Infinity", "-Infinity", None, 1.0],
        ),
        (pa.array([float("inf"), -float("inf")], pa.float32()), "float", ["Infinity", "-Infinity"]),
        (pa.array([1]), "double", [1.0]),
        (
            pa.array([Decimal("1.50"), Decimal("-0.000000001")], pa.decimal128(38, 9)),
            "decimal",
            ["1.5", "-0.000000001"],
        ),
        (
            pa.array([Decimal(12345678901234567890123456789)], pa.decimal256(60, 3)),
            "decimal",
            ["12345678901234567890123456789"],
        ),
        (pa.array([Decimal("1.5")], pa.decimal32(5, 1)), "decimal", ["1.5"]),
        (pa.array([Decimal("1.5")], pa.decimal64(12, 1)), "decimal", ["1.5"]),
        (pa.array([Decimal(1200)], pa.decimal128(5, -2)), "decimal", ["1200"]),
        (pa.array([7]), "decimal", ["7"]),
        (pa.array(["1.5e2"]), "decimal", ["150"]),
        (
            pa.array(["a", "", None, '"\\\n\u20ac\U0001f600\x00']),
            "string",
            ["a", "", None, '"\\\n\u20ac\U0001f600\x00'],
        ),
        (pa.array(["a"], pa.large_string()), "string", ["a"]),
        (
            pa.array(["a", "longer than twelve bytes", None], pa.string_view()),
            "string",
            ["a", "longer than twelve bytes", None],
        ),
        (pa.array(["a", "b", "a", None]).dictionary_encode(), "string", ["a", "b", "a", None]),
        (pa.array([3, 4, 3], pa.int32()).dictionary_encode(), "integer", [3, 4, 3]),
        (pa.array([b"ab", b"ab"], pa.binary(2)).dictionary_encode(), "binary", ["YWI=", "YWI="]),
        (pa.array([b"\x00\xff", b"", None]), "binary", ["AP8=", "", None]),
        (pa.array([b"a"], pa.large_binary()), "binary", ["YQ=="]),
        (pa.array([b"ab"], pa.binary(2)), "binary", ["YWI="]),
        (
            pa.array([b"a", b"longer than twelve bytes"], pa.binary_view()),
            "binary",
            ["YQ==", "bG9uZ2VyIHRoYW4gdHdlbHZlIGJ5dGVz"],
        ),
        (pa.array(["YQ=="]), "binary", ["YQ=="]),
        (
            pa.array([dt.date(2026, 1, 31), dt.date(1, 1, 1), dt.date(9999, 12, 31), None]),
            "date",
            ["2026-01-31", "0001-01-01", "9999-12-31", None],
        ),
        (
            pa.array([dt.date(2026, 1, 31), dt.date(1969, 12, 31)], pa.date64()),
            "date",
            ["2026-01-31", "1969-12-31"],
        ),
        (pa.array(["2026-01-31"]), "date", ["2026-01-31"]),
        (pa.array([1, -1], pa.timestamp("s", "UTC")), "timestamp", [1000, -1000]),
        (pa.array([1, -1], pa.timestamp("ms", "UTC")), "timestamp", [1, -1]),
        (pa.array([1_999, -1], pa.timestamp("us", "UTC")), "timestamp", [1, -1]),
        (pa.array([1_999_999, -1], pa.timestamp("ns", "Europe/Berlin")), "timestamp", [1, -1]),
        (pa.array([MOMENT, None], pa.timestamp("us", "UTC")), "timestamp", [MOMENT_MS, None]),
        (pa.array([MOMENT_MS]), "timestamp", [MOMENT_MS]),
        (pa.array(["2026-01-31T13:00:00.123+01:00"]), "timestamp", [MOMENT_MS]),
        (pa.nulls(2), "string", [None, None]),
    ],
    ids=lambda value: str(value.type) if isinstance(value, pa.Array) else None,
)
def test_a_value_is_kept_as_json_would_have_it(array: pa.Array, field: str, expected: list[Any]):
    kept = stored(Bulk.ARROW, columns(f=array), stream_schema(f=LEAVES[field]))

    assert [record["f"] for record in kept] == expected


@pytest.mark.parametrize(
    ("array", "field", "found", "reason"),
    [
        (pa.array([1]), "string", "1", "WRONG_TYPE"),
        (pa.array([1]), "boolean", "1", "WRONG_TYPE"),
        (pa.array([True]), "integer", "true", "WRONG_TYPE"),
        (pa.array([128], pa.int16()), "byte", "128", "OUT_OF_RANGE"),
        (pa.array([2**63], pa.uint64()), "long", "9223372036854775808", "OUT_OF_RANGE"),
        (pa.array([1.0]), "integer", "1.0", "WRONG_TYPE"),
        (pa.array([1e300]), "float", "1e300", "OUT_OF_RANGE"),
        (pa.array([float("nan")]), "string", '["double","NaN"]', "WRONG_TYPE"),
        (pa.array([float("inf")]), "long", '["double","Infinity"]', "WRONG_TYPE"),
        (pa.array([0.5]), "decimal", '["double",0.5]', "WRONG_TYPE"),
        (pa.array([float("nan")]), "decimal", '["double","NaN"]', "WRONG_TYPE"),
        (pa.array([Decimal("1.5")]), "double", '["decimal128(2, 1)",1.5]', "WRONG_TYPE"),
        (pa.array([Decimal("1.5")]), "string", '["decimal128(2, 1)",1.5]', "WRONG_TYPE"),
        (
            pa.array([Decimal("0.0000000001")], pa.decimal128(38, 10)),
            "decimal",
            "0.0000000001",
            "OUT_OF_RANGE",
        ),
        (pa.array([b"YQ=="]), "string", '["binary","WVE9PQ=="]', "WRONG_TYPE"),
        (pa.array(["a"]), "binary", '"a"', "MALFORMED"),
        (pa.array([dt.date(2026, 1, 31)]), "string", '["date32[day]","2026-01-31"]', "WRONG_TYPE"),
        (
            pa.array([3_000_000], pa.int32()).cast(pa.date32()),
            "date",
            '"3000000 days from 1970-01-01"',
            "MALFORMED",
        ),
        (
            pa.array([5], pa.timestamp("us", "UTC")),
            "long",
            '["timestamp[us, tz=UTC]",0]',
            "WRONG_TYPE",
        ),
        (
            pa.array([5], pa.timestamp("ns")),
            "timestamp",
            '["timestamp[ns] without a zone",5]',
            "WRONG_TYPE",
        ),
        (
            pa.array([2**60], pa.timestamp("s", "UTC")),
            "timestamp",
            "1152921504606846976000",
            "OUT_OF_RANGE",
        ),
        (pa.array(["a", "a"]).dictionary_encode(), "integer", '"a"', "WRONG_TYPE"),
        (pa.array([[1]]), "long", "[1]", "WRONG_TYPE"),
        (pa.array([{"x": 1}]), "string", None, "WRONG_TYPE"),
    ],
    ids=lambda value: str(value.type) if isinstance(value, pa.Array) else None,
)
def test_a_value_of_another_type_is_refused_and_shown(
    array: pa.Array, field: str, found: str | None, reason: str
):
    problem = problems(Bulk.ARROW, columns(f=array), stream_schema(f=LEAVES[field]))[0]

    assert (problem.index, problem.path, problem.reason) == (0, "f", reason)
    assert found is None or problem.found == found


@pytest.mark.parametrize(
    ("array", "data_type", "expected"),
    [
        (pa.array([[1, None], [], None, [2]]), LONGS, [[1, None], [], None, [2]]),
        (pa.array([[1], [2]], pa.large_list(pa.int64())), LONGS, [[1], [2]]),
        (pa.array([[1, 2], None, [3, 4]], pa.list_(pa.int64(), 2)), LONGS, [[1, 2], None, [3, 4]]),
        (
            pa.array([{"x": 1.5, "tag": b"a"}, None, {}]),
            POINT,
            [{"x": 1.5, "tag": "YQ=="}, None, {"x": None, "tag": None}],
        ),
        (
            pa.array([[("a", 1)], None, []], pa.map_(pa.string(), pa.int64())),
            texts(StringType(), LongType()),
            [{"a": 1}, None, {}],
        ),
        (
            pa.array([[(-5, "x")]], pa.map_(pa.int32(), pa.string())),
            texts(LongType(), StringType()),
            [{"-5": "x"}],
        ),
        (
            pa.array([[(True, "x")]], pa.map_(pa.bool_(), pa.string())),
            texts(LEAVES["boolean"], StringType()),
            [{"true": "x"}],
        ),
        (
            pa.array([[(dt.date(2026, 1, 31), "x")]], pa.map_(pa.date32(), pa.string())),
            texts(LEAVES["date"], StringType()),
            [{"2026-01-31": "x"}],
        ),
        (
            pa.array([[(MOMENT, "x")]], pa.map_(pa.timestamp("ns", "UTC"), pa.string())),
            texts(LEAVES["timestamp"], StringType()),
            [{str(MOMENT_MS): "x"}],
        ),
        (
            pa.array([[(Decimal("1.50"), "x")]], pa.map_(pa.decimal128(5, 2), pa.string())),
            texts(DecimalType(), StringType()),
            [{"1.5": "x"}],
        ),
        (
            pa.array([[("-5", "x")]], pa.map_(pa.string(), pa.string())),
            texts(LongType(), StringType()),
            [{"-5": "x"}],
        ),
        (
            pa.array([[[{"x": 1, "tag": b""}]], [[], None]]),
            ArrayFieldType(items_schema=slot(ArrayFieldType(items_schema=slot(POINT)))),
            [[[{"x": 1.0, "tag": ""}]], [[], None]],
        ),
    ],
)
def test_what_holds_other_values_is_kept(array: pa.Array, data_type: DataType, expected: list[Any]):
    kept = stored(Bulk.ARROW, columns(f=array), stream_schema(f=data_type))

    assert [record["f"] for record in kept] == expected


@pytest.mark.parametrize(
    ("array", "data_type", "path"),
    [
        (pa.array([[1], [2, "x"]][:1]), ArrayFieldType(items_schema=slot(StringType())), "f[0]"),
        (pa.array([[b"a"]]), ArrayFieldType(items_schema=slot(StringType())), "f[0]"),
        (pa.array([{"x": 1.5, "tag": "a"}]), POINT, "f.tag"),
        (pa.array([{"x": 1.5, "other": 1}]), POINT, "f.other"),
        (pa.array([{"a": b"a"}]), texts(StringType(), StringType()), "f"),
        (pa.array([[("x", b"a")]], pa.map_(pa.string(), pa.binary())), POINT, "f"),
        (
            pa.array([[("x", b"a")]], pa.map_(pa.string(), pa.binary())),
            texts(StringType(), StringType()),
            'f["x"]',
        ),
        (pa.array([b"a"]), LONGS, "f"),
        (pa.array([b"a"]), POINT, "f"),
    ],
)
def test_the_place_of_a_bad_value_is_told(array: pa.Array, data_type: DataType, path: str):
    problem = problems(Bulk.ARROW, columns(f=array), stream_schema(f=data_type))[0]

    assert problem.path == path


def test_each_bad_record_is_named_whichever_batch_it_is_in():
    table = pa.table({"f": pa.array([1, 300, 2, None, -300], pa.int64())})
    body = arrow_body(table, rows_max=2)

    found = problems(Bulk.ARROW, body, stream_schema(f=LEAVES["byte"]))

    assert [(one.index, one.found) for one in found] == [(1, "300"), (4, "-300")]


def test_a_column_that_is_no_field_is_refused():
    body = columns(f=pa.array(["a"]), g=pa.array([b"a"]))

    problem = problems(Bulk.ARROW, body, stream_schema(f=StringType()))[0]

    assert (problem.path, problem.reason, problem.found) == ("g", "UNKNOWN_FIELD", '"YQ=="')


@pytest.mark.parametrize(
    "array",
    [
        pa.array([dt.time(12)]),
        pa.array([dt.timedelta(1)]),
        pa.array([[1]], pa.list_view(pa.int64())),
        pa.array([(1, 2, 3)], pa.month_day_nano_interval()),
        pa.RunEndEncodedArray.from_arrays([1], ["a"]),
        pa.UnionArray.from_dense(
            pa.array([0], pa.int8()), pa.array([0], pa.int32()), [pa.array([1])]
        ),
        pa.array([[dt.time(12)]]),
    ],
    ids=lambda array: str(array.type),
)
def test_a_type_that_no_field_takes_is_refused(array: pa.Array):
    with pytest.raises(BodyInvalidError, match="which no field takes") as caught:
        lines_of(Bulk.ARROW, columns(f=array), stream_schema(f=StringType()))

    assert "column 'f'" in str(caught.value)


@pytest.mark.parametrize("key", [pa.binary(), pa.int64(), pa.float64(), pa.timestamp("us")])
def test_the_keys_of_a_map_must_be_of_the_fields_type(key: pa.DataType):
    array = pa.array([[]], pa.map_(key, pa.string()))

    with pytest.raises(BodyInvalidError, match="the keys of column 'f'"):
        lines_of(Bulk.ARROW, columns(f=array), stream_schema(f=texts(StringType(), StringType())))


def test_two_columns_of_one_name_are_refused():
    body = arrow_body(pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["f", "f"]))

    with pytest.raises(BodyInvalidError, match="two columns of the name 'f'"):
        lines_of(Bulk.ARROW, body, stream_schema(f=LongType()))


@pytest.mark.parametrize(("count", "fits"), [(2_000, True), (2_001, False)])
def test_columns_are_counted(count: int, fits: bool):  # noqa: FBT001 - a table
    body = columns(**{f"c{number}": pa.array([1]) for number in range(count)})

    if fits:
        assert len(json.loads(lines_of(Bulk.ARROW, body, stream_schema()))) == count
    else:
        with pytest.raises(BodyInvalidError, match="more than 2000 columns"):
            lines_of(Bulk.ARROW, body, stream_schema())


@pytest.mark.parametrize("codec", [None, "lz4", "zstd"])
@given(data=st.data())
def test_however_a_table_is_cut_and_packed_the_records_are_the_same(
    codec: str | None, data: st.DataObject
):
    integers = st.integers(-(2**63), 2**63 - 1)
    rows = data.draw(
        st.lists(
            st.fixed_dictionaries(
                {
                    "text": st.none() | st.text(max_size=20),
                    "long": st.none() | integers,
                    "list": st.none() | st.lists(st.none() | integers, max_size=4),
                    "double": st.none() | st.floats(allow_nan=False, allow_infinity=False),
                }
            ),
            min_size=1,
            max_size=20,
        )
    )
    columns_schema = pa.schema(
        {
            "text": pa.string(),
            "long": pa.int64(),
            "list": pa.list_(pa.int64()),
            "double": pa.float64(),
        }
    )
    table = pa.Table.from_pylist(rows, columns_schema).slice(
        data.draw(st.integers(0, len(rows) - 1))
    )
    options = pa.ipc.IpcWriteOptions(compression=codec)
    body = arrow_body(table, data.draw(st.integers(1, 20)), options)
    schema = stream_schema(text=StringType(), long=LongType(), list=LONGS, double=LEAVES["double"])

    assert stored(Bulk.ARROW, body, schema) == table.to_pylist()


def test_a_large_table_goes_in_parts_and_keeps_its_order():
    numbers = list(range(5_000))
    body = columns(
        n=pa.array(numbers), l=pa.array([[number] * (number % 50) for number in numbers])
    )

    lines = lines_of(Bulk.ARROW, body, stream_schema(), records_max=5_000, bytes_max=10 * BYTES_MAX)

    kept = [json.loads(line) for line in lines.splitlines()]
    assert [record["n"] for record in kept] == numbers
    assert all(record["l"] == [record["n"]] * (record["n"] % 50) for record in kept)


@pytest.mark.parametrize(("rows", "fits"), [(RECORDS_MAX, True), (RECORDS_MAX + 1, False)])
def test_records_are_counted(rows: int, fits: bool):  # noqa: FBT001 - a table
    body = arrow_body(pa.table({"f": pa.array(range(rows))}), rows_max=300)

    if fits:
        assert lines_of(Bulk.ARROW, body, stream_schema()).count(b"\n") == rows
    else:
        with pytest.raises(TooManyRecordsError):
            lines_of(Bulk.ARROW, body, stream_schema())


def test_the_lines_are_counted_while_they_are_written():
    body = columns(f=pa.array([1.23456789] * 1_000))
    size = len(lines_of(Bulk.ARROW, body, stream_schema()))

    assert size > len(body)
    assert len(lines_of(Bulk.ARROW, body, stream_schema(), bytes_max=size)) == size
    with pytest.raises(RequestEntityTooLargeError):
        lines_of(Bulk.ARROW, body, stream_schema(), bytes_max=size - 1)


def test_a_stream_without_records_is_refused():
    with pytest.raises(EmptyBatchError):
        lines_of(Bulk.ARROW, columns(f=pa.array([], pa.int64())), stream_schema())
