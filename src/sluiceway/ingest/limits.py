"""How much one principal, and one stream, may ask for: requests per minute, and at once.

The rate is that of the generic cell rate algorithm (ITU-T I.371, annex A): of each principal only
the time is kept at which its allowance is whole again. A minute's allowance may be used at once;
then it comes back evenly. As in Foundry a request counts while it is worked on, not while it is on
its way ("Limits" in its API's documentation).
"""

import math
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Final, Self

from sluiceway.access.caller import Caller
from sluiceway.ingest.limit_errors import (
    RequestLimitsFullError,
    RequestRateExceededError,
    Scope,
    TooManyConcurrentRequestsError,
)
from sluiceway.ingest.settings import LimitSettings
from sluiceway.streams.types import View

_WINDOW_SECONDS: Final = 60.0
_ROUNDING_SECONDS: Final = 1e-6
"""What sums of intervals may be off by."""
_SWEEP_SECONDS: Final = 1.0
"""How often a full table is looked through for what is not in use any more."""


class Limit:
    """The most that one principal, or one stream, may ask for; 0 stands for no limit."""

    __slots__ = ("concurrent_max", "interval_seconds", "per_minute_max")

    def __init__(self, per_minute_max: int, concurrent_max: int) -> None:
        self.per_minute_max: Final = per_minute_max
        self.concurrent_max: Final = concurrent_max
        self.interval_seconds: Final = _WINDOW_SECONDS / per_minute_max if per_minute_max else 0.0


class Usage:
    """What one principal, or one stream, uses now."""

    __slots__ = ("in_progress", "whole_at")

    def __init__(self) -> None:
        self.in_progress = 0
        self.whole_at = 0.0
        """The time at which its allowance is whole again."""


class Slot:
    """A request that counts, until it is released: ``with``, or ``release``, once."""

    __slots__ = ("_usages",)

    def __init__(self, *usages: Usage) -> None:
        self._usages = usages

    def release(self) -> None:
        """Count no more."""
        for usage in self._usages:
            usage.in_progress -= 1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


@dataclass(slots=True)
class UsageTable:
    """What each principal, or each stream, uses now.

    Whoever has nothing in progress and its allowance whole may be forgotten: it makes no
    difference.
    """

    scope: Scope
    entries_max: int
    _usages: dict[Hashable, Usage] = field(default_factory=dict)
    _swept_at: float = -_SWEEP_SECONDS

    def __len__(self) -> int:
        """Tell how many are kept count of."""
        return len(self._usages)

    def checked(self, key: Hashable, limit: Limit, now: float) -> Usage:
        """Give what *key* uses, if *limit* leaves room for one more request; it is not counted.

        Raises:
            RequestRateExceededError: It had its requests of this minute.
            TooManyConcurrentRequestsError: It has as many in progress as it may.
            RequestLimitsFullError: It is not known and there is no room for it.
        """
        usage = self._usages.get(key)
        if usage is None:
            self._make_room(now)
            usage = self._usages[key] = Usage()
        if limit.concurrent_max and usage.in_progress >= limit.concurrent_max:
            raise TooManyConcurrentRequestsError(self.scope, limit.concurrent_max)
        if limit.per_minute_max:
            behind = usage.whole_at - now
            wait = behind + limit.interval_seconds - _WINDOW_SECONDS
            if wait > _ROUNDING_SECONDS:
                raise RequestRateExceededError(
                    self.scope, limit.per_minute_max, _whole(wait), _whole(behind)
                )
        return usage

    def _make_room(self, now: float) -> None:
        """See that one more fits; what is in use is never forgotten, or it would start afresh."""
        if len(self._usages) < self.entries_max:
            return
        if now - self._swept_at >= _SWEEP_SECONDS:
            self._swept_at = now
            self._usages = {
                key: usage
                for key, usage in self._usages.items()
                if usage.in_progress or usage.whole_at > now
            }
        if len(self._usages) >= self.entries_max:
            raise RequestLimitsFullError(self.scope, self.entries_max)


def _whole(seconds: float) -> int:
    """Give the whole seconds after which so many have passed; at least one."""
    return max(1, math.ceil(seconds - _ROUNDING_SECONDS))


@dataclass(slots=True)
class RequestLimits:
    """Counts the publish requests of principals and streams; both doors ask the same one."""

    user: Limit | None
    service_user: Limit | None
    stream: Limit | None
    principals: UsageTable
    streams: UsageTable
    monotonic: Callable[[], float] = time.monotonic

    def take(self, caller: Caller, view: View) -> Slot:
        """Count a request to the stream of *view*, until its slot is released.

        One that is refused is not counted, for neither of the two.

        Raises:
            RequestRateExceededError, TooManyConcurrentRequestsError, RequestLimitsFullError: See
                `UsageTable.checked`.
        """
        now = self.monotonic()
        own = self.service_user if caller.is_service_user else self.user
        counted = []
        if own is not None:
            counted.append((own, self.principals.checked(caller.principal_id, own, now)))
        if self.stream is not None:
            key = (view.dataset_rid, view.branch_name)
            counted.append((self.stream, self.streams.checked(key, self.stream, now)))
        for limit, usage in counted:
            usage.in_progress += 1
            if limit.per_minute_max:
                usage.whole_at = max(usage.whole_at, now) + limit.interval_seconds
        return Slot(*(usage for _, usage in counted))


_FOUNDRY: Final = {
    "user_requests_per_minute_max": 5_000,
    "user_concurrent_requests_max": 30,
    "service_user_concurrent_requests_max": 800,
}
"""What Foundry documents; service users have no limit on their rate, streams none at all."""


def request_limits(settings: LimitSettings) -> RequestLimits | None:
    """Make the limits that are set; ``None`` where nothing is limited."""
    profile = _FOUNDRY if settings.profile == "foundry" else {}

    def limit(of: str) -> Limit | None:
        most = []
        for what in ("requests_per_minute_max", "concurrent_requests_max"):
            name = f"{of}_{what}"
            own: int | None = getattr(settings, name)
            most.append(profile.get(name, 0) if own is None else own)
        return Limit(*most) if any(most) else None

    user, service_user, stream = limit("user"), limit("service_user"), limit("stream")
    if user is None and service_user is None and stream is None:
        return None
    principals = UsageTable("principal", settings.entries_max)
    return RequestLimits(
        user, service_user, stream, principals, UsageTable("stream", settings.entries_max)
    )
