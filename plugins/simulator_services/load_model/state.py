"""How a graph is at one step of the weather: what the next step follows from."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulator_services.load_model.graph_arrays import Flow

Floats = NDArray[np.float64]
TINY = 1e-9
BUSIEST = 0.95  # use of processors in formulas with a pole at 1


class State:
    """Arrays by place, spot or call, that each step changes. Times are seconds, rates per second."""

    def __init__(self, flow: Flow) -> None:
        places, spots, calls = flow.places, flow.spots, len(flow.calls.edge)
        # by place: of its workers
        self.coupling, self.wait, self.refused = np.ones(places), np.zeros(places), np.zeros(places)
        self.waiting, self.through, self.speed = np.zeros(places), np.ones(places), np.full(places, TINY)
        self.arriving, self.busy, self.used, self.load = (np.zeros(places) for _ in range(4))
        self.workers = flow.workers.copy()
        self.cold_cost = np.zeros(places)
        # by place: of its pool
        self.pool_wait, self.pool_refused, self.pool_waiting, self.pool_used = (np.zeros(places) for _ in range(4))
        self.pool_vain = np.zeros(places)  # requests that wait until they give up
        # by place: how warm a cache is
        self.fill = np.ones(places)
        # by spot
        self.rate, self.failing, self.skipped = np.zeros(spots), np.zeros(spots), np.zeros(spots)
        self.held = flow.own.copy()  # how long a request holds a worker
        # by call: how often it is made for a request, how long it takes, how often an attempt fails
        self.multiple, self.lasts, self.fails, self.opened = (np.zeros(calls) for _ in range(4))
        self.wanted = np.zeros(calls)  # how often it would be made if there always were a connection


def smoothed(before: Floats, now: Floats) -> Floats:
    """Go half of the way: what follows from the step before must not swing."""
    return np.asarray(0.5 * (before + now))


def queued(mean: Floats, load: Floats, workers: Floats) -> Floats:
    """Return the mean wait for one of several workers below saturation (Sakasegawa's approximation)."""
    load = np.minimum(load, 0.97)
    servers = np.maximum(workers, 1.0)
    return np.asarray(mean * load ** np.sqrt(2.0 * (servers + 1.0)) / (servers * (1.0 - load)))
