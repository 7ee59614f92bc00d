"""Weather: how it is at each place over time - load, waiting, refusals, memory - as the walk and the gauges read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
}


@dataclass(frozen=True)
class Weather:
    """Tables of shape (places, steps). Step k is from ``start + k * step`` on."""

    start: int
    step: int
    tables: Mapping[str, Floats]
    changes: tuple[Change, ...]

    @property
    def steps(self) -> int:
        return next(iter(self.tables.values())).shape[1]

    def steps_at(self, times: Times) -> Index:
        """Return the steps that times fall into."""
        return np.clip((times - self.start) // self.step, 0, self.steps - 1)

    def at(self, name: str, place: int, steps: Index) -> Floats:
        return self.tables[name][place][steps]

    @classmethod
    def calm(cls, places: int, start: int, end: int) -> Weather:
        """Return weather in which nobody ever waits."""
        return cls(start, end - start, {name: np.full((places, 1), value) for name, value in CALM.items()}, ())
