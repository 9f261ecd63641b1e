"""Rules of schemas: what a stream may have, each bound just below and just above."""

import pytest

from sluiceway.schema.errors import (
    InvalidChangeDataCaptureConfigurationError,
    InvalidFieldSchemaError,
    InvalidSchemaError,
    SchemaFault,
)
from sluiceway.schema.rules import (
    DEPTH_MAX,
    FIELD_NAME_LENGTH_MAX,
    FIELDS_MAX,
    SCHEMA_BYTES_MAX,
    check_schema,
)
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
    FullRowChangeDataCaptureConfiguration,
    IntegerType,
    LongType,
    MapFieldType,
    ShortType,
    StreamSchema,
    StringType,
    StructFieldType,
    TimestampType,
)

KEYABLE = [
    BooleanType(), ByteType(), DateType(), DecimalType(), IntegerType(), LongType(), ShortType(),
    StringType(), TimestampType(),
]  # fmt: skip
UNKEYABLE = [
    FloatType(),
    DoubleType(),
    BinaryType(),
    ArrayFieldType(items_schema=FieldSchema(nullable=True, data_type=StringType())),
]


def values(data_type: DataType) -> FieldSchema:
    return FieldSchema(nullable=True, data_type=data_type)


def field(name: str, data_type: DataType | None = None) -> Field:
    return Field(name=name, schema=values(data_type or StringType()))


def schema(*fields: Field, keys: list[str] | None = None, capture=None) -> StreamSchema:
    return StreamSchema(fields=list(fields), key_field_names=keys, change_data_capture=capture)


def nested(levels: int, wrap) -> DataType:
    data_type: DataType = StringType()
    for _ in range(levels - 1):
        data_type = wrap(data_type)
    return data_type


WRAPS = {
    "array": lambda inner: ArrayFieldType(items_schema=values(inner)),
    "map": lambda inner: MapFieldType(key_schema=values(StringType()), value_schema=values(inner)),
    "struct": lambda inner: StructFieldType(sub_fields=[field("a", inner)]),
}


def fault_of(refused: StreamSchema) -> SchemaFault:
    with pytest.raises(InvalidSchemaError) as caught:
        check_schema(refused)
    assert caught.value.parameters == {
        "errorType": caught.value.fault.value,
        "message": caught.value.message,
    }
    return caught.value.fault


def test_a_schema_without_fields_is_refused():
    assert fault_of(schema()) is SchemaFault.NO_FIELDS


def test_two_fields_of_one_name_are_refused():
    inner = StructFieldType(sub_fields=[field("a"), field("a")])

    assert fault_of(schema(field("a"), field("a"))) is SchemaFault.DUPLICATE_FIELD_NAME
    assert fault_of(schema(field("s", inner))) is SchemaFault.DUPLICATE_FIELD_NAME


def test_a_name_may_be_used_again_at_another_level():
    check_schema(schema(field("a", StructFieldType(sub_fields=[field("a")])), field("A")))


def test_fields_of_all_levels_count_towards_the_most():
    inner = [field(f"f{number}") for number in range(FIELDS_MAX - 1)]

    check_schema(schema(field("s", StructFieldType(sub_fields=inner))))

    one_more = schema(field("s", StructFieldType(sub_fields=[*inner, field("x")])))
    assert fault_of(one_more) is SchemaFault.TOO_MANY_FIELDS


@pytest.mark.parametrize("wrap", WRAPS.values(), ids=WRAPS.keys())
def test_types_may_be_nested_up_to_the_most_levels(wrap):
    check_schema(schema(field("a", nested(DEPTH_MAX, wrap))))

    deeper = schema(field("a", nested(DEPTH_MAX + 1, wrap)))
    assert fault_of(deeper) is SchemaFault.TOO_DEEP


def test_a_schema_with_too_much_metadata_is_refused():
    def with_metadata(size: int) -> StreamSchema:
        metadata = {"note": "x" * size}
        data = FieldSchema(nullable=True, data_type=StringType(), custom_metadata=metadata)
        return schema(Field(name="a", schema=data))

    check_schema(with_metadata(SCHEMA_BYTES_MAX - 200))

    assert fault_of(with_metadata(SCHEMA_BYTES_MAX)) is SchemaFault.TOO_LARGE


