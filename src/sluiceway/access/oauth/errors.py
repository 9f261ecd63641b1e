"""What may be wrong with a call about authorizations."""

from typing import Final

from sluiceway.foundation.errors import ErrorCode, SluicewayError

_SHOWN: Final = 64


class InvalidAuthorizationRequestError(SluicewayError):
    """An application's request to act for a user is refused; ``error`` is OAuth2's own word."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "InvalidAuthorizationRequest"

    def __init__(self, error: str, reason: str) -> None:
        super().__init__(f"{error}: {reason}", error=error, reason=reason)
        self.error = error
        self.reason = reason


class AuthorizationNotFoundError(SluicewayError):
    """The caller has not let this application act for them."""

    code = ErrorCode.NOT_FOUND
    name = "AuthorizationNotFound"

    def __init__(self, client_id: str) -> None:
        shown = client_id[:_SHOWN]
        super().__init__(f"you have not authorized an application {shown!r}", clientId=shown)


class AuthorizationPermissionDeniedError(SluicewayError):
    """Only somebody who signed in decides about applications; a program may not do it for them."""

    code = ErrorCode.PERMISSION_DENIED
    name = "AuthorizationPermissionDenied"

    def __init__(self, reason: str) -> None:
        super().__init__(reason, reason=reason)
