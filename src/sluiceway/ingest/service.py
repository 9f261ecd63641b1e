"""Publishing: who may, does it fit, store it, and only then say yes."""

from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import msgspec

from sluiceway.access.caller import Caller
from sluiceway.access.errors import (
    ApiUsageDeniedError,
    InvalidTokenError,
    MissingCredentialsError,
)
from sluiceway.access.roles import Role
from sluiceway.foundation.errors import SluicewayError
from sluiceway.foundation.request_errors import MissingPostBodyError
from sluiceway.foundation.rids import ViewRid
from sluiceway.ingest.archived import ArchivedPlaces
from sluiceway.ingest.dead_letters.apart import Apart, LettersOfRequest, written
from sluiceway.ingest.dead_letters.ledger import Ledger
from sluiceway.ingest.errors import (
    FailedToProcessBinaryRecordError,
    RecordDoesNotMatchStreamSchemaError,
)
from sluiceway.ingest.once import Claim, Once, Repeated
from sluiceway.ingest.parts import split, whole
from sluiceway.ingest.pending import Pending
from sluiceway.ingest.receipts import ReceiptReply, find_receipt, with_archive
from sluiceway.ingest.settings import IngestSettings
from sluiceway.ingest.types import Binary, BodyKind, BranchTarget, Call, Target
from sluiceway.schema.errors import RecordsInvalidError, RecordTooLargeError
from sluiceway.schema.older import earlier_forms
from sluiceway.schema.shapes import Decoded, Shape
from sluiceway.streams.directory import OpenStream, StreamDirectory
from sluiceway.streams.errors import (
    CannotWriteToTrashedStreamError,
    StreamNotFoundError,
    ViewNotFoundError,
)
from sluiceway.streams.log import RecordAppender, RecordLog
from sluiceway.streams.statistics import StreamStatistics
from sluiceway.streams.types import View


class _Pin(msgspec.Struct, rename="camel"):
    """Of the body of a publish call only the view that it wants."""

    view_rid: str | None = None


_pin: Final = msgspec.json.Decoder(_Pin)
_NOT_THE_STREAMS: Final = frozenset(
    {
        MissingCredentialsError.name,
        InvalidTokenError.name,
        ApiUsageDeniedError.name,
        StreamNotFoundError.name,
    }
)
_PINNING_SHAPES: Final = (Shape.RECORD, Shape.RECORDS)


