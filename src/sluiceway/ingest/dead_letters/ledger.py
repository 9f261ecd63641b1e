"""Which dead letters of a stream are open: in memory, as the log has it."""

import logging
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Self

import msgspec

from sluiceway.foundation.clock import iso_time
from sluiceway.foundation.flights import Flights
from sluiceway.foundation.rids import DatasetRid, ViewRid, dead_letters_rid
from sluiceway.ingest.dead_letters.errors import (
    DeadLetterInUseError,
    DeadLetterNotFoundError,
    DeadLetterResolvedError,
    DeadLettersFullError,
)
from sluiceway.ingest.dead_letters.types import (
    LETTERS,
    PARTITIONS,
    RESOLUTIONS,
    KeptResolution,
)
from sluiceway.ingest.settings import IngestSettings
from sluiceway.streams.log import Batch, RecordLog, StoredRecord
from sluiceway.streams.log_errors import LogUnavailableError
from sluiceway.streams.pending import PendingAppend

_log: Final = logging.getLogger(__name__)
_READ_RECORDS: Final = 1_000
_READ_BYTES: Final = 4 * 1_048_576
NUMBER_DIGITS_MAX: Final = 18
"""Most digits of a letter's number: it is below 2^63."""
_LEDGERS_MAX: Final = 64
"""How many streams' ledgers are kept in memory; 10,000 letters take 1.5 MB."""

_decode_resolution: Final = msgspec.json.Decoder(KeptResolution).decode


class _Resolved(msgspec.Struct, frozen=True):
    """A letter that was resolved and is not yet trimmed, and where the log says so."""

    offset: int
    time_ms: int
    kept: KeptResolution


class Ledger:
    """The dead letters of one stream that the log still has; a letter's number is its offset.

    Everything that changes it is synchronous, so nothing comes between a check and its effect.
    """

    def __init__(self, dataset_rid: DatasetRid, branch_name: str, settings: IngestSettings) -> None:
        self.dataset_rid: Final = dataset_rid
        self.branch_name: Final = branch_name
        self.log_rid: Final = dead_letters_rid(dataset_rid, branch_name)
        self._settings = settings
        self._sizes: dict[int, int] = {}
        """Bytes of each letter that the log has, resolved ones among them."""
        self._resolved: dict[int, _Resolved] = {}
        self._in_use: set[int] = set()
        self._end = 0
        self._resolutions_end = 0
        """Behind the last resolution that is in here; the log may have further ones already."""
        self._bytes = 0
        self._letters_coming = 0
        self._bytes_coming = 0

    async def load(self, log: RecordLog) -> None:
        """Read the letters from *log*, in which a place is made for them if there is none.

        Space is given back that a crash has kept from being given back: a stream that is full of
        resolved letters would have none that could be resolved to make room.
        """
        await log.create_view(self.log_rid, partitions=PARTITIONS, compressed=True)
        async for record in _all(log, self.log_rid, RESOLUTIONS):
            kept = _decode_resolution(record.value)
            for number in kept.letters:
                self._resolved[number] = _Resolved(record.offset, record.time_ms, kept)
        async for record in _all(log, self.log_rid, LETTERS):
            self._add(record.offset, len(record.value))
        ends = await log.end_offsets(self.log_rid)
        self._end, self._resolutions_end = ends[LETTERS], ends[RESOLUTIONS]
        self._forget(self.start)
        await self.trim(log)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is on its way, so that the log alone knows as much."""
        return not self._in_use and not self._letters_coming

    @property
    def start(self) -> int:
        """The oldest letter that the log has, or the next one's number."""
        return next(iter(self._sizes), self._end)

    @property
    def open_count(self) -> int:
        """How many letters are open."""
        return len(self._sizes) - len(self._resolved)

    def open_from(self, number: int) -> Iterator[int]:
        """Give the open letters from *number* on, oldest first."""
        return (one for one in self._sizes if one >= number and one not in self._resolved)

    def reserve(self, lines: Sequence[bytes]) -> None:
        """Make sure that there is room for these letters before they are written.

        Raises:
            DeadLettersFullError: There is none.
        """
        letters_max = self._settings.dead_letters_max
        bytes_max = self._settings.dead_letters_bytes_max
        size = sum(map(len, lines))
        letters = len(self._sizes) + self._letters_coming + len(lines)
        if letters > letters_max or self._bytes + self._bytes_coming + size > bytes_max:
            raise DeadLettersFullError(
                self.dataset_rid, self.branch_name, letters_max=letters_max, bytes_max=bytes_max
            )
        self._letters_coming += len(lines)
        self._bytes_coming += size

    def settle(self, lines: Sequence[bytes], first: int | None) -> None:
        """Note the outcome of letters that were reserved: the log has them from *first* on.

        ``None`` says that they were not stored.
        """
        self._letters_coming -= len(lines)
        self._bytes_coming -= sum(map(len, lines))
        if first is not None:
            for place, line in enumerate(lines):
                self._add(first + place, len(line))
            self._end = max(self._end, first + len(lines))

    def number(self, letter_id: str) -> int:
        """Give the number of an open letter that nobody is resolving.

        Raises:
            DeadLetterNotFoundError: There never was one of that id.
            DeadLetterResolvedError: It was replayed or discarded.
            DeadLetterInUseError: It is being replayed or discarded.
        """
        is_number = letter_id.isascii() and letter_id.isdecimal()
        if not is_number or len(letter_id) > NUMBER_DIGITS_MAX or str(int(letter_id)) != letter_id:
            raise DeadLetterNotFoundError(letter_id)
        number = int(letter_id)
        if number >= self._end:
            raise DeadLetterNotFoundError(letter_id)
        if number in self._in_use:
            raise DeadLetterInUseError(letter_id)
        resolved = self._resolved.get(number)
        if resolved is not None:
            raise DeadLetterResolvedError(
                letter_id,
                resolution=resolved.kept.resolution.value,
                by=resolved.kept.username,
                time=iso_time(resolved.time_ms),
            )
        if number not in self._sizes:
            raise DeadLetterResolvedError(letter_id)
        return number

    def claim(self, numbers: Iterable[int]) -> None:
        """Keep these open letters for whoever resolves them, until ``release`` or ``resolve``."""
        self._in_use.update(numbers)

    def release(self, numbers: Iterable[int]) -> None:
        """Let others have the letters: they stay open."""
        self._in_use.difference_update(numbers)

    def resolve(self, kept: KeptResolution, append: PendingAppend) -> None:
        """Note the outcome of *append*, whose last batch is *kept*."""
        self.release(kept.letters)
        if append.error is not None:
            return
        resolved = _Resolved(append.result()[-1], append.time_ms, kept)
        self._resolved.update(dict.fromkeys(kept.letters, resolved))
        self._resolutions_end = max(self._resolutions_end, resolved.offset + 1)

    async def trim(self, log: RecordLog) -> None:
        """Give back the space of the oldest letters, up to the first that is open.

        If the log takes no writes, that is left to the next time.
        """
        try:
            await self._trim(log)
        except LogUnavailableError as error:
            _log.warning("could not trim the dead letters of %s: %s", self.dataset_rid, error)

    async def _trim(self, log: RecordLog) -> None:
        before = next(self.open_from(0), self._end)
        if before <= self.start:
            return
        await log.trim(self.log_rid, LETTERS, before)
        # At least whole batches: what the log kept counts on.
        self._forget((await log.start_offsets(self.log_rid))[LETTERS])
        # Not the log's own end: what became of a letter may be durable and not yet known here.
        offsets = (one.offset for one in self._resolved.values())
        needed = min(offsets, default=self._resolutions_end)
        await log.trim(self.log_rid, RESOLUTIONS, needed)

    def _add(self, number: int, size: int) -> None:
        self._sizes[number] = size
        self._bytes += size

    def _forget(self, before: int) -> None:
        for number in [number for number in self._sizes if number < before]:
            self._bytes -= self._sizes.pop(number)
        for number in [number for number in self._resolved if number < before]:
            del self._resolved[number]


