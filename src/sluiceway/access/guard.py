"""What every call checks before its handler runs: the token, its scope, the preview flag.

A handler says what it needs with ``opt=requires(...)`` or ``opt=public()``. One that says nothing
is refused when the server starts: a forgotten check must not become an open door.
"""

from collections.abc import Mapping
from typing import Any, Final, Protocol

from litestar.connection import ASGIConnection, Request
from litestar.handlers import BaseRouteHandler

from sluiceway.access.caller import Caller
from sluiceway.access.errors import ApiUsageDeniedError, MissingCredentialsError
from sluiceway.access.scopes import Operation
from sluiceway.foundation.request_errors import PreviewUsageOnlyError

_ACCESS: Final = "access"
_PREVIEW: Final = "preview"
_PUBLIC: Final = "public"


class Authenticator(Protocol):
    """Finds the caller behind a token."""

    async def authenticate(self, token: str) -> Caller:
        """Give the caller of *token*.

        Raises:
            InvalidTokenError: The token is unknown, expired, disabled or revoked.
        """
        ...


def requires(operation: Operation | None, *, preview: bool = False) -> dict[str, Any]:
    """Make the ``opt`` of a handler that needs a valid token, and *operation* in its scope.

    ``None`` is for calls that any token may make. A *preview* call needs ``preview=true`` in the
    query (Foundry's ``ApiFeaturePreviewUsageOnly``).
    """
    return {_ACCESS: operation, _PREVIEW: preview}


def public() -> dict[str, Any]:
    """Make the ``opt`` of a handler that anybody may call."""
    return {_ACCESS: _PUBLIC}


def declares_access(opt: Mapping[str, Any]) -> bool:
    """Tell whether a handler said what it needs."""
    return _ACCESS in opt


async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Authenticate the caller and check the scope; runs before parameters and body are read.

    Raises:
        MissingCredentialsError: There is no bearer token.
        InvalidTokenError: The token is not valid.
        ApiUsageDeniedError: The token's scope lacks the operation.
        PreviewUsageOnlyError: The call is in preview and was not asked for as such.
    """
    if connection.scope.get("method") == "OPTIONS":
        return
    needed = handler.opt[_ACCESS]
    if needed == _PUBLIC:
        return
    authenticator: Authenticator = connection.app.state.authenticator
    caller = await authenticator.authenticate(bearer_token(connection.headers.get("authorization")))
    if needed is not None and not caller.may_use(needed):
        raise ApiUsageDeniedError(needed)
    if handler.opt.get(_PREVIEW) and connection.query_params.get("preview") != "true":
        raise PreviewUsageOnlyError
    connection.state.caller = caller


def bearer_token(authorization: str | None) -> str:
    """Take the token out of an ``Authorization`` header (RFC 6750, section 2.1).

    Raises:
        MissingCredentialsError: The header is absent or of another scheme.
    """
    if authorization is None:
        raise MissingCredentialsError
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise MissingCredentialsError
    return token.strip()


def provide_caller(request: Request[Any, Any, Any]) -> Caller:
    """Hand the authenticated caller to a handler that asks for ``caller``."""
    caller: Caller = request.state.caller
    return caller
