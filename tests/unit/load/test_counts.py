"""What became of requests: failures by name, a bound on names, those that were never sent."""

import pytest

from sluiceway.load.counts import Counts


def test_answers_are_counted_by_status_and_name_with_the_first_description() -> None:
    counts = Counts()

    counts.answer(204, b"", 0.002, 0.001)
    counts.answer(429, b'{"errorName": "Much", "errorDescription": "first"}', 0.5, 0.5)
    counts.answer(429, b'{"errorName": "Much", "errorDescription": "second"}', 0.5, 0.5)
    counts.answer(502, b"<html>", 0.5, 0.5)

    assert (counts.accepted, counts.failed) == (1, 3)
    assert counts.failures == {"429 Much": 2, "502": 1}
    assert counts.descriptions == {"429 Much": "first"}
    assert (counts.latency.count, counts.latency.max_seconds) == (1, 0.002)
    assert (counts.answering.count, counts.answering.max_seconds) == (1, 0.001)


@pytest.mark.parametrize(("names", "others"), [(32, None), (33, 1), (40, 8)])
def test_only_so_many_names_are_kept(names: int, others: int | None) -> None:
    counts = Counts()

    for number in range(names):
        counts.fail(f"name {number}", "x" * 10_000)

    assert counts.failures.get("other") == others
    assert counts.failed == names
    assert max(map(len, counts.descriptions.values())) == 500


@pytest.mark.parametrize("requests", [1, 10, 1_000, 1_000_003])
def test_what_was_never_sent_counts_with_the_time_for_which_it_waited(requests: int) -> None:
    counts = Counts()

    counts.leave_unsent(requests, 2.0)

    assert counts.unsent == counts.latency.count == requests
    assert counts.latency.max_seconds == 2.0
    if requests > 1:
        assert counts.latency.percentile(50) == pytest.approx(1, rel=0.11)
