"""Timestamps: epoch milliseconds, or RFC 3339 text that is turned into them."""

import datetime as dt
from typing import Any, Final

from sluiceway.schema.errors import Reason
from sluiceway.schema.refusals import ValueRefusedError

TIMESTAMP_MS_MIN: Final = -62_135_596_800_000
"""0001-01-01T00:00:00.000Z: what a date and every reader of the archive can show."""
TIMESTAMP_MS_MAX: Final = 253_402_300_799_999
"""9999-12-31T23:59:59.999Z."""

_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MILLISECOND: Final = dt.timedelta(milliseconds=1)


def to_epoch_ms(value: Any) -> int:  # noqa: ANN401 - an int or a datetime, already decoded
    """Give *value* in epoch milliseconds; what is finer than a millisecond is cut off.

    Raises:
        ValueRefusedError: The moment is outside of the years 1 to 9999 in UTC.
    """
    if isinstance(value, int):
        return value
    milliseconds: int = (value - _EPOCH) // _MILLISECOND
    if not TIMESTAMP_MS_MIN <= milliseconds <= TIMESTAMP_MS_MAX:
        raise ValueRefusedError(Reason.OUT_OF_RANGE)
    return milliseconds
