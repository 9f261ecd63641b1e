"""A publish that was handed to the log, and what is answered once it is durable."""

from array import array
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from sluiceway.ingest.dead_letters.apart import LettersOfRequest
from sluiceway.ingest.identity import Identity, ProducerPosition
from sluiceway.ingest.once import Places, Repeated
from sluiceway.ingest.receipts import make_receipt
from sluiceway.ingest.types import Call, JsonRecordsReply, OffsetAndPartition
from sluiceway.streams.log import Batch, Counted
from sluiceway.streams.pending import PendingAppend
from sluiceway.streams.types import View

_WITHOUT_BODY: Final = frozenset(
    {Call.PUBLISH_RECORD, Call.PUBLISH_RECORDS, Call.PUBLISH_BINARY_RECORD}
)
_TELLING_OFFSETS: Final = frozenset({Call.JSON_RECORD, Call.JSON_RECORDS})
_BATCH_BITS: Final = 32
"""In an order, how far the number of the batch is shifted above the place in the batch."""
_SHARED_BYTES_MAX: Final = 64 * 1024


class _Counts(msgspec.Struct, frozen=True, gc=False):
    partition: int
    count: int
    size: int


class Answer(msgspec.Struct, frozen=True, gc=False):
    """The answer to a publish that is durable."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    """JSON; empty with status 204."""


ACCEPTED: Final = Answer(204)


class Pending:
    """A request whose records were handed to the log and are not yet durable."""

    __slots__ = (
        "append",
        "batches",
        "call",
        "identity",
        "letters",
        "order",
        "repeated",
        "started",
        "view",
    )

    def __init__(
        self,
        call: Call,
        records: list[Any],
        parts: list[tuple[int, list[Any]]],
        batches: Sequence[Batch],
        append: PendingAppend,
        view: View,
        started: float,
    ) -> None:
        self.call = call
        self.order = order_of(records, parts) if call in _TELLING_OFFSETS else ()
        """Where in the batches each record is; the records themselves are needed no more."""
        self.batches: Sequence[Counted] = batches
        if batches and (len(batches) > 1 or len(batches[0].lines) > _SHARED_BYTES_MAX):
            # The log cuts what is large into pieces of its own: it would be held twice.
            self.batches = [_Counts(one.partition, one.count, one.size) for one in batches]
        self.append = append
        """Settled when every record is durable."""
        self.view = view
        self.started = started
        """When it was handed in, for the statistics."""
        self.identity: Identity | None = None
        self.letters: LettersOfRequest | None = None
        """The records that did not fit, if the request wants them kept."""
        self.repeated: Repeated | None = None
        """Set when the request had been stored before."""

    def answer(self) -> Answer:
        """Write the answer to a request that is durable."""
        if self.identity is None and self.call in _WITHOUT_BODY:
            return ACCEPTED
        headers = self._headers()
        places = self._places()
        if self.call in _WITHOUT_BODY or places is None:
            return Answer(204, headers)
        return Answer(200, headers, self._body(places))

    def _headers(self) -> tuple[tuple[str, str], ...]:
        headers: tuple[tuple[str, str], ...] = ()
        if self.repeated is not None:
            headers = (("Idempotency-Replayed", "true"),)
        if isinstance(self.identity, ProducerPosition):
            last = self.repeated.last if self.repeated is not None else None
            position = last or self.identity
            headers += (
                ("Producer-Epoch", str(position.epoch)),
                ("Producer-Seq", str(position.seq)),
            )
        return headers

    def _places(self) -> Places | None:
        """Say where each part lies; ``None`` when that is not known, or not to be told.

        A producer's request that was stored before is answered 204, as its protocol has it.
        """
        if self.repeated is not None:
            is_ordered = isinstance(self.identity, ProducerPosition)
            return None if is_ordered else self.repeated.places
        # Behind those of the records comes that of the dead letters, if there are any.
        firsts = self.append.result()[: len(self.batches)]
        return [
            (batch.partition, first, batch.count)
            for batch, first in zip(self.batches, firsts, strict=True)
        ]

    def _body(self, places: Places) -> bytes:
        if self.call is Call.APPEND_RECORDS:
            is_duplicate = self.repeated is not None
            receipt = make_receipt(
                self.view.view_rid, self.append.time_ms, places, is_duplicate=is_duplicate
            )
            if self.letters is not None:
                receipt = msgspec.structs.replace(receipt, dead_letters=self.letters.told())
            return msgspec.json.encode(receipt)
        found = offsets(self.order, places)
        if self.call is Call.JSON_RECORD:
            return msgspec.json.encode(found[0])
        return msgspec.json.encode(JsonRecordsReply(self.view.view_rid, found))


def order_of(records: Sequence[Any], parts: Sequence[tuple[int, list[Any]]]) -> Sequence[int]:
    """Say where in *parts* each of *records* is: eight bytes each, however large they are.

    They are the same objects.
    """
    if len(parts) == 1:
        return range(len(records))
    found = {
        id(record): batch << _BATCH_BITS | position
        for batch, (_, part) in enumerate(parts)
        for position, record in enumerate(part)
    }
    return array("Q", [found[id(record)] for record in records])


def offsets(order: Sequence[int], places: Places) -> list[OffsetAndPartition]:
    """Say where each record lies, of an order and the places of its batches."""
    found = []
    for code in order:
        partition, first, _ = places[code >> _BATCH_BITS]
        found.append(OffsetAndPartition(first + (code & (1 << _BATCH_BITS) - 1), partition))
    return found
