"""Medians over episodes."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.scoring.bootstrap import median_interval, quantile
from simulator.scoring.measures import delay

SECONDS = [31.0, 44.0, 58.0, 61.0, 75.0, 90.0, 112.0, 140.0, 180.0, 260.0, 410.0, 900.0]


def test_one_episode_has_a_time_but_no_interval():
    found = delay([252.0])

    assert (found.median, found.low, found.high, found.p90, found.episodes) == (252.0, None, None, None, 1)


def test_the_interval_holds_the_median_and_lies_within_what_was_seen():
    low, high = median_interval(SECONDS)

    assert 31 <= low < 101 < high <= 900
    assert median_interval(SECONDS) == (low, high)


def test_the_order_of_the_episodes_does_not_matter():
    assert median_interval(SECONDS[::-1]) == median_interval(SECONDS)


def test_equal_times_have_an_interval_without_width():
    assert median_interval([60.0] * 8) == (60.0, 60.0)


def test_a_miss_counts_as_never_and_does_not_shorten_the_median():
    found = delay([10.0, 20.0, inf])

    assert (found.median, found.episodes) == (20.0, 2)
    assert delay([10.0, inf, inf]).median is None


def test_misses_leave_the_upper_end_of_the_interval_open():
    low, high = median_interval([10.0, 20.0, 30.0, 40.0, inf, inf, inf])

    assert low is not None
    assert high is None


@given(st.lists(st.floats(0, 1e6), min_size=5, max_size=30))
def test_an_interval_is_always_ordered_and_within_the_values(values):
    low, high = median_interval(values)

    assert min(values) <= low <= high <= max(values)


def test_quantiles_are_interpolated():
    assert quantile([1.0, 2.0, 3.0, 4.0], 0.5) == pytest.approx(2.5)
    assert quantile([], 0.5) is None
