"""A table's columns: those of the stream, and three of our own."""

from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa
from pyiceberg.io.pyarrow import _ConvertToIcebergWithoutIDs, visit_pyarrow
from pyiceberg.schema import Schema, assign_fresh_schema_ids
from pyiceberg.table.sorting import SortField, SortOrder
from pyiceberg.transforms import IdentityTransform
from pyiceberg.types import ListType, MapType, NestedField, StructType

from sluiceway.schema.arrow.columns import Columns, columns_of
from sluiceway.schema.types import StreamSchema

FORMAT_VERSION: Final = 2
_INGESTED_AT: Final = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of the table of one stream."""

    columns: Columns
    partition: str
    """The name of the column with the partition, an int."""
    offset: str
    """That with the offset, a long."""
    ingested_at: str
    """That with the time of the commit to the log, a timestamp with zone."""

    @property
    def own(self) -> tuple[str, str, str]:
        """The names of our three."""
        return self.partition, self.offset, self.ingested_at

    def arrow_schema(self) -> pa.Schema:
        """Give all columns in their order."""
        return pa.schema(
            [
                *self.columns.arrow_schema,
                pa.field(self.partition, pa.int32(), nullable=False),
                pa.field(self.offset, pa.int64(), nullable=False),
                pa.field(self.ingested_at, _INGESTED_AT, nullable=False),
            ]
        )

    def iceberg_schema(self) -> Schema:
        """Give all columns as Iceberg has them, each with an id."""
        without_ids: Any = visit_pyarrow(
            self.arrow_schema(), _ConvertToIcebergWithoutIDs(format_version=FORMAT_VERSION)
        )
        return assign_fresh_schema_ids(without_ids)

    def sort_order(self, schema: Schema) -> SortOrder:
        """Say that rows are sorted by partition, then by offset."""
        return SortOrder(
            *(
                SortField(schema.find_field(name).field_id, transform=IdentityTransform())
                for name in (self.partition, self.offset)
            )
        )


def layout_of(schema: StreamSchema) -> Layout:
    """Give the columns for a stream's schema."""
    taken = {field.name.lower() for field in schema.fields}
    return Layout(columns_of(schema), *(_free(name, taken) for name in _OWN))


_OWN: Final = ("_partition", "_offset", "_ingested_at")


def _free(name: str, taken: set[str]) -> str:
    while name in taken:
        name = f"_{name}"
    return name


def file_schema(arrow: pa.Schema, schema: Schema) -> pa.Schema:
    """Give the columns as they stand in a file, with Iceberg's ids."""
    return pa.schema(
        [_with_id(field, nested) for field, nested in zip(arrow, schema.fields, strict=True)]
    )


def _with_id(field: pa.Field, nested: NestedField) -> pa.Field:
    kind, data_type = nested.field_type, field.type
    if isinstance(kind, StructType):
        inside = zip(data_type.fields, kind.fields, strict=True)
        data_type = pa.struct([_with_id(one, below) for one, below in inside])
    elif isinstance(kind, ListType):
        data_type = pa.list_(_with_id(data_type.value_field, kind.element_field))
    elif isinstance(kind, MapType):
        data_type = pa.map_(
            _with_id(data_type.key_field, kind.key_field),
            _with_id(data_type.item_field, kind.value_field),
        )
    metadata = {"PARQUET:field_id": str(nested.field_id)}
    return pa.field(field.name, data_type, field.nullable, metadata)
