"""A connection at a worker: plain publishes are answered, with anything else it is passed on.

A worker remembers what it looked up, and hears of changes a moment after they were made. So it
decides nothing by itself: every append, and every refusal, says how much its worker had heard, and
the log takes none that is behind. Such a request is simply begun anew, before any answer is given.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from sluiceway.access.caller import Caller
from sluiceway.foundation.errors import SluicewayError
from sluiceway.ingest.intake import FastIntake
from sluiceway.ingest.open_connections import OpenConnections
from sluiceway.ingest.protocol import PublishProtocol
from sluiceway.ingest.requests import ParsedRequest, PublishRequest
from sluiceway.ingest.workers.scan import plain_publish_bytes
from sluiceway.streams.directory import OpenStream
from sluiceway.streams.log_errors import AdmissionOutdatedError
from sluiceway.streams.pending import PendingAppend

_TRIES_MAX: Final = 8
"""How often a request is begun anew, before that is given up."""
_PIECES_MAX: Final = 64
"""Pieces of a request that are kept apart."""
_DRAIN_SECONDS: Final = 0.005
"""How often to look whether the client has taken what was written."""

PassOn = Callable[[int, bytes], None]
"""Takes a connection's descriptor, of which it makes its own copy, and what was read of it."""


class WorkerProtocol(PublishProtocol):
    """One client's connection; answers one request at a time."""

    def __init__(
        self,
        pass_on: PassOn,
        intake: FastIntake,
        connections: OpenConnections,
        *args: Any,  # noqa: ANN401 - uvicorn's own
        **kwargs: Any,  # noqa: ANN401 - same
    ) -> None:
        super().__init__(intake, connections, *args, **kwargs)
        self._pass_on = pass_on
        self._chunks: list[bytes] = []
        """The request in progress, as it came."""
        self._missing = 0
        """Bytes of it that are still to come."""
        self._behind = b""
        """What came behind it; the connection is passed on with that."""
        self._tries = 0

    def data_received(self, data: bytes) -> None:
        """Take what belongs to a plain publish; pass the connection on with anything else."""
        if self._last_words is not None:
            super().data_received(data)
        elif self._behind:
            self._keep(data)
        elif self._missing:
            piece, behind = data[: self._missing], data[self._missing :]
            self._missing -= len(piece)
            self._chunks.append(piece)
            super().data_received(piece)
            if self._current is not None and self._current.refused is not None:
                self._chunks = []  # Nothing is held of what there was no room for.
            elif len(self._chunks) > _PIECES_MAX:
                self._chunks = [b"".join(self._chunks)]
            if behind:
                self._keep(behind)
        elif self._unanswered:
            self._keep(data)
        else:
            self._begin(data)

    def _begin(self, data: bytes) -> None:
        known = self._known
        if known is None or not known.begins(data):
            known = self._intake.heads.recall(data)
            if known is not None:
                self._known = known
        size = len(data)
        if known is None:
            found = plain_publish_bytes(data, self._intake.budget.request_bytes_max)
            if found is None or found < size:
                self._keep(data)
                return
            size = found
        self._missing = size - len(data)
        self._chunks = [data]
        self._tries = 0
        super().data_received(data)

    def _keep(self, data: bytes) -> None:
        """Keep what the connection is to be passed on with, at once or behind the answer due."""
        self._behind += data
        self.flow.pause_reading()
        if not self._unanswered:
            self._leave_it()

    def rest(self) -> None:
        """Wait for the next request, or pass on what is there of it."""
        self._chunks = []
        if self._behind and not self.has_left():
            self._leave_it()
        else:
            super().rest()

    def _leave_it(self) -> None:
        """Pass the connection on, as soon as everything that was written has left this process."""
        if self._last_words is not None or self.transport.is_closing():
            return
        if self.transport.get_write_buffer_size():
            self.loop.call_later(_DRAIN_SECONDS, self._leave_it)
            return
        self._pass_on(self.transport.get_extra_info("socket").fileno(), self._behind)
        self.transport.abort()  # Closes this copy of the descriptor; the connection lives on.

    def settle(self, request: PublishRequest) -> None:
        """Answer a request whose outcome is known, or begin it anew."""
        pending = request.pending
        assert pending is not None
        if pending.append.error is not None and self._may_redo(pending.append.error):
            self._redo(request)
        else:
            super().settle(request)

    def refuse(self, request: PublishRequest, error: Exception) -> None:
        """Answer a request that failed, if what it was judged by was not out of date."""
        if request.pending is not None:
            super().refuse(request, error)
            return
        check = self._ingest.log.append(())
        check.then(partial(self._refuse_or_redo, request, error, check))

    def _refuse_or_redo(
        self, request: PublishRequest, error: Exception, check: PendingAppend
    ) -> None:
        if check.error is None:
            super().refuse(request, error)
        elif self._may_redo(check.error):
            self._redo(request)
        else:
            super().refuse(request, check.error)

    def _may_redo(self, error: Exception) -> bool:
        is_outdated = isinstance(error, AdmissionOutdatedError)
        return is_outdated and self._tries < _TRIES_MAX and bool(self._chunks)

    def _redo(self, request: PublishRequest) -> None:
        """Forget that *request* was begun, and begin it anew; nothing was written of it."""
        self._tries += 1
        self._intake.budget.give_back(request.taken)
        self._unanswered.clear()
        self._exchange.response_complete = True
        if self.transport.is_closing():
            return
        # Set again by the request itself, if this is the last one of the connection.
        self._is_clear, self._last_words = False, None
        super().data_received(b"".join(self._chunks))

    async def admit_cold(self, request: ParsedRequest) -> tuple[Caller, OpenStream]:
        """Look up who asks and the stream, anew if anything changed meanwhile."""
        for _ in range(_TRIES_MAX):
            generation = self._ingest.generation
            try:
                admitted = await super().admit_cold(request)
            except SluicewayError:
                if generation == self._ingest.generation:
                    raise
            else:
                if generation == self._ingest.generation:
                    return admitted
        raise AdmissionOutdatedError
