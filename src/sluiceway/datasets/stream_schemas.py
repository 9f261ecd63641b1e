"""The schema of a stream's table, as that of a dataset: the stream's columns, and our own."""

import uuid
from typing import Any, Final

import msgspec

from sluiceway.datasets.schemas import (
    DataframeReader,
    DatasetFieldSchema,
    DatasetSchema,
    SchemaFieldType,
)
from sluiceway.datasets.types import SchemaVersion
from sluiceway.schema.own_columns import own_columns
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
from sluiceway.streams.types import View

_STORED: Final[dict[type[DataType], SchemaFieldType]] = {
    BooleanType: SchemaFieldType.BOOLEAN,
    ByteType: SchemaFieldType.INTEGER,
    ShortType: SchemaFieldType.INTEGER,
    IntegerType: SchemaFieldType.INTEGER,
    LongType: SchemaFieldType.LONG,
    FloatType: SchemaFieldType.DOUBLE,
    DoubleType: SchemaFieldType.DOUBLE,
    StringType: SchemaFieldType.STRING,
    BinaryType: SchemaFieldType.BINARY,
    DateType: SchemaFieldType.DATE,
    TimestampType: SchemaFieldType.TIMESTAMP,
    DecimalType: SchemaFieldType.DECIMAL,
    ArrayFieldType: SchemaFieldType.ARRAY,
    MapFieldType: SchemaFieldType.MAP,
    StructFieldType: SchemaFieldType.STRUCT,
}
"""The types that are stored, see decision 25: no digit is lost, and every door gives the same."""


def stream_schema_version(view: View) -> SchemaVersion:
    """Give the schema of the table of *view*; its id is the same as long as the schema is."""
    text = msgspec.json.encode(view.schema, order="deterministic").decode()
    return SchemaVersion(
        version_id=str(uuid.uuid5(uuid.NAMESPACE_URL, f"{view.view_rid}/{text}")),
        dataset_rid=view.dataset_rid,
        schema=_dataset_schema(view),
        dataframe_reader=DataframeReader.PARQUET,
        created_ms=view.created_ms,
    )


def _dataset_schema(view: View) -> DatasetSchema:
    own = own_columns(view.schema)
    return DatasetSchema(
        field_schema_list=[
            *map(_of_field, view.schema.fields),
            DatasetFieldSchema(type=SchemaFieldType.INTEGER, nullable=False, name=own.partition),
            DatasetFieldSchema(type=SchemaFieldType.LONG, nullable=False, name=own.offset),
            DatasetFieldSchema(
                type=SchemaFieldType.TIMESTAMP, nullable=False, name=own.ingested_at
            ),
        ]
    )


def _of_field(field: Field) -> DatasetFieldSchema:
    return _column(field.schema, field.name)


def _column(given: FieldSchema, name: str | None = None) -> DatasetFieldSchema:
    kind, more = given.data_type, dict[str, Any]()
    match kind:
        case DecimalType():
            more = {"precision": kind.digits, "scale": kind.fraction_digits}
        case ArrayFieldType():
            more = {"array_subtype": _column(kind.items_schema)}
        case MapFieldType():
            more = {
                "map_key_type": _column(kind.key_schema),
                "map_value_type": _column(kind.value_schema),
            }
        case StructFieldType():
            more = {"sub_schemas": [_of_field(field) for field in kind.sub_fields]}
        case _:
            pass
    return DatasetFieldSchema(
        type=_STORED[type(kind)],
        nullable=given.nullable,
        name=name,
        custom_metadata=given.custom_metadata,
        **more,
    )
