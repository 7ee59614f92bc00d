"""Circuit breakers: calls that fail too often are not made for a while."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulator_services.load_model.graph_arrays import Flow
from simulator_services.load_model.state import State


class Breakers:
    """All breakers of a graph. ``tables`` say when each was open, by call and region of the caller."""

    def __init__(self, flow: Flow, steps: int) -> None:
        regions, calls = len(flow.graph.regions), flow.calls
        edges = flow.graph.edges
        self._rows = [
            (row, each, int(calls.caller[row] % regions))
            for row, number in enumerate(calls.edge)
            if (each := edges[number]).breaker is not None
        ]
        self._left = dict.fromkeys((row for row, _, _ in self._rows), 0)
        self.tables: dict[tuple[int, int], NDArray[np.float64]] = {
            (edge.number, region): np.zeros(steps) for _, edge, region in self._rows
        }

    def step(self, state: State, length: int, number: int | None) -> None:
        """Open and close. ``length`` is of the step, in nanoseconds; ``number`` is None before the first."""
        for row, edge, region in self._rows:
            assert edge.breaker is not None
            if state.opened[row]:
                self._left[row] -= length
                state.opened[row] = float(self._left[row] > 0)
            elif state.fails[row] > edge.breaker.failures:
                state.opened[row] = 1.0
                self._left[row] = edge.breaker.open_for
            if number is not None:
                self.tables[edge.number, region][number] = state.opened[row]
