"""How long things took: counts in buckets, so that a run of any length needs some kilobytes."""

import math
from typing import Final

_PRECISION_BITS: Final = 7
_SECONDS_MAX: Final = 86_400.0
_UNIT: Final = 1e-6


class Histogram:
    """Counts times by their size, each to within 1/128 of itself, or a microsecond.

    Times below 256 µs have a bucket for each microsecond; above, each doubling has 128 buckets.
    Times over a day count as a day.
    """

    def __init__(self) -> None:
        self.count = 0
        self.max_seconds = 0.0
        """The longest, exactly."""
        self._buckets: list[int] = []

    def add(self, seconds: float, times: int = 1) -> None:
        """Count a time; what is below 0 counts as 0."""
        self.max_seconds = max(self.max_seconds, seconds)
        units = int(min(seconds, _SECONDS_MAX) / _UNIT) if seconds > 0 else 0
        shift = max(units.bit_length() - _PRECISION_BITS - 1, 0)
        index = (shift << _PRECISION_BITS) + (units >> shift)
        try:
            self._buckets[index] += times
        except IndexError:
            self._buckets += [0] * (index + 1 - len(self._buckets))
            self._buckets[index] = times
        self.count += times

    def percentile(self, percent: float) -> float | None:
        """Give the seconds that so many percent took at most; ``None`` when nothing was counted."""
        if not self.count:
            return None
        wanted = max(math.ceil(self.count * percent / 100), 1)
        for index, times in enumerate(self._buckets):
            wanted -= times
            if wanted <= 0:
                return min(_end_of(index), self.max_seconds)
        raise AssertionError("the buckets hold less than was counted")


def _end_of(index: int) -> float:
    """Give the seconds at which a bucket ends."""
    shift = max((index >> _PRECISION_BITS) - 1, 0)
    return ((index - (shift << _PRECISION_BITS) + 1) << shift) * _UNIT
