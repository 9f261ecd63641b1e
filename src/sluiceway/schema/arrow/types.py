"""The Arrow type of each type: the one that is stored, and the one that was declared.

Stored types are those that Apache Iceberg has, each for one of its types, and wide enough that
every canonical value is kept with its digits.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pyarrow as pa

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
    StringType,
    StructFieldType,
    TimestampType,
)

Leaves = Mapping[type, Any]
"""The Arrow type of each type that holds no other, decimals apart."""

STORED: Final[Leaves] = {
    BooleanType: pa.bool_(),
    ByteType: pa.int32(),
    ShortType: pa.int32(),
    IntegerType: pa.int32(),
    LongType: pa.int64(),
    # A float is given back with the digits that were sent, which 32 bits would not keep.
    FloatType: pa.float64(),
    DoubleType: pa.float64(),
    StringType: pa.string(),
    BinaryType: pa.binary(),
    DateType: pa.date32(),
    TimestampType: pa.timestamp("us", "UTC"),
}
DECLARED: Final[Leaves] = {
    **STORED,
    ByteType: pa.int8(),
    ShortType: pa.int16(),
    FloatType: pa.float32(),
}


def arrow_fields(fields: Sequence[Field], leaves: Leaves) -> list[Any]:
    """Give the Arrow fields of *fields*, in their order."""
    return [_field(field.name, field.schema, leaves) for field in fields]


def arrow_type(data_type: DataType, leaves: Leaves) -> Any:  # noqa: ANN401 - a pa.DataType
    """Give the Arrow type of *data_type*; parts of lists and maps have Iceberg's names."""
    match data_type:
        case ArrayFieldType(items_schema=items):
            return pa.list_(_field("element", items, leaves))
        case MapFieldType(key_schema=keys, value_schema=values):
            key = pa.field("key", arrow_type(keys.data_type, leaves), nullable=False)
            return pa.map_(key, _field("value", values, leaves))
        case StructFieldType(sub_fields=fields):
            return pa.struct(arrow_fields(fields, leaves))
        case DecimalType():
            return pa.decimal128(data_type.digits, data_type.fraction_digits)
        case _:
            return leaves[type(data_type)]


def _field(name: str, schema: FieldSchema, leaves: Leaves) -> Any:  # noqa: ANN401 - a pa.Field
    return pa.field(name, arrow_type(schema.data_type, leaves), nullable=schema.nullable)
