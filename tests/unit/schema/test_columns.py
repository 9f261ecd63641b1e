"""Columns: canonical lines become Arrow columns, and the very same lines again."""

from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyiceberg.io.pyarrow import _pyarrow_to_schema_without_ids, schema_to_pyarrow

from fixtures.schemas import records_for, schemas
from sluiceway.schema.arrow import arrays as arrays_module
from sluiceway.schema.arrow import columns as columns_module
from sluiceway.schema.arrow.columns import columns_of
from sluiceway.schema.arrow.errors import ColumnsError, ColumnsTooLargeError
from sluiceway.schema.compiled import compile_schema
from sluiceway.schema.rules import DEPTH_MAX, FIELDS_MAX
from sluiceway.schema.shapes import Shape
from sluiceway.schema.types import (
    ArrayFieldType,
    BinaryType,
    BooleanType,
    ByteType,
    DataType,
    DateType,
    DecimalType,
    DoubleType,
    Field,
    FieldSchema,
    FloatType,
    IntegerType,
    LongType,
    MapFieldType,
    ShortType,
    StreamSchema,
    StringType,
    StructFieldType,
    TimestampType,
)

LIMITS: dict[str, int] = {"records_max": 100_000, "record_bytes_max": 1_000_000}
WORDS = ["NaN", "Infinity", "-Infinity"]
FLOATS = [0.0, -0.0, 5e-324, -2.2250738585072009e-308, 1e308, 0.1, 1e15, 1e16, 1e-7, None, *WORDS]
WIDE_TEXT = '\x00\x1f"\\/\x7f\u2028é漢🜚\U0010ffff'


def slot(data_type: DataType, *, nullable: bool = True) -> FieldSchema:
    return FieldSchema(nullable=nullable, data_type=data_type)


def field(name: str, data_type: DataType, *, nullable: bool = True) -> Field:
    return Field(name=name, schema=slot(data_type, nullable=nullable))


def schema_of(data_type: DataType, *, nullable: bool = True) -> StreamSchema:
    return StreamSchema(fields=[field("f", data_type, nullable=nullable)])


def map_of(keys: DataType, values: DataType) -> MapFieldType:
    return MapFieldType(key_schema=slot(keys, nullable=False), value_schema=slot(values))


def canonical(schema: StreamSchema, records: list[Any]) -> bytes:
    compiled = compile_schema(schema)
    body = msgspec.json.encode(records)
    return compiled.encode(compiled.decode(Shape.BARE_RECORDS, body, **LIMITS).records)


def stored(batch: pa.RecordBatch) -> pa.Table:
    """Give what a Parquet file holds into which *batch* was written."""
    file = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_batches([batch]), file, compression="zstd")
    return pq.ParquetFile(pa.BufferReader(file.getvalue())).read()


def check_round_trip(schema: StreamSchema, records: list[Any]) -> list[bytes]:
    """Take *records* through columns and a file, and give the lines that come out."""
    lines = canonical(schema, records)
    columns = columns_of(schema)
    batch = columns.read_lines(lines)
    batch.validate(full=True)

    assert batch.schema.equals(columns.arrow_schema)
    written = columns.write_lines(stored(batch))
    assert b"".join(line + b"\n" for line in written) == lines
    assert columns.write_lines(batch) == written
    return written


def round_trip(data_type: DataType, values: list[Any], *, nullable: bool = True) -> list[Any]:
    written = check_round_trip(
        schema_of(data_type, nullable=nullable), [{"f": value} for value in values]
    )
    return [msgspec.json.decode(line)["f"] for line in written]


@settings(max_examples=40)
@given(data=st.data(), schema=schemas())
def test_records_of_any_schema_come_back_from_a_file_as_the_very_same_lines(data, schema):
    records = data.draw(st.lists(records_for(schema), min_size=1, max_size=4))

    check_round_trip(schema, records)


@settings(max_examples=30)
@given(schema=schemas())
def test_every_stored_type_is_one_of_iceberg(schema):
    arrow = columns_of(schema).arrow_schema

    iceberg = _pyarrow_to_schema_without_ids(arrow, format_version=2)

    small = schema_to_pyarrow(iceberg, include_field_ids=False)
    assert _without_large_types(small) == arrow


