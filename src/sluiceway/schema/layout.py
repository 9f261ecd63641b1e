"""A schema laid out as a tree of nodes, each with the msgspec types that decode it.

Every struct becomes a class made by ``msgspec.defstruct``. Its attributes are ``f0``, ``f1``, …;
the fields' own names, which need not be identifiers, are only the names in JSON. A strict and a
lenient class of one struct have the same attributes and names, so a lenient record that was made
canonical is encoded and partitioned like a strict one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from sluiceway.schema.leaves import Leaf, leaf_of, map_key_of
from sluiceway.schema.types import (
    ArrayFieldType,
    DataType,
    Field,
    FieldSchema,
    MapFieldType,
    StructFieldType,
)

Normalise = Callable[[Any], Any]

_NULL: Final = b"null"


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for values of one type that may be null: a field, an item, a value of a map."""

    node: "Node"
    nullable: bool

    @property
    def strict(self) -> Any:  # noqa: ANN401 - a type
        """The msgspec type of canonical values, null included."""
        return self.node.strict | None if self.nullable else self.node.strict

    @property
    def lenient(self) -> Any:  # noqa: ANN401 - a type
        """The msgspec type of accepted values; ``None`` where all of them are canonical."""
        lenient = self.node.lenient
        if lenient is None or lenient is msgspec.Raw or not self.nullable:
            return lenient
        return lenient | None

    @property
    def normalise(self) -> Normalise | None:
        """Makes an accepted value canonical and lets null pass; ``None`` where none needs it."""
        normalise = self.node.normalise
        if normalise is None or not self.nullable:
            return normalise
        if self.node.lenient is msgspec.Raw:
            return lambda raw: None if raw is None or bytes(raw) == _NULL else normalise(raw)
        return lambda value: None if value is None else normalise(value)


@dataclass(frozen=True, slots=True)
class ArrayNode:
    """A list."""

    items: Slot
    strict: Any
    lenient: Any
    normalise: Normalise | None
    expected: str = "array"


@dataclass(frozen=True, slots=True)
class MapNode:
    """An object whose names are keys of one type."""

    key: Leaf
    values: Slot
    strict: Any
    lenient: Any
    normalise: Normalise | None
    expected: str = "map: an object"


@dataclass(frozen=True, slots=True)
class FieldSlot:
    """A field of a struct or record."""

    name: str
    attribute: str
    slot: Slot


@dataclass(frozen=True, slots=True)
class StructNode:
    """A struct, or the record itself."""

    fields: tuple[FieldSlot, ...]
    strict: Any
    lenient: Any
    normalise: Normalise | None
    expected: str = "struct: an object"


Node = Leaf | ArrayNode | MapNode | StructNode


def lay_out(
    fields: Sequence[Field], *, keys: frozenset[str] = frozenset(), is_whole: bool = False
) -> StructNode:
    """Lay out the record or struct that has *fields*, of which *keys* are key fields.

    The strict class of one that *is_whole* takes only what names every field, as lines that were
    stored with this very schema do; otherwise a field that is left out is null.
    """
    slots = tuple(
        FieldSlot(
            field.name,
            f"f{position}",
            Slot(
                _node(field.schema.data_type, is_key=field.name in keys, is_whole=is_whole),
                field.schema.nullable,
            ),
        )
        for position, field in enumerate(fields)
    )
    steps = tuple(
        (field.attribute, normalise)
        for field in slots
        if (normalise := field.slot.normalise) is not None
    )
    return StructNode(
        slots,
        strict=_class([(field, field.slot.strict) for field in slots], is_whole=is_whole),
        lenient=_class([(field, field.slot.lenient or field.slot.strict) for field in slots])
        if steps
        else None,
        normalise=_in_place(steps) if steps else None,
    )


def _class(
    fields: Sequence[tuple[FieldSlot, Any]], *, is_whole: bool = False
) -> type[msgspec.Struct]:
    return msgspec.defstruct(
        "Record",
        [
            (field.attribute, kind, None)
            if field.slot.nullable and not is_whole
            else (field.attribute, kind)
            for field, kind in fields
        ],
        rename={field.attribute: field.name for field, _ in fields},
        forbid_unknown_fields=True,
        kw_only=True,
        # Records hold no reference to what holds them, so no cycle can arise.
        gc=False,
    )


def _in_place(steps: Sequence[tuple[str, Normalise]]) -> Normalise:
    def normalise_struct(record: Any) -> Any:  # noqa: ANN401 - a class made at run time
        for attribute, normalise in steps:
            setattr(record, attribute, normalise(getattr(record, attribute)))
        return record

    return normalise_struct


def _node(data_type: DataType, *, is_key: bool = False, is_whole: bool = False) -> Node:
    match data_type:
        case ArrayFieldType(items_schema=items):
            return _array(items, is_whole=is_whole)
        case MapFieldType(key_schema=keys, value_schema=values):
            return _map(keys, values, is_whole=is_whole)
        case StructFieldType(sub_fields=fields):
            return lay_out(fields, is_whole=is_whole)
        case _:
            return leaf_of(data_type, is_key=is_key)


def _array(items_schema: FieldSchema, *, is_whole: bool) -> ArrayNode:
    items = Slot(_node(items_schema.data_type, is_whole=is_whole), items_schema.nullable)
    strict = _list_of(items.strict)
    normalise = items.normalise
    if normalise is None:
        return ArrayNode(items, strict, None, None)
    return ArrayNode(
        items,
        strict,
        _list_of(items.lenient or items.strict),
        lambda values: [normalise(value) for value in values],
    )


def _map(key_schema: FieldSchema, value_schema: FieldSchema, *, is_whole: bool) -> MapNode:
    key = map_key_of(key_schema.data_type)
    values = Slot(_node(value_schema.data_type, is_whole=is_whole), value_schema.nullable)
    strict = _dict_of(key.strict, values.strict)
    if key.normalise is None and values.normalise is None:
        return MapNode(key, values, strict, None, None)
    key_of: Normalise = key.normalise or _as_is
    value_of: Normalise = values.normalise or _as_is
    return MapNode(
        key,
        values,
        strict,
        _dict_of(key.lenient or key.strict, values.lenient or values.strict),
        lambda entries: {key_of(name): value_of(value) for name, value in entries.items()},
    )


def _list_of(item: Any) -> Any:  # noqa: ANN401 - types made at run time
    return list[item]


def _dict_of(key: Any, value: Any) -> Any:  # noqa: ANN401 - types made at run time
    return dict[key, value]


def _as_is(value: Any) -> Any:  # noqa: ANN401 - any value
    return value
