"""Who sits before a browser that another site sent here."""

from typing import Any

from litestar.connection import ASGIConnection

from sluiceway.access.caller import Authenticator, Caller
from sluiceway.access.credentials import COOKIE
from sluiceway.access.errors import InvalidTokenError
from sluiceway.access.oauth.authorizations import is_session


async def signed_in(connection: ASGIConnection[Any, Any, Any, Any]) -> Caller | None:
    """Give who is signed in by cookie; ``None`` for nobody, or for another token than a session."""
    session = connection.cookies.get(COOKIE)
    if not session:
        return None
    authenticator: Authenticator = connection.app.state.authenticator
    try:
        caller = await authenticator.authenticate(session)
    except InvalidTokenError:
        return None
    return caller if is_session(caller) else None
