"""Signing in and out."""

from dataclasses import dataclass

from sluiceway.access.audit.service import AuditTrail
from sluiceway.access.audit.types import Actor, actor
from sluiceway.access.caller import Caller
from sluiceway.access.principals.credentials import CredentialService
from sluiceway.access.settings import AccessSettings
from sluiceway.access.tokens.service import TokenService
from sluiceway.access.tokens.store import TokenStore
from sluiceway.access.tokens.types import IssuedToken, TokenKind, TokenState
from sluiceway.foundation.request_errors import PermissionDeniedError
from sluiceway.foundation.transactions import Transactions


@dataclass(frozen=True, slots=True)
class SessionService:
    """Turns a password into a session token, and ends sessions."""

    credentials: CredentialService
    issuer: TokenService
    tokens: TokenStore
    settings: AccessSettings
    transactions: Transactions
    audit: AuditTrail

    async def sign_in(self, username: str, password: str) -> IssuedToken:
        """Begin a session.

        Raises:
            InvalidCredentialsError: The username or password is wrong.
            TooManyAttemptsError: Too many were wrong lately.
            OverloadedError: Too many passwords wait to be checked.
        """
        user = await self.credentials.check(username, password)
        async with self.transactions.begin():
            # Checking took a while: the password may have been changed, or the user shut out.
            await self.credentials.confirm(user)
            issued = await self.issuer.issue(
                kind=TokenKind.SESSION,
                principal_id=user.user_id,
                operations=None,
                expires_in_ms=self.settings.session_seconds * 1_000,
            )
            by = Actor(user.user_id, user.username, issued.token.token_id)
            await self.audit.record(
                by, "session.started", issued.token.token_id, principalId=user.user_id
            )
        return issued

    async def current(self, session: str) -> Caller | None:
        """Give who is signed in with a session's token; ``None`` when it is not valid."""
        token = await self.issuer.find(session)
        if token is None or token.kind is not TokenKind.SESSION:
            return None
        return await self.issuer.caller_of(token)

    async def sign_out(self, caller: Caller) -> None:
        """End the session that makes the request.

        Raises:
            PermissionDeniedError: The request is made with a token that is no session.
        """
        async with self.transactions.begin():
            token = await self.tokens.by_id(caller.token_id)
            if token is None or token.kind is not TokenKind.SESSION:
                raise PermissionDeniedError("only a session can be signed out; revoke the token")
            await self.tokens.set_state(token.token_id, TokenState.REVOKED)
            await self.audit.record(
                actor(caller), "session.ended", token.token_id, principalId=token.principal_id
            )
