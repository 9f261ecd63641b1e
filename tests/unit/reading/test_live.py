"""The parts of the live tail: sampling, who is let in, feeds that end."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.streams import Streams, open_streams
from fixtures.watches import events_until, offsets_of, opened_hub, opened_watch, parse_events
from sluiceway.foundation.request_errors import OverloadedError
from sluiceway.reading.live.sampling import Budget, fair_shares
from sluiceway.reading.live.watch import Start
from sluiceway.reading.settings import ReadingSettings


@pytest.fixture
async def streams(tmp_path: Path) -> AsyncIterator[Streams]:
    async with open_streams(tmp_path) as opened:
        yield opened


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


async def test_a_view_that_nobody_watches_is_not_read(streams: Streams):
    view = await streams.create()

    async with opened_hub(streams.log) as hub:
        first = await opened_watch(hub, view)
        second = await opened_watch(hub, view)
        complete = await opened_watch(hub, view, Start(is_sampled=False))
        assert len(hub._feeds) == 2
        second.close()
        complete.close()
        assert len(hub._feeds) == 1
        first.close()

        assert hub._feeds == {}
        assert hub.permits._held == {}
        assert hub._clock is None


async def test_a_watch_that_was_never_read_gives_its_place_back(streams: Streams):
    view = await streams.create()

    async with opened_hub(streams.log, ReadingSettings(live_subscribers_max=1)) as hub:
        watch = await opened_watch(hub, view)
        with pytest.raises(OverloadedError):
            await opened_watch(hub, view)
        watch.close()
        watch.close()
        other = await opened_watch(hub, view)
        hub.stop()

        (end,) = parse_events(b"".join([events async for events in other]))[1:]
        assert (end.name, end.data) == (
            "end",
            {"cause": "serverStopping", "retryable": True, "error": None},
        )
        other.close()
        assert hub._feeds == {}


async def test_nobody_is_let_in_once_it_is_closed(streams: Streams):
    view = await streams.create()

    async with opened_hub(streams.log) as hub:
        hub.stop()

        with pytest.raises(OverloadedError):
            await opened_watch(hub, view)


@pytest.mark.parametrize("is_sampled", [True, False])
async def test_records_too_large_for_one_event_come_in_several(
    streams: Streams, *, is_sampled: bool
):
    view = await streams.create()
    await streams.append(view, *("x" * 200_000 for _ in range(3)))

    async with opened_hub(streams.log) as hub:
        watch = await opened_watch(hub, view, Start(is_sampled=is_sampled))
        await streams.append(view, *("y" * 200_000 for _ in range(3)))
        events = await events_until(watch, lambda events: offsets_of(events)[-1:] == [5])
        watch.close()

    records = [event for event in events if event.name == "records"]
    assert len(records) == 6
    assert [event.data["skipped"] for event in records] == [0] * 6
    assert offsets_of(events) == [0, 1, 2, 3, 4, 5]
