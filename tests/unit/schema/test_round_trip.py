"""Compiled schemas: what is read is what was pushed, and nothing else is taken."""

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from fixtures.schemas import examples_for, records_for, schemas
from sluiceway.foundation.errors import SluicewayError
from sluiceway.schema.compiled import Decoded, Shape, compile_schema
from sluiceway.schema.diagnosis import PROBLEMS_MAX
from sluiceway.schema.errors import RecordsInvalidError
from sluiceway.schema.rules import check_schema
from sluiceway.schema.types import StreamSchema

LIMITS: dict[str, int] = {"records_max": 100, "record_bytes_max": 1_000_000}

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


def body_of(shape: Shape, records: list[Any]) -> bytes:
    match shape:
        case Shape.RECORD:
            return msgspec.json.encode({"record": records[0]})
        case Shape.RECORDS:
            return msgspec.json.encode({"records": records})
        case Shape.LEGACY_RECORD:
            return msgspec.json.encode(records[0])
        case Shape.LEGACY_RECORDS:
            return msgspec.json.encode([{"value": record} for record in records])
        case Shape.BARE_RECORDS:
            return msgspec.json.encode(records)
        case Shape.LINES:
            return msgspec.json.Encoder().encode_lines(records)


def lines_of(schema: StreamSchema, shape: Shape, body: bytes) -> bytes:
    compiled = compile_schema(schema)
    return compiled.encode(compiled.decode(shape, body, **LIMITS).records)


def attempt(schema: StreamSchema, shape: Shape, body: bytes) -> Decoded | Exception:
    try:
        return compile_schema(schema).decode(shape, body, **LIMITS)
    except (SluicewayError, RecordsInvalidError) as error:
        return error


@given(data=st.data(), schema=schemas(), shape=st.sampled_from(Shape))
def test_what_is_given_back_is_the_canonical_form_of_what_was_pushed(data, schema, shape):
    check_schema(schema)
    count = 1 if shape in {Shape.RECORD, Shape.LEGACY_RECORD} else 3
    examples = [data.draw(examples_for(schema)) for _ in range(count)]

    lines = lines_of(schema, shape, body_of(shape, [example.sent for example in examples]))

    given_back = [msgspec.json.decode(line) for line in lines.splitlines()]
    assert given_back == [example.canonical for example in examples]
    assert [list(record) for record in given_back] == [
        [field.name for field in schema.fields] for _ in examples
    ]


@given(data=st.data(), schema=schemas())
def test_a_record_that_was_given_back_can_be_pushed_again_unchanged(data, schema):
    sent = data.draw(records_for(schema))
    first = lines_of(schema, Shape.LEGACY_RECORD, msgspec.json.encode(sent))

    second = lines_of(schema, Shape.LEGACY_RECORD, first)

    assert second == first


@given(data=st.data(), schema=schemas())
def test_every_way_of_decoding_gives_the_same_bytes(data, schema):
    compiled = compile_schema(schema)
    canonical = data.draw(examples_for(schema)).canonical
    body = body_of(Shape.RECORDS, [canonical])

    ways = [
        compiled._strict[Shape.RECORDS](body),
        compiled._decode_lenient(Shape.RECORDS, body, 100),
        compiled._diagnosis.decode(Shape.RECORDS, body, records_max=100),
    ]

    assert len({compiled.encode(way.records) for way in ways}) == 1


@given(schema=schemas(), values=st.lists(json_values, min_size=1, max_size=3))
def test_any_json_is_taken_or_refused_with_a_problem(schema, values):
    outcome = attempt(schema, Shape.RECORDS, body_of(Shape.RECORDS, values))

    if isinstance(outcome, RecordsInvalidError):
        assert 1 <= len(outcome.problems) <= min(outcome.invalid_count, PROBLEMS_MAX)
        assert all(0 <= problem.index < len(values) for problem in outcome.problems)
        assert all(problem.expected for problem in outcome.problems)
        assert all(len(problem.found) <= 80 for problem in outcome.problems)
    else:
        assert isinstance(outcome, Decoded)


@given(data=st.data(), schema=schemas())
def test_a_record_with_one_value_replaced_is_taken_or_its_field_is_named(data, schema):
    record = data.draw(records_for(schema))
    name = data.draw(st.sampled_from([field.name for field in schema.fields]))
    replaced = {**record, name: data.draw(json_values)}

    outcome = attempt(schema, Shape.LEGACY_RECORD, msgspec.json.encode(replaced))

    if isinstance(outcome, RecordsInvalidError):
        (problem,) = outcome.problems
        assert problem.path.startswith((name[:60], '["'))
    else:
        assert isinstance(outcome, Decoded)


@given(data=st.data(), schema=schemas(), shape=st.sampled_from(Shape))
def test_a_body_with_bytes_changed_never_breaks_the_decoder(data, schema, shape):
    body = bytearray(body_of(shape, [data.draw(records_for(schema))]))
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(body)))
        end = data.draw(st.integers(start, min(start + 3, len(body))))
        body[start:end] = data.draw(st.binary(max_size=3))

    outcome = attempt(schema, shape, bytes(body))

    assert isinstance(outcome, Decoded | SluicewayError | RecordsInvalidError)


@given(data=st.data(), schema=schemas())
def test_no_canonical_record_is_larger_than_the_bound_that_decides_on_measuring(data, schema):
    compiled = compile_schema(schema)
    body = msgspec.json.encode(data.draw(records_for(schema)))

    line = lines_of(schema, Shape.LEGACY_RECORD, body)

    assert len(line) - 1 <= compiled._factor * len(body) + compiled._fixed


@given(schema=schemas())
def test_the_sample_record_fits_its_schema(schema):
    compiled = compile_schema(schema)

    record = compiled.sample_record()

    line = lines_of(schema, Shape.LEGACY_RECORD, msgspec.json.encode(record))
    assert msgspec.json.decode(line) == record
    assert compiled.sample_record() == record
