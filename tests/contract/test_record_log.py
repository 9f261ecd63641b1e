"""The contract of every record log."""

import asyncio
import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sluiceway.foundation.rids import ViewRid, new_view_rid
from sluiceway.streams.log import Batch, RecordLog, StoredBatch, StoredRecord
from sluiceway.streams.log_errors import LogUnavailableError, LogViewNotFoundError
from sluiceway.streams.pending import PendingAppend

MANY = 1_000_000

# The log is shared by the examples of one test; each makes views of its own.
shared_log = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def batch(view: ViewRid, values: list[bytes], partition: int = 0) -> Batch:
    return Batch(view, partition, len(values), b"".join(value + b"\n" for value in values))


async def make_view(log: RecordLog, *, partitions: int = 1, compressed: bool = False) -> ViewRid:
    view = new_view_rid()
    await log.create_view(view, partitions=partitions, compressed=compressed)
    return view


async def read(
    log: RecordLog, view: ViewRid, partition: int = 0, start: int = 0, limit: int = MANY
) -> list[StoredRecord]:
    return await log.read(view, partition, start, limit=limit, bytes_max=MANY * 100)


async def values_of(log: RecordLog, view: ViewRid, partition: int = 0) -> list[bytes]:
    return [record.value for record in await read(log, view, partition)]


async def settle(append: PendingAppend) -> None:
    await append


values = st.binary(max_size=40).map(lambda raw: b'{"v":"%s"}' % raw.hex().encode())
places = st.tuples(st.integers(0, 1), st.integers(0, 2))
# A request holds at most one batch for each partition; requests overlap in groups of unknown size.
requests = st.lists(
    st.tuples(
        st.dictionaries(places, st.lists(values, min_size=1, max_size=5), min_size=1), st.booleans()
    ),
    max_size=12,
)


@shared_log
@given(requests=requests, compressed=st.booleans(), data=st.data())
async def test_what_is_read_is_what_was_appended(
    log: RecordLog,
    requests: list[tuple[dict[tuple[int, int], list[bytes]], bool]],
    compressed: bool,  # noqa: FBT001 - drawn by Hypothesis
    data: st.DataObject,
) -> None:
    views = [await make_view(log, partitions=3, compressed=compressed) for _ in range(2)]
    model: dict[tuple[int, int], list[bytes]] = {(v, p): [] for v in range(2) for p in range(3)}
    pending: list[tuple[PendingAppend, list[int]]] = []

    for request, is_awaited in requests:
        first_offsets = [len(model[place]) for place in request]
        future = log.append([batch(views[v], vs, p) for (v, p), vs in request.items()])
        for place, appended in request.items():
            model[place] += appended
        pending.append((future, first_offsets))
        if is_awaited:
            await future
    for future, first_offsets in pending:
        assert list(await future) == first_offsets

    for (v, p), appended in model.items():
        start = data.draw(st.integers(0, len(appended) + 1))
        limit = data.draw(st.integers(1, len(appended) + 1))
        found = await read(log, views[v], p, start, limit)
        expected = list(enumerate(appended))[start : start + limit]
        assert [(record.offset, record.value) for record in found] == expected
        assert (await log.end_offsets(views[v]))[p] == len(appended)


async def test_appends_that_were_not_awaited_keep_their_order(log: RecordLog) -> None:
    view = await make_view(log)

    futures = [log.append([batch(view, [b"%d" % number])]) for number in range(500)]
    offsets = [list(await future) for future in futures]

    assert offsets == [[number] for number in range(500)]
    assert await values_of(log, view) == [b"%d" % number for number in range(500)]


async def test_batches_of_one_append_may_go_to_one_partition_twice(log: RecordLog) -> None:
    view = await make_view(log)

    offsets = await log.append([batch(view, [b"1", b"2"]), batch(view, [b"3"])])

    assert list(offsets) == [0, 2]
    assert await values_of(log, view) == [b"1", b"2", b"3"]


@pytest.mark.parametrize("partition", [-1, 2])
async def test_an_append_with_one_unknown_partition_writes_nothing(
    log: RecordLog, partition: int
) -> None:
    view = await make_view(log, partitions=2)

    with pytest.raises(LogViewNotFoundError):
        await log.append([batch(view, [b"1"], 0), batch(view, [b"2"], partition)])

    await log.append([batch(view, [b"3"], 1)])
    assert await log.end_offsets(view) == {0: 0, 1: 1}


