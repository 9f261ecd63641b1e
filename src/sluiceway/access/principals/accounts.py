"""Makes, disables and deletes users, and changes passwords."""

import re
import uuid
from dataclasses import dataclass
from typing import Final

import msgspec

from sluiceway.access.audit.service import AuditTrail
from sluiceway.access.audit.types import actor
from sluiceway.access.caller import Caller, PrincipalId
from sluiceway.access.principals.attempts import AttemptLimits
from sluiceway.access.principals.errors import (
    DeleteUserPermissionDeniedError,
    InvalidOldPasswordError,
    UserDeletedError,
    UserNotFoundError,
)
from sluiceway.access.principals.passwords import Passwords
from sluiceway.access.principals.service import deleted
from sluiceway.access.principals.store import GroupStore, SessionStore, UserStore
from sluiceway.access.principals.types import (
    EMAIL_LENGTH_MAX,
    NAME_LENGTH_MAX,
    User,
    UserKind,
    UserStatus,
)
from sluiceway.foundation.clock import Clock
from sluiceway.foundation.origin import current_origin
from sluiceway.foundation.request_errors import InvalidArgumentError, PermissionDeniedError
from sluiceway.foundation.transactions import Transactions

_USERNAME: Final = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._@+-]{{0,{NAME_LENGTH_MAX - 1}}}")


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Who stands behind an account."""

    given_name: str | None = None
    family_name: str | None = None
    email: str | None = None


class NewUser(Person, frozen=True, kw_only=True):
    """What an administrator says of a person who shall have an account."""

    username: str
    password: str | None = None
    """Without one the user cannot sign in, until a password is set."""
    is_admin: bool = False


@dataclass(frozen=True, slots=True)
class AccountService:
    """What administrators do to users, and users to their own password."""

    users: UserStore
    groups: GroupStore
    sessions: SessionStore
    passwords: Passwords
    attempts: AttemptLimits
    transactions: Transactions
    audit: AuditTrail
    clock: Clock

    async def create(self, caller: Caller, new: NewUser) -> User:
        """Make an account for a person.

        Raises:
            PermissionDeniedError: The caller is not an administrator.
            UsernameAlreadyExistsError: There is one of this name.
            InvalidPasswordError: The password is too short or too long.
            InvalidArgumentError: A name is too long or has characters that it may not have.
        """
        if not caller.is_admin:
            raise PermissionDeniedError("only administrators may create users")
        _check_username(new.username)
        _check_person(new)
        password_hash = None if new.password is None else await self.passwords.hash(new.password)
        user = User(
            user_id=PrincipalId(str(uuid.uuid4())),
            username=new.username,
            given_name=new.given_name,
            family_name=new.family_name,
            email=new.email,
            is_admin=new.is_admin,
            password_hash=password_hash,
            created_ms=self.clock.now_ms(),
        )
        async with self.transactions.begin():
            await self.users.add(user)
            await self.audit.record(
                actor(caller),
                "user.created",
                user.user_id,
                username=user.username,
                isAdmin=user.is_admin,
            )
        return user

    async def replace_person(self, caller: Caller, user_id: str, person: Person) -> User:
        """Say anew who stands behind an account; the username stays.

        By the address people are found whom something is to be shared with: nobody takes one.

        Raises:
            PermissionDeniedError: The caller is no administrator, and the user is another one or
                the e-mail address changes; or an application stands behind the user.
            UserNotFoundError: There is no such user.
            UserDeletedError: The user was deleted.
            InvalidArgumentError: A name is too long or has characters that it may not have.
        """
        if user_id.lower() != caller.principal_id and not caller.is_admin:
            raise PermissionDeniedError("only administrators may change another user's name")
        _check_person(person)
        async with self.transactions.begin():
            user = await self._active(user_id)
            if user.kind is UserKind.SERVICE:
                raise PermissionDeniedError("a service user has the name of its application")
            if person.email != user.email and not caller.is_admin:
                raise PermissionDeniedError("only administrators may change an e-mail address")
            user = msgspec.structs.replace(user, **msgspec.structs.asdict(person))
            await self.users.replace(user)
            await self.audit.record(
                actor(caller), "user.changed", user.user_id, username=user.username
            )
        return user

    async def set_enabled(self, caller: Caller, user_id: str, *, enabled: bool) -> User:
        """Let a user in again, or shut it out with all its tokens, at once.

        Raises:
            PermissionDeniedError: The caller is not an administrator, or disables itself.
            UserNotFoundError: There is no such user.
            UserDeletedError: The user was deleted.
        """
        verb = "enable" if enabled else "disable"
        if not caller.is_admin:
            raise PermissionDeniedError(f"only administrators may {verb} users")
        async with self.transactions.begin():
            user = await self._active(user_id)
            if user.user_id == caller.principal_id and not enabled:
                raise PermissionDeniedError("administrators cannot disable themselves")
            if user.is_enabled != enabled:
                user = msgspec.structs.replace(user, is_enabled=enabled)
                await self.users.replace(user)
                await self.audit.record(
                    actor(caller), f"user.{verb}d", user.user_id, username=user.username
                )
        return user

    async def delete(self, caller: Caller, user_id: str) -> None:
        """Delete a user for ever, with its memberships; its name is not given to another.

        Raises:
            DeleteUserPermissionDeniedError: The caller is not an administrator, or is the user.
            UserNotFoundError: There is no such user.
            UserDeletedError: The user was deleted before.
            InvalidArgumentError: It is an application's service user and goes with that.
        """
        if not caller.is_admin or user_id.lower() == caller.principal_id:
            raise DeleteUserPermissionDeniedError(user_id[:100])
        async with self.transactions.begin():
            user = await self._active(user_id)
            if user.kind is UserKind.SERVICE:
                raise InvalidArgumentError("delete the application to delete its service user")
            await self.users.replace(deleted(user))
            await self.groups.remove_everywhere(user.user_id)
            await self.audit.record(
                actor(caller), "user.deleted", user.user_id, username=user.username
            )

    async def change_password(
        self, caller: Caller, user_id: str, *, new: str, old: str | None
    ) -> None:
        """Set a password and end the user's other sessions.

        Administrators need no old password but for their own.

        Raises:
            PermissionDeniedError: The user is another one and the caller no administrator.
            InvalidOldPasswordError: The old password is wrong or missing.
            TooManyAttemptsError: Too many were wrong lately.
            InvalidPasswordError: The new password is too short or too long.
            UserNotFoundError: There is no such user.
            UserDeletedError: The user was deleted.
        """
        is_own = user_id.lower() == caller.principal_id
        if not is_own and not caller.is_admin:
            raise PermissionDeniedError("only administrators may set another user's password")
        user = await self._active(user_id)
        if user.kind is UserKind.SERVICE:
            raise PermissionDeniedError("a service user has no password")
        if is_own:
            await self._check_old_password(user, old)
        password_hash = await self.passwords.hash(new)
        async with self.transactions.begin():
            user = await self._active(user_id)
            await self.users.replace(msgspec.structs.replace(user, password_hash=password_hash))
            kept = caller.token_id if is_own else None
            ended = await self.sessions.revoke_sessions(user.user_id, besides=kept)
            await self.audit.record(
                actor(caller), "user.password-changed", user.user_id, sessionsEnded=ended
            )

    async def _check_old_password(self, user: User, old: str | None) -> None:
        if user.password_hash is None or old is None:
            raise InvalidOldPasswordError
        origin = current_origin()
        self.attempts.take(user.username, origin)
        if not await self.passwords.matches(old, user.password_hash):
            raise InvalidOldPasswordError
        self.attempts.give_back(user.username, origin)

    async def _active(self, user_id: str) -> User:
        user = await self.users.by_id(user_id.lower())
        if user is None:
            raise UserNotFoundError(user_id)
        if user.status is UserStatus.DELETED:
            raise UserDeletedError(user.user_id)
        return user


def _check_username(username: str) -> None:
    if _USERNAME.fullmatch(username) is None:
        raise InvalidArgumentError(
            "a username has up to 255 letters, digits and . _ @ + - and starts with one of the"
            " first two",
            username=username[:NAME_LENGTH_MAX],
        )


def _check_person(person: Person) -> None:
    for field, value, length_max in (
        ("givenName", person.given_name, NAME_LENGTH_MAX),
        ("familyName", person.family_name, NAME_LENGTH_MAX),
        ("email", person.email, EMAIL_LENGTH_MAX),
    ):
        if value is not None and not (1 <= len(value) <= length_max and value.isprintable()):
            raise InvalidArgumentError(
                f"{field} has 1 to {length_max} printable characters", field=field
            )
