"""What an answer may ask of the connection that it goes over."""

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

_OUTLET: Final = "sluiceway.outlet"


class Outlet(Protocol):
    """The way to the client of one request, past ASGI."""

    @property
    def write(self) -> Callable[[bytes], None]:
        """Writes whole chunks of a chunked answer, while it is open."""
        ...

    def open(self, stopped: Callable[[], None]) -> bool:
        """Begin to write past ASGI, through which nothing may be on its way meanwhile.

        *stopped* is called, perhaps within `write`, when the client does not take what was written
        or is gone: write no more then, but go on through ASGI, which knows what to do. ``False``:
        it is so already, or the body does not go in chunks (RFC 9112, section 7.1).
        """
        ...

    def close(self) -> None:
        """Go on through ASGI; closing twice changes nothing."""
        ...

    def abort(self) -> None:
        """Cut the connection, with what the client has not yet taken of the answer."""
        ...


def extensions(outlet: Outlet) -> dict[str, Any]:
    """Make the ``extensions`` of a request's scope."""
    return {_OUTLET: outlet}


def outlet_of(scope: Mapping[str, Any]) -> Outlet | None:
    """Give the way to the client; ``None`` where no connection of ours is under the request."""
    outlet: Outlet | None = scope.get("extensions", {}).get(_OUTLET)
    return outlet


def abort(scope: Mapping[str, Any]) -> None:
    """Cut the connection of a request, with what the client has not yet taken of the answer."""
    outlet = outlet_of(scope)
    if outlet is not None:
        outlet.abort()


def chunk(body: bytes) -> bytes:
    """Frame *body*, which is not empty, as a chunk."""
    return b"%x\r\n%b\r\n" % (len(body), body)
