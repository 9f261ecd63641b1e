"""What every call checks before its handler runs: the token, its scope, the preview flag.

A handler says what it needs with ``opt=requires(...)`` or ``opt=public()``. One that says nothing
is refused when the server starts: a forgotten check must not become an open door.
"""

from collections.abc import Mapping
from typing import Any, Final

from litestar.connection import ASGIConnection, Request
from litestar.handlers import BaseRouteHandler

from sluiceway.access.caller import Authenticator, Caller
from sluiceway.access.credentials import request_token
from sluiceway.access.errors import ApiUsageDeniedError
from sluiceway.access.scopes import Operation
from sluiceway.foundation.request_errors import PreviewUsageOnlyError

_ACCESS: Final = "access"
_PREVIEW: Final = "preview"
_PUBLIC: Final = "public"


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


def is_public(opt: Mapping[str, Any]) -> bool:
    """Tell whether anybody may call a handler."""
    return opt.get(_ACCESS) == _PUBLIC


def is_preview(opt: Mapping[str, Any]) -> bool:
    """Tell whether a handler must be asked for with ``preview=true``."""
    return bool(opt.get(_PREVIEW))


async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Authenticate the caller and check the scope; runs before parameters and body are read.

    Raises:
        MissingCredentialsError: There is no token, in a header or a cookie.
        InvalidCsrfTokenError: A change by cookie does not carry the session's word.
        InvalidTokenError: The token is not valid.
        ApiUsageDeniedError: The token's scope lacks the operation.
        PreviewUsageOnlyError: The call is in preview and was not asked for as such.
    """
    if connection.scope.get("method") == "OPTIONS":
        return
    needed = handler.opt[_ACCESS]
    if needed == _PUBLIC:
        return
    caller = await _caller_of(connection)
    if needed is not None and not caller.may_use(needed):
        raise ApiUsageDeniedError(needed)
    if handler.opt.get(_PREVIEW) and connection.query_params.get("preview") != "true":
        raise PreviewUsageOnlyError


async def provide_caller(request: Request[Any, Any, Any]) -> Caller:
    """Hand the caller to a handler that asks for ``caller``.

    The framework asks for it once the body is there. It is authenticated again, since the body
    may have taken minutes in which its token ended or it left a group.

    Raises:
        InvalidTokenError: The token is valid no longer.
    """
    return await _caller_of(request)


async def _caller_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Caller:
    authenticator: Authenticator = connection.app.state.authenticator
    return await authenticator.authenticate(request_token(connection))
