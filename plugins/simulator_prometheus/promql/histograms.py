"""Quantiles and fractions of histograms whose buckets are series with a label ``le``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator_prometheus.promql.series import Floats, Labels, Mask, Times
from simulator_prometheus.promql.vectors import METADATA, Vector, dropped, merged, nothing, value_of

_BOUND = re.compile(r"[-+]?(?:inf|infinity|(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)", re.IGNORECASE | re.ASCII)
_INSIGNIFICANT = 1e-12
_SMALLEST_NORMAL = float(np.finfo(np.float64).tiny)


@dataclass(frozen=True, slots=True)
class _Cells:
    """Histograms (of a series, at a step) with the same bounds: the bounds ascend and end with infinity."""

    bounds: Floats
    counts: Floats  # cells × bounds, cumulative
    steps: NDArray[np.int64]


def quantile(wanted: Floats, vector: Vector, times: Times) -> Vector:
    """histogram_quantile(): linear within a bucket, the first of which starts at zero if it ends above."""
    return _answered(vector, times, lambda cells: _quantile(wanted[cells.steps], cells))


def fraction(lower: Floats, upper: Floats, vector: Vector, times: Times) -> Vector:
    """histogram_fraction(): which part of the observations lies between two values."""
    return _answered(vector, times, lambda cells: _fraction(lower[cells.steps], upper[cells.steps], cells))


def _answered(vector: Vector, times: Times, answer: Callable[[_Cells], Floats]) -> Vector:
    histograms = list(_histograms(vector))
    if not histograms:
        return nothing(len(times))
    values = np.full((len(histograms), len(times)), np.nan)
    present = np.zeros(values.shape, bool)
    for row, (_, bounds, members) in enumerate(histograms):
        there = vector.present[members]
        present[row] = there.any(axis=0)
        for pattern in np.unique(there, axis=1).T:
            if pattern.any():
                steps = np.flatnonzero((there == pattern[:, None]).all(axis=0))
                counts = vector.values[members[pattern]][:, steps].T
                values[row, steps] = answer(_cells(bounds[pattern], counts, steps))
    return merged(Vector([labels for labels, _, _ in histograms], values, present), times)


def _histograms(vector: Vector) -> Iterator[tuple[Labels, Floats, NDArray[np.int64]]]:
    """Give each histogram's labels, its bounds in ascending order, and the rows of its buckets."""
    found: dict[Labels, list[tuple[float, int]]] = {}
    for row, labels in enumerate(vector.labels):
        bound = value_of(labels, "le")
        if _BOUND.fullmatch(bound):  # else it is no bucket
            found.setdefault(dropped(labels, ("le",)), []).append((float(bound), row))
    for labels, buckets in found.items():
        bounds, members = zip(*sorted(buckets), strict=True)
        yield dropped(labels, METADATA), np.array(bounds), np.array(members, np.int64)


def _cells(bounds: Floats, counts: Floats, steps: NDArray[np.int64]) -> _Cells:
    """Add up the buckets that have the same bound, as 1 and 1.0 are."""
    starts = np.flatnonzero(np.concatenate([[True], bounds[1:] != bounds[:-1]]))
    return _Cells(bounds[starts], np.add.reduceat(counts, starts, axis=1), steps)


def _quantile(wanted: Floats, cells: _Cells) -> Floats:
    beyond = np.select([wanted < 0, wanted > 1], [-np.inf, np.inf], np.nan)
    bounds = cells.bounds
    if len(bounds) < 2 or not np.isposinf(bounds[-1]):
        return beyond
    counts = _rising(cells.counts)
    observations = counts[:, -1]
    rank = wanted * observations
    reached = counts[:, :-1] >= rank[:, None]
    bucket = np.where(reached.any(axis=1), reached.argmax(axis=1), len(bounds) - 1)
    earlier = np.maximum(bucket - 1, 0)
    each = np.arange(len(counts))
    start = np.where(bucket > 0, bounds[earlier], 0.0)
    below = np.where(bucket > 0, counts[each, earlier], 0.0)
    inside = (rank - below) / (counts[each, bucket] - below)
    found = start + (bounds[bucket] - start) * inside
    found = np.where((bucket == 0) & (bounds[0] <= 0), bounds[0], found)
    found = np.where(bucket == len(bounds) - 1, bounds[-2], found)
    found = np.where(observations == 0, np.nan, found)
    return np.where((wanted >= 0) & (wanted <= 1), found, beyond)


def _rising(counts: Floats) -> Floats:
    """Take the counts before for those that are less, or that differ by no more than rounding would make them."""
    rising = counts.copy()
    before = rising[:, 0]
    for column in range(1, counts.shape[1]):
        now = counts[:, column]
        same = (now < before) | _about_equal(before, now)
        before = np.where(same, before, now)
        rising[:, column] = before
    return rising


def _about_equal(one: Floats, other: Floats) -> Mask:
    size = np.abs(one) + np.abs(other)
    apart = np.abs(one - other)
    tiny = (one == 0) | (other == 0) | (size < _SMALLEST_NORMAL)
    near = np.where(tiny, apart < _INSIGNIFICANT * _SMALLEST_NORMAL, apart / size < _INSIGNIFICANT)
    return np.asarray((one == other) | near | (np.isnan(one) & np.isnan(other)))


def _fraction(lower: Floats, upper: Floats, cells: _Cells) -> Floats:
    bounds, counts = cells.bounds, cells.counts
    if not np.isposinf(bounds[-1]):
        return np.full(len(counts), np.nan)
    total = counts[:, -1]
    found = (_rank(upper, cells) - _rank(lower, cells)) / total
    found = np.where(lower >= upper, 0.0, found)
    return np.where((total == 0) | np.isnan(lower) | np.isnan(upper), np.nan, found)


def _rank(value: Floats, cells: _Cells) -> Floats:
    """Return how many observations are at most a value."""
    start = -np.inf if cells.bounds[0] <= 0 else 0.0
    total = cells.counts[:, -1]
    rank, settled = total.copy(), np.zeros(len(value), bool)
    below = np.zeros(len(value))
    for bound, count in zip(cells.bounds.tolist(), cells.counts.T, strict=True):
        at_start = ~settled & (start >= value)
        rank = np.where(at_start, below, rank)
        settled |= at_start
        inside = ~settled & (bound > value)
        between = count if np.isneginf(start) else below + (count - below) * (value - start) / (bound - start)
        rank = np.where(inside, between, rank)
        settled |= inside
        start, below = bound, count
    return np.where(rank > total, total, rank)
