"""Working out the weather: a fluid model of the graph, step by step, in which no chance has a part.

At each step what calls cost goes up the graph (latencies, failures), then load goes down it
(rates, with the attempts that failures cause), then what is waiting grows or drains. What a
place is like in a step follows from the step before: retry storms, stampedes and backlogs
that outlive their cause come of that, and nobody writes them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from simulator_services.brokers import Brokers
from simulator_services.conditions import Conditions
from simulator_services.elastic import Elastic
from simulator_services.flow import NONE, Flow
from simulator_services.forces import Forces
from simulator_services.machines import Machines
from simulator_services.planned import changes
from simulator_services.traffic import Entry
from simulator_services.weather import CALM, Weather

Floats = NDArray[np.float64]
Times = NDArray[np.int64]

_GAUGES = dict.fromkeys(("full", "rate", "busy", "used", "waiting", "pool_used", "pool_waiting", "depth", "lost"), 0.0)
MOST_STEPS = 10_000
SECOND = 1_000_000_000
_SETTLING = 20  # steps before the first, so that a run does not begin in an empty world
_BUSIEST = 0.95  # the coupling formula has a pole at 1
_TINY = 1e-9


def step_of(start: int, end: int) -> int:
    """Return how long a step of the weather is, in nanoseconds."""
    return max(SECOND, -(-(end - start) // MOST_STEPS))


def solved(flow: Flow, conditions: Conditions, entries: Sequence[Entry], start: int, end: int) -> Weather:
    """Return the weather of a run."""
    step = step_of(start, end)
    times = np.arange(start, end, step, dtype=np.int64)
    demand = demanded(flow, conditions, entries, times, step)
    return _Solver(flow, conditions, demand, times, step, end).weather()


def demanded(
    flow: Flow, conditions: Conditions, entries: Sequence[Entry], times: Times, step: int
) -> list[tuple[int, Floats]]:
    """Return the traffic from outside: spots, and requests a second that come to each at each step."""
    graph = flow.graph
    shares = conditions.traffic_shares(times)
    found = []
    for entry in entries:
        rates = entry.rates(np.append(times, times[-1] + step))
        service = graph.routes[entry.route].service
        for region in range(len(graph.regions)):
            there = graph.destinations[service][region]
            found.append((entry.route * len(graph.regions) + there, rates * shares[:, region]))
    return found


class _Solver:
    def __init__(
        self,
        flow: Flow,
        conditions: Conditions,
        demand: list[tuple[int, Floats]],
        times: Times,
        step: int,
        end: int,
    ) -> None:
        self.flow, self.times, self.step, self.seconds = flow, times, step, step / 1e9
        self.entry_spots = np.array([spot for spot, _ in demand], np.intp)
        self.demand = np.array([rates for _, rates in demand]).T.copy()
        self.forces = Forces(flow, conditions, times)
        self.machines = Machines(flow.graph, conditions, changes(flow.graph, conditions, end))
        self.brokers, self.elastic = Brokers(flow), Elastic(flow, conditions)
        places, spots = flow.places, flow.spots
        self.tables = {
            name: np.full((places, len(times)), value, np.float32) for name, value in {**CALM, **_GAUGES}.items()
        }
        self.coupling, self.wait = np.ones(places), np.zeros(places)
        self.waiting, self.refused, self.speed = np.zeros(places), np.zeros(places), np.full(places, _TINY)
        self.through = np.ones(places)
        self.pool_wait, self.pool_refused, self.pool_waiting = np.zeros(places), np.zeros(places), np.zeros(places)
        self.fill = np.ones(places)
        self.failing, self.rate = np.zeros(spots), np.zeros(spots)
        self.arriving, self.busy = np.zeros(places), np.zeros(places)
        self.opened = np.zeros(len(flow.calls.edge))
        self._breakers = self._with_breakers()
        edges, regions = flow.calls.edge, len(flow.graph.regions)
        self._breaking = {
            (int(edges[row]), int(flow.calls.caller[row] % regions)): np.zeros(len(times))
            for row, _, _ in self._breakers
        }
        self._closing = np.zeros(len(flow.calls.edge))

    def weather(self) -> Weather:
        """Go through all steps."""
        for _ in range(_SETTLING):
            self._go(0, settling=True)
        for number in range(len(self.times)):
            self._go(number, settling=False)
        machines = self.machines
        made = sorted(machines.changes, key=lambda change: (change.time, change.instance))
        tables = {name: table.astype(np.float64) for name, table in self.tables.items()}
        return Weather(int(self.times[0]), self.step, tables, tuple(made), tuple(machines.scalings), self._breaking)

    def _go(self, number: int, *, settling: bool) -> None:
        if not settling:
            self.machines.advance(int(self.times[number]), self.step, self.arriving, self.busy)
        self._cost(number)
        self._load(number)
        self._places(number)
        self._pools(number)
        self._caches(number)
        self.brokers.step(self.rate, self.failing, self._spare(), self.held, self.seconds)
        self._scale(number, settling=settling)
        self._break(number)
        if not settling:
            self._note(number)

    def _cost(self, number: int) -> None:
        """Work out upwards what everything costs: how long, and how likely it fails."""
        flow, calls, forces = self.flow, self.flow.calls, self.forces
        own = flow.own * self.coupling[flow.place_of] * forces.factor[number] + self.elastic.cold_cost[flow.place_of]
        errors = 1.0 - (1.0 - flow.errors) * (1.0 - forces.errors[number])
        full = np.where(flow.writes, self.machines.full[flow.place_of], 0.0)
        log_ok = np.log1p(
            -np.minimum((1.0 - (1.0 - errors) * (1.0 - self.refused[flow.place_of]) * (1.0 - full)), 1 - 1e-12)
        )
        self.skipped = 1.0 - np.exp(log_ok)  # fail before they call anybody
        held = own.copy()
        self.multiple, self.call_time = np.zeros(len(calls.edge)), np.zeros(len(calls.edge))
        lost = 1.0 - (1.0 - forces.lost[number]) * (1.0 - self.machines.gone)
        hits = flow.hit_rate * self.fill
        wait = self.wait[flow.place_of]
        failing = 1.0 - np.exp(log_ok)
        self.call_fails = np.zeros(len(calls.edge))
        for part in reversed(calls.levels):
            callee, place = calls.callee[part], calls.place[part]
            response = held[callee] + wait[callee] + forces.delay[number, place]
            late = _late(response, calls.timeout[part], flow.spread[callee])
            late = 1.0 - (1.0 - late) * (1.0 - forces.hang[number, callee])
            pooled = calls.pool[part] != NONE
            refused = np.where(pooled, self.pool_refused[calls.pool[part]], 0.0)
            fails = 1.0 - (1.0 - failing[callee]) * (1.0 - late) * (1.0 - lost[place]) * (1.0 - refused)
            fails = np.minimum(fails, 1.0 - 1e-12)
            most = np.maximum(calls.attempts[part], forces.attempts[number, callee])
            finally_ = fails**most
            made = (1.0 - finally_) / (1.0 - fails)
            each = (1.0 - late) * np.minimum(response, calls.timeout[part]) + late * calls.timeout[part]
            each = each * (1.0 - lost[place]) + calls.network[part]
            each += np.where(pooled, self.pool_wait[calls.pool[part]], 0.0)
            self.call_time[part] = each
            missed = calls.cache[part]
            chance = calls.probability[part] * np.where(missed != NONE, 1.0 - hits[missed], 1.0)
            closed = 1.0 - self.opened[part]
            time = (made * each + (made - 1.0) * calls.backoff[part]) * closed
            self.multiple[part] = chance * made * closed * (1.0 - refused)
            self.call_fails[part] = fails
            finally_ = 1.0 - (1.0 - finally_) * closed
            group = np.bincount(calls.group[part], (chance * time) ** 4, flow.groups)
            held += np.bincount(flow.group_caller, np.sqrt(np.sqrt(group)), flow.spots)
            log_ok += np.bincount(
                calls.caller[part], np.log1p(-chance * finally_ * calls.kept[part] * (1 - 1e-12)), flow.spots
            )
            failing = 1.0 - np.exp(log_ok)
        self.held, self.failing = held, failing

    def _load(self, number: int) -> None:
        """Let requests run down the graph."""
        flow, calls = self.flow, self.flow.calls
        fails = np.minimum(self.failing[self.entry_spots], 1.0 - 1e-12)
        most = np.maximum(self.elastic.client_attempts, self.forces.attempts[number, self.entry_spots])
        attempts = (1.0 - fails**most) / (1.0 - fails)
        rate = np.bincount(self.entry_spots, self.demand[number] * attempts, flow.spots)
        self.brokers.feed(rate)
        passing = self.through[flow.place_of] * (1.0 - self.skipped)
        for part in calls.levels:
            caller = calls.caller[part]
            rate += np.bincount(calls.callee[part], rate[caller] * passing[caller] * self.multiple[part], flow.spots)
        self.rate = rate

    def _places(self, number: int) -> None:
        """Let what waits for workers grow or drain."""
        flow, forces = self.flow, self.forces
        up = self.machines.upright
        arriving = np.bincount(flow.place_of, self.rate, flow.places)
        busy = np.bincount(flow.place_of, self.rate * self.held, flow.places)
        burnt = np.bincount(flow.place_of, self.rate * flow.cpu, flow.places)
        workers = up * flow.workers * forces.capacity[number]
        self.cores = up * flow.cores * forces.left[number]
        by_workers, by_cores = busy / np.maximum(workers, _TINY), burnt / np.maximum(self.cores, _TINY)
        load = np.maximum(by_workers, by_cores)
        speed = np.where(arriving > _TINY, arriving / np.maximum(load, _TINY), self.speed)
        speed = np.where(workers * self.cores > 0, np.maximum(speed, _TINY), 0.0)
        self.waiting += (arriving - speed) * self.seconds
        most = flow.backlog * up
        over = np.maximum(self.waiting - most, 0.0)
        self.waiting = np.clip(self.waiting, 0.0, most)
        refused = np.where(up > 0, np.minimum(over / np.maximum(arriving * self.seconds, _TINY), 1.0), 0.0)
        self.refused = 0.5 * self.refused + 0.5 * refused
        served = np.minimum(arriving + self.waiting / self.seconds, np.maximum(speed, 0.0))
        self.through = np.clip(served / np.maximum(arriving, _TINY), 0.0, 2.0)
        shrink = np.where((self.waiting > 0) | (load > 1), 1.0 / np.maximum(load, _TINY), 1.0)
        used = np.minimum(by_cores * shrink, 1.0)
        bound = np.minimum(used, _BUSIEST)
        self.coupling = 0.5 * self.coupling + 0.5 * (1.0 + 0.5 * bound / (1.0 - bound))
        mean = busy / np.maximum(arriving, _TINY)
        wait = np.where(speed > 0, self.waiting / np.maximum(speed, _TINY), 0.0) + _queued(mean, by_workers, workers)
        self.wait = 0.5 * self.wait + 0.5 * wait
        self.arriving, self.speed, self.load, self.used = arriving, speed, load, used
        self.busy, self.workers = np.minimum(busy, workers), workers

    def _pools(self, number: int) -> None:
        """Let requests wait for connections."""
        flow, calls = self.flow, self.flow.calls
        rows = np.flatnonzero(calls.pool != NONE)
        pool = calls.pool[rows]
        passing = self.through[flow.place_of] * (1.0 - self.skipped)
        wanted = (self.rate * passing)[calls.caller[rows]] * self.multiple[rows]
        wanted /= np.maximum(1.0 - self.pool_refused[pool], 0.05)  # those who were refused asked too
        asking = np.bincount(pool, wanted, flow.places)
        holding = np.maximum(self.call_time[rows] - self.pool_wait[pool], 0.0)
        taken = np.bincount(pool, wanted * holding, flow.places)
        size = self.forces.pool[number] * self.machines.upright
        load = taken / np.maximum(size, _TINY)
        speed = np.where(size > 0, asking / np.maximum(load, _TINY), 0.0)
        self.pool_waiting = np.maximum(self.pool_waiting + (asking - speed) * self.seconds, 0.0)
        most = np.minimum(speed, asking + 1.0) * flow.pool_timeout
        over = np.maximum(self.pool_waiting - most, 0.0)
        self.pool_waiting = np.minimum(self.pool_waiting, most)
        refused = np.minimum(over / np.maximum(asking * self.seconds, _TINY), 1.0)
        self.pool_refused = 0.5 * self.pool_refused + 0.5 * np.where(asking > _TINY, refused, 0.0)
        mean = taken / np.maximum(asking, _TINY)
        wait = np.where(speed > 0, self.pool_waiting / np.maximum(speed, _TINY), flow.pool_timeout) * (asking > _TINY)
        wait = np.minimum(wait + _queued(mean, load, size), flow.pool_timeout)
        self.pool_wait = 0.5 * self.pool_wait + 0.5 * wait
        self.pool_used = np.minimum(taken, size)

    def _caches(self, number: int) -> None:
        """Let caches fill by answers that were fetched, and lose those that nobody can fetch again."""
        flow, calls = self.flow, self.flow.calls
        asks = np.flatnonzero(calls.looks_up != NONE)
        rate = self.rate[calls.caller] * self.multiple
        looked_up = np.bincount(calls.looks_up[asks], rate[asks], flow.places)
        fetches = np.flatnonzero(calls.cache != NONE)
        cache = calls.cache[fetches]
        tried = np.bincount(cache, rate[fetches], flow.places)
        failed = np.bincount(cache, rate[fetches] * self.call_fails[fetches], flow.places)
        fine = 1.0 - np.where(tried > _TINY, failed / np.maximum(tried, _TINY), 0.0)
        missed = looked_up * (1.0 - flow.hit_rate * self.fill)
        grown = (1.0 - self.fill) * missed * fine / flow.keys - self.fill * (1.0 - fine) / flow.ttl
        self.fill = np.clip(self.fill + grown * self.seconds, 0.0, self.forces.warm[number])
        self.fill[self.machines.upright == 0] = 0.0

    def _spare(self) -> Floats:
        """Return how many more workers each place could use."""
        return np.maximum(self.workers * np.minimum(1.0, _BUSIEST / np.maximum(self.used, _TINY)), 0.0)

    def _scale(self, number: int, *, settling: bool) -> None:
        time = 0 if settling else int(self.times[number])
        storm = self.forces.cold[number]
        self.elastic.start(self.machines, self.busy, self.arriving, storm, self.seconds, time)
        if not settling:
            self.elastic.scale(self.machines, self.used, time, self.step)

    def _with_breakers(self) -> list[tuple[int, float, int]]:
        calls = self.flow.calls
        edges = self.flow.graph.edges
        found = []
        for row, edge in enumerate(calls.edge):
            breaker = edges[edge].breaker
            if breaker is not None:
                found.append((row, breaker.failures, breaker.open_for))
        return found

    def _break(self, number: int) -> None:
        """Open breakers whose calls fail too often, and try again after a while."""
        for row, most, open_for in self._breakers:
            if self.opened[row]:
                self._closing[row] -= self.step
                self.opened[row] = float(self._closing[row] > 0)
            elif self.call_fails[row] > most:
                self.opened[row] = 1.0
                self._closing[row] = open_for

    def _note(self, number: int) -> None:
        """Write down how it is."""
        brokers, elastic = self.brokers, self.elastic
        noted = {
            "wait": self.wait, "refused": self.refused, "coupling": self.coupling, "pool_wait": self.pool_wait,
            "pool_refused": self.pool_refused, "hit": self.flow.hit_rate * self.fill, "cold": elastic.cold,
            "age": brokers.age, "full": self.machines.full, "rate": self.arriving, "busy": self.busy,
            "used": self.used, "waiting": self.waiting, "pool_used": self.pool_used,
            "pool_waiting": self.pool_waiting, "depth": brokers.depth, "lost": self.forces.delay[number],
        }  # fmt: skip
        for (row, _, _), table in zip(self._breakers, self._breaking.values(), strict=True):
            table[number] = self.opened[row]
        for name, values in noted.items():
            self.tables[name][:, number] = values


def _late(response: Floats, timeout: Floats, spread: Floats) -> Floats:
    """Return how likely something that takes so long on average takes longer than a timeout (log-normal)."""
    z = (np.log(timeout / np.maximum(response, _TINY)) + spread**2 / 2) / spread
    return np.asarray(1.0 / (1.0 + np.exp(np.minimum(1.702 * z, 50.0))))


def _queued(mean: Floats, load: Floats, workers: Floats) -> Floats:
    """Return the mean wait for one of several workers below saturation (Sakasegawa's approximation)."""
    load = np.minimum(load, 0.97)
    servers = np.maximum(workers, 1.0)
    return np.asarray(mean * load ** np.sqrt(2.0 * (servers + 1.0)) / (servers * (1.0 - load)))
