"""What a schema must obey before a stream may have it.

Foundry does not publish its rules for names and sizes; these are ours. Each bound keeps what one
record or one compiled schema can cost within reason.
"""

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from sluiceway.schema.errors import (
    InvalidChangeDataCaptureConfigurationError,
    InvalidFieldSchemaError,
    InvalidSchemaError,
    SchemaFault,
)
from sluiceway.schema.types import (
    DECIMAL_PRECISION_DEFAULT,
    ArrayFieldType,
    BooleanType,
    ByteType,
    DataType,
    DateType,
    DecimalType,
    Field,
    FieldSchema,
    IntegerType,
    LongType,
    MapFieldType,
    ShortType,
    StreamSchema,
    StringType,
    StructFieldType,
    TimestampType,
)

FIELD_NAME_LENGTH_MAX: Final = 255
"""Most characters in the name of a field."""
FIELDS_MAX: Final = 2_000
"""Most fields in a schema, those inside structs included."""
DEPTH_MAX: Final = 32
"""Most levels of types: a field of the record is at level 1, what it contains at level 2."""
SCHEMA_BYTES_MAX: Final = 1024 * 1024
"""Most bytes of a schema as compact JSON, ``customMetadata`` included."""

_NAME_FORBIDDEN: Final = frozenset({'"', "\\", *(chr(code) for code in range(0x20))})
"""Characters that JSON must escape: without them a name is the same bytes everywhere."""

ORDERING_TYPES: Final = (
    ByteType, DateType, DecimalType, IntegerType, LongType, ShortType, StringType, TimestampType,
)  # fmt: skip
"""Types that have an order which every reader agrees on."""
KEY_TYPES: Final = (BooleanType, *ORDERING_TYPES)
"""Types of which two equal values have one canonical form; also those of the keys of a map."""


def check_schema(schema: StreamSchema) -> None:
    """Refuse *schema* if no stream can have it.

    Raises:
        InvalidSchemaError: The fields or keys as a whole are wrong.
        InvalidFieldSchemaError: One field has a bad name or type.
        InvalidChangeDataCaptureConfigurationError: Its change data capture does not fit.
    """
    if not schema.fields:
        raise InvalidSchemaError(SchemaFault.NO_FIELDS, "a schema needs at least one field")
    for count, (field, depth) in enumerate(_walk(schema.fields, 1), start=1):
        if count > FIELDS_MAX:
            message = f"a schema may have {FIELDS_MAX} fields, those inside structs included"
            raise InvalidSchemaError(SchemaFault.TOO_MANY_FIELDS, message)
        _check_name(field.name)
        _check_type(field.name, field.schema.data_type, depth)
    _check_unique([field.name for field in schema.fields])
    if len(msgspec.json.encode(schema)) > SCHEMA_BYTES_MAX:
        message = f"a schema may have {SCHEMA_BYTES_MAX} bytes as JSON"
        raise InvalidSchemaError(SchemaFault.TOO_LARGE, message)
    fields = {field.name: field.schema for field in schema.fields}
    _check_keys(schema.key_field_names or [], fields)
    _check_change_data_capture(schema, fields)


def _walk(fields: list[Field], depth: int) -> Iterator[tuple[Field, int]]:
    """Give every field at every level with its level, outer ones first."""
    for field in fields:
        yield field, depth
        yield from _inside(field.schema.data_type, depth + 1)


def _inside(data_type: DataType, depth: int) -> Iterator[tuple[Field, int]]:
    if depth > DEPTH_MAX + 1:
        message = f"a schema may have {DEPTH_MAX} levels of types"
        raise InvalidSchemaError(SchemaFault.TOO_DEEP, message)
    match data_type:
        case StructFieldType(sub_fields=fields):
            yield from _walk(fields, depth)
        case ArrayFieldType(items_schema=items):
            yield from _inside(items.data_type, depth + 1)
        case MapFieldType(value_schema=values):
            yield from _inside(values.data_type, depth + 1)
        case _:
            pass


