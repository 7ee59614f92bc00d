"""Queues: what is sent, what is taken, what waits."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulator_services.load_model.graph_arrays import Flow

Floats = NDArray[np.float64]
_TINY = 1e-9
_MOST_USE = 0.95


class Brokers:
    """The queues of a graph. Each route that consumes one gets every message of it."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        graph, regions = flow.graph, len(flow.graph.regions)
        self._pairs: list[tuple[int, int, int]] = []  # place of the queue, spot that sends, spot that consumes
        publishing = {route.service: route.number for route in graph.routes if route.method == "publish"}
        for queue, route in graph.consumers:
            for region in graph.services[queue].regions:
                there = graph.destinations[graph.routes[route].service][region]
                sender = publishing.get(queue)
                if sender is not None:
                    self._pairs.append((queue * regions + region, sender * regions + region, route * regions + there))
        self.depth, self.age = np.zeros(flow.places), np.zeros(flow.places)
        self._depths = np.zeros(len(self._pairs))
        self._taken = np.zeros(len(self._pairs))
        self._capacity = np.array([node.described.capacity for node in graph.services], np.float64).repeat(regions)

    def feed(self, rate: Floats) -> None:
        """Add what is consumed to the rates of those who consume."""
        for number, (_, _, consumer) in enumerate(self._pairs):
            rate[consumer] += self._taken[number]

    def step(self, rate: Floats, failing: Floats, spare: Floats, held: Floats, seconds: float) -> None:
        """Let messages come and go for a step. ``spare`` are the workers at each place that could do it."""
        self.depth[:], self.age[:] = 0.0, 0.0
        for number, (queue, sender, consumer) in enumerate(self._pairs):
            sent = rate[sender] * (1.0 - failing[sender])
            place = self._flow.place_of[consumer]
            able = _MOST_USE * spare[place] / max(float(held[consumer]), 1e-4)
            self._taken[number] = min(sent + self._depths[number] / seconds, able)
            depth = self._depths[number] + (sent - self._taken[number]) * seconds
            self._depths[number] = min(max(depth, 0.0), self._capacity[queue])
            self.depth[queue] = max(self.depth[queue], self._depths[number])
            waits = self._depths[number] / max(float(self._taken[number]), _TINY) if self._depths[number] > 0.5 else 0.0
            self.age[queue] = max(self.age[queue], min(waits, 86_400.0))
