"""A table's columns: those of the stream, and three of our own."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import pyarrow as pa
from pyiceberg.io.pyarrow import _ConvertToIcebergWithoutIDs, visit_pyarrow
from pyiceberg.schema import Schema, assign_fresh_schema_ids
from pyiceberg.table.sorting import SortField, SortOrder
from pyiceberg.transforms import IdentityTransform
from pyiceberg.types import ListType, MapType, NestedField, StructType

from sluiceway.schema.arrow.columns import Columns, columns_of
from sluiceway.schema.arrow.older import absent_columns
from sluiceway.schema.arrow.own import own_fields
from sluiceway.schema.current import CurrentRule, current_rule
from sluiceway.schema.older import Absent, without
from sluiceway.schema.own_columns import OwnColumns, own_columns
from sluiceway.schema.types import StreamSchema

FORMAT_VERSION: Final = 2


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of the table of one stream, or of one of its files."""

    schema: StreamSchema
    columns: Columns
    """Whole: lines that lack a field are lines of an older schema."""
    own: OwnColumns
    """The names of our three."""
    rule: CurrentRule | None
    """How the current state is found, with change data capture."""

    def arrow_schema(self) -> pa.Schema:
        """Give all columns in their order."""
        return pa.schema([*self.columns.arrow_schema, *own_fields(self.own)])

    def without(self, absent: Absent) -> "Layout":
        """Give the columns of a file with lines that lack the fields *absent*."""
        if not absent:
            return self
        schema = msgspec.structs.replace(self.schema, fields=without(self.schema.fields, absent))
        return Layout(schema, columns_of(schema, is_whole=True), self.own, self.rule)

    def of_file(self, columns: pa.Schema) -> "Layout":
        """Give the columns of a file that has *columns*."""
        return self.without(absent_columns(self.schema.fields, columns))

    def lines(self, rows: pa.Table) -> list[bytes]:
        """Give the lines of *rows* of a file as they were stored, without their newlines."""
        return self.of_file(rows.schema).columns.write_lines(rows)

    def iceberg_schema(self) -> Schema:
        """Give all columns as Iceberg has them, each with an id."""
        without_ids: Any = visit_pyarrow(
            self.arrow_schema(), _ConvertToIcebergWithoutIDs(format_version=FORMAT_VERSION)
        )
        return assign_fresh_schema_ids(without_ids)


def sorted_by(names: Sequence[str], schema: Schema) -> SortOrder:
    """Say that rows are sorted by these columns, nulls first."""
    return SortOrder(
        *(
            SortField(schema.find_field(name).field_id, transform=IdentityTransform())
            for name in names
        )
    )


def layout_of(schema: StreamSchema) -> Layout:
    """Give the columns for a stream's schema."""
    columns = columns_of(schema, is_whole=True)
    return Layout(schema, columns, own_columns(schema), current_rule(schema))


def file_schema(arrow: pa.Schema, schema: Schema) -> pa.Schema:
    """Give the columns as they stand in a file, with the ids that those of the table have."""
    return pa.schema(_with_ids(arrow, schema))


def _with_ids(fields: Iterable[pa.Field], within: Schema | StructType) -> list[pa.Field]:
    # A file may lack columns, and have been begun before the table got them.
    by_name = {nested.name: nested for nested in within.fields}
    return [_with_id(field, by_name[field.name]) for field in fields]


def _with_id(field: pa.Field, nested: NestedField) -> pa.Field:
    kind, data_type = nested.field_type, field.type
    if isinstance(kind, StructType):
        data_type = pa.struct(_with_ids(data_type.fields, kind))
    elif isinstance(kind, ListType):
        data_type = pa.list_(_with_id(data_type.value_field, kind.element_field))
    elif isinstance(kind, MapType):
        data_type = pa.map_(
            _with_id(data_type.key_field, kind.key_field),
            _with_id(data_type.item_field, kind.value_field),
        )
    metadata = {"PARQUET:field_id": str(nested.field_id)}
    return pa.field(field.name, data_type, field.nullable, metadata)
