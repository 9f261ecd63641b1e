"""Rows of CSV files."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from sluiceway.backends.tables.types import TIMESTAMP, arrow_type
from sluiceway.datasets.schemas import DatasetSchema, SchemaFieldType

_BLOCK_BYTES: Final = 4 * 1_048_576
"""The longest row, and how much is read at once."""
_HEAD_BYTES: Final = 1_048_576
_ZONE: Final = r"[0-9]:[0-9]{2}.*(Z|[+-][0-9]{2}(:?[0-9]{2})?)$"
_DAY_LENGTH: Final = 10


def csv_batches(location: str, schema: DatasetSchema, columns: list[str]) -> Iterator[Any]:
    """Give the wanted columns of a file, in batches.

    A first line that has just the names of the schema is not a row. Without one the columns are
    those of the schema in their order. An empty field is null; an empty text in quotes is one.

    Raises:
        pyarrow.ArrowInvalid: It is not such a file.
        OSError: It cannot be read.
    """
    names = [str(field.name) for field in schema.field_schema_list]
    head = _first_row(location)
    if head is None:
        return
    has_head = len(head) == len(names) and set(head) == set(names)
    types = {
        str(field.name): pa.string()
        if field.type is SchemaFieldType.TIMESTAMP
        else arrow_type(field)
        for field in schema.field_schema_list
    }
    reader = pyarrow.csv.open_csv(
        location,
        read_options=pyarrow.csv.ReadOptions(
            block_size=_BLOCK_BYTES,
            column_names=head if has_head else names,
            skip_rows=1 if has_head else 0,
            use_threads=False,
        ),
        parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=types,
            include_columns=columns,
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
    moments = {
        str(field.name)
        for field in schema.field_schema_list
        if field.type is SchemaFieldType.TIMESTAMP
    }
    with reader:
        for batch in reader:
            arrays = [
                _moments(array) if name in moments else array
                for name, array in zip(batch.schema.names, batch.columns, strict=True)
            ]
            yield pa.RecordBatch.from_arrays(arrays, batch.schema.names)


def _first_row(location: str) -> list[str] | None:
    """Give the fields of the first line, as far as it is looked at; ``None`` for an empty file."""
    with Path(location).open("rb") as file:
        start = file.read(_HEAD_BYTES)
    if not start.strip():
        return None
    text = start.decode(errors="replace").removeprefix("\ufeff")
    try:
        return next(csv.reader(text.splitlines()), None)
    except csv.Error:
        return []


def _moments(texts: Any) -> Any:  # noqa: ANN401 - pyarrow has no types
    """Read moments as ISO 8601 has them; one without a zone is UTC."""
    is_day = pc.equal(pc.utf8_length(texts), _DAY_LENGTH)
    has_zone = pc.match_substring_regex(texts, _ZONE)
    full = pc.if_else(is_day, pc.binary_join_element_wise(texts, "T00:00:00Z", ""), texts)
    zoned = pc.if_else(pc.or_(is_day, has_zone), full, pc.binary_join_element_wise(texts, "Z", ""))
    return zoned.cast(TIMESTAMP)
