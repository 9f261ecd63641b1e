"""Lines of a schema that grew since: which of its fields they do not have.

A line in canonical form names every field that its schema had. Of a schema that was only changed as
``evolution`` allows, a line that lacks a field is one from before the field was added.
"""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final

import msgspec

from sluiceway.schema.types import (
    ArrayFieldType,
    DataType,
    Field,
    FieldSchema,
    MapFieldType,
    StructFieldType,
)

Path = tuple[str, ...]
"""A field by the names that lead to it, ``INSIDE`` for the items of a list or the values of a map."""
Absent = frozenset[Path]
"""The fields that something lacks; what is inside of one of them is not named."""
INSIDE: Final = "[]"

_encode_lines: Final = msgspec.json.Encoder().encode_lines


def without(fields: Sequence[Field], absent: AbstractSet[Path], before: Path = ()) -> list[Field]:
    """Give *fields*, which are inside of *before*, without those that are *absent*."""
    return [
        Field(name=field.name, schema=_without(field.schema, absent, (*before, field.name)))
        for field in fields
        if (*before, field.name) not in absent
    ]


def _without(schema: FieldSchema, absent: AbstractSet[Path], path: Path) -> FieldSchema:
    kind: DataType = schema.data_type
    match kind:
        case ArrayFieldType(items_schema=items):
            kind = ArrayFieldType(items_schema=_without(items, absent, (*path, INSIDE)))
        case MapFieldType(value_schema=values):
            inner = _without(values, absent, (*path, INSIDE))
            kind = msgspec.structs.replace(kind, value_schema=inner)
        case StructFieldType(sub_fields=fields):
            kind = StructFieldType(sub_fields=without(fields, absent, path))
        case _:
            return schema
    return msgspec.structs.replace(schema, data_type=kind)


def added_between(old: Sequence[Field], new: Sequence[Field], before: Path = ()) -> Iterator[Path]:
    """Give the fields that *new* has and *old* has not; what is inside of one is not named."""
    there = {field.name: field.schema.data_type for field in old}
    for field in new:
        path = (*before, field.name)
        if field.name in there:
            yield from _added_inside(there[field.name], field.schema.data_type, path)
        else:
            yield path


def _added_inside(old: DataType, new: DataType, path: Path) -> Iterator[Path]:
    match old, new:
        case StructFieldType(sub_fields=was), StructFieldType(sub_fields=fields):
            yield from added_between(was, fields, path)
        case ArrayFieldType(items_schema=was_items), ArrayFieldType(items_schema=items):
            yield from _added_inside(was_items.data_type, items.data_type, (*path, INSIDE))
        case MapFieldType(value_schema=was_values), MapFieldType(value_schema=values):
            yield from _added_inside(was_values.data_type, values.data_type, (*path, INSIDE))
        case _:
            pass


def earlier_forms(lines: bytes, added: Sequence[Sequence[Sequence[str]]]) -> Iterator[bytes]:
    """Give canonical *lines* as they were before each of the last changes of their schema.

    *added* are the paths of the fields that each change added, the latest change last. Ends where a
    line has a value that it could not have had before.
    """
    records = [msgspec.json.decode(line) for line in lines.split(b"\n")[:-1]]
    for paths in reversed(added):
        if not all(_took_out(record, path) for record in records for path in paths):
            return
        yield _encode_lines(records)


def _took_out(value: Any, path: Sequence[str]) -> bool:  # noqa: ANN401 - any JSON
    """Take the field at *path* out of *value*; ``False`` when it is not null there."""
    if not isinstance(value, dict | list):
        return True  # Null: there is nothing to take it out of.
    name, *rest = path
    if name == INSIDE:
        inner = value if isinstance(value, list) else value.values()
        return all(_took_out(one, rest) for one in inner)
    if isinstance(value, list):
        return False
    return _took_out(value.get(name), rest) if rest else value.pop(name, None) is None


def runs(lines: bytes, fields: Sequence[Field]) -> Iterator[tuple[Absent, bytes]]:
    """Cut *lines* where the fields that they lack become others; give these with each part.

    *fields* are those of the newest schema. What is not known of a line, as the struct that would
    tell is null in it, is known from its neighbours or does not matter.

    Raises:
        ValueError: A line is not JSON.
    """
    run: list[bytes] = []
    lacking, having = set[Path](), set[Path]()
    for line in lines.split(b"\n")[:-1]:
        lacks, has = set[Path](), set[Path]()
        _observe(msgspec.json.decode(line), fields, (), lacks, has)
        if lacks & having or has & lacking:
            yield frozenset(lacking), b"".join(run)
            run, lacking, having = [], set(), set()
        lacking |= lacks
        having |= has
        run.append(line + b"\n")
    if run:
        yield frozenset(lacking), b"".join(run)


def _observe(
    value: Any,  # noqa: ANN401 - any JSON
    fields: Sequence[Field],
    before: Path,
    lacks: set[Path],
    has: set[Path],
) -> None:
    """Note which of *fields* that may have been added the object *value* lacks, and which it has."""
    if not isinstance(value, dict):
        return  # Null; or no record, which whoever reads it will find out.
    for field in fields:
        path = (*before, field.name)
        is_there = field.name in value
        if field.schema.nullable:
            (has if is_there else lacks).add(path)
        if is_there:
            _observe_inside(value[field.name], field.schema.data_type, path, lacks, has)


def _observe_inside(
    value: Any,  # noqa: ANN401 - any JSON
    kind: DataType,
    path: Path,
    lacks: set[Path],
    has: set[Path],
) -> None:
    match kind:
        case StructFieldType(sub_fields=fields):
            _observe(value, fields, path, lacks, has)
        case ArrayFieldType(items_schema=items) if isinstance(value, list):
            for one in value:
                _observe_inside(one, items.data_type, (*path, INSIDE), lacks, has)
        case MapFieldType(value_schema=values) if isinstance(value, dict):
            for one in value.values():
                _observe_inside(one, values.data_type, (*path, INSIDE), lacks, has)
        case _:
            pass
