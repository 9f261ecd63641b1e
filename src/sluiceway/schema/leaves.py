"""The types that hold no other type: what is accepted, what is stored, how it is said.

Each type has two forms. *Strict* is the canonical form alone, so that decoding it needs no work
in Python. *Lenient* is everything that is accepted; ``normalise`` then makes it canonical.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from sluiceway.schema import decimals, timestamps
from sluiceway.schema.errors import Reason
from sluiceway.schema.refusals import ValueRefusedError
from sluiceway.schema.types import (
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
    ShortType,
    StringType,
    TimestampType,
)

LONG_MIN: Final = -(2**63)
LONG_MAX: Final = 2**63 - 1
FLOAT_MAX: Final = 3.4028234663852886e38
"""The largest number that a float of 32 bits can hold."""

FLOAT_GROWTH: Final = 25
"""How many bytes longer than as sent a number can be when written as a float (``1e15``)."""
DECIMAL_GROWTH: Final = 43
"""The same for a decimal: sign, zero, point, 38 digits and two quotation marks, from ``1``."""

NUMBER: Final = "number"
STRING: Final = "string"
BOOLEAN: Final = "boolean"


@dataclass(frozen=True, slots=True)
class Leaf:
    """How the values of one type are decoded, made canonical and described."""

    strict: Any
    """The msgspec type of canonical values."""
    expected: str
    """What is accepted, in words."""
    kinds: tuple[str, ...]
    """The JSON types that may be accepted."""
    sample: Any
    """A value that fits, as JSON."""
    lenient: Any = None
    """The msgspec type of all accepted values; ``None`` where all of them are canonical."""
    normalise: Callable[[Any], Any] | None = None
    """Makes a lenient value canonical; raises ``ValueRefusedError`` if it cannot."""
    growth: int = 0
    """How many bytes longer than as sent the canonical form can be."""


def _whole(bits: int, article: str, sample: int) -> Leaf:
    low, high = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
    kind = Annotated[int, Meta(ge=low, le=high)]
    return Leaf(kind, f"{article}: a whole number from {low} to {high}", (NUMBER,), sample)


def _long_of(value: Any) -> int:  # noqa: ANN401 - an int or its decimal text, already decoded
    number = int(value)
    if not LONG_MIN <= number <= LONG_MAX:
        raise ValueRefusedError(Reason.OUT_OF_RANGE)
    return number


_LONG: Final = Annotated[int, Meta(ge=LONG_MIN, le=LONG_MAX)]
_LONG_TEXT: Final = Annotated[str, Meta(pattern=r"^-?(?:0|[1-9][0-9]{0,18})\Z")]
_NOT_FINITE: Final = Literal["NaN", "Infinity", "-Infinity"]
_FLOAT: Final = Annotated[float, Meta(ge=-FLOAT_MAX, le=FLOAT_MAX)]
_TIMESTAMP: Final = Annotated[
    int, Meta(ge=timestamps.TIMESTAMP_MS_MIN, le=timestamps.TIMESTAMP_MS_MAX)
]
_MOMENT: Final = Annotated[dt.datetime, Meta(tz=True)]
_NOT_FINITE_TEXT: Final = 'or "NaN", "Infinity" or "-Infinity"'
_TIMESTAMP_SAMPLE: Final = 1_767_225_600_000

_KEY_TIMESTAMP: Final = Leaf(
    _TIMESTAMP, "timestamp: epoch milliseconds, a whole number", (NUMBER,), _TIMESTAMP_SAMPLE
)

_LEAVES: Final[dict[type, Leaf]] = {
    BooleanType: Leaf(bool, "boolean: true or false", (BOOLEAN,), sample=True),
    ByteType: _whole(8, "byte", 1),
    ShortType: _whole(16, "short", 1),
    IntegerType: _whole(32, "integer", 1),
    LongType: Leaf(
        _LONG,
        f"long: a whole number from {LONG_MIN} to {LONG_MAX}, or its decimal digits as a string",
        (NUMBER, STRING),
        1,
        lenient=_LONG | _LONG_TEXT,
        normalise=_long_of,
    ),
    FloatType: Leaf(
        _FLOAT | _NOT_FINITE,
        f"float: a number from -{FLOAT_MAX} to {FLOAT_MAX}, {_NOT_FINITE_TEXT}",
        (NUMBER, STRING),
        1.5,
        growth=FLOAT_GROWTH,
    ),
    DoubleType: Leaf(
        float | _NOT_FINITE,
        f"double: a number of 64 bits, {_NOT_FINITE_TEXT}",
        (NUMBER, STRING),
        1.5,
        growth=FLOAT_GROWTH,
    ),
    StringType: Leaf(str, "string", (STRING,), "sample"),
    BinaryType: Leaf(
        bytes,
        "binary: base64 text with the standard alphabet and padding",
        (STRING,),
        "c2FtcGxl",
    ),
    DateType: Leaf(dt.date, 'date: text like "2026-01-31"', (STRING,), "2026-01-01"),
    TimestampType: Leaf(
        _TIMESTAMP,
        "timestamp: epoch milliseconds, or RFC 3339 text with a zone",
        (NUMBER, STRING),
        _TIMESTAMP_SAMPLE,
        lenient=_TIMESTAMP | _MOMENT,
        normalise=timestamps.to_epoch_ms,
    ),
}


def leaf_of(data_type: DataType, *, is_key: bool = False) -> Leaf:
    """Give the leaf of *data_type*, which is no array, map or struct."""
    if isinstance(data_type, DecimalType):
        return _decimal(data_type)
    if is_key and isinstance(data_type, TimestampType):
        return _KEY_TIMESTAMP
    return _LEAVES[type(data_type)]


def _decimal(data_type: DecimalType) -> Leaf:
    size = (data_type.digits, data_type.fraction_digits)
    return Leaf(
        Annotated[str, Meta(pattern=decimals.canonical_pattern(*size))],
        f"decimal({size[0]},{size[1]}): a number, or its digits as a string, that fits exactly",
        (NUMBER, STRING),
        "1" if size[0] > size[1] else "0.1",
        lenient=msgspec.Raw,
        normalise=decimals.raw_normaliser(*size),
        growth=DECIMAL_GROWTH,
    )


def map_key_of(data_type: DataType) -> Leaf:
    """Give the leaf of *data_type* as the key of a map, where JSON has only strings.

    The name of a key is the value's JSON without quotation marks. A timestamp is in epoch
    milliseconds.
    """
    if isinstance(data_type, BooleanType):
        return Leaf(Literal["true", "false"], 'a key "true" or "false"', (STRING,), sample="true")
    leaf = leaf_of(data_type, is_key=True)
    expected = f"a key that is a {leaf.expected}"
    if isinstance(data_type, DecimalType):
        normalise = decimals.normaliser(data_type.digits, data_type.fraction_digits)
        return Leaf(leaf.strict, expected, (STRING,), leaf.sample, str, normalise, DECIMAL_GROWTH)
    return Leaf(leaf.strict, expected, (STRING,), str(leaf.sample))
