"""Columns of a table that become those of a schema that grew."""

from collections.abc import Iterator
from typing import Any

from pyiceberg.schema import Schema
from pyiceberg.table import Table, Transaction
from pyiceberg.table.update.schema import UpdateSchema
from pyiceberg.types import IcebergType, ListType, MapType, NestedField, StructType


class _Replacement(UpdateSchema):
    """Puts a whole schema in the place of another.

    PyIceberg's own calls name columns by text in which a dot has a meaning; ours may have dots.
    """

    def __init__(self, transaction: Transaction, wanted: Schema) -> None:
        super().__init__(transaction)
        self._wanted = wanted

    def _apply(self) -> Schema:
        metadata = self._transaction.table_metadata
        numbers = iter(range(metadata.last_column_id + 1, 1 << 31))
        old = metadata.schema()
        fields = _fields(old.as_struct(), self._wanted.as_struct(), numbers)
        schema_id = 1 + max(schema.schema_id for schema in metadata.schemas)
        return Schema(
            *fields, schema_id=schema_id, identifier_field_ids=list(old.identifier_field_ids)
        )


def put_schema(table: Table, wanted: Schema, properties: dict[str, str]) -> None:
    """Give *table* the columns of *wanted*, by their names, and *properties*, in one commit.

    Columns that are there keep their ids, and no file is written anew.

    Raises:
        CommitFailedException: Another commit came first; nothing was changed.
    """
    with table.transaction() as transaction:
        with _Replacement(transaction, wanted):
            pass
        transaction.set_properties(properties)


def _fields(old: StructType, new: StructType, numbers: Iterator[int]) -> list[NestedField]:
    there = {field.name: field for field in old.fields}
    return [_field(there.get(field.name), field, numbers) for field in new.fields]


def _field(old: NestedField | None, new: NestedField, numbers: Iterator[int]) -> NestedField:
    field_id = next(numbers) if old is None else old.field_id
    was = None if old is None else old.field_type
    kind = _type(was, new.field_type, numbers)
    return NestedField(
        field_id=field_id, name=new.name, field_type=kind, required=new.required, doc=new.doc
    )


def _type(old: IcebergType | None, new: IcebergType, numbers: Iterator[int]) -> IcebergType:
    match new:
        case StructType():
            return StructType(*_fields(_as(StructType, old) or StructType(), new, numbers))
        case ListType():
            was = _as(ListType, old)
            element = _field(was and was.element_field, new.element_field, numbers)
            return ListType(
                element_id=element.field_id,
                element=element.field_type,
                element_required=element.required,
            )
        case MapType():
            was = _as(MapType, old)
            key = _field(was and was.key_field, new.key_field, numbers)
            value = _field(was and was.value_field, new.value_field, numbers)
            return MapType(
                key_id=key.field_id,
                key_type=key.field_type,
                value_id=value.field_id,
                value_type=value.field_type,
                value_required=value.required,
            )
        case _:
            return new


def _as(kind: type[Any], old: IcebergType | None) -> Any:  # noqa: ANN401 - of the type *kind*
    return old if isinstance(old, kind) else None
