"""How long a client is waited for, with a clock to turn."""

import pytest

from sluiceway.ingest.patience import Patience, Slowness, Wait

STALL, HEAD, RATE = 10, 25, 100
PATIENCE = Patience(STALL, HEAD, RATE, STALL, RATE)


def begun(size: int = 1, patience: Patience = PATIENCE) -> Wait:
    wait = Wait(patience)
    wait.begin()
    wait.hear(size, 0.0)
    return wait


def is_too_slow(wait: Wait, now: float, *, is_head: bool) -> bool:
    return wait.left(now, is_head=is_head)[0] <= 0


@pytest.mark.parametrize("is_head", [True, False])
def test_silence_is_borne_for_so_long(*, is_head: bool) -> None:
    wait = begun(patience=Patience(STALL, HEAD, 0, STALL, RATE))

    assert not is_too_slow(wait, STALL - 0.01, is_head=is_head)
    assert wait.left(float(STALL), is_head=is_head) == (0.0, Slowness.STALLED)


def test_a_head_that_comes_byte_by_byte_is_borne_for_so_long() -> None:
    wait = begun()
    for now in range(1, HEAD):
        wait.hear(1, float(now))

    assert not is_too_slow(wait, HEAD - 0.01, is_head=True)
    assert wait.left(float(HEAD), is_head=True) == (0.0, Slowness.SLOW_HEAD)


def body(bytes_per_second: int, seconds: int) -> tuple[float, Slowness]:
    """Send a body, look whenever the wait asks for it; give the last look."""
    wait, look_at = begun(), 0.0
    last = wait.left(0.0, is_head=False)
    for tick in range(1, seconds * 10 + 1):
        now = tick / 10
        wait.hear(bytes_per_second // 10, now)
        if now >= look_at:
            last = wait.left(now, is_head=False)
            if last[0] <= 0:
                break
            look_at = now + last[0]
    return last


def test_a_body_of_the_least_rate_may_take_any_time() -> None:
    assert body(RATE, 600)[0] > 0


def test_a_slower_body_is_not_waited_for() -> None:
    left, why = body(RATE - 10, 600)

    assert left <= 0
    assert why is Slowness.SLOW_BODY


def test_a_body_that_came_fast_at_first_has_to_go_on() -> None:
    wait = begun()
    wait.hear(10**9, 1.0)
    assert not is_too_slow(wait, float(STALL), is_head=False)

    for now in range(STALL + 1, 2 * STALL + 1):
        wait.hear(1, float(now))

    assert is_too_slow(wait, 2.0 * STALL, is_head=False)


def test_without_a_least_rate_a_byte_now_and_then_is_enough() -> None:
    wait = begun(patience=Patience(STALL, HEAD, 0, STALL, RATE))

    for now in range(9, 900, 9):
        wait.hear(1, float(now))
        assert not is_too_slow(wait, float(now), is_head=False)


def test_the_time_in_which_nothing_was_read_does_not_count() -> None:
    wait = begun()
    wait.forgive(100.0)

    assert not is_too_slow(wait, 100.0, is_head=True)
    assert not is_too_slow(wait, 100.0 + STALL - 0.01, is_head=False)


def test_each_head_and_each_body_is_waited_for_anew() -> None:
    wait = begun()
    wait.begin()
    wait.hear(1, HEAD - 1.0)

    assert not is_too_slow(wait, HEAD + 5.0, is_head=True)


@pytest.mark.parametrize(
    ("rate", "taken", "is_slow"),
    [(RATE, RATE * STALL, False), (RATE, RATE * STALL - 1, True), (0, 1, False), (0, 0, True)],
)
def test_an_answer_is_taken_at_a_least_rate(rate: int, taken: int, *, is_slow: bool) -> None:
    patience = Patience(1, 1, 1, STALL, rate)

    assert patience.is_taken_too_slowly(taken) == is_slow
