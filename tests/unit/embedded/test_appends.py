"""Appends of the embedded log: what becomes one frame, what one group."""

import asyncio

import pytest

from sluiceway.backends.embedded.appends import (
    APPEND_SHARE_BYTES,
    Append,
    Group,
    Job,
    WaitingWork,
)
from sluiceway.backends.embedded.partitions import Partition
from sluiceway.foundation.rids import new_view_rid
from sluiceway.streams.backlog import Backlog
from sluiceway.streams.log import Batch


def place(number: int = 1, end: int = 0) -> Partition:
    return Partition(number, new_view_rid(), 0, compressed=False, end=end)


def batch(partition: Partition, lines: bytes) -> tuple[Partition, Batch]:
    return partition, Batch(partition.view, partition.index, lines.count(b"\n"), lines)


def append(size: int = 0) -> Append:
    made = Append()
    made.size = size
    return made


def frames_of(group: Group) -> list[tuple[int, int, int, bytes]]:
    return [
        (frame.partition.number, frame.base_offset, frame.count, b"".join(frame.chunks))
        for frame in group.frames
    ]


def test_single_records_of_one_partition_become_one_frame() -> None:
    partition, group = place(end=5), Group(1000)

    offsets = [group.add(append(), [batch(partition, b"%d\n" % number)]) for number in range(3)]

    assert frames_of(group) == [(1, 5, 3, b"0\n1\n2\n")]
    assert offsets == [[5], [6], [7]]
    assert (partition.next_offset, partition.end_offset) == (8, 5)


def test_each_partition_has_frames_of_its_own() -> None:
    one, other, group = place(1), place(2, end=9), Group(1000)

    first = group.add(append(), [batch(one, b"1\n"), batch(other, b"2\n")])
    second = group.add(append(), [batch(other, b"3\n")])

    assert frames_of(group) == [(1, 0, 1, b"1\n"), (2, 9, 2, b"2\n3\n")]
    assert (first, second) == ([0, 9], [10])


@pytest.mark.parametrize(("frame_bytes_max", "counts"), [(8, [4]), (7, [3, 1]), (2, [1, 1, 1, 1])])
def test_a_frame_is_closed_before_it_exceeds_its_bound(
    frame_bytes_max: int, counts: list[int]
) -> None:
    partition, group = place(), Group(frame_bytes_max)

    offsets = [group.add(append(), [batch(partition, b"1\n")]) for _ in range(4)]

    assert [frame.count for frame in group.frames] == counts
    assert offsets == [[0], [1], [2], [3]]


@pytest.mark.parametrize(("frame_bytes_max", "counts"), [(8, [4]), (7, [3, 1]), (1, [1, 1, 1, 1])])
def test_a_batch_larger_than_a_frame_is_cut(frame_bytes_max: int, counts: list[int]) -> None:
    partition, group = place(), Group(frame_bytes_max)

    offsets = group.add(append(), [batch(partition, b"1\n2\n3\n4\n")])

    assert [frame.count for frame in group.frames] == counts
    assert [frame.base_offset for frame in group.frames] == [
        sum(counts[:number]) for number in range(len(counts))
    ]
    assert offsets == [0]
    assert partition.next_offset == 4


def test_records_behind_a_batch_that_was_cut_follow_it() -> None:
    partition, group = place(), Group(4)

    group.add(append(), [batch(partition, b"1\n2\n3\n")])
    offsets = group.add(append(), [batch(partition, b"4\n")])

    assert offsets == [3]
    assert frames_of(group) == [(1, 0, 2, b"1\n2\n"), (1, 2, 2, b"3\n4\n")]


@pytest.mark.parametrize(("size", "count"), [(50, 2), (51, 1)])
def test_a_group_ends_before_it_exceeds_its_bound(size: int, count: int) -> None:
    waiting = WaitingWork(Backlog(1000), 100, 1000)
    for _ in range(2):
        waiting.add(append(size), [])

    group = waiting.take()

    assert isinstance(group, Group)
    assert len(group.appends) == count
    assert bool(waiting) == (count == 1)


def test_one_append_larger_than_a_group_goes_alone() -> None:
    waiting = WaitingWork(Backlog(1000), 100, 1000)
    waiting.add(append(101), [])
    waiting.add(append(1), [])

    group = waiting.take()

    assert isinstance(group, Group)
    assert len(group.appends) == 1


async def test_a_job_goes_in_its_turn() -> None:
    waiting = WaitingWork(Backlog(1000), 100, 1000)
    job = Job(asyncio.get_running_loop().create_future(), lambda: None)
    waiting.add(append(), [])
    waiting.add_job(job)
    waiting.add(append(), [])

    taken = [waiting.take() for _ in range(3)]

    assert [type(work) for work in taken] == [Group, Job, Group]
    assert not waiting


def test_nothing_is_added_to_a_group_that_was_taken() -> None:
    waiting = WaitingWork(Backlog(1000), 100, 1000)
    waiting.add(append(), [])
    taken = waiting.take()

    waiting.add(append(), [])

    assert isinstance(taken, Group)
    assert len(taken.appends) == 1
    assert waiting


def test_what_waits_is_counted_until_it_is_settled() -> None:
    waiting = WaitingWork(Backlog(1000), 100_000, 1000)
    waiting.add(Append(), [batch(place(), b"1\n"), batch(place(2), b"1\n")])
    waiting.add(Append(), [batch(place(), b"1\n")])
    taken = waiting.take()
    waiting.add(Append(), [batch(place(), b"1\n")])

    before = (waiting.backlog.size, waiting.batches)
    assert isinstance(taken, Group)
    waiting.settle(taken)

    assert before == (3 * APPEND_SHARE_BYTES, 4)
    assert (waiting.backlog.size, waiting.batches) == (APPEND_SHARE_BYTES, 1)
