"""A batch: events of one emission, in the order of their times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.events.columns import Column, Index


@dataclass(frozen=True, slots=True)
class Batch:
    """Events of one emission as columns.

    ``times`` are nanoseconds since the epoch, ascending. ``ids`` are the event ids
    (see :mod:`simulator.events.ids`), unique in a run and independent of windows.
    """

    emission: int
    times: NDArray[np.int64]
    ids: NDArray[np.uint64]
    columns: Mapping[str, Column]

    def __len__(self) -> int:
        return len(self.times)

    def take(self, rows: Index) -> Batch:
        columns = {name: column.take(rows) for name, column in self.columns.items()}
        return Batch(self.emission, self.times[rows], self.ids[rows], columns)

    def between(self, start: int, end: int) -> Batch:
        """Return the events with ``start <= time < end``; they share this batch's memory."""
        first, last = np.searchsorted(self.times, [start, end])
        if first == 0 and last == len(self.times):
            return self
        columns = {name: column.part(first, last) for name, column in self.columns.items()}
        return Batch(self.emission, self.times[first:last], self.ids[first:last], columns)
