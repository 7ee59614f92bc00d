"""What range selectors see: for every series and step the samples with step - range < time <= step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator_prometheus.promql.series import Floats, Labels, Mask, Samples, Times
from simulator_prometheus.promql.vectors import Vector, present_rows

Indexes = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Windows:
    """Samples, and which of them are in each window: those at ``low`` up to, not including, ``high``."""

    samples: Samples
    low: Indexes  # series × steps
    high: Indexes
    ends: Times  # where the windows end, one a step
    range: int

    @property
    def labels(self) -> list[Labels]:
        return self.samples.labels

    @property
    def counts(self) -> Indexes:
        return self.high - self.low

    @property
    def first(self) -> Floats:
        """The first value of each window; of an empty one, some other."""
        return self.samples.values[self._within(self.low)]

    @property
    def last(self) -> Floats:
        return self.samples.values[self._within(self.high - 1)]

    def before_last(self) -> Indexes:
        return self._within(self.high - 2)

    def times_of(self, index: Indexes) -> Times:
        return self.samples.times[self._within(index)]

    def one_by_one(self) -> Iterator[tuple[Floats, Times, Mask]]:
        """Give the first sample of all windows, then the second, and so on, with a mask of those that have one."""
        counts = self.counts
        for number in range(int(counts.max(initial=0))):
            index = self._within(self.low + number)
            yield self.samples.values[index], self.samples.times[index], counts > number

    def _within(self, index: Indexes) -> Indexes:
        return np.clip(index, 0, len(self.samples.values) - 1)


def windows(samples: Samples, ends: Times, length: int) -> Windows:
    """Find the windows that end at these times."""
    shape = (len(samples.labels), len(ends))
    low, high = np.empty(shape, np.int64), np.empty(shape, np.int64)
    bounds = np.concatenate([ends - length, ends])
    before: Times = np.empty(0, np.int64)
    for row, (start, end) in enumerate(zip(samples.starts[:-1].tolist(), samples.starts[1:].tolist(), strict=True)):
        own = samples.times[start:end]
        if row and len(own) == len(before) and (own == before).all():  # scraped together
            low[row], high[row] = low[row - 1] + len(own), high[row - 1] + len(own)
        else:
            found = own.searchsorted(bounds, "right") + start
            low[row], high[row] = found[: len(ends)], found[len(ends) :]
        before = own
    return Windows(samples, low, high, ends, length)


def hide_late(
    found: Windows, late: Mapping[Labels, Sequence[tuple[int, int]]], delays: Mapping[Labels, int], asked: Times
) -> None:
    """End the windows of the times when a query was ``asked`` before samples that had not come by then."""
    for row, labels in enumerate(found.labels):
        start, end = found.samples.starts[row : row + 2].tolist()
        if labels in delays:
            indexes = start + found.samples.times[start:end].searchsorted(asked - delays[labels], "right")
            np.minimum(found.high[row], indexes, out=found.high[row])
            np.minimum(found.low[row], indexes, out=found.low[row])
        for time, seen in late.get(labels, ()):
            index = start + int(found.samples.times[start:end].searchsorted(time))
            steps = slice(int(found.ends.searchsorted(time)), int(asked.searchsorted(seen)))
            np.minimum(found.high[row, steps], index, out=found.high[row, steps])
            np.minimum(found.low[row, steps], index, out=found.low[row, steps])


def samples_of(vector: Vector, times: Times) -> Samples:
    """Return what a subquery gave as samples."""
    vector = present_rows(vector)
    counts = vector.present.sum(axis=1)
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    each = np.broadcast_to(times, vector.present.shape)
    return Samples(vector.labels, each[vector.present], vector.values[vector.present], starts)
