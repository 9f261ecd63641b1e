"""What is answered to who asks for too much: HTTP 429, in the form of every other error.

All of them are to be sent again, so none has ``QoS-Retry-Hint``: its one value in Palantir's
clients is ``do-not-retry``. ``QoS-Due-To: custom`` tells these that the limit is one of a user or
a resource, so that they do not take the server for overloaded (``QosDueTo`` in
palantir/conjure-rust).
"""

from typing import Literal

from sluiceway.foundation.errors import ErrorCode, SluicewayError

Scope = Literal["principal", "stream"]
"""Whose limit it is."""


class _LimitReachedError(SluicewayError):
    """A limit of one principal or one stream is reached; nothing was written."""

    code = ErrorCode.CUSTOM_CLIENT
    status = 429
    retryable = True

    def _tell(self, most: int, retry_after_seconds: int, reset_seconds: int) -> None:
        """Say in headers which limit was reached and when to send the request again."""
        self.headers = {
            "Retry-After": str(retry_after_seconds),
            "X-RateLimit-Limit": str(most),
            "X-RateLimit-Remaining": "0",
            "X-RateLimit-Reset": str(reset_seconds),
            "QoS-Due-To": "custom",
        }


class RequestRateExceededError(_LimitReachedError):
    """The principal, or the stream as a whole, has had its requests of this minute."""

    name = "RequestRateExceeded"

    def __init__(
        self, scope: Scope, per_minute_max: int, retry_after_seconds: int, reset_seconds: int
    ) -> None:
        super().__init__(
            f"the {scope} may have {per_minute_max} requests per minute;"
            f" try again in {retry_after_seconds} seconds",
            scope=scope,
            requestsPerMinuteMax=per_minute_max,
            retryAfterSeconds=retry_after_seconds,
        )
        self._tell(per_minute_max, retry_after_seconds, reset_seconds)


class TooManyConcurrentRequestsError(_LimitReachedError):
    """The principal, or the stream as a whole, has as many requests in progress as it may."""

    name = "TooManyConcurrentRequests"

    def __init__(self, scope: Scope, concurrent_max: int) -> None:
        super().__init__(
            f"the {scope} may have {concurrent_max} requests in progress; try again in 1 second",
            scope=scope,
            concurrentRequestsMax=concurrent_max,
            retryAfterSeconds=1,
        )
        self._tell(concurrent_max, 1, 1)


class RequestLimitsFullError(SluicewayError):
    """As many principals or streams are in use as are kept count of; a further one has to wait."""

    code = ErrorCode.CUSTOM_CLIENT
    name = "RequestLimitsFull"
    status = 429
    retryable = True

    def __init__(self, scope: Scope, entries_max: int) -> None:
        super().__init__(
            f"{entries_max} {scope}s published within the last minute, which is the most that are"
            " kept count of; try again in 1 second",
            scope=scope,
            entriesMax=entries_max,
            retryAfterSeconds=1,
        )
        self.headers = {"Retry-After": "1"}
