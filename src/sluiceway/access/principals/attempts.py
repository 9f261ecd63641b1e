"""How many wrong passwords are taken, for a username and from a network address."""

import ipaddress
from dataclasses import dataclass, field
from typing import Final

from sluiceway.access.principals.errors import TooManyAttemptsError
from sluiceway.access.principals.types import NAME_LENGTH_MAX, name_key
from sluiceway.access.windows import CountingWindows
from sluiceway.foundation.clock import Clock

_ENTRIES_MAX: Final = 20_000
"""Usernames and addresses remembered; over it the oldest windows are forgotten."""

_IPV6_NETWORK_BITS: Final = 64
"""One subscriber has at least so many IPv6 addresses that only their network tells them apart."""

_USER: Final = "user"
_ORIGIN: Final = "origin"


@dataclass(slots=True)
class AttemptLimits:
    """Counts attempts in windows of fixed length, in this process's memory."""

    clock: Clock
    per_user: int
    per_origin: int
    window_ms: int
    windows: CountingWindows = field(init=False)

    def __post_init__(self) -> None:
        """Begin with nothing counted."""
        self.windows = CountingWindows(self.clock, self.window_ms, _ENTRIES_MAX)

    def take(self, username: str, origin: str) -> None:
        """Count an attempt before its password is looked at.

        Raises:
            TooManyAttemptsError: The username or the address has none left in its window.
        """
        user, address = _user(username), _network(origin)
        for kind, name, limit in (
            (_USER, user, self.per_user),
            (_ORIGIN, address, self.per_origin),
        ):
            if self.windows.counted(kind, name) >= limit:
                raise TooManyAttemptsError(self.windows.seconds_left(kind, name))
        self.windows.count(_USER, user)
        self.windows.count(_ORIGIN, address)

    def give_back(self, username: str, origin: str) -> None:
        """Forget what a right password was counted for; the username starts afresh."""
        self.windows.forget(_USER, _user(username))
        self.windows.take_back(_ORIGIN, _network(origin))


def _user(username: str) -> str:
    return name_key(username[:NAME_LENGTH_MAX])


def _network(origin: str) -> str:
    try:
        address = ipaddress.ip_address(origin)
    except ValueError:
        return origin
    if address.version == 4:  # noqa: PLR2004 - the version's own number
        return str(address)
    return str(ipaddress.ip_network((address, _IPV6_NETWORK_BITS), strict=False))
