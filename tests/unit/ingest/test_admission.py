"""What may be in flight at once."""

import pytest

from sluiceway.foundation.request_errors import OverloadedError, RequestEntityTooLargeError
from sluiceway.ingest.admission import REQUEST_BYTES, InflightBudget


def test_a_request_that_is_alone_may_be_as_large_as_any_may_be() -> None:
    budget = InflightBudget(bytes_max=1_000, request_bytes_max=1_000)

    taken = budget.take(600) + budget.take(400, of=600)

    assert taken == budget.taken_bytes == 1_000 + REQUEST_BYTES
    with pytest.raises(RequestEntityTooLargeError):
        budget.take(1, of=1_000)
    with pytest.raises(OverloadedError):
        budget.take(1)
    budget.give_back(taken)
    assert budget.taken_bytes == 0


def test_what_does_not_fit_takes_nothing() -> None:
    budget = InflightBudget(bytes_max=10_000, request_bytes_max=10_000)
    budget.take(9_000)
    before = budget.taken_bytes

    with pytest.raises(OverloadedError):
        budget.take(1_001)

    assert budget.taken_bytes == before
    budget.take(1_000)


def test_many_small_requests_are_not_small_together() -> None:
    budget = InflightBudget(bytes_max=100 * REQUEST_BYTES, request_bytes_max=1_000)
    taken = 0
    with pytest.raises(OverloadedError):
        while True:
            budget.take(1)
            taken += 1

    assert 99 <= taken <= 101
