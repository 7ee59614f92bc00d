"""The graph that a description amounts to: services, routes and calls by number, so that columns can hold them.

A *place* is a service in a region, numbered ``service * regions + region``; a *spot* a route in a region.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from simulator_services.language.description import Breaker, Route, Service, Services


@dataclass(frozen=True, slots=True)
class Edge:
    """A call of one route to another. ``missed`` is the number of the call to a cache that has to miss first."""

    number: int
    caller: int
    callee: int
    probability: float
    timeout: int
    retries: int
    backoff: int
    fallback: bool
    breaker: Breaker | None
    group: int
    missed: int | None = None
    publish: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """Something a route does in turn: calls that are made together, each with what follows when a cache misses."""

    edges: tuple[Edge, ...]


@dataclass(frozen=True, slots=True)
class RouteNode:
    """A route by number. ``mu`` and ``sigma`` are of the logarithm of its own work, in nanoseconds."""

    number: int
    service: int
    name: str
    method: str
    path: str
    mu: float
    sigma: float
    described: Route
    cpu: int
    writes: bool
    protocol: str


@dataclass(frozen=True, slots=True)
class ServiceNode:
    """A service by number. ``regions`` are the numbers of those that it runs in."""

    number: int
    name: str
    described: Service
    regions: tuple[int, ...]
    port: int
    system: str
    workers: int
    backlog: int
    memory_limit: int
    instances: int

    @property
    def kind(self) -> str:
        return self.described.kind


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance by number. ``rank`` is its place among those of its service and region, from 0 to 1."""

    number: int
    name: str
    service: int
    region: int
    place: int
    ordinal: int
    rank: float
    standby: bool


@dataclass(frozen=True)
class Graph:
    """All of it. ``steps`` are those of each route, ``missing`` the edges that follow a miss, by the edge missed."""

    described: Services
    regions: tuple[str, ...]
    shares: tuple[float, ...]
    services: tuple[ServiceNode, ...]
    routes: tuple[RouteNode, ...]
    edges: tuple[Edge, ...]
    steps: tuple[tuple[Step, ...], ...]
    missing: tuple[tuple[Edge, ...], ...]
    instances: tuple[Instance, ...]
    entries: tuple[int, ...]
    consumers: tuple[tuple[int, int], ...]  # (queue's service, consuming route)

    @property
    def places(self) -> int:
        return len(self.services) * len(self.regions)

    @property
    def spots(self) -> int:
        return len(self.routes) * len(self.regions)

    @cached_property
    def service_numbers(self) -> dict[str, int]:
        return {each.name: each.number for each in self.services}

    @cached_property
    def destinations(self) -> tuple[tuple[int, ...], ...]:
        """The region that a call goes to, by service and the caller's region: its own where it can."""
        return tuple(
            tuple(here if here in each.regions else each.regions[0] for here in range(len(self.regions)))
            for each in self.services
        )

    @cached_property
    def levels(self) -> tuple[int, ...]:
        """How deep each route is below the entries: callers come before those they call."""
        depths = [0] * len(self.routes)
        callees: dict[int, list[int]] = {}
        for edge in self.edges:
            callees.setdefault(edge.caller, []).append(edge.callee)
        waiting = list(callees)
        while waiting:
            route = waiting.pop()
            for callee in callees.get(route, ()):
                if depths[callee] <= depths[route]:
                    depths[callee] = depths[route] + 1
                    waiting.append(callee)
        return tuple(depths)
