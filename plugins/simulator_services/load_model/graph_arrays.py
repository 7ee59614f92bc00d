"""The graph as arrays: every call in every region, sorted by how deep its caller is. Times are seconds."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from simulator_services.graph.nodes import Edge, Graph

Floats = NDArray[np.float64]
Index = NDArray[np.intp]

_NEAR, _FAR = 0.0005, 0.0605  # there and back, on average
NONE = -1


@dataclass(frozen=True)
class Calls:
    """All calls in all regions. ``cache`` is the place that has to miss first, ``pool`` whose connection is taken."""

    edge: Index
    caller: Index
    callee: Index
    place: Index
    probability: Floats
    timeout: Floats
    attempts: Floats
    backoff: Floats
    kept: Floats  # 0 where a failure is ignored, 1 where the caller fails too
    network: Floats
    group: Index
    cache: Index
    pool: Index
    looks_up: Index  # the place of the cache that is asked, where something follows a miss
    levels: tuple[slice, ...]  # from the entries down


@dataclass(frozen=True)
class Flow:
    """Spots (routes in regions), places (services in regions) and calls between them, as arrays."""

    graph: Graph
    calls: Calls
    groups: int
    group_caller: Index
    group_order: Index  # groups by who makes them, in turn
    group_first: Index  # in that order: where those of the same caller begin
    place_of: Index
    own: Floats
    spread: Floats  # sigma of how long a spot takes
    cpu: Floats
    errors: Floats
    writes: NDArray[np.bool_]
    workers: Floats
    backlog: Floats
    cores: Floats
    pool_size: Floats
    pool_timeout: Floats
    hit_rate: Floats
    keys: Floats
    ttl: Floats

    @property
    def spots(self) -> int:
        return len(self.own)

    @property
    def places(self) -> int:
        return len(self.workers)


def flow_of(graph: Graph) -> Flow:
    """Write a graph as arrays."""
    regions = len(graph.regions)
    routes, services = graph.routes, [graph.services[route.service] for route in graph.routes]
    nodes = graph.services
    calls, groups, group_caller = _calls(graph)
    sigma = np.array([route.sigma for route in routes])
    slow = np.array([1 + route.described.slow * (route.described.slow_factor - 1) for route in routes])

    def by_spot(values: object) -> Floats:
        return np.repeat(np.asarray(values, np.float64), regions)

    pools = [node.described.pool for node in nodes]
    return Flow(
        graph=graph,
        calls=calls,
        groups=groups,
        group_caller=group_caller,
        group_order=(order := np.argsort(group_caller, kind="stable")),
        group_first=np.searchsorted(group_caller[order], group_caller[order]),
        place_of=np.array([node.number * regions + region for node in services for region in range(regions)], np.intp),
        own=by_spot(np.exp([route.mu for route in routes] + sigma**2 / 2) / 1e9 * slow),
        spread=by_spot(np.maximum(sigma, 0.4)),
        cpu=by_spot([route.cpu / 1e9 for route in routes]),
        errors=by_spot([route.described.errors for route in routes]),
        writes=by_spot([route.writes for route in routes]) > 0,
        workers=by_spot([node.workers for node in nodes]),
        backlog=by_spot([node.backlog for node in nodes]),
        cores=by_spot([node.described.cores for node in nodes]),
        pool_size=by_spot([pool.size if pool else 0 for pool in pools]),
        pool_timeout=by_spot([pool.timeout / 1e9 if pool else 1.0 for pool in pools]),
        hit_rate=by_spot([node.described.hit_rate for node in nodes]),
        keys=by_spot([node.described.keys for node in nodes]),
        ttl=by_spot([node.described.ttl / 1e9 for node in nodes]),
    )


def _calls(graph: Graph) -> tuple[Calls, int, Index]:
    regions, levels = len(graph.regions), graph.levels
    pairs = [
        (edge, region)
        for edge in sorted(graph.edges, key=lambda edge: (levels[edge.caller], edge.number))
        for region in graph.services[graph.routes[edge.caller].service].regions
    ]
    to = [_callee(graph, edge, region) for edge, region in pairs]
    missed = {edge.missed for edge in graph.edges if edge.missed is not None}
    groups: dict[tuple[int, int], int] = {}
    for edge, region in pairs:
        groups.setdefault((edge.group, region), len(groups))
    group_caller = np.zeros(len(groups), np.intp)
    for edge, region in pairs:
        group_caller[groups[edge.group, region]] = edge.caller * regions + region
    depth = np.array([levels[edge.caller] for edge, _ in pairs], np.intp)
    bounds = np.searchsorted(depth, np.arange(max(levels, default=0) + 2))
    calls = Calls(
        edge=np.array([edge.number for edge, _ in pairs], np.intp),
        caller=np.array([edge.caller * regions + region for edge, region in pairs], np.intp),
        callee=np.array([edge.callee * regions + there for (edge, _), there in zip(pairs, to, strict=True)], np.intp),
        place=np.array([_place(graph, edge, there) for (edge, _), there in zip(pairs, to, strict=True)], np.intp),
        probability=np.array([edge.probability for edge, _ in pairs]),
        timeout=np.array([edge.timeout / 1e9 for edge, _ in pairs]),
        attempts=np.array([edge.retries + 1.0 for edge, _ in pairs]),
        backoff=np.array([edge.backoff / 1e9 for edge, _ in pairs]),
        kept=np.array([0.0 if edge.fallback or edge.number in missed else 1.0 for edge, _ in pairs]),
        network=np.array([_NEAR if region == there else _FAR for (_, region), there in zip(pairs, to, strict=True)]),
        group=np.array([groups[edge.group, region] for edge, region in pairs], np.intp),
        cache=np.array([_cache(graph, edge, region) for edge, region in pairs], np.intp),
        pool=np.array([_pool(graph, edge, region) for edge, region in pairs], np.intp),
        looks_up=np.array(
            [
                _place(graph, edge, there) if edge.number in missed else NONE
                for (edge, _), there in zip(pairs, to, strict=True)
            ],
            np.intp,
        ),
        levels=tuple(slice(int(low), int(high)) for low, high in pairwise(bounds)),
    )
    return calls, len(groups), group_caller


def _callee(graph: Graph, edge: Edge, region: int) -> int:
    return graph.destinations[graph.routes[edge.callee].service][region]


def _place(graph: Graph, edge: Edge, region: int) -> int:
    return graph.routes[edge.callee].service * len(graph.regions) + region


def _cache(graph: Graph, edge: Edge, region: int) -> int:
    if edge.missed is None:
        return NONE
    cache = graph.edges[edge.missed]
    return _place(graph, cache, _callee(graph, cache, region))


def _pool(graph: Graph, edge: Edge, region: int) -> int:
    caller = graph.services[graph.routes[edge.caller].service]
    pool = caller.described.pool
    if pool is None or graph.services[graph.routes[edge.callee].service].name != pool.to:
        return NONE
    return caller.number * len(graph.regions) + region