@dataclass(frozen=True, slots=True)
class IngestService:
    """Takes records on behalf of callers, the same way for every door.

    A door first asks ``admitted``, which knows the answer from memory for all but the first
    request, or awaits ``admit``; then it calls ``publish`` and answers when that is durable.
    """

    directory: StreamDirectory
    log: RecordAppender
    settings: IngestSettings
    statistics: StreamStatistics
    once: Once | None
    """``None`` in a worker, whose requests say nothing of themselves."""

    @property
    def generation(self) -> int:
        """A number that changes whenever what ``admitted`` says may change."""
        return self.directory.generation

    def admitted(self, caller: Caller, call: Call, target: Target) -> OpenStream | None:
        """Give the stream if memory is enough to say yes; ``None`` means: ask ``admit``."""
        if isinstance(target, BranchTarget):
            stream = self.directory.peek(target.dataset_rid, target.branch_name)
        else:
            stream = self.directory.peek_view(target.view_rid)
        if stream is None:
            return None
        role = self.directory.peek_role(caller, target.dataset_rid)
        if role is None:
            return None
        return _checked(stream, role, call, target)

    async def admit(self, caller: Caller, call: Call, target: Target) -> OpenStream:
        """Give the stream that the caller may publish to.

        Raises:
            StreamNotFoundError: There is none that the caller may see.
            ViewNotFoundError: The view is not the active one of a stream that it may see.
            PublishRecordPermissionDeniedError: It sees the stream but has not the role Editor
                (or the error of the same kind that fits the call).
            CannotWriteToTrashedStreamError: The stream is in the trash.
        """
        role = await self.directory.role(caller, target.dataset_rid)
        if isinstance(target, BranchTarget):
            stream = await self.directory.stream(target.dataset_rid, target.branch_name)
            if stream is None or role is None:
                raise StreamNotFoundError(target.dataset_rid, target.branch_name)
        else:
            stream = await self.directory.view(target.view_rid)
            if stream is None or role is None:
                raise ViewNotFoundError(target.view_rid)
        return _checked(stream, role, call, target)

    def publish(
        self,
        stream: OpenStream,
        call: Call,
        kind: BodyKind,
        body: bytes,
        claim: Claim | None = None,
    ) -> Pending:
        """Check *body* against the schema and hand its records to the log, all or none.

        With *claim* the request is known by what it says of itself, and stored only the first
        time.

        Raises:
            LogBusyError: The log has no room for as much as the body has.
            MissingPostBodyError: The body is empty, and the call takes JSON.
            BodyInvalidError: The body is not the JSON that the call takes.
            RecordDoesNotMatchStreamSchemaError: A record does not fit the schema.
            TooManyRecordsError: There are more than one request may carry.
            RecordTooLargeError: A record is too large.
            ViewNotFoundError: The body names a view that is not the stream's.
            FailedToProcessBinaryRecordError: A binary record for a stream that takes none.
            IdempotencyKeyReusedError, IdempotencyKeyInUseError, ProducerFencedError,
            ProducerSequenceGapError: See `Once.append`.
        """
        # To find out after decoding would be to do nearly all the work for nothing.
        self.log.backlog.check(len(body))
        started = self.statistics.monotonic()
        view = stream.view
        if isinstance(kind, Binary):
            decoded = Decoded(self._binary(stream, body), None)
        elif not body:
            raise MissingPostBodyError
        else:
            decoded = self._decode(stream, kind, body)
        if decoded.view_rid is not None and decoded.view_rid != view.view_rid:
            raise ViewNotFoundError(decoded.view_rid)
        parts, batches = split(stream, decoded.records, decoded.lines)
        if claim is None:
            append = self.log.append(batches)
            return Pending(call, decoded.records, parts, batches, append, view, started)
        assert self.once is not None, "a claim in a worker"
        lines = whole(stream, decoded, batches)
        earlier = partial(earlier_forms, lines, view.added)
        outcome = self.once.append(view.view_rid, claim, lines, batches, earlier=earlier)
        repeated = outcome if isinstance(outcome, Repeated) else None
        append = outcome.append if isinstance(outcome, Repeated) else outcome
        pending = Pending(call, decoded.records, parts, batches, append, view, started)
        pending.identity, pending.repeated = claim.identity, repeated
        return pending

    def take_apart(self, stream: OpenStream, shape: Shape, body: bytes, caller: Caller) -> Apart:
        """Take the records out of *body*, those that fit apart from those that do not.

        Saying of each what is wrong can take a second or two; this may run in a thread.

        Raises:
            RecordDoesNotMatchStreamSchemaError: More records do not fit than may become letters.
        And what ``publish`` raises of a body.
        """
        if not body:
            raise MissingPostBodyError
        try:
            decoded, misfits = stream.schema.decode_apart(
                shape,
                body,
                records_max=self.settings.request_records_max,
                record_bytes_max=self.settings.record_bytes_max,
                misfits_max=self.settings.request_dead_letters_max,
            )
        except RecordsInvalidError as error:
            raise RecordDoesNotMatchStreamSchemaError(stream.view, error) from error
        return Apart(decoded, misfits, written(misfits, caller, stream.view))

    def publish_apart(
        self, stream: OpenStream, apart: Apart, ledger: Ledger, claim: Claim | None = None
    ) -> Pending:
        """Do what ``publish`` does for the records that fit, and keep the others as dead letters.

        All of that becomes durable together. *apart* is what ``take_apart`` gave for the same view;
        *ledger* is the stream's, as it is now.

        Raises:
            DeadLettersFullError: The stream keeps as many dead letters as it may.
        And what `Once.append` raises.
        """
        started = self.statistics.monotonic()
        view = stream.view
        records = apart.decoded.records
        parts, batches = split(stream, records, apart.decoded.lines) if records else ([], [])
        letters = LettersOfRequest(ledger, apart)
        both = batches + letters.batches()
        repeated = None
        if claim is None:
            letters.reserve()
            append = self.log.append(both)
        else:
            assert self.once is not None, "a claim in a worker"
            lines, others = whole(stream, apart.decoded, batches), letters.content()
            outcome = self.once.append(
                view.view_rid,
                claim,
                lines + others,
                both,
                has_letters=bool(apart.misfits),
                earlier=lambda: (one + others for one in earlier_forms(lines, view.added)),
                reserve=letters.reserve,
            )
            repeated = outcome if isinstance(outcome, Repeated) else None
            append = outcome.append if isinstance(outcome, Repeated) else outcome
        pending = Pending(Call.APPEND_RECORDS, records, parts, batches, append, view, started)
        if repeated is None:
            letters.follow(append)
        else:
            letters.found(repeated.letters_at)
        if claim is not None:
            pending.identity, pending.repeated = claim.identity, repeated
        pending.letters = letters
        return pending

    def _decode(self, stream: OpenStream, shape: Shape, body: bytes) -> Decoded:
        try:
            return stream.schema.decode(
                shape,
                body,
                records_max=self.settings.request_records_max,
                record_bytes_max=self.settings.record_bytes_max,
            )
        except RecordsInvalidError as error:
            _refuse_other_view(shape, body, stream.view)
            raise RecordDoesNotMatchStreamSchemaError(stream.view, error) from error

    async def receipt(
        self,
        caller: Caller,
        target: Target,
        receipt_id: str,
        log: RecordLog,
        archive: ArchivedPlaces,
    ) -> ReceiptReply:
        """Tell where the records of a receipt are; for those who may publish to the stream.

        Raises:
            InvalidReceiptError: It is no receipt of the stream's active view.
            SluicewayError: Whatever ``admit`` raises.
        """
        stream = await self.admit(caller, Call.APPEND_RECORDS, target)
        view = stream.view.view_rid
        starts, ends = await log.start_offsets(view), await log.end_offsets(view)
        return await with_archive(find_receipt(receipt_id, view, starts, ends), archive)

    def stored(self, pending: Pending) -> None:
        """Count a request that is durable; every door says so of each."""
        if pending.repeated is None:
            self.statistics.stored(pending.view, pending.batches, pending.started)

    def refused(self, target: Target, error: Exception) -> None:
        """Count a request that was refused with *error*; every door says so of each.

        Those of strangers to the stream, or with a token for something else, do not count.
        """
        if isinstance(error, SluicewayError) and error.name in _NOT_THE_STREAMS:
            return
        if isinstance(target, BranchTarget):
            stream = self.directory.peek(target.dataset_rid, target.branch_name)
        else:
            stream = self.directory.peek_view(target.view_rid)
        if stream is not None and stream.view.dataset_rid == target.dataset_rid:
            self.statistics.refused(stream.view, error)

    def _binary(self, stream: OpenStream, body: bytes) -> list[Any]:
        if stream.schema.binary_field is None:
            raise FailedToProcessBinaryRecordError(stream.view)
        record = stream.schema.binary_record(body)
        size = len(stream.schema.encode([record])) - 1
        if size > self.settings.record_bytes_max:
            raise RecordTooLargeError(0, size, self.settings.record_bytes_max)
        return [record]


def _refuse_other_view(shape: Shape, body: bytes, view: View) -> None:
    """Refuse records that were meant for another view, and so for another schema perhaps.

    That they do not fit this view's schema would mislead a client whose stream was reset.
    """
    if shape in _PINNING_SHAPES:
        wanted = _pin.decode(body).view_rid
        if wanted is not None and wanted != view.view_rid:
            raise ViewNotFoundError(wanted)


def _checked(stream: OpenStream, role: Role, call: Call, target: Target) -> OpenStream:
    """Give *stream* if *role* allows the call and the target is what the stream is now."""
    view = stream.view
    if view.dataset_rid != target.dataset_rid:
        # The role is one on the dataset that was named: nothing of the view's own is told.
        raise ViewNotFoundError(view.view_rid)
    if role < Role.EDITOR:
        raise call.denied(view.dataset_rid, view.branch_name)
    wanted: ViewRid | None = target.view_rid
    if wanted is not None and wanted != view.view_rid:
        raise ViewNotFoundError(wanted)
    if stream.is_trashed:
        raise CannotWriteToTrashedStreamError(view.dataset_rid)
    return stream
