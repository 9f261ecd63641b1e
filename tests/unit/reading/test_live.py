"""The parts of the live tail: ids, sampling, what waits for a slow client, feeds that end."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.streams import Streams, open_streams
from sluiceway.foundation.request_errors import OverloadedError
from sluiceway.foundation.rids import ViewRid
from sluiceway.reading.live.events import ID_LENGTH_MAX, Burst, event_id, parse_event_id
from sluiceway.reading.live.hub import LiveHub
from sluiceway.reading.live.inbox import INBOX_BURSTS_MAX, INBOX_BYTES_MAX, Inbox
from sluiceway.reading.live.sampling import Budget, fair_shares
from sluiceway.reading.live.watch import Start, Watch
from sluiceway.reading.settings import ReadingSettings
from sluiceway.streams.types import View


@pytest.fixture
async def streams(tmp_path: Path) -> AsyncIterator[Streams]:
    async with open_streams(tmp_path) as opened:
        yield opened


def burst(offset: int, size: int = 10, skipped: int = 0, partition: int = 0) -> Burst:
    return Burst(partition, 1, skipped, offset + 1, b"x" * size, b"id%d" % offset)


@given(
    waiting=st.dictionaries(st.integers(0, 20), st.integers(1, 1_000), max_size=12),
    available=st.integers(0, 500),
    turn=st.integers(0, 100),
)
def test_shares_are_fair_and_within_what_is_available(
    waiting: dict[int, int], available: int, turn: int
):
    shares = fair_shares(waiting, available, turn)

    assert sum(shares.values()) == min(available, sum(waiting.values())) or (
        len(shares) == available < len(waiting)
    )
    assert all(1 <= share <= waiting[partition] for partition, share in shares.items())
    cut = [share for partition, share in shares.items() if share < waiting[partition]]
    assert not cut or max(shares.values()) <= min(cut) + 1


def test_with_less_than_one_for_each_all_have_their_turn():
    waiting = dict.fromkeys(range(5), 3)

    served = {partition for turn in range(5) for partition in fair_shares(waiting, 1, turn)}

    assert served == set(range(5))


def test_a_budget_fills_up_in_a_second_and_not_beyond():
    budget = Budget(200, 0.0)

    budget.take(200)
    assert budget.available(0.0) == 0
    assert budget.available(0.05) == 10
    assert budget.available(60.0) == 200


@given(positions=st.lists(st.integers(0, 2**62), min_size=1, max_size=30))
async def test_an_id_gives_back_its_positions(positions: list[int]):
    view = _view("ri.a.b.c.v1", len(positions))

    text = event_id(view.view_rid, positions).decode()

    assert parse_event_id(text, view) == positions
    assert parse_event_id(text, _view("ri.a.b.c.v2", len(positions))) is None
    assert parse_event_id(text, _view("ri.a.b.c.v1", len(positions) + 1)) is None


def test_an_id_that_is_too_long_is_not_given():
    fits = [0] * ((ID_LENGTH_MAX - len("v1:") + 1) // 2)

    assert event_id(ViewRid("ri.a.b.c.v1"), fits)  # type: ignore[arg-type]  # a made-up RID
    assert event_id(ViewRid("ri.a.b.c.v1"), [*fits, 0]) == b""  # type: ignore[arg-type]  # same


@given(text=st.text(max_size=60) | st.text("0123456789,:v-٣²", max_size=60))
def test_any_text_is_an_id_or_is_not(text: str):
    parse_event_id(text, _view("ri.a.b.c.v1", 2))
    parse_event_id(f"v1:{text}", _view("ri.a.b.c.v1", 2))


def test_a_slow_client_loses_the_oldest_and_is_told_how_many():
    inbox = Inbox()
    inbox.positions = [0]
    for offset in range(6):
        inbox.put(burst(offset, INBOX_BYTES_MAX // 4, skipped=1))

    events = inbox.take()

    assert events.count(b"event: records") == 4
    assert b'"skipped":5,' in events.split(b"\n\n")[0]
    assert inbox.positions == [6]
    assert inbox.take() == b""


def test_what_waits_is_bounded_in_number_too():
    inbox = Inbox()
    inbox.positions = [0, 0]
    inbox.put(burst(0, 0, partition=1))
    for offset in range(INBOX_BURSTS_MAX):
        inbox.put(burst(offset, 0))

    events = inbox.take().split(b"\n\n")[:-1]

    assert len(events) == INBOX_BURSTS_MAX + 1
    assert events[-1].endswith(b'data: {"partition":1,"skipped":1,"records":[]}')


def test_an_event_larger_than_the_bound_is_kept():
    inbox = Inbox()
    inbox.positions = [0]

    inbox.put(burst(0, INBOX_BYTES_MAX * 2))

    assert inbox.take().count(b"event: records") == 1


async def test_a_view_that_nobody_watches_is_not_read(streams: Streams):
    view = await streams.create()
    hub = LiveHub(streams.log, ReadingSettings())

    async with asyncio.TaskGroup() as group:
        hub.start(group)
        first, second = Inbox(), Inbox()
        feed = await hub.join(view, first)
        assert await hub.join(view, second) is feed
        assert len(hub._feeds) == 1
        hub.leave(feed, first)
        hub.leave(feed, second)
        assert hub._feeds == {}
        assert hub._tasks == {}


async def test_a_watch_that_was_never_read_gives_its_place_back(streams: Streams):
    view = await streams.create()
    hub = LiveHub(streams.log, ReadingSettings(live_subscribers_max=1))

    async def look() -> View:
        return view

    async with asyncio.TaskGroup() as group:
        hub.start(group)
        watch, other = Watch(hub, look, None), Watch(hub, look, None)
        await watch.open(view, Start())
        with pytest.raises(OverloadedError):
            await other.open(view, Start())
        watch.close()
        watch.close()
        await other.open(view, Start())
        hub.close()
        assert [events async for events in other] == []
        assert hub._tasks == {}


async def test_nobody_is_let_in_once_it_is_closed(streams: Streams):
    view = await streams.create()
    hub = LiveHub(streams.log, ReadingSettings())

    async def look() -> View:
        return view

    with pytest.raises(OverloadedError):
        await Watch(hub, look, None).open(view, Start())


async def test_records_too_large_for_one_event_come_in_several(streams: Streams):
    view = await streams.create()
    hub = LiveHub(streams.log, ReadingSettings())
    await streams.append(view, *("x" * 200_000 for _ in range(3)))

    async def look() -> View:
        return view

    async with asyncio.TaskGroup() as group:
        hub.start(group)
        watch = Watch(hub, look, None)
        await watch.open(view, Start())
        await streams.append(view, *("y" * 200_000 for _ in range(3)))
        events = b""
        async for some in watch:
            events += some
            if events.count(b'"offset"') == 6:
                break
        watch.close()

    assert events.count(b"event: records") == 6
    assert b'"skipped":0' in events
    assert all(b'"skipped":%d' % count not in events for count in range(1, 6))


def _view(rid: str, partitions: int) -> View:
    return View(
        view_rid=ViewRid(rid),  # type: ignore[arg-type]  # a made-up RID
        dataset_rid=None,  # type: ignore[arg-type]  # not looked at
        branch_name="master",
        schema=None,  # type: ignore[arg-type]  # not looked at
        partitions=partitions,
        stream_type=None,  # type: ignore[arg-type]  # not looked at
        compressed=False,
        created_ms=0,
    )
