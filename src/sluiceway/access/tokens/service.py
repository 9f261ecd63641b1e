"""Issues tokens and tells who is behind one."""

import uuid
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final, Protocol

from sluiceway.access.caller import Caller, PrincipalId
from sluiceway.access.errors import InvalidTokenError
from sluiceway.access.principals.store import GroupStore, UserStore
from sluiceway.access.principals.types import UserKind
from sluiceway.access.scopes import Operation
from sluiceway.access.tokens.store import TokenStore
from sluiceway.access.tokens.texts import digest, kind_of, new_text
from sluiceway.access.tokens.types import IssuedToken, Token, TokenKind, TokenState
from sluiceway.foundation.clock import Clock

_LAST_FOUR: Final = 4

KEPT_AFTER_END_MS: Final = 30 * 86_400_000
"""How long an ended token stays in its owner's list, in milliseconds."""


class ApplicationStates(Protocol):
    """What tokens need to know of third-party applications."""

    async def is_enabled(self, client_id: str) -> bool:
        """Tell whether tokens of this application are taken."""
        ...


@dataclass(frozen=True, slots=True)
class TokenService:
    """Issues tokens and tells who is behind one; the audit trail is left to those who call."""

    tokens: TokenStore
    users: UserStore
    groups: GroupStore
    applications: ApplicationStates
    clock: Clock

    async def issue(
        self,
        *,
        kind: TokenKind,
        principal_id: PrincipalId,
        operations: AbstractSet[Operation] | None,
        expires_in_ms: int | None,
        client_id: str | None = None,
        grant_id: str | None = None,
        name: str = "",
        description: str = "",
    ) -> IssuedToken:
        """Make a token; its text is known only now. ``None`` for *operations* means all."""
        text = new_text(kind)
        now_ms = self.clock.now_ms()
        token = Token(
            token_id=str(uuid.uuid4()),
            kind=kind,
            sha256=digest(text.encode()),
            last_four=text[-_LAST_FOUR:],
            principal_id=principal_id,
            client_id=client_id,
            grant_id=grant_id,
            name=name,
            description=description,
            operations=None if operations is None else frozenset(operations),
            created_ms=now_ms,
            expires_ms=None if expires_in_ms is None else now_ms + expires_in_ms,
        )
        await self.tokens.add(token)
        return IssuedToken(text, token)

    async def authenticate(self, token: str) -> Caller:
        """Give the caller of the token with this text.

        Raises:
            InvalidTokenError: The token is unknown, expired, disabled, revoked or only buys
                others, or its user or application may not act.
        """
        kind = kind_of(token)
        if kind is None or not kind.is_bearer:
            raise InvalidTokenError
        found = await self.find(token)
        if found is None or not found.kind.is_bearer:
            raise InvalidTokenError
        caller = await self.caller_of(found)
        if caller is None:
            raise InvalidTokenError
        return caller

    async def find(self, text: str) -> Token | None:
        """Give what is kept of the token with this text, whatever its kind, state or expiry."""
        if kind_of(text) is None:
            return None
        return await self.tokens.by_sha256(digest(text.encode()))

    async def caller_of(self, token: Token) -> Caller | None:
        """Tell who acts with *token*; ``None`` if it is not valid now, or they may not act.

        A refresh token or a code has a caller too: the one that the tokens it buys will have.
        """
        if not is_live(token, self.clock.now_ms()):
            return None
        user = await self.users.by_id(token.principal_id)
        if user is None or not user.may_act:
            return None
        if token.client_id is not None and not await self.applications.is_enabled(token.client_id):
            return None
        return Caller(
            principal_id=user.user_id,
            username=user.username,
            group_ids=frozenset(await self.groups.groups_of(user.user_id)),
            is_admin=user.is_admin,
            operations=token.operations,
            token_id=token.token_id,
            client_id=token.client_id,
            is_personal_token=token.kind is TokenKind.PERSONAL,
            is_service_user=user.kind is UserKind.SERVICE,
            expires_ms=token.expires_ms,
        )

    async def purge_expired(self) -> int:
        """Forget the tokens that ended over 30 days ago; gives how many."""
        return await self.tokens.delete_expired(self.clock.now_ms() - KEPT_AFTER_END_MS)


def is_live(token: Token, now_ms: int) -> bool:
    """Tell whether a token is enabled and has not ended; at its very end it has."""
    if token.state is not TokenState.ENABLED:
        return False
    return token.expires_ms is None or now_ms < token.expires_ms
