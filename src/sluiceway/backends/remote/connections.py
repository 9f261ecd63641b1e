"""Connections on their way from one process to another: descriptors over a Unix socket.

Each goes with what was read of it: its length, four bytes, the highest first, then these bytes. The
descriptor travels with the first byte, and the kernel hands out no two of them in one read.
"""

import asyncio
import contextlib
import errno
import logging
import os
import socket
from collections import deque
from collections.abc import Callable
from typing import Final

_log: Final = logging.getLogger("sluiceway.workers")
_LENGTH_BYTES: Final = 4
_READ_BYTES_MAX: Final = 64 * 1024 * 1024
"""No more than this can have been read of a connection: a worker keeps a few chunks at most."""
_PIECE_BYTES: Final = 64 * 1024
_RETRY_SECONDS: Final = 0.05
_LAST_SECONDS: Final = 1.0
_LOST: Final = -1
"""Stands for a descriptor that the kernel had no room for: its connection is cut."""


class _Parcel:
    """A connection that is to be sent, and what of it is not yet."""

    def __init__(self, descriptor: int, data: bytes) -> None:
        self.descriptor = descriptor
        self.rest = memoryview(len(data).to_bytes(_LENGTH_BYTES, "big") + data)
        self.is_begun = False


class ConnectionSender:
    """Sends connections over *link*, a connected Unix stream socket, without waiting."""

    def __init__(self, link: socket.socket) -> None:
        self._link = link
        self._loop = asyncio.get_running_loop()
        self._parcels: deque[_Parcel] = deque()
        self._is_waiting = False
        self._emptied: asyncio.Event | None = None
        link.setblocking(False)

    def give(self, descriptor: int, data: bytes) -> None:
        """Send a connection; the caller may close its own descriptor at once."""
        self._parcels.append(_Parcel(os.dup(descriptor), data))
        if not self._is_waiting:
            self._pump()

    async def emptied(self) -> None:
        """Wait until every connection is sent, or a second has passed."""
        if self._parcels:
            self._emptied = asyncio.Event()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._emptied.wait(), _LAST_SECONDS)

    def _pump(self) -> None:
        self._wait(writable=False)
        while self._parcels:
            parcel = self._parcels[0]
            try:
                self._send(parcel)
            except BlockingIOError:
                self._wait(writable=True)
                return
            except OSError as error:
                if error.errno == errno.ETOOMANYREFS:  # Too many are under way; this passes.
                    self._is_waiting = True
                    self._loop.call_later(_RETRY_SECONDS, self._pump)
                    return
                self._drop_all(error)
                return
            self._parcels.popleft()
            os.close(parcel.descriptor)
        if self._emptied is not None:
            self._emptied.set()

    def _send(self, parcel: _Parcel) -> None:
        while parcel.rest:
            piece = parcel.rest[:_PIECE_BYTES]
            if parcel.is_begun:
                sent = self._link.send(piece)
            else:
                sent = socket.send_fds(self._link, [piece], [parcel.descriptor])
                parcel.is_begun = True
            parcel.rest = parcel.rest[sent:]

    def _wait(self, *, writable: bool) -> None:
        if writable and not self._is_waiting:
            self._loop.add_writer(self._link, self._pump)
        elif not writable and self._is_waiting:
            self._loop.remove_writer(self._link)
        self._is_waiting = writable

    def _drop_all(self, error: OSError) -> None:
        """Cut every connection: the other process is gone."""
        _log.warning("%d connections could not be passed on: %s", len(self._parcels), error)
        while self._parcels:
            os.close(self._parcels.popleft().descriptor)


class ConnectionReceiver:
    """Takes connections from *link*, which it owns, until that is closed.

    ``take`` owns the sockets that it is given.
    """

    def __init__(self, link: socket.socket, take: Callable[[socket.socket, bytes], None]) -> None:
        self._link = link
        self._take = take
        self._loop = asyncio.get_running_loop()
        self._buffer = bytearray()
        self._descriptors: deque[int] = deque()
        link.setblocking(False)
        self._loop.add_reader(link, self._read)

    def close(self) -> None:
        """Take no more; a connection that is half here is cut."""
        if self._link.fileno() < 0:
            return
        self._loop.remove_reader(self._link)
        self._link.close()
        while self._descriptors:
            descriptor = self._descriptors.popleft()
            if descriptor != _LOST:
                os.close(descriptor)

    def _read(self) -> None:
        try:
            data, descriptors, flags, _ = socket.recv_fds(
                self._link, _PIECE_BYTES, 1, socket.MSG_CMSG_CLOEXEC
            )
        except BlockingIOError:
            return
        except OSError:
            data, descriptors, flags = b"", [], 0
        if not data:
            self.close()
            return
        self._descriptors.extend(descriptors)
        if flags & socket.MSG_CTRUNC and not descriptors:
            _log.error("a connection was cut: this process may have no more files open")
            self._descriptors.append(_LOST)
        self._buffer += data
        self._hand_on()

    def _hand_on(self) -> None:
        buffer = self._buffer
        while len(buffer) >= _LENGTH_BYTES:
            end = _LENGTH_BYTES + int.from_bytes(buffer[:_LENGTH_BYTES], "big")
            if end > _READ_BYTES_MAX:
                _log.error("a worker sends what is no connection")
                self.close()
                return
            if len(buffer) < end:
                return
            first = bytes(buffer[_LENGTH_BYTES:end])
            del buffer[:end]
            descriptor = self._descriptors.popleft()
            if descriptor != _LOST:
                self._take(socket.socket(fileno=descriptor), first)
