"""Who reads, where that has to be looked at again while a request is answered."""

from typing import Protocol

from sluiceway.access.caller import Caller
from sluiceway.access.errors import ApiUsageDeniedError
from sluiceway.access.scopes import Operation


class Callers(Protocol):
    """Finds the caller behind a token, from memory where it can."""

    async def authenticate(self, token: str) -> Caller:
        """Give the caller; see ``access.caller.Authenticator``."""
        ...


async def reader(callers: Callers, token: str) -> Caller:
    """Give the caller behind *token*, if it may still be used to read streams.

    Raises:
        InvalidTokenError: The token is not valid, or is valid no longer.
        ApiUsageDeniedError: Its scope lacks reading streams.
    """
    caller = await callers.authenticate(token)
    if not caller.may_use(Operation.STREAMS_READ):
        raise ApiUsageDeniedError(Operation.STREAMS_READ)
    return caller
