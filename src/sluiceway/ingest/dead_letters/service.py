"""Looking through dead letters, replaying and discarding them."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

import msgspec

from sluiceway.access.audit.service import AuditTrail
from sluiceway.access.audit.types import actor
from sluiceway.access.caller import Caller
from sluiceway.foundation.clock import iso_time
from sluiceway.foundation.errors import SluicewayError
from sluiceway.foundation.paging import PageRequest, next_page_token
from sluiceway.foundation.request_errors import InvalidPageTokenError
from sluiceway.foundation.transactions import Transactions
from sluiceway.ingest.dead_letters.errors import (
    DeadLetterInUseError,
    DeadLetterNotFoundError,
    DeadLetterResolvedError,
)
from sluiceway.ingest.dead_letters.ledger import (
    NUMBER_DIGITS_MAX,
    Held,
    Ledger,
    Ledgers,
    batch_of,
)
from sluiceway.ingest.dead_letters.stored import decode_letter, read_letter, read_letters
from sluiceway.ingest.dead_letters.types import (
    RESOLUTIONS,
    DeadLetter,
    DeadLetterPage,
    KeptResolution,
    LetterOutcome,
    LetterResult,
    ReplayReply,
    Resolution,
)
from sluiceway.ingest.errors import RecordDoesNotMatchStreamSchemaError
from sluiceway.ingest.parts import split
from sluiceway.ingest.pending import offsets, order_of
from sluiceway.ingest.service import IngestService
from sluiceway.ingest.types import BranchTarget, Call, OffsetAndPartition
from sluiceway.schema.errors import (
    EmptyBatchError,
    Reason,
    RecordProblem,
    RecordsInvalidError,
    RecordsTooSparseError,
    RecordTooLargeError,
)
from sluiceway.schema.shapes import Shape
from sluiceway.streams.directory import OpenStream
from sluiceway.streams.log import Batch, StoredRecord
from sluiceway.streams.pending import PendingAppend

_ANSWER_BYTES: Final = 16 * 1_048_576
_REPLAYED_BYTES: Final = 4 * 1_048_576
_encode: Final = msgspec.json.Encoder().encode
_OUTCOMES: Final[Mapping[type[SluicewayError], LetterOutcome]] = {
    DeadLetterNotFoundError: LetterOutcome.NOT_FOUND,
    DeadLetterResolvedError: LetterOutcome.RESOLVED_BEFORE,
    DeadLetterInUseError: LetterOutcome.IN_USE,
}


@dataclass(frozen=True, slots=True)
class DeadLetterService:
    """The dead letters of streams, for callers who may publish to these."""

    ingest: IngestService
    ledgers: Ledgers
    transactions: Transactions
    audit: AuditTrail

    async def list(self, caller: Caller, target: BranchTarget, page: PageRequest) -> DeadLetterPage:
        """Give open letters, oldest first; a page may be shorter than asked for if they are large.

        Raises:
            InvalidPageTokenError: The token is not one of this list.
        And what ``IngestService.admit`` raises.
        """
        _, ledger = await self._open(caller, target)
        after = -1 if page.after is None else _number_of(page.after)
        wanted = list(islice(ledger.open_from(after + 1), page.size + 1))
        # Those that are resolved while this is reading may not be there any more.
        records, last = await read_letters(
            self.ledgers.log, ledger.log_rid, wanted[: page.size], _ANSWER_BYTES
        )
        is_last = not wanted or last == wanted[-1]
        return DeadLetterPage(
            data=[_letter(record) for record in records],
            open_count=ledger.open_count,
            next_page_token=None if is_last else next_page_token(str(last)),
        )

    async def get(self, caller: Caller, target: BranchTarget, letter_id: str) -> DeadLetter:
        """Give one open letter.

        Raises:
            DeadLetterNotFoundError, DeadLetterResolvedError, DeadLetterInUseError: See
                `Ledger.number`.
        And what ``IngestService.admit`` raises.
        """
        _, ledger = await self._open(caller, target)
        record = await read_letter(self.ledgers.log, ledger.log_rid, ledger.number(letter_id))
        if record is None:
            raise DeadLetterResolvedError(letter_id)
        return _letter(record)

    async def replay(
        self, caller: Caller, target: BranchTarget, letter_id: str, mended: bytes | None
    ) -> ReplayReply:
        """Publish the record of one letter, as it was sent or *mended*; gives where it lies.

        Raises:
            RecordDoesNotMatchStreamSchemaError: It does not fit, or is too large; the letter stays
                open.
            DeadLetterNotFoundError, DeadLetterResolvedError, DeadLetterInUseError: See
                `Ledger.number`.
        And what ``IngestService.admit`` raises.
        """
        stream, ledger = await self._open(caller, target)
        number = ledger.number(letter_id)
        with Held(ledger, [number]) as held:
            text = mended if mended is not None else await self._text(ledger, number)
            try:
                record = self._decode(stream, text)
            except RecordsInvalidError as error:
                raise RecordDoesNotMatchStreamSchemaError(stream.view, error) from error
            places = await self._publish(stream, held, caller, {number: record})
        await self._conclude(ledger, caller, Resolution.REPLAYED, [number])
        place = places[number]
        return ReplayReply(letter_id=letter_id, partition=place.partition_id, offset=place.offset)

    async def replay_many(
        self, caller: Caller, target: BranchTarget, letter_ids: Iterable[str]
    ) -> Sequence[LetterResult]:
        """Publish the records of letters as they were sent; says what became of each.

        Those that do not fit stay open. Letters are replayed a few megabytes at a time: if the log
        fails in between, those before are replayed and those behind stay open.

        Raises:
            What ``IngestService.admit`` and `RecordLog.append` raise.
        """
        stream, ledger = await self._open(caller, target)
        results, numbers = _sort(ledger, letter_ids)
        replayed: list[int] = []
        try:
            with Held(ledger, numbers) as held:
                while numbers:
                    texts = await self._some_texts(ledger, numbers)
                    del numbers[: len(texts)]
                    # In a thread: saying of each what is wrong takes its time.
                    records, bad = await asyncio.to_thread(self._sort_out, stream, texts)
                    results.update((str(one), _invalid(one, why)) for one, why in bad.items())
                    if records:
                        places = await self._publish(stream, held, caller, records)
                        results.update(
                            (str(one), _replayed(one, place)) for one, place in places.items()
                        )
                        replayed += records
        finally:
            # Also of those before the one where the log failed.
            await self._conclude(ledger, caller, Resolution.REPLAYED, replayed)
        return list(results.values())

    async def discard(self, caller: Caller, target: BranchTarget, letter_id: str) -> None:
        """Give up one letter.

        Raises:
            DeadLetterNotFoundError, DeadLetterResolvedError, DeadLetterInUseError: See
                `Ledger.number`.
        And what ``IngestService.admit`` raises.
        """
        _, ledger = await self._open(caller, target)
        number = ledger.number(letter_id)
        with Held(ledger, [number]) as held:
            await self._append(held, caller, Resolution.DISCARDED, [number])
        await self._conclude(ledger, caller, Resolution.DISCARDED, [number])

    async def discard_many(
        self, caller: Caller, target: BranchTarget, letter_ids: Iterable[str]
    ) -> Sequence[LetterResult]:
        """Give up letters; says what became of each.

        Raises:
            What ``IngestService.admit`` and `RecordLog.append` raise.
        """
        _, ledger = await self._open(caller, target)
        results, numbers = _sort(ledger, letter_ids)
        if numbers:
            with Held(ledger, numbers) as held:
                await self._append(held, caller, Resolution.DISCARDED, numbers)
        await self._conclude(ledger, caller, Resolution.DISCARDED, numbers)
        for number in numbers:
            letter_id = str(number)
            results[letter_id] = LetterResult(letter_id=letter_id, outcome=LetterOutcome.DISCARDED)
        return list(results.values())

    async def _open(self, caller: Caller, target: BranchTarget) -> tuple[OpenStream, Ledger]:
        await self.ingest.admit(caller, Call.APPEND_RECORDS, target)
        await self.ledgers.of(target.dataset_rid, target.branch_name)
        # Asked again, and answered from memory: reading the log may have taken a while.
        stream = await self.ingest.admit(caller, Call.APPEND_RECORDS, target)
        return stream, await self.ledgers.of(target.dataset_rid, target.branch_name)

    async def _text(self, ledger: Ledger, number: int) -> bytes:
        record = await read_letter(self.ledgers.log, ledger.log_rid, number)
        assert record is not None, "what is held is not trimmed"
        return decode_letter(record.value).value.encode()

    async def _some_texts(self, ledger: Ledger, numbers: Sequence[int]) -> dict[int, bytes]:
        """Read the first of *numbers*, at least one, up to what is replayed at once."""
        records, _ = await read_letters(self.ledgers.log, ledger.log_rid, numbers, _REPLAYED_BYTES)
        return {record.offset: decode_letter(record.value).value.encode() for record in records}

    def _sort_out(
        self, stream: OpenStream, texts: Mapping[int, bytes]
    ) -> tuple[dict[int, Any], dict[int, RecordProblem]]:
        """Decode letters; gives the records of those that fit, and what is wrong with the others."""
        records, bad = {}, {}
        for number, text in texts.items():
            try:
                records[number] = self._decode(stream, text)
            except RecordsInvalidError as error:
                bad[number] = error.problems[0]
        return records, bad

    def _decode(self, stream: OpenStream, text: bytes) -> Any:  # noqa: ANN401 - a class made at run time
        """Decode one record, whatever it looks like.

        Raises:
            RecordsInvalidError: It does not fit, or has become too large by what it leaves out.
        """
        bytes_max = self.ingest.settings.record_bytes_max
        # As a line even what is no JSON is a record that does not fit. No string of JSON holds a
        # line break, so one that is there stands between the values.
        line = text.replace(b"\n", b" ")
        try:
            decoded = stream.schema.decode(
                Shape.LINES, line, records_max=1, record_bytes_max=bytes_max
            )
        except RecordTooLargeError as error:
            expected, found = f"at most {bytes_max} bytes", f"{error.size} bytes"
            problem = RecordProblem(0, "", expected, found, Reason.OUT_OF_RANGE)
            raise RecordsInvalidError([problem], 1) from error
        except RecordsTooSparseError as error:
            expected, found = "a value for more of its fields", str(error)
            problem = RecordProblem(0, "", expected, found, Reason.OUT_OF_RANGE)
            raise RecordsInvalidError([problem], 1) from error
        except EmptyBatchError:
            problem = RecordProblem(0, "", "record: an object", "nothing", Reason.MALFORMED)
            raise RecordsInvalidError([problem], 1) from None
        return decoded.records[0]

    async def _publish(
        self, stream: OpenStream, held: Held, caller: Caller, records: Mapping[int, Any]
    ) -> dict[int, OffsetAndPartition]:
        """Append the records of letters; gives where each lies."""
        statistics = self.ingest.statistics
        started = statistics.monotonic()
        values = list(records.values())
        parts, batches = split(stream, values)
        firsts = await self._append(held, caller, Resolution.REPLAYED, list(records), batches)
        statistics.stored(stream.view, batches, started)
        places = [
            (batch.partition, first, batch.count)
            for batch, first in zip(batches, firsts[: len(batches)], strict=True)
        ]
        return dict(zip(records, offsets(order_of(values, parts), places), strict=True))

    def _append(
        self,
        held: Held,
        caller: Caller,
        resolution: Resolution,
        numbers: Sequence[int],
        batches: Sequence[Batch] = (),
    ) -> PendingAppend:
        """Hand *batches* to the log together with what becomes of the letters *numbers*."""
        kept = KeptResolution(numbers, resolution, caller.principal_id, caller.username)
        lines = [_encode(kept) + b"\n"]
        append = self.ledgers.log.append(
            [*batches, batch_of(held.ledger.log_rid, RESOLUTIONS, lines)]
        )
        held.pass_on(kept, append)
        return append

    async def _conclude(
        self, ledger: Ledger, caller: Caller, resolution: Resolution, numbers: Sequence[int]
    ) -> None:
        """Leave a trace of what is durable, and give back the space."""
        if not numbers:
            return
        await ledger.trim(self.ledgers.log)
        async with self.transactions.begin():
            await self.audit.record(
                actor(caller),
                f"dead_letters.{resolution.value.lower()}",
                ledger.dataset_rid,
                branchName=ledger.branch_name,
                count=len(numbers),
                letterIds=[str(number) for number in numbers],
            )


def _number_of(after: str) -> int:
    if not after.isascii() or not after.isdecimal() or len(after) > NUMBER_DIGITS_MAX:
        raise InvalidPageTokenError(after)
    return int(after)


def _sort(ledger: Ledger, letter_ids: Iterable[str]) -> tuple[dict[str, LetterResult], list[int]]:
    """Tell the letters that may be resolved from those that may not; each is named once."""
    results: dict[str, LetterResult] = {}
    numbers: list[int] = []
    for letter_id in dict.fromkeys(letter_ids):
        try:
            numbers.append(ledger.number(letter_id))
        except tuple(_OUTCOMES) as error:
            results[letter_id] = LetterResult(letter_id=letter_id, outcome=_OUTCOMES[type(error)])
        else:
            # Keeps its place in the order; says more once that is known.
            results[letter_id] = LetterResult(letter_id=letter_id, outcome=LetterOutcome.IN_USE)
    return results, numbers


def _replayed(number: int, place: OffsetAndPartition) -> LetterResult:
    return LetterResult(
        letter_id=str(number),
        outcome=LetterOutcome.REPLAYED,
        partition=place.partition_id,
        offset=place.offset,
    )


def _invalid(number: int, problem: RecordProblem) -> LetterResult:
    return LetterResult(
        letter_id=str(number),
        outcome=LetterOutcome.INVALID,
        path=problem.path,
        expected=problem.expected,
        found=problem.found,
        reason=problem.reason,
    )


def _letter(record: StoredRecord) -> DeadLetter:
    kept = decode_letter(record.value)
    problem = kept.problem
    return DeadLetter(
        letter_id=str(record.offset),
        time=iso_time(record.time_ms),
        principal_id=kept.principal_id,
        username=kept.username,
        view_rid=kept.view_rid,
        index=problem.index,
        path=problem.path,
        expected=problem.expected,
        found=problem.found,
        reason=problem.reason,
        value=kept.value,
    )
