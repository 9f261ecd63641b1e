"""When the log forgets what a table has, on a clock of the test's own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fixtures.streams import Streams, open_streams
from sluiceway.archive.errors import ArchiveUnavailableError
from sluiceway.archive.trimming import Trimmer
from sluiceway.archive.types import Offsets
from sluiceway.foundation.rids import ViewRid, new_view_rid
from sluiceway.streams.types import View

HOT = 160.0


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> float:
        return self.seconds


class Tables:
    """Tells how far tables are, or fails."""

    def __init__(self) -> None:
        self.offsets: dict[ViewRid, Offsets] = {}
        self.asked: list[ViewRid] = []

    async def ask(self, view: ViewRid) -> Offsets:
        self.asked.append(view)
        if view not in self.offsets:
            raise ArchiveUnavailableError("away")
        return self.offsets[view]


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
    return Trimmer(streams.log, tables.ask, HOT, clock.now)


async def make(streams: Streams, appends: int = 5) -> View:
    view = await streams.create()
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