def _without_large_types(found: Any) -> Any:
    """Give a schema or type as it is with offsets of 32 bits, which pyiceberg leaves to files."""
    match found:
        case pa.Schema():
            return pa.schema([_without_large_types(one) for one in found])
        case pa.Field():
            return found.with_type(_without_large_types(found.type))
        case pa.StructType():
            return pa.struct([_without_large_types(one) for one in found])
        case pa.MapType():
            return pa.map_(
                _without_large_types(found.key_field), _without_large_types(found.item_field)
            )
        case pa.LargeListType():
            return pa.list_(_without_large_types(found.value_field))
        case _:
            return {pa.large_string(): pa.string(), pa.large_binary(): pa.binary()}.get(
                found, found
            )


def test_floating_point_numbers_keep_every_bit_and_the_digits_that_were_sent():
    found = round_trip(DoubleType(), FLOATS)
    digits = round_trip(FloatType(), [0.1, 16777217.0, 3.4028234663852886e38, *WORDS, None])

    assert [str(value) for value in found] == [str(value) for value in FLOATS]
    assert digits == [0.1, 16777217.0, 3.4028234663852886e38, *WORDS, None]


@pytest.mark.parametrize(
    ("kind", "bits"), [(ByteType(), 8), (ShortType(), 16), (IntegerType(), 32), (LongType(), 64)]
)
def test_whole_numbers_reach_to_both_ends(kind, bits):
    values = [-(2 ** (bits - 1)), -1, 0, 2 ** (bits - 1) - 1]

    assert round_trip(kind, values, nullable=False) == values


@pytest.mark.parametrize(
    ("precision", "scale", "values"),
    [
        (38, 0, ["9" * 38, "-" + "9" * 38, "0", "10"]),
        (38, 38, ["0." + "9" * 38, "-0." + "0" * 37 + "1", "0"]),
        (38, 18, ["1.5", "100", "0.0000001", "9" * 20 + "." + "9" * 18]),
        (1, 1, ["0.1", "-0.9", "0"]),
        (1, 0, ["9", "0", "-9"]),
    ],
)
def test_decimals_stay_the_shortest_plain_text(precision, scale, values):
    kind = DecimalType(precision=precision, scale=scale)

    assert round_trip(kind, [*values, None]) == [*values, None]


def test_moments_and_days_reach_from_the_year_1_to_9999():
    moments = [-62_135_596_800_000, -1, 0, 253_402_300_799_999, None]
    days = ["0001-01-01", "0999-02-28", "2024-02-29", "9999-12-31", None]

    assert round_trip(TimestampType(), moments) == moments
    assert round_trip(DateType(), days) == days


def test_texts_and_bytes_of_any_kind_are_kept_the_empty_ones_too():
    texts = ["", WIDE_TEXT, "NaN", "null", "\n", "\r\n", None]
    data = ["", "AA==", "/+8=", None]

    assert round_trip(StringType(), texts) == texts
    assert round_trip(BinaryType(), data) == data


def test_what_is_empty_is_not_null_inside_of_lists_maps_and_structs():
    nested = ArrayFieldType(items_schema=slot(ArrayFieldType(items_schema=slot(StringType()))))
    lists: list[Any] = [[], [None], [[], None, [None, "a"]], None]
    maps: list[Any] = [{}, {"": None}, {"b": {}, "a": {"x": None}}, None]
    struct = StructFieldType(
        sub_fields=[
            field("there", StringType(), nullable=False),
            field("may", StringType()),
            field("list", ArrayFieldType(items_schema=slot(IntegerType())), nullable=False),
            field("map", map_of(StringType(), IntegerType()), nullable=False),
            field(
                "inner",
                StructFieldType(
                    sub_fields=[
                        field("at", TimestampType(), nullable=False),
                        field("price", DecimalType(), nullable=False),
                        field("data", BinaryType(), nullable=False),
                        field("is", BooleanType(), nullable=False),
                        field("day", DateType(), nullable=False),
                        field("x", DoubleType(), nullable=False),
                    ]
                ),
                nullable=False,
            ),
        ]
    )
    inner = {"at": 0, "price": "1", "data": "", "is": False, "day": "2026-01-31", "x": 1.0}
    filled = {"there": "", "may": None, "list": [], "map": {}, "inner": inner}

    assert round_trip(nested, lists) == lists
    assert round_trip(map_of(StringType(), map_of(StringType(), StringType())), maps) == maps
    assert round_trip(struct, [None, filled, None]) == [None, filled, None]
    assert round_trip(struct, [None]) == [None]


