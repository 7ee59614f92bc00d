"""Windows that slide over a run: when less than the target was good in one, held against counting by hand."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.scoring.windows import Goal, bin_length, swept

SECOND = 1_000_000_000
MINUTE = 60 * SECOND
DAY = 86_400 * SECOND


def goal(target=0.9, bins=3, least=1):
    return Goal(target, bins * SECOND, least, 30 * DAY, SECOND)


def sweep(events, bad, of):
    return swept(np.array(events, np.int64), np.array(bad, np.int64), of)


def by_hand(events, bad, of, target):
    """Return what ``swept`` should, event by event, bin by bin, in exact fractions."""
    state, violations, worst = False, [], None
    for last in range(len(events)):
        window = range(max(0, last - of.bins + 1), last + 1)
        told = [good for number in window for good in [False] * bad[number] + [True] * (events[number] - bad[number])]
        if len(told) >= of.least:
            share = Fraction(sum(told), len(told))
            if worst is None or share < worst[0]:
                worst = (share, last)
            now = share < target and told.count(False) > 1
            if now and not state:
                violations.append([last, None])
            if state and not now:
                violations[-1][1] = last
            state = now
    return tuple(map(tuple, violations)), worst


@given(
    counts=st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=1, max_size=60),
    bins=st.integers(1, 70),
    least=st.integers(1, 30),
    thousandths=st.integers(1, 999),
)
def test_violations_are_those_that_one_counts_by_hand(counts, bins, least, thousandths):
    events, bad = [sum(each) for each in counts], [each[1] for each in counts]
    of = goal(thousandths / 1000, bins, least)

    found = sweep(events, bad, of)

    violations, worst = by_hand(events, bad, of, Fraction(thousandths, 1000))
    assert found.violations == violations
    assert (found.worst is None) == (worst is None)
    if worst is not None:
        assert 1 - Fraction(found.worst_bad, found.worst_events) == worst[0]


def test_a_share_just_at_the_target_is_no_violation():
    assert sweep([1000], [1], goal(0.999)).violations == ()
    assert sweep([1000], [2], goal(0.999)).violations == ((0, None),)
    assert sweep([10], [1], goal(0.9)).violations == ()  # 1 - 0.9 is a little less than 0.1 in floating point


def test_one_bad_event_alone_is_no_violation():
    assert sweep([20], [1], goal(0.99)).violations == ()
    assert sweep([20], [2], goal(0.99)).violations == ((0, None),)


def test_a_violation_ends_when_a_window_is_good_again():
    found = sweep([10] * 9, [0, 0, 9, 0, 0, 0, 0, 0, 0], goal(0.9, bins=3))

    assert found.violations == ((2, 5),)  # the bad bin has left the window
    assert (found.worst, found.worst_bad, found.worst_events) == (2, 9, 30)


def test_windows_with_too_few_events_say_nothing_and_change_nothing():
    quiet_after_all = sweep([20, 1, 1, 1, 1], [20, 0, 0, 0, 0], goal(0.9, bins=1, least=5))
    too_few_ever = sweep([1] * 5, [1] * 5, goal(0.9, bins=3, least=20))

    assert quiet_after_all.violations == ((0, None),)
    assert (too_few_ever.violations, too_few_ever.worst) == ((), None)


@pytest.mark.parametrize(
    ("window", "duration", "length"),
    [
        (5 * MINUTE, 2 * 3600 * SECOND, 10 * SECOND),
        (10 * SECOND, 3600 * SECOND, SECOND),
        (3600 * SECOND, DAY, 120 * SECOND),
        (5 * MINUTE, 400 * DAY, 37_500_000_000),  # a long run slides by more, and a window is still of whole bins
    ],
)
def test_a_window_slides_by_an_even_part_of_it(window, duration, length):
    assert bin_length(window, duration) == length
    assert window % length == 0
    assert duration / length < 1_000_000
