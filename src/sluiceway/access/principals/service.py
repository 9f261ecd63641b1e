"""Finds users, and makes those that no person asks for: service users and the first one."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sluiceway.access.audit.service import AuditTrail
from sluiceway.access.audit.types import OPERATOR
from sluiceway.access.caller import Caller, PrincipalId
from sluiceway.access.principals.errors import (
    UserDeletedError,
    UserIsActiveError,
    UserNotFoundError,
)
from sluiceway.access.principals.passwords import Passwords, generate_password
from sluiceway.access.principals.store import GroupStore, UserStore
from sluiceway.access.principals.types import (
    BATCH_MAX,
    PrincipalType,
    User,
    UserKind,
    UserStatus,
    name_key,
)
from sluiceway.foundation.clock import Clock
from sluiceway.foundation.paging import Page, PageRequest, page_of
from sluiceway.foundation.request_errors import InvalidArgumentError
from sluiceway.foundation.transactions import Transactions

ADMIN_USERNAME: Final = "admin"
"""The user that a new server has."""

SEARCH_LENGTH_MAX: Final = 255
"""Longest text to search for, in characters."""


@dataclass(frozen=True, slots=True)
class UserService:
    """Finds users; anybody with a token may, as roles are granted to users by id."""

    users: UserStore
    groups: GroupStore
    passwords: Passwords
    transactions: Transactions
    audit: AuditTrail
    clock: Clock

    async def current(self, caller: Caller) -> User:
        """Give the user who makes the request."""
        return await self.get(caller.principal_id)

    async def get(self, user_id: str, status: UserStatus = UserStatus.ACTIVE) -> User:
        """Give the user with this id.

        Raises:
            UserNotFoundError: There is none.
            UserDeletedError: It was deleted, and an active one is wanted.
            UserIsActiveError: It was not deleted, and a deleted one is wanted.
        """
        user = await self.users.by_id(user_id.lower())
        if user is None:
            raise UserNotFoundError(user_id)
        if user.status is not status:
            if user.status is UserStatus.DELETED:
                raise UserDeletedError(user.user_id)
            raise UserIsActiveError(user.user_id)
        return user

    async def batch(self, wanted: Sequence[tuple[str, UserStatus]]) -> list[User]:
        """Give those of the wanted users that exist and have the wanted status."""
        if not 1 <= len(wanted) <= BATCH_MAX:
            raise InvalidArgumentError(f"ask for 1 to {BATCH_MAX} users", found=len(wanted))
        statuses = {user_id.lower(): status for user_id, status in wanted}
        found = await self.users.by_ids(list(statuses))
        return [user for user in found if user.status is statuses[user.user_id]]

    async def page(
        self, request: PageRequest, status: UserStatus = UserStatus.ACTIVE
    ) -> Page[User]:
        """List the users by name."""
        found = await self.users.page(status, after=request.after, limit=request.size + 1)
        return page_of(found, request, [name_key(user.username) for user in found])

    async def search(self, text: str, request: PageRequest) -> Page[User]:
        """List the active users with a name, e-mail address or id that starts with *text*."""
        found = await self.users.search(
            search_key(text), after=request.after, limit=request.size + 1
        )
        return page_of(found, request, [name_key(user.username) for user in found])

    async def memberships(
        self, user_id: str, request: PageRequest, *, transitive: bool
    ) -> Page[PrincipalId]:
        """List the ids of the groups that a user is in.

        Raises:
            UserNotFoundError: There is no such user.
            UserDeletedError: The user was deleted.
        """
        user = await self.get(user_id)
        found = await self.groups.groups_of(user.user_id, transitive=transitive)
        rest = [group_id for group_id in found if request.after is None or group_id > request.after]
        return page_of(rest, request, rest)

    async def by_id(self, user_id: str) -> User | None:
        """Give the user with this id, deleted or not."""
        return await self.users.by_id(user_id.lower())

    async def by_username(self, username: str) -> User | None:
        """Give the user with this name, in any case of letters, deleted or not."""
        return await self.users.by_username(username)

    async def exists_principal(self, principal_id: str) -> PrincipalType | None:
        """Tell what has this id; ``None`` if nothing has, or a user that was deleted."""
        user = await self.users.by_id(principal_id.lower())
        if user is not None:
            return "USER" if user.status is UserStatus.ACTIVE else None
        return None if await self.groups.by_id(principal_id.lower()) is None else "GROUP"

    async def create_service_user(self, client_id: str, *, display_name: str) -> User:
        """Make the user that an application is when it acts for itself; it has no roles.

        The caller begins the transaction and leaves the trace in the audit trail.

        Raises:
            UsernameAlreadyExistsError: The application had a service user before.
        """
        user = User(
            user_id=PrincipalId(str(uuid.uuid4())),
            username=client_id,
            kind=UserKind.SERVICE,
            client_id=client_id,
            given_name=display_name,
            created_ms=self.clock.now_ms(),
        )
        await self.users.add(user)
        return user

    async def delete_service_user(self, client_id: str) -> None:
        """Delete the user of an application, if it has one; its tokens end with it.

        The caller begins the transaction and leaves the trace in the audit trail.
        """
        user = await self.users.by_username(client_id)
        if user is None or user.client_id != client_id:
            return
        await self.users.replace(deleted(user))
        await self.groups.remove_everywhere(user.user_id)

    async def bootstrap(self, password: str | None) -> str | None:
        """Make the user ``admin`` if there is no user at all.

        Gives its password if none was handed in; this is the only time that it is known.

        Raises:
            InvalidPasswordError: The password is too short or too long.
        """
        if await self.users.any():
            return None
        chosen = password or generate_password()
        password_hash = await self.passwords.hash(chosen)
        async with self.transactions.begin():
            if await self.users.any():
                return None
            user = User(
                user_id=PrincipalId(str(uuid.uuid4())),
                username=ADMIN_USERNAME,
                is_admin=True,
                password_hash=password_hash,
                created_ms=self.clock.now_ms(),
            )
            await self.users.add(user)
            await self.audit.record(
                OPERATOR, "user.created", user.user_id, username=user.username, isAdmin=True
            )
        return None if password else chosen


def search_key(text: str) -> str:
    """Give the form of a text to search for: each space single, without regard to case.

    Raises:
        InvalidArgumentError: There is nothing to search for, or too much, or a NUL.
    """
    wanted = name_key(" ".join(text.split()))
    if not 1 <= len(wanted) <= SEARCH_LENGTH_MAX or "\x00" in wanted:
        raise InvalidArgumentError(f"search for 1 to {SEARCH_LENGTH_MAX} characters and no NUL")
    return wanted


def deleted(user: User) -> User:
    """Give what is kept of a deleted user: its name, so that its traces can be read."""
    return User(
        user_id=user.user_id,
        username=user.username,
        realm=user.realm,
        kind=user.kind,
        client_id=user.client_id,
        given_name=user.given_name,
        family_name=user.family_name,
        status=UserStatus.DELETED,
        is_enabled=False,
        created_ms=user.created_ms,
    )
