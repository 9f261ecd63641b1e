"""The body of a publish request at the ordinary door: read, unpacked, and bounded all the way."""

import asyncio
from types import TracebackType
from typing import Any, Final, Self

from litestar import Request

from sluiceway.foundation.request_errors import MissingPostBodyError
from sluiceway.ingest.admission import InflightBudget
from sluiceway.ingest.bulk.conversion import Bulk, to_lines
from sluiceway.ingest.compression import decompress
from sluiceway.ingest.head import body_encoding, body_kind, bulk_kind
from sluiceway.ingest.holding import Holding
from sluiceway.ingest.types import BodyKind, Call
from sluiceway.schema.shapes import Shape
from sluiceway.schema.types import StreamSchema

_READ_AHEAD_BYTES: Final = 256 * 1024
"""What may have come of a body before it is read."""
_BLOCKING_BYTES_MIN: Final = 64 * 1024
"""From this size on a compressed body is unpacked in a thread: the loop must not wait for it."""


class TakenBody:
    """Holds what the body takes of the budget, until it is closed: ``async with``."""

    def __init__(self, request: Request[Any, Any, Any], call: Call, budget: InflightBudget) -> None:
        self._request = request
        self._call = call
        self._budget = budget
        self._taken = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._budget.give_back(self._taken)

    @property
    def announced_bytes(self) -> int:
        """How large the body says that it is, as it is sent; 0 where it comes in chunks."""
        return int(self._request.headers.get("content-length") or 0)

    async def wait(self, holding: Holding) -> None:
        """Wait, unread, like a client of the other door, if the log has no room for more.

        Raises:
            OverloadedError: There is no room for who waits, either.
        """
        if not holding.is_due():
            return
        taken = self._budget.take(min(_READ_AHEAD_BYTES, self._budget.request_bytes_max))
        try:
            await holding.wait()
        finally:
            self._budget.give_back(taken)

    async def read(self) -> tuple[BodyKind | Bulk, bytes]:
        """Read the body to its end; gives what it is, and its bytes as they were before packing.

        Raises:
            UnsupportedMediaTypeError: The call takes no such body.
            RequestEntityTooLargeError: It is too large, as sent or unpacked.
            OverloadedError: There is no room for it now.
            BodyInvalidError: It cannot be unpacked.
        """
        headers = self._request.headers
        content_type = headers.get("content-type")
        bulk = bulk_kind(self._call, content_type)
        kind = body_kind(self._call, content_type) if bulk is None else bulk
        encoding = body_encoding(headers.get("content-encoding"))
        body = await self._collect()
        if encoding is not None and body:
            bytes_max = self._budget.request_bytes_max
            if len(body) < _BLOCKING_BYTES_MIN:
                body = decompress(body, encoding, bytes_max)
            else:
                body = await asyncio.to_thread(decompress, body, encoding, bytes_max)
            self._take(len(body))
        return kind, body

    async def opened(
        self, kind: BodyKind | Bulk, body: bytes, schema: StreamSchema, records_max: int
    ) -> tuple[BodyKind, bytes]:
        """Give a body as the call takes it; one of another form as lines, for that *schema*.

        Raises:
            MissingPostBodyError: It is empty, and of another form.
            OverloadedError: There is no room for the lines now.
            SluicewayError: Whatever ``bulk.conversion.to_lines`` raises.
        """
        if not isinstance(kind, Bulk):
            return kind, body
        if not body:
            raise MissingPostBodyError
        # In a thread whatever its size: a few bytes of a file can stand for many records.
        lines = await asyncio.to_thread(
            to_lines,
            kind,
            body,
            schema,
            bytes_max=self._budget.request_bytes_max,
            records_max=records_max,
        )
        self._take(len(lines))
        return Shape.LINES, lines

    async def _collect(self) -> bytes:
        body = bytearray()
        async for chunk in self._request.stream():
            self._taken += self._budget.take(len(chunk), of=len(body))
            body += chunk
        return bytes(body)

    def _take(self, size: int) -> None:
        self._taken += self._budget.take(size)
