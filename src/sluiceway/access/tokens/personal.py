"""The tokens of a user, as the user sees them: create, list, disable, enable, revoke."""

from dataclasses import dataclass
from typing import Final

import msgspec

from sluiceway.access.audit.service import AuditTrail
from sluiceway.access.audit.types import OPERATOR, Actor, actor
from sluiceway.access.caller import Caller, PrincipalId
from sluiceway.access.errors import InvalidTokenError
from sluiceway.access.principals.errors import UserDeletedError, UserNotFoundError
from sluiceway.access.principals.store import UserStore
from sluiceway.access.principals.types import User, UserKind, UserStatus
from sluiceway.access.settings import AccessSettings
from sluiceway.access.tokens.errors import (
    RevokeAllTokensPermissionDeniedError,
    TokenAdministrationPermissionDeniedError,
    TokenCreationPermissionDeniedError,
    TokenNotFoundError,
    TokenRevokedError,
)
from sluiceway.access.tokens.service import TokenService
from sluiceway.access.tokens.store import TokenStore
from sluiceway.access.tokens.types import IssuedToken, Token, TokenKind, TokenState
from sluiceway.foundation.paging import Page, PageRequest, page_of
from sluiceway.foundation.request_errors import InvalidArgumentError, PermissionDeniedError
from sluiceway.foundation.transactions import Transactions

NAME_LENGTH_MAX: Final = 255
"""Longest name of a token, in characters."""

DESCRIPTION_LENGTH_MAX: Final = 4_000
"""Longest description of a token, in characters."""


class NewToken(msgspec.Struct, frozen=True, kw_only=True):
    """What a user says of a token that it wants."""

    name: str
    description: str = ""
    seconds_to_live: int | None = None
    """``None`` for the default."""


