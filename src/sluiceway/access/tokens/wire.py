"""Tokens on the wire, as in Foundry's Multipass (``foundry_dev_tools/clients/multipass.py``)."""

from typing import Final, Literal

import msgspec

from sluiceway.access.caller import Caller
from sluiceway.access.principals.types import User
from sluiceway.access.principals.wire import user_attributes
from sluiceway.access.tokens.types import IssuedToken, Token
from sluiceway.foundation.clock import iso_time
from sluiceway.foundation.paging import Page
from sluiceway.foundation.wire import Body, Wire

USER_GENERATED = "USER_GENERATED"
"""What Multipass calls personal tokens."""


class ScopeWire(Wire, frozen=True):
    """What a token may be used for: everything, or a tree of operations."""

    type: Literal["universal", "union", "intersection", "operation"]
    scopes: list["ScopeWire"] | None = None
    operations: list[str] | None = None


class MeWire(Wire, frozen=True):
    """The user who makes the request."""

    id: str
    username: str
    attributes: dict[str, list[str]]


class TokenWire(Wire, frozen=True):
    """A token without its text. Fields from ``lastFour`` on are ours."""

    token_id: str
    client_id: str | None
    user_id: str
    name: str
    description: str
    expires_in: int | None = msgspec.field(name="expires_in")
    """Seconds left; 0 for a token that has ended."""
    grant_type: str
    scope: ScopeWire
    state: str
    last_four: str
    created_time: str
    expiration_time: str | None
    last_used_time: str | None
    """About when it was last used; null for never."""


class CreatedTokenWire(Wire, frozen=True):
    """A token at the one moment when its text is known."""

    access_token: str = msgspec.field(name="access_token")
    token_info: TokenWire


class TokenPage(Wire, frozen=True):
    """One page of tokens; the last one says so with null."""

    values: list[TokenWire]
    next_page_token: str | None


class SessionWire(Wire, frozen=True):
    """A session, as a token reply of OAuth 2.0 (RFC 6749, section 5.1)."""

    access_token: str = msgspec.field(name="access_token")
    expires_in: int = msgspec.field(name="expires_in")
    token_type: str = msgspec.field(name="token_type")


class NewTokenBody(Body, frozen=True):
    """A personal token that is wanted."""

    name: str
    description: str | None = None
    seconds_to_live: int | None = None


class TokenIdBody(Body, frozen=True):
    """The token that is meant."""

    token_id: str


SIGN_IN_BYTES_MAX: Final = 16 * 1024
"""Largest body of a call that signs in: anybody may send one, so it is held for anybody."""


class SignInBody(Body, frozen=True):
    """Who signs in."""

    username: str
    password: str


def me_wire(user: User) -> MeWire:
    """Write the user who makes the request."""
    return MeWire(id=user.user_id, username=user.username, attributes=user_attributes(user))


def scope_wire(caller: Caller) -> ScopeWire:
    """Write what the caller's token may be used for."""
    if caller.operations is None:
        return ScopeWire(type="universal")
    operations = ScopeWire(
        type="operation", operations=sorted(operation.scope for operation in caller.operations)
    )
    return ScopeWire(type="union", scopes=[ScopeWire(type="intersection", scopes=[operations])])


def token_wire(token: Token, now_ms: int) -> TokenWire:
    """Write a personal token."""
    return TokenWire(
        token_id=token.token_id,
        client_id=token.client_id,
        user_id=token.principal_id,
        name=token.name,
        description=token.description,
        expires_in=seconds_left(token.expires_ms, now_ms),
        grant_type=USER_GENERATED,
        scope=ScopeWire(type="universal"),
        state=token.state.value,
        last_four=token.last_four,
        created_time=iso_time(token.created_ms),
        expiration_time=None if token.expires_ms is None else iso_time(token.expires_ms),
        last_used_time=None if token.used_ms is None else iso_time(token.used_ms),
    )


def token_page(page: Page[Token], now_ms: int) -> TokenPage:
    """Write a page of personal tokens."""
    return TokenPage(
        values=[token_wire(token, now_ms) for token in page.data],
        next_page_token=page.next_page_token,
    )


def created_token_wire(issued: IssuedToken) -> CreatedTokenWire:
    """Write a new personal token with its text."""
    token = issued.token
    return CreatedTokenWire(
        access_token=issued.text, token_info=token_wire(token, token.created_ms)
    )


def session_wire(issued: IssuedToken) -> SessionWire:
    """Write a new session with its text."""
    token = issued.token
    return SessionWire(
        access_token=issued.text,
        expires_in=seconds_left(token.expires_ms, token.created_ms) or 0,
        token_type="bearer",  # noqa: S106 - the word of RFC 6750
    )


def seconds_left(expires_ms: int | None, now_ms: int) -> int | None:
    """Give the whole seconds until *expires_ms*; ``None`` if that is never."""
    return None if expires_ms is None else max(0, (expires_ms - now_ms) // 1_000)
