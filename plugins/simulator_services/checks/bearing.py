"""Whether a graph can bear its traffic at all, before anything is wrong with it."""

from __future__ import annotations

import numpy as np

from simulator import Complaints, Span
from simulator_services.graph.conditions import Conditions
from simulator_services.graph.numbering import graph_of
from simulator_services.language.description import Services
from simulator_services.load_model.graph_arrays import flow_of
from simulator_services.load_model.solving import SECOND, steady_load

_DAY = 86_400 * SECOND
_MONDAY = 4 * _DAY  # 1970-01-05


def check_load(described: Services, complaints: Complaints) -> None:
    """Complain about services that an ordinary day would overload for ever."""
    graph = graph_of(described)
    flow = flow_of(graph)
    day = Span(_MONDAY, _MONDAY + _DAY)
    rates = [traffic.arrivals.expected(day, 1) / 86_400 for traffic in described.traffic]
    regions = len(graph.regions)
    demand = [
        (route * regions + graph.destinations[graph.routes[route].service][region], np.array([rate * share]))
        for route, rate in zip(graph.entries, rates, strict=True)
        for region, share in enumerate(graph.shares)
    ]
    arriving, load = steady_load(flow, Conditions.of(graph, ()), demand)
    for place in np.flatnonzero(load > 1.0):
        service = graph.services[int(place) // regions]
        where = f" in {graph.regions[int(place) % regions]}" if regions > 1 else ""
        complaints.add(
            service.described.place,
            f"{service.name!r}{where} is asked {arriving[place]:,.1f} times a second and can bear "
            f"{arriving[place] / load[place]:,.1f}: its backlog would never end; "
            "give it more instances, workers or cores, or send less traffic",
        )
