"""The columns of an Arrow stream whose values hold no other values."""

from collections.abc import Callable
from itertools import compress
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types as pat

from sluiceway.ingest.bulk.errors import untaken_type
from sluiceway.ingest.bulk.lines import Lines
from sluiceway.ingest.bulk.values import Kind, day, decimal, floats
from sluiceway.schema.types import DataType

Column = Callable[[Any], list[Any]]
"""Gives the values of a part of a column, ``None`` for null."""

_VIEW_BYTES: Final = 16
_SCALE_MAX: Final = {32: 9, 64: 18, 128: 38, 256: 76}
"""By its bits, the most digits after the point, or zeros before it, that a decimal can be
written with; it may claim any number of them."""
_DAY_MS: Final = 86_400_000
_TO_MS: Final[dict[str, Callable[[int], int]]] = {
    "s": lambda count: count * 1_000,
    "ms": lambda count: count,
    "us": lambda count: count // 1_000,
    "ns": lambda count: count // 1_000_000,
}
_KINDS: Final[tuple[tuple[Callable[[Any], bool], Kind], ...]] = (
    (pat.is_boolean, Kind.BOOLEAN),
    (pat.is_integer, Kind.WHOLE),
    (pat.is_floating, Kind.FLOATING),
    (pat.is_decimal, Kind.DECIMAL),
    (lambda kind: pat.is_string(kind) or pat.is_large_string(kind), Kind.TEXT),
    (pat.is_string_view, Kind.TEXT),
    (lambda kind: pat.is_binary(kind) or pat.is_large_binary(kind), Kind.BYTES),
    (lambda kind: pat.is_fixed_size_binary(kind) or pat.is_binary_view(kind), Kind.BYTES),
    (pat.is_date, Kind.DATE),
    (lambda kind: pat.is_timestamp(kind) and kind.tz is not None, Kind.MOMENT),
    (pat.is_timestamp, Kind.WALL_TIME),
    (pat.is_map, Kind.MAP),
    (lambda kind: pat.is_list(kind) or pat.is_large_list(kind), Kind.LIST),
    (pat.is_fixed_size_list, Kind.LIST),
    (pat.is_struct, Kind.STRUCT),
)


def leaf(kind: Any, found: Kind, target: DataType | None, lines: Lines) -> Column:  # noqa: ANN401 - a pa.DataType
    """Make the column of an Arrow type that is of the kind *found*."""
    match found:
        case Kind.FLOATING:
            name = str(kind)
            return lambda array: floats(name, array.to_pylist(), target)
        case Kind.DECIMAL:
            return lambda array: [decimal(value) for value in array.to_pylist()]
        case Kind.DATE:
            return _days if pat.is_date32(kind) else _days_of_ms
        case Kind.MOMENT:
            return _moments(_TO_MS[kind.unit])
        case Kind.WALL_TIME:
            return _moments(_TO_MS["ms"])  # The number as it is: it is only shown.
        case _:
            is_view = pat.is_string_view(kind) or pat.is_binary_view(kind)
            return _views(lines) if is_view else _as_they_are


def kind_of(kind: Any, where: str) -> Kind:  # noqa: ANN401 - a pa.DataType
    """Tell of which kind the values of an Arrow type are.

    Raises:
        BodyInvalidError: Of none that a field takes.
    """
    if pat.is_decimal(kind) and abs(kind.scale) > _SCALE_MAX[kind.bit_width]:
        raise untaken_type(where, str(kind))
    for is_one, found in _KINDS:
        if is_one(kind):
            return found
    raise untaken_type(where, str(kind))


def unviewed(kind: Any) -> Any:  # noqa: ANN401 - a pa.DataType
    """Give the type of the same values that are not views."""
    if pat.is_string_view(kind):
        return pa.large_string()
    return pa.large_binary() if pat.is_binary_view(kind) else kind


def viewed_bytes(array: Any) -> int:  # noqa: ANN401 - a pa.StringViewArray
    """Give how many bytes all views show together; each view begins with its length."""
    if not len(array):
        return 0
    start = array.offset * _VIEW_BYTES
    views = memoryview(array.buffers()[1])[start : start + len(array) * _VIEW_BYTES].cast("i")
    lengths = views[:: _VIEW_BYTES // views.itemsize]
    if array.null_count == 0:
        return sum(lengths)
    # What stands in the place of a null may be anything.
    return sum(compress(lengths, array.is_valid().to_pylist()))


def picked_bytes(dictionary: Any, indices: Any) -> int:  # noqa: ANN401 - two pa.Array
    """Give how many bytes the texts have that *indices* pick, each as often as it is picked."""
    kind = dictionary.type
    if pat.is_fixed_size_binary(kind):
        return int(kind.byte_width) * len(indices)
    if pat.is_primitive(kind) or pat.is_null(kind):
        return 0
    return pc.sum(pc.binary_length(dictionary).take(indices)).as_py() or 0


def _days(array: Any) -> list[Any]:  # noqa: ANN401 - a pa.Date32Array
    return [day(days) for days in array.view(pa.int32()).to_pylist()]


def _days_of_ms(array: Any) -> list[Any]:  # noqa: ANN401 - a pa.Date64Array
    return [
        None if count is None else day(count // _DAY_MS)
        for count in array.view(pa.int64()).to_pylist()
    ]


def _moments(to_ms: Callable[[int], int]) -> Column:
    return lambda array: [
        None if count is None else to_ms(count) for count in array.view(pa.int64()).to_pylist()
    ]


def _as_they_are(array: Any) -> list[Any]:  # noqa: ANN401 - a pa.Array
    values: list[Any] = array.to_pylist()
    return values


def _views(lines: Lines) -> Column:
    def views(array: Any) -> list[Any]:  # noqa: ANN401 - a pa.StringViewArray
        # Many views may show the same bytes.
        lines.claim(viewed_bytes(array))
        values: list[Any] = array.to_pylist()
        return values

    return views
