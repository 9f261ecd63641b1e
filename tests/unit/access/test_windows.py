"""Counting in windows: what the limits on failures stand on."""

import pytest

from fixtures.access import TurnableClock
from sluiceway.access.windows import KEY_LENGTH_MAX, CountingWindows


@pytest.fixture
def clock() -> TurnableClock:
    return TurnableClock()


@pytest.fixture
def windows(clock: TurnableClock) -> CountingWindows:
    return CountingWindows(clock, window_ms=10_000, entries_max=3)


def test_a_window_counts_until_it_ends_and_then_begins_afresh(
    windows: CountingWindows, clock: TurnableClock
) -> None:
    assert [windows.count("user", "a") for _ in range(3)] == [1, 2, 3]

    clock.time_ms += 9_999
    assert (windows.counted("user", "a"), windows.seconds_left("user", "a")) == (3, 1)
    clock.time_ms += 1

    assert (windows.counted("user", "a"), windows.seconds_left("user", "a")) == (0, 0)
    assert windows.count("user", "a") == 1


def test_other_keys_are_counted_apart(windows: CountingWindows) -> None:
    windows.count("user", "a")

    assert windows.counted("user", "b") == 0
    assert windows.counted("origin", "a") == 0


def test_what_is_taken_back_or_forgotten_does_not_count(windows: CountingWindows) -> None:
    windows.count("user", "a")
    windows.count("user", "a")

    windows.take_back("user", "a")
    assert windows.counted("user", "a") == 1
    windows.take_back("user", "a")
    windows.take_back("user", "a")
    assert windows.counted("user", "a") == 0
    windows.count("user", "a")
    windows.forget("user", "a")

    assert windows.counted("user", "a") == 0


def test_the_oldest_key_is_forgotten_over_the_limit(
    windows: CountingWindows, clock: TurnableClock
) -> None:
    for name in "abc":
        windows.count("user", name)
        clock.time_ms += 1

    windows.count("user", "d")

    assert len(windows) == 3
    assert [windows.counted("user", name) for name in "abcd"] == [0, 1, 1, 1]


def test_of_a_long_key_only_the_beginning_is_remembered(windows: CountingWindows) -> None:
    windows.count("user", "a" * KEY_LENGTH_MAX)

    assert windows.count("user", "a" * (KEY_LENGTH_MAX + 1)) == 2
    assert windows.count("user", "a" * (KEY_LENGTH_MAX - 1)) == 1
