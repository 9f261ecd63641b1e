"""Exactly once: a request that is sent again is answered and not stored again.

What a request was, and where its records lie, is a note that the log keeps: it becomes durable
with the records or not at all, so no crash can part the two. While a request is on its way its
outcome is not known yet; of those this module knows, in memory.
"""

import contextlib
import hashlib
import struct
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from sluiceway.access.caller import PrincipalId
from sluiceway.foundation.request_errors import InvalidArgumentError
from sluiceway.foundation.rids import ViewRid
from sluiceway.ingest.errors import (
    IdempotencyKeyInUseError,
    IdempotencyKeyReusedError,
    ProducerFencedError,
    ProducerSequenceGapError,
)
from sluiceway.ingest.identity import Identity, ProducerPosition, RequestKey
from sluiceway.streams.log import Batch, KeptNote, Note, NoteKind, RecordLog
from sluiceway.streams.pending import PendingAppend

_FINGERPRINT_BYTES: Final = 16
_HAS_LETTERS: Final = b"L"
"""Behind the fingerprint, where the last place of a note is that of dead letters."""
_PRODUCER: Final = struct.Struct(f"<QQ{_FINGERPRINT_BYTES}s")

Places = Sequence[tuple[int, int, int]]
"""Of each batch its partition, first offset and count."""


class Claim(msgspec.Struct, frozen=True, gc=False):
    """What a request says of itself, and in whose name."""

    principal_id: PrincipalId
    identity: Identity


class Repeated(msgspec.Struct, frozen=True):
    """The request was stored before, or is being stored by another that came first."""

    append: PendingAppend
    places: Places | None = None
    """Where the records lie; ``None`` when that is no longer known."""
    letters_at: int | None = None
    """The number of the request's first dead letter, if it is known and there are any."""
    last: ProducerPosition | None = None
    """The newest request of the producer."""


class _Running(msgspec.Struct, frozen=True):
    """A request that was handed to the log and is not yet durable."""

    position: ProducerPosition | None
    fingerprint: bytes
    append: PendingAppend
    batches: Sequence[Batch]


@dataclass(slots=True)
class Once:
    """Tells repeated requests from new ones, for each view."""

    log: RecordLog
    _keys: dict[tuple[ViewRid, bytes], _Running] = field(default_factory=dict)
    _producers: dict[tuple[ViewRid, bytes], list[_Running]] = field(default_factory=dict)
    """Of each producer what is on its way, in order; none is empty."""

    def append(
        self,
        view: ViewRid,
        claim: Claim,
        lines: bytes,
        batches: Sequence[Batch],
        *,
        has_letters: bool = False,
        earlier: Callable[[], Iterable[bytes]] = tuple,
        reserve: Callable[[], None] | None = None,
    ) -> PendingAppend | Repeated:
        """Hand *batches* to the log, unless *claim* says that this was done before.

        *lines* are all the records in their order: what makes two requests the same. *earlier* gives
        them as the stream's earlier schemas would have them, if it is not the same by these. With
        *has_letters* the last of *batches* are the request's dead letters. *reserve* is called
        just before a new request is handed to the log, not for a repeated one; if it raises,
        nothing is written.

        Raises:
            IdempotencyKeyReusedError: The key, or the producer's number, came with other records.
            IdempotencyKeyInUseError: The request with this key is on its way.
            ProducerFencedError: A later epoch of the producer has written.
            ProducerSequenceGapError: The producer's requests before this one are not there.
        """
        fingerprint = _fingerprint(lines)
        try:
            found = self._find(view, claim, fingerprint, has_letters=has_letters)
        except IdempotencyKeyReusedError:
            found = self._find_earlier(view, claim, earlier(), has_letters=has_letters)
            if found is None:
                raise
        if found is not None:
            return found
        if reserve is not None:
            reserve()
        identity = claim.identity
        if isinstance(identity, RequestKey):
            value = _keyed(fingerprint, has_letters=has_letters)
            return self._append_keyed(view, _name(claim), value, batches)
        value = _PRODUCER.pack(identity.epoch, identity.seq, fingerprint)
        return self._append_in_order(view, identity, _name(claim), value, batches)

    def _find(
        self, view: ViewRid, claim: Claim, fingerprint: bytes, *, has_letters: bool
    ) -> Repeated | None:
        identity, name = claim.identity, _name(claim)
        if isinstance(identity, RequestKey):
            value = _keyed(fingerprint, has_letters=has_letters)
            return self._find_keyed(view, identity.key, name, value)
        return self._find_in_order(view, identity, name, fingerprint)

    def _find_earlier(
        self, view: ViewRid, claim: Claim, forms: Iterable[bytes], *, has_letters: bool
    ) -> Repeated | None:
        """Find a request that was sent before the schema changed."""
        for lines in forms:
            with contextlib.suppress(IdempotencyKeyReusedError):
                return self._find(view, claim, _fingerprint(lines), has_letters=has_letters)
        return None

    def _find_keyed(self, view: ViewRid, key: str, name: bytes, value: bytes) -> Repeated | None:
        running = self._keys.get((view, name))
        if running is not None:
            if running.fingerprint != value:
                raise IdempotencyKeyReusedError("Idempotency-Key", key)
            raise IdempotencyKeyInUseError(key)
        kept = self.log.note(view, NoteKind.KEY, name)
        if kept is None:
            return None
        if kept.value != value:
            raise IdempotencyKeyReusedError("Idempotency-Key", key)
        if value.endswith(_HAS_LETTERS) and len(value) > _FINGERPRINT_BYTES:
            *places, letters = kept.places
            return Repeated(_stored(kept, places), places, letters_at=letters[1])
        return Repeated(_stored(kept, kept.places), kept.places)

    def _append_keyed(
        self, view: ViewRid, name: bytes, value: bytes, batches: Sequence[Batch]
    ) -> PendingAppend:
        append = self.log.append(batches, Note(view, NoteKind.KEY, name, value))
        if not append.is_settled:
            self._keys[view, name] = _Running(None, value, append, batches)
            append.then(lambda: self._forget_key(view, name))
        return append

    def _forget_key(self, view: ViewRid, name: bytes) -> None:
        del self._keys[view, name]

    def _find_in_order(
        self, view: ViewRid, position: ProducerPosition, name: bytes, fingerprint: bytes
    ) -> Repeated | None:
        running = self._producers.get((view, name), [])
        kept = self.log.note(view, NoteKind.PRODUCER, name)
        return _place_in_order(position, fingerprint, running, kept)

    def _append_in_order(
        self,
        view: ViewRid,
        position: ProducerPosition,
        name: bytes,
        value: bytes,
        batches: Sequence[Batch],
    ) -> PendingAppend:
        append = self.log.append(batches, Note(view, NoteKind.PRODUCER, name, value))
        if not append.is_settled:
            *_, fingerprint = _PRODUCER.unpack(value)
            one = _Running(position, fingerprint, append, batches)
            self._producers.setdefault((view, name), []).append(one)
            append.then(lambda: self._forget_one(view, name, one))
        return append

    def _forget_one(self, view: ViewRid, name: bytes, one: _Running) -> None:
        running = self._producers[view, name]
        running.remove(one)
        if not running:
            del self._producers[view, name]


