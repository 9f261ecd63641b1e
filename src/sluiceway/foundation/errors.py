"""The root of every error that a caller may see.

The shape on the wire is Conjure's (docs/spec/wire.md, section 3.4, of palantir/conjure):
``errorCode``, ``errorName``, ``errorInstanceId`` and ``parameters``, with ``errorDescription``
beside them. ``foundation.rendering`` is the one place that writes it.
"""

import enum
from collections.abc import Mapping
from typing import Any, ClassVar, Final


class ErrorCode(enum.StrEnum):
    """Conjure's error codes and the ones that Foundry's gateway adds."""

    UNAUTHORIZED = "UNAUTHORIZED"
    PERMISSION_DENIED = "PERMISSION_DENIED"
    INVALID_ARGUMENT = "INVALID_ARGUMENT"
    NOT_FOUND = "NOT_FOUND"
    CONFLICT = "CONFLICT"
    REQUEST_ENTITY_TOO_LARGE = "REQUEST_ENTITY_TOO_LARGE"
    FAILED_PRECONDITION = "FAILED_PRECONDITION"
    INTERNAL = "INTERNAL"
    TIMEOUT = "TIMEOUT"
    CUSTOM_CLIENT = "CUSTOM_CLIENT"
    CUSTOM_SERVER = "CUSTOM_SERVER"

    @property
    def status(self) -> int:
        """The HTTP status of this code, unless an error names its own."""
        return _STATUS[self]


_STATUS: Final[Mapping[ErrorCode, int]] = {
    ErrorCode.UNAUTHORIZED: 401,
    ErrorCode.PERMISSION_DENIED: 403,
    ErrorCode.INVALID_ARGUMENT: 400,
    ErrorCode.NOT_FOUND: 404,
    ErrorCode.CONFLICT: 409,
    ErrorCode.REQUEST_ENTITY_TOO_LARGE: 413,
    ErrorCode.FAILED_PRECONDITION: 500,
    ErrorCode.INTERNAL: 500,
    ErrorCode.TIMEOUT: 500,
    ErrorCode.CUSTOM_CLIENT: 400,
    ErrorCode.CUSTOM_SERVER: 500,
}


class SluicewayError(Exception):
    """Something that went wrong and that the caller can understand.

    A subclass names its ``code`` and its wire ``name`` (an API: never renamed). An instance
    carries the facts as ``parameters``, under the wire's names, and a lower-case message with
    the values, for people.
    """

    code: ClassVar[ErrorCode]
    name: ClassVar[str]
    status: ClassVar[int | None] = None
    """The HTTP status, where it is not the code's own."""
    retryable: ClassVar[bool] = False
    """Whether the same request, unchanged, may succeed later."""
    wrote_nothing: ClassVar[bool] = True
    """Whether it is certain that the request changed nothing."""
    headers: Mapping[str, str] = {}
    """Sent beside the body, for instance ``Retry-After``."""

    def __init__(self, message: str, /, **parameters: Any) -> None:  # noqa: ANN401 - any JSON value
        super().__init__(message)
        self.message = message
        self.parameters = parameters

    @property
    def http_status(self) -> int:
        """The HTTP status of the answer."""
        return self.code.status if self.status is None else self.status
