"""The type that fits what was seen of a field, and the reason in a sentence.

The rule behind all of them: a type that is too narrow refuses records later, and the type of a
field cannot be changed while its stream lives. So a doubtful number becomes a double, a doubtful
text stays a string, and whoever looks at the guess is told what to check.
"""

import re
from dataclasses import dataclass
from typing import Final

from sluiceway.schema.leaves import LONG_MAX, LONG_MIN
from sluiceway.schema.observation import Observation
from sluiceway.schema.types import (
    DECIMAL_PRECISION_DEFAULT,
    BooleanType,
    DataType,
    DateType,
    DecimalType,
    DoubleType,
    LongType,
    StringType,
    TimestampType,
)

EXACT_MAX: Final = 2**53
"""From here on a double no longer holds every whole number."""
_EPOCH_MS_MIN: Final = 946_684_800_000
"""2000-01-01: smaller numbers are more likely seconds, or no time at all."""
_EPOCH_MS_MAX: Final = 4_102_444_800_000
"""2100-01-01."""

_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_TIME_WORDS: Final = frozenset({"time", "timestamp", "ts", "date", "datetime", "epoch"})
_TIME_ENDINGS: Final = frozenset({"at", "on", "when"})
_WHOLE_ENDINGS: Final = frozenset({
    "id", "ids", "count", "number", "index", "position", "sequence", "seq", "offset", "version",
    "revision", "year", "port", "bytes", "ms", "millis", "ns",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Guess:
    """A type and why it was chosen."""

    data_type: DataType
    why: str
    warning: str | None = None
    """What to check before a stream gets this type."""


def guess_leaf(name: str, seen: Observation) -> Guess:
    """Guess the type of the field *name* of which no array or object was seen."""
    present = seen.seen - seen.nulls
    if not present:
        return Guess(
            StringType(),
            "only null in the sample",
            "the sample does not show the type: string is assumed",
        )
    numbers = seen.integers + seen.floats
    if seen.booleans == present:
        return Guess(BooleanType(), "true or false")
    if seen.integers == present:
        return _guess_integer(name, seen)
    if numbers and numbers + seen.not_finite == present:
        return Guess(DoubleType(), "numbers, not all of them whole")
    if seen.strings == present:
        return _guess_string(seen, present)
    return mixed(seen)


def mixed(seen: Observation) -> Guess:
    """Guess for a field whose values are of types that have nothing in common."""
    counts = {
        "true or false": seen.booleans,
        "numbers": seen.integers + seen.floats,
        "strings": seen.strings,
        "arrays": seen.arrays,
        "objects": seen.objects,
    }
    kinds = ", ".join(kind for kind, count in counts.items() if count)
    return Guess(
        StringType(),
        f"mixed values: {kinds}",
        "records are refused unless all values are sent as strings",
    )


def _guess_integer(name: str, seen: Observation) -> Guess:
    words = [word.lower() for word in _WORDS.findall(name)]
    ending = words[-1] if words else ""
    is_named_time = ending in _TIME_ENDINGS or not _TIME_WORDS.isdisjoint(words)
    if is_named_time and seen.low >= _EPOCH_MS_MIN and seen.high < _EPOCH_MS_MAX:
        why = "named like a time, and its numbers are epoch milliseconds from 2000 to 2100"
        return Guess(TimestampType(), why)
    if seen.low < LONG_MIN or seen.high > LONG_MAX:
        return _guess_huge(seen)
    if seen.low < -EXACT_MAX or seen.high > EXACT_MAX:
        return Guess(LongType(), "whole numbers beyond 2^53, which a double cannot hold exactly")
    if ending in _WHOLE_ENDINGS:
        return Guess(LongType(), f"whole numbers, and a name that ends in {ending!r}")
    return Guess(
        DoubleType(),
        "whole numbers, which may have decimals later: a double takes both",
        "choose long if the values are always whole",
    )


def _guess_huge(seen: Observation) -> Guess:
    digits = max(len(str(abs(seen.low))), len(str(abs(seen.high))))
    if digits <= DECIMAL_PRECISION_DEFAULT:
        data_type = DecimalType(precision=DECIMAL_PRECISION_DEFAULT, scale=0)
        return Guess(data_type, "whole numbers beyond the 64 bits of a long")
    return Guess(
        DoubleType(),
        "whole numbers of more than 38 digits",
        "a double keeps about 16 digits: send the numbers as strings to keep all",
    )


def _guess_string(seen: Observation, present: int) -> Guess:
    if seen.dates == present:
        return Guess(DateType(), 'all strings are dates like "2026-01-31"')
    if seen.moments == present:
        return Guess(TimestampType(), "all strings are RFC 3339 times with a zone")
    if seen.local_moments == present:
        return Guess(
            StringType(),
            "all strings are times without a zone",
            'send times with a zone, like "2026-01-31T08:00:00Z", to use a timestamp',
        )
    if seen.not_finite == present:
        return Guess(DoubleType(), 'all strings are words for numbers, like "NaN"')
    if seen.dates or seen.moments or seen.local_moments:
        return Guess(
            StringType(),
            "strings, of which only some are dates or times",
            "choose another type only if all values have its form",
        )
    return Guess(StringType(), "strings")
