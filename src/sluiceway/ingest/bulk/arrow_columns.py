"""The columns of an Arrow stream, each turned into values that are written as JSON."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

import pyarrow as pa
from pyarrow import types as pat

from sluiceway.ingest.bulk.arrow_leaves import (
    Column,
    kind_of,
    leaf,
    picked_bytes,
    unviewed,
    viewed_bytes,
)
from sluiceway.ingest.bulk.errors import untaken_key, untaken_type
from sluiceway.ingest.bulk.lines import Lines
from sluiceway.ingest.bulk.values import Kind, is_key, is_plain, key_text, row_class_of, tagged
from sluiceway.schema.errors import BodyInvalidError
from sluiceway.schema.rules import FIELDS_MAX
from sluiceway.schema.types import (
    ArrayFieldType,
    DataType,
    Field,
    MapFieldType,
    StreamSchema,
    StructFieldType,
)

_ITEM_JSON_BYTES_MIN: Final = 2
_ENTRY_JSON_BYTES_MIN: Final = 5


def record_of(columns: Any, schema: StreamSchema, lines: Lines) -> Column:  # noqa: ANN401 - a pa.Schema
    """Make what turns a batch of *columns*, as a struct, into records for a stream of *schema*.

    Raises:
        BodyInvalidError: There are too many columns, two have one name, or a type is not taken.
    """
    return _Columns(lines).struct(list(columns), schema.fields, "the record")


class _Columns:
    """Makes the column of each type, for the field that it is meant for."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._count = 0

    def of(self, kind: Any, target: DataType | None, where: str) -> Column:  # noqa: ANN401 - a pa.DataType
        """Make the column of an Arrow type; *target* is the type of its field, if it has one."""
        if isinstance(kind, pa.BaseExtensionType):
            inner = self.of(kind.storage_type, target, where)
            return lambda array: inner(array.storage)
        if pat.is_null(kind):
            return lambda array: [None] * len(array)
        if pat.is_dictionary(kind):
            return self._dictionary(kind, target, where)
        column = self._column(kind, target, where)
        if is_plain(kind_of(kind, where), target):
            return column
        name = f"{kind} without a zone" if pat.is_timestamp(kind) and not kind.tz else str(kind)
        return lambda array: tagged(name, column(array))

    def _column(self, kind: Any, target: DataType | None, where: str) -> Column:  # noqa: ANN401 - a pa.DataType
        match kind_of(kind, where):
            case Kind.STRUCT:
                fields = target.sub_fields if isinstance(target, StructFieldType) else ()
                return self.struct(list(kind), fields, where)
            case Kind.MAP:
                return self._map(kind, target, where)
            case Kind.LIST:
                return self._list(kind, target, where)
            case found:
                return leaf(kind, found, target, self._lines)

    def struct(self, columns: Sequence[Any], fields: Sequence[Field], where: str) -> Column:
        """Make the column of structs, or of the records themselves."""
        self._count += len(columns)
        if self._count > FIELDS_MAX:
            raise BodyInvalidError(f"there are more than {FIELDS_MAX} columns")
        targets = {field.name: field.schema.data_type for field in fields}
        names = [column.name for column in columns]
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise BodyInvalidError(f"{where} has two columns of the name {twice[:100]!r}")
        record = row_class_of(names, where)
        parts = [
            self.of(column.type, targets.get(column.name), f"column {column.name[:100]!r}")
            for column in columns
        ]

        def structs(array: Any) -> list[Any]:  # noqa: ANN401 - a pa.StructArray
            if not parts:
                made = [record() for _ in range(len(array))]
            else:
                values = [part(array.field(at)) for at, part in enumerate(parts)]
                made = list(map(record, *values))
            return _with_nulls(array, made)

        return structs

    def _list(self, kind: Any, target: DataType | None, where: str) -> Column:  # noqa: ANN401 - a pa.DataType
        inner = target.items_schema.data_type if isinstance(target, ArrayFieldType) else None
        items = self.of(kind.value_type, inner, f"an item of {where}")
        size = kind.list_size if pat.is_fixed_size_list(kind) else None

        def lists(array: Any) -> list[Any]:  # noqa: ANN401 - a pa.ListArray
            if not len(array):
                return []
            if size is None:
                places = array.offsets.to_pylist()
            else:
                first = array.offset * size
                places = [first + size * position for position in range(len(array) + 1)]
            start, end = places[0], places[-1]
            self._lines.claim((end - start) * _ITEM_JSON_BYTES_MIN)
            values = items(array.values.slice(start, end - start))
            made = [values[low - start : high - start] for low, high in pairwise(places)]
            return _with_nulls(array, made)

        return lists

    def _map(self, kind: Any, target: DataType | None, where: str) -> Column:  # noqa: ANN401 - a pa.MapType
        key_target: DataType | None = None
        item_target: DataType | None = None
        if isinstance(target, MapFieldType):
            key_target, item_target = target.key_schema.data_type, target.value_schema.data_type
        key_kind = kind.key_type.value_type if pat.is_dictionary(kind.key_type) else kind.key_type
        if not is_key(kind_of(key_kind, where), key_target):
            raise untaken_key(where, str(key_kind))
        keys = self.of(kind.key_type, key_target, f"a key of {where}")
        items = self.of(kind.item_type, item_target, f"a value of {where}")

        def maps(array: Any) -> list[Any]:  # noqa: ANN401 - a pa.MapArray
            if not len(array):
                return []
            places = array.offsets.to_pylist()
            start, size = places[0], places[-1] - places[0]
            self._lines.claim(size * _ENTRY_JSON_BYTES_MIN)
            names = [key_text(name) for name in keys(array.keys.slice(start, size))]
            values = items(array.items.slice(start, size))
            made = [
                dict(
                    zip(names[low - start : high - start], values[low - start : high - start])  # noqa: B905 - as long
                )
                for low, high in pairwise(places)
            ]
            return _with_nulls(array, made)

        return maps

    def _dictionary(self, kind: Any, target: DataType | None, where: str) -> Column:  # noqa: ANN401 - a pa.DictionaryType
        inner = unviewed(kind.value_type)
        if pat.is_nested(inner) or pat.is_dictionary(inner):
            raise untaken_type(where, str(kind))
        values = self.of(inner, target, where)

        def entries(array: Any) -> list[Any]:  # noqa: ANN401 - a pa.DictionaryArray
            dictionary, indices = array.dictionary, array.indices
            if inner != dictionary.type:
                self._lines.claim(viewed_bytes(dictionary))
                dictionary = dictionary.cast(inner)
            # One long text may stand in many rows by its number alone.
            self._lines.claim(picked_bytes(dictionary, indices))
            return values(dictionary.take(indices))

        return entries


def _with_nulls(array: Any, made: list[Any]) -> list[Any]:  # noqa: ANN401 - a pa.Array
    if array.null_count == 0:
        return made
    valid = array.is_valid().to_pylist()
    return [value if is_valid else None for value, is_valid in zip(made, valid, strict=True)]
