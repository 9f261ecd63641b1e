"""Authorizations: that a user lets an application act for them, and how far."""

from typing import Protocol

import msgspec

from sluiceway.access.caller import PrincipalId


class Authorization(msgspec.Struct, frozen=True, kw_only=True):
    """What one user lets one application do. Scopes are in their first spelling."""

    principal_id: PrincipalId
    client_id: str
    scopes: tuple[str, ...]
    """What the application was given codes for."""
    agreed: tuple[str, ...]
    """What the user agreed to; not what an administrator lets the application have unasked."""
    created_ms: int
    used_ms: int
    """When the application was last given a code."""


class AuthorizationStore(Protocol):
    """Keeps authorizations by user and application."""

    async def find(self, principal_id: PrincipalId, client_id: str) -> Authorization | None:
        """Give the authorization of one application by one user."""
        ...

    async def put(self, authorization: Authorization) -> None:
        """Keep an authorization in place of the one of the same user and application."""
        ...

    async def page(
        self, principal_id: PrincipalId, *, after: str | None, limit: int
    ) -> list[Authorization]:
        """Give up to *limit* of a user's in the order of client ids, from behind *after*."""
        ...

    async def delete(self, principal_id: PrincipalId, client_id: str) -> bool:
        """Forget an authorization; tells whether there was one."""
        ...

    async def delete_client(self, client_id: str) -> int:
        """Forget every user's authorization of an application; gives how many there were."""
        ...