async def test_an_append_with_one_unknown_view_writes_nothing(log: RecordLog) -> None:
    view = await make_view(log)

    with pytest.raises(LogViewNotFoundError) as raised:
        await log.append([batch(view, [b"1"]), batch(new_view_rid(), [b"2"])])

    assert raised.value.wrote_nothing
    assert await log.end_offsets(view) == {0: 0}


async def test_an_append_without_batches_is_done(log: RecordLog) -> None:
    assert list(await log.append([])) == []


async def test_an_append_that_nobody_waits_for_is_stored_and_hurts_nobody(log: RecordLog) -> None:
    view = await make_view(log)

    async with asyncio.TaskGroup() as tasks:
        cancelled = tasks.create_task(settle(log.append([batch(view, [b"1"])])))
        await asyncio.sleep(0)
        cancelled.cancel()
    offsets = await log.append([batch(view, [b"2"])])

    assert list(offsets) == [1]
    assert await values_of(log, view) == [b"1", b"2"]


async def test_an_unknown_view_cannot_be_read(log: RecordLog) -> None:
    view = new_view_rid()

    for call in (read(log, view), log.end_offsets(view), log.start_offsets(view)):
        with pytest.raises(LogViewNotFoundError):
            await call
    with pytest.raises(LogViewNotFoundError):
        await log.trim(view, 0, 1)


async def test_an_unknown_partition_cannot_be_read(log: RecordLog) -> None:
    view = await make_view(log, partitions=2)

    for partition in (-1, 2):
        with pytest.raises(LogViewNotFoundError):
            await read(log, view, partition)


async def test_reading_at_or_past_the_end_gives_nothing(log: RecordLog) -> None:
    view = await make_view(log)
    await log.append([batch(view, [b"1"])])

    assert await read(log, view, start=1) == []
    assert await read(log, view, start=2**60) == []


@pytest.mark.parametrize(("bytes_max", "count"), [(1, 1), (10, 1), (19, 1), (20, 2), (21, 2)])
async def test_reading_stops_before_the_record_that_exceeds_the_bytes(
    log: RecordLog, bytes_max: int, count: int
) -> None:
    view = await make_view(log)
    await log.append([batch(view, [b"0123456789"] * 3)])

    found = await log.read(view, 0, 0, limit=3, bytes_max=bytes_max)

    assert len(found) == count


def records_of(batches: list[StoredBatch]) -> list[StoredRecord]:
    return [
        StoredRecord(batch.start + at, value, batch.time_ms)
        for batch in batches
        for at, value in enumerate(batch.lines.splitlines())
    ]


@shared_log
@given(
    sizes=st.lists(st.integers(1, 9), min_size=1, max_size=8),
    start=st.integers(0, 75),
    bytes_max=st.integers(1, 400),
    compressed=st.booleans(),
)
async def test_batches_hold_the_records_that_reading_gives(
    log: RecordLog,
    sizes: list[int],
    start: int,
    bytes_max: int,
    compressed: bool,  # noqa: FBT001 - drawn by Hypothesis
) -> None:
    view = await make_view(log, partitions=2, compressed=compressed)
    for number, size in enumerate(sizes):
        await log.append([batch(view, [b'{"v":%d}' % number] * size, 1)])

    found: list[StoredBatch] = []
    while more := await log.read_batches(
        view, 1, found[-1].end if found else start, bytes_max=bytes_max
    ):
        assert len(more) == 1 or sum(len(one.lines) for one in more) <= bytes_max
        found += more

    assert records_of(found) == await read(log, view, 1, start)
    assert all(one.count == one.lines.count(b"\n") for one in found)
    assert await log.read_batches(view, 0, 0, bytes_max=bytes_max) == []


async def test_batches_before_the_first_kept_record_begin_there(log: RecordLog) -> None:
    view = await make_view(log)
    for number in range(4):
        await log.append([batch(view, [b"%d" % number])])
    await log.trim(view, 0, 2)

    found = await log.read_batches(view, 0, 0, bytes_max=1)

    assert [(one.start, one.lines) for one in found] == [(2, b"2\n")]


