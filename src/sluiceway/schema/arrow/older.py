"""Columns of files from before a schema grew."""

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
from pyarrow import types as pat

from sluiceway.schema.older import INSIDE, Absent, Path
from sluiceway.schema.types import ArrayFieldType, DataType, Field, MapFieldType, StructFieldType


def absent_columns(fields: Sequence[Field], columns: pa.Schema) -> Absent:
    """Tell which of *fields* that may have been added have no column among *columns*."""
    return frozenset(_absent(fields, columns, ()))


def _absent(fields: Sequence[Field], columns: Any, before: Path) -> Iterator[Path]:  # noqa: ANN401 - a pa.Schema or pa.StructType
    for field in fields:
        path = (*before, field.name)
        at = columns.get_field_index(field.name)
        if at >= 0:
            yield from _absent_inside(field.schema.data_type, columns.field(at).type, path)
        elif field.schema.nullable:
            yield path


def _absent_inside(kind: DataType, found: Any, path: Path) -> Iterator[Path]:  # noqa: ANN401 - a pa.DataType
    match kind:
        case StructFieldType(sub_fields=fields) if pat.is_struct(found):
            yield from _absent(fields, found, path)
        case ArrayFieldType(items_schema=items) if pat.is_list(found) or pat.is_large_list(found):
            yield from _absent_inside(items.data_type, found.value_type, (*path, INSIDE))
        case MapFieldType(value_schema=values) if pat.is_map(found):
            yield from _absent_inside(values.data_type, found.item_type, (*path, INSIDE))
        case _:
            pass
