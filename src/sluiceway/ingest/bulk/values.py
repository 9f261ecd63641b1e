"""What a value of a file's type is in JSON, and how one is written that no field may take.

Files have types that JSON has not: bytes, days, moments. In JSON these are texts or numbers, and
a field of another type might take the text or number for something it is not. So a value that is
not of the field's type is written as a pair, the name of its type and the value: no field takes
that, and whoever reads the refusal sees what it was.
"""

import datetime as dt
import enum
import math
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, Final

import msgspec

from sluiceway.schema.errors import BodyInvalidError
from sluiceway.schema.floats import as_json
from sluiceway.schema.rows import row_class
from sluiceway.schema.types import (
    ArrayFieldType,
    BinaryType,
    BooleanType,
    ByteType,
    DataType,
    DateType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegerType,
    LongType,
    MapFieldType,
    ShortType,
    StructFieldType,
    TimestampType,
)

_WHOLE_TYPES: Final = (ByteType, ShortType, IntegerType, LongType, DecimalType, TimestampType)
_DAYS_MIN: Final = dt.date.min.toordinal()
_DAYS_MAX: Final = dt.date.max.toordinal()
_EPOCH_DAY: Final = dt.date(1970, 1, 1).toordinal()


class Kind(enum.Enum):
    """The kinds of values that a file may have, as far as JSON would not tell them apart."""

    BOOLEAN = enum.auto()
    WHOLE = enum.auto()
    FLOATING = enum.auto()
    DECIMAL = enum.auto()
    TEXT = enum.auto()
    BYTES = enum.auto()
    DATE = enum.auto()
    MOMENT = enum.auto()
    WALL_TIME = enum.auto()
    """A date and time without a zone, so of no moment that is known."""
    LIST = enum.auto()
    MAP = enum.auto()
    STRUCT = enum.auto()


_TAKEN: Final[dict[Kind, tuple[type, ...]]] = {
    Kind.DECIMAL: (DecimalType,),
    Kind.BYTES: (BinaryType,),
    Kind.DATE: (DateType,),
    Kind.MOMENT: (TimestampType,),
    Kind.WALL_TIME: (),
    Kind.MAP: (MapFieldType,),
    Kind.STRUCT: (StructFieldType,),
}
_KEYS_TAKEN: Final[dict[Kind, tuple[type, ...]]] = {
    **_TAKEN,
    Kind.BOOLEAN: (BooleanType,),
    Kind.WHOLE: _WHOLE_TYPES,
    Kind.FLOATING: (),
    Kind.BYTES: (),
    Kind.MAP: (),
    Kind.STRUCT: (),
    Kind.LIST: (),
}


def is_plain(kind: Kind, target: DataType | None) -> bool:
    """Tell whether values of *kind* are written as they are for a field of type *target*.

    Whether the field takes them is not said with that: only that its check cannot mistake them.
    *target* is ``None`` where there is no field, and so nothing to be mistaken for.
    """
    if target is None:
        return True
    if kind is Kind.FLOATING:
        # A decimal field keeps each digit, and those of a binary number are not what was meant.
        return not isinstance(target, DecimalType)
    if isinstance(target, ArrayFieldType):
        return True  # Takes lists alone, and they are never anything else.
    taken = _TAKEN.get(kind)
    return taken is None or isinstance(target, taken)


def is_key(kind: Kind, target: DataType | None) -> bool:
    """Tell whether values of *kind* may be keys of a map whose keys are of type *target*.

    In JSON every key is a text, so that nothing but this can tell.
    """
    taken = _KEYS_TAKEN.get(kind)
    return target is None or taken is None or isinstance(target, taken)


def tagged(name: str, values: Sequence[Any]) -> list[Any]:
    """Write *values* of the type that is called *name* so that no field takes them."""
    return [None if value is None else [name, value] for value in values]


def floats(name: str, values: list[Any], target: DataType | None) -> list[Any]:
    """Write floating-point numbers, which may be ``None``.

    What is not finite becomes the text that a float or double has for it, and a pair where the
    field could take that text for something else. Numbers for a field for which they are not plain
    are left to be made pairs.
    """
    present = [value for value in values if value is not None] if None in values else values
    if math.isfinite(sum(present)):
        return values  # One that is not finite would have made the sum the same.
    texts = list(map(as_json, values))
    if target is None or isinstance(target, FloatType | DoubleType | DecimalType):
        return texts
    return [
        [name, text] if isinstance(text, str) else value
        for value, text in zip(values, texts, strict=True)
    ]


def row_class_of(names: Sequence[str], where: str) -> Callable[..., Any]:
    """Make the class of a record or struct whose fields have *names*, see ``schema.rows``.

    Raises:
        BodyInvalidError: No field may have one of the names.
    """
    try:
        return row_class(names)
    except ValueError:
        raise BodyInvalidError(f"{where} has a name that no field may have") from None


def day(days: int | None) -> dt.date | str | None:
    """Give the date that is *days* after 1970-01-01; a text that is none outside of the years."""
    if days is None:
        return None
    ordinal = _EPOCH_DAY + days
    if _DAYS_MIN <= ordinal <= _DAYS_MAX:
        return dt.date.fromordinal(ordinal)
    return f"{days} days from 1970-01-01"


def decimal(value: Decimal | None) -> msgspec.Raw | None:
    """Give a decimal as a number in JSON, with all of its digits."""
    return None if value is None else msgspec.Raw(format(value, "f").encode())


def key_text(value: Any) -> str:  # noqa: ANN401 - any value that was made for JSON
    """Give a key of a map as the text that it is in JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, msgspec.Raw):
        return bytes(value).decode()
    text = msgspec.json.encode(value).decode()
    return text[1:-1] if isinstance(value, dt.date) else text
