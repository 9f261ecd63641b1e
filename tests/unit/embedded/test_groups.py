"""Groups of the embedded log, as bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluiceway.backends.embedded.frames import Frame
from sluiceway.backends.embedded.groups import (
    ALIGNMENT,
    GROUP_HEADER_BYTES,
    decode_group,
    encode_group,
    group_bytes,
)

SEED = 5

frames = st.lists(
    st.builds(
        lambda number, base, time_ms, count, kind, chunks: Frame(
            number, base, time_ms, count, kind, chunks, SEED
        ),
        st.integers(0, 2**64 - 1),
        st.integers(0, 2**64 - 1),
        st.integers(0, 2**64 - 1),
        st.integers(0, 2**32 - 1),
        st.integers(0, 2),
        st.lists(st.binary(max_size=300) | st.just(b"x" * 20_000), max_size=3),
    ),
    max_size=5,
)


def encode(made: list[Frame], sequence: int = 3) -> bytes:
    return b"".join(encode_group(made, segment=2, sequence=sequence, time_ms=9, seed=SEED))


@given(made=frames, position=st.integers(0, 100).map(lambda number: number * ALIGNMENT))
def test_a_group_gives_back_its_frames(made: list[Frame], position: int) -> None:
    data = encode(made)

    found = decode_group(data + b"something behind", position, SEED)

    assert found is not None
    assert found.is_intact
    assert len(data) == group_bytes(made) == found.end - position
    assert len(data) % ALIGNMENT == 0
    assert (found.header.segment, found.header.sequence, found.header.time_ms) == (2, 3, 9)
    at = position + GROUP_HEADER_BYTES
    for frame, (header, found_at) in zip(made, found.frames, strict=True):
        assert found_at == at
        assert (header.number, header.base_offset, header.time_ms) == (
            frame.number,
            frame.base_offset,
            frame.time_ms,
        )
        assert (header.record_count, header.kind) == (frame.count, frame.kind)
        at += frame.size


def test_large_chunks_are_not_copied() -> None:
    chunk = b"x" * 100_000
    made = [Frame(1, 0, 0, 1, 0, (chunk, b"y", chunk), SEED)]

    buffers = encode_group(made, segment=2, sequence=3, time_ms=9, seed=SEED)

    assert [buffer is chunk for buffer in buffers] == [False, True, False, True, False]


@given(data=st.data())
def test_a_group_with_one_changed_bit_is_found_out(data: st.DataObject) -> None:
    made = [Frame(1, 0, 0, 2, 0, (b"1\n2\n",), SEED), Frame(2, 0, 0, 1, 0, (b"3\n",), SEED)]
    length = GROUP_HEADER_BYTES + sum(frame.size for frame in made)
    damaged = bytearray(encode(made))
    bit = data.draw(st.integers(0, 8 * length - 1))
    damaged[bit // 8] ^= 1 << bit % 8

    found = decode_group(bytes(damaged), 0, SEED)

    assert found is None or not found.is_intact


@given(size=st.integers(0, 511))
def test_a_group_that_is_cut_short_is_found_out(size: int) -> None:
    made = [Frame(1, 0, 0, 1, 0, (b"x" * (512 - GROUP_HEADER_BYTES - 40),), SEED)]

    assert decode_group(encode(made)[:size], 0, SEED) is None


@pytest.mark.parametrize("seed", [SEED + 1, 0])
def test_a_group_of_another_log_is_none(seed: int) -> None:
    assert decode_group(encode([]), 0, seed) is None


def test_an_empty_group_takes_one_sector() -> None:
    assert len(encode([])) == ALIGNMENT
