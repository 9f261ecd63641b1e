"""Changes of a schema: what stored records stay records of, and what they become."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.schemas import field_names, leaf_types, records_for, schemas
from sluiceway.schema.arrow.columns import columns_of
from sluiceway.schema.compiled import compile_schema
from sluiceway.schema.evolution import ChangeKind, Fault, changes, refusals
from sluiceway.schema.shapes import Shape
from sluiceway.schema.types import (
    ArrayFieldType,
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

LIMITS: dict[str, int] = {"records_max": 100, "record_bytes_max": 1_000_000}
WHOLE = [ByteType(), ShortType(), IntegerType(), LongType()]


def slot(data_type: DataType, *, nullable: bool = True) -> FieldSchema:
    return FieldSchema(nullable=nullable, data_type=data_type)


def field(name: str, data_type: DataType, *, nullable: bool = True) -> Field:
    return Field(name=name, schema=slot(data_type, nullable=nullable))


def schema_of(*fields: Field, keys: list[str] | None = None) -> StreamSchema:
    return StreamSchema(fields=list(fields), key_field_names=keys)


def found(old: StreamSchema, new: StreamSchema) -> list[tuple[str, Fault]]:
    return [(refusal.field, refusal.fault) for refusal in refusals(old, new)]


def of_type(old: DataType, new: DataType) -> list[tuple[str, Fault]]:
    return found(schema_of(field("f", old)), schema_of(field("f", new)))


@st.composite
def grown_fields(draw: st.DrawFn, fields: list[Field]) -> list[Field]:
    grown = [Field(name=one.name, schema=draw(grown_schemas(one.schema))) for one in fields]
    taken = {one.name for one in fields}
    for name in draw(st.lists(field_names, max_size=2, unique=True)):
        if name not in taken:
            at = draw(st.integers(0, len(grown)))
            grown.insert(at, field(name, draw(leaf_types)))
    return grown


@st.composite
def grown_schemas(draw: st.DrawFn, schema: FieldSchema) -> FieldSchema:
    nullable = schema.nullable or draw(st.booleans())
    return FieldSchema(nullable=nullable, data_type=draw(_grown_types(schema.data_type)))


def _grown_types(data_type: DataType) -> st.SearchStrategy[DataType]:
    match data_type:
        case ArrayFieldType(items_schema=items):
            return st.builds(ArrayFieldType, items_schema=grown_schemas(items))
        case MapFieldType(key_schema=keys, value_schema=values):
            return st.builds(
                MapFieldType, key_schema=st.just(keys), value_schema=grown_schemas(values)
            )
        case StructFieldType(sub_fields=fields):
            return st.builds(StructFieldType, sub_fields=grown_fields(fields))
        case ByteType() | ShortType() | IntegerType():
            return st.sampled_from(WHOLE[WHOLE.index(data_type) :])
        case FloatType():
            return st.sampled_from([FloatType(), DoubleType()])
        case _:
            return st.just(data_type)


@settings(max_examples=20)
@given(data=st.data(), old=schemas())
def test_what_was_stored_becomes_what_would_be_stored_under_the_new_schema(data, old):
    fields = data.draw(grown_fields(old.fields))
    new = StreamSchema(fields=fields, key_field_names=old.key_field_names)
    before, after = compile_schema(old), compile_schema(new)
    body = msgspec.json.encode(data.draw(st.lists(records_for(old), min_size=1, max_size=3)))
    records = before.decode(Shape.BARE_RECORDS, body, **LIMITS).records
    stored = before.encode(records)

    again = after.decode(Shape.LINES, stored, **LIMITS).records

    assert found(old, new) == []
    columns = columns_of(new)
    assert columns.write_lines(columns.read_lines(stored)) == after.encode(again).splitlines()
    partitions = [
        [number for number, part in compiled.partitions(some, 7, 0) for _ in part]
        for compiled, some in ((before, records), (after, again))
    ]
    assert partitions[0] == partitions[1]


def test_added_fields_are_null_and_other_values_stay():
    old = schema_of(
        field("a", ByteType()), field("s", StructFieldType(sub_fields=[field("x", FloatType())]))
    )
    new = schema_of(
        field("new", DateType()),
        field("a", LongType()),
        field(
            "s", StructFieldType(sub_fields=[field("y", StringType()), field("x", DoubleType())])
        ),
    )

    columns = columns_of(new)
    lines = b'{"a":1,"s":{"x":0.1}}\n{"a":null,"s":null}\n'

    assert found(old, new) == []
    assert columns.write_lines(columns.read_lines(lines)) == [
        b'{"new":null,"a":1,"s":{"y":null,"x":0.1}}',
        b'{"new":null,"a":null,"s":null}',
    ]
    assert [(one.field, one.kind) for one in changes(old, new)] == [
        ("new", ChangeKind.FIELD_ADDED),
        ("a", ChangeKind.TYPE_WIDENED),
        ("s.y", ChangeKind.FIELD_ADDED),
        ("s.x", ChangeKind.TYPE_WIDENED),
    ]


def test_numbers_become_wider_and_never_narrower():
    floating = [FloatType(), DoubleType()]

    for types in (WHOLE, floating):
        for at, one in enumerate(types):
            for place, other in enumerate(types):
                expected: list[Any] = [] if at <= place else [("f", Fault.TYPE_CHANGED)]
                assert of_type(one, other) == expected


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (IntegerType(), DoubleType()),
        (LongType(), TimestampType()),
        (LongType(), DecimalType(precision=38, scale=0)),
        (DecimalType(precision=9, scale=2), DecimalType(precision=10, scale=2)),
        (StringType(), ArrayFieldType(items_schema=slot(StringType()))),
        (DateType(), TimestampType()),
    ],
)
def test_other_changes_of_a_type_are_refused_by_the_field(old, new):
    assert of_type(old, new) == [("f", Fault.TYPE_CHANGED)]


def test_the_reason_names_the_field_and_the_types():
    old = schema_of(field("f", DecimalType()))
    new = schema_of(
        field("f", DecimalType(precision=10, scale=2)), field("g", ByteType(), nullable=False)
    )

    assert [refusal.message for refusal in refusals(old, new)] == [
        f"f: {Fault.TYPE_CHANGED.value}: decimal(38,18) to decimal(10,2)",
        "g: the field is new and not nullable, and stored records do not have it",
    ]
    assert refusals(old, schema_of(field("f", DecimalType(precision=38, scale=18)))) == []


def test_fields_that_go_move_or_come_without_null_are_refused():
    a, b, c = (field(name, StringType()) for name in "abc")

    assert found(schema_of(a, b), schema_of(a)) == [("b", Fault.REMOVED)]
    assert found(schema_of(a, b), schema_of(b, a)) == [("b", Fault.MOVED)]
    assert found(schema_of(a, b), schema_of(c, a, b)) == []
    assert found(schema_of(a), schema_of(field("A", StringType()))) == [("a", Fault.REMOVED)]
    needed = field("d", StringType(), nullable=False)
    assert found(schema_of(a), schema_of(a, needed)) == [("d", Fault.ADDED_NOT_NULLABLE)]


def test_null_may_be_allowed_and_never_forbidden():
    loose, tight = field("f", StringType()), field("f", StringType(), nullable=False)

    assert found(schema_of(tight), schema_of(loose)) == []
    assert found(schema_of(loose), schema_of(tight)) == [("f", Fault.NULL_TAKEN_AWAY)]


def test_what_is_inside_of_lists_maps_and_structs_follows_the_same_rules():
    def nested(inner: FieldSchema, keys: DataType) -> StreamSchema:
        return schema_of(
            field("l", ArrayFieldType(items_schema=inner)),
            field("m", MapFieldType(key_schema=slot(keys), value_schema=inner)),
            field(
                "s", StructFieldType(sub_fields=[Field(name="x", schema=inner), field("y", keys)])
            ),
        )

    assert (
        found(
            nested(slot(ByteType(), nullable=False), ByteType()),
            nested(slot(LongType()), ByteType()),
        )
        == []
    )
    assert found(nested(slot(LongType()), ByteType()), nested(slot(ByteType()), ShortType())) == [
        ("l[]", Fault.TYPE_CHANGED),
        ("m", Fault.MAP_KEYS_CHANGED),
        ("m[]", Fault.TYPE_CHANGED),
        ("s.x", Fault.TYPE_CHANGED),
    ]


def test_keys_and_change_data_capture_stay_what_they_are():
    fields = [field("k", StringType()), field("d", BooleanType()), field("o", LongType())]
    capture = FullRowChangeDataCaptureConfiguration(
        deletion_field_name="d", ordering_field_name="o"
    )
    plain, keyed = schema_of(*fields), schema_of(*fields, keys=["k"])
    captured = StreamSchema(fields=fields, key_field_names=["k"], change_data_capture=capture)

    assert found(plain, keyed) == [("", Fault.KEYS_CHANGED)]
    assert found(keyed, schema_of(*fields, keys=["k", "o"])) == [("", Fault.KEYS_CHANGED)]
    assert found(keyed, captured) == [("", Fault.CAPTURE_CHANGED)]
    assert found(plain, StreamSchema(fields=fields, key_field_names=[])) == []


def test_metadata_without_a_meaning_may_change():
    old = schema_of(field("f", StringType()))
    schema = FieldSchema(nullable=True, data_type=StringType(), custom_metadata={"a": 1})

    new = schema_of(Field(name="f", schema=schema))

    assert found(old, new) == []
    assert [one.kind for one in changes(old, new)] == [ChangeKind.METADATA_CHANGED]


def test_a_field_may_not_take_the_name_of_a_column_of_ours():
    old = schema_of(field("f", StringType()))

    assert found(old, schema_of(*old.fields, field("_OFFSET", LongType()))) == [
        ("_offset", Fault.NAME_TAKEN)
    ]
    there = schema_of(field("_offset", StringType()))
    assert found(there, schema_of(*there.fields, field("g", LongType()))) == []
    assert found(there, schema_of(*there.fields, field("__offset", LongType()))) == [
        ("__offset", Fault.NAME_TAKEN)
    ]
