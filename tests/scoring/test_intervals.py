"""The intervals are the textbook's: held against published tables, and against their own definitions."""

from math import exp, factorial, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.scoring.intervals import garwood, poisson_upper, wilson

# Garwood's 95 % limits as printed in tables of exact Poisson limits (Ulm 1990, Dobson et al. 1991)
PUBLISHED = {
    0: (0, 3.6889),
    1: (0.0253, 5.5716),
    2: (0.2422, 7.2247),
    3: (0.6187, 8.7673),
    5: (1.6235, 11.6683),
    10: (4.7954, 18.3904),
    20: (12.2165, 30.8884),
    50: (37.1110, 65.9186),
    100: (81.3640, 121.6270),
}


@pytest.mark.parametrize("count", PUBLISHED)
def test_poisson_limits_are_those_of_the_published_tables(count):
    low, high = garwood(count)

    assert low == pytest.approx(PUBLISHED[count][0], abs=6e-4)
    assert high == pytest.approx(PUBLISHED[count][1], abs=6e-4)


def test_poisson_limits_after_nothing_are_exact():
    assert garwood(0) == (0.0, pytest.approx(-log(0.025), abs=1e-9))
    assert poisson_upper(0) == pytest.approx(-log(0.05), abs=1e-9)


@given(st.integers(0, 120))
def test_poisson_limits_leave_exactly_the_tail_they_promise(count):
    low, high = garwood(count)

    assert sum(exp(-high) * high**k / factorial(k) for k in range(count + 1)) == pytest.approx(0.025, abs=1e-9)
    if count:
        assert 1 - sum(exp(-low) * low**k / factorial(k) for k in range(count)) == pytest.approx(0.025, abs=1e-9)


def test_poisson_limits_of_large_counts_approach_the_normal_ones():
    low, high = garwood(1_000_000)

    assert low == pytest.approx(1_000_000 - 1960, rel=1e-5)
    assert high == pytest.approx(1_000_000 + 1962, rel=1e-5)


def test_three_quiet_days_prove_less_than_one_false_alarm_a_day_and_thirty_less_than_a_tenth():
    assert poisson_upper(0) / 3 < 1 < poisson_upper(0) / 2.9
    assert poisson_upper(0) / 30 < 0.1


@pytest.mark.parametrize(("recall", "runs"), [(0.80, 16), (0.90, 35), (0.95, 73), (0.99, 381)])
def test_a_recall_is_proven_by_so_many_runs_without_a_miss(recall, runs):
    assert wilson(runs, runs)[0] > recall
    assert wilson(runs - 1, runs - 1)[0] <= recall


def test_wilson_intervals_are_those_that_newcombe_printed():
    # Newcombe 1998, table I: 81/263, 15/148, 0/20, 1/29, without continuity correction
    printed = {
        (81, 263): (0.2553, 0.3662),
        (15, 148): (0.0624, 0.1605),
        (0, 20): (0, 0.1611),
        (1, 29): (0.0061, 0.1718),
    }

    for (count, of), (low, high) in printed.items():
        assert wilson(count, of) == (pytest.approx(low, abs=6e-5), pytest.approx(high, abs=6e-5))


@given(st.integers(1, 10_000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_a_wilson_interval_holds_its_proportion_and_mirrors(pair):
    count, of = pair
    low, high = wilson(count, of)
    mirrored = wilson(of - count, of)

    assert 0 <= low <= count / of <= high <= 1
    assert (1 - mirrored[1], 1 - mirrored[0]) == (pytest.approx(low, abs=1e-12), pytest.approx(high, abs=1e-12))
