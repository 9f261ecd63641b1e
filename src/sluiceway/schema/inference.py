"""A schema guessed from a sample of records, with the reason for each guess."""

from typing import Any, Final

import msgspec

from sluiceway.foundation.request_errors import InvalidArgumentError
from sluiceway.foundation.wire import Wire
from sluiceway.schema.errors import BodyInvalidError
from sluiceway.schema.guesses import Guess, guess_leaf, mixed
from sluiceway.schema.observation import Budget, Observation, SampleTooComplexError
from sluiceway.schema.rules import check_schema, type_name
from sluiceway.schema.types import (
    ArrayFieldType,
    DataType,
    Field,
    FieldSchema,
    MapFieldType,
    StreamSchema,
    StringType,
    StructFieldType,
)

SAMPLE_BYTES_MAX: Final = 1024 * 1024
"""Most bytes of a sample."""
SAMPLE_RECORDS_MAX: Final = 1_000
"""Most records of a sample that are looked at; later ones are ignored."""


class FieldGuess(Wire, frozen=True):
    """The type that was guessed for one field, and why."""

    path: str
    """The field, for instance ``address.lines``; ``[]`` stands for the items of an array."""
    type: str
    """The type's name, as in ``dataType.type``."""
    why: str
    warning: str | None = None
    """What to check before a stream gets this schema; left out if there is nothing."""


class InferredSchema(Wire, frozen=True):
    """A schema that takes every record of a sample whose values are not mixed."""

    schema: StreamSchema
    """All fields nullable, no keys."""
    guesses: list[FieldGuess]
    """One for each field at every level, in the order of the schema."""
    record_count: int
    """How many records of the sample were looked at."""


class SampleInvalidError(InvalidArgumentError):
    """No schema can be guessed from the sample."""


def infer_schema(sample: bytes | object) -> InferredSchema:
    """Guess the schema of *sample*: JSON text, or the value already parsed.

    It is one record (an object) or several (an array of objects).

    Raises:
        BodyInvalidError: The text is not JSON.
        SampleInvalidError: It is empty, too large or too complex, or holds anything but objects.
        InvalidSchemaError: The fields that were found cannot be those of a stream.
        InvalidFieldSchemaError: The name of one of them cannot.
    """
    records = _records(_parsed(sample) if isinstance(sample, bytes) else sample)
    seen, budget = Observation(), Budget()
    try:
        for record in records:
            seen.add(record, budget, level=0)
    except SampleTooComplexError as error:
        raise SampleInvalidError(f"the sample has {error}") from None
    if not seen.fields:
        raise SampleInvalidError("the records of the sample have no fields")
    guesses: list[FieldGuess] = []
    schema = StreamSchema(fields=_fields(seen, "", guesses))
    check_schema(schema)
    return InferredSchema(schema=schema, guesses=guesses, record_count=len(records))


def _parsed(text: bytes) -> Any:  # noqa: ANN401 - any JSON value
    if len(text) > SAMPLE_BYTES_MAX:
        raise SampleInvalidError(f"a sample may have {SAMPLE_BYTES_MAX} bytes")
    try:
        return msgspec.json.decode(text)
    except ValueError as error:
        raise BodyInvalidError(f"the sample is not JSON: {error}") from None
    except RecursionError:
        raise BodyInvalidError("the sample is nested too deep") from None


def _records(sample: object) -> list[Any]:
    records: list[Any] = sample if isinstance(sample, list) else [sample]
    records = records[:SAMPLE_RECORDS_MAX]
    if not records:
        raise SampleInvalidError("the sample has no record")
    if not all(isinstance(record, dict) for record in records):
        raise SampleInvalidError("a sample is an object, or an array of objects")
    return records


def _fields(seen: Observation, path: str, guesses: list[FieldGuess]) -> list[Field]:
    return [
        Field(
            name=name,
            schema=_guess(name, f"{path}.{name}" if path else name, values, seen.objects, guesses),
        )
        for name, values in seen.fields.items()
    ]


def _guess(
    name: str, path: str, seen: Observation, parents: int, guesses: list[FieldGuess]
) -> FieldSchema:
    """Guess the type of one place and of all that is in it; outer guesses come first."""
    present = seen.seen - seen.nulls
    position = len(guesses)
    inner: list[FieldGuess] = []
    if seen.arrays and seen.arrays == present:
        guess = _guess_array(name, path, seen, inner)
    elif seen.objects and seen.objects == present:
        guess = _guess_object(path, seen, inner)
    elif seen.arrays or seen.objects:
        guess = mixed(seen)
    else:
        guess = guess_leaf(name, seen)
    absent = parents - present if parents else seen.nulls
    why = guess.why
    if absent and present:
        why = f"{why}; null or left out in {absent} of {parents or seen.seen}"
    outer = FieldGuess(path=path, type=type_name(guess.data_type), why=why, warning=guess.warning)
    guesses[position:] = [outer, *inner]
    return _nullable(guess.data_type)


def _guess_array(name: str, path: str, seen: Observation, inner: list[FieldGuess]) -> Guess:
    if seen.items is None:
        return Guess(
            ArrayFieldType(items_schema=_nullable(StringType())),
            "only empty arrays in the sample",
            "the sample does not show the type of the items: string is assumed",
        )
    items = _guess(name, f"{path}[]", seen.items, 0, inner)
    return Guess(ArrayFieldType(items_schema=items), "arrays")


def _guess_object(path: str, seen: Observation, inner: list[FieldGuess]) -> Guess:
    if not seen.fields:
        text = _nullable(StringType())
        return Guess(
            MapFieldType(
                key_schema=FieldSchema(nullable=False, data_type=StringType()), value_schema=text
            ),
            "only empty objects in the sample",
            "the sample does not show any field: a map of strings is assumed",
        )
    return Guess(StructFieldType(sub_fields=_fields(seen, path, inner)), "objects")


def _nullable(data_type: DataType) -> FieldSchema:
    return FieldSchema(nullable=True, data_type=data_type)
