"""Inference: the type guessed for what a sample shows, and why."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.schemas import records_for, schemas
from sluiceway.schema.compiled import Shape, compile_schema
from sluiceway.schema.errors import BodyInvalidError, InvalidFieldSchemaError
from sluiceway.schema.inference import (
    SAMPLE_BYTES_MAX,
    SAMPLE_RECORDS_MAX,
    FieldGuess,
    SampleInvalidError,
    infer_schema,
)
from sluiceway.schema.rules import DEPTH_MAX, FIELDS_MAX, check_schema
from sluiceway.schema.types import DecimalType


def guesses_of(sample: object) -> dict[str, FieldGuess]:
    return {guess.path: guess for guess in infer_schema(sample).guesses}


@pytest.mark.parametrize(
    ("name", "values", "guessed", "is_doubtful"),
    [
        ("flag", [True, False], "boolean", False),
        ("temperature", [4.132], "double", False),
        ("temperature", [4, 4.5], "double", False),
        ("temperature", [4], "double", True),
        ("temperature", [4, "NaN"], "double", False),
        ("temperature", ["NaN", "Infinity"], "double", False),
        ("user_id", [4], "long", False),
        ("retryCount", [4], "long", False),
        ("paid", [4], "double", True),
        ("reading", [2**53 + 1], "long", False),
        ("reading", [2**63], "decimal", False),
        ("reading", [10**38], "double", True),
        ("created_at", [1731426022784], "timestamp", False),
        ("eventTime", [1731426022784], "timestamp", False),
        ("ts", [1731426022784, 5], "double", True),
        ("reading", [1731426022784], "double", True),
        ("timeout", [30], "double", True),
        ("when", ["2024-11-12T15:40:22Z", "2024-11-12T15:40:22.5+01:00"], "timestamp", False),
        ("when", ["2024-11-12T15:40:22"], "string", True),
        ("when", ["2024-11-12T15:40:22Z", "soon"], "string", True),
        ("day", ["2024-02-29"], "date", False),
        ("day", ["2023-02-29"], "string", False),
        ("zip", ["01234"], "string", False),
        ("x", [None], "string", True),
        ("x", [1, "a"], "string", True),
        ("x", [True, 1], "string", True),
        ("x", [[1], {"a": 1}], "string", True),
        ("x", [{"a": 1}, 1], "string", True),
        ("x", [[]], "array", True),
        ("x", [{}], "map", True),
        ("x", [[1.5]], "array", False),
        ("x", [{"a": 1}], "struct", False),
    ],
)
def test_a_type_is_guessed_with_its_reason(name, values, guessed, is_doubtful):
    guess = guesses_of([{name: value} for value in values])[name]

    assert guess.type == guessed
    assert guess.why
    assert (guess.warning is not None) is is_doubtful


def test_nested_objects_and_arrays_become_structs_and_arrays():
    sample = {"a": {"b": [{"c": 1.5}, {"d": "x"}]}, "e": [[True]]}

    guesses = guesses_of(sample)

    assert {path: guess.type for path, guess in guesses.items()} == {
        "a": "struct",
        "a.b": "array",
        "a.b[]": "struct",
        "a.b[].c": "double",
        "a.b[].d": "string",
        "e": "array",
        "e[]": "array",
        "e[][]": "boolean",
    }


def test_a_field_that_is_left_out_says_so():
    guesses = guesses_of([{"a": "x", "b": None}, {"a": "y", "b": "z"}, {"a": "z"}])

    assert guesses["a"].why == "strings"
    assert guesses["b"].why == "strings; null or left out in 2 of 3"


def test_all_inferred_fields_are_nullable_and_without_keys():
    schema = infer_schema({"a": [1.5], "b": {"c": "x"}}).schema

    assert b'"nullable":false' not in msgspec.json.encode(schema)
    assert schema.key_field_names is None


def test_a_huge_whole_number_becomes_a_decimal_of_38_digits():
    (field,) = infer_schema({"a": 10**37}).schema.fields

    assert field.schema.data_type == DecimalType(precision=38, scale=0)


def test_a_sample_is_text_or_a_value():
    sample = {"a": 1.5}

    assert infer_schema(json.dumps(sample).encode()) == infer_schema(sample)
    assert infer_schema([sample]) == infer_schema(sample)


@given(data=st.data(), schema=schemas())
def test_the_inferred_schema_is_one_that_a_stream_may_have(data, schema):
    sample = [data.draw(records_for(schema)) for _ in range(3)]

    try:
        inferred = infer_schema(sample)
    except InvalidFieldSchemaError:
        # The keys of a map look like fields, and not all of them can be.
        return
    except SampleInvalidError:
        assert not any(sample)
        return

    check_schema(inferred.schema)
    assert inferred.record_count == 3


@given(
    sample=st.lists(
        st.fixed_dictionaries(
            {
                "a": st.floats(allow_nan=False, allow_infinity=False)
                | st.integers(-(2**40), 2**40),
                "b": st.text(),
                "c": st.none() | st.lists(st.booleans()),
                "d": st.dictionaries(st.sampled_from(["x", "y"]), st.text(), min_size=1),
            }
        ),
        min_size=1,
        max_size=4,
    )
)
def test_an_inferred_schema_takes_the_sample_it_came_from(sample):
    compiled = compile_schema(infer_schema(sample).schema)

    decoded = compiled.decode(
        Shape.RECORDS,
        msgspec.json.encode({"records": sample}),
        records_max=10,
        record_bytes_max=1_000_000,
    )

    assert len(decoded.records) == len(sample)


@pytest.mark.parametrize("sample", [b"[]", b"{}", b"[{}]", b"1", b"null", b'"x"', b'[{"a":1},1]'])
def test_a_sample_without_fields_is_refused(sample):
    with pytest.raises(SampleInvalidError):
        infer_schema(sample)


@pytest.mark.parametrize("sample", [b"", b"{", b'{"a":NaN}', b'{"a":"\xff"}', b"[" * 100_000])
def test_a_sample_that_is_no_json_is_refused(sample):
    with pytest.raises(BodyInvalidError):
        infer_schema(sample)


def test_a_sample_with_a_name_that_no_field_may_have_is_refused():
    with pytest.raises(InvalidFieldSchemaError):
        infer_schema({'a"b': 1})


def test_a_sample_may_have_as_many_levels_and_fields_as_a_schema():
    def nested(levels: int) -> object:
        return 1.5 if levels == 1 else [nested(levels - 1)]

    infer_schema({"a": nested(DEPTH_MAX)})
    infer_schema({f"f{number}": 1 for number in range(FIELDS_MAX)})

    with pytest.raises(SampleInvalidError):
        infer_schema({"a": nested(DEPTH_MAX + 1)})
    with pytest.raises(SampleInvalidError):
        infer_schema({f"f{number}": 1 for number in range(FIELDS_MAX + 1)})


def test_a_sample_may_have_as_many_bytes_as_the_most():
    def sized(size: int) -> bytes:
        return b'{"a":"' + b"x" * (size - len(b'{"a":""}')) + b'"}'

    infer_schema(sized(SAMPLE_BYTES_MAX))

    with pytest.raises(SampleInvalidError):
        infer_schema(sized(SAMPLE_BYTES_MAX + 1))


def test_only_the_first_records_are_looked_at():
    sample = [{"a": 1}] * SAMPLE_RECORDS_MAX + [{"b": 1}]

    inferred = infer_schema(sample)

    assert inferred.record_count == SAMPLE_RECORDS_MAX
    assert [field.name for field in inferred.schema.fields] == ["a"]
