"""Which changes a schema may undergo while the records of its stream stay where they are.

Allowed is what keeps each stored record one of the new schema, and each column one of its table:
nullable fields that are added, numbers that become wider, and null where it was not taken before.
The types of a field may become wider as Apache Iceberg's tables allow it (format version 2, "Schema
Evolution"). Partitions of keyed records stay, since a wider number has the same digits.
"""

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sluiceway.schema.own_columns import own_columns
from sluiceway.schema.rules import type_name
from sluiceway.schema.types import (
    ArrayFieldType,
    ByteType,
    DataType,
    DecimalType,
    DoubleType,
    Field,
    FieldSchema,
    FloatType,
    IntegerType,
    LongType,
    MapFieldType,
    ShortType,
    StreamSchema,
    StructFieldType,
)

_WIDER: Final[tuple[tuple[type, ...], ...]] = (
    (ByteType, ShortType, IntegerType, LongType),
    (FloatType, DoubleType),
)
"""Types whose values are also values of each type behind them, in the same canonical form."""


class Fault(enum.Enum):
    """Why a schema may not become another."""

    REMOVED = "the field is gone"
    MOVED = "the field has another place among its neighbours"
    ADDED_NOT_NULLABLE = "the field is new and not nullable, and stored records do not have it"
    NULL_TAKEN_AWAY = "the field was nullable, and stored records may have null"
    TYPE_CHANGED = "the type is another, and none that takes all values of the old one"
    MAP_KEYS_CHANGED = "the keys of a map have another type"
    KEYS_CHANGED = "the key fields are others, and so would be the partitions of records"
    CAPTURE_CHANGED = "the change data capture is another"
    NAME_TAKEN = "a column of the stream's table has that name, which a field may not take from it"


class ChangeKind(enum.StrEnum):
    """What of a schema becomes something else."""

    FIELD_ADDED = "FIELD_ADDED"
    TYPE_WIDENED = "TYPE_WIDENED"
    NULL_ALLOWED = "NULL_ALLOWED"
    METADATA_CHANGED = "METADATA_CHANGED"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is allowed to become another while the records stay."""

    field: str
    """The field, as ``address.lines[].city``."""
    kind: ChangeKind
    message: str
    """What it is and was, in words."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing for which the records would need a new view."""

    field: str
    """The field, as ``address.lines[].city``; empty for the schema as a whole."""
    fault: Fault
    message: str
    """What is wrong, in words, the field and types named."""


def refusals(old: StreamSchema, new: StreamSchema) -> list[Refusal]:
    """Tell why *old* may not become *new*, both of which obey ``rules.check_schema``.

    An empty list says that it may: then each record of *old* is one of *new*, in which the fields
    that were added are null. What is kept without a meaning, ``customMetadata``, may change in
    any way.
    """
    return [step for step in _steps(old, new) if isinstance(step, Refusal)]


def changes(old: StreamSchema, new: StreamSchema) -> list[Change]:
    """Tell what of *old* becomes something else in *new*, as far as that is allowed."""
    return [step for step in _steps(old, new) if isinstance(step, Change)]


def _steps(old: StreamSchema, new: StreamSchema) -> Iterator[Change | Refusal]:
    yield from _fields(old.fields, new.fields, "")
    if (old.key_field_names or []) != (new.key_field_names or []):
        yield _refusal("", Fault.KEYS_CHANGED)
    if old.change_data_capture != new.change_data_capture:
        yield _refusal("", Fault.CAPTURE_CHANGED)
    was = own_columns(old)
    for one, name in zip(was, own_columns(new), strict=True):
        if one != name:
            yield _refusal(one, Fault.NAME_TAKEN)


def _fields(old: Sequence[Field], new: Sequence[Field], before: str) -> Iterator[Change | Refusal]:
    old_by_name = {field.name: field for field in old}
    new_by_name = {field.name: field for field in new}
    kept = [field.name for field in new if field.name in old_by_name]
    was_kept = [field.name for field in old if field.name in new_by_name]
    for field in old:
        if field.name not in new_by_name:
            yield _refusal(before + field.name, Fault.REMOVED)
    for name, was in zip(kept, was_kept, strict=True):
        if name != was:
            yield _refusal(before + name, Fault.MOVED)
            break
    for field in new:
        path = before + field.name
        was_field = old_by_name.get(field.name)
        if was_field is not None:
            yield from _schemas(was_field.schema, field.schema, path)
        elif not field.schema.nullable:
            yield _refusal(path, Fault.ADDED_NOT_NULLABLE)
        else:
            kind = _name(field.schema.data_type)
            yield Change(path, ChangeKind.FIELD_ADDED, f"{path} is added: {kind}")


def _schemas(old: FieldSchema, new: FieldSchema, path: str) -> Iterator[Change | Refusal]:
    if old.nullable and not new.nullable:
        yield _refusal(path, Fault.NULL_TAKEN_AWAY)
    if new.nullable and not old.nullable:
        yield Change(path, ChangeKind.NULL_ALLOWED, f"{path} may be null")
    if old.custom_metadata != new.custom_metadata:
        message = f"{path} has other custom metadata"
        yield Change(path, ChangeKind.METADATA_CHANGED, message)
    yield from _types(old.data_type, new.data_type, path)


def _types(old: DataType, new: DataType, path: str) -> Iterator[Change | Refusal]:
    match old, new:
        case ArrayFieldType(items_schema=was), ArrayFieldType(items_schema=items):
            yield from _schemas(was, items, f"{path}[]")
        case MapFieldType() as was_map, MapFieldType() as now:
            if not _are_same(was_map.key_schema.data_type, now.key_schema.data_type):
                yield _refusal(path, Fault.MAP_KEYS_CHANGED)
            yield from _schemas(was_map.value_schema, now.value_schema, f"{path}[]")
        case StructFieldType(sub_fields=was_fields), StructFieldType(sub_fields=fields):
            yield from _fields(was_fields, fields, f"{path}.")
        case _:
            became = f"{_name(old)} to {_name(new)}"
            if _are_same(old, new):
                return
            if _is_wider(type(old), type(new)):
                yield Change(path, ChangeKind.TYPE_WIDENED, f"{path} becomes wider: {became}")
            else:
                yield _refusal(path, Fault.TYPE_CHANGED, f": {became}")


def _are_same(old: DataType, new: DataType) -> bool:
    # A decimal that leaves its precision out is the one that names the precision it then has.
    return _name(old) == _name(new)


def _name(data_type: DataType) -> str:
    name = type_name(data_type)
    if isinstance(data_type, DecimalType):
        return f"{name}({data_type.digits},{data_type.fraction_digits})"
    return name


def _is_wider(old: type, new: type) -> bool:
    return any(
        old in types and new in types and types.index(old) <= types.index(new) for types in _WIDER
    )


def _refusal(field: str, fault: Fault, more: str = "") -> Refusal:
    what = f"{field}: " if field else ""
    return Refusal(field, fault, f"{what}{fault.value}{more}")
