"""What a walk happens in: the graph, what is wrong with it, and how it is at each place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator_services.conditions import Applied, Conditions
from simulator_services.graph import Graph
from simulator_services.presence import Presence
from simulator_services.weather import Weather

Floats = NDArray[np.float64]
Index = NDArray[np.intp]
Times = NDArray[np.int64]


@dataclass(frozen=True)
class Scene:
    """``calm`` is the weather without any effect: what is over it is due to one. ``start`` and ``end`` enclose all."""

    graph: Graph
    conditions: Conditions
    weather: Weather
    calm: Weather
    presence: Presence
    start: int
    end: int

    def effects(self, service: int, route: str) -> list[Applied]:
        return self.conditions.on(service, route, self.start, self.end)

    def place(self, service: int, region: int) -> int:
        return service * len(self.graph.regions) + region

    def now(self, name: str, place: int, times: Times) -> tuple[Floats, Floats]:
        """Return a quantity of the weather at a place, and what it would be without effects."""
        steps = self.weather.steps_at(times)
        found = self.weather.at(name, place, steps)
        return found, (found if self.calm is self.weather else self.calm.at(name, place, steps))

    def blamed(self, service: int, times: Times) -> NDArray[np.int16]:
        """Return the act that bad weather at a service is due to: that of the latest effect that reaches it."""
        return self.conditions.blamed(service, times)

    def by_destination(self, service: int, regions: Index) -> list[tuple[int, Index]]:
        """Return the rows for each region that calls to a service go to."""
        table = np.array(self.graph.destinations[service])
        if len(set(table)) == 1:
            return [(int(table[0]), np.arange(len(regions)))]
        to = table[regions]
        return [(int(each), np.flatnonzero(to == each)) for each in np.unique(to)]