def _name(claim: Claim) -> bytes:
    identity = claim.identity
    if isinstance(identity, RequestKey):
        # Two applications may make the same keys; the one does not hear of the other's.
        return f"{claim.principal_id} {identity.key}".encode()
    return identity.producer_id.encode()


def _fingerprint(lines: bytes) -> bytes:
    return hashlib.blake2b(lines, digest_size=_FINGERPRINT_BYTES).digest()


def _keyed(fingerprint: bytes, *, has_letters: bool) -> bytes:
    return fingerprint + _HAS_LETTERS if has_letters else fingerprint


def _place_in_order(
    position: ProducerPosition,
    fingerprint: bytes,
    running: Sequence[_Running],
    kept: KeptNote | None,
) -> Repeated | None:
    """Tell whether *position* comes next (``None``) or was taken before.

    Raises:
        ProducerFencedError: Its epoch is over.
        ProducerSequenceGapError: Something before it is not there.
        InvalidArgumentError: A new epoch does not begin with 0.
        IdempotencyKeyReusedError: Its number was taken with other records.
    """
    epoch, last, last_fingerprint = _newest(running, kept)
    if position.epoch < epoch:
        raise ProducerFencedError(position, epoch)
    if position.epoch > epoch >= 0 and position.seq != 0:
        raise InvalidArgumentError("a new epoch of a producer begins with number 0")
    expected = last + 1 if position.epoch == epoch else 0
    if position.seq > expected:
        raise ProducerSequenceGapError(position, expected)
    if position.seq == expected:
        return None
    if position.seq == last and fingerprint != last_fingerprint:
        raise IdempotencyKeyReusedError("Producer-Seq", str(position.seq))
    newest = msgspec.structs.replace(position, seq=last)
    for one in running:
        if one.position == position:
            return Repeated(one.append, last=newest)
    return Repeated(_stored(kept, () if kept is None else kept.places), last=newest)


def _newest(running: Sequence[_Running], kept: KeptNote | None) -> tuple[int, int, bytes]:
    """Give the producer's epoch, number and fingerprint, of what is on its way or durable."""
    if running:
        newest = running[-1]
        assert newest.position is not None
        return newest.position.epoch, newest.position.seq, newest.fingerprint
    if kept is not None:
        epoch, last, fingerprint = _PRODUCER.unpack(kept.value)
        return epoch, last, fingerprint
    return -1, -1, b""


def _stored(kept: KeptNote | None, places: Places) -> PendingAppend:
    append = PendingAppend()
    append.store([first for _, first, _ in places], 0 if kept is None else kept.time_ms)
    return append
