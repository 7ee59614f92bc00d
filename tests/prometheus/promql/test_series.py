"""The store of series: samples in order, found by their labels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator_prometheus.promql.errors import PromQLError
from simulator_prometheus.promql.regex import matches, replaced
from simulator_prometheus.promql.series import STALE, Matcher, SeriesStore, is_stale, labels_of

A, B, C = (
    labels_of(pairs)
    for pairs in (
        [("__name__", "x"), ("of", "a")],
        [("__name__", "x"), ("of", "b\nc")],
        [("__name__", "y")],
    )
)


@pytest.fixture
def store() -> SeriesStore:
    store = SeriesStore()
    for labels in (A, B, C):
        store.add(labels, np.array([1, 2]), np.array([1.0, 2.0]))
    return store


@pytest.mark.parametrize(
    ("matcher", "found"),
    [
        (Matcher("of", "=", "a"), [A]),
        (Matcher("of", "=", ""), [C]),
        (Matcher("of", "!=", "a"), [B, C]),
        (Matcher("of", "!=", ""), [A, B]),
        (Matcher("of", "=~", "a|"), [A, C]),
        (Matcher("of", "=~", "b.c"), [B]),
        (Matcher("of", "=~", "b"), []),
        (Matcher("of", "!~", "b.*"), [A, C]),
        (Matcher("of", "!~", ".+"), [C]),
        (Matcher("none", "=", ""), [A, B, C]),
        (Matcher("none", "!=", ""), []),
    ],
)
def test_a_label_that_is_not_there_is_an_empty_one(store: SeriesStore, matcher: Matcher, found: list):
    assert store.samples([Matcher("__name__", "=~", "x|y"), matcher]).labels == found


@given(
    st.lists(st.lists(st.tuples(st.integers(0, 50), st.floats(allow_nan=False)), max_size=8), max_size=6),
)
def test_samples_come_in_any_order_and_the_first_of_an_instant_stays(chunks: list[list[tuple[int, float]]]):
    store = SeriesStore()
    expected: dict[int, float] = {}
    for chunk in chunks:
        store.add(A, np.array([time for time, _ in chunk], np.int64), np.array([value for _, value in chunk]))
        for time, value in chunk:
            expected.setdefault(time, value)

    times, values = store.series(A)

    assert dict(zip(times.tolist(), values.tolist(), strict=True)) == expected
    assert times.tolist() == sorted(expected)


def test_samples_are_cut_to_a_time_after_one_and_up_to_another(store: SeriesStore):
    samples = store.samples([Matcher("__name__", "=", "x")], after=1, until=2)

    assert (samples.times.tolist(), samples.starts.tolist()) == ([2, 2], [0, 1, 2])
    assert store.samples([Matcher("__name__", "=", "x")], after=2).labels == []


def test_a_rule_appends_one_sample_to_each_series(store: SeriesStore):
    store.append([A, C], 3, np.array([9.0, STALE]))

    assert store.series(A)[1].tolist() == [1.0, 2.0, 9.0]
    assert is_stale(store.series(C)[1]).tolist() == [False, False, True]
    assert len(store) == 3


def test_labels_that_are_not_in_order_are_a_mistake(store: SeriesStore):
    with pytest.raises(ValueError, match="labels are sorted"):
        store.add((("b", "1"), ("a", "1")), np.array([1]), np.array([1.0]))


def test_any_nan_but_one_is_a_value():
    assert is_stale(np.array([np.nan, STALE, -np.nan, np.inf])).tolist() == [False, True, False, False]


@pytest.mark.parametrize("pattern", ["(?=a)", r"(a)\1", "a**", "(?>a)", "(", r"\Z"])
def test_a_pattern_that_re2_does_not_know_is_refused(pattern: str):
    with pytest.raises(PromQLError, match="cannot read the regular expression"):
        matches(pattern, ["a"])


def test_no_pattern_takes_long():
    assert matches("(a+)+b", ["a" * 5000]).tolist() == [False]


@pytest.mark.parametrize(
    ("pattern", "replacement", "found"),
    [
        ("(.*)-(.*)", "$2/${1}x", "b/ax"),
        ("(.*)-(.*)", "$1x$$", "$"),
        ("(?P<left>.*)-.*", "$left.$right", "a."),
        (r".*[(]?(-)\(?.*", "$1", "-"),
        (".*", r"\1\\", r"\1\\"),
        ("a", "x", None),
        ("(x)?.*", "[$1]", "[]"),
    ],
)
def test_a_replacement_fills_in_groups_as_go_does(pattern: str, replacement: str, found: str | None):
    assert replaced(pattern, replacement, ["a-b"]) == [found]
