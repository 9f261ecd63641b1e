"""What waits for a watcher: bounds, what a slow one misses, ids that say what was told."""

import pytest

from fixtures.watches import parse_events
from sluiceway.foundation.rids import ViewRid
from sluiceway.reading.live.bursts import Burst
from sluiceway.reading.live.inbox import (
    INBOX_BURSTS_MAX,
    INBOX_BYTES_MAX,
    TAKE_BYTES_MAX,
    Inbox,
)
from sluiceway.streams.log import StoredRecord

VIEW = ViewRid("ri.a.b.c.v1")  # type: ignore[arg-type]  # a made-up RID


class FeedOf:
    """Makes the bursts of a feed."""

    def __init__(self, *positions: int) -> None:
        self.positions = list(positions)

    def burst(self, partition: int = 0, *, skipped: int = 0, size: int = 10, count: int = 1):
        start = self.positions[partition]
        first = start + skipped
        records = [StoredRecord(first + n, b'"' + b"x" * size + b'"', 0) for n in range(count)]
        self.positions[partition] = first + count
        return Burst(VIEW, partition, start, records, self.positions)


def taken(inbox: Inbox) -> list[tuple[str, int, int, list[int]]]:
    """Take all; give id, partition, skipped and offsets of each event."""
    found = []
    while data := inbox.take():
        for event in parse_events(data):
            offsets = [record["offset"] for record in event.data["records"]]
            found.append((event.id, event.data["partition"], event.data["skipped"], offsets))
    return found


def inbox_of(feed: FeedOf, **options) -> Inbox:
    return Inbox(VIEW, list(feed.positions), feed.positions, wake=lambda: None, **options)


def test_who_is_not_slow_gets_the_bytes_that_all_get():
    feed = FeedOf(0, 0)
    first, second = inbox_of(feed), inbox_of(feed)
    burst = feed.burst(1)
    for inbox in (first, second):
        inbox.put(burst)

    assert first.take() is second.take() is burst.event
    assert first.told == [0, 1]


def test_who_watches_one_partition_gets_ids_of_it_alone():
    feed = FeedOf(3, 0)
    first, second = inbox_of(feed, partition=0), inbox_of(feed, partition=0)
    bursts = [feed.burst(0), feed.burst(1)]
    for inbox in (first, second):
        for burst in bursts:
            inbox.put(burst)

    event = first.take()
    assert event is second.take()
    assert event.startswith(b"id: v1:0=4\n")


def test_a_slow_client_loses_the_oldest_and_is_told_how_many_first():
    feed = FeedOf(0)
    inbox = inbox_of(feed)
    for _ in range(6):
        inbox.put(feed.burst(skipped=1, size=INBOX_BYTES_MAX // 4 - 200))

    assert taken(inbox) == [
        ("v1:4", 0, 4, []),
        ("v1:6", 0, 1, [5]),
        ("v1:8", 0, 1, [7]),
        ("v1:10", 0, 1, [9]),
        ("v1:12", 0, 1, [11]),
    ]
    assert inbox.told == [12]


def test_an_id_never_passes_what_was_left_out_of_another_partition():
    feed = FeedOf(0, 0)
    inbox = inbox_of(feed)
    for number in (0, 1, 0, 1, 1):
        inbox.put(feed.burst(number, size=INBOX_BYTES_MAX // 2 - 200))

    assert taken(inbox) == [
        ("v1:2,0", 0, 2, []),
        ("v1:2,1", 1, 1, []),
        ("v1:2,2", 1, 0, [1]),
        ("v1:2,3", 1, 0, [2]),
    ]


def test_what_waits_is_bounded_in_number_too():
    feed = FeedOf(0, 0)
    inbox = inbox_of(feed)
    inbox.put(feed.burst(1, size=0))
    for _ in range(INBOX_BURSTS_MAX):
        inbox.put(feed.burst(0, size=0))

    found = taken(inbox)

    assert len(found) == INBOX_BURSTS_MAX + 1
    assert found[0] == ("v1:0,1", 1, 1, [])


def test_the_bytes_of_ids_count():
    feed = FeedOf(*[10**9] * 256)
    inbox = inbox_of(feed)
    burst = feed.burst(0, size=0)
    fit = INBOX_BYTES_MAX // len(burst.event)
    inbox.put(burst)
    for _ in range(fit - 1):
        inbox.put(feed.burst(0, size=0))
    assert not inbox._missed

    inbox.put(feed.burst(0, size=0))

    assert fit < INBOX_BURSTS_MAX
    assert inbox._missed == {0: (1, 10**9 + 1)}


def test_an_event_larger_than_the_bound_is_kept():
    feed = FeedOf(0)
    inbox = inbox_of(feed)

    inbox.put(feed.burst(size=INBOX_BYTES_MAX * 2))

    assert [offsets for *_, offsets in taken(inbox)] == [[0]]


def test_much_is_taken_in_parts():
    feed = FeedOf(0)
    inbox = inbox_of(feed)
    for _ in range(4):
        inbox.put(feed.burst(size=TAKE_BYTES_MAX // 2 - 200))

    assert len(inbox.take()) <= TAKE_BYTES_MAX
    assert inbox.told == [2]
    assert len(inbox.take()) <= TAKE_BYTES_MAX
    assert inbox.told == [4]


def test_where_nothing_may_be_left_out_too_much_is_an_end():
    feed = FeedOf(0)
    bursts = [feed.burst(size=1_000), feed.burst(size=1_000)]
    bytes_max = sum(len(burst.event) for burst in bursts)
    fits, less = (
        Inbox(VIEW, [0], [0], wake=lambda: None, is_complete=True, bytes_max=most)
        for most in (bytes_max, bytes_max - 1)
    )
    for burst in bursts:
        fits.put(burst)
        less.put(burst)

    assert not fits.has_overflowed
    assert [offsets for *_, offsets in taken(fits)] == [[0], [1]]
    assert less.has_overflowed
    assert less.take() == b""
    assert less.told == [0]
    less.put(feed.burst())
    assert less.take() == b""


@pytest.mark.parametrize("partition", [None, 0])
def test_who_is_ahead_of_the_feed_gets_nothing_twice(partition: int | None):
    feed = FeedOf(5, 5)
    inbox = Inbox(VIEW, [8, 5], feed.positions, wake=lambda: None, partition=partition)
    inbox.put(feed.burst(0, count=2))
    inbox.put(feed.burst(1))
    inbox.put(feed.burst(0, count=3))
    inbox.put(feed.burst(0))

    found = [(name, offsets) for name, number, _, offsets in taken(inbox) if number == 0]

    names = ["v1:10,6", "v1:11,6"] if partition is None else ["v1:0=10", "v1:0=11"]
    assert found == list(zip(names, [[8, 9], [10]], strict=True))
    assert inbox.told[0] == 11