@pytest.mark.parametrize(
    "name", ["", "a" * (FIELD_NAME_LENGTH_MAX + 1), 'a"', "a\\b", "a\n", "\x00"]
)
def test_a_bad_name_is_refused(name):
    for refused in (
        schema(field(name)),
        schema(field("s", StructFieldType(sub_fields=[field(name)]))),
    ):
        with pytest.raises(InvalidFieldSchemaError) as caught:
            check_schema(refused)
        assert caught.value.parameters["fieldName"] == name[:FIELD_NAME_LENGTH_MAX]


@pytest.mark.parametrize("name", ["a" * FIELD_NAME_LENGTH_MAX, "a b", "é", "$", "1", " "])
def test_a_name_may_have_any_printable_characters(name):
    check_schema(schema(field(name)))


@pytest.mark.parametrize(
    ("precision", "scale"), [(None, None), (1, None), (38, 38), (1, 0), (1, 1), (None, 38)]
)
def test_a_decimal_that_can_be_stored_is_taken(precision, scale):
    check_schema(schema(field("d", DecimalType(precision=precision, scale=scale))))


@pytest.mark.parametrize(
    ("precision", "scale"), [(0, None), (39, None), (5, 6), (5, -1), (None, 39), (-1, 0)]
)
def test_any_other_decimal_is_refused(precision, scale):
    decimal = DecimalType(precision=precision, scale=scale)

    for data_type in (decimal, WRAPS["array"](decimal), WRAPS["map"](decimal)):
        with pytest.raises(InvalidFieldSchemaError):
            check_schema(schema(field("d", data_type)))


@pytest.mark.parametrize(
    ("precision", "scale", "size"),
    [(None, None, (38, 18)), (10, None, (10, 0)), (None, 2, (38, 2)), (10, 2, (10, 2))],
)
def test_a_decimal_has_defaults(precision, scale, size):
    decimal = DecimalType(precision=precision, scale=scale)

    assert (decimal.digits, decimal.fraction_digits) == size


def test_a_struct_without_fields_is_refused():
    with pytest.raises(InvalidFieldSchemaError):
        check_schema(schema(field("s", StructFieldType(sub_fields=[]))))


@pytest.mark.parametrize("data_type", KEYABLE)
def test_fields_and_maps_may_be_keyed_by_it(data_type):
    by_key = MapFieldType(key_schema=values(data_type), value_schema=values(StringType()))

    check_schema(schema(field("k", data_type), field("m", by_key), keys=["k"]))


@pytest.mark.parametrize("data_type", UNKEYABLE)
def test_nothing_may_be_keyed_by_it(data_type):
    by_key = MapFieldType(key_schema=values(data_type), value_schema=values(StringType()))

    refused = schema(field("k", data_type), keys=["k"])
    assert fault_of(refused) is SchemaFault.KEY_FIELD_TYPE_NOT_ALLOWED
    with pytest.raises(InvalidFieldSchemaError):
        check_schema(schema(field("m", by_key)))


def test_a_key_must_be_a_field_and_named_once():
    assert fault_of(schema(field("a"), keys=["b"])) is SchemaFault.KEY_FIELD_NOT_FOUND
    assert fault_of(schema(field("a"), keys=["a", "a"])) is SchemaFault.DUPLICATE_KEY_FIELD


def capture(deletion: str, ordering: str) -> FullRowChangeDataCaptureConfiguration:
    return FullRowChangeDataCaptureConfiguration(
        deletion_field_name=deletion, ordering_field_name=ordering
    )


ROWS = [
    field("k"),
    field("gone", BooleanType()),
    field("at", TimestampType()),
    field("x", DoubleType()),
]


def test_a_change_data_capture_that_fits_is_taken():
    check_schema(schema(*ROWS, keys=["k"], capture=capture("gone", "at")))


@pytest.mark.parametrize(
    ("keys", "deletion", "ordering"),
    [
        (None, "gone", "at"),
        ([], "gone", "at"),
        (["k"], "missing", "at"),
        (["k"], "gone", "missing"),
        (["k"], "at", "at"),
        (["k"], "gone", "x"),
        (["k"], "gone", "gone"),
    ],
)
def test_any_other_change_data_capture_is_refused(keys, deletion, ordering):
    with pytest.raises(InvalidChangeDataCaptureConfigurationError):
        check_schema(schema(*ROWS, keys=keys, capture=capture(deletion, ordering)))
