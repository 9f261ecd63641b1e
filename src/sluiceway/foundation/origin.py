"""Where the request that is being answered came from, for the audit trail."""

from contextvars import ContextVar
from typing import Final

_LOCAL: Final = "local"
_LENGTH_MAX: Final = 255
"""What a proxy says may be no address; the audit trail has room for so much."""

_origin: ContextVar[str] = ContextVar("origin", default=_LOCAL)


def current_origin() -> str:
    """Give the network address of the caller, or ``local`` outside of a request."""
    return _origin.get()


def set_origin(address: str | None) -> None:
    """Remember the caller's address for what runs in this context."""
    _origin.set((address or _LOCAL)[:_LENGTH_MAX])
