"""``/api/v1/session``: signing in to the web pages, by cookie."""

from typing import Any, Final

from litestar import Request, Response, delete, get, post
from litestar.datastructures import ResponseHeader
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import JSONBody

from sluiceway.access.caller import Caller
from sluiceway.access.credentials import COOKIE, csrf_token, json_only, session_cookie
from sluiceway.access.guard import public, requires
from sluiceway.access.principals.service import UserService
from sluiceway.access.principals.types import User
from sluiceway.access.tokens.sessions import SessionService
from sluiceway.access.tokens.wire import SIGN_IN_BYTES_MAX, SignInBody
from sluiceway.foundation.clock import iso_time
from sluiceway.foundation.wire import Wire

_PATH: Final = "/api/v1/session"
_TAGS: Final = ["Session"]
_NO_STORE: Final = [ResponseHeader(name="Cache-Control", value="no-store")]


class SessionUser(Wire, frozen=True):
    """Who is signed in."""

    id: str
    username: str
    is_admin: bool
    given_name: str | None = None
    family_name: str | None = None


class BrowserSession(Wire, frozen=True):
    """A session of the web pages. The token itself is in the cookie alone."""

    user: SessionUser
    csrf_token: str
    """Goes into the header ``X-CSRF-Token`` of every request that changes something."""
    expires_at: str | None


@post(
    _PATH,
    opt=public(),
    request_max_body_size=SIGN_IN_BYTES_MAX,
    guards=[json_only],
    operation_id="startSession",
    tags=_TAGS,
    status_code=200,
    response_headers=_NO_STORE,
)
async def start_session(
    request: Request[Any, Any, Any],
    sessions: NamedDependency[SessionService],
    users: NamedDependency[UserService],
    data: JSONBody[SignInBody],
) -> Response[BrowserSession]:
    """Sign in; the session's token comes as a cookie that scripts cannot read."""
    issued = await sessions.sign_in(data.username, data.password)
    user = await users.get(issued.token.principal_id)
    expires_ms = issued.token.expires_ms
    assert expires_ms is not None
    cookie = session_cookie(
        issued.text,
        seconds=(expires_ms - issued.token.created_ms) // 1_000,
        is_secure=_is_secure(request),
    )
    body = BrowserSession(
        user=_user(user), csrf_token=csrf_token(issued.text), expires_at=iso_time(expires_ms)
    )
    return Response(body, status_code=200, cookies=[cookie])


@get(
    _PATH,
    opt=public(),
    operation_id="getSession",
    tags=_TAGS,
    response_headers=_NO_STORE,
    responses={204: ResponseSpec(None, description="Nobody is signed in.")},
)
async def get_session(
    request: Request[Any, Any, Any],
    sessions: NamedDependency[SessionService],
    users: NamedDependency[UserService],
) -> Response[BrowserSession | None]:
    """Tell who is signed in, and the word that changes need; 204 when nobody is.

    Not 401, which every browser reports as a fault of the page that asked.
    """
    session = request.cookies.get(COOKIE, "")
    caller = await sessions.current(session)
    if caller is None:
        return Response(None, status_code=204)
    body = BrowserSession(
        user=_user(await users.current(caller)),
        csrf_token=csrf_token(session),
        expires_at=None if caller.expires_ms is None else iso_time(caller.expires_ms),
    )
    return Response(body, status_code=200)


@delete(_PATH, opt=requires(None), operation_id="endSession", tags=_TAGS, status_code=204)
async def end_session(
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    sessions: NamedDependency[SessionService],
) -> Response[None]:
    """Sign out."""
    await sessions.sign_out(caller)
    gone = session_cookie("", seconds=0, is_secure=_is_secure(request))
    return Response(None, status_code=204, cookies=[gone])


def _is_secure(request: Request[Any, Any, Any]) -> bool:
    """Tell whether the browser speaks HTTPS, to us or to a proxy before us."""
    return request.url.scheme == "https" or bool(request.app.state.is_https)


def _user(user: User) -> SessionUser:
    return SessionUser(
        id=user.user_id,
        username=user.username,
        is_admin=user.is_admin,
        given_name=user.given_name,
        family_name=user.family_name,
    )


HANDLERS: Final = (start_session, get_session, end_session)
