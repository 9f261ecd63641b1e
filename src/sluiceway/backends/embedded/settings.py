"""The settings of the embedded log."""

from typing import Annotated, Final

import msgspec

_MIB: Final = 1024 * 1024
_KIB: Final = 1024

Bytes = Annotated[int, msgspec.Meta(ge=4096)]


class EmbeddedLogSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[log]`` in the configuration file, ``SLUICEWAY_LOG__*`` in the environment."""

    queue_bytes_max: Bytes = 128 * _MIB
    """Bytes taken but not yet durable; past it an append is refused at once."""

    group_bytes_max: Bytes = 8 * _MIB
    """Most bytes made durable by one commit, which bounds how long a commit takes.
    One larger append is committed alone."""

    frame_bytes_max: Bytes = 512 * _KIB
    """Most bytes of records stored as one frame, which bounds what reading one record costs.
    One larger record is a frame of its own."""

    segment_bytes: Annotated[int, msgspec.Meta(ge=64 * _KIB, le=4096 * _MIB)] = 256 * _MIB
    """Size of a segment file. One larger append has a segment of its own. Space is given back in
    whole segments."""

    size_max_bytes: Annotated[int, msgspec.Meta(ge=0)] = 0
    """Most bytes that the segment files together may grow to; past it the log takes no writes.
    It should be several segments. 0 leaves it to the disk."""

    readers: Annotated[int, msgspec.Meta(ge=1, le=64)] = 4
    """Reads that run at the same time, each in a thread of its own."""

    compression_level: Annotated[int, msgspec.Meta(ge=1, le=19)] = 1
    """zstd level for the views that ask for compression."""

    notes_max: Annotated[int, msgspec.Meta(ge=1)] = 500_000
    """Most keys of requests, and most ordered producers, that are remembered. For more the oldest
    are forgotten early."""

    notes_keep_seconds: Annotated[int, msgspec.Meta(ge=1)] = 86_400
    """How long a key of a request or an ordered producer is remembered after its last use."""

    notes_keep_min_seconds: Annotated[int, msgspec.Meta(ge=0)] = 600
    """None is forgotten early that was used within this time; a publish that would need it is
    refused."""
