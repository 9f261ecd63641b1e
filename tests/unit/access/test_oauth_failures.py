"""How failed authentications are counted."""

import pytest

from fixtures.access import TurnableClock
from sluiceway.access.oauth.failures import (
    ENTRIES_MAX,
    FAILURES_PER_WINDOW_MAX,
    WINDOW_MS,
    FailedAuthentications,
)


@pytest.fixture
def clock() -> TurnableClock:
    return TurnableClock()


@pytest.fixture
def failures(clock: TurnableClock) -> FailedAuthentications:
    return FailedAuthentications(clock)


def exhaust(failures: FailedAuthentications, client_id: str = "id") -> None:
    for _ in range(FAILURES_PER_WINDOW_MAX):
        assert failures.count(client_id, "127.0.0.1") is None


def test_failures_past_the_limit_must_wait_until_the_window_ends(
    failures: FailedAuthentications, clock: TurnableClock
) -> None:
    exhaust(failures)
    clock.time_ms += 999

    assert failures.count("id", "127.0.0.1") == 60


def test_a_new_window_starts_afresh(failures: FailedAuthentications, clock: TurnableClock) -> None:
    exhaust(failures)

    clock.time_ms += WINDOW_MS - 1
    assert failures.count("id", "127.0.0.1") == 1
    clock.time_ms += 1

    exhaust(failures)


def test_other_clients_and_other_addresses_are_counted_apart(
    failures: FailedAuthentications,
) -> None:
    exhaust(failures)

    assert failures.count("other", "127.0.0.1") is None
    assert failures.count("id", "127.0.0.2") is None


def test_memory_is_bounded_and_the_oldest_is_forgotten(failures: FailedAuthentications) -> None:
    exhaust(failures)

    for number in range(ENTRIES_MAX):
        failures.count(f"{number}", "x" * 10_000)

    assert len(failures.windows) == ENTRIES_MAX
    assert failures.count("id", "127.0.0.1") is None
