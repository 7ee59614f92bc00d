"""What a metric's events add up to, series by series, at each moment that a target is sampled.

All sums are of whole numbers: their order, and so the windows that events come in, changes nothing.
A start of a target takes away what was summed before it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.telemetry.metrics.metric import Metric
from simulator.telemetry.metrics.rounds import Rounds
from simulator.telemetry.metrics.targets import NEVER, LifeTable

Whole = NDArray[np.int64]
_EXACT = 2**52  # sums below are exact in floating-point numbers, which numpy adds up faster


@dataclass(frozen=True, slots=True)
class Additions:
    """What events add to series: from ``due`` on; they began at ``born``. ``ids`` decide ties."""

    series: Whole
    due: Whole
    born: Whole
    values: Whole
    ids: NDArray[np.uint64]

    def take(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> Additions:
        return Additions(self.series[rows], self.due[rows], self.born[rows], self.values[rows], self.ids[rows])


@dataclass(frozen=True, slots=True)
class Sampled:
    """A metric's series in some rounds: (series, rounds), and ``buckets`` (series, buckets, rounds), not cumulative.

    ``values`` of a histogram are its sums.
    """

    present: NDArray[np.bool_]
    values: Whole
    buckets: Whole


@dataclass(frozen=True, slots=True)
class Stretch:
    """The rounds that are sampled, with what is known of the targets in them: (targets, rounds)."""

    rounds: Rounds
    lives: LifeTable
    alive: NDArray[np.bool_]
    known: NDArray[np.bool_]
    began: Whole


class Accumulator:
    """One metric: its series, what they came to, and the events that still have to count."""

    def __init__(self, metric: Metric, bounds: Whole) -> None:
        self.metric, self._bounds = metric, bounds
        self.targets = np.zeros(0, np.int64)
        self._waiting: list[Additions] = []
        self._totals = np.zeros(0, np.int64)
        self._counts = np.zeros((0, len(bounds) + 1), np.int64)
        self._set = np.zeros(0, np.int64)  # when a gauge was last set

    def add_series(self, targets: Whole) -> None:
        """Make room for new series, each of a target."""
        new = len(targets)
        self.targets = np.append(self.targets, targets)
        self._totals = np.append(self._totals, np.zeros(new, np.int64))
        self._counts = np.concatenate([self._counts, np.zeros((new, self._counts.shape[1]), np.int64)])
        self._set = np.append(self._set, np.full(new, NEVER))

    def add(self, additions: Additions) -> None:
        if len(additions.due):
            self._waiting.append(additions)

    def sampled(self, stretch: Stretch) -> Sampled:
        """Return what each series is at each moment, and go on to the end of the rounds."""
        due = self._due(stretch)
        if self.metric.kind == "gauge":
            return self._gauges(due, stretch)
        totals = self._summed(due, due.series, due.values, self._totals, stretch)
        width = self._counts.shape[1]
        places = due.series * width + np.searchsorted(self._bounds, due.values)
        counts = self._summed(due, places, None, self._counts.reshape(-1), stretch)
        buckets = counts.reshape(len(self.targets), width, totals.shape[1])
        self._totals, self._counts = totals[:, -1], buckets[:, :, -1]
        present = (buckets[:, :, :-1].sum(axis=1) > 0) & stretch.alive[self.targets]
        return Sampled(present, totals[:, :-1], buckets[:, :, :-1])

    def _due(self, stretch: Stretch) -> Additions:
        """Take what counts by now; what was under way when its target started anew never ends."""
        if not self._waiting:
            empty = np.zeros(0, np.int64)
            return Additions(empty, empty, empty, empty, np.zeros(0, np.uint64))
        parts = self._waiting
        names = ("series", "due", "born", "values", "ids")
        waiting = Additions(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))
        now = waiting.due < stretch.rounds.high
        self._waiting = [] if now.all() else [waiting.take(~now)]
        due = waiting.take(now)
        return due.take(stretch.lives.last(self.targets[due.series], due.due) <= due.born)

    def _summed(self, due: Additions, cells: Whole, values: Whole | None, before: Whole, stretch: Stretch) -> Whole:
        """Return sums (of ones, without values) by cell and round; the last column is what they come to.

        A series has one cell, or one for each bucket.
        """
        rounds, width = stretch.rounds, stretch.rounds.count + 1
        targets = self.targets[due.series]
        sums = _scattered(cells * width + rounds.columns(targets, due.due), values, len(before) * width)
        if len(stretch.lives):
            moment, restarts = stretch.lives.next(targets, due.due)
            places = cells[restarts] * width + rounds.columns(targets[restarts], moment[restarts])
            sums -= _scattered(places, None if values is None else values[restarts], len(before) * width)
            targets = np.repeat(self.targets, len(before) // max(1, len(self.targets)))
            moment, restarts = stretch.lives.next(targets, np.full(len(before), rounds.low - 1))
            cells = np.flatnonzero(restarts)
            sums[cells * width + rounds.columns(targets[cells], moment[cells])] -= before[cells]
        matrix = sums.reshape(len(before), width)
        matrix[:, 0] += before
        return np.cumsum(matrix, axis=1)

    def _gauges(self, due: Additions, stretch: Stretch) -> Sampled:
        order = np.lexsort((due.ids, due.due))
        series, times, values = due.series[order], due.due[order], due.values[order]
        latest = np.full((len(self.targets), stretch.rounds.count + 1), -1, np.int64)
        latest[series, stretch.rounds.columns(self.targets[series], times)] = np.arange(
            len(series)
        )  # the last one stays
        latest = np.maximum.accumulate(latest, axis=1)
        value = np.where(latest < 0, self._totals[:, None], np.append(values, 0)[latest])
        moment = np.where(latest < 0, self._set[:, None], np.append(times, 0)[latest])
        self._totals, self._set = value[:, -1], moment[:, -1]
        present = (moment[:, :-1] >= stretch.began[self.targets]) & (moment[:, :-1] > NEVER)
        none = np.zeros((len(self.targets), 0, stretch.rounds.count), np.int64)
        return Sampled(present & stretch.alive[self.targets], value[:, :-1], none)


def _scattered(places: Whole, values: Whole | None, size: int) -> Whole:
    """Return how much comes to each place."""
    if values is None:
        return np.bincount(places, minlength=size).astype(np.int64, copy=False)
    if len(values) and float(np.abs(values.astype(np.float64)).sum()) < _EXACT:
        return np.bincount(places, values, size).astype(np.int64)
    found = np.zeros(size, np.int64)
    np.add.at(found, places, values)
    return found
