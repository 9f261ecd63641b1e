"""The schema of a dataset, as it goes over the wire.

Names and optionality are those of ``DatasetSchema`` in ``foundry_sdk/v2/core/models.py``, the form
that Foundry's pages show as a dataset's schema.
"""

import enum
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from sluiceway.foundation.wire import Wire
from sluiceway.schema.errors import InvalidFieldSchemaError, InvalidSchemaError, SchemaFault
from sluiceway.schema.rules import (
    DEPTH_MAX,
    FIELD_NAME_LENGTH_MAX,
    FIELDS_MAX,
    SCHEMA_BYTES_MAX,
)
from sluiceway.schema.types import DECIMAL_PRECISION_DEFAULT, DECIMAL_SCALE_DEFAULT


class SchemaFieldType(enum.StrEnum):
    """The type of a column."""

    ARRAY = "ARRAY"
    BINARY = "BINARY"
    BOOLEAN = "BOOLEAN"
    BYTE = "BYTE"
    DATE = "DATE"
    DECIMAL = "DECIMAL"
    DOUBLE = "DOUBLE"
    FLOAT = "FLOAT"
    INTEGER = "INTEGER"
    LONG = "LONG"
    MAP = "MAP"
    SHORT = "SHORT"
    STRING = "STRING"
    STRUCT = "STRUCT"
    TIMESTAMP = "TIMESTAMP"


class DataframeReader(enum.StrEnum):
    """How a dataset's files are to be read as a table."""

    AVRO = "AVRO"
    CSV = "CSV"
    PARQUET = "PARQUET"
    DATASOURCE = "DATASOURCE"
    """Each file by the end of its name."""


class DatasetFieldSchema(Wire, frozen=True, forbid_unknown_fields=True):
    """A column, or what lies inside of one."""

    type: SchemaFieldType
    nullable: bool
    name: str | None = None
    """Left out for what an array or a map holds."""
    user_defined_type_class: str | None = None
    """Kept and given back, without a meaning to us."""
    custom_metadata: dict[str, Any] | None = None
    """Kept and given back, without a meaning to us."""
    array_subtype: "DatasetFieldSchema | None" = None
    precision: int | None = None
    """Digits of a decimal in all, 1 to 38."""
    scale: int | None = None
    """Digits of a decimal after the point."""
    map_key_type: "DatasetFieldSchema | None" = None
    map_value_type: "DatasetFieldSchema | None" = None
    sub_schemas: "list[DatasetFieldSchema] | None" = None

    @property
    def digits(self) -> int:
        """The digits that a decimal may have in all."""
        return DECIMAL_PRECISION_DEFAULT if self.precision is None else self.precision

    @property
    def fraction_digits(self) -> int:
        """The digits that a decimal may have after the point, as in the schema of a stream."""
        if self.scale is not None:
            return self.scale
        return DECIMAL_SCALE_DEFAULT if self.precision is None else 0


class DatasetSchema(Wire, frozen=True, forbid_unknown_fields=True):
    """The columns of a dataset."""

    field_schema_list: list[DatasetFieldSchema]


def check_dataset_schema(schema: DatasetSchema) -> None:
    """Check a schema that somebody puts on a dataset.

    Raises:
        InvalidSchemaError: The columns as a whole are wrong.
        InvalidFieldSchemaError: One of them has a bad name, or lacks what its type needs.
    """
    if not schema.field_schema_list:
        raise InvalidSchemaError(SchemaFault.NO_FIELDS, "a schema needs at least one column")
    _check_names(schema.field_schema_list)
    for count, (field, depth) in enumerate(_walk(schema.field_schema_list, 1), start=1):
        if count > FIELDS_MAX:
            message = f"a schema may have {FIELDS_MAX} columns, those inside of others included"
            raise InvalidSchemaError(SchemaFault.TOO_MANY_FIELDS, message)
        if depth > DEPTH_MAX:
            message = f"a schema may have {DEPTH_MAX} levels of types"
            raise InvalidSchemaError(SchemaFault.TOO_DEEP, message)
        _check_type(field)
    if len(msgspec.json.encode(schema)) > SCHEMA_BYTES_MAX:
        message = f"a schema may have {SCHEMA_BYTES_MAX} bytes as JSON"
        raise InvalidSchemaError(SchemaFault.TOO_LARGE, message)


def _walk(
    fields: Sequence[DatasetFieldSchema], depth: int
) -> Iterator[tuple[DatasetFieldSchema, int]]:
    """Give every field at every level with its level; it stops soon after the last that may be."""
    for field in fields:
        yield field, depth
        inside = [field.array_subtype, field.map_key_type, field.map_value_type]
        inside += field.sub_schemas or []
        yield from _walk([one for one in inside if one is not None], depth + 1)


def _check_names(fields: Sequence[DatasetFieldSchema]) -> None:
    seen: set[str] = set()
    for field in fields:
        name = field.name
        if not name:
            raise InvalidFieldSchemaError("", "a column needs a name")
        if len(name) > FIELD_NAME_LENGTH_MAX:
            message = f"a name may have {FIELD_NAME_LENGTH_MAX} characters"
            raise InvalidFieldSchemaError(name[:FIELD_NAME_LENGTH_MAX], message)
        if "\x00" in name or any("\ud800" <= character <= "\udfff" for character in name):
            raise InvalidFieldSchemaError(ascii(name), "a name must be Unicode text without a NUL")
        if name in seen:
            message = f"two columns have the name {name!r}"
            raise InvalidSchemaError(SchemaFault.DUPLICATE_FIELD_NAME, message)
        seen.add(name)


def _check_type(field: DatasetFieldSchema) -> None:
    name = field.name or ""
    match field.type:
        case SchemaFieldType.ARRAY if field.array_subtype is None:
            raise InvalidFieldSchemaError(name, "an ARRAY needs an arraySubtype")
        case SchemaFieldType.MAP if field.map_key_type is None or field.map_value_type is None:
            raise InvalidFieldSchemaError(name, "a MAP needs a mapKeyType and a mapValueType")
        case SchemaFieldType.STRUCT:
            if not field.sub_schemas:
                raise InvalidFieldSchemaError(name, "a STRUCT needs subSchemas")
            _check_names(field.sub_schemas)
        case SchemaFieldType.DECIMAL:
            if not 1 <= field.digits <= DECIMAL_PRECISION_DEFAULT:
                message = f"the precision must be 1 to {DECIMAL_PRECISION_DEFAULT}"
                raise InvalidFieldSchemaError(name, message)
            if not 0 <= field.fraction_digits <= field.digits:
                raise InvalidFieldSchemaError(name, "the scale must be 0 to the precision")
        case _:
            pass
