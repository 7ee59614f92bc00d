"""The walk of requests: what holds for every trace, whatever is wrong."""

from __future__ import annotations

import numpy as np

from tests.services.worlds import MINUTE, TWO, Played, effect


def test_every_span_lies_within_its_parent_and_every_trace_has_one_root():
    rows = Played(TWO, [effect("latency", "{service: cart, factor: 6}", start=MINUTE)]).rows()

    assert_contained(rows)


def test_a_slow_service_slows_those_who_call_it_from_the_moment_it_is_slow():
    calm = Played(TWO).rows()["service.request"]
    slow = Played(TWO, [effect("latency", "{service: cart, factor: 6}", start=2 * MINUTE)]).rows()["service.request"]

    before = slow["time"] < slow["time"].min() + 119_000_000_000
    assert (slow["duration"][before] == calm["duration"][: before.sum()]).all()
    web = ~before & (slow["service"] == "web")
    assert np.median(slow["duration"][web]) > 3 * np.median(calm["duration"][calm["service"] == "web"])
    assert set(slow["act"][before]) == {0}
    assert (slow["act"][web] == 1).mean() > 0.6


def test_the_same_seed_gives_the_same_columns():
    first, again = Played(TWO, length=MINUTE).rows(), Played(TWO, length=MINUTE).rows()

    for event, columns in first.items():
        assert all((columns[name] == again[event][name]).all() for name in columns)


def assert_contained(rows) -> None:
    """Check containment, causes and ids of all spans."""
    served, called = rows["service.request"], rows["service.call"]
    spans = {}
    for part in (served, called):
        for at in range(len(part["time"])):
            span = (part["trace"][at], part["span"][at])
            assert span not in spans
            spans[span] = (part["time"][at], part["time"][at] + part["duration"][at])
    assert not any(set(part) == {0} for span in spans for part in span)
    roots = served["root"] == 1
    assert len(set(served["trace"][roots])) == roots.sum()
    for part, orphan_free in ((served, ~roots), (called, np.ones(len(called["time"]), bool))):
        for at in np.flatnonzero(orphan_free):
            low, high = spans[part["trace"][at], part["parent"][at]]
            start, end = spans[part["trace"][at], part["span"][at]]
            assert low + 50_000 <= start <= end <= high
