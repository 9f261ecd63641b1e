"""Arrays to values: a column becomes what msgspec writes as canonical JSON."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import islice, pairwise
from math import isfinite
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types as pat

from sluiceway.schema.arrow.errors import ColumnsError
from sluiceway.schema.arrow.types import STORED, arrow_type
from sluiceway.schema.floats import as_json
from sluiceway.schema.rows import row_class
from sluiceway.schema.types import (
    ArrayFieldType,
    BooleanType,
    DataType,
    DateType,
    DecimalType,
    DoubleType,
    Field,
    FieldSchema,
    FloatType,
    MapFieldType,
    StringType,
    StructFieldType,
    TimestampType,
)

Column = Callable[[Any], list[Any]]
"""Gives the values of an array, ``None`` for null.

Raises:
    ColumnsError: The array is not of the field's type, or has a null that may not be.
"""

_ALIKE: Final[dict[Any, tuple[Any, ...]]] = {
    pa.string(): (pa.large_string(), pa.string_view()),
    pa.binary(): (pa.large_binary(), pa.binary_view()),
    pa.int32(): (pa.int8(), pa.int16()),
    pa.int64(): (pa.int8(), pa.int16(), pa.int32()),
}
"""Other types that readers give for a stored one, or that it had before it became wider, with the
very same values."""


def column_of(schema: FieldSchema, where: str) -> Column:
    """Make the column of the field *where*, of an item, or of a value of a map."""
    values = _column(schema.data_type, where)
    if schema.nullable:
        return values

    def present(array: Any) -> list[Any]:  # noqa: ANN401 - a pa.Array
        if array.null_count:
            raise ColumnsError("null where none may be", field=where)
        return values(array)

    return present


def struct_columns(fields: Sequence[Field], where: str) -> list[tuple[str, Column]]:
    """Make the columns of *fields*, each with its name, inside of *where*."""
    return [(field.name, column_of(field.schema, f"{where}{field.name}")) for field in fields]


def _column(data_type: DataType, where: str) -> Column:
    match data_type:
        case ArrayFieldType(items_schema=items):
            return _lists(column_of(items, f"{where}[]"), where)
        case MapFieldType(key_schema=keys, value_schema=values):
            names = _keys(keys.data_type, f"{where} (keys)")
            return _maps(names, column_of(values, f"{where}[]"), where)
        case StructFieldType(sub_fields=fields):
            return _structs(fields, where)
        case _:
            return _of_type(arrow_type(data_type, STORED), _leaf(data_type), where)


def _of_type(kind: Any, values: Column, where: str) -> Column:  # noqa: ANN401 - a pa.DataType
    alike = _ALIKE.get(kind, ())

    def of_type(array: Any) -> list[Any]:  # noqa: ANN401 - a pa.Array
        found = array.type
        if pat.is_dictionary(found):
            return of_type(array.dictionary_decode())
        try:
            if found == kind:
                return values(array)
            # The zone of a moment is only how it is shown.
            if found in alike or (pat.is_timestamp(found) and found.tz and pat.is_timestamp(kind)):
                return values(array.cast(kind))
        except pa.ArrowInvalid as error:
            raise ColumnsError(str(error), field=where) from None
        raise ColumnsError(f"the column has the type {found}, not {kind}", field=where)

    return of_type


def _leaf(data_type: DataType) -> Column:
    match data_type:
        case FloatType() | DoubleType():
            return _floats
        case DecimalType():
            return _decimals if data_type.fraction_digits else _texts
        case DateType():
            return _texts
        case TimestampType():
            return _moments
        case _:
            return _as_they_are


def _as_they_are(array: Any) -> list[Any]:  # noqa: ANN401 - a pa.Array
    values: list[Any] = array.to_pylist()
    return values


def _texts(array: Any) -> list[Any]:  # noqa: ANN401 - a pa.Array
    return _as_they_are(array.cast(pa.string()))


def _floats(array: Any) -> list[Any]:  # noqa: ANN401 - a pa.Array
    values = _as_they_are(array)
    if array.null_count:
        are_finite = pc.all(pc.is_finite(array)).as_py() is not False
    else:
        # One that is not would have made the sum the same.
        are_finite = isfinite(sum(values))
    if are_finite:
        return values
    return list(map(as_json, values))


def _decimals(array: Any) -> list[Any]:  # noqa: ANN401 - a pa.Array
    return [None if text is None else _shortest(text) for text in _texts(array)]


def _shortest(text: str) -> str:
    if "E" in text:
        text = format(Decimal(text), "f")
    return text.rstrip("0").rstrip(".")


def _moments(array: Any) -> list[Any]:  # noqa: ANN401 - a pa.Array
    milliseconds = array.cast(pa.timestamp("ms", "UTC"))
    return _as_they_are(milliseconds.view(pa.int64()))


def _keys(data_type: DataType, where: str) -> Column:
    kind = arrow_type(data_type, STORED)
    match data_type:
        case StringType() | DecimalType() | DateType():
            return _of_type(kind, _leaf(data_type), where)
        case TimestampType():
            return _of_type(kind, lambda array: list(map(str, _moments(array))), where)
        case BooleanType():
            return _of_type(kind, _texts, where)
        case _:
            return _of_type(kind, _texts, where)


def _lists(items: Column, where: str) -> Column:
    def lists(array: Any) -> list[Any]:  # noqa: ANN401 - a pa.ListArray
        places, start, size = _places(array)
        values = items(array.values.slice(start, size))
        return [values[low:high] for low, high in pairwise(places)]

    return _nested(lists, (pat.is_list, pat.is_large_list), where)


def _maps(keys: Column, items: Column, where: str) -> Column:
    def maps(array: Any) -> list[Any]:  # noqa: ANN401 - a pa.MapArray
        places, start, size = _places(array)
        names = keys(array.keys.slice(start, size))
        values = items(array.items.slice(start, size))
        entries = zip(names, values, strict=True)
        return [dict(islice(entries, high - low)) for low, high in pairwise(places)]

    return _nested(maps, (pat.is_map,), where)


def _places(array: Any) -> tuple[list[int], int, int]:  # noqa: ANN401 - a pa.ListArray
    """Give where each list ends and the next begins, and which part of the values they all are."""
    offsets = array.offsets.to_pylist()
    start = offsets[0]
    return [offset - start for offset in offsets], start, offsets[-1] - start


def _structs(fields: Sequence[Field], where: str) -> Column:
    parts = struct_columns(fields, f"{where}.")
    row = row_class([field.name for field in fields])

    def structs(array: Any) -> list[Any]:  # noqa: ANN401 - a pa.StructArray
        values = [part(_inside(array, name, where)) for name, part in parts]
        return list(map(row, *values))

    return _nested(structs, (pat.is_struct,), where)


def _inside(array: Any, name: str, where: str) -> Any:  # noqa: ANN401 - two pa.Array
    at = array.type.get_field_index(name)
    if at < 0:
        raise ColumnsError("there is no such column", field=f"{where}.{name}")
    return array.field(at)


def _nested(values: Column, kinds: Sequence[Callable[[Any], bool]], where: str) -> Column:
    """Check that an array is of one of *kinds*; *values* is given those that are not null."""

    def nested(array: Any) -> list[Any]:  # noqa: ANN401 - a pa.Array
        if not any(is_kind(array.type) for is_kind in kinds):
            raise ColumnsError(f"the column has the type {array.type}", field=where)
        if not array.null_count:
            return values(array) if len(array) else []
        # What is inside of a null may be anything.
        rest = iter(values(array.drop_null()))
        return [next(rest) if is_valid else None for is_valid in array.is_valid().to_pylist()]

    return nested
