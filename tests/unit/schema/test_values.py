"""Values: for each type what is taken, what is given back for it, and what is refused and why."""

import json

import pytest

from sluiceway.schema.compiled import Shape, compile_schema
from sluiceway.schema.errors import Reason, RecordsInvalidError
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

MONEY = DecimalType(precision=5, scale=2)
STRUCT = StructFieldType(
    sub_fields=[
        Field(name="n", schema=FieldSchema(nullable=False, data_type=IntegerType())),
        Field(name="t", schema=FieldSchema(nullable=True, data_type=TimestampType())),
    ]
)


def array_of(data_type: DataType, *, nullable: bool = False) -> ArrayFieldType:
    return ArrayFieldType(items_schema=FieldSchema(nullable=nullable, data_type=data_type))


def map_of(key: DataType, value: DataType) -> MapFieldType:
    return MapFieldType(
        key_schema=FieldSchema(nullable=False, data_type=key),
        value_schema=FieldSchema(nullable=False, data_type=value),
    )


def push(data_type: DataType, sent: str, *, nullable: bool = False, is_key: bool = False) -> str:
    field = Field(name="v", schema=FieldSchema(nullable=nullable, data_type=data_type))
    schema = StreamSchema(fields=[field], key_field_names=["v"] if is_key else None)
    compiled = compile_schema(schema)
    body = f'{{"v":{sent}}}'.encode()
    decoded = compiled.decode(Shape.LEGACY_RECORD, body, records_max=1, record_bytes_max=1_000_000)
    line = compiled.encode(decoded.records).decode()
    return line.removeprefix('{"v":').removesuffix("}\n")


TAKEN = [
    (BooleanType(), "true", "true"),
    (BooleanType(), "false", "false"),
    (ByteType(), "-128", "-128"),
    (ByteType(), "127", "127"),
    (ShortType(), "-32768", "-32768"),
    (ShortType(), "32767", "32767"),
    (IntegerType(), "-2147483648", "-2147483648"),
    (IntegerType(), "2147483647", "2147483647"),
    (IntegerType(), "-0", "0"),
    (LongType(), "-9223372036854775808", "-9223372036854775808"),
    (LongType(), "9223372036854775807", "9223372036854775807"),
    (LongType(), '"9223372036854775807"', "9223372036854775807"),
    (LongType(), '"-9223372036854775808"', "-9223372036854775808"),
    (LongType(), '"-0"', "0"),
    (FloatType(), "1", "1.0"),
    (FloatType(), "3.4028234663852886e38", "3.4028234663852886e38"),
    (FloatType(), '"NaN"', '"NaN"'),
    (DoubleType(), "4.132", "4.132"),
    (DoubleType(), "0", "0.0"),
    (DoubleType(), "-0.0", "-0.0"),
    (DoubleType(), "1e15", "1000000000000000.0"),
    (DoubleType(), "1.7976931348623157e308", "1.7976931348623157e308"),
    (DoubleType(), "1e-400", "0.0"),
    (DoubleType(), '"Infinity"', '"Infinity"'),
    (DoubleType(), '"-Infinity"', '"-Infinity"'),
    (MONEY, "999.99", '"999.99"'),
    (MONEY, '"999.99"', '"999.99"'),
    (MONEY, "1.50", '"1.5"'),
    (MONEY, '"1.500000"', '"1.5"'),
    (MONEY, "1e2", '"100"'),
    (MONEY, '"1E+2"', '"100"'),
    (MONEY, "-0.00", '"0"'),
    (MONEY, '"\\u0031"', '"1"'),
    (DecimalType(), "0.100000000000000001", '"0.100000000000000001"'),
    (DecimalType(precision=38, scale=0), "9" * 38, f'"{"9" * 38}"'),
    (DecimalType(precision=2, scale=2), "0.99", '"0.99"'),
    (StringType(), '"NaN"', '"NaN"'),
    (StringType(), '""', '""'),
    (StringType(), '"\\u0000\\ud83d\\ude00"', '"\\u0000😀"'),
    (BinaryType(), '"QQ=="', '"QQ=="'),
    (BinaryType(), '"+/+/"', '"+/+/"'),
    (BinaryType(), '""', '""'),
    (DateType(), '"2024-02-29"', '"2024-02-29"'),
    (DateType(), '"0001-01-01"', '"0001-01-01"'),
    (TimestampType(), "1731426022784", "1731426022784"),
    (TimestampType(), "-62135596800000", "-62135596800000"),
    (TimestampType(), "253402300799999", "253402300799999"),
    (TimestampType(), '"2024-11-12T15:40:22.784Z"', "1731426022784"),
    (TimestampType(), '"2024-11-12T15:40:22.784999+00:00"', "1731426022784"),
    (TimestampType(), '"2024-11-12T21:10:22.784+05:30"', "1731426022784"),
    (TimestampType(), '"1969-12-31T23:59:59.9995Z"', "-1"),
    (array_of(LongType()), '[1,"2"]', "[1,2]"),
    (array_of(LongType(), nullable=True), '[null,"2"]', "[null,2]"),
    (array_of(MONEY, nullable=True), "[null, 1.0 ]", '[null,"1"]'),
    (array_of(ByteType()), "[]", "[]"),
    (map_of(StringType(), DoubleType()), '{"a":1,"":2}', '{"a":1.0,"":2.0}'),
    (map_of(IntegerType(), MONEY), '{"-1":"1.0"}', '{"-1":"1"}'),
    (map_of(BooleanType(), ByteType()), '{"true":1}', '{"true":1}'),
    (map_of(DateType(), ByteType()), '{"2024-01-01":1}', '{"2024-01-01":1}'),
    (map_of(TimestampType(), ByteType()), '{"1731426022784":1}', '{"1731426022784":1}'),
    (map_of(MONEY, ByteType()), '{"1.50":1}', '{"1.5":1}'),
    (STRUCT, '{"t":"1970-01-01T00:00:01Z","n":1}', '{"n":1,"t":1000}'),
    (STRUCT, '{"n":1}', '{"n":1,"t":null}'),
]

