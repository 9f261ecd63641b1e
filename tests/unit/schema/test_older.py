"""Lines of a schema that grew: cut by what they lack, and read back as they were."""

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.schemas import records_for, schemas
from sluiceway.schema.arrow.columns import columns_of
from sluiceway.schema.arrow.older import absent_columns
from sluiceway.schema.compiled import compile_schema
from sluiceway.schema.older import added_between, earlier_forms, runs, without
from sluiceway.schema.shapes import Shape
from sluiceway.schema.types import Field, StreamSchema
from unit.schema.test_evolution import grown_fields

LIMITS: dict[str, int] = {"records_max": 100, "record_bytes_max": 1_000_000}


def lines_of(data: st.DataObject, schema: StreamSchema) -> bytes:
    body = msgspec.json.encode(data.draw(st.lists(records_for(schema), min_size=1, max_size=3)))
    compiled = compile_schema(schema)
    return compiled.encode(compiled.decode(Shape.BARE_RECORDS, body, **LIMITS).records)


@settings(max_examples=25)
@given(data=st.data(), old=schemas())
def test_lines_of_two_schemas_come_back_byte_for_byte_whatever_their_order(data, old):
    new = StreamSchema(fields=data.draw(grown_fields(old.fields)))
    parts = [lines_of(data, schema) for schema in data.draw(st.permutations([old, new, old]))]
    lines = b"".join(parts)

    found = list(runs(lines, new.fields))

    assert b"".join(part for _, part in found) == lines
    for absent, part in found:
        columns = columns_of(StreamSchema(fields=without(new.fields, absent)), is_whole=True)
        rows = columns.read_lines(part)
        again = without(new.fields, absent_columns(new.fields, rows.schema))
        assert columns_of(StreamSchema(fields=again)).write_lines(rows) == part.splitlines()


def test_what_a_null_hides_is_told_by_its_neighbours():
    fields = msgspec.json.decode(
        b"""[{"name":"s","schema":{"nullable":true,"dataType":{"type":"struct","subFields":[
        {"name":"x","schema":{"nullable":true,"dataType":{"type":"long"}}},
        {"name":"y","schema":{"nullable":true,"dataType":{"type":"long"}}}]}}}]""",
        type=list[Field],
    )
    old, new = b'{"s":{"x":1}}\n', b'{"s":{"x":1,"y":null}}\n'
    either = b'{"s":null}\n'

    assert list(runs(either + old + either + new + either, fields)) == [
        (frozenset({("s", "y")}), either + old + either),
        (frozenset(), new + either),
    ]


@settings(max_examples=25)
@given(data=st.data(), old=schemas())
def test_what_was_sent_before_a_change_is_known_after_it(data, old):
    new = StreamSchema(fields=data.draw(grown_fields(old.fields)))
    sent = lines_of(data, old)
    again = compile_schema(new).decode(Shape.LINES, sent, **LIMITS).records

    forms = list(
        earlier_forms(
            compile_schema(new).encode(again), [list(added_between(old.fields, new.fields))]
        )
    )

    assert forms == [sent]
