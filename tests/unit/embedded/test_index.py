"""Index files of the embedded log."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluiceway.backends.embedded.index import (
    IndexDamagedError,
    OpenIndex,
    SealedIndex,
    decode_head,
    encode_index,
)

NOTES = b"frames of notes"

# For each partition runs of frames: a gap before, then the counts of the frames.
partitions = st.dictionaries(
    st.integers(1, 2**63),
    st.lists(
        st.tuples(st.integers(1, 50), st.lists(st.integers(1, 9), min_size=1, max_size=5)),
        min_size=1,
        max_size=4,
    ),
    max_size=5,
)


def encode(index: OpenIndex, position: int = 2**62) -> bytes:
    return encode_index(index, segment=3, position=position, sequence=8, time_ms=9, notes=NOTES)


def decode(data: bytes) -> SealedIndex:
    return SealedIndex(decode_head(memoryview(data)), memoryview(data))


def fill(drawn: dict[int, list[tuple[int, list[int]]]]) -> tuple[OpenIndex, dict[int, list[int]]]:
    """Fill an index; give it, and for each partition its frames' first offsets."""
    index, position = OpenIndex(), 0
    bases: dict[int, list[int]] = {}
    for number, runs in drawn.items():
        base = 0
        for gap, counts in runs:
            base += gap
            for count in counts:
                ends = {index.run(number, before)[0] for before in bases.get(number, [])}
                assert index.add(number, base, position, count, 100) == (base not in ends)
                bases.setdefault(number, []).append(base)
                base += count
                position += 100
    return index, bases


@given(drawn=partitions)
def test_an_index_file_finds_what_the_index_in_memory_finds(
    drawn: dict[int, list[tuple[int, list[int]]]],
) -> None:
    index, bases = fill(drawn)

    sealed = decode(encode(index))
    reopened = sealed.open_index()

    assert sorted(sealed.runs()) == sorted(index.runs()) == sorted(reopened.runs())
    assert (sealed.head.segment, sealed.head.sequence, sealed.head.time_ms) == (3, 8, 9)
    assert sealed.head.notes == NOTES
    for number, firsts in bases.items():
        for offset in range(firsts[0], firsts[-1] + 12):
            at_or_before = max(base for base in firsts if base <= offset)
            for one in (index, sealed, reopened):
                rows = one.find(number, offset)
                assert rows is not None
                assert rows.columns.bases[rows.first] == at_or_before
                assert rows.columns.sizes[rows.first] == 100
        for one in (index, sealed, reopened):
            assert one.find(number, firsts[0] - 1) is None
            assert one.find(number + 1, firsts[0]) is None or number + 1 in bases
            for base in firsts:
                assert one.run(number, base) == index.run(number, base)


@given(count=st.integers(1, 9), position=st.integers(0, 10))
def test_frames_behind_the_position_are_left_out(count: int, position: int) -> None:
    index = OpenIndex()
    for base in range(count):
        index.add(7, base, base, 1, 1)

    sealed = decode(encode(index, position))

    assert list(sealed.bases) == list(range(min(count, position)))


def test_frames_that_are_copied_before_others_are_found() -> None:
    index = OpenIndex()
    index.add(7, 20, 0, 5, 50)
    found = index.find(7, 20)

    starts = [index.add(7, base, position, 5, 50) for base, position in ((0, 50), (5, 100))]

    assert starts == [True, False]
    assert found is not None
    assert list(found.columns.bases) == [20], "who looks meanwhile sees what was there"
    assert sorted(index.runs()) == [(7, 0, 10, 100), (7, 20, 25, 50)]
    for one in (index, decode(encode(index))):
        rows = one.find(7, 7)
        assert rows is not None
        assert rows.columns.positions[rows.first] == 100


def test_a_run_that_was_ended_does_not_grow() -> None:
    index = OpenIndex()
    index.add(7, 0, 0, 5, 50)

    index.end_run(7, 0)
    later = index.add(7, 20, 400, 5, 50)
    starts = [index.add(7, base, 50 + base * 10, 5, 50) for base in (5, 10)]

    assert later
    assert starts == [True, False]
    for one in (index, decode(encode(index))):
        assert sorted(one.runs()) == [(7, 0, 5, 50), (7, 5, 15, 100), (7, 20, 25, 50)]
        assert one.run(7, 5) == one.run(7, 9) == (15, 100)
        assert one.run(7, 15) == (15, 0)


@given(data=st.data())
def test_an_index_file_with_one_changed_bit_is_found_out(data: st.DataObject) -> None:
    index, _ = fill({1: [(1, [2, 3])], 2: [(5, [1])]})
    whole = encode(index)
    bit = data.draw(st.integers(0, 8 * len(whole) - 1))
    damaged = bytearray(whole)
    damaged[bit // 8] ^= 1 << bit % 8

    try:
        found = decode(bytes(damaged))
    except IndexDamagedError:
        return
    # Only the unused bytes behind the header are not covered.
    assert 72 <= bit // 8 < 80
    assert sorted(found.runs()) == sorted(index.runs())


@pytest.mark.parametrize("cut", [0, 1, 79, 80, 100])
def test_an_index_file_that_is_cut_short_is_found_out(cut: int) -> None:
    index, _ = fill({1: [(1, [2, 3])]})

    with pytest.raises(IndexDamagedError):
        decode(encode(index)[:cut])
