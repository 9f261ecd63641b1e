"""Passwords: hashed with Argon2id, off the event loop, a few at a time."""

import asyncio
import contextlib
import secrets
import unicodedata
from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import ARGON2_VERSION

from sluiceway.access.principals.errors import InvalidPasswordError
from sluiceway.foundation.request_errors import OverloadedError

PASSWORD_LENGTH_MIN: Final = 12
PASSWORD_LENGTH_MAX: Final = 128
_GENERATED_BYTES: Final = 18
"""144 random bits: 24 characters."""


@dataclass(slots=True)
class Passwords:
    """Hashes and checks passwords.

    Hashing is slow and large on purpose, so *at_once* are hashed at the same time and
    *waiting_max* may wait; the rest is refused rather than piled up.
    """

    at_once: int = 2
    waiting_max: int = 64
    hasher: PasswordHasher = field(default_factory=PasswordHasher)
    _slots: asyncio.Semaphore = field(init=False)
    _waiting: int = field(init=False, default=0)
    _nobody: str = field(init=False)
    """Checked when there is no hash, so that this costs what any check costs."""

    def __post_init__(self) -> None:
        self._slots = asyncio.Semaphore(self.at_once)
        self._nobody = hash_of_nothing(self.hasher)

    async def hash(self, password: str) -> str:
        """Give the hash to keep of a new password.

        Raises:
            InvalidPasswordError: It is shorter or longer than a password may be.
            OverloadedError: Too many wait already.
        """
        # Normalising can make a text a little shorter; what is much too long is not looked at.
        text = _normal(password[: 4 * PASSWORD_LENGTH_MAX])
        if not PASSWORD_LENGTH_MIN <= len(text) <= PASSWORD_LENGTH_MAX:
            raise InvalidPasswordError(PASSWORD_LENGTH_MIN, PASSWORD_LENGTH_MAX)
        async with self._turn():
            return await asyncio.to_thread(self.hasher.hash, text)

    async def matches(self, password: str, password_hash: str | None) -> bool:
        """Tell whether *password* is the one that was hashed.

        Without a hash, or with a password that is too long, the answer is no and takes as long.

        Raises:
            OverloadedError: Too many wait already.
        """
        text = _normal(password[: 2 * PASSWORD_LENGTH_MAX])
        possible = password_hash is not None and len(text) <= PASSWORD_LENGTH_MAX
        async with self._turn():
            found = await asyncio.to_thread(
                self._verify,
                password_hash if possible and password_hash else self._nobody,
                text[:PASSWORD_LENGTH_MAX],
            )
        return found and possible

    @contextlib.asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        if self._waiting >= self.waiting_max:
            raise OverloadedError("passwords to be checked")
        self._waiting += 1
        try:
            await self._slots.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._slots.release()

    def _verify(self, password_hash: str, password: str) -> bool:
        try:
            return self.hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False


def generate_password() -> str:
    """Make a password that nobody can guess."""
    return secrets.token_urlsafe(_GENERATED_BYTES)


def hash_of_nothing(hasher: PasswordHasher) -> str:
    """Make what stands for the hash of a password that nobody has.

    It is checked as slowly as a hash of *hasher*'s and never found right, but hashing nothing
    it is made at once: random bytes in the PHC string format.
    """
    salt, digest = (
        b64encode(secrets.token_bytes(length)).decode().rstrip("=")
        for length in (hasher.salt_len, hasher.hash_len)
    )
    costs = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v={ARGON2_VERSION}${costs}${salt}${digest}"


def _normal(password: str) -> str:
    """Make one text of the ways in which keyboards write the same password (NIST 800-63B)."""
    return unicodedata.normalize("NFKC", password)
