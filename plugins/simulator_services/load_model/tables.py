"""Weather: how it is at each place over time - load, waiting, refusals, memory - as the walk and the gauges read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from simulator_services.graph.presence import Change
from simulator_services.load_model.machines import Scaling

Floats = NDArray[np.float64]
Index = NDArray[np.intp]
Times = NDArray[np.int64]

TABLES = {
    "wait": 0.0,  # seconds for a worker
    "refused": 0.0,  # share turned away, for the backlog is full
    "coupling": 1.0,  # how many times as long own work takes for load
    "pool_wait": 0.0,  # seconds for a connection
    "pool_refused": 0.0,  # share that waits in vain
    "pool_size": 0.0,  # connections of each instance
    "pool_leaked": 0.0,  # of them, those that requests keep for ever
    "pool_used": 0.0,  # by requests that will give them back
    "pool_waiting": 0.0,  # requests
    "hit": 1.0,  # of a cache: share of the answers that it has
    "cold": 0.0,  # share of requests that wait for an instance to start
    "age": 0.0,  # seconds that a message waits in a queue
    "depth": 0.0,  # messages in it
    "full": 0.0,  # share of instances that cannot write
    "rate": 0.0,  # requests a second
    "busy": 0.0,  # requests being handled
    "used": 0.0,  # share of the processors
    "left": 1.0,  # share of the processors that nobody else takes
    "waiting": 0.0,  # requests for a worker
    "up": 0.0,  # instances
}
"""What is noted of each place, and how it is when nothing happens."""


_FINEST = 1_000_000_000
_MOST_UNITS = 1 << 20


@dataclass(frozen=True)
class Weather:
    """Tables of shape (places, steps), and who came and went. Step k is from ``edges[k]`` to ``edges[k + 1]``."""

    edges: Times
    tables: Mapping[str, Floats]
    changes: tuple[Change, ...]
    scalings: tuple[Scaling, ...]
    grown: Mapping[int, Floats]  # bytes of memory over the usual, by instance
    disks: Mapping[int, Floats]  # bytes in use, by instance
    breakers: Mapping[tuple[int, int], Floats]  # whether a circuit is open, by call and region

    @cached_property
    def _units(self) -> tuple[int, Index]:
        """The step of each of many short pieces of the run, all of one length: quicker to look up than edges."""
        start, end = int(self.edges[0]), int(self.edges[-1])
        unit = max(_FINEST, -(-(end - start) // _MOST_UNITS))
        pieces = np.arange(start, end, unit, dtype=np.int64)
        return unit, np.searchsorted(self.edges, pieces, side="right") - 1

    def steps_at(self, times: Times) -> Index:
        """Return the steps that times fall into; those after the end count as the last."""
        unit, steps = self._units
        return np.asarray(steps[np.minimum((times - self.edges[0]) // unit, len(steps) - 1)])

    def at(self, name: str, place: int, steps: Index) -> Floats:
        found: Floats = self.tables[name][place][steps]
        return found
