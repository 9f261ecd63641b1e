"""Groups: frames that become durable together, with the header that makes them one.

The header's CRC32C covers the header and the headers of all frames, and through their checksums
every byte. A group begins at a multiple of 512 bytes, so that no sector holds bytes of two groups
and a write that a power cut tears never touches one that was acknowledged.
"""

import struct
from collections.abc import Sequence
from typing import Final, NamedTuple

import google_crc32c
import msgspec

from sluiceway.backends.embedded.frames import (
    FRAME_HEADER_BYTES,
    Frame,
    FrameHeader,
    decode_header,
    is_intact,
)

FORMAT_VERSION: Final = 2
ALIGNMENT: Final = 512
MAGIC: Final = b"\xffSLG"
"""No text in UTF-8 holds its first byte, so no record looks like the head of a group."""

_HEADER: Final = struct.Struct("<4sHHQQQQI")
_CRC: Final = struct.Struct("<I")
GROUP_HEADER_BYTES: Final = _HEADER.size + _CRC.size

_JOINED_BYTES_MAX: Final = 16 * 1024
"""Chunks up to this size are copied together; a buffer of its own costs more than the copy."""


class GroupHeader(NamedTuple):
    """What a group says about itself."""

    magic: bytes
    version: int
    flags: int
    """0; kept for later."""
    segment: int
    """The segment that it was written to: a file that is used again still holds old groups."""
    sequence: int
    """One more than that of the group before, over the whole log."""
    time_ms: int
    length: int
    """Bytes from the header to the end of the last frame."""
    frame_count: int


class FoundGroup(msgspec.Struct, frozen=True, gc=False):
    """A group as it lies in a segment. Its header and the headers of its frames are right."""

    header: GroupHeader
    position: int
    frames: list[tuple[FrameHeader, int]]
    """Each with the position of its own header."""
    is_intact: bool
    """Whether the bytes of every frame are right as well."""

    @property
    def end(self) -> int:
        """Where the next group begins."""
        return aligned(self.position + self.header.length)


def aligned(position: int) -> int:
    """Round *position* up to where a group may begin."""
    return -(-position // ALIGNMENT) * ALIGNMENT


def group_bytes(frames: Sequence[Frame]) -> int:
    """Tell how many bytes a group of *frames* takes, up to where the next one begins."""
    return aligned(GROUP_HEADER_BYTES + sum(frame.size for frame in frames))


def encode_group(
    frames: Sequence[Frame], *, segment: int, sequence: int, time_ms: int, seed: int
) -> list[bytes]:
    """Give the bytes of a group as buffers, few of them and no large chunk copied."""
    length = GROUP_HEADER_BYTES + sum(frame.size for frame in frames)
    head = _HEADER.pack(MAGIC, FORMAT_VERSION, 0, segment, sequence, time_ms, length, len(frames))
    covered = b"".join([head, *[frame.header for frame in frames]])
    small = [head, _CRC.pack(google_crc32c.extend(seed, covered))]
    buffers: list[bytes] = []
    for frame in frames:
        small.append(frame.header)
        for chunk in frame.chunks:
            if len(chunk) > _JOINED_BYTES_MAX:
                buffers += (b"".join(small), chunk)
                small = []
            else:
                small.append(chunk)
    small.append(bytes(aligned(length) - length))
    buffers.append(b"".join(small))
    return buffers


def decode_group(data: bytes, position: int, seed: int) -> FoundGroup | None:
    """Find the group that *data* begins with; ``None`` if it begins with none.

    *data* was read at *position* of a segment and holds at least the group.
    """
    if len(data) < GROUP_HEADER_BYTES or not data.startswith(MAGIC):
        return None
    header = GroupHeader._make(_HEADER.unpack_from(data))
    if header.version != FORMAT_VERSION or header.length > len(data):
        return None
    (crc,) = _CRC.unpack_from(data, _HEADER.size)
    covered = [data[: _HEADER.size]]
    frames: list[tuple[FrameHeader, int]] = []
    at = GROUP_HEADER_BYTES
    for _ in range(header.frame_count):
        if at + FRAME_HEADER_BYTES > header.length:
            return None
        frame = decode_header(data, at)
        covered.append(data[at : at + FRAME_HEADER_BYTES])
        frames.append((frame, position + at))
        at += FRAME_HEADER_BYTES + frame.length
    if at != header.length or google_crc32c.extend(seed, b"".join(covered)) != crc:
        return None
    return FoundGroup(
        header,
        position,
        frames,
        all(
            is_intact(data[at - position : at - position + FRAME_HEADER_BYTES + frame.length], seed)
            for frame, at in frames
        ),
    )


def peek_length(data: bytes) -> int | None:
    """Tell how many bytes the group needs whose header *data* begins with, if it is one."""
    if len(data) < GROUP_HEADER_BYTES or not data.startswith(MAGIC):
        return None
    return GroupHeader._make(_HEADER.unpack_from(data)).length


def peek_identity(data: bytes, position: int) -> tuple[int, int]:
    """Give segment and sequence of the header that *data* has at *position*; it may be damaged."""
    header = GroupHeader._make(_HEADER.unpack_from(data, position))
    return header.segment, header.sequence
