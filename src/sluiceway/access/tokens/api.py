"""The calls about sessions and tokens, as Foundry's Multipass has them."""

from typing import Annotated, Final, Literal

from litestar import delete, get, post
from litestar.datastructures import ResponseHeader
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from sluiceway.access.caller import Caller
from sluiceway.access.guard import public, requires
from sluiceway.access.principals.service import UserService
from sluiceway.access.scopes import Operation
from sluiceway.access.tokens.personal import NewToken, PersonalTokenService
from sluiceway.access.tokens.service import TokenService
from sluiceway.access.tokens.sessions import SessionService
from sluiceway.access.tokens.wire import (
    SIGN_IN_BYTES_MAX,
    CreatedTokenWire,
    MeWire,
    NewTokenBody,
    ScopeWire,
    SessionWire,
    SignInBody,
    TokenIdBody,
    TokenPage,
    created_token_wire,
    me_wire,
    scope_wire,
    seconds_left,
    session_wire,
    token_page,
)
from sluiceway.foundation.paging import parse_page
from sluiceway.foundation.request_errors import InvalidPageSizeError

_TAGS: Final = ["Tokens"]
_ANY_TOKEN: Final = requires(None)
_NO_STORE: Final = [ResponseHeader(name="Cache-Control", value="no-store")]

TOKEN_PAGE_SIZE_MAX: Final = 500
"""Most tokens on a page, as in Multipass."""


@post(
    "/multipass/api/sessions",
    opt=public(),
    request_max_body_size=SIGN_IN_BYTES_MAX,
    operation_id="signIn",
    tags=_TAGS,
    status_code=200,
    response_headers=_NO_STORE,
)
async def sign_in(
    sessions: NamedDependency[SessionService], data: JSONBody[SignInBody]
) -> SessionWire:
    """Begin a session with a username and a password."""
    return session_wire(await sessions.sign_in(data.username, data.password))


@delete(
    "/multipass/api/sessions/current",
    opt=_ANY_TOKEN,
    operation_id="signOut",
    tags=_TAGS,
    status_code=204,
)
async def sign_out(
    sessions: NamedDependency[SessionService], caller: NamedDependency[Caller]
) -> None:
    """End the session that makes the request."""
    await sessions.sign_out(caller)


@get("/multipass/api/me", opt=_ANY_TOKEN, operation_id="getMe", tags=_TAGS)
async def get_me(users: NamedDependency[UserService], caller: NamedDependency[Caller]) -> MeWire:
    """Give the user who makes the request."""
    return me_wire(await users.current(caller))


@get("/multipass/api/me/scope", opt=_ANY_TOKEN, operation_id="getMyScope", tags=_TAGS)
async def get_my_scope(caller: NamedDependency[Caller]) -> ScopeWire:
    """Tell what the token of the request may be used for."""
    return scope_wire(caller)


@get("/multipass/api/token/ttl", opt=_ANY_TOKEN, operation_id="getTokenTtl", tags=_TAGS)
async def get_token_ttl(
    tokens: NamedDependency[TokenService], caller: NamedDependency[Caller]
) -> int | None:
    """Tell how many seconds the token of the request still lives."""
    return seconds_left(caller.expires_ms, tokens.clock.now_ms())


@post(
    "/multipass/api/tokens",
    opt=_ANY_TOKEN,
    operation_id="createToken",
    tags=_TAGS,
    status_code=200,
    response_headers=_NO_STORE,
)
async def create_token(
    personal_tokens: NamedDependency[PersonalTokenService],
    caller: NamedDependency[Caller],
    data: JSONBody[NewTokenBody],
) -> CreatedTokenWire:
    """Make a personal token; only somebody who signed in may."""
    new = NewToken(
        name=data.name,
        description=data.description or "",
        seconds_to_live=data.seconds_to_live,
    )
    return created_token_wire(await personal_tokens.create(caller, new))


@get("/multipass/api/tokens", opt=_ANY_TOKEN, operation_id="listTokens", tags=_TAGS)
async def list_tokens(
    personal_tokens: NamedDependency[PersonalTokenService],
    tokens: NamedDependency[TokenService],
    caller: NamedDependency[Caller],
    token_type: Annotated[Literal["USER_GENERATED"] | None, QueryParameter(name="type")] = None,  # noqa: ARG001 - there is one type
    limit: FromQuery[int | None] = None,
    start: FromQuery[str | None] = None,
) -> TokenPage:
    """List the caller's personal tokens, whatever their state."""
    if limit is not None and limit > TOKEN_PAGE_SIZE_MAX:
        raise InvalidPageSizeError(limit, TOKEN_PAGE_SIZE_MAX)
    page = await personal_tokens.page(caller, parse_page(limit, start))
    return token_page(page, tokens.clock.now_ms())


@post(
    "/multipass/api/tokens/revoke",
    opt=_ANY_TOKEN,
    operation_id="revokeToken",
    tags=_TAGS,
    status_code=200,
)
async def revoke_token(
    personal_tokens: NamedDependency[PersonalTokenService],
    caller: NamedDependency[Caller],
    data: JSONBody[TokenIdBody],
) -> bool:
    """End a token for ever; false if it had been ended before."""
    return await personal_tokens.revoke(caller, data.token_id)


@post(
    "/multipass/api/tokens/disable",
    opt=_ANY_TOKEN,
    operation_id="disableToken",
    tags=_TAGS,
    status_code=200,
)
async def disable_token(
    personal_tokens: NamedDependency[PersonalTokenService],
    caller: NamedDependency[Caller],
    data: JSONBody[TokenIdBody],
) -> bool:
    """Do not take a token for a while; false if it is disabled already."""
    return await personal_tokens.set_enabled(caller, data.token_id, enabled=False)


@post(
    "/multipass/api/tokens/enable",
    opt=_ANY_TOKEN,
    operation_id="enableToken",
    tags=_TAGS,
    status_code=200,
)
async def enable_token(
    personal_tokens: NamedDependency[PersonalTokenService],
    caller: NamedDependency[Caller],
    data: JSONBody[TokenIdBody],
) -> bool:
    """Take a disabled token again; false if it is enabled already."""
    return await personal_tokens.set_enabled(caller, data.token_id, enabled=True)


@post(
    "/api/v2/admin/users/{user_id:str}/revokeAllTokens",
    opt=requires(Operation.ADMIN_WRITE),
    operation_id="revokeAllUserTokens",
    tags=["Admin"],
    status_code=204,
)
async def revoke_all_tokens(
    personal_tokens: NamedDependency[PersonalTokenService],
    caller: NamedDependency[Caller],
    user_id: FromPath[str],
) -> None:
    """End every token of a user; administrators may, and the user itself."""
    await personal_tokens.revoke_all(caller, user_id)


HANDLERS: Final = (
    sign_in,
    sign_out,
    get_me,
    get_my_scope,
    get_token_ttl,
    create_token,
    list_tokens,
    revoke_token,
    disable_token,
    enable_token,
    revoke_all_tokens,
)
