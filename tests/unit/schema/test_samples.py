"""Made-up records: they fit the schema that they are made for, whatever it is."""

import random

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.schemas import schemas
from sluiceway.schema.compiled import Shape, compile_schema
from sluiceway.schema.samples import make_record
from sluiceway.schema.types import Field, FieldSchema, StreamSchema, StringType


@settings(max_examples=40)
@given(schemas(), st.integers())
def test_a_made_up_record_fits_and_has_every_field(schema: StreamSchema, seed: int) -> None:
    chance = random.Random(seed)
    compiled = compile_schema(schema)

    made = [make_record(schema.fields, chance) for _ in range(5)]

    body = msgspec.json.encode(made)
    decoded = compiled.decode(Shape.BARE_RECORDS, body, records_max=5, record_bytes_max=1 << 20)
    assert len(decoded.records) == 5
    assert {tuple(record) for record in made} == {tuple(field.name for field in schema.fields)}


def test_values_differ_and_some_of_those_that_may_be_null_are() -> None:
    field = FieldSchema(nullable=True, data_type=StringType())
    chance = random.Random(1)

    made = [make_record([Field("text", field)], chance)["text"] for _ in range(200)]

    assert len(set(made)) > 100
    assert 0 < made.count(None) < 60
