"""How far an effect is felt: along the calls of the graph, upwards, and downwards where it makes load."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from simulator import Effect
from simulator_services.graph.nodes import Graph
from simulator_services.language.effects import CacheHitRate, ColdStartStorm, RetryStorm, Surge

_LOADS = (CacheHitRate, ColdStartStorm, RetryStorm, Surge)
"""Effects that put load on what is called, not only on who calls."""


def reached_by(graph: Graph, effect: Effect, services: set[int]) -> set[int]:
    """Return the services that an effect on some may be felt at."""
    reached = set(services)
    if isinstance(effect.arguments, _LOADS):
        reached |= _closure(services, _neighbours(graph, down=True))
        if isinstance(effect.arguments, CacheHitRate):
            reached |= _missed_for(graph, services)
    return _closure(reached, _neighbours(graph, down=False))


def _missed_for(graph: Graph, caches: set[int]) -> set[int]:
    """Return the services that are asked when caches miss, and all that those ask."""
    asked = {
        graph.routes[edge.callee].service
        for edge in graph.edges
        if edge.missed is not None and graph.routes[graph.edges[edge.missed].callee].service in caches
    }
    return _closure(asked, _neighbours(graph, down=True))


def _neighbours(graph: Graph, *, down: bool) -> Mapping[int, set[int]]:
    """Return who asks whom, or whom each is asked by."""
    found: dict[int, set[int]] = {}
    for edge in graph.edges:
        caller, callee = graph.routes[edge.caller].service, graph.routes[edge.callee].service
        found.setdefault(caller if down else callee, set()).add(callee if down else caller)
    for queue, route in graph.consumers:
        consumer = graph.routes[route].service
        found.setdefault(queue if down else consumer, set()).add(consumer if down else queue)
    return found


def _closure(of: Iterable[int], neighbours: Mapping[int, set[int]]) -> set[int]:
    reached = set(of)
    waiting = list(reached)
    while waiting:
        for each in neighbours.get(waiting.pop(), ()):
            if each not in reached:
                reached.add(each)
                waiting.append(each)
    return reached
