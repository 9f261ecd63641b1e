"""What tokens need from storage."""

from typing import Protocol

from sluiceway.access.caller import PrincipalId
from sluiceway.access.tokens.types import Token, TokenKind, TokenState


class TokenStore(Protocol):
    """Keeps tokens by id and by digest."""

    async def add(self, token: Token) -> None:
        """Keep a new token."""
        ...

    async def by_sha256(self, sha256: bytes) -> Token | None:
        """Give the token with this digest, whatever its state or expiry."""
        ...

    async def by_id(self, token_id: str) -> Token | None:
        """Give the token with this id."""
        ...

    async def of_principal(
        self, principal_id: PrincipalId, kind: TokenKind, *, after: str | None, limit: int
    ) -> list[Token]:
        """Give up to *limit* tokens in the order of their ids, from behind id *after*."""
        ...

    async def set_state(self, token_id: str, state: TokenState) -> None:
        """Change the state of one token; one that was revoked stays so."""
        ...

    async def set_used(self, token_id: str, used_ms: int) -> None:
        """Note when a token was used."""
        ...

    async def revoke_grant(self, grant_id: str) -> int:
        """Revoke every token of a grant; gives how many were not revoked before."""
        ...

    async def revoke_client(self, client_id: str) -> int:
        """Revoke every token of an application; gives how many were not revoked before."""
        ...

    async def revoke_authorization(self, principal_id: PrincipalId, client_id: str) -> int:
        """Revoke what an application got for one user; gives how many were not revoked before."""
        ...

    async def revoke_principal(self, principal_id: PrincipalId) -> int:
        """Revoke every token of a principal; gives how many were not revoked before."""
        ...

    async def revoke_sessions(self, principal_id: PrincipalId, *, besides: str | None) -> int:
        """Revoke the sessions of a principal but for token *besides*; gives how many."""
        ...

    async def delete_expired(self, before_ms: int) -> int:
        """Forget tokens that ended before *before_ms*; gives how many."""
        ...