REFUSED = [
    (BooleanType(), "1", Reason.WRONG_TYPE),
    (BooleanType(), '"true"', Reason.WRONG_TYPE),
    (ByteType(), "128", Reason.OUT_OF_RANGE),
    (ByteType(), "-129", Reason.OUT_OF_RANGE),
    (ByteType(), "true", Reason.WRONG_TYPE),
    (ShortType(), "32768", Reason.OUT_OF_RANGE),
    (ShortType(), "-32769", Reason.OUT_OF_RANGE),
    (IntegerType(), "2147483648", Reason.OUT_OF_RANGE),
    (IntegerType(), "-2147483649", Reason.OUT_OF_RANGE),
    (IntegerType(), "1.0", Reason.WRONG_TYPE),
    (IntegerType(), "1e3", Reason.WRONG_TYPE),
    (IntegerType(), '"1"', Reason.WRONG_TYPE),
    (IntegerType(), "1" * 400, Reason.OUT_OF_RANGE),
    (IntegerType(), "1" * 5000, Reason.OUT_OF_RANGE),
    (LongType(), "9223372036854775808", Reason.OUT_OF_RANGE),
    (LongType(), '"9223372036854775808"', Reason.OUT_OF_RANGE),
    (LongType(), '"-9223372036854775809"', Reason.OUT_OF_RANGE),
    (LongType(), '"007"', Reason.MALFORMED),
    (LongType(), '"+1"', Reason.MALFORMED),
    (LongType(), '"1\\n"', Reason.MALFORMED),
    (LongType(), '"1.0"', Reason.MALFORMED),
    (FloatType(), "3.5e38", Reason.OUT_OF_RANGE),
    (FloatType(), "true", Reason.WRONG_TYPE),
    (DoubleType(), "1e400", Reason.OUT_OF_RANGE),
    (DoubleType(), "1" * 400, Reason.OUT_OF_RANGE),
    (DoubleType(), '"nan"', Reason.MALFORMED),
    (DoubleType(), '"1.5"', Reason.MALFORMED),
    (MONEY, "1000", Reason.OUT_OF_RANGE),
    (MONEY, "0.001", Reason.OUT_OF_RANGE),
    (MONEY, "1e400", Reason.OUT_OF_RANGE),
    (MONEY, "1e999999999", Reason.OUT_OF_RANGE),
    (MONEY, '"1_0"', Reason.MALFORMED),
    (MONEY, '"+1"', Reason.MALFORMED),
    (MONEY, '" 1"', Reason.MALFORMED),
    (MONEY, '"NaN"', Reason.MALFORMED),
    (MONEY, '"\\u0661"', Reason.MALFORMED),
    (MONEY, f'"0.{"0" * 200}"', Reason.MALFORMED),
    (MONEY, "true", Reason.WRONG_TYPE),
    (MONEY, "[1]", Reason.WRONG_TYPE),
    (DecimalType(precision=38, scale=0), "1" + "0" * 38, Reason.OUT_OF_RANGE),
    (DecimalType(precision=2, scale=2), "1", Reason.OUT_OF_RANGE),
    (StringType(), "1", Reason.WRONG_TYPE),
    (StringType(), "{}", Reason.WRONG_TYPE),
    (StringType(), "null", Reason.NULL_NOT_ALLOWED),
    (StringType(), "[" * 300 + "]" * 300, Reason.WRONG_TYPE),
    (BinaryType(), '"QQ"', Reason.MALFORMED),
    (BinaryType(), '"-_-_"', Reason.MALFORMED),
    (BinaryType(), '"Q Q="', Reason.MALFORMED),
    (DateType(), '"2023-02-29"', Reason.MALFORMED),
    (DateType(), '"20240101"', Reason.MALFORMED),
    (DateType(), '"2024-01-01T00:00:00Z"', Reason.MALFORMED),
    (DateType(), "19000", Reason.WRONG_TYPE),
    (TimestampType(), "-62135596800001", Reason.OUT_OF_RANGE),
    (TimestampType(), "253402300800000", Reason.OUT_OF_RANGE),
    (TimestampType(), "1.5", Reason.WRONG_TYPE),
    (TimestampType(), '"2024-11-12T15:40:22"', Reason.MALFORMED),
    (TimestampType(), '"1731426022784"', Reason.MALFORMED),
    (TimestampType(), '"0001-01-01T00:00:00+05:00"', Reason.OUT_OF_RANGE),
    (TimestampType(), '"9999-12-31T23:59:59-05:00"', Reason.OUT_OF_RANGE),
    (MONEY, "null", Reason.NULL_NOT_ALLOWED),
    (array_of(ByteType()), "{}", Reason.WRONG_TYPE),
    (map_of(StringType(), ByteType()), "[]", Reason.WRONG_TYPE),
    (STRUCT, "[]", Reason.WRONG_TYPE),
]


