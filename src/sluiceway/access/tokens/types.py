"""Tokens: opaque random strings, of which only the SHA-256 is kept."""

import enum

import msgspec

from sluiceway.access.caller import PrincipalId
from sluiceway.access.scopes import Operation


class TokenKind(enum.StrEnum):
    """How a token came to be."""

    PERSONAL = "personal"
    """Made by a user, by hand; has all the power of the user."""
    SESSION = "session"
    """Made by signing in."""
    ACCESS = "access"
    """Got by a third-party application at the token endpoint."""
    REFRESH = "refresh"
    """Buys new access tokens; never a bearer token."""
    CODE = "code"
    """An authorization code: buys the first tokens of a grant, once; never a bearer token."""

    @property
    def is_bearer(self) -> bool:
        """Whether calls can be made with such a token."""
        return self not in {TokenKind.REFRESH, TokenKind.CODE}


class TokenState(enum.StrEnum):
    """Whether a token is taken. Expiry stands beside it."""

    ENABLED = "ENABLED"
    DISABLED = "DISABLED"
    """For a while; the owner may enable it again."""
    REVOKED = "REVOKED"
    """For ever."""


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of a token: never the token itself."""

    token_id: str
    """A UUID."""
    kind: TokenKind
    sha256: bytes
    """32 bytes: the digest of the whole token text."""
    last_four: str
    """The end of the token's text, so that people can tell theirs apart."""
    principal_id: PrincipalId
    client_id: str | None = None
    grant_id: str | None = None
    """Names the family of access and refresh tokens that come from one grant."""
    name: str = ""
    description: str = ""
    operations: frozenset[Operation] | None = None
    """``None``: all that the principal may do."""
    state: TokenState = TokenState.ENABLED
    created_ms: int
    expires_ms: int | None
    used_ms: int | None = None
    """For a refresh token: when it was exchanged. For others: about when it was last used."""


class IssuedToken(msgspec.Struct, frozen=True):
    """A token at the one moment when its text is known."""

    text: str
    token: Token