@pytest.mark.parametrize(
    ("kind", "keys"),
    [
        (StringType(), ["b", "a", "", "B", "é", "e\u0301", WIDE_TEXT]),
        (BooleanType(), ["true", "false"]),
        (IntegerType(), ["10", "-1", "0"]),
        (LongType(), [str(2**63 - 1), str(-(2**63))]),
        (DecimalType(), ["1", "1.5", "-0.000001", "0"]),
        (DateType(), ["2026-01-31", "0001-01-01"]),
        (TimestampType(), ["1767225600000", "-62135596800000"]),
    ],
)
def test_the_entries_of_a_map_keep_their_order_and_their_keys_a_type(kind, keys):
    entries = {key: position for position, key in enumerate(keys)}

    (found,) = round_trip(map_of(kind, IntegerType()), [entries], nullable=False)

    assert list(found.items()) == list(entries.items())


def test_a_name_that_was_sent_twice_is_one_column():
    schema = schema_of(map_of(StringType(), IntegerType()))
    compiled = compile_schema(schema)
    body = b'[{"f": {"a": 1}, "f": {"a": 2, "b": 3, "a": 4}}]'
    lines = compiled.encode(compiled.decode(Shape.BARE_RECORDS, body, **LIMITS).records)

    columns = columns_of(schema)

    assert columns.write_lines(columns.read_lines(lines)) == [b'{"f":{"a":4,"b":3}}']


def test_fields_may_have_any_names_that_a_schema_may():
    names = ["a.b", "a", "A", " ", "a b", "é", "e\u0301", "🜚", "f0", "_offset", "'", "`", "x" * 255]
    inner = StructFieldType(sub_fields=[field(name, IntegerType()) for name in names])
    schema = StreamSchema(fields=[field(name, inner) for name in names])

    check_round_trip(schema, [{name: {name: 1} for name in names}, {names[1]: {names[2]: 2}}])


@pytest.mark.parametrize("nest", ["array", "map", "struct"])
def test_types_may_be_nested_as_deep_as_a_schema_may(nest):
    kind: DataType = StringType()
    value: Any = "deep"
    for _ in range(DEPTH_MAX - 1):
        if nest == "array":
            kind, value = ArrayFieldType(items_schema=slot(kind)), [value, None]
        elif nest == "map":
            kind, value = map_of(StringType(), kind), {"a": value, "b": None}
        else:
            kind, value = StructFieldType(sub_fields=[field("a", kind)]), {"a": value}

    assert round_trip(kind, [value, None]) == [value, None]


def test_there_may_be_as_many_fields_as_a_schema_may_have():
    fields = [field(f"field{at}", DoubleType()) for at in range(FIELDS_MAX)]

    check_round_trip(StreamSchema(fields=fields), [{f"field{at}": at} for at in range(3)])


def test_lines_larger_than_a_piece_are_cut_only_between_records(monkeypatch):
    monkeypatch.setattr(columns_module, "_PIECE_BYTES_MAX", 50)
    monkeypatch.setattr(columns_module, "_SLICE_VALUES", 3)
    monkeypatch.setattr(columns_module, "_SLICE_BYTES", 150)
    columns_module._columns.cache_clear()

    values = ["x" * size for size in (*range(60), 200, 0)]

    assert round_trip(StringType(), values) == values


def test_no_lines_are_no_records():
    columns = columns_of(schema_of(StringType()))

    batch = columns.read_lines(b"")

    assert batch.num_rows == 0
    assert batch.schema == columns.arrow_schema
    assert columns.write_lines(batch) == []


def test_lines_whose_columns_are_much_larger_are_cut_into_batches(monkeypatch):
    inner = StructFieldType(sub_fields=[field(str(at), DecimalType()) for at in range(10)])
    schema = schema_of(inner)
    columns = columns_of(schema)
    lines = canonical(schema, [{}, {"f": {"1": 2}}] * 20)
    monkeypatch.setattr(arrays_module, "STRUCTS_BYTES_MAX", 4 * (1 + 1 + 10 * 16))

    batches = list(columns.read_batches(lines))

    assert max(batch.num_rows for batch in batches) <= 4
    written = [line for batch in batches for line in columns.write_lines(batch)]
    assert b"".join(line + b"\n" for line in written) == lines
    assert columns.read_lines(lines) == pa.concat_batches(batches)


