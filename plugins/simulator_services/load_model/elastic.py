"""Instances that come and go with the load: autoscaling, and functions that start when they are asked."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, log, sqrt

import numpy as np
from numpy.typing import NDArray

from simulator_services.graph.conditions import Conditions
from simulator_services.load_model.forces import Forces
from simulator_services.load_model.graph_arrays import Flow
from simulator_services.load_model.machines import Machines

Floats = NDArray[np.float64]
_Z99 = 2.3263478740408398
_AFTERMATH = 900_000_000_000


@dataclass
class _Group:
    """The instances of one service in one region."""

    place: int
    service: int
    since: int = 0  # when more than are needed were first seen
    warm: float = 0.0


class Elastic:
    """All that scales."""

    def __init__(self, flow: Flow, conditions: Conditions) -> None:
        graph = flow.graph
        self._flow, self._conditions = flow, conditions
        regions = len(graph.regions)
        self.cold, self.cold_cost = np.zeros(flow.places), np.zeros(flow.places)
        self.client_attempts = np.repeat([t.retries + 1.0 for t in graph.described.traffic], regions)
        groups = [
            _Group(node.number * regions + region, node.number, warm=float(node.instances))
            for node in graph.services
            for region in node.regions
        ]
        self._functions = [each for each in groups if graph.services[each.service].kind == "function"]
        self._scaled = [
            each
            for each in groups
            if graph.services[each.service].described.autoscale and graph.services[each.service].kind != "function"
        ]

    def scale(self, machines: Machines, used: Floats, time: int, step: int) -> None:
        """Start or stop instances where their processors are busier, or idler, than is wanted."""
        for group in self._scaled:
            node = self._flow.graph.services[group.service]
            autoscale = node.described.autoscale
            assert autoscale is not None
            if time // autoscale.every == (time - step) // autoscale.every:
                continue
            count = machines.count(group.place)
            wanted = min(max(ceil(count * used[group.place] / autoscale.target - 0.1), node.instances), autoscale.most)
            act = self._act(group.service, time)
            if wanted >= count:
                group.since = time
            if wanted > count or (wanted < count and time - group.since >= autoscale.cooldown):
                machines.scale(time, group.place, wanted, node.described.startup, act)

    def start(
        self, machines: Machines, busy: Floats, arriving: Floats, forces: Forces, number: int, seconds: float, time: int
    ) -> None:
        """Start instances of functions for requests that find none that is free and warm."""
        for group in self._functions:
            node, place = self._flow.graph.services[group.service], group.place
            cold = node.described.cold
            most = float(np.count_nonzero(machines.place_of == place))
            needed = min(busy[place] + 2.0 * sqrt(busy[place]), most)
            fresh = max(0.0, needed - group.warm)
            idle = max(0.0, group.warm - max(needed, node.instances))
            group.warm += fresh - idle * min(1.0, seconds / (cold.keep_warm / 1e9))
            share = fresh / max(arriving[place] * seconds, 1.0)
            self.cold[place] = min(1.0, max(share, forces.cold[number, place]))
            mean = cold.p50 / 1e9 * np.exp((log(cold.p99 / cold.p50) / _Z99) ** 2 / 2)
            self.cold_cost[place] = self.cold[place] * mean * forces.starting[number, place]
            wanted = min(max(round(group.warm), 1), int(most))
            if time and wanted != machines.count(place):
                machines.scale(time, place, wanted, 0, self._act(group.service, time), noted=False)

    def _act(self, service: int, time: int) -> int:
        """Return the act that instances come or go for: that of an effect that is there, or was a while ago."""
        return int(self._conditions.blamed(service, np.array([time]), _AFTERMATH)[0])
