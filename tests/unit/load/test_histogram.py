"""The histogram of times: what it forgets is under one percent."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluiceway.load.histogram import Histogram

times = st.lists(st.floats(0, 86_400, allow_nan=False), min_size=1, max_size=50)


def filled(values: list[float]) -> Histogram:
    histogram = Histogram()
    for value in values:
        histogram.add(value)
    return histogram


@given(times, st.floats(0.1, 100))
def test_a_percentile_is_at_most_a_128th_above_the_true_one(
    values: list[float], percent: float
) -> None:
    true = sorted(values)[max(math.ceil(len(values) * percent / 100), 1) - 1]

    found = filled(values).percentile(percent)

    assert found is not None
    assert true - 1e-6 <= found <= true * (1 + 1 / 128) + 1.1e-6


@given(times)
def test_the_longest_is_exact(values: list[float]) -> None:
    assert filled(values).max_seconds == max(values)
    assert filled(values).percentile(100) == pytest.approx(max(values), abs=1e-6)


def test_nothing_counted_has_no_percentile() -> None:
    assert Histogram().percentile(50) is None


def test_a_time_that_is_no_time_counts_as_none_and_one_without_end_as_a_day() -> None:
    histogram = filled([-1.0, 1e12])

    assert histogram.percentile(50) == pytest.approx(0, abs=1.1e-6)
    assert histogram.percentile(100) == pytest.approx(86_400, rel=0.01)
    assert len(histogram._buckets) < 5_000


def test_many_at_once_count_as_many() -> None:
    histogram = filled([0.001])
    histogram.add(0.1, 9)

    assert histogram.count == 10
    assert histogram.percentile(10) == pytest.approx(0.001, rel=0.01)
    assert histogram.percentile(11) == pytest.approx(0.1, rel=0.01)
