"""Weather: how it is at each place over time - load, waiting, refusals, memory - as the walk and the gauges read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator_services.machines import Scaling
from simulator_services.presence import Change

Floats = NDArray[np.float64]
Index = NDArray[np.intp]
Times = NDArray[np.int64]

CALM = {
    "wait": 0.0,  # seconds for a worker
    "refused": 0.0,  # share turned away, for the backlog is full
    "coupling": 1.0,  # how many times as long own work takes for load
    "pool_wait": 0.0,  # seconds for a connection
    "pool_refused": 0.0,  # share that waits in vain
    "hit": 1.0,  # of a cache
    "cold": 0.0,  # share of requests that wait for an instance to start
    "age": 0.0,  # seconds a message waits in a queue
    "full": 0.0,  # share of instances that cannot write
}


@dataclass(frozen=True)
class Weather:
    """Tables of shape (places, steps), and who came and went. Step k is from ``start + k * step`` on."""

    start: int
    step: int
    tables: Mapping[str, Floats]
    changes: tuple[Change, ...]
    scalings: tuple[Scaling, ...]
    breakers: Mapping[tuple[int, int], Floats]  # whether a circuit is open, by call and region

    @property
    def steps(self) -> int:
        return int(next(iter(self.tables.values())).shape[1])

    def steps_at(self, times: Times) -> Index:
        """Return the steps that times fall into."""
        return np.clip((times - self.start) // self.step, 0, self.steps - 1)

    def at(self, name: str, place: int, steps: Index) -> Floats:
        found: Floats = self.tables[name][place][steps]
        return found