@pytest.mark.parametrize(("data_type", "sent", "given_back"), TAKEN)
def test_a_value_is_taken_and_given_back_in_its_canonical_form(data_type, sent, given_back):
    assert push(data_type, sent) == given_back


@pytest.mark.parametrize(("data_type", "sent", "reason"), REFUSED)
def test_a_value_is_refused_with_its_reason(data_type, sent, reason):
    with pytest.raises(RecordsInvalidError) as caught:
        push(data_type, sent)

    (problem,) = caught.value.problems
    assert (problem.index, problem.path, problem.reason) == (0, "v", reason)
    assert len(problem.found) <= 80


@pytest.mark.parametrize(
    ("data_type", "sent", "path", "reason"),
    [
        (array_of(ByteType()), "[1,2,300]", "v[2]", Reason.OUT_OF_RANGE),
        (array_of(ByteType()), "[1,null]", "v[1]", Reason.NULL_NOT_ALLOWED),
        (array_of(MONEY), "[null]", "v[0]", Reason.NULL_NOT_ALLOWED),
        (array_of(STRUCT), '[{"n":1},{"n":"x"}]', "v[1].n", Reason.WRONG_TYPE),
        (STRUCT, "{}", "v.n", Reason.MISSING_FIELD),
        (STRUCT, '{"n":1,"m":[1,2]}', "v.m", Reason.UNKNOWN_FIELD),
        (STRUCT, '{"n":1,"a b":1}', 'v["a b"]', Reason.UNKNOWN_FIELD),
        (map_of(StringType(), ByteType()), '{"k":"x"}', 'v["k"]', Reason.WRONG_TYPE),
        (map_of(IntegerType(), ByteType()), '{"007":1}', "v", Reason.MALFORMED),
        (map_of(IntegerType(), ByteType()), '{"1.0":1}', "v", Reason.MALFORMED),
        (map_of(BooleanType(), ByteType()), '{"True":1}', "v", Reason.MALFORMED),
        (map_of(MONEY, ByteType()), '{"1000":1}', "v", Reason.OUT_OF_RANGE),
        (map_of(TimestampType(), ByteType()), '{"2024-01-01T00:00:00Z":1}', "v", Reason.MALFORMED),
    ],
)
def test_the_path_leads_to_the_value_that_does_not_fit(data_type, sent, path, reason):
    with pytest.raises(RecordsInvalidError) as caught:
        push(data_type, sent)

    (problem,) = caught.value.problems
    assert (problem.path, problem.reason) == (path, reason)


@pytest.mark.parametrize(
    "data_type", [BooleanType(), LongType(), DoubleType(), MONEY, TimestampType(), STRUCT]
)
def test_a_nullable_field_takes_null(data_type):
    assert push(data_type, "null", nullable=True) == "null"


def test_a_timestamp_key_takes_epoch_milliseconds_only():
    assert push(TimestampType(), "1731426022784", is_key=True) == "1731426022784"

    with pytest.raises(RecordsInvalidError) as caught:
        push(TimestampType(), '"2024-11-12T15:40:22.784Z"', is_key=True)

    assert caught.value.problems[0].expected == "timestamp: epoch milliseconds, a whole number"


def test_of_a_repeated_name_the_last_value_counts():
    assert push(StringType(), '"first","v":"last"') == '"last"'


def test_every_value_of_a_repeated_name_must_fit():
    with pytest.raises(RecordsInvalidError) as caught:
        push(StringType(), '5,"v":"last"')

    (problem,) = caught.value.problems
    assert problem.reason is Reason.MALFORMED
    assert "repeated" in problem.expected


def test_what_was_found_is_shown_shortened():
    with pytest.raises(RecordsInvalidError) as caught:
        push(IntegerType(), json.dumps("x" * 1000))

    assert caught.value.problems[0].found == f'"{"x" * 78}…'
