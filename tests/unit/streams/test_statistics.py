"""Statistics: buckets that roll with a hand-set clock, percentiles, bounds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluiceway.access.errors import InvalidTokenError
from sluiceway.foundation.request_errors import (
    InvalidArgumentError,
    OverloadedError,
    PermissionDeniedError,
)
from sluiceway.foundation.rids import new_dataset_rid, new_view_rid
from sluiceway.schema.types import StreamSchema
from sluiceway.streams.log import Batch
from sluiceway.streams.log_errors import LogOutcomeUnknownError
from sluiceway.streams.meters import (
    COARSE_MS,
    FINE_MS,
    LATENCY_BOUNDS_MS,
    Refusal,
    percentile_ms,
)
from sluiceway.streams.statistics import Numbers, StreamStatistics, Window, refusal_of
from sluiceway.streams.types import StreamType, View

START_MS = 1_800_000_000_000
"""A multiple of both lengths of buckets."""
MINUTES = Window(FINE_MS, 30)
HOUR = Window(FINE_MS, 360)
DAY = Window(COARSE_MS, 288)


class HandClock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.ms = START_MS

    def now_ms(self) -> int:
        return self.ms

    def monotonic(self) -> float:
        return self.ms / 1_000


class World:
    """Statistics with a hand-set clock."""

    def __init__(self, streams_max: int = 10) -> None:
        self.clock = HandClock()
        self.statistics = StreamStatistics(self.clock, streams_max, self.clock.monotonic)

    def store(self, view: View, *counts: int, latency_ms: float = 1.0) -> None:
        batches = [Batch(view.view_rid, p, n, b"x" * 10 * n) for p, n in enumerate(counts)]
        self.statistics.stored(view, batches, self.clock.monotonic() - latency_ms / 1_000)


def view_of(partitions: int = 1) -> View:
    return View(
        view_rid=new_view_rid(),
        dataset_rid=new_dataset_rid(),
        branch_name="master",
        schema=StreamSchema(fields=[]),
        partitions=partitions,
        stream_type=StreamType.LOW_LATENCY,
        compressed=False,
        created_ms=START_MS,
    )


def records(numbers: Numbers) -> dict[int, int]:
    """Give the records of each bucket, counted from the window's first."""
    return {one.index - numbers.first_index: one.records for one in numbers.buckets}


def test_what_happens_is_in_the_last_bucket_at_once():
    world, view = World(), view_of(2)

    world.store(view, 3, 4)

    numbers = world.statistics.numbers(view, MINUTES)
    (bucket,) = numbers.buckets
    assert (bucket.requests, bucket.records, bucket.bytes) == (1, 7, 70)
    assert records(numbers) == {29: 7}
    assert numbers.partitions == (3, 4)
    assert numbers.since_ms == START_MS


@pytest.mark.parametrize(("at_ms", "place"), [(9_999, 29), (10_000, 28), (299_999, 0)])
def test_a_bucket_moves_back_as_time_goes_by(at_ms: int, place: int):
    world, view = World(), view_of()
    world.store(view, 1)

    world.clock.ms += at_ms

    assert records(world.statistics.numbers(view, MINUTES)) == {place: 1}


def test_what_is_older_than_the_window_is_left_out_of_it():
    world, view = World(), view_of()
    world.store(view, 1)

    world.clock.ms += 300_000

    assert records(world.statistics.numbers(view, MINUTES)) == {}
    assert records(world.statistics.numbers(view, HOUR)) == {329: 1}
    assert records(world.statistics.numbers(view, DAY)) == {286: 1}


def test_buckets_of_five_minutes_are_the_sum_of_those_of_ten_seconds():
    world, view = World(), view_of()
    for _ in range(90):
        world.store(view, 2)
        world.clock.ms += 10_000

    fine = world.statistics.numbers(view, HOUR)
    coarse = world.statistics.numbers(view, DAY)

    assert records(fine) == dict.fromkeys(range(269, 359), 2)
    assert records(coarse) == {284: 60, 285: 60, 286: 60}


