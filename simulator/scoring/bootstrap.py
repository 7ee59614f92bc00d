"""Medians of times over episodes, and how far they can be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor, inf, isinf
from statistics import NormalDist, median
from typing import TYPE_CHECKING, Any

from simulator.scoring.intervals import CONFIDENCE

if TYPE_CHECKING:
    import numpy as np

NEVER = inf  # the time of what did not happen: a miss must not shorten the median
RESAMPLES = 2_000
FEWEST_EPISODES = 5  # of fewer, a resampled median is one of the two ends far too often
_SEED = 0x5C0E


def quantile(values: Sequence[float], share: float) -> float | None:
    """Return a quantile of values of which some may be infinite (never); None when it is."""
    if not values:
        return None
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below, above = ordered[floor(place)], ordered[ceil(place)]
    if isinf(above):
        return None if isinf(below) or place > floor(place) else below
    return below + (above - below) * (place - floor(place))


def median_interval(values: Sequence[float], confidence: float = CONFIDENCE) -> tuple[float | None, float | None]:
    """Return the bootstrap interval of the median over episodes: BCa, or percentiles where some never happened.

    Too few episodes have no interval. The resamples are drawn from a fixed seed, so
    the same values have the same interval.
    """
    if len(values) < FEWEST_EPISODES:
        return None, None
    import numpy as np

    ordered = np.sort(np.asarray(values, dtype=np.float64))
    chance = np.random.Generator(np.random.Philox(_SEED))
    drawn = chance.integers(0, len(ordered), size=(RESAMPLES, len(ordered)))
    medians = np.sort(_medians(ordered[drawn]))
    low, high = (1 - confidence) / 2, (1 + confidence) / 2
    if not any(map(isinf, values)):
        low, high = _corrected(ordered, medians, low), _corrected(ordered, medians, high)
    found = medians.tolist()
    return quantile(found, low), quantile(found, high)


def _medians(rows: np.ndarray[Any, np.dtype[np.float64]]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return each row's median. ``np.median`` makes a NaN of two infinities."""
    import numpy as np

    rows = np.sort(rows, axis=1)
    size = rows.shape[1]
    low, high = rows[:, (size - 1) // 2], rows[:, size // 2]
    never = np.isinf(high)
    gap = np.where(never, 0.0, high) - np.where(never, 0.0, low)
    return np.where(never, high, low + gap / 2)


def _corrected(values: np.ndarray[Any, Any], medians: np.ndarray[Any, Any], level: float) -> float:
    """Move a percentile by the bias of the resamples and the skew of the jackknife (Efron 1987)."""
    normal = NormalDist()
    observed = median(values.tolist())
    below = (float((medians < observed).mean()) + float((medians <= observed).mean())) / 2
    if not 0 < below < 1:
        return level
    bias = normal.inv_cdf(below)
    left_out = [median([*values[:index].tolist(), *values[index + 1 :].tolist()]) for index in range(len(values))]
    center = sum(left_out) / len(left_out)
    spread = sum((center - each) ** 2 for each in left_out)
    skew = sum((center - each) ** 3 for each in left_out) / (6 * spread**1.5) if spread else 0.0
    shifted = bias + normal.inv_cdf(level)
    stretch = 1 - skew * shifted
    return normal.cdf(bias + shifted / stretch) if stretch > 0 else level
