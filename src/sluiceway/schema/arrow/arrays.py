"""Values to arrays: what the strict decoder made of canonical lines becomes a column."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from operator import attrgetter
from types import SimpleNamespace
from typing import Any, Final

import pyarrow as pa

from sluiceway.schema.arrow.types import STORED, arrow_type
from sluiceway.schema.types import (
    ArrayFieldType,
    BinaryType,
    BooleanType,
    DataType,
    DecimalType,
    DoubleType,
    Field,
    FieldSchema,
    FloatType,
    MapFieldType,
    StringType,
    StructFieldType,
    TimestampType,
)

Values = list[Any]
Build = Callable[[Values], Any]
"""Makes the array of values, of which ``None`` is null."""

_MOMENT_AS_SENT: Final = pa.timestamp("ms", "UTC")
_FILLERS: Final[dict[type, Any]] = {
    BooleanType: False,
    StringType: "",
    BinaryType: b"",
    DecimalType: "0",
    ArrayFieldType: (),
}


@dataclass(frozen=True, slots=True)
class Builder:
    """Makes the arrays of one field."""

    build: Build
    filler: Any
    """What stands in the field of a struct that is null; readers never see it."""


def builder_of(schema: FieldSchema) -> Builder:
    """Make the builder of a field, an item, or a value of a map."""
    build, filler = _builder(schema.data_type)
    return Builder(build, None if schema.nullable else filler)


def struct_builders(fields: Sequence[Field]) -> list[tuple[Callable[[Any], Any], Builder]]:
    """Make, for each of *fields*, what takes its value out of a decoded record, and its builder."""
    return [
        (attrgetter(f"f{position}"), builder_of(field.schema))
        for position, field in enumerate(fields)
    ]


def _builder(data_type: DataType) -> tuple[Build, Any]:
    kind = arrow_type(data_type, STORED)
    match data_type:
        case ArrayFieldType(items_schema=items):
            return _lists(kind, builder_of(items).build), ()
        case MapFieldType(key_schema=keys, value_schema=values):
            return _maps(kind, _keys(keys.data_type), builder_of(values).build), {}
        case StructFieldType(sub_fields=fields):
            return _structs(kind, fields)
        case _:
            return _leaf(data_type, kind), _FILLERS.get(type(data_type), 0)


def _leaf(data_type: DataType, kind: Any) -> Build:  # noqa: ANN401 - a pa.DataType
    match data_type:
        case FloatType() | DoubleType():
            return _floats
        case DecimalType():
            return lambda values: pa.array(values, pa.string()).cast(kind)
        case TimestampType():
            return lambda values: pa.array(values, pa.int64()).cast(_MOMENT_AS_SENT).cast(kind)
        case _:
            return lambda values: pa.array(values, kind)


def _floats(values: Values) -> Any:  # noqa: ANN401 - a pa.Array
    try:
        return pa.array(values, pa.float64())
    except pa.ArrowInvalid:
        # Some are the texts of what is not finite, which float() knows by the same names.
        return pa.array(
            [float(value) if isinstance(value, str) else value for value in values], pa.float64()
        )


def _keys(data_type: DataType) -> Build:
    if isinstance(data_type, BooleanType):
        return lambda values: pa.array([value == "true" for value in values], pa.bool_())
    return _leaf(data_type, arrow_type(data_type, STORED))


def _nulls(values: Values) -> Any:  # noqa: ANN401 - a pa.Array of booleans, or None
    nulls = [value is None for value in values]
    return pa.array(nulls, pa.bool_()) if True in nulls else None


def _offsets(values: Values) -> Any:  # noqa: ANN401 - a pa.Array
    return pa.array(accumulate(map(len, values), initial=0), pa.int32())


def _lists(kind: Any, items: Build) -> Build:  # noqa: ANN401 - a pa.DataType
    def build(values: Values) -> Any:  # noqa: ANN401 - a pa.Array
        mask = _nulls(values)
        if mask is not None:
            values = [() if value is None else value for value in values]
        inner = items(list(chain.from_iterable(values)))
        return pa.ListArray.from_arrays(_offsets(values), inner, type=kind, mask=mask)

    return build


def _maps(kind: Any, keys: Build, items: Build) -> Build:  # noqa: ANN401 - a pa.DataType
    def build(values: Values) -> Any:  # noqa: ANN401 - a pa.Array
        mask = _nulls(values)
        if mask is not None:
            values = [{} if value is None else value for value in values]
        names = keys(list(chain.from_iterable(values)))
        inner = items(list(chain.from_iterable(value.values() for value in values)))
        return pa.MapArray.from_arrays(_offsets(values), names, inner, type=kind, mask=mask)

    return build


def _structs(kind: Any, fields: Sequence[Field]) -> tuple[Build, Any]:  # noqa: ANN401 - a pa.DataType
    parts = struct_builders(fields)
    filler = SimpleNamespace(
        **{f"f{position}": part.filler for position, (_, part) in enumerate(parts)}
    )
    inner = list(kind)

    def build(values: Values) -> Any:  # noqa: ANN401 - a pa.Array
        mask = _nulls(values)
        if mask is not None:
            values = [filler if value is None else value for value in values]
        arrays = [part.build(list(map(get, values))) for get, part in parts]
        return pa.StructArray.from_arrays(arrays, fields=inner, mask=mask)

    return build, filler
