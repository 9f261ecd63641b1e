"""Who makes a request, and with what token."""

from typing import NewType, Protocol

import msgspec

from sluiceway.access.scopes import Operation

PrincipalId = NewType("PrincipalId", str)
"""A user's or a group's id: a UUID in canonical form."""


class Caller(msgspec.Struct, frozen=True, gc=False):
    """The principal behind a valid token, as every check of a request sees it.

    Kept in a cache for at most a second after a change elsewhere; see ``access.tokens``.
    """

    principal_id: PrincipalId
    username: str
    group_ids: frozenset[PrincipalId]
    is_admin: bool
    """May administer users, groups and applications, and owns every space."""
    operations: frozenset[Operation] | None
    """What the token may be used for; ``None`` means everything that the principal may do."""
    token_id: str
    client_id: str | None
    """The third-party application that got the token; ``None`` for a user's own token."""
    is_personal_token: bool
    """Whether the token is one that a user made by hand; such a token makes no further ones."""
    is_service_user: bool
    """Whether an application acts for itself, and not a person or an application for one."""
    expires_ms: int | None
    """When the token ends, in epoch milliseconds; ``None`` for never."""

    def may_use(self, operation: Operation) -> bool:
        """Tell whether the token's scope holds *operation*."""
        return self.operations is None or operation in self.operations


class Authenticator(Protocol):
    """Finds the caller behind a token."""

    async def authenticate(self, token: str) -> Caller:
        """Give the caller of *token*.

        Raises:
            InvalidTokenError: The token is unknown, expired, disabled or revoked.
        """
        ...
