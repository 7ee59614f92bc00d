"""Curves of rates over time, and their inverse: how many events until when, and when is the n-th."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulator.quantities import SECOND

_QUARTER, _DAY = 900 * SECOND, 86400 * SECOND
_MONDAY = 4 * _DAY  # 1970-01-05


@dataclass(frozen=True, slots=True)
class Curve:
    """A rate that is constant between knots (nanoseconds), and the events expected up to each."""

    knots: NDArray[np.int64]
    expected: NDArray[np.float64]
    busiest: float  # the highest rate, per second

    @classmethod
    def of(cls, knots: ArrayLike, rates: ArrayLike) -> Curve:
        """Build a curve from n + 1 knots and the n rates (per second) between them."""
        places, heights = np.asarray(knots, np.int64), np.asarray(rates, np.float64)
        expected = np.concatenate([[0.0], np.cumsum(heights * (np.diff(places) / SECOND))])
        return cls(places, expected, float(heights.max(initial=0.0)))

    def clipped(self, start: int, end: int) -> Curve:
        """Return the curve between two times only, counting from the first."""
        inside = self.knots[(self.knots > start) & (self.knots < end)]
        knots = np.concatenate([[start], inside, [end]])
        expected = np.interp(knots, self.knots, self.expected)
        return Curve(knots, expected - expected[0], self.busiest)

    def expected_until(self, time: int) -> float:
        return float(np.interp(time, self.knots, self.expected))

    def time_of(self, marks: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return when so many events are expected to have happened."""
        first = self.knots[0]
        offsets = np.interp(marks, self.expected, (self.knots - first).astype(np.float64))
        return np.asarray(offsets.astype(np.int64) + first)


def daily_curve(
    start: int,
    end: int,
    mean: float,
    day: Sequence[float],
    week: Sequence[float],
    effects: NDArray[np.float64] | None,
) -> Curve:
    """Return a rate that follows 24 hourly weights (smoothed between hours) and 7 daily ones.

    ``effects`` holds a factor for each day, from that of ``start`` on.
    """
    knots = np.arange(start // _QUARTER * _QUARTER, end + _QUARTER, _QUARTER, dtype=np.int64)
    middles = knots[:-1] + _QUARTER // 2
    weights = np.array(day, np.float64) / np.mean(day)
    hours = (middles % _DAY) / (3600 * SECOND) - 0.5
    of_day = np.interp(hours % 24, np.arange(25), np.append(weights, weights[0]))
    of_week = np.array(week, np.float64)[(middles - _MONDAY) // _DAY % 7]
    rates = mean * of_day * of_week
    if effects is not None:
        rates = rates * effects[middles // _DAY - start // _DAY]
    return Curve.of(knots, rates).clipped(start, end)
