"""When the log forgets what a table has, on a clock of the test's own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fixtures.streams import Streams, open_streams
from sluiceway.archive.errors import ArchiveUnavailableError
from sluiceway.archive.retention.types import RetentionPolicy
from sluiceway.archive.trimming import Trimmer
from sluiceway.archive.types import Offsets
from sluiceway.foundation.clock import SystemClock
from sluiceway.foundation.rids import ViewRid, new_view_rid
from sluiceway.streams.types import View

HOT = 160
FLOOR = 16


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0
        self.began_ms = SystemClock().now_ms() + 1_000

    def now(self) -> float:
        return self.seconds

    def now_ms(self) -> int:
        """Records of the test are made at 0, as far as the log can tell."""
        return self.began_ms + round(self.seconds * 1_000)


class Tables:
    """Tells how far tables are, or fails."""

    def __init__(self) -> None:
        self.offsets: dict[ViewRid, Offsets] = {}
        self.policies: dict[ViewRid, RetentionPolicy] = {}
        self.asked: list[ViewRid] = []

    async def ask(self, view: ViewRid) -> Offsets:
        self.asked.append(view)
        if view not in self.offsets:
            raise ArchiveUnavailableError("away")
        return self.offsets[view]

    async def all_policies(self) -> dict[ViewRid, RetentionPolicy]:
        return dict(self.policies)


@pytest.fixture
async def streams(tmp_path: Path) -> AsyncIterator[Streams]:
    async with open_streams(tmp_path) as opened:
        yield opened


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tables() -> Tables:
    return Tables()


@pytest.fixture
def trimmer(streams: Streams, clock: Clock, tables: Tables) -> Trimmer:
    return Trimmer(
        log=streams.log,
        ask=tables.ask,
        policies=tables.all_policies,
        hot_seconds=HOT,
        floor_seconds=FLOOR,
        clock=clock,
        now=clock.now,
    )


async def make(streams: Streams, appends: int = 5, name: str = "orders") -> View:
    view = await streams.create(name)
    for _ in range(appends):
        await streams.append(view, *map(str, range(10)))
    return view


async def start(streams: Streams, view: View) -> int:
    return (await streams.log.start_offsets(view.view_rid))[0]


async def test_a_record_goes_when_the_table_has_had_it_for_so_long_and_not_before(
    streams: Streams, trimmer: Trimmer, clock: Clock
) -> None:
    view = await make(streams)
    trimmer.archived(view.view_rid, {0: 20})
    clock.seconds = 100.0
    trimmer.archived(view.view_rid, {0: 50})

    starts = []
    for clock.seconds in (HOT - 0.1, HOT, 100 + HOT - 0.1, 100 + HOT):
        await trimmer.trim()
        starts.append(await start(streams, view))

    assert starts == [0, 20, 20, 50]


async def test_many_commits_take_few_steps_and_the_last_one_is_not_forgotten(
    streams: Streams, trimmer: Trimmer, clock: Clock
) -> None:
    view = await make(streams, 50)

    for number in range(500):
        clock.seconds = float(number)
        trimmer.archived(view.view_rid, {0: number})
        await trimmer.trim()
        reached = await start(streams, view)
        assert reached <= max(number - HOT, 0)
        assert reached >= number - HOT - HOT / 16 - 10 - 1
    for clock.seconds in (500.0, 510.0, 510.0 + HOT):
        await trimmer.trim()

    assert await start(streams, view) == 490


async def test_after_a_start_the_table_itself_is_asked(
    streams: Streams, trimmer: Trimmer, clock: Clock, tables: Tables
) -> None:
    view, empty = await make(streams), await streams.create("Empty")
    trimmer.loaded([view.view_rid, empty.view_rid, new_view_rid()])

    clock.seconds = HOT - 0.1
    await trimmer.trim()
    assert tables.asked == []
    clock.seconds = HOT
    await trimmer.trim()
    assert (tables.asked, await start(streams, view)) == ([view.view_rid], 0)
    tables.offsets[view.view_rid] = {0: 30}
    clock.seconds = 2 * HOT
    await trimmer.trim()
    await trimmer.trim()

    assert (tables.asked, await start(streams, view)) == ([view.view_rid] * 2, 30)


async def test_a_view_that_is_gone_is_forgotten(
    streams: Streams, trimmer: Trimmer, clock: Clock
) -> None:
    view = await make(streams)
    trimmer.archived(view.view_rid, {0: 20})
    await streams.log.delete_view(view.view_rid)
    clock.seconds = HOT

    await trimmer.trim()
    await trimmer.trim()


SOME_BYTES = 2_000


async def test_a_policy_trims_earlier_but_not_before_the_table_had_it_for_a_while(
    streams: Streams, trimmer: Trimmer, clock: Clock, tables: Tables
) -> None:
    view, other = await make(streams), await make(streams, name="other")
    tables.policies[view.view_rid] = RetentionPolicy(hot_seconds=FLOOR)
    for one in (view, other):
        trimmer.archived(one.view_rid, {0: 30})
    clock.seconds = FLOOR - 1
    await trimmer.trim()
    assert await start(streams, view) == 0

    clock.seconds = FLOOR + 1
    await trimmer.trim()

    assert await start(streams, view) == 30
    assert await start(streams, other) == 0


async def test_a_policy_keeps_records_in_the_log_until_they_are_as_old_as_it_says(
    streams: Streams, trimmer: Trimmer, clock: Clock, tables: Tables
) -> None:
    view = await make(streams)
    tables.policies[view.view_rid] = RetentionPolicy(hot_seconds=10 * HOT)
    trimmer.archived(view.view_rid, {0: 50})

    starts = []
    for clock.seconds in (2 * HOT, 10 * HOT - 1, 10 * HOT + 1):
        await trimmer.trim()
        starts.append(await start(streams, view))

    assert starts == [0, 0, 50]


async def test_a_policy_keeps_so_many_bytes_and_not_more(
    streams: Streams, trimmer: Trimmer, clock: Clock, tables: Tables
) -> None:
    view = await make(streams, 100)
    total = await streams.log.stored_bytes(view.view_rid, 0, 0, 1_000)
    each = total // 100
    assert total > 2 * SOME_BYTES
    tables.policies[view.view_rid] = RetentionPolicy(hot_bytes=SOME_BYTES)
    trimmer.archived(view.view_rid, {0: 1_000})

    clock.seconds = FLOOR + 1
    await trimmer.trim()

    first = await start(streams, view)
    left = await streams.log.stored_bytes(view.view_rid, 0, first, 1_000)
    assert SOME_BYTES - each < left <= SOME_BYTES


async def test_of_several_partitions_the_largest_lose_what_is_too_much(
    streams: Streams, trimmer: Trimmer, clock: Clock, tables: Tables
) -> None:
    view = await streams.create(partitions=3)
    for at in range(60):
        await streams.append(view, "x" * 50, partition=0 if at < 4 else 1 + at % 2)
    ends = await streams.log.end_offsets(view.view_rid)
    small = await streams.log.stored_bytes(view.view_rid, 0, 0, 4)
    tables.policies[view.view_rid] = RetentionPolicy(hot_bytes=small + 2 * SOME_BYTES)
    trimmer.archived(view.view_rid, ends)

    clock.seconds = FLOOR + 1
    await trimmer.trim()

    starts = await streams.log.start_offsets(view.view_rid)
    assert starts[0] == 0
    for partition in (1, 2):
        assert 0 < starts[partition] < ends[partition]
        left = await streams.log.stored_bytes(view.view_rid, partition, starts[partition], 1_000)
        assert SOME_BYTES - small < left <= SOME_BYTES


async def test_what_is_in_no_table_stays_whatever_a_policy_says(
    streams: Streams, trimmer: Trimmer, clock: Clock, tables: Tables
) -> None:
    view = await make(streams)
    tables.policies[view.view_rid] = RetentionPolicy(hot_seconds=FLOOR, hot_bytes=1)
    trimmer.archived(view.view_rid, {0: 20})

    clock.seconds = 100 * HOT
    await trimmer.trim()

    assert await start(streams, view) == 20
