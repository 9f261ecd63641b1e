"""Compressed bodies: what comes out is bounded before it is there."""

import zlib
from typing import Final

import zstandard

from sluiceway.foundation.request_errors import RequestEntityTooLargeError
from sluiceway.ingest.head import Encoding
from sluiceway.schema.errors import BodyInvalidError

_GZIP_WINDOW: Final = 31
_ZSTD_WINDOW_BYTES_MAX: Final = 8 * 1024 * 1024
"""RFC 8878, section 3.1.1.1.2: what every decoder should take, and no more."""
_ZSTD_RATIO_MAX: Final = 32 * 1024
"""A block of 4 bytes may stand for 128 KiB (RFC 8878, section 3.1.1.2.3)."""


def decompress(body: bytes, encoding: Encoding, bytes_max: int) -> bytes:
    """Give what *body* was before it was compressed (RFC 9110, section 8.4.1; RFC 8878).

    Takes no more memory than *bytes_max*, whatever the body says of itself.

    Raises:
        BodyInvalidError: It is not compressed in that way, or cut short.
        RequestEntityTooLargeError: More than *bytes_max* bytes come out.
    """
    unpack = _gunzip if encoding is Encoding.GZIP else _unzstd
    found = unpack(body, bytes_max)
    if len(found) > bytes_max:
        raise RequestEntityTooLargeError(bytes_max)
    return found


def _gunzip(body: bytes, bytes_max: int) -> bytes:
    parts: list[bytes] = []
    size, rest = 0, body
    try:
        while rest and size <= bytes_max:
            # A file may have several members (RFC 1952, section 2.2).
            member = zlib.decompressobj(_GZIP_WINDOW)
            parts.append(member.decompress(rest, bytes_max + 1 - size))
            size += len(parts[-1])
            if not member.eof and size <= bytes_max:
                raise BodyInvalidError("the gzip body is cut short")
            rest = member.unused_data
    except zlib.error as error:
        raise BodyInvalidError(f"the body is not gzip: {error}") from None
    return b"".join(parts)


def _unzstd(body: bytes, bytes_max: int) -> bytes:
    decompressor = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW_BYTES_MAX)
    # The library bounds what goes in, not what comes out: so little goes in at a time that, at
    # the highest rate there is, no more than twice the bound is ever there.
    step = max(bytes_max // _ZSTD_RATIO_MAX, 16)
    parts: list[bytes] = []
    size, at = 0, 0
    try:
        while at < len(body) and size <= bytes_max:
            frame = decompressor.decompressobj()
            while at < len(body) and size <= bytes_max and not frame.eof:
                parts.append(frame.decompress(body[at : at + step]))
                size += len(parts[-1])
                at += step
            if frame.eof:
                at = min(at, len(body)) - len(frame.unused_data)
            elif size <= bytes_max:
                raise BodyInvalidError("the zstd body is cut short")
    except zstandard.ZstdError as error:
        raise BodyInvalidError(f"the body is not zstd: {error}") from None
    return b"".join(parts)
