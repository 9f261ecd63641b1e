"""How many records those who watch are given, when more come than they can look at."""

from collections.abc import Mapping


class Budget:
    """Lets through so many in a second; what is not used in a second is lost."""

    __slots__ = ("_last", "_left", "_per_second")

    def __init__(self, per_second: int, now: float) -> None:
        self._per_second = per_second
        self._left = float(per_second)
        self._last = now

    def available(self, now: float) -> int:
        """Give how many may go now; *now* is in seconds and never goes back."""
        self._left = min(self._per_second, self._left + (now - self._last) * self._per_second)
        self._last = now
        return int(self._left)

    def pause(self) -> float:
        """Give after how many seconds from the last look one more may go, 0 when one may."""
        return max(0.0, 1 - self._left) / self._per_second

    def take(self, count: int) -> None:
        """Note that so many went."""
        self._left -= count


def fair_shares(waiting: Mapping[int, int], available: int, turn: int) -> dict[int, int]:
    """Divide *available* among partitions that have so many records *waiting*.

    Each gets what it has or an equal part; what one does not need is for the others. With more
    partitions than records available some get nothing, and are not in the answer; *turn* says
    which come first, so that it is another's turn the next time.
    """
    order = sorted(waiting)
    first = turn % len(order) if order else 0
    order = (order[first:] + order[:first])[:available]
    shares: dict[int, int] = {}
    for place, partition in enumerate(sorted(order, key=lambda one: waiting[one])):
        shares[partition] = min(waiting[partition], available // (len(order) - place))
        available -= shares[partition]
    return shares