def _check_name(name: str) -> None:
    if not name:
        raise InvalidFieldSchemaError(name, "a name must not be empty")
    if len(name) > FIELD_NAME_LENGTH_MAX:
        message = f"a name may have {FIELD_NAME_LENGTH_MAX} characters, this one has {len(name)}"
        raise InvalidFieldSchemaError(name[:FIELD_NAME_LENGTH_MAX], message)
    if not _NAME_FORBIDDEN.isdisjoint(name):
        message = "a name must have no quotation mark, backslash or control character"
        raise InvalidFieldSchemaError(name, message)
    if any("\ud800" <= character <= "\udfff" for character in name):
        raise InvalidFieldSchemaError(ascii(name), "a name must be Unicode text")


def _check_unique(names: list[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            message = f"two fields have the name {name!r}"
            raise InvalidSchemaError(SchemaFault.DUPLICATE_FIELD_NAME, message)
        seen.add(name)


def _check_type(name: str, data_type: DataType, depth: int) -> None:
    """Check the type of the field *name*; the fields of a struct are checked by themselves."""
    if depth > DEPTH_MAX:
        message = f"a schema may have {DEPTH_MAX} levels of types"
        raise InvalidSchemaError(SchemaFault.TOO_DEEP, message)
    match data_type:
        case DecimalType():
            _check_decimal(name, data_type)
        case ArrayFieldType(items_schema=items):
            _check_type(name, items.data_type, depth + 1)
        case MapFieldType(key_schema=keys, value_schema=values):
            if not isinstance(keys.data_type, KEY_TYPES):
                message = f"the keys of a map cannot be of the type {type_name(keys.data_type)}"
                raise InvalidFieldSchemaError(name, message)
            _check_type(name, keys.data_type, depth + 1)
            _check_type(name, values.data_type, depth + 1)
        case StructFieldType(sub_fields=fields):
            if not fields:
                raise InvalidFieldSchemaError(name, "a struct needs at least one field")
            _check_unique([field.name for field in fields])
        case _:
            pass


def _check_decimal(name: str, data_type: DecimalType) -> None:
    if not 1 <= data_type.digits <= DECIMAL_PRECISION_DEFAULT:
        message = f"precision {data_type.digits} is not between 1 and {DECIMAL_PRECISION_DEFAULT}"
        raise InvalidFieldSchemaError(name, message)
    if not 0 <= data_type.fraction_digits <= data_type.digits:
        message = f"scale {data_type.scale} is not between 0 and the precision {data_type.digits}"
        raise InvalidFieldSchemaError(name, message)


def _check_keys(names: list[str], fields: Mapping[str, FieldSchema]) -> None:
    if len(set(names)) != len(names):
        raise InvalidSchemaError(SchemaFault.DUPLICATE_KEY_FIELD, "a key field is named twice")
    for name in names:
        field = fields.get(name)
        if field is None:
            message = f"the key field {name!r} is not a field of the schema"
            raise InvalidSchemaError(SchemaFault.KEY_FIELD_NOT_FOUND, message)
        if not isinstance(field.data_type, KEY_TYPES):
            message = f"the key field {name!r} cannot be of the type {type_name(field.data_type)}"
            raise InvalidSchemaError(SchemaFault.KEY_FIELD_TYPE_NOT_ALLOWED, message)


def _check_change_data_capture(schema: StreamSchema, fields: Mapping[str, FieldSchema]) -> None:
    capture = schema.change_data_capture
    if capture is None:
        return
    if not schema.key_field_names:
        message = "change data capture needs at least one key field"
        raise InvalidChangeDataCaptureConfigurationError(message)
    roles = (
        ("deletion", capture.deletion_field_name, (BooleanType,)),
        ("ordering", capture.ordering_field_name, ORDERING_TYPES),
    )
    for role, name, allowed in roles:
        field = fields.get(name)
        if field is None:
            message = f"the {role} field {name!r} is not a field of the schema"
            raise InvalidChangeDataCaptureConfigurationError(message)
        if not isinstance(field.data_type, allowed):
            message = (
                f"the {role} field {name!r} cannot be of the type {type_name(field.data_type)}"
            )
            raise InvalidChangeDataCaptureConfigurationError(message)


def type_name(data_type: DataType) -> str:
    """Give the name that *data_type* has on the wire."""
    return str(data_type.__struct_config__.tag)
