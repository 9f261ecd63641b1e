"""Whose turn it is to be archived, and how far archiving is behind."""

import pytest

from sluiceway.archive.waiting import Waiting
from sluiceway.foundation.rids import ViewRid, new_view_rid

A, B, C = new_view_rid(), new_view_rid(), new_view_rid()


class Now:
    time = 100.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def waiting(now: Now) -> Waiting:
    return Waiting(5, 1_000, now)


def taken(waiting: Waiting) -> list[ViewRid]:
    found = []
    while (view := waiting.take()) is not None:
        found.append(view)
    return found


def test_records_are_taken_at_their_age_and_not_before(waiting: Waiting, now: Now) -> None:
    waiting.seen(A, {0: 1})

    now.time += 4.9
    assert taken(waiting) == []
    now.time += 0.1
    assert taken(waiting) == [A]


def test_enough_bytes_do_not_wait_for_their_age(waiting: Waiting) -> None:
    waiting.record_bytes = {A: 10.0, B: 10.0}

    waiting.seen(A, {0: 60, 1: 39})
    waiting.seen(B, {0: 60, 1: 40})

    assert taken(waiting) == [B]


def test_who_waits_longest_is_first(waiting: Waiting, now: Now) -> None:
    waiting.seen(B, {0: 1})
    now.time += 1
    waiting.seen(A, {0: 9})
    waiting.seen(B, {0: 9})
    now.time += 5

    assert taken(waiting) == [B, A]


def test_a_view_is_with_one_at_a_time(waiting: Waiting, now: Now) -> None:
    waiting.seen(A, {0: 1})
    now.time += 5
    assert taken(waiting) == [A]
    assert taken(waiting) == []

    waiting.done(A)

    assert taken(waiting) == [A]


def test_what_a_commit_left_keeps_its_age(waiting: Waiting, now: Now) -> None:
    waiting.seen(A, {0: 10})
    now.time += 5
    taken(waiting)

    waiting.moved(A, {0: 4}, {0: 10})
    waiting.done(A)

    assert (waiting.lag_records, waiting.lag_seconds) == (6, 5.0)
    assert taken(waiting) == [A]


def test_what_a_commit_left_is_as_old_as_the_log_says(waiting: Waiting, now: Now) -> None:
    waiting.record_bytes = {A: 1.0}
    waiting.seen(A, {0: 2_000})
    now.time += 60
    taken(waiting)

    waiting.moved(A, {0: 1_500}, {0: 2_000}, left_seconds=3.0)
    waiting.done(A)

    assert (waiting.lag_records, waiting.lag_seconds) == (500, 3.0)
    assert taken(waiting) == []
    now.time += 2
    assert taken(waiting) == [A]


def test_who_gets_more_than_can_be_archived_takes_turns_with_the_others(
    waiting: Waiting, now: Now
) -> None:
    turns = []
    for turn in range(1, 10):
        waiting.seen(A, {0: 100 * turn})
        waiting.seen(B, {0: 100 * turn})
        if turn == 3:
            waiting.seen(C, {0: 1})
        now.time += 5
        view = waiting.take()
        assert view is not None
        turns.append(view)
        end = waiting.archived.get(view, {}).get(0, 0) + 1
        waiting.moved(view, {0: end}, {0: 1 if view == C else 100 * turn})
        waiting.done(view)

    assert turns == [A, B, A, B, C, A, B, A, B]
    assert waiting.lag_seconds == 45.0
    assert waiting.behind_seconds(B) == 45.0


def test_nothing_waits_once_all_is_archived(waiting: Waiting, now: Now) -> None:
    waiting.seen(A, {0: 10})
    now.time += 5
    taken(waiting)

    waiting.moved(A, {0: 10}, {0: 10})
    waiting.done(A)

    assert (waiting.lag_records, waiting.lag_seconds) == (0, 0.0)
    assert taken(waiting) == []


def test_a_failure_is_tried_again_later_each_time_up_to_a_minute(
    waiting: Waiting, now: Now
) -> None:
    waiting.seen(A, {0: 1})
    now.time += 5
    waits = []
    for _ in range(9):
        assert taken(waiting) == [A]
        waiting.failed(A, "the disk is full")
        waiting.done(A)
        began = now.time
        while waiting.take() is None:
            now.time += 0.5
        waiting.done(A)
        waits.append(now.time - began)

    assert waits == [0.5, 1, 2, 4, 8, 16, 32, 60, 60]
    assert waiting.failing == (1, "the disk is full")
    waiting.moved(A, {0: 1}, {0: 1})
    assert waiting.failing is None


def test_a_view_that_fails_holds_up_no_other(waiting: Waiting, now: Now) -> None:
    waiting.seen(A, {0: 1})
    waiting.seen(B, {0: 1})
    now.time += 5
    waiting.take()
    waiting.failed(A, "the table is damaged")
    waiting.done(A)

    assert taken(waiting) == [B]


def test_what_is_no_active_view_is_looked_at_once(waiting: Waiting, now: Now) -> None:
    waiting.seen(A, {0: 1})
    now.time += 5
    waiting.take()
    waiting.skip(A)
    waiting.done(A)

    waiting.seen(A, {0: 2})

    assert waiting.lag_records == 0


def test_views_that_are_gone_are_forgotten(waiting: Waiting) -> None:
    waiting.archived[A] = {0: 1}
    waiting.seen(A, {0: 2})
    waiting.seen(B, {0: 2})

    waiting.retain({B})

    assert waiting.lag_records == 2
    assert waiting.archived == {}
