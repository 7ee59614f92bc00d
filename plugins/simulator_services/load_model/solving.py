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

from simulator_services.graph.conditions import Conditions
from simulator_services.graph.planned import changes
from simulator_services.graph.traffic import Entry
from simulator_services.load_model.breakers import Breakers
from simulator_services.load_model.brokers import Brokers
from simulator_services.load_model.costing import cost
from simulator_services.load_model.elastic import Elastic
from simulator_services.load_model.forces import Forces
from simulator_services.load_model.graph_arrays import Flow
from simulator_services.load_model.machines import Machines
from simulator_services.load_model.queueing import Crowds
from simulator_services.load_model.state import BUSIEST, TINY, State
from simulator_services.load_model.tables import TABLES, Weather

Floats = NDArray[np.float64]
Times = NDArray[np.int64]
Demand = Sequence[tuple[int, Floats]]

SECOND = 1_000_000_000
_SETTLING = 20  # steps before the first, so that a run does not begin in an empty world


def solved(flow: Flow, conditions: Conditions, entries: Sequence[Entry], edges: Times) -> Weather:
    """Return the weather of a run, in steps from edge to edge."""
    return _Solver(flow, conditions, demanded(flow, conditions, entries, edges), edges).weather()


def steady_load(flow: Flow, conditions: Conditions, demand: Demand) -> tuple[Floats, Floats]:
    """Return what arrives at each place when the demand goes on for ever, and the share that it can bear (1: all)."""
    solver = _Solver(flow, conditions, demand, np.array([0, SECOND]))
    for _ in range(3 * _SETTLING):
        solver.go(0, settling=True)
    return solver.state.arriving, solver.state.load


def demanded(flow: Flow, conditions: Conditions, entries: Sequence[Entry], edges: Times) -> Demand:
    """Return the traffic from outside: spots, and requests a second that come to each at each step."""
    graph = flow.graph
    shares = conditions.traffic_shares(edges[:-1])
    found = []
    for entry in entries:
        rates = entry.rates(edges)
        service = graph.routes[entry.route].service
        for region in range(len(graph.regions)):
            there = graph.destinations[service][region]
            found.append((entry.route * len(graph.regions) + there, rates * shares[:, region]))
    return found


class _Solver:
    def __init__(self, flow: Flow, conditions: Conditions, demand: Demand, edges: Times) -> None:
        self._flow, self._edges, times = flow, edges, edges[:-1]
        self._entries = np.array([spot for spot, _ in demand], np.intp)
        self._demand = np.array([rates for _, rates in demand]).T.copy()
        self._forces = Forces(flow, conditions, times)
        self._machines = Machines(flow.graph, conditions, changes(flow.graph, conditions, int(edges[-1])))
        self._brokers, self._elastic = Brokers(flow), Elastic(flow, conditions)
        self._crowds, self._breakers = Crowds(flow), Breakers(flow, len(times))
        self.state = State(flow)
        shape = (flow.places, len(times))
        self._tables = {name: np.full(shape, value, np.float32) for name, value in TABLES.items()}
        self._grown = {number: np.zeros(len(times)) for number in self._machines.leaking()}
        self._disks = {number: np.zeros(len(times)) for number in self._machines.with_disks()}

    def weather(self) -> Weather:
        """Go through all steps."""
        for _ in range(_SETTLING):
            self.go(0, settling=True)
        for number in range(len(self._edges) - 1):
            self.go(number, settling=False)
            self._note(number)
        made = sorted(self._machines.changes, key=lambda change: (change.time, change.instance))
        return Weather(
            edges=self._edges,
            tables={name: table.astype(np.float64) for name, table in self._tables.items()},
            changes=tuple(made),
            scalings=tuple(self._machines.scalings),
            grown=self._grown,
            disks=self._disks,
            breakers=self._breakers.tables,
        )

    def go(self, number: int, *, settling: bool) -> None:
        """Go one step. Before the first, nothing happens to instances."""
        state, machines, forces = self.state, self._machines, self._forces
        step = int(self._edges[number + 1] - self._edges[number])
        time, seconds = 0 if settling else int(self._edges[number]), step / SECOND
        if not settling:
            machines.advance(time, step, state.arriving, state.busy)
        cost(self._flow, forces, machines, state, number)
        self._load(number)
        self._crowds.for_workers(forces, machines, state, number, seconds)
        self._crowds.for_connections(forces, machines, state, number, seconds)
        self._crowds.for_answers(forces, machines, state, number, seconds)
        spare = state.workers * np.minimum(1.0, BUSIEST / np.maximum(state.used, TINY))
        self._brokers.step(state.rate, state.failing, spare, state.held, seconds)
        self._elastic.start(machines, state.busy, state.arriving, forces, number, seconds, time)
        state.cold_cost = self._elastic.cold_cost
        self._breakers.step(state, step, None if settling else number)
        if not settling:
            self._elastic.scale(machines, state.used, time, step)

    def _load(self, number: int) -> None:
        """Let requests run down the graph."""
        flow, calls, state = self._flow, self._flow.calls, self.state
        fails = np.minimum(state.failing[self._entries], 1.0 - 1e-12)
        most = np.maximum(self._elastic.client_attempts, self._forces.attempts[number, self._entries])
        attempts = (1.0 - fails**most) / (1.0 - fails)
        answered = 1.0 - self._forces.lost[number, flow.place_of[self._entries]]
        rate = np.bincount(self._entries, self._demand[number] * attempts * answered, flow.spots).astype(np.float64)
        self._brokers.feed(rate)
        passing = state.through[flow.place_of] * (1.0 - state.skipped)
        for part in calls.levels:
            caller = calls.caller[part]
            made = rate[caller] * passing[caller] * state.multiple[part]
            rate += np.bincount(calls.callee[part], made, flow.spots)
        state.rate = rate

    def _note(self, number: int) -> None:
        """Write down how it is."""
        state, machines, brokers = self.state, self._machines, self._brokers
        noted = {
            "wait": state.wait, "refused": state.refused, "coupling": state.coupling, "pool_wait": state.pool_wait,
            "pool_refused": state.pool_refused, "hit": self._flow.hit_rate * state.fill, "cold": self._elastic.cold,
            "age": brokers.age, "full": machines.full, "rate": state.arriving, "busy": state.busy,
            "used": state.used, "waiting": state.waiting, "pool_used": state.pool_used,
            "pool_waiting": state.pool_waiting + state.pool_vain, "depth": brokers.depth, "up": machines.upright,
            "left": self._forces.left[number], "pool_size": self._forces.pool[number],
            "pool_leaked": self._forces.pool[number] * (1.0 - self._forces.kept[number]),
        }  # fmt: skip
        for name, values in noted.items():
            self._tables[name][:, number] = values
        for instance, table in self._grown.items():
            table[number] = machines.memory[instance]
        for instance, table in self._disks.items():
            table[number] = machines.disk[instance]
