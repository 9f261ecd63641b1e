"""How the blocks of an Avro file may be compressed, each unpacked within a bound.

Avro 1.12, "Required Codecs" and "Optional Codecs".
"""

import zlib
from collections.abc import Callable, Mapping
from typing import Final

from sluiceway.foundation.request_errors import (
    RequestEntityTooLargeError,
    UnsupportedMediaTypeError,
)
from sluiceway.ingest.compression import decompress
from sluiceway.ingest.head import Encoding
from sluiceway.schema.errors import BodyInvalidError

Unpack = Callable[[bytes, int], bytes]
"""Gives what a block was before it was compressed, of at most so many bytes.

Raises:
    BodyInvalidError: It is not compressed in that way, or cut short.
    RequestEntityTooLargeError: More bytes come out.
"""

_RAW_DEFLATE: Final = -15
_CHECKSUM_BYTES: Final = 4
_ADLER_BYTES: Final = 4
"""Some writers leave a part of zlib's checksum behind what the specification asks for."""
_SNAPPY_SIZE_BYTES_MAX: Final = 5


def _unpacked_already(packed: bytes, bytes_max: int) -> bytes:
    if len(packed) > bytes_max:
        raise RequestEntityTooLargeError(bytes_max)
    return packed


def _inflate(packed: bytes, bytes_max: int) -> bytes:
    stream = zlib.decompressobj(_RAW_DEFLATE)
    try:
        found = stream.decompress(packed, bytes_max + 1)
    except zlib.error as error:
        raise BodyInvalidError(f"a block is not compressed with deflate: {error}") from None
    if len(found) > bytes_max:
        raise RequestEntityTooLargeError(bytes_max)
    if not stream.eof or len(stream.unused_data) > _ADLER_BYTES:
        raise BodyInvalidError("a block is not compressed with deflate, or cut short")
    return found


def _unzstd(packed: bytes, bytes_max: int) -> bytes:
    return decompress(packed, Encoding.ZSTD, bytes_max)


def _unsnappy(packed: bytes, bytes_max: int) -> bytes:
    """Unpack Snappy's raw form, behind which is the CRC-32 of what it was.

    The size that it claims is all that it may take: the library is given a buffer of that size.
    """
    import pyarrow as pa  # noqa: PLC0415 - seldom needed

    block, checksum = packed[:-_CHECKSUM_BYTES], packed[-_CHECKSUM_BYTES:]
    size = _snappy_size(block)
    if size > bytes_max:
        raise RequestEntityTooLargeError(bytes_max)
    try:
        found: bytes = pa.Codec("snappy").decompress(block, decompressed_size=size, asbytes=True)
    except (pa.ArrowException, OSError) as error:
        raise BodyInvalidError(f"a block is not compressed with Snappy: {error}") from None
    if zlib.crc32(found).to_bytes(_CHECKSUM_BYTES, "big") != checksum:
        raise BodyInvalidError("a block is not what its checksum says")
    return found


def _snappy_size(block: bytes) -> int:
    """Give the size that is claimed: a number of up to 32 bits of variable length."""
    size = 0
    for place, byte in enumerate(block[:_SNAPPY_SIZE_BYTES_MAX]):
        size |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:  # noqa: PLR2004 - the bit that says that more come
            return size
    raise BodyInvalidError("a block is not compressed with Snappy")


CODECS: Final[Mapping[str, Unpack]] = {
    "null": _unpacked_already,
    "deflate": _inflate,
    "snappy": _unsnappy,
    "zstandard": _unzstd,
}


def unpack_of(codec: str) -> Unpack:
    """Give what unpacks the blocks of a file with *codec*.

    Raises:
        UnsupportedMediaTypeError: It is not taken.
    """
    unpack = CODECS.get(codec)
    if unpack is None:
        raise UnsupportedMediaTypeError(f"the codec {codec}", f"one of {', '.join(CODECS)}")
    return unpack
