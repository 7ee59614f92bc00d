"""Whom an effect touches: who is the cause, and who shows symptoms because they depend on it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from simulator import Effect, Touched
from simulator_services.graph.conditions import Conditions
from simulator_services.graph.nodes import Graph
from simulator_services.graph.reaching import reached_by
from simulator_services.language.effects import RegionLoss


def touched(graph: Graph, conditions: Conditions, effect: Effect) -> Touched:
    """Say whom an effect touches, by the graph alone."""
    applied = [each for each in conditions.all() if each.effect is effect]
    hit = {number for each in applied for number in np.flatnonzero(each.ranks < each.most).tolist()}
    services = {each.service for each in applied}
    reached = reached_by(graph, effect, services)
    names = [each.name for each in graph.instances]
    region = {"region": (str(effect.arguments.region),)} if isinstance(effect.arguments, RegionLoss) else {}
    return Touched(
        cause=_named(graph, services, (names[each] for each in hit)) | region,
        symptoms=_named(
            graph, reached - services, (each.name for each in graph.instances if each.service in reached - services)
        ),
    )


def _named(graph: Graph, services: Iterable[int], hosts: Iterable[str]) -> dict[str, tuple[str, ...]]:
    names = tuple(sorted(graph.services[each].name for each in services))
    found = {"service": names, "host": tuple(sorted(hosts))}
    return {kind: each for kind, each in found.items() if each}
