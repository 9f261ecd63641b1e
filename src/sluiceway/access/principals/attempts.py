"""How many wrong passwords are taken, for a username and from a network address."""

import ipaddress
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

from sluiceway.access.principals.errors import TooManyAttemptsError
from sluiceway.access.principals.types import name_key
from sluiceway.foundation.clock import Clock

_ENTRIES_MAX: Final = 20_000
"""Usernames and addresses remembered; over it the oldest windows are forgotten."""

_KEY_LENGTH_MAX: Final = 255
"""Of a username that is longer, this much is remembered."""

_IPV6_NETWORK_BITS: Final = 64
"""One subscriber has at least so many IPv6 addresses that only their network tells them apart."""


@dataclass(slots=True)
class _Window:
    start_ms: int
    count: int


@dataclass(slots=True)
class AttemptLimits:
    """Counts attempts in windows of fixed length, in this process's memory."""

    clock: Clock
    per_user: int
    per_origin: int
    window_ms: int
    _windows: OrderedDict[tuple[str, str], _Window] = field(default_factory=OrderedDict)

    def take(self, username: str, origin: str) -> None:
        """Count an attempt before its password is looked at.

        Raises:
            TooManyAttemptsError: The username or the address has none left in its window.
        """
        now_ms = self.clock.now_ms()
        wanted = self._wanted(username, origin)
        for key, limit in wanted:
            window = self._windows.get(key)
            if window is None or now_ms - window.start_ms >= self.window_ms:
                continue
            if window.count >= limit:
                left_ms = window.start_ms + self.window_ms - now_ms
                raise TooManyAttemptsError(-(-left_ms // 1000))
        for key, _ in wanted:
            self._count(key, now_ms)

    def give_back(self, username: str, origin: str) -> None:
        """Forget what a right password was counted for; the username starts afresh."""
        (user, _), (address, _) = self._wanted(username, origin)
        self._windows.pop(user, None)
        window = self._windows.get(address)
        if window is not None and window.count > 0:
            window.count -= 1

    def _wanted(
        self, username: str, origin: str
    ) -> tuple[tuple[tuple[str, str], int], tuple[tuple[str, str], int]]:
        return (
            (("user", name_key(username[:_KEY_LENGTH_MAX])), self.per_user),
            (("origin", _network(origin)), self.per_origin),
        )

    def _count(self, key: tuple[str, str], now_ms: int) -> None:
        window = self._windows.get(key)
        if window is not None and now_ms - window.start_ms < self.window_ms:
            window.count += 1
            return
        self._windows[key] = _Window(now_ms, 1)
        self._windows.move_to_end(key)
        while len(self._windows) > _ENTRIES_MAX:
            self._windows.popitem(last=False)


def _network(origin: str) -> str:
    try:
        address = ipaddress.ip_address(origin)
    except ValueError:
        return origin[:_KEY_LENGTH_MAX]
    if address.version == 4:  # noqa: PLR2004 - the version's own number
        return str(address)
    return str(ipaddress.ip_network((address, _IPV6_NETWORK_BITS), strict=False))
