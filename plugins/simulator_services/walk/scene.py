"""What a walk happens in: the graph, what is wrong with it, and how it is at each place."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from simulator_services.graph.conditions import Applied, Conditions
from simulator_services.graph.nodes import Edge, Graph
from simulator_services.graph.presence import Presence
from simulator_services.language.description import Pool
from simulator_services.language.effects import RetryStorm
from simulator_services.load_model.tables import Weather

Floats = NDArray[np.float64]
Index = NDArray[np.intp]
Small = NDArray[np.int16]
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

    def service_of(self, edge: Edge) -> int:
        """Return the service that is called."""
        return self.graph.routes[edge.callee].service

    @cached_property
    def region_of(self) -> Index:
        """The region of each instance."""
        return np.array([each.region for each in self.graph.instances], np.intp)

    def now(self, name: str, place: int, times: Times) -> tuple[Floats, Floats]:
        """Return a quantity of the weather at a place, and what it would be without effects."""
        steps = self.weather.steps_at(times)
        found = self.weather.at(name, place, steps)
        return found, (found if self.calm is self.weather else self.calm.at(name, place, steps))

    def blamed(self, service: int, times: Times) -> Small:
        """Return the act that bad weather at a service is due to: that of the latest effect that reaches it."""
        return self.conditions.blamed(service, times)

    def attempts(self, edge: Edge, times: Times) -> Index:
        """Return how often callers try."""
        allowed = np.full(len(times), edge.retries + 1, np.intp)
        for effect in self._storms(edge):
            more = np.round(1 + (effect.arguments.attempts - 1) * effect.effect.strength(times))
            allowed = np.maximum(allowed, more.astype(np.intp))
        return allowed

    def backoff(self, edge: Edge) -> int:
        """Return how long callers wait before they try again for the first time."""
        return min(effect.arguments.backoff for effect in self._storms(edge)) if self._storms(edge) else edge.backoff

    def pool_of(self, edge: Edge) -> Pool | None:
        """Return the pool that a call takes a connection of."""
        pool = self.graph.services[self.graph.routes[edge.caller].service].described.pool
        return pool if pool and pool.to == self.graph.services[self.service_of(edge)].name else None

    def opened(self, edge: Edge, instances: Index, times: Times) -> NDArray[np.bool_] | None:
        """Return for which callers a circuit breaker is open, or None if there is none."""
        if edge.breaker is None:
            return None
        found = np.zeros(len(times), np.bool_)
        steps, regions = self.weather.steps_at(times), self.region_of[instances]
        for (number, region), table in self.weather.breakers.items():
            if number == edge.number:
                found |= (regions == region) & (table[steps] > 0)
        return found

    def by_destination(self, service: int, regions: Index) -> list[tuple[int, Index]]:
        """Return the rows for each region that calls to a service go to."""
        destinations = self.graph.destinations[service]
        if len(set(destinations)) == 1:
            return [(destinations[0], np.arange(len(regions)))]
        to = np.array(destinations)[regions]
        return [(int(each), np.flatnonzero(to == each)) for each in np.unique(to)]

    def _storms(self, edge: Edge) -> list[Applied]:
        route = self.graph.routes[edge.callee]
        return [each for each in self.effects(route.service, route.name) if isinstance(each.arguments, RetryStorm)]
