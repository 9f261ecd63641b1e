"""Frames of the embedded log: sealing, opening, cutting."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluiceway.backends.embedded.frames import (
    FRAME_HEADER_BYTES,
    RAW,
    ZSTD,
    Frame,
    Sealer,
    decode_header,
    open_frame,
    pieces,
    records,
    split_frames,
)
from sluiceway.backends.embedded.partitions import Partition
from sluiceway.foundation.rids import new_view_rid
from sluiceway.streams.log_errors import LogCorruptError

SEED = 77

lines = st.lists(st.binary(max_size=30).map(lambda raw: raw.replace(b"\n", b"") + b"\n")).map(
    b"".join
)


def place(*, compressed: bool = False) -> Partition:
    return Partition(7, new_view_rid(), 2, compressed=compressed)


def seal(partition: Partition, base: int, count: int, *chunks: bytes) -> Frame:
    return Sealer(1, SEED).seal(partition, base, count, 1_700_000_000_000, chunks)


def data_of(frame: Frame) -> bytes:
    return frame.header + b"".join(frame.chunks)


@given(parts=st.lists(lines, min_size=1, max_size=4), compressed=st.booleans())
def test_a_frame_gives_back_its_lines(parts: list[bytes], compressed: bool) -> None:  # noqa: FBT001
    partition = place(compressed=compressed)
    count = sum(part.count(b"\n") for part in parts)

    frame = seal(partition, 5, count, *parts)
    header, found = open_frame(data_of(frame), partition, 5, SEED)

    assert found == b"".join(parts)
    assert len(data_of(frame)) == frame.size
    assert (header.number, header.base_offset, header.record_count) == (7, 5, count)
    assert header.time_ms == 1_700_000_000_000


def test_lines_that_compress_are_stored_as_a_zstd_frame() -> None:
    frame = seal(place(compressed=True), 0, 100, b'{"a":1}\n' * 100)

    assert frame.kind == ZSTD
    assert frame.size < 100


def test_lines_that_do_not_compress_are_stored_as_they_are() -> None:
    frame = seal(place(compressed=True), 0, 1, b"1\n")

    assert (frame.kind, list(frame.chunks)) == (RAW, [b"1\n"])


@given(bit=st.integers(0, 8 * (FRAME_HEADER_BYTES + 20) - 1))
def test_a_frame_with_one_changed_bit_is_found_out(bit: int) -> None:
    partition = place()
    data = bytearray(data_of(seal(partition, 5, 10, b"1\n" * 10)))
    data[bit // 8] ^= 1 << bit % 8

    with pytest.raises(LogCorruptError) as raised:
        open_frame(bytes(data), partition, 5, SEED)

    assert (raised.value.view, raised.value.partition, raised.value.offset) == (
        partition.view,
        2,
        5,
    )


@pytest.mark.parametrize(("number", "base", "seed"), [(8, 5, SEED), (7, 6, SEED), (7, 5, SEED + 1)])
def test_a_frame_of_another_place_or_log_is_found_out(number: int, base: int, seed: int) -> None:
    data = data_of(seal(place(), 5, 1, b"1\n"))
    partition = Partition(number, new_view_rid(), 2, compressed=False)

    with pytest.raises(LogCorruptError):
        open_frame(data, partition, base, seed)


@pytest.mark.parametrize("size", [0, 39, 40, 41])
def test_a_frame_that_is_cut_short_is_found_out(size: int) -> None:
    data = data_of(seal(place(), 5, 1, b"1\n"))

    with pytest.raises(LogCorruptError):
        open_frame(data[:size], place(), 5, SEED)


def test_a_frame_that_holds_fewer_records_than_it_says_is_found_out() -> None:
    partition = place()
    header, found = open_frame(data_of(seal(partition, 5, 3, b"1\n2\n")), partition, 5, SEED)

    with pytest.raises(LogCorruptError):
        list(records(header, found, partition, 5, 10))


@given(count=st.integers(1, 20), start=st.integers(0, 40), limit=st.integers(1, 30))
def test_records_are_cut_out_by_offset(count: int, start: int, limit: int) -> None:
    partition = place()
    all_lines = b"".join(b"%d\n" % (10 + number) for number in range(count))
    header, cut = open_frame(data_of(seal(partition, 10, count, all_lines)), partition, 10, SEED)

    found = list(records(header, cut, partition, start, limit)) if start < 10 + count else []

    expected = [offset for offset in range(10, 10 + count) if offset >= start][:limit]
    assert [(record.offset, record.value) for record in found] == [
        (offset, b"%d" % offset) for offset in expected
    ]


def test_frames_that_lie_behind_each_other_are_taken_apart() -> None:
    frames = [data_of(seal(place(), base, 1, b"1" * base + b"\n")) for base in range(3)]

    assert split_frames(b"".join(frames)) == frames
    assert [decode_header(frame).base_offset for frame in frames] == [0, 1, 2]


@given(lines=lines, bytes_max=st.integers(1, 80))
def test_pieces_are_the_lines_cut_after_newlines(lines: bytes, bytes_max: int) -> None:
    cut = list(pieces(lines, bytes_max))

    assert b"".join(piece for _, piece in cut) == lines
    for count, piece in cut:
        assert piece.endswith(b"\n")
        assert piece.count(b"\n") == count
        assert len(piece) <= bytes_max or count == 1