@dataclass(frozen=True, slots=True)
class PersonalTokenService:
    """What users do with their own tokens, and administrators with those of others."""

    issuer: TokenService
    tokens: TokenStore
    users: UserStore
    settings: AccessSettings
    transactions: Transactions
    audit: AuditTrail

    async def create(self, caller: Caller, new: NewToken) -> IssuedToken:
        """Make a personal token with all the power of the caller.

        Raises:
            TokenCreationPermissionDeniedError: The caller did not sign in but uses a personal
                token or is an application.
            InvalidTokenError: The session has just ended.
            InvalidArgumentError: The name is too short or long, or the life out of range.
        """
        if caller.is_personal_token or caller.client_id is not None:
            raise TokenCreationPermissionDeniedError
        async with self.transactions.begin():
            # A session that is being revoked at this moment must leave no token behind.
            session = await self.tokens.by_id(caller.token_id)
            if session is None or session.state is not TokenState.ENABLED:
                raise InvalidTokenError
            return await self._create(actor(caller), caller.principal_id, new)

    async def create_for(self, username: str, new: NewToken) -> IssuedToken:
        """Make a personal token for a user, as the machine's operator.

        Raises:
            UserNotFoundError: There is no such user.
            PermissionDeniedError: The user is disabled, deleted or no person.
            InvalidArgumentError: The name is too short or long, or the life out of range.
        """
        user = await self.users.by_username(username)
        if user is None:
            raise UserNotFoundError(username)
        if not user.may_act or user.kind is UserKind.SERVICE:
            raise PermissionDeniedError(f"user {username!r} is disabled, deleted or no person")
        return await self._create(OPERATOR, user.user_id, new)

    async def page(self, caller: Caller, request: PageRequest) -> Page[Token]:
        """List the caller's personal tokens, whatever their state.

        Raises:
            TokenAdministrationPermissionDeniedError: The caller is an application.
        """
        _refuse_applications(caller)
        found = await self.tokens.of_principal(
            caller.principal_id, TokenKind.PERSONAL, after=request.after, limit=request.size + 1
        )
        return page_of(found, request, [token.token_id for token in found])

    async def set_enabled(self, caller: Caller, token_id: str, *, enabled: bool) -> bool:
        """Take a token again, or not for a while; tells whether that is a change.

        Raises:
            TokenAdministrationPermissionDeniedError: The caller is an application.
            TokenNotFoundError: The caller has no such token.
            TokenRevokedError: The token was revoked.
        """
        state = TokenState.ENABLED if enabled else TokenState.DISABLED
        verb = "enabled" if enabled else "disabled"
        return await self._set_state(caller, token_id, state, f"token.{verb}")

    async def revoke(self, caller: Caller, token_id: str) -> bool:
        """End a token for ever; tells whether that is a change.

        Raises:
            TokenAdministrationPermissionDeniedError: The caller is an application.
            TokenNotFoundError: The caller has no such token.
        """
        return await self._set_state(caller, token_id, TokenState.REVOKED, "token.revoked")

    async def revoke_all(self, caller: Caller, user_id: str) -> int:
        """End every token of a user, of whichever kind; gives how many.

        Raises:
            RevokeAllTokensPermissionDeniedError: It is another user and the caller no
                administrator.
            UserNotFoundError: There is no such user.
            UserDeletedError: The user was deleted.
        """
        if user_id.lower() != caller.principal_id and not caller.is_admin:
            raise RevokeAllTokensPermissionDeniedError(user_id[:100])
        async with self.transactions.begin():
            user = await self._user(user_id)
            count = await self.tokens.revoke_principal(user.user_id)
            await self.audit.record(
                actor(caller), "user.tokens-revoked", user.user_id, tokens=count
            )
        return count

    async def _create(self, by: Actor, principal_id: PrincipalId, new: NewToken) -> IssuedToken:
        seconds = self._checked_seconds(new)
        async with self.transactions.begin():
            issued = await self.issuer.issue(
                kind=TokenKind.PERSONAL,
                principal_id=principal_id,
                operations=None,
                expires_in_ms=seconds * 1_000,
                name=new.name,
                description=new.description,
            )
            await self.audit.record(
                by,
                "token.created",
                issued.token.token_id,
                principalId=principal_id,
                name=new.name,
                secondsToLive=seconds,
            )
        return issued

    def _checked_seconds(self, new: NewToken) -> int:
        if not 1 <= len(new.name) <= NAME_LENGTH_MAX or not new.name.isprintable():
            raise InvalidArgumentError(
                f"a token's name has 1 to {NAME_LENGTH_MAX} printable characters"
            )
        if len(new.description) > DESCRIPTION_LENGTH_MAX or "\x00" in new.description:
            raise InvalidArgumentError(
                f"a token's description has up to {DESCRIPTION_LENGTH_MAX} characters and no NUL"
            )
        longest = self.settings.personal_token_seconds_max
        if new.seconds_to_live is None:
            return min(self.settings.personal_token_seconds_default, longest)
        if not 1 <= new.seconds_to_live <= longest:
            raise InvalidArgumentError(
                f"a token lives 1 to {longest} seconds, not {new.seconds_to_live}",
                secondsToLiveMax=longest,
            )
        return new.seconds_to_live

    async def _set_state(
        self, caller: Caller, token_id: str, state: TokenState, action: str
    ) -> bool:
        _refuse_applications(caller)
        async with self.transactions.begin():
            token = await self.tokens.by_id(token_id.lower())
            if token is None or not (token.principal_id == caller.principal_id or caller.is_admin):
                raise TokenNotFoundError(token_id)
            if token.state is state:
                return False
            if token.state is TokenState.REVOKED:
                raise TokenRevokedError(token.token_id)
            await self.tokens.set_state(token.token_id, state)
            await self.audit.record(
                actor(caller), action, token.token_id, principalId=token.principal_id
            )
        return True

    async def _user(self, user_id: str) -> User:
        user = await self.users.by_id(user_id.lower())
        if user is None:
            raise UserNotFoundError(user_id)
        if user.status is UserStatus.DELETED:
            raise UserDeletedError(user.user_id)
        return user


def _refuse_applications(caller: Caller) -> None:
    if caller.client_id is not None:
        raise TokenAdministrationPermissionDeniedError
