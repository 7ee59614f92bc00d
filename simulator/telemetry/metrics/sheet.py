"""The sheet: all series against some rounds, and the samples that stand in it, in their order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.chance import fractions, scrambled
from simulator.events.ids import ids_in_cells
from simulator.telemetry.metrics.catalogue import Catalogue
from simulator.telemetry.metrics.measuring import Measuring
from simulator.telemetry.metrics.metric import Sampling
from simulator.telemetry.metrics.sample_types import STALE_BITS
from simulator.telemetry.metrics.sampling import Sampled, Stretch
from simulator.telemetry.metrics.targets import Targets

Whole = NDArray[np.int64]
Floats = NDArray[np.float64]
_STALE = np.array(STALE_BITS, np.uint64).view(np.float64)
_QUICKEST, _USUAL = 1_000_000, 3_000_000  # nanoseconds that a sampling takes: at least, and on average more


@dataclass(frozen=True, slots=True)
class Histograms:
    """The buckets of those rows that are whole histograms of one metric."""

    rows: NDArray[np.intp]
    buckets: Whole


@dataclass(frozen=True, slots=True)
class Rows:
    """Samples in the order (moment, target, series). ``numbers`` are the places of all that are no whole histograms."""

    series: Whole
    targets: Whole
    times: Whole
    began: Whole
    ids: NDArray[np.uint64]
    values: Floats
    numbers: NDArray[np.intp]
    histograms: Sequence[Histograms]

    def take(self, rows: NDArray[np.intp]) -> Rows:
        times, began, ids = self.times[rows], self.began[rows], self.ids[rows]
        return Rows(self.series[rows], self.targets[rows], times, began, ids, self.values[rows], rows, ())


class Sheet:
    """Fills in what every series is at every moment, and numbers the samples of each round."""

    def __init__(
        self,
        sampling: Sampling,
        catalogue: Catalogue,
        targets: Targets,
        measuring: Measuring,
        emission: int,
        seed: int,
    ) -> None:
        self._sampling, self._catalogue, self._targets, self._measuring = sampling, catalogue, targets, measuring
        self._emission, self._seed = emission, seed
        self._was = np.zeros(0, np.bool_)  # by code: whether the series was there at its target's last moment
        self._round, self._before = -1, 0  # the round that was reached, and how many samples it has had

    def prepare(self) -> None:
        """Give rows to series that are new."""
        first = len(self._catalogue.metrics) - len(self._sampling.own)
        sampled = self._targets.sampled()
        for number in range(first, len(self._catalogue.metrics)):
            self._catalogue.sets[number].number({})
            self._catalogue.find(number, sampled, np.zeros(len(sampled), np.int64))
        self._catalogue.place()
        self._was = np.append(self._was, np.zeros(len(self._catalogue) - len(self._was), np.bool_))

    def sampled(self, stretch: Stretch) -> Rows:
        """Return the samples of some rounds."""
        catalogue = self._catalogue
        shape = len(catalogue), stretch.rounds.count
        present, values = np.zeros(shape, np.bool_), np.zeros(shape)
        buckets: list[tuple[int, Sampled]] = []
        for number, accumulator in self._measuring.accumulators.items():
            found = accumulator.sampled(stretch)
            self._enter(number, found, present, values)
            if accumulator.metric.kind == "histogram" and self._sampling.shape == "histograms":
                buckets.append((number, found))
        self._enter_own(stretch, present, values)
        inside = stretch.rounds.inside()[catalogue.targets]
        shown = self._shown(present, inside, values)
        return self._rows(shown & inside, values, stretch, buckets)

    def _enter(self, number: int, found: Sampled, present: NDArray[np.bool_], values: Floats) -> None:
        """Write a metric's series into their rows."""
        metric, rows, unit = (
            self._catalogue.metrics[number],
            self._catalogue.rows[number],
            self._measuring.units[number],
        )
        measured = found.values / unit if unit != 1 else found.values.astype(np.float64)
        parts = len(self._catalogue.parts(metric))
        if parts == 1:
            present[rows], values[rows] = found.present, measured
            return
        block = rows[:, None] + np.arange(parts)
        present[block] = found.present[:, None, :]
        values[block[:, :-2]] = np.cumsum(found.buckets, axis=1)
        values[block[:, -2]], values[block[:, -1]] = measured, found.buckets.sum(axis=1)

    def _enter_own(self, stretch: Stretch, present: NDArray[np.bool_], values: Floats) -> None:
        """Write what the sampling itself gives: each of its series is of a target."""
        first = len(self._catalogue.metrics) - len(self._sampling.own)
        told = present & stretch.rounds.inside()[self._catalogue.targets]
        for number, metric in enumerate(self._sampling.own, first):
            rows = self._catalogue.rows[number]
            targets = self._catalogue.targets[rows]
            alive = stretch.alive[targets]
            what = metric.measures[0].value
            present[rows] = stretch.known[targets] if what == "alive" else alive
            if what == "alive":
                values[rows] = alive
            elif what == "samples":
                values[rows] = _by_target(told, self._catalogue.targets, len(self._targets))[targets]
            else:
                values[rows] = self._durations(targets, stretch)

    def _durations(self, targets: Whole, stretch: Stretch) -> Floats:
        """Draw how long each sampling took, in seconds: by target and moment alone."""
        moments = (stretch.rounds.moments()[targets] + targets[:, None]).view(np.uint64)
        drawn = fractions(scrambled(moments, self._seed, "sampling"))
        return np.asarray((_QUICKEST - _USUAL * np.log1p(-drawn)).astype(np.int64) / 1e9)

    def _shown(self, present: NDArray[np.bool_], inside: NDArray[np.bool_], values: Floats) -> NDArray[np.bool_]:
        """Return which rows have a sample when: also where a series ends, if that is to be marked."""
        if not self._sampling.stale or not present.size:
            return present
        order = self._catalogue.order
        first = np.where(inside[:, 0], present[:, 0], self._was[order])  # before its moment, nothing has changed yet
        now = np.column_stack([first, present[:, 1:]])
        before = np.column_stack([self._was[order], now[:, :-1]])
        ended = before & ~now
        values[ended] = _STALE
        last = np.where(inside[:, -1], now[:, -1], before[:, -1])
        self._was[order] = last
        return np.asarray(present | ended)

    def _rows(
        self, shown: NDArray[np.bool_], values: Floats, stretch: Stretch, buckets: Sequence[tuple[int, Sampled]]
    ) -> Rows:
        rounds, series = np.nonzero(shown.T)
        targets = self._catalogue.targets[series]
        times = stretch.rounds.moments()[targets, rounds]
        ids = self._numbered(rounds, stretch)
        is_number = np.ones(len(series), np.bool_)
        histograms = []
        for number, found in buckets:
            of = np.full(len(self._catalogue), -1, np.int64)
            of[self._catalogue.rows[number]] = np.arange(len(self._catalogue.rows[number]))
            rows = np.flatnonzero(of[series] >= 0)
            is_number[rows] = False
            if len(rows):
                histograms.append(Histograms(rows, found.buckets[of[series[rows]], :, rounds[rows]]))
        return Rows(
            self._catalogue.order[series],
            targets,
            times,
            stretch.began[targets, rounds],
            ids,
            values[series, rounds],
            np.flatnonzero(is_number),
            histograms,
        )

    def _numbered(self, rounds: Whole, stretch: Stretch) -> NDArray[np.uint64]:
        """Return the ids of samples: the round is the cell, and counting goes on where a window cut it."""
        first, counts = stretch.rounds.first, np.bincount(rounds, minlength=stretch.rounds.count)
        offsets = np.cumsum(counts) - counts
        if first == self._round:
            offsets[0] -= self._before
        places = np.arange(len(rounds)) - offsets[rounds]
        last = first + stretch.rounds.count - 1
        self._before = int(counts[-1]) + (self._before if last == self._round else 0)
        self._round = last
        return ids_in_cells(self._emission, rounds + first, places)


def _by_target(present: NDArray[np.bool_], targets: Whole, count: int) -> Whole:
    """Return how many samples each target has in each round."""
    found = np.zeros((count, present.shape[1]), np.int64)
    edges = np.flatnonzero(np.diff(targets, prepend=-1))  # rows of one target stand together
    if len(edges):
        found[targets[edges]] = np.add.reduceat(present.astype(np.int64), edges, axis=0)
    return found
