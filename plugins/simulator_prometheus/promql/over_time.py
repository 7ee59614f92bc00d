"""Functions of all samples in a window, one after the other."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simulator_prometheus.promql.kahan import Means, Sums
from simulator_prometheus.promql.rates import Answer
from simulator_prometheus.promql.series import Floats, Times
from simulator_prometheus.promql.windows import Windows

_CELLS = 1 << 20  # of a block that a quantile is sorted in


def count(of: Windows) -> Answer:
    return of.counts.astype(np.float64), of.counts > 0


def present(of: Windows) -> Answer:
    return np.ones(of.counts.shape), of.counts > 0


def first(of: Windows) -> Answer:
    return of.first, of.counts > 0


def last(of: Windows) -> Answer:
    return of.last, of.counts > 0


def total(of: Windows) -> Answer:
    sums = Sums.zero(of.counts.shape)
    for values, _, there in of.one_by_one():
        sums.add(values, there)
    return sums.taken(), of.counts > 0


def average(of: Windows) -> Answer:
    means = Means.zero(of.counts.shape)
    for values, _, there in of.one_by_one():
        means.add(values, there)
    return means.taken(), of.counts > 0


def smallest(of: Windows) -> Answer:
    return _reduced(of, np.fmin), of.counts > 0


def largest(of: Windows) -> Answer:
    return _reduced(of, np.fmax), of.counts > 0


def variance(of: Windows) -> Answer:
    """Welford's, with the corrections of the mean and of the sum of squares carried along."""
    means, squares = Sums.zero(of.counts.shape), Sums.zero(of.counts.shape)
    for number, (values, _, there) in enumerate(of.one_by_one(), 1):
        distance = values - (means.total + means.lost)
        means.add(distance / number, there)
        squares.add(distance * (values - (means.total + means.lost)), there)
    return (squares.total + squares.lost) / np.maximum(of.counts, 1), of.counts > 0


def deviation(of: Windows) -> Answer:
    values, there = variance(of)
    return np.sqrt(values), there


def slope(of: Windows) -> Answer:
    """deriv(): the slope per second of the straight line through the samples."""
    return _line(of, of.times_of(of.low))[0], of.counts >= 2


def predicted(of: Windows, seconds: Floats, times: Times) -> Answer:
    """predict_linear(): where that line is so many seconds after the step (not after the window's end)."""
    slopes, intercepts = _line(of, np.broadcast_to(times, of.counts.shape))
    return slopes * seconds + intercepts, of.counts >= 2


def quantile(of: Windows, wanted: Floats) -> Answer:
    longest = max(int(of.counts.max(initial=0)), 1)
    values = np.full(of.counts.shape, np.nan)
    rows = max(_CELLS // (longest * max(of.counts.shape[1], 1)), 1)
    for start in range(0, len(values), rows):
        block = slice(start, start + rows)
        index = of.low[block, :, None] + np.arange(longest)
        there = index < of.high[block, :, None]
        gathered = of.samples.values[np.minimum(index, len(of.samples.values) - 1)]
        values[block] = quantiles(gathered, there, np.broadcast_to(wanted, values[block].shape))
    return values, of.counts > 0


def quantiles(values: Floats, there: np.ndarray, wanted: Floats) -> Floats:
    """Return a quantile of the numbers along the last axis that are there; NaNs are the smallest."""
    counts = there.sum(axis=-1)
    missing_numbers = (there & np.isnan(values)).sum(axis=-1)
    ordered = np.sort(np.where(there, values, np.nan), axis=-1)  # NaNs and what is not there come last

    def at(place: Floats) -> Floats:
        index = place.astype(np.int64) - missing_numbers
        found = np.take_along_axis(ordered, np.clip(index, 0, values.shape[-1] - 1)[..., None], axis=-1)[..., 0]
        return np.where(index < 0, np.nan, found)

    inside = np.where((wanted >= 0) & (wanted <= 1), wanted, 0.0)
    rank = inside * np.maximum(counts - 1, 0)
    lower = np.floor(rank)
    upper = np.minimum(lower + 1, np.maximum(counts - 1, 0))
    weight = rank - lower
    between = np.where(weight == 0, at(lower), at(lower) * (1 - weight) + at(upper) * weight)
    beyond = np.select([wanted < 0, wanted > 1, np.isnan(wanted)], [-np.inf, np.inf, np.nan], between)
    return np.where(counts > 0, beyond, np.nan)


def _reduced(of: Windows, function: np.ufunc) -> Floats:
    reduced = np.full(of.counts.shape, np.nan)
    some = of.counts > 0
    bounds = np.stack([of.low[some], of.high[some]], axis=1).ravel()
    if len(bounds):
        reduced[some] = function.reduceat(np.append(of.samples.values, np.nan), bounds)[::2]
    return reduced


def _line(of: Windows, origins: Times) -> tuple[Floats, Floats]:
    """Return the slope and, at the origins, the height of the least-squares line of each window."""
    shape = of.counts.shape
    x_sum, y_sum, xy_sum, xx_sum = (Sums.zero(shape) for _ in range(4))
    level = np.ones(shape, bool)
    start = of.first
    for y, time, there in of.one_by_one():
        level &= ~there | (y == start)
        x = (time - origins) / 1000
        for sums, each in ((x_sum, x), (y_sum, y), (xy_sum, x * y), (xx_sum, x * x)):
            sums.add(each, there)
    n = np.maximum(of.counts, 1).astype(np.float64)
    x_total, y_total, xy, xx = (sums.total + sums.lost for sums in (x_sum, y_sum, xy_sum, xx_sum))
    slopes = (xy - x_total * y_total / n) / (xx - x_total * x_total / n)
    intercepts = y_total / n - slopes * x_total / n
    nowhere = np.where(np.isinf(start), np.nan, 0.0)
    return np.where(level, nowhere, slopes), np.where(level, nowhere + start, intercepts)


OVER_TIME: dict[str, Callable[[Windows], Answer]] = {
    "avg_over_time": average,
    "count_over_time": count,
    "deriv": slope,
    "first_over_time": first,
    "last_over_time": last,
    "max_over_time": largest,
    "min_over_time": smallest,
    "present_over_time": present,
    "stddev_over_time": deviation,
    "stdvar_over_time": variance,
    "sum_over_time": total,
}
