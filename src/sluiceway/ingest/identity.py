"""What a request says of itself so that it is stored once, however often it is sent.

``Idempotency-Key`` is that of the IETF draft "The Idempotency-Key HTTP Header Field"
(draft-ietf-httpapi-idempotency-key-header); ``Producer-Id``, ``Producer-Epoch`` and
``Producer-Seq`` are those of the Durable Streams protocol (section "Idempotent producers").
"""

import re
from typing import Final

import msgspec

from sluiceway.foundation.request_errors import InvalidArgumentError

IDEMPOTENCY_KEY: Final = "idempotency-key"
PRODUCER_ID: Final = "producer-id"
PRODUCER_EPOCH: Final = "producer-epoch"
PRODUCER_SEQ: Final = "producer-seq"
HEADERS: Final = (IDEMPOTENCY_KEY, PRODUCER_ID, PRODUCER_EPOCH, PRODUCER_SEQ)

NAME_LENGTH_MAX: Final = 255
"""Most characters of a key or a producer's id."""
NUMBER_MAX: Final = 2**53 - 1
"""Largest epoch and sequence number: what every JSON and JavaScript client can hold."""

_STRING: Final = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\])*)"')
_TOKEN: Final = re.compile(r"[!#-~]+")
_ESCAPED: Final = re.compile(r'\\(["\\])')
_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,15}")


class RequestKey(msgspec.Struct, frozen=True, gc=False):
    """A key that the client made for this request, and sends again when it repeats it."""

    key: str


class ProducerPosition(msgspec.Struct, frozen=True, gc=False):
    """Which request of an ordered producer this is."""

    producer_id: str
    epoch: int
    """Raised when the producer starts anew; those before are fenced off."""
    seq: int
    """From 0 in each epoch, one more for each request."""


Identity = RequestKey | ProducerPosition


def read_identity(
    key: str | None, producer_id: str | None, epoch: str | None, seq: str | None
) -> Identity | None:
    """Read the four headers, each ``None`` where it is not there.

    Raises:
        InvalidArgumentError: One of them cannot be read, or they do not go together.
    """
    producer = (producer_id, epoch, seq)
    if key is None and producer == (None, None, None):
        return None
    if producer_id is None or epoch is None or seq is None:
        if producer != (None, None, None):
            reason = "Producer-Id, Producer-Epoch and Producer-Seq are sent together or not at all"
            raise InvalidArgumentError(reason)
        assert key is not None
        return RequestKey(_key(key))
    if key is not None:
        raise InvalidArgumentError("a request has an Idempotency-Key or a Producer-Id, not both")
    return ProducerPosition(
        _name(producer_id.strip(), "Producer-Id"),
        _number(epoch, "Producer-Epoch"),
        _number(seq, "Producer-Seq"),
    )


def _key(value: str) -> str:
    """Read the key: a string in quotes as the draft has it, or the same without quotes."""
    text = value.strip()
    quoted = _STRING.fullmatch(text)
    if quoted is not None:
        text = _ESCAPED.sub(r"\1", quoted[1])
    return _name(text, "Idempotency-Key", may_have_any=quoted is not None)


def _name(text: str, header: str, *, may_have_any: bool = False) -> str:
    if not text or len(text) > NAME_LENGTH_MAX:
        raise InvalidArgumentError(
            f"{header} must have 1 to {NAME_LENGTH_MAX} characters", header=header
        )
    if not may_have_any and not _TOKEN.fullmatch(text):
        raise InvalidArgumentError(
            f"{header} must be visible ASCII characters, or a string in double quotes"
            if header == "Idempotency-Key"
            else f"{header} must be visible ASCII characters without a double quote",
            header=header,
        )
    return text


def _number(value: str, header: str) -> int:
    text = value.strip()
    if not _NUMBER.fullmatch(text) or int(text) > NUMBER_MAX:
        raise InvalidArgumentError(f"{header} must be a whole number up to 2^53-1", header=header)
    return int(text)
