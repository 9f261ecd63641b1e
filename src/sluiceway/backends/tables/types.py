"""Columns of a dataset's schema as Arrow types, and what in a file fits them."""

from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from sluiceway.datasets.schemas import DatasetFieldSchema, SchemaFieldType

NESTED: Final = {SchemaFieldType.ARRAY, SchemaFieldType.MAP, SchemaFieldType.STRUCT}
TIMESTAMP: Final = pa.timestamp("us", tz="UTC")
_PLAIN: Final = {
    SchemaFieldType.BINARY: pa.binary(),
    SchemaFieldType.BOOLEAN: pa.bool_(),
    SchemaFieldType.BYTE: pa.int8(),
    SchemaFieldType.DATE: pa.date32(),
    SchemaFieldType.DOUBLE: pa.float64(),
    SchemaFieldType.FLOAT: pa.float32(),
    SchemaFieldType.INTEGER: pa.int32(),
    SchemaFieldType.LONG: pa.int64(),
    SchemaFieldType.SHORT: pa.int16(),
    SchemaFieldType.STRING: pa.string(),
    SchemaFieldType.TIMESTAMP: TIMESTAMP,
}


def arrow_field(field: DatasetFieldSchema, name: str | None = None) -> Any:  # noqa: ANN401 - pyarrow has no types
    """Give a column as a field of Arrow. It may hold nulls whatever the schema says of that."""
    return pa.field(name or field.name or "", arrow_type(field))


def arrow_type(field: DatasetFieldSchema) -> Any:  # noqa: ANN401 - same
    """Give the type of a column; the schema was checked when it was put."""
    match field.type:
        case SchemaFieldType.DECIMAL:
            return pa.decimal128(field.digits, field.fraction_digits)
        case SchemaFieldType.ARRAY:
            assert field.array_subtype is not None
            return pa.list_(arrow_field(field.array_subtype, "element"))
        case SchemaFieldType.MAP:
            assert field.map_key_type is not None
            assert field.map_value_type is not None
            return pa.map_(arrow_type(field.map_key_type), arrow_type(field.map_value_type))
        case SchemaFieldType.STRUCT:
            return pa.struct([arrow_field(one) for one in field.sub_schemas or []])
        case plain:
            return _PLAIN[plain]


def fits(found: Any, wanted: Any) -> bool:  # noqa: ANN401 - same; one line for each kind of type
    """Tell whether values of a file's type are values of the schema's, if not too large."""
    of = pa.types
    if found == wanted or of.is_null(found):
        return True
    if of.is_dictionary(found):
        return fits(found.value_type, wanted)
    if of.is_integer(wanted):
        return bool(of.is_integer(found))
    if of.is_floating(wanted):
        return bool(of.is_floating(found)) and found.bit_width <= wanted.bit_width
    if of.is_nested(wanted):
        return _nested_fits(found, wanted)
    same = (
        (of.is_decimal, of.is_decimal),
        (of.is_timestamp, of.is_timestamp),
        (of.is_date, of.is_date),
        (of.is_string, _is_text),
        (of.is_binary, _is_bytes),
    )
    return any(of_wanted(wanted) and of_found(found) for of_wanted, of_found in same)


def _nested_fits(found: Any, wanted: Any) -> bool:  # noqa: ANN401 - same
    of = pa.types
    if of.is_map(wanted):
        return bool(of.is_map(found)) and (
            fits(found.key_type, wanted.key_type) and fits(found.item_type, wanted.item_type)
        )
    if of.is_list(wanted):
        is_list = of.is_list(found) or of.is_large_list(found) or of.is_fixed_size_list(found)
        return bool(is_list) and fits(found.value_type, wanted.value_type)
    if not of.is_struct(found):
        return False
    there = {one.name: one.type for one in found}
    # One that the file lacks is null, as a whole column is; but not all of them.
    shared = [one for one in wanted if one.name in there]
    return len(there) == found.num_fields and (
        bool(shared) and all(fits(there[one.name], one.type) for one in shared)
    )


def _is_text(found: Any) -> bool:  # noqa: ANN401 - same
    return bool(pa.types.is_large_string(found) or pa.types.is_string_view(found))


def _is_bytes(found: Any) -> bool:  # noqa: ANN401 - same
    of = pa.types
    return bool(
        of.is_large_binary(found) or of.is_fixed_size_binary(found) or of.is_binary_view(found)
    )


def cast(array: Any, wanted: Any) -> Any:  # noqa: ANN401 - same
    """Give the values of a column that fits as the schema's type; moments to the microsecond.

    Raises:
        pyarrow.ArrowInvalid: A value is too large for it.
    """
    if array.type == wanted:
        return array
    return pc.cast(array, options=pc.CastOptions(wanted, allow_time_truncate=True))
