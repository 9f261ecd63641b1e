"""The token that a request is made with: in a header or, from the web pages, in a cookie.

A browser sends the cookie with every request to this server, also with one that a foreign page
made it send. So a request that changes something must carry, in a header, a word that only our own
pages can know: it is derived from the session's token and told to them alone (OWASP: signed
double submit; here the token itself is the key).
"""

import hashlib
import hmac
from typing import Any, Final

from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.handlers import BaseRouteHandler

from sluiceway.access.bearer import bearer_token
from sluiceway.access.errors import InvalidCsrfTokenError, MissingCredentialsError
from sluiceway.foundation.request_errors import UnsupportedMediaTypeError

COOKIE: Final = "sluiceway_session"
CSRF_HEADER: Final = "x-csrf-token"
_JSON: Final = "application/json"
_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def csrf_token(session: str) -> str:
    """Give the word that requests of the session with this token must carry."""
    return hmac.new(session.encode(), b"sluiceway csrf", hashlib.sha256).hexdigest()


def session_cookie(session: str, *, seconds: int, is_secure: bool) -> Cookie:
    """Make the cookie of a session; *seconds* 0 removes it."""
    return Cookie(
        key=COOKIE,
        value=session,
        max_age=seconds,
        path="/",
        httponly=True,
        samesite="lax",
        secure=is_secure,
    )


def json_only(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """Refuse bodies of other types: a guard of calls that set a cookie.

    A form of a foreign page can send any other type, and so sign its visitor in as somebody else.

    Raises:
        UnsupportedMediaTypeError: The body is not declared as JSON.
    """
    found = connection.headers.get("content-type", "")
    if found.partition(";")[0].strip().lower() != _JSON:
        raise UnsupportedMediaTypeError(found, _JSON)


def request_token(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """Give a request's token: of its header, else of its cookie.

    Raises:
        MissingCredentialsError: There is neither.
        InvalidCsrfTokenError: A request by cookie that changes something has not the right word.
    """
    authorization = connection.headers.get("authorization")
    if authorization is not None:
        return bearer_token(authorization)
    session = connection.cookies.get(COOKIE)
    if not session:
        raise MissingCredentialsError
    if connection.scope.get("method") not in _SAFE_METHODS:
        given = connection.headers.get(CSRF_HEADER, "")
        if not hmac.compare_digest(given.encode(), csrf_token(session).encode()):
            raise InvalidCsrfTokenError
    return session
