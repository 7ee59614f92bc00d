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
    parts = [rows[event] for event in ("service.request", "service.call") if event in rows]
    spans = {}
    for part in parts:
        ends = part["time"] + part["duration"]
        for trace, span, start, end in zip(part["trace"], part["span"], part["time"], ends, strict=True):
            assert (trace, span) not in spans
            assert any(trace)
            assert any(span)
            spans[trace, span] = (start, end)
    roots = [trace for part in parts if "root" in part for trace in part["trace"][part["root"] == 1]]
    assert sorted(roots) == sorted({trace for trace, _ in spans})
    for part in parts:
        causes = zip(part["trace"], part["span"], part["parent"], strict=True)
        for trace, span, parent in causes:
            if any(parent):
                low, high = spans[trace, parent]
                start, end = spans[trace, span]
                assert low + 50_000 <= start <= end <= high
            else:
                assert "root" in part
