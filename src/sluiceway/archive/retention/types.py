"""Policies, what they let go, and how both go over the wire."""

from typing import Annotated, Final

import msgspec

from sluiceway.archive.types import Offsets
from sluiceway.foundation.clock import iso_time
from sluiceway.foundation.rids import DatasetRid, ViewRid
from sluiceway.foundation.wire import Body
from sluiceway.streams.types import LegalHold

HOT_BYTES_MIN: Final = 1_048_576
"""The least that a policy may have the log keep of a stream, in bytes."""
HOT_BYTES_MAX: Final = 1 << 50
COLD_SECONDS_MIN: Final = 1
COLD_SECONDS_MAX: Final = 100 * 366 * 86_400
"""The longest time for which a policy may keep records; without one they are kept for ever."""
REASON_LENGTH_MAX: Final = 1_000
"""Most characters of the reason of a legal hold."""


class RetentionPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """How long a stream's records are kept where; ``None`` is as without a policy."""

    hot_seconds: int | None = None
    """How old records in the log may become."""
    hot_bytes: int | None = None
    """How many bytes the log keeps of the stream, as they are stored."""
    cold_seconds: int | None = None
    """How old records may become at all."""


NO_POLICY: Final = RetentionPolicy()


class StreamRetention(msgspec.Struct, frozen=True, kw_only=True):
    """What is set for a stream."""

    dataset_rid: DatasetRid
    branch_name: str
    policy: RetentionPolicy = NO_POLICY
    hold: LegalHold | None = None


class ActiveRetention(msgspec.Struct, frozen=True, kw_only=True):
    """A policy, and the view to which it applies."""

    stream: StreamRetention
    view_rid: ViewRid
    trimmed: Offsets
    """Up to where the log of that view was to be trimmed when that was last decided."""


class PutRetentionRequest(Body, frozen=True):
    """The whole policy; what is left out or null is as without one."""

    hot_seconds: int | None = None
    hot_bytes: int | None = None
    cold_seconds: int | None = None


class PreviewRequest(Body, frozen=True):
    """A policy to look at; what is left out is as it is set."""

    hot_seconds: int | msgspec.UnsetType | None = msgspec.UNSET
    hot_bytes: int | msgspec.UnsetType | None = msgspec.UNSET
    cold_seconds: int | msgspec.UnsetType | None = msgspec.UNSET


class PutLegalHoldRequest(Body, frozen=True):
    """Why nothing of a stream may be deleted."""

    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=REASON_LENGTH_MAX)]


class _Reply(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Every field is always there."""


class LegalHoldReply(_Reply, frozen=True):
    """A legal hold, for people."""

    reason: str
    set_by: str
    set_by_name: str
    set_time: str


class RetentionReply(_Reply, frozen=True):
    """What is set for a stream, and what that means on this server."""

    hot_seconds: int | None
    hot_bytes: int | None
    cold_seconds: int | None
    legal_hold: LegalHoldReply | None
    is_archived: bool
    """Whether what the log gives up stays in a table; if not, it is deleted."""
    start_offsets: dict[str, int]
    """By partition the first offset that can be read; its end offset when it is empty."""


class RangeReply(_Reply, frozen=True):
    """Records of one partition that follow each other."""

    start_offset: int
    end_offset: int
    """The offset after the last one."""
    records: int


class DeletionReply(_Reply, frozen=True):
    """Records that would be deleted."""

    records: int
    bytes: int
    """About how many bytes of files or log this gives back."""
    files: int
    """Files of the table that would be removed or written anew."""
    oldest_time: str | None
    newest_time: str | None
    partitions: dict[str, RangeReply]


class TrimReply(_Reply, frozen=True):
    """Records that the log would give up; they stay in the table."""

    records: int
    bytes: int
    partitions: dict[str, RangeReply]


class PreviewReply(_Reply, frozen=True):
    """What applying a policy now would do."""

    deleted: DeletionReply
    trimmed: TrimReply
    legal_hold: LegalHoldReply | None
    """While there is one, nothing is deleted."""


def hold_reply(hold: LegalHold | None) -> LegalHoldReply | None:
    """Write a legal hold for the wire."""
    if hold is None:
        return None
    return LegalHoldReply(
        reason=hold.reason,
        set_by=hold.set_by,
        set_by_name=hold.set_by_name,
        set_time=iso_time(hold.set_ms),
    )
