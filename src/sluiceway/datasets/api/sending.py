"""Answers that are longer than memory."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable
from typing import Any, Final, cast

from litestar.datastructures import Cookie
from litestar.response import Stream
from litestar.response.streaming import ASGIStreamingResponse
from litestar.types import Receive, Scope, Send

from sluiceway.datasets.tables import TableFaultError
from sluiceway.foundation.connections import abort
from sluiceway.foundation.errors import SluicewayError

OCTETS: Final = "application/octet-stream"
_log: Final = logging.getLogger("sluiceway.datasets")
_PARTING_SECONDS: Final = 5.0
_STALL_SECONDS: Final = 60.0
"""How long a client may take for one piece, of up to 1 MiB, before its connection is cut."""


class Octets(Stream):
    """An answer that is sent piece by piece, each once the client has taken most of those before.

    What fails on the way cuts the connection: an answer is whole, or seen not to be.
    """

    def __init__(self, pieces: AsyncIterator[bytes], *, size: int | None = None) -> None:
        headers = {} if size is None else {"Content-Length": str(size)}
        super().__init__(pieces, media_type=OCTETS, headers=headers)
        self.pieces = pieces

    def to_asgi_response(self, *_: Any, **more: Any) -> ASGIStreamingResponse:  # noqa: ANN401 - the framework's
        """Make what the framework sends."""
        encoded: Iterable[tuple[bytes, bytes]] = more.get("encoded_headers") or ()
        cookies: Iterable[Cookie] = more.get("cookies") or ()
        return _Sending(
            iterator=self.pieces,
            media_type=OCTETS,
            headers={**(more.get("headers") or {}), **self.headers},
            encoded_headers=encoded,
            cookies=cookies,
            status_code=200,
        )


class _Sending(ASGIStreamingResponse):
    """Sends pieces, whose source is closed whatever happens."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        self._scope = cast("dict[str, Any]", scope)
        try:
            await super().__call__(scope, receive, send)
        finally:
            close = getattr(self.iterator, "aclose", None)
            if close is not None:
                await close()

    async def send_body(self, send: Send, receive: Receive) -> None:
        """Send until there is no more, or cut the connection where it ends too early."""
        sending = asyncio.create_task(self._send_all(send))
        gone = asyncio.create_task(_wait_until_gone(receive))
        try:
            await asyncio.wait([sending, gone], return_when=asyncio.FIRST_COMPLETED)
            if sending.done() and (error := sending.exception()) is not None:
                self._log(error)
                abort(self._scope)
                await asyncio.wait([gone], timeout=_PARTING_SECONDS)
        finally:
            for task in (sending, gone):
                task.cancel()
            await asyncio.wait([sending, gone])

    def _log(self, error: BaseException) -> None:
        """Say why an answer ends too early; only what nobody foresaw needs a traceback."""
        foreseen = isinstance(error, SluicewayError | TableFaultError | TimeoutError)
        reason = "the client takes nothing" if isinstance(error, TimeoutError) else error
        path = self._scope["path"][:200]
        _log.error("cut %s: %s", path, reason, exc_info=None if foreseen else error)

    async def _send_all(self, send: Send) -> None:
        async for piece in self.iterator:
            assert isinstance(piece, bytes)
            async with asyncio.timeout(_STALL_SECONDS):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _wait_until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