async def test_batches_of_what_is_not_there_cannot_be_read(log: RecordLog) -> None:
    view = await make_view(log)

    for unknown, partition in ((new_view_rid(), 0), (view, 1)):
        with pytest.raises(LogViewNotFoundError):
            await log.read_batches(unknown, partition, 0, bytes_max=MANY)


async def test_commit_times_never_go_back(log: RecordLog) -> None:
    view = await make_view(log)

    for _ in range(5):
        await log.append([batch(view, [b"1"])])

    times = [record.time_ms for record in await read(log, view)]
    assert times == sorted(times)
    assert times[0] > 1_600_000_000_000


async def test_creating_a_view_twice_changes_nothing(log: RecordLog) -> None:
    view = await make_view(log)
    await log.append([batch(view, [b"1"])])

    await log.create_view(view, partitions=7, compressed=True)

    assert await log.end_offsets(view) == {0: 1}


async def test_creating_a_view_in_two_calls_at_once_makes_one(log: RecordLog) -> None:
    view = new_view_rid()

    await asyncio.gather(*(log.create_view(view, partitions=2, compressed=False) for _ in range(3)))

    assert await log.end_offsets(view) == {0: 0, 1: 0}


async def test_a_deleted_view_is_unknown_and_deleting_it_again_changes_nothing(
    log: RecordLog,
) -> None:
    view, other = await make_view(log), await make_view(log)
    await log.append([batch(view, [b"1"]), batch(other, [b"2"])])

    await log.delete_view(view)
    await log.delete_view(view)

    with pytest.raises(LogViewNotFoundError):
        await log.append([batch(view, [b"3"])])
    with pytest.raises(LogViewNotFoundError):
        await read(log, view)
    assert await values_of(log, other) == [b"2"]


async def test_a_view_made_again_after_its_deletion_is_empty(log: RecordLog) -> None:
    view = await make_view(log)
    await log.append([batch(view, [b"1"])])

    await log.delete_view(view)
    await log.create_view(view, partitions=1, compressed=False)
    offsets = await log.append([batch(view, [b"2"])])

    assert list(offsets) == [0]
    assert await values_of(log, view) == [b"2"]


async def test_an_append_right_before_a_deletion_is_answered(log: RecordLog) -> None:
    view = await make_view(log)

    future = log.append([batch(view, [b"1"])])
    await log.delete_view(view)

    assert list(await future) == [0]


@shared_log
@given(
    sizes=st.lists(st.integers(1, 6), min_size=1, max_size=6),
    before=st.integers(0, 40),
    compressed=st.booleans(),
)
async def test_trimming_never_loses_a_record_at_or_past_its_bound(
    log: RecordLog,
    sizes: list[int],
    before: int,
    compressed: bool,  # noqa: FBT001 - drawn by Hypothesis
) -> None:
    view = await make_view(log, compressed=compressed)
    for size in sizes:
        await log.append([batch(view, [b"1"] * size)])

    await log.trim(view, 0, before)

    start = (await log.start_offsets(view))[0]
    assert start <= min(before, sum(sizes))
    offsets = [record.offset for record in await read(log, view)]
    assert offsets == list(range(start, sum(sizes)))


async def test_trimming_forgets_whole_batches(log: RecordLog) -> None:
    view = await make_view(log)
    for _ in range(4):
        await log.append([batch(view, [b"1"] * 10)])

    await log.trim(view, 0, 25)

    assert 0 < (await log.start_offsets(view))[0] <= 25


async def test_a_trim_backwards_changes_nothing(log: RecordLog) -> None:
    view = await make_view(log)
    for _ in range(4):
        await log.append([batch(view, [b"1"] * 10)])
    await log.trim(view, 0, 20)

    await log.trim(view, 0, 5)

    assert await log.start_offsets(view) == {0: 20}


async def test_reading_before_the_first_kept_record_begins_there(log: RecordLog) -> None:
    view = await make_view(log)
    for number in range(4):
        await log.append([batch(view, [b"%d" % number])])
    await log.trim(view, 0, 2)

    found = await read(log, view, start=0, limit=1)

    assert [(record.offset, record.value) for record in found] == [(2, b"2")]