def test_columns_that_would_take_too_much_memory_are_refused_before_they_are_made(monkeypatch):
    inner = StructFieldType(sub_fields=[field(str(at), DecimalType()) for at in range(10)])
    schema = schema_of(ArrayFieldType(items_schema=slot(inner)))
    columns = columns_of(schema)
    lines = canonical(schema, [{}, {"f": [None] * 100}])
    size = columns.read_lines(lines).nbytes

    monkeypatch.setattr(columns_module, "COLUMNS_BYTES_MAX", size - 1)
    with pytest.raises(ColumnsTooLargeError, match="the columns take more"):
        columns.read_lines(lines)
    monkeypatch.setattr(columns_module, "COLUMNS_BYTES_MAX", size)
    monkeypatch.setattr(arrays_module, "STRUCTS_BYTES_MAX", 100 * 161)
    assert columns.read_lines(lines).num_rows == 2
    monkeypatch.setattr(arrays_module, "STRUCTS_BYTES_MAX", 100 * 161 - 1)
    with pytest.raises(ColumnsTooLargeError, match="record 1: the columns of a struct take more"):
        columns.read_lines(lines)


@pytest.mark.parametrize(
    ("lines", "record", "field_name", "reason"),
    [
        (b'{"f":1}\n{"f":"1"}\n', 1, "f", "Expected `int | null`, got `str`"),
        (b'{"f":2147483648}\n', 0, "f", "Expected `int` <= 2147483647"),
        (b'{"f":1}\n{"g":1}\n', 1, "", "Object contains unknown field `g`"),
        (b'{"f":1}\n{"f":1\n', 1, "", "Input data was truncated"),
        (b'{"f":1}\n\n{"f":1}\n', 1, "", "Input data was truncated"),
        (b'{"f":1}{"f":2}\n', 0, "", "JSON is malformed: trailing characters (byte 8)"),
        (b'{"f":1}\n{"f":2}', None, "", "the last line does not end"),
        (b"\xff\n", 0, "", "JSON is malformed: invalid character (byte 0)"),
    ],
)
def test_lines_that_are_not_of_the_schema_are_refused_by_record_and_field(
    lines, record, field_name, reason
):
    with pytest.raises(ColumnsError) as caught:
        columns_of(schema_of(IntegerType())).read_lines(lines)

    assert (caught.value.record, caught.value.field) == (record, field_name)
    assert caught.value.reason == reason


def test_the_record_is_counted_over_all_pieces_and_the_field_has_its_path(monkeypatch):
    monkeypatch.setattr(columns_module, "_PIECE_BYTES_MAX", 10)
    columns_module._columns.cache_clear()
    inner = StructFieldType(
        sub_fields=[field("x.y", ArrayFieldType(items_schema=slot(LongType())))]
    )
    lines = b'{"f":{"x.y":[1]}}\n' * 5 + b'{"f":{"x.y":[1,true]}}\n'

    with pytest.raises(ColumnsError, match=r"^record 5, field f\.x\.y\[1\]: Expected `int"):
        columns_of(schema_of(inner)).read_lines(lines)


def test_values_that_a_push_may_have_and_lines_may_not_are_refused():
    for kind, value in [
        (LongType(), '"1"'),
        (TimestampType(), '"2026-01-31T00:00:00Z"'),
        (DecimalType(), '"1.50"'),
        (DecimalType(), "1.5"),
    ]:
        with pytest.raises(ColumnsError, match="record 0, field f: "):
            columns_of(schema_of(kind)).read_lines(f'{{"f":{value}}}\n'.encode())


def test_too_many_bytes_are_refused_before_they_are_read(monkeypatch):
    monkeypatch.setattr(columns_module, "LINES_BYTES_MAX", 16)
    columns = columns_of(schema_of(IntegerType()))

    assert columns.read_lines(b'{"f":1}\n{"f":2}\n').num_rows == 2
    with pytest.raises(ColumnsError, match="more than 16 bytes"):
        columns.read_lines(b'{"f":1}\n{"f":23}\n')


