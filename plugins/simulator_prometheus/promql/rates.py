"""rate() and its kin: how fast a series rose or changed within a window."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulator_prometheus.promql.series import Floats, Mask, Samples
from simulator_prometheus.promql.windows import Indexes, Windows

Answer = tuple[Floats, Mask]


def extrapolated(of: Windows, *, counter: bool, per_second: bool) -> Answer:
    """rate(), increase() and delta(): what the samples say, stretched to the bounds of the window.

    A window's bound is taken to belong to the series if a sample could be expected there, that is within
    1.1 times the average distance of samples; else the series ends half a distance beyond its sample. A counter is
    not stretched back beyond the instant at which it was zero.
    """
    risen = of.last - of.first
    if counter:
        risen = risen + _lost_in_resets(of)
    first, last = of.times_of(of.low), of.times_of(of.high - 1)
    sampled = (last - first) / 1000
    average = sampled / np.maximum(of.counts - 1, 1)
    threshold = average * 1.1
    to_start, to_end = (first - (of.ends - of.range)) / 1000, (of.ends - last) / 1000
    to_start = np.where(to_start >= threshold, average / 2, to_start)
    to_end = np.where(to_end >= threshold, average / 2, to_end)
    if counter:
        to_zero = np.where((risen > 0) & (of.first >= 0), sampled * (of.first / risen), to_start)
        to_start = np.where(to_zero < to_start, to_zero, to_start)
    factor = np.where(sampled != 0, (sampled + to_start + to_end) / sampled, 1.0)
    if per_second:
        factor = factor / (of.range / 1000)
    return risen * factor, of.counts >= 2


def instant(of: Windows, *, per_second: bool) -> Answer:
    """irate() and idelta(): what the last two samples say; irate() takes a fall for a reset."""
    before = of.before_last()
    last, earlier = of.last, of.samples.values[before]
    elapsed = of.times_of(of.high - 1) - of.samples.times[before]
    changed = np.where(last < earlier, last, last - earlier) if per_second else last - earlier
    return changed / (elapsed / 1000) if per_second else changed, (of.counts >= 2) & (elapsed != 0)


def changes(of: Windows) -> Answer:
    value = of.samples.values
    same = np.equal(value[1:], value[:-1]) | (np.isnan(value[1:]) & np.isnan(value[:-1]))
    return _within(of, ~same), of.counts > 0


def resets(of: Windows) -> Answer:
    return _within(of, _falls(of.samples)), of.counts > 0


def _falls(samples: Samples) -> Mask:
    """Say of each sample but the first whether it is less than the one before, whichever series that is of."""
    return np.asarray(samples.values[1:] < samples.values[:-1])


def _within(of: Windows, steps: Mask) -> Floats:
    """Count the steps from one sample to the next that lie in a window; ``steps`` starts with that to the second."""
    before = np.concatenate([[0, 0], np.cumsum(steps)])  # at i: steps that end before sample i
    return np.where(of.counts > 1, before[of.high] - before[np.minimum(of.low + 1, of.high)], 0).astype(np.float64)


def _lost_in_resets(of: Windows) -> Floats:
    """Sum up the last values before each reset in each window."""
    falls = _falls(of.samples)
    hit: Mask = _within(of, falls) > 0
    lost = np.zeros(hit.shape)
    if not hit.any():
        return lost
    before = np.concatenate([[0.0], np.where(falls, of.samples.values[:-1], 0.0), [0.0]])
    lost[hit] = _sums(before, of.low[hit] + 1, of.high[hit])
    return lost


def _sums(values: Floats, low: Indexes, high: Indexes) -> Floats:
    """Sum ``values[low:high]`` for each pair; none of these is empty or ends at the end."""
    bounds: NDArray[np.int64] = np.stack([low, high], axis=1).ravel()
    return np.asarray(np.add.reduceat(values, bounds)[::2])
