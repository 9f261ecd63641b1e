"""What may be wrong with a request, whatever it is about.

Names and statuses are those of Foundry's gateway (docs: API > general > errors) and of the
Conjure wire specification.
"""

from collections.abc import Mapping

from sluiceway.foundation.errors import ErrorCode, SluicewayError


class InvalidArgumentError(SluicewayError):
    """A parameter or the body is not what the call takes."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "Conjure:InvalidArgument"

    def __init__(self, reason: str, **parameters: object) -> None:
        super().__init__(reason, reason=reason, **parameters)


class MissingPostBodyError(SluicewayError):
    """The call needs a body and got none."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "MissingPostBody"

    def __init__(self) -> None:
        super().__init__("this call needs a request body")


class UnsupportedMediaTypeError(SluicewayError):
    """The body's ``Content-Type`` or ``Content-Encoding`` is not one that the call takes."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "Conjure:UnsupportedMediaType"
    status = 415

    def __init__(self, found: str, expected: str) -> None:
        super().__init__(
            f"got {found[:100]!r}, expected {expected}", found=found[:100], expected=expected
        )


class InvalidPageSizeError(SluicewayError):
    """The page size is out of range."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "InvalidPageSize"

    def __init__(self, page_size: int, page_size_max: int) -> None:
        super().__init__(
            f"page size {page_size} is not between 1 and {page_size_max}",
            pageSize=page_size,
            pageSizeMax=page_size_max,
        )


class InvalidPageTokenError(SluicewayError):
    """The page token is not one that this server gave."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "InvalidPageToken"

    def __init__(self, page_token: str) -> None:
        super().__init__("the page token is not one of ours", pageToken=page_token[:100])


class PreviewUsageOnlyError(SluicewayError):
    """The call is in preview and the request does not say ``preview=true``."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "ApiFeaturePreviewUsageOnly"

    def __init__(self) -> None:
        super().__init__("this call is in preview: add preview=true to the query")


class RouteNotFoundError(SluicewayError):
    """No call has this path."""

    code = ErrorCode.NOT_FOUND
    name = "Default:NotFound"

    def __init__(self, path: str) -> None:
        super().__init__(f"no call has the path {path[:200]}", path=path[:200])


class MethodNotAllowedError(SluicewayError):
    """The path exists but not with this method."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "Default:MethodNotAllowed"
    status = 405

    def __init__(self, method: str, allowed: str) -> None:
        super().__init__(
            f"{method} is not allowed here, only {allowed}", method=method, allowed=allowed
        )
        self.headers = {"Allow": allowed}


class RequestEntityTooLargeError(SluicewayError):
    """The body is larger than this server takes."""

    code = ErrorCode.REQUEST_ENTITY_TOO_LARGE
    name = "Default:RequestEntityTooLarge"

    def __init__(self, bytes_max: int) -> None:
        super().__init__(f"the request body is over {bytes_max} bytes", bytesMax=bytes_max)


class RequestHeaderTooLargeError(SluicewayError):
    """The first line and the headers of the request are larger than this server takes."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "Default:RequestHeaderTooLarge"
    status = 431

    def __init__(self, bytes_max: int) -> None:
        super().__init__(f"the head of the request is over {bytes_max} bytes", bytesMax=bytes_max)


class ClientDisconnectedError(SluicewayError):
    """The client went away before its request was complete; nobody gets this answer."""

    code = ErrorCode.CUSTOM_CLIENT
    name = "Default:ClientDisconnected"

    def __init__(self) -> None:
        super().__init__("the client went away before its request was complete")


class PermissionDeniedError(SluicewayError):
    """The caller may not do this."""

    code = ErrorCode.PERMISSION_DENIED
    name = "Default:PermissionDenied"

    def __init__(self, reason: str) -> None:
        super().__init__(reason, reason=reason)


class OverloadedError(SluicewayError):
    """The server has as much in flight as it may hold; nothing was taken."""

    code = ErrorCode.CUSTOM_SERVER
    name = "Default:Overloaded"
    status = 503
    retryable = True
    headers: Mapping[str, str] = {"Retry-After": "1"}

    def __init__(self, what: str) -> None:
        super().__init__(f"the server is at its limit of {what}; try again", what=what)


class InternalError(SluicewayError):
    """A fault of this server. The log has it under the ``errorInstanceId``."""

    code = ErrorCode.INTERNAL
    name = "Default:Internal"
    wrote_nothing = False

    def __init__(self) -> None:
        super().__init__("internal error; the server's log has it under this errorInstanceId")
