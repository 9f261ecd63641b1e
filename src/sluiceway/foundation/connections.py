"""What an answer may ask of the connection that it goes over, and what the kernel knows of it."""

import asyncio
import fcntl
import sys
import termios
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


def is_quiet(transport: asyncio.WriteTransport) -> bool:
    """Tell whether nothing is under way: the client has got all that was written, and we all it sent.

    To close a connection that is not quiet may cut it: when bytes are left unread, the kernel sends
    a reset instead of what it has still to deliver (RFC 1122, section 4.2.2.13).
    """
    if transport.get_write_buffer_size():
        return False
    descriptor = transport.get_extra_info("socket").fileno()
    return not any(_count(descriptor, what) for what in (termios.FIONREAD, termios.TIOCOUTQ))


def untaken_bytes(transport: asyncio.WriteTransport) -> int:
    """Tell how much was written that has not reached the client: what is left here, and in the kernel."""
    descriptor = transport.get_extra_info("socket").fileno()
    return transport.get_write_buffer_size() + _count(descriptor, termios.TIOCOUTQ)


def _count(descriptor: int, what: int) -> int:
    """Ask the kernel for the size of a queue of a socket (tcp(7): SIOCINQ, SIOCOUTQ)."""
    return int.from_bytes(fcntl.ioctl(descriptor, what, bytes(4)), sys.byteorder)
