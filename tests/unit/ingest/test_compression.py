"""Compressed bodies: given back whole, refused when damaged, never larger than they may be."""

import gzip
import tracemalloc
import zlib

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from sluiceway.foundation.request_errors import RequestEntityTooLargeError
from sluiceway.ingest.compression import decompress
from sluiceway.ingest.head import Encoding
from sluiceway.schema.errors import BodyInvalidError

MIB = 1024 * 1024


def pack(encoding: Encoding, body: bytes) -> bytes:
    if encoding is Encoding.GZIP:
        return gzip.compress(body)
    return zstandard.ZstdCompressor(write_checksum=True).compress(body)


encodings = pytest.mark.parametrize("encoding", list(Encoding))


@encodings
@given(parts=st.lists(st.binary(max_size=300), min_size=1, max_size=4))
def test_what_was_packed_comes_out_whole_also_in_several_parts(
    encoding: Encoding, parts: list[bytes]
) -> None:
    body = b"".join(pack(encoding, part) for part in parts)

    assert decompress(body, encoding, 2_000) == b"".join(parts)


@encodings
@pytest.mark.parametrize(("size", "fits"), [(1_000, True), (1_001, False)])
def test_no_more_than_the_bound_comes_out(encoding: Encoding, size: int, fits: bool) -> None:  # noqa: FBT001 - a table
    body = pack(encoding, b"x" * size)

    if fits:
        assert len(decompress(body, encoding, 1_000)) == size
    else:
        with pytest.raises(RequestEntityTooLargeError):
            decompress(body, encoding, 1_000)


@encodings
@given(data=st.data())
def test_a_body_that_is_cut_short_is_refused(encoding: Encoding, data: st.DataObject) -> None:
    body = pack(encoding, b"0123456789" * 20)
    end = data.draw(st.integers(1, len(body) - 1))

    with pytest.raises(BodyInvalidError):
        decompress(body[:end], encoding, 1_000)


@encodings
@pytest.mark.parametrize("body", [b"x", b"{}", b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd\xff\xff"])
def test_what_is_not_packed_that_way_is_refused(encoding: Encoding, body: bytes) -> None:
    with pytest.raises(BodyInvalidError):
        decompress(body, encoding, 1_000)


@encodings
def test_a_damaged_body_is_refused(encoding: Encoding) -> None:
    body = bytearray(pack(encoding, b"0123456789" * 20))
    body[-3] ^= 0xFF

    with pytest.raises(BodyInvalidError):
        decompress(bytes(body), encoding, 1_000)


@encodings
def test_a_bomb_takes_no_more_memory_than_the_bound_allows(encoding: Encoding) -> None:
    body = pack(encoding, bytes(512 * MIB)) if encoding is Encoding.GZIP else _zstd_bomb()
    tracemalloc.start()

    with pytest.raises(RequestEntityTooLargeError):
        decompress(body, encoding, 8 * MIB)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert most < 32 * MIB


def _zstd_bomb() -> bytes:
    """A frame of 16,384 blocks of four bytes, each of which stands for 128 KiB: 2 GiB in all."""
    block = ((128 * 1024) << 3 | 0b010).to_bytes(3, "little") + b"x"
    return b"\x28\xb5\x2f\xfd" + b"\x00\x58" + block * 16_384


def test_a_window_over_the_bound_is_refused() -> None:
    compressor = zstandard.ZstdCompressor(
        compression_params=zstandard.ZstdCompressionParameters(window_log=24)
    ).compressobj()
    body = compressor.compress(b"0123456789" * 2 * MIB) + compressor.flush()

    with pytest.raises(BodyInvalidError, match="zstd"):
        decompress(body, Encoding.ZSTD, 64 * MIB)


def test_the_two_forms_of_zlib_that_are_not_gzip_are_refused() -> None:
    for window in (zlib.MAX_WBITS, -zlib.MAX_WBITS):
        compressor = zlib.compressobj(wbits=window)
        body = compressor.compress(b"{}") + compressor.flush()
        with pytest.raises(BodyInvalidError):
            decompress(body, Encoding.GZIP, 1_000)
