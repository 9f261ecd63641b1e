"""Authorization codes: what a browser carries to an application, which buys tokens with it.

A code is kept as a token of its own kind, so that whatever ends a user's or an application's tokens
ends their codes too. Beside it lies what it is bound to.
"""

from typing import Final, Protocol

import msgspec

CODE_MS: Final = 10 * 60_000
"""How long a code lives, as in Foundry; RFC 6749 (section 4.1.2) recommends no more."""


class CodeFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What a code is bound to, beside the user, the application and the operations of its token."""

    token_id: str
    redirect_uri: str
    """Where the code was sent."""
    names_redirect_uri: bool
    """Whether the request for it said so; then the request for tokens must say the same."""
    scope: str
    """The granted scopes in the client's own spelling."""
    is_refreshable: bool
    """Whether a refresh token was asked for and granted."""
    code_challenge: str | None
    """The SHA-256 of the verifier, base64url; ``None`` for a confidential client without PKCE."""


class CodeStore(Protocol):
    """Keeps what codes are bound to; goes with the token."""

    async def add(self, facts: CodeFacts) -> None:
        """Keep the facts of a new code, whose token is kept already."""
        ...

    async def by_token_id(self, token_id: str) -> CodeFacts | None:
        """Give the facts of the code with this token."""
        ...
