"""Windows that measure: how many events, how many values, their sum, average or percentile."""

from __future__ import annotations

import numpy as np

from simulator_sigma.time_windows import Floats, Places, Rows, Sightings, Windows, anchors


def measured_windows(kind: str, sightings: Sightings, span: int, percentile: float | None) -> Windows:
    """Return the window that ends at each sighting, with what ``kind`` measures in it."""
    ends, groups = anchors(sightings)
    starts = ends - span
    counted = _counted(kind, sightings)
    places = Places(counted.groups, counted.times)
    first, last = places.since(groups, starts), places.after(groups, ends)
    everything = Places(sightings.groups, sightings.times)
    opens, closes = everything.since(groups, starts), everything.after(groups, ends)
    numeric = kind not in {"event_count", "value_count"}

    def members(window: int) -> Rows:
        rows = np.arange(opens[window], closes[window])
        return rows[~np.isnan(sightings.values[rows])] if numeric else rows

    return Windows(starts, ends, groups, _metrics(kind, counted, first, last, percentile), members)


def _counted(kind: str, sightings: Sightings) -> Sightings:
    """Leave each event once, or each value of an event once; what has no value does not count as one."""
    if kind != "event_count":
        sightings = sightings.take(~np.isnan(sightings.values))
    values = np.zeros(len(sightings)) if kind == "event_count" else sightings.values
    order = np.lexsort((values, sightings.events, sightings.times, sightings.groups))
    sightings, values = sightings.take(order), values[order]
    fresh = np.ones(len(sightings), bool)
    same = (np.diff(sightings.groups) == 0) & (np.diff(sightings.times) == 0) & (np.diff(sightings.events) == 0)
    fresh[1:] = ~(same & (np.diff(values) == 0))
    return sightings.take(fresh)


def _metrics(kind: str, counted: Sightings, first: Rows, last: Rows, percentile: float | None) -> Floats:
    sizes = (last - first).astype(np.float64)
    if kind == "event_count":
        return sizes
    if kind == "value_count":
        return sizes - _repeats(counted, first, last)
    metrics = np.full(len(first), np.nan)
    some = sizes > 0
    if kind in {"value_sum", "value_avg"}:
        sums = np.concatenate([[0.0], np.cumsum(counted.values)])
        metrics[some] = (sums[last] - sums[first])[some]
        return metrics / np.where(some, sizes, 1) if kind == "value_avg" else metrics
    assert percentile is not None
    for window in np.flatnonzero(some):
        metrics[window] = _percentile(counted.values[first[window] : last[window]], percentile)
    return metrics


def _repeats(counted: Sightings, first: Rows, last: Rows) -> Floats:
    """Count, for each window, the values that stood in it before: windows move forward only, so in one pass."""
    order = np.lexsort((np.arange(len(counted)), counted.values, counted.groups))
    again = np.diff(counted.groups[order]) == 0
    again &= np.diff(counted.values[order]) == 0
    earlier, later = order[:-1][again], order[1:][again]
    opens = np.searchsorted(last, later, side="right")  # the first window that holds the later one
    closes = np.searchsorted(first, earlier, side="right")  # the first that has left the earlier one behind
    both = opens < closes
    change = np.zeros(len(first) + 1)
    np.add.at(change, opens[both], 1)
    np.add.at(change, closes[both], -1)
    return np.cumsum(change)[:-1]


def _percentile(values: Floats, percentile: float) -> float:
    """Interpolate between the two nearest ranks."""
    ranked = np.sort(values)
    position = (len(ranked) - 1) * percentile / 100
    below = int(position)
    above = min(below + 1, len(ranked) - 1)
    return float(ranked[below] * (1 - (position - below)) + ranked[above] * (position - below))
