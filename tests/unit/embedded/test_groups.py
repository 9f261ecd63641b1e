"""Groups of appends in the embedded log: what becomes one row, what one commit."""

import asyncio

import pytest

from sluiceway.backends.embedded.groups import Append, GroupLayout, lay_out
from sluiceway.backends.embedded.partitions import Partition
from sluiceway.backends.embedded.rows import Sealer
from sluiceway.backends.embedded.waiting import WaitingWork
from sluiceway.backends.embedded.writer import Job
from sluiceway.foundation.rids import new_view_rid
from sluiceway.streams.log import Batch


def place(number: int = 1, end: int = 0) -> Partition:
    return Partition(number, new_view_rid(), 0, compressed=False, start=0, end=end)


def append(*placed: tuple[Partition, bytes], size: int = 0) -> Append:
    return Append(
        [
            (partition, Batch(partition.view, partition.index, lines.count(b"\n"), lines))
            for partition, lines in placed
        ],
        size,
    )


def layout(group: list[Append], row_bytes_max: int = 1000) -> GroupLayout:
    return lay_out(group, Sealer(1), time_ms=1, row_bytes_max=row_bytes_max)


async def test_single_records_of_one_partition_become_one_row() -> None:
    partition = place(end=5)

    found = layout([append((partition, b"%d\n" % number)) for number in range(3)])

    assert [(row.base_offset, row.record_count, row.data) for row in found.rows] == [
        (5, 3, b"0\n1\n2\n")
    ]
    assert found.first_offsets == [[5], [6], [7]]
    assert found.ends == {partition: 8}


async def test_each_partition_has_rows_of_its_own() -> None:
    one, other = place(1), place(2, end=9)

    found = layout([append((one, b"1\n"), (other, b"2\n")), append((other, b"3\n"))])

    assert [(row.partition_number, row.data) for row in found.rows] == [
        (1, b"1\n"),
        (2, b"2\n3\n"),
    ]
    assert found.first_offsets == [[0, 9], [10]]


@pytest.mark.parametrize(("row_bytes_max", "counts"), [(8, [4]), (7, [3, 1]), (2, [1, 1, 1, 1])])
async def test_a_row_is_closed_before_it_exceeds_its_bound(
    row_bytes_max: int, counts: list[int]
) -> None:
    partition = place()

    found = layout([append((partition, b"1\n")) for _ in range(4)], row_bytes_max)

    assert [row.record_count for row in found.rows] == counts
    assert found.first_offsets == [[0], [1], [2], [3]]


@pytest.mark.parametrize(("row_bytes_max", "counts"), [(8, [4]), (7, [3, 1]), (1, [1, 1, 1, 1])])
async def test_a_batch_larger_than_a_row_is_cut(row_bytes_max: int, counts: list[int]) -> None:
    partition = place()

    found = layout([append((partition, b"1\n2\n3\n4\n"))], row_bytes_max)

    assert [row.record_count for row in found.rows] == counts
    assert found.first_offsets == [[0]]
    assert found.ends == {partition: 4}


async def test_laying_out_moves_no_offset() -> None:
    partition = place(end=5)

    layout([append((partition, b"1\n"))])

    assert (partition.next_offset, partition.end_offset) == (5, 5)


@pytest.mark.parametrize(("size", "count"), [(50, 2), (51, 1)])
async def test_a_group_ends_before_it_exceeds_its_bound(size: int, count: int) -> None:
    waiting = WaitingWork(group_bytes_max=100)
    for _ in range(2):
        waiting.add(append(size=size))

    group = waiting.take()

    assert isinstance(group, list)
    assert len(group) == count


async def test_one_append_larger_than_a_group_goes_alone() -> None:
    waiting = WaitingWork(group_bytes_max=100)
    waiting.add(append(size=101))
    waiting.add(append(size=1))

    group = waiting.take()

    assert isinstance(group, list)
    assert len(group) == 1


async def test_a_job_goes_in_its_turn() -> None:
    waiting = WaitingWork(group_bytes_max=100)
    job = Job(asyncio.get_running_loop().create_future(), lambda _connection, _eraser: None)
    for work in (append(), job, append()):
        waiting.add(work)

    taken = [waiting.take() for _ in range(3)]

    assert [type(work) for work in taken] == [list, Job, list]
    assert not waiting
