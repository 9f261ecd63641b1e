"""Keeps the callers of recent tokens, so that a request needs no look-up."""

from dataclasses import dataclass, field
from functools import partial

from sluiceway.access.caller import Authenticator, Caller
from sluiceway.access.tokens.texts import digest
from sluiceway.foundation.clock import Clock
from sluiceway.foundation.flights import Flights


@dataclass(slots=True)
class CachedAuthenticator:
    """An ``Authenticator`` that remembers the callers that another one found.

    ``forget`` must be called after each change of tokens, users, groups or applications. Tokens
    are remembered by their digests, so that a dump of the memory holds none.
    """

    authenticator: Authenticator
    clock: Clock
    entries_max: int
    _callers: dict[bytes, Caller] = field(default_factory=dict)
    _flights: Flights[bytes, Caller] = field(default_factory=Flights)
    _forgotten: int = 0
    """How often everything was forgotten: a look-up that began before is not remembered."""

    async def authenticate(self, token: str) -> Caller:
        """Give the caller of *token*.

        Raises:
            InvalidTokenError: The token is not valid.
        """
        # A token has only ASCII; anything else is looked up in vain, as it should be.
        key = digest(token.encode("utf-8", "replace"))
        caller = self._peek(key)
        if caller is not None:
            return caller
        return await self._flights.join(key, partial(self._look_up, key, token))

    async def _look_up(self, key: bytes, token: str) -> Caller:
        forgotten = self._forgotten
        caller = await self.authenticator.authenticate(token)
        if forgotten == self._forgotten:
            while len(self._callers) >= self.entries_max:
                del self._callers[next(iter(self._callers))]
            self._callers[key] = caller
        return caller

    def peek(self, token: bytes) -> Caller | None:
        """Give the caller of *token* if it is remembered and the token has not ended."""
        return self._peek(digest(token))

    def forget(self) -> None:
        """Forget every caller: something that they depend on may have changed."""
        self._forgotten += 1
        self._flights.forget()
        self._callers.clear()

    def _peek(self, key: bytes) -> Caller | None:
        caller = self._callers.get(key)
        if caller is None:
            return None
        if caller.expires_ms is not None and caller.expires_ms <= self.clock.now_ms():
            self._callers.pop(key, None)
            return None
        return caller
