"""Dead letters: how the log keeps them, and how they go over the wire."""

import enum
from collections.abc import Sequence
from typing import Annotated, Final

import msgspec

from sluiceway.access.caller import PrincipalId
from sluiceway.foundation.rids import ViewRid
from sluiceway.foundation.wire import Body, Wire
from sluiceway.schema.errors import Reason, RecordProblem

LETTERS: Final = 0
"""The partition of a stream's dead letters."""
RESOLUTIONS: Final = 1
"""The partition of what became of them."""
PARTITIONS: Final = 2

RESOLVED_AT_ONCE_MAX: Final = 1_000
"""Most letters that one call may replay or discard."""


class KeptLetter(msgspec.Struct, frozen=True):
    """A dead letter as the log keeps it. Fields may be added, each with a default."""

    value: str
    """The record as it was sent, whatever it is."""
    problem: RecordProblem
    view_rid: ViewRid
    """Where it was to be stored."""
    principal_id: PrincipalId
    username: str
    """Who sent it."""


class Resolution(enum.StrEnum):
    """What became of a letter."""

    REPLAYED = "REPLAYED"
    DISCARDED = "DISCARDED"


class KeptResolution(msgspec.Struct, frozen=True):
    """What became of letters, as the log keeps it."""

    letters: Sequence[int]
    resolution: Resolution
    principal_id: PrincipalId
    username: str


class NewLetter(Wire, frozen=True):
    """A dead letter as the answer to its request names it."""

    letter_id: str
    index: int
    """Which record of the request, from 0."""
    path: str
    """Which field; empty for the record itself."""
    expected: str
    found: str
    reason: Reason


class DeadLetter(Wire, frozen=True):
    """A record that did not fit, and why."""

    letter_id: str
    time: str
    """When it was taken, in ISO 8601."""
    principal_id: PrincipalId
    username: str
    view_rid: ViewRid
    index: int
    path: str
    expected: str
    found: str
    reason: Reason
    value: str
    """The record as it was sent: JSON, if it was any."""


class DeadLetterPage(Wire, frozen=True):
    """One page of a stream's open letters, oldest first. Without ``nextPageToken`` it is the last."""

    data: Sequence[DeadLetter]
    open_count: int
    """How many there are on all pages."""
    next_page_token: str | None = None


class ReplayRequest(Body, frozen=True):
    """How to replay one letter."""

    value: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    """The mended record; left out, it is taken as it was sent."""


_LetterIds = Annotated[list[str], msgspec.Meta(min_length=1, max_length=RESOLVED_AT_ONCE_MAX)]


class LettersRequest(Body, frozen=True):
    """Which letters to replay or discard."""

    letter_ids: _LetterIds


class ReplayReply(Wire, frozen=True):
    """Where a replayed record lies now."""

    letter_id: str
    partition: int
    offset: int


class LetterOutcome(enum.StrEnum):
    """What a call over many letters did with one."""

    REPLAYED = "REPLAYED"
    DISCARDED = "DISCARDED"
    INVALID = "INVALID"
    """It still does not fit, and stays open."""
    RESOLVED_BEFORE = "RESOLVED_BEFORE"
    IN_USE = "IN_USE"
    NOT_FOUND = "NOT_FOUND"


class LetterResult(Wire, frozen=True):
    """What became of one letter of many."""

    letter_id: str
    outcome: LetterOutcome
    partition: int | None = None
    """Where the record lies, if it was replayed."""
    offset: int | None = None
    path: str | None = None
    """Which field does not fit, if it is still invalid; see ``DeadLetter``."""
    expected: str | None = None
    found: str | None = None
    reason: Reason | None = None


class LettersReply(Wire, frozen=True):
    """What became of each letter, in the order of the request."""

    results: Sequence[LetterResult]