def test_columns_that_are_not_of_the_schema_are_refused_by_name():
    columns = columns_of(schema_of(IntegerType(), nullable=False))

    for table, reason in [
        (pa.table({"g": [1]}), "field f: there is no such column"),
        (pa.table({"f": pa.array([1], pa.int64())}), "the column has the type int64, not int32"),
        (pa.table({"f": pa.array([1, None], pa.int32())}), "field f: null where none may be"),
    ]:
        with pytest.raises(ColumnsError, match=reason):
            columns.write_lines(table)


def test_moments_between_two_milliseconds_are_not_cut_off():
    table = pa.table({"f": pa.array([1], pa.timestamp("us", "UTC"))})

    with pytest.raises(ColumnsError, match="field f: "):
        columns_of(schema_of(TimestampType())).write_lines(table)


def test_columns_of_other_readers_with_the_same_values_are_taken_and_more_columns_left_alone():
    items = ArrayFieldType(items_schema=slot(StringType(), nullable=False))
    fields = [
        field("s", StringType()),
        field("b", BinaryType()),
        field("i", ByteType()),
        field("l", items),
        field("t", TimestampType()),
    ]
    table = pa.table({
        "_offset": [7, 8],
        "t": pa.array([1_000, None], pa.timestamp("us", "Europe/Berlin")),
        "l": pa.array([["x"], None], pa.large_list(pa.large_string())),
        "i": pa.array([1, None], pa.int8()),
        "b": pa.array([b"x", None], pa.large_binary()),
        "s": pa.array(["x", None]).dictionary_encode(),
    })  # fmt: skip

    assert columns_of(StreamSchema(fields=fields)).write_lines(table) == [
        b'{"s":"x","b":"eA==","i":1,"l":["x"],"t":1}',
        b'{"s":null,"b":null,"i":null,"l":null,"t":null}',
    ]


def test_what_is_hidden_in_a_null_is_not_shown():
    hidden = pa.StructArray.from_arrays(
        [pa.array([None, "x"])], fields=[pa.field("a", pa.string())], mask=pa.array([True, False])
    )
    lists = pa.ListArray.from_arrays(
        pa.array([0, 2, 3], pa.int32()),
        pa.array([None, None, "x"]),
        mask=pa.array([True, False]),
    )
    inner = StructFieldType(sub_fields=[field("a", StringType(), nullable=False)])
    items = ArrayFieldType(items_schema=slot(StringType(), nullable=False))
    columns = columns_of(StreamSchema(fields=[field("s", inner), field("l", items)]))

    found = columns.write_lines(pa.table({"s": hidden, "l": lists}))

    assert found == [b'{"s":null,"l":null}', b'{"s":{"a":"x"},"l":["x"]}']
    assert columns.write_lines(pa.table({"s": hidden, "l": lists}).slice(1)) == found[1:]


def test_declared_types_are_those_of_the_schema():
    inner = StructFieldType(sub_fields=[field("f", FloatType(), nullable=False)])
    schema = StreamSchema(
        fields=[
            field("b", ByteType(), nullable=False),
            field("s", ShortType()),
            field("l", ArrayFieldType(items_schema=slot(inner))),
            field("m", map_of(ShortType(), FloatType())),
            field("t", TimestampType()),
        ]
    )
    columns = columns_of(schema)
    records = [
        {"b": -128, "s": 32767, "l": [{"f": "NaN"}, None], "m": {"-1": 0.1}, "t": 5},
        {"b": 127, "s": None, "l": None, "m": None, "t": None},
    ]

    declared = columns.declare(stored(columns.read_lines(canonical(schema, records))))

    assert declared.schema == columns.declared_schema
    assert declared.schema.field("b").type == pa.int8()
    assert declared.schema.field("m").type.key_type == pa.int16()
    assert declared.column("b").to_pylist() == [-128, 127]
    assert declared.column("m").to_pylist() == [[(-1, 0.10000000149011612)], None]
    with pytest.raises(ColumnsError, match="there is no such column"):
        columns.declare(declared.drop_columns(["b"]))


def test_the_columns_of_a_schema_are_made_once():
    schema = schema_of(StringType())

    assert columns_of(schema) is columns_of(schema_of(StringType()))
    assert columns_of(schema) is not columns_of(schema_of(StringType(), nullable=False))