@dataclass(slots=True)
class Ledgers:
    """The ledgers of the streams whose letters were asked for of late."""

    log: RecordLog
    settings: IngestSettings
    _ledgers: OrderedDict[tuple[DatasetRid, str], Ledger] = field(default_factory=OrderedDict)
    _flights: Flights[tuple[DatasetRid, str], Ledger] = field(default_factory=Flights)

    async def of(self, dataset_rid: DatasetRid, branch_name: str) -> Ledger:
        """Give the ledger of a stream; without a pause if it is in memory.

        Only what happens before the next pause sees the one that is in use.

        Raises:
            LogUnavailableError: The log cannot be read, or takes no writes.
        """
        key = (dataset_rid, branch_name)
        ledger = self._ledgers.get(key)
        if ledger is not None:
            self._ledgers.move_to_end(key)
            return ledger
        await self._flights.join(key, lambda: self._load(key))
        return await self.of(dataset_rid, branch_name)

    async def _load(self, key: tuple[DatasetRid, str]) -> Ledger:
        ledger = Ledger(*key, self.settings)
        await ledger.load(self.log)
        idle = [key for key, one in self._ledgers.items() if one.is_idle]
        for other in idle[: max(0, len(self._ledgers) + 1 - _LEDGERS_MAX)]:
            del self._ledgers[other]
        self._ledgers[key] = ledger
        return ledger


class Held:
    """Open letters that are being resolved, so that nobody else resolves them: ``with``.

    Those that were not passed on to an append are given back in the end.
    """

    def __init__(self, ledger: Ledger, numbers: Iterable[int]) -> None:
        self.ledger: Final = ledger
        self._left = set(numbers)

    def __enter__(self) -> Self:
        self.ledger.claim(self._left)
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.ledger.release(self._left)

    def pass_on(self, kept: KeptResolution, append: PendingAppend) -> None:
        """Let *append*, whose last batch is *kept*, decide what becomes of the letters in it.

        Also if whoever waits for it goes away.
        """
        self._left.difference_update(kept.letters)
        append.then(lambda: self.ledger.resolve(kept, append))


def batch_of(log_rid: ViewRid, partition: int, lines: Sequence[bytes]) -> Batch:
    """Make the batch of letters or resolutions."""
    return Batch(log_rid, partition, len(lines), b"".join(lines))


async def _all(log: RecordLog, log_rid: ViewRid, partition: int) -> AsyncIterator[StoredRecord]:
    start = 0
    while records := await log.read(
        log_rid, partition, start, limit=_READ_RECORDS, bytes_max=_READ_BYTES
    ):
        for record in records:
            yield record
        start = records[-1].offset + 1
