"""Objectives over time: when less than its target of what was counted was good, in windows that slide by a bin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.quantities import SECOND

Counts = NDArray[np.int64]

_BILLION = 1_000_000_000
_FINEST = 30  # bins in a window
_MOST_BINS = 1_000_000  # in a run: of a long one, windows slide by coarser bins


@dataclass(frozen=True, slots=True)
class Goal:
    """What share has to be good, in what windows. Times are nanoseconds.

    A window in which fewer than ``least`` events ended says nothing: what was so before it still is. One bad event
    alone violates nothing, however few there are beside it.
    ``period`` is that of the error budget.
    """

    target: float
    window: int
    least: int
    period: int
    bin: int

    @property
    def bins(self) -> int:
        """How many bins a window has."""
        return max(1, self.window // self.bin)

    @property
    def allowed(self) -> int:
        """How many in a billion may be bad: a whole number, so that a share at the target is never below it."""
        return round((1 - self.target) * _BILLION)


@dataclass(frozen=True, slots=True)
class Sweep:
    """What came of sliding a window over a run.

    ``violations`` are bins at whose end the window first held too little good, and the bins at whose end it first
    did not any more (None: it never was so again). ``worst`` is the bin that ends the worst window, if any counted.
    """

    violations: tuple[tuple[int, int | None], ...]
    worst: int | None
    worst_events: int = 0
    worst_bad: int = 0


def bin_length(window: int, duration: int) -> int:
    """Return by how much a window slides in a run of a duration: an even part of it, a second or more."""
    parts = min(_FINEST, window // SECOND, window * _MOST_BINS // max(1, duration))
    return window // max(1, parts)


def swept(events: Counts, bad: Counts, goal: Goal) -> Sweep:
    """Slide a goal's window over the counts of consecutive bins. Before the first bin there was nothing."""
    total, wrong = _windowed(events, goal.bins), _windowed(bad, goal.bins)
    known = total >= max(1, goal.least)
    below = known & (wrong > 1) & (wrong * _BILLION > goal.allowed * total)
    last_known = np.maximum.accumulate(np.where(known, np.arange(len(known)), -1))
    violated = (last_known >= 0) & below[last_known]
    edges = np.flatnonzero(np.diff(violated, prepend=np.False_))
    begins, ends = edges[::2].tolist(), edges[1::2].tolist()
    violations = tuple(zip(begins, [*ends, *[None] * (len(begins) - len(ends))], strict=True))
    if not known.any():
        return Sweep(violations, None)
    worst = int(np.argmax(np.where(known, wrong / np.maximum(total, 1), -1.0)))
    return Sweep(violations, worst, int(total[worst]), int(wrong[worst]))


def _windowed(counts: Counts, bins: int) -> Counts:
    """Return for each bin the sum of it and of those before it in a window."""
    sums = np.cumsum(counts)
    sums[bins:] -= sums[:-bins].copy()
    return sums