async def test_offsets_go_on_after_everything_was_trimmed_and_reopened(log_home) -> None:
    log = await log_home.open()
    view = await make_view(log)
    await log.append([batch(view, [b"1"] * 10)])
    await log.trim(view, 0, 10)
    await log.close()

    log = await log_home.open()
    try:
        assert await log.start_offsets(view) == {0: 10}
        assert await log.end_offsets(view) == {0: 10}
        assert list(await log.append([batch(view, [b"2"])])) == [10]
    finally:
        await log.close()


@pytest.mark.parametrize("compressed", [False, True])
async def test_everything_is_there_after_reopening(log_home, compressed: bool) -> None:  # noqa: FBT001
    log = await log_home.open()
    view = await make_view(log, partitions=2, compressed=compressed)
    deleted = await make_view(log)
    await log.append([batch(view, [b"1" * 99, b"2" * 99], 0), batch(view, [b"3" * 99], 1)])
    await log.delete_view(deleted)
    before = await read(log, view)
    await log.close()

    log = await log_home.open()
    try:
        assert await read(log, view) == before
        assert await log.end_offsets(view) == {0: 2, 1: 1}
        assert list(await log.append([batch(view, [b"4"], 0)])) == [2]
        with pytest.raises(LogViewNotFoundError):
            await log.end_offsets(deleted)
    finally:
        await log.close()


async def test_closing_finishes_what_was_appended(log_home) -> None:
    log = await log_home.open()
    view = await make_view(log)

    futures = [log.append([batch(view, [b"%d" % number])]) for number in range(50)]
    await log.close()

    assert [list(await future) for future in futures] == [[number] for number in range(50)]


async def test_a_closed_log_takes_and_gives_nothing(log_home) -> None:
    log = await log_home.open()
    view = await make_view(log)
    await log.append([batch(view, [b"1"])])
    await log.close()
    await log.close()

    with pytest.raises(LogUnavailableError):
        await log.append([batch(view, [b"2"])])
    with pytest.raises(LogUnavailableError):
        await read(log, view)
    assert not log.health().is_writable


async def test_a_log_that_takes_writes_says_so(log: RecordLog) -> None:
    view = await make_view(log)
    await log.append([batch(view, [b"1"])])

    health = log.health()

    assert health.is_writable
    assert health.reason is None
    assert (health.queued_batches, health.queued_bytes) == (0, 0)


async def test_what_waits_is_counted(log: RecordLog) -> None:
    view = await make_view(log)

    future = log.append([batch(view, [b"1" * 1000])])
    health = log.health()
    await future

    assert health.queued_batches == 1
    assert health.queued_bytes >= 1000


@shared_log
@given(
    sizes=st.lists(st.integers(1, 6), min_size=1, max_size=12),
    trimmed=st.integers(0, 72),
    data=st.data(),
)
async def test_bytes_are_those_of_the_batches_that_hold_a_range(
    log: RecordLog, sizes: list[int], trimmed: int, data: st.DataObject
) -> None:
    view = await make_view(log)
    for size in sizes:
        await log.append([batch(view, [b'{"v":1}'] * size)])
    await log.trim(view, 0, trimmed)
    first = (await log.start_offsets(view))[0]
    end = sum(sizes)
    places = [sum(sizes[:at]) for at in range(len(sizes) + 1)]
    kept = [(a, b) for a, b in itertools.pairwise(places) if a >= first]
    each = {place: await log.stored_bytes(view, 0, *place) for place in kept}

    start, stop = data.draw(st.integers(0, end)), data.draw(st.integers(0, end + 5))

    touched = [place for place in kept if place[0] < stop and max(start, first) < place[1]]
    expected = sum(each[place] for place in touched) if start < stop else 0
    assert await log.stored_bytes(view, 0, start, stop) == expected
    assert all(bytes_ >= 8 * (b - a) for (a, b), bytes_ in each.items())


async def test_bytes_of_what_is_no_view_are_refused(log: RecordLog) -> None:
    with pytest.raises(LogViewNotFoundError):
        await log.stored_bytes(new_view_rid(), 0, 0, 1)