def test_the_open_five_minutes_have_what_is_not_yet_closed():
    world, view = World(), view_of()
    for _ in range(3):
        world.store(view, 1)
        world.statistics.refused(view, InvalidArgumentError("no"))
        world.clock.ms += 7_000

    numbers = world.statistics.numbers(view, DAY)

    assert records(numbers) == {287: 3}
    assert numbers.refusals == [(numbers.first_index + 287, {Refusal.BODY: 3})]
    assert records(world.statistics.numbers(view, DAY)) == {287: 3}


def test_a_day_is_kept_and_no_more():
    world, view = World(), view_of()
    for _ in range(400):
        world.store(view, 1)
        world.clock.ms += COARSE_MS

    assert len(world.statistics.numbers(view, DAY).buckets) == 287
    assert len(list(world.statistics._meters[view.view_rid].today.buckets())) == 288


def test_refusals_are_counted_by_reason_where_they_happened():
    world, view = World(), view_of()
    world.statistics.refused(view, InvalidArgumentError("no"))
    world.statistics.refused(view, InvalidArgumentError("no"))
    world.clock.ms += 10_000
    world.statistics.refused(view, PermissionDeniedError("no"))

    numbers = world.statistics.numbers(view, MINUTES)

    first = numbers.first_index
    assert numbers.refusals == [
        (first + 28, {Refusal.BODY: 2}),
        (first + 29, {Refusal.PERMISSION: 1}),
    ]
    assert records(numbers) == {}


def test_a_clock_that_is_put_back_loses_nothing():
    world, view = World(), view_of()
    world.store(view, 1)

    world.clock.ms -= 60_000
    world.store(view, 1)
    world.clock.ms += 60_000
    world.store(view, 1)

    assert records(world.statistics.numbers(view, MINUTES)) == {29: 3}


def test_the_stream_that_was_least_recently_published_to_is_dropped():
    world = World(streams_max=2)
    first, second, third = view_of(), view_of(), view_of()
    world.store(first, 1)
    world.store(second, 1)
    world.clock.ms += 10_000
    world.store(first, 1)

    world.store(third, 1)

    known = [world.statistics.numbers(view, MINUTES).since_ms for view in (first, second, third)]
    assert known == [START_MS, None, START_MS + 10_000]


@pytest.mark.parametrize(
    ("error", "refusal"),
    [
        (InvalidArgumentError("no"), Refusal.BODY),
        (PermissionDeniedError("no"), Refusal.PERMISSION),
        (OverloadedError("it"), Refusal.OVERLOAD),
        (LogOutcomeUnknownError("it"), Refusal.UNAVAILABLE),
        (InvalidTokenError(), Refusal.OTHER),
        (ValueError(), Refusal.OTHER),
    ],
)
def test_the_reasons_are_few(error: Exception, refusal: Refusal):
    assert refusal_of(error) is refusal


def test_nothing_has_no_percentile():
    assert percentile_ms([0] * 26, 0.5) is None


def test_what_is_slower_than_all_classes_is_at_the_last_bound():
    world, view = World(), view_of()
    world.store(view, 1, latency_ms=60_000)

    (bucket,) = world.statistics.numbers(view, MINUTES).buckets

    assert (bucket.p50_ms, bucket.p99_ms) == (4_096, 4_096)


@given(
    latencies=st.lists(st.floats(0.01, 4_000), min_size=1, max_size=200),
    share=st.sampled_from([0.5, 0.99]),
)
def test_a_percentile_is_in_the_class_of_the_true_one(latencies: list[float], share: float):
    classes = [0] * (len(LATENCY_BOUNDS_MS) + 1)
    for latency in latencies:
        classes[sum(bound <= latency for bound in LATENCY_BOUNDS_MS)] += 1
    ranked = sorted(latencies)
    true = ranked[max(0, -int(-share * len(ranked) // 1) - 1)]

    found = percentile_ms(classes, share)

    place = sum(bound <= true for bound in LATENCY_BOUNDS_MS)
    low = LATENCY_BOUNDS_MS[place - 1] if place else 0
    assert found is not None
    assert low <= found <= LATENCY_BOUNDS_MS[place]
