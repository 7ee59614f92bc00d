"""What waits: for workers, for connections, and for answers that a cache does not have."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulator_services.load_model.forces import Forces
from simulator_services.load_model.graph_arrays import NONE, Flow
from simulator_services.load_model.machines import Machines
from simulator_services.load_model.state import BUSIEST, TINY, State, queued, smoothed

Floats = NDArray[np.float64]
_STUCK = 60.0  # seconds that requests wait where nobody works: longer than callers do
_MOST_DRAINED = 2.0  # times what arrives, that what waited may add to the load below


class Crowds:
    """Lets what waits grow or drain, step by step."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        calls = flow.calls
        self._pooled = np.flatnonzero(calls.pool != NONE)
        self._lookups = np.flatnonzero(calls.looks_up != NONE)
        self._fetches = np.flatnonzero(calls.cache != NONE)

    def for_workers(self, forces: Forces, machines: Machines, state: State, number: int, seconds: float) -> None:
        """Share workers and processors out; who finds none waits, and who finds no place to wait is refused."""
        flow, up = self._flow, machines.upright
        arriving, busy, burnt = (
            np.bincount(flow.place_of, state.rate * each, flow.places).astype(np.float64)
            for each in (1.0, state.held, flow.cpu)
        )
        workers = up * flow.workers * forces.capacity[number]
        cores = up * flow.cores * forces.left[number]
        by_workers, by_cores = busy / np.maximum(workers, TINY), burnt / np.maximum(cores, TINY)
        state.load = np.maximum(by_workers, by_cores)
        speed = np.where(arriving > TINY, arriving / np.maximum(state.load, TINY), state.speed)
        state.speed = np.where(workers * cores > 0, np.maximum(speed, TINY), 0.0)
        most = flow.backlog * up
        waiting = state.waiting + (arriving - state.speed) * seconds
        over = np.maximum(waiting - most, 0.0) * (up > 0)
        state.waiting = np.clip(waiting, 0.0, most)
        state.refused = smoothed(state.refused, np.minimum(over / np.maximum(arriving * seconds, TINY), 1.0))
        served = np.minimum(arriving + state.waiting / seconds, state.speed)
        state.through = np.clip(served / np.maximum(arriving, TINY), 0.0, _MOST_DRAINED)
        full = (state.waiting > 0) | (state.load > 1)
        state.used = np.minimum(np.where(full, by_cores / np.maximum(state.load, TINY), by_cores), 1.0)
        bound = np.minimum(state.used, BUSIEST)
        state.coupling = smoothed(state.coupling, 1.0 + 0.5 * bound / (1.0 - bound))
        wait = np.where(state.speed > 0, state.waiting / np.maximum(state.speed, TINY), _STUCK * (up > 0))
        wait = wait + queued(busy / np.maximum(arriving, TINY), by_workers, workers)
        state.wait = smoothed(state.wait, wait)
        state.arriving, state.busy, state.workers = arriving, np.minimum(busy, workers), workers

    def for_connections(self, forces: Forces, machines: Machines, state: State, number: int, seconds: float) -> None:
        """Share the connections of pools out; who waits too long for one fails."""
        flow, rows = self._flow, self._pooled
        if not len(rows):
            return
        pool, caller = flow.calls.pool[rows], flow.calls.caller[rows]
        passing = state.rate[caller] * state.through[flow.place_of[caller]] * (1.0 - state.skipped[caller])
        wanted = passing * state.wanted[rows]  # those refused too
        asking = np.bincount(pool, wanted, flow.places)
        holding = np.maximum(state.lasts[rows] - state.pool_wait[pool], 0.0)
        taken = np.bincount(pool, wanted * holding, flow.places)
        size = forces.pool[number] * forces.kept[number] * machines.upright
        load = taken / np.maximum(size, TINY)
        speed = np.where(size > 0, asking / np.maximum(load, TINY), 0.0)
        waiting = np.maximum(state.pool_waiting + (asking - speed) * seconds, 0.0)
        most = np.minimum(speed, asking + 1.0) * flow.pool_timeout
        over = np.maximum(waiting - most, 0.0)
        state.pool_waiting = np.minimum(waiting, most)
        refused = np.minimum(over / np.maximum(asking * seconds, TINY), 1.0) * (asking > TINY)
        state.pool_refused = smoothed(state.pool_refused, refused)
        wait = np.where(speed > 0, state.pool_waiting / np.maximum(speed, TINY), flow.pool_timeout)
        wait = wait * (asking > TINY) + queued(taken / np.maximum(asking, TINY), load, size)
        state.pool_wait = smoothed(state.pool_wait, np.minimum(wait, flow.pool_timeout))
        state.pool_used = np.minimum(taken, size)
        state.pool_vain = refused * asking * flow.pool_timeout

    def for_answers(self, forces: Forces, machines: Machines, state: State, number: int, seconds: float) -> None:
        """Let caches fill by answers that were fetched, and lose those that nobody can fetch again."""
        flow, calls = self._flow, self._flow.calls
        if not len(self._lookups):
            return
        rate = state.rate[calls.caller] * state.multiple
        looked_up = np.bincount(calls.looks_up[self._lookups], rate[self._lookups], flow.places)
        cache, fetched = calls.cache[self._fetches], rate[self._fetches]
        tried = np.bincount(cache, fetched, flow.places)
        failed = np.bincount(cache, fetched * state.fails[self._fetches], flow.places)
        fine = 1.0 - failed / np.maximum(tried, TINY)
        missed = looked_up * (1.0 - flow.hit_rate * state.fill)
        grown = (1.0 - state.fill) * missed * fine / flow.keys - state.fill * (1.0 - fine) / flow.ttl
        fill = np.clip(state.fill + grown * seconds, 0.0, forces.warm[number])
        state.fill = np.where(machines.upright > 0, fill, 0.0)
