"""A graph of services that is played: its weather is known beforehand, its requests are walked cell by cell."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from simulator import Cell, Effect, Happened, Host, Outlet, Outsider, Setting, Span, Streams, Touched
from simulator_services.graph.cause_and_symptoms import touched
from simulator_services.graph.conditions import Conditions
from simulator_services.graph.nodes import Graph
from simulator_services.graph.numbering import graph_of
from simulator_services.graph.planned import rollouts
from simulator_services.graph.presence import Presence
from simulator_services.graph.traffic import Entry, scaled, storms_on, surges_on
from simulator_services.load_model.graph_arrays import flow_of
from simulator_services.load_model.solving import solved
from simulator_services.load_model.steps import steps_of
from simulator_services.telling.lifecycle import Chronicler
from simulator_services.telling.measuring import Meter
from simulator_services.telling.spans import CallTeller, RequestTeller, Teller
from simulator_services.telling.unanswered import UnansweredTeller
from simulator_services.walk import luck
from simulator_services.walk.requests import CLIENT, Requests
from simulator_services.walk.scene import Scene
from simulator_services.walk.walking import MOST_OF_A_MESSAGE, Walk

SECOND = 1_000_000_000
CELL_SPANS = 60_000  # more would only take memory; less would be slower, node for node
OUTLETS = (
    Outlet("requests", "service.request"),
    Outlet("calls", "service.call"),
    Outlet("measured", "instance.measured"),
    Outlet("started", "instance.started"),
    Outlet("stopped", "instance.stopped"),
    Outlet("deployed", "service.deployed"),
    Outlet("scaled", "service.scaled"),
    Outlet("unanswered", "service.unanswered"),
)
_CHRONICLED = range(3, 7)  # of the outlets
AGAIN = SECOND  # about how long clients wait before they ask again, the first time
_CLIENTS = 200  # outsiders that are made up when the world has none


class ServicesBehaviour:
    """Plays a graph of services."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self.outlets = OUTLETS
        self.graph: Graph = graph_of(setting.described)
        self._conditions = Conditions.of(self.graph, setting.effects)
        span = Span(setting.start, setting.end)
        self._entries = [
            Entry(
                number=number,
                route=self.graph.entries[number],
                arrivals=scaled(traffic.arrivals, setting.activity),
                timeout=traffic.timeout,
                retries=traffic.retries,
                surges=surges_on(setting.effects, traffic.to),
                storms=storms_on(setting.effects, traffic.to),
                span=span,
                streams=setting.streams,
            )
            for number, traffic in enumerate(setting.described.traffic)
        ]
        self._scene = self._make_scene()
        hosts = {host.name: host for host in setting.world.hosts}
        self._requests, self._calls = self._tellers(hosts)
        self._unanswered = UnansweredTeller(self.graph, setting.vocabulary, hosts, self._clients, 7)
        self._meter = Meter(self._scene, setting.vocabulary, hosts, setting.streams.seed, 2)
        weather, presence = self._scene.weather, self._scene.presence
        rolled = rollouts(self.graph, self._conditions, setting.end)
        self._chronicler = Chronicler(
            self.graph, presence, setting.vocabulary, hosts, weather.changes, rolled, weather.scalings
        )

    @property
    def cell_length(self) -> int:
        return max(SECOND, int(CELL_SPANS / max(1e-9, self._busiest * self._spans_each) * SECOND))

    @property
    def reach(self) -> int:
        """A request, its repetitions, and messages that follow one from another: as long as each can be at most."""
        asking = max(((entry.most + 1) * (entry.timeout + entry.most * AGAIN) for entry in self._entries), default=0)
        waiting = int(self._scene.weather.tables["age"].max() * 1.2 * SECOND) + MOST_OF_A_MESSAGE + 10 * SECOND
        return asking + len(self.graph.consumers) * waiting

    @property
    def expected(self) -> float:
        setting = self._setting
        requests = sum(float(entry.rates(np.array([setting.start, setting.end]))[0]) for entry in self._entries)
        return requests * self._spans_each * (setting.end - setting.start) / SECOND

    def touched(self, effect: Effect) -> Touched:
        return touched(self.graph, self._conditions, effect)

    def happened(self, start: int, end: int, streams: Streams) -> Iterable[Happened]:
        walk = Walk(self._scene)
        for entry in self._entries:
            times = entry.times(Cell(streams.cell, start, end))
            if len(times):
                self._enter(walk, entry, times, streams)
        walk.consume()
        if walk.served.rows:
            yield self._requests.told(walk.served)
        if walk.called.rows:
            yield self._calls.told(walk.called)
        if walk.unanswered.rows:
            yield self._unanswered.told(walk.unanswered)

        yield from self._noted(start, end)

    def _noted(self, start: int, end: int) -> Iterator[Happened]:
        """Yield what instances are measured at, and what becomes of them."""
        measured = self._meter.told(start, end)
        if measured is not None:
            yield measured
        for number in _CHRONICLED:
            happened = self._chronicler.told(OUTLETS[number].event, number, start, end)
            if happened is not None:
                yield happened

    def _enter(self, walk: Walk, entry: Entry, times: NDArray[np.int64], streams: Streams) -> None:
        """Let requests come in, and come again from clients whose request failed."""
        path = f"{streams.path}/{entry.number}"
        keys = streams(f"requests/{entry.number}").integers(0, 2**64, len(times), np.uint64)
        clients = self._clients_of(keys, streams, path)
        for attempt in range(1, entry.most + 2):
            source = luck.bits(keys, streams.seed, f"{path}/region")
            edges = np.cumsum(self._conditions.traffic_shares(times), axis=1)
            regions = np.minimum((luck.share(source, 0)[:, None] > edges).sum(axis=1), edges.shape[1] - 1)
            requests = Requests.of(keys, regions, streams.seed)
            answered = walk.enter(entry.route, requests, times, clients, entry.timeout, path)
            again = (answered.outcomes > 0) & (attempt < entry.attempts(times))
            if not again.any():
                return
            wait = AGAIN * attempt * (0.5 + luck.share(source, 1))
            times = (answered.ends + wait.astype(np.int64))[again]
            order = np.argsort(times, kind="stable")
            times, clients = times[order], clients[again][order]
            keys = luck.bits(keys[again][order], streams.seed, f"{path}/again")

    def _clients_of(self, keys: NDArray[np.uint64], streams: Streams, path: str) -> NDArray[np.intp]:
        """Return who sends requests: a few send many."""
        source = luck.whole(luck.bits(keys, streams.seed, f"{path}/client"))
        return np.asarray(CLIENT + (source**3 * len(self._clients)).astype(np.intp))

    @cached_property
    def _clients(self) -> list[Outsider]:
        role = self._setting.described.clients
        known = [each for each in self._setting.world.outsiders if role in each.roles]
        return known or [Outsider(f"client-{n:03}", f"198.51.100.{n + 1}") for n in range(_CLIENTS)]

    @cached_property
    def _busiest(self) -> float:
        edges = np.linspace(self._setting.start, self._setting.end, 1001).astype(np.int64)
        return float(sum(entry.rates(edges, surging=False).max() for entry in self._entries))

    @cached_property
    def _spans_each(self) -> float:
        """How many spans a request has on average when all goes well."""
        graph = self.graph
        consumers: dict[int, list[int]] = {}
        for queue, route in graph.consumers:
            consumers.setdefault(queue, []).append(route)

        def spans(route: int) -> float:
            total = 1.0
            for edge in graph.edges:
                if edge.caller == route:
                    service = graph.services[graph.routes[edge.callee].service]
                    quiet = service.kind not in ("service", "function")
                    chance = edge.probability
                    if edge.missed is not None:
                        cache = graph.services[graph.routes[graph.edges[edge.missed].callee].service]
                        chance *= 1.0 - cache.described.hit_rate
                    more = sum(map(spans, consumers.get(service.number, ()))) if edge.publish else 0.0
                    total += chance * (1.0 + more + (0.0 if quiet else spans(edge.callee)))
            return total

        edges = np.array([self._setting.start, self._setting.end])
        rates = [float(entry.rates(edges, surging=False)[0]) for entry in self._entries]
        weighed = sum(rate * spans(entry.route) for rate, entry in zip(rates, self._entries, strict=True))
        return weighed / max(1e-9, sum(rates))

    def _make_scene(self) -> Scene:
        setting, flow = self._setting, flow_of(self.graph)
        edges = steps_of(setting.start, setting.end, setting.effects)
        weather = calm = solved(flow, self._conditions, self._entries, edges)
        if setting.effects:
            usual = [dataclasses.replace(entry, surges=()) for entry in self._entries]
            calm = solved(flow, Conditions.of(self.graph, ()), usual, edges)
        presence = Presence(self.graph, weather.changes)
        return Scene(self.graph, self._conditions, weather, calm, presence, setting.start, setting.end)

    def _tellers(self, hosts: Mapping[str, Host]) -> tuple[RequestTeller, CallTeller]:
        setting = self._setting
        outside = dict(self._externals())
        made = [
            Teller(event, self.graph, self._scene.presence, setting.vocabulary, hosts, self._clients, outside)
            for event in ("service.request", "service.call")
        ]
        return RequestTeller(made[0], 0), CallTeller(made[1], 1)

    def _externals(self) -> Iterator[tuple[int, Outsider]]:
        known = {each.name: each for each in self._setting.world.outsiders}
        for service in self.graph.services:
            if service.kind == "external":
                address = f"203.0.113.{service.number % 250 + 1}"
                made = Outsider(service.name, address, fqdn=f"{service.name}.example")
                yield service.number, known.get(service.name, made)
