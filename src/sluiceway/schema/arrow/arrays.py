"""Values to arrays: what the strict decoder made of canonical lines becomes a column."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from operator import attrgetter
from types import SimpleNamespace
from typing import Any, Final

import pyarrow as pa

from sluiceway.schema.arrow.errors import ColumnsTooLargeError
from sluiceway.schema.arrow.types import STORED, arrow_type
from sluiceway.schema.types import (
    ArrayFieldType,
    BinaryType,
    BooleanType,
    DataType,
    DecimalType,
    DoubleType,
    Field,
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
}
_OFFSET_BYTES: Final = 4

STRUCTS_BYTES_MAX: Final = 128 * 1024 * 1024
"""Most bytes that the fields of structs may take in one batch, the contents of texts and lists
not counted. Arrow has room for each field also where the struct is null, which is four bytes
in a line and may stand for thousands of fields."""


@dataclass(frozen=True, slots=True)
class Builder:
    """Makes the arrays of one type."""

    build: Build
    filler: Any
    """What stands in a field of the type that is not nullable, in a struct that is null; readers
    never see it."""
    width: int
    """The bytes that a value takes at least, null or not."""


class Struct:
    """Makes the arrays of the fields of a struct, or of the records themselves."""

    def __init__(self, fields: Sequence[Field]) -> None:
        builders = [_builder(field.schema.data_type) for field in fields]
        names = [f"f{position}" for position in range(len(fields))]
        fillers = [
            None if field.schema.nullable else builder.filler
            for field, builder in zip(fields, builders, strict=True)
        ]
        self.filler = SimpleNamespace(**dict(zip(names, fillers, strict=True)))
        """What stands for a struct that is null."""
        self.width = 1 + sum(builder.width for builder in builders)
        self._parts = [
            (attrgetter(name), builder.build) for name, builder in zip(names, builders, strict=True)
        ]

    def arrays(self, records: Values) -> list[Any]:
        """Make the array of each field from decoded *records*, none of which is null.

        Raises:
            ColumnsTooLargeError: They take more than ``STRUCTS_BYTES_MAX``.
        """
        if len(records) * self.width > STRUCTS_BYTES_MAX:
            reason = f"the columns of a struct take more than {STRUCTS_BYTES_MAX} bytes"
            raise ColumnsTooLargeError(reason)
        return [build(list(map(get, records))) for get, build in self._parts]


def _builder(data_type: DataType) -> Builder:
    kind = arrow_type(data_type, STORED)
    match data_type:
        case ArrayFieldType(items_schema=items):
            return Builder(_lists(kind, _builder(items.data_type).build), (), _OFFSET_BYTES)
        case MapFieldType(key_schema=keys, value_schema=values):
            build = _maps(kind, _keys(keys.data_type), _builder(values.data_type).build)
            return Builder(build, {}, _OFFSET_BYTES)
        case StructFieldType(sub_fields=fields):
            struct = Struct(fields)
            return Builder(_structs(kind, struct), struct.filler, struct.width)
        case _:
            filler = _FILLERS.get(type(data_type), 0)
            width = _OFFSET_BYTES if filler in {"", b""} else -(-kind.bit_width // 8)
            return Builder(_leaf(data_type, kind), filler, width)


def _leaf(data_type: DataType, kind: Any) -> Build:  # noqa: ANN401 - a pa.DataType
    match data_type:
        case FloatType() | DoubleType():
            return _floats
        case DecimalType():
            return lambda values: pa.array(values, pa.string()).cast(kind)
        case TimestampType():
            return lambda values: pa.array(values, _MOMENT_AS_SENT).cast(kind)
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


def _structs(kind: Any, struct: Struct) -> Build:  # noqa: ANN401 - a pa.DataType
    inner = list(kind)

    def build(values: Values) -> Any:  # noqa: ANN401 - a pa.Array
        mask = _nulls(values)
        if mask is not None:
            values = [struct.filler if value is None else value for value in values]
        return pa.StructArray.from_arrays(struct.arrays(values), fields=inner, mask=mask)

    return build
