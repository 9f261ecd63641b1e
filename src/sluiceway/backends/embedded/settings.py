"""The settings of the embedded log."""

from typing import Annotated, Final

import msgspec

_MIB: Final = 1024 * 1024

Bytes = Annotated[int, msgspec.Meta(ge=4096)]


class EmbeddedLogSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[log]`` in the configuration file, ``SLUICEWAY_LOG__*`` in the environment."""

    queue_bytes_max: Bytes = 128 * _MIB
    """Bytes taken but not yet durable; past it an append is refused at once."""

    group_bytes_max: Bytes = 8 * _MIB
    """Most bytes made durable by one commit, which bounds how long a commit takes.
    One larger append is committed alone."""

    row_bytes_max: Bytes = 512 * 1024
    """Most bytes of records stored as one row, which bounds what reading one record costs.
    One larger record is a row of its own."""

    checkpoint_bytes: Bytes = 4 * _MIB
    """Bytes of write-ahead log after which they are copied into the main file. Commits wait
    meanwhile: more here is a longer pause less often."""

    wal_bytes_max: Bytes = 64 * _MIB
    """Write-ahead log past which the writer waits for readers, so that it can start over."""

    cache_bytes: Bytes = 16 * _MIB
    """Page cache of the writer; each reader has a quarter of it."""

    size_max_bytes: Annotated[int, msgspec.Meta(ge=0)] = 0
    """Most bytes that the main file may grow to; past it the log takes no writes.
    0 leaves it to the disk."""

    readers: Annotated[int, msgspec.Meta(ge=1, le=64)] = 4
    """Reads that run at the same time, each in a thread of its own."""

    compression_level: Annotated[int, msgspec.Meta(ge=1, le=19)] = 1
    """zstd level for the views that ask for compression."""
