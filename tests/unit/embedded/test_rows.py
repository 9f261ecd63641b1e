"""Rows of the embedded log: sealing, opening, cutting."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluiceway.backends.embedded.partitions import Partition
from sluiceway.backends.embedded.rows import RAW, ZSTD, Row, Sealer, pieces, records, unseal
from sluiceway.foundation.rids import new_view_rid
from sluiceway.streams.log_errors import LogCorruptError

lines = st.lists(st.binary(max_size=30).map(lambda raw: raw.replace(b"\n", b"") + b"\n")).map(
    b"".join
)


def place(*, compressed: bool = False) -> Partition:
    return Partition(7, new_view_rid(), 2, compressed=compressed, start=0, end=0)


@given(lines=lines, compressed=st.booleans())
def test_a_row_gives_back_its_lines(lines: bytes, compressed: bool) -> None:  # noqa: FBT001
    partition = place(compressed=compressed)

    row = Sealer(1).seal(partition, 5, lines.count(b"\n"), 1_700_000_000_000, lines)

    assert unseal(row, partition) == lines


def test_lines_that_compress_are_stored_as_a_frame() -> None:
    row = Sealer(1).seal(place(compressed=True), 0, 100, 1, b'{"a":1}\n' * 100)

    assert row.codec == ZSTD
    assert len(row.data) < 100


def test_lines_that_do_not_compress_are_stored_as_they_are() -> None:
    row = Sealer(1).seal(place(compressed=True), 0, 1, 1, b"1\n")

    assert (row.codec, row.data) == (RAW, b"1\n")


@pytest.mark.parametrize("column", [0, 1, 2, 3, 4, 5])
def test_a_row_whose_facts_changed_is_found_out(column: int) -> None:
    partition = place()
    row = Sealer(1).seal(partition, 5, 1, 1_700_000_000_000, b"1\n")
    changed = Row(*(value + (number == column) for number, value in enumerate(row[:6])), row.data)

    with pytest.raises(LogCorruptError) as raised:
        unseal(changed, partition)

    assert (raised.value.view, raised.value.partition) == (partition.view, 2)
    assert raised.value.offset == changed.base_offset


@pytest.mark.parametrize("damaged", [{"crc": None}, {"data": "1\n"}, {"time_ms": -1}])
def test_a_row_whose_types_changed_is_found_out(damaged: dict[str, object]) -> None:
    partition = place()
    row = Sealer(1).seal(partition, 5, 1, 1_700_000_000_000, b"1\n")

    with pytest.raises(LogCorruptError):
        unseal(row._replace(**damaged), partition)


@given(bit=st.integers(0, 8 * 20 - 1))
def test_a_row_with_one_changed_bit_is_found_out(bit: int) -> None:
    partition = place()
    row = Sealer(1).seal(partition, 0, 10, 1, b"1\n" * 10)
    data = bytearray(row.data)
    data[bit // 8] ^= 1 << bit % 8

    with pytest.raises(LogCorruptError):
        unseal(row._replace(data=bytes(data)), partition)


def test_a_row_that_holds_fewer_records_than_it_says_is_found_out() -> None:
    partition = place()
    row = Sealer(1).seal(partition, 5, 3, 1, b"1\n2\n")

    with pytest.raises(LogCorruptError):
        list(records(row, partition, 5, 10))


@given(count=st.integers(1, 20), start=st.integers(0, 40), limit=st.integers(1, 30))
def test_records_are_cut_out_by_offset(count: int, start: int, limit: int) -> None:
    partition = place()
    lines = b"".join(b"%d\n" % (10 + number) for number in range(count))
    row = Sealer(1).seal(partition, 10, count, 3, lines)

    found = list(records(row, partition, start, limit)) if start < 10 + count else []

    expected = [offset for offset in range(10, 10 + count) if offset >= start][:limit]
    assert [(record.offset, record.value) for record in found] == [
        (offset, b"%d" % offset) for offset in expected
    ]


@given(lines=lines, bytes_max=st.integers(1, 80))
def test_pieces_are_the_lines_cut_after_newlines(lines: bytes, bytes_max: int) -> None:
    cut = list(pieces(lines, bytes_max))

    assert b"".join(piece for _, piece in cut) == lines
    for count, piece in cut:
        assert piece.endswith(b"\n")
        assert piece.count(b"\n") == count
        assert len(piece) <= bytes_max or count == 1
