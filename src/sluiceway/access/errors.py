"""What may be wrong with the credentials or the rights of a caller."""

from collections.abc import Mapping

from sluiceway.access.scopes import Operation
from sluiceway.foundation.errors import ErrorCode, SluicewayError


class MissingCredentialsError(SluicewayError):
    """The request has no ``Authorization: Bearer`` header."""

    code = ErrorCode.UNAUTHORIZED
    name = "MissingCredentials"
    headers: Mapping[str, str] = {"WWW-Authenticate": "Bearer"}

    def __init__(self) -> None:
        super().__init__("send a token: Authorization: Bearer <token>")


class InvalidTokenError(SluicewayError):
    """The token is unknown, expired, disabled or revoked; which of these is not told."""

    code = ErrorCode.UNAUTHORIZED
    name = "Default:Unauthorized"
    headers: Mapping[str, str] = {"WWW-Authenticate": 'Bearer error="invalid_token"'}

    def __init__(self) -> None:
        super().__init__("the token is not valid, or no longer")


class ApiUsageDeniedError(SluicewayError):
    """The token's scopes do not hold the operation of this call (RFC 6750, section 3.1)."""

    code = ErrorCode.PERMISSION_DENIED
    name = "ApiUsageDenied"

    def __init__(self, missing: Operation) -> None:
        super().__init__(f"the token lacks the scope {missing.scope}", missingScope=missing.scope)
        self.headers = {
            "WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{missing.scope}"'
        }


class InvalidCsrfTokenError(SluicewayError):
    """A request by cookie changes something and does not carry the session's CSRF token."""

    code = ErrorCode.PERMISSION_DENIED
    name = "InvalidCsrfToken"

    def __init__(self) -> None:
        super().__init__("send the session's csrfToken in the header X-CSRF-Token")
