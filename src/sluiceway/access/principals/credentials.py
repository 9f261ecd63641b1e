"""Whether a username and a password belong together."""

from dataclasses import dataclass

from sluiceway.access.principals.attempts import AttemptLimits
from sluiceway.access.principals.errors import InvalidCredentialsError
from sluiceway.access.principals.passwords import Passwords
from sluiceway.access.principals.store import UserStore
from sluiceway.access.principals.types import NAME_LENGTH_MAX, User
from sluiceway.foundation.origin import current_origin


@dataclass(frozen=True, slots=True)
class CredentialService:
    """Checks passwords; how long it takes does not tell which users exist."""

    users: UserStore
    passwords: Passwords
    attempts: AttemptLimits

    async def check(self, username: str, password: str) -> User:
        """Give the user with this name and password.

        Raises:
            InvalidCredentialsError: There is none, or it may not sign in.
            TooManyAttemptsError: Too many were wrong lately.
            OverloadedError: Too many passwords wait to be checked.
        """
        origin = current_origin()
        self.attempts.take(username, origin)
        # No user has a longer name, nor one with a NUL, which not every database takes.
        possible = len(username) <= NAME_LENGTH_MAX and "\x00" not in username
        user = await self.users.by_username(username) if possible else None
        right = await self.passwords.matches(password, None if user is None else user.password_hash)
        if user is None or not right or not user.may_act:
            raise InvalidCredentialsError
        self.attempts.give_back(username, origin)
        return user

    async def confirm(self, user: User) -> None:
        """Check that *user*, whose password was right, still has it and may still sign in.

        Raises:
            InvalidCredentialsError: The password was changed meanwhile, or the user shut out.
        """
        now = await self.users.by_id(user.user_id)
        if now is None or now.password_hash != user.password_hash or not now.may_act:
            raise InvalidCredentialsError
