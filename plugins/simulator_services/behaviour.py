"""A graph of services that is played: its weather is known beforehand, its requests are walked cell by cell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from simulator import Cell, Effect, Happened, Outlet, Outsider, Setting, Span, Streams, Touched
from simulator_services import luck
from simulator_services.conditions import Conditions
from simulator_services.graph import Graph, graph_of
from simulator_services.presence import Presence
from simulator_services.requests import CLIENT, Requests
from simulator_services.scene import Scene
from simulator_services.telling import CallTeller, RequestTeller, Teller
from simulator_services.touching import touched
from simulator_services.traffic import Entry, scaled, surges_on
from simulator_services.walk import Walk
from simulator_services.weather import Weather

SECOND = 1_000_000_000
CELL_SPANS = 30_000
OUTLETS = (
    Outlet("requests", "service.request"),
    Outlet("calls", "service.call"),
    Outlet("measured", "instance.measured"),
    Outlet("started", "instance.started"),
    Outlet("stopped", "instance.stopped"),
    Outlet("deployed", "service.deployed"),
    Outlet("scaled", "service.scaled"),
)
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
                span=span,
                streams=setting.streams,
            )
            for number, traffic in enumerate(setting.described.traffic)
        ]
        self._scene = self._make_scene()
        self._requests, self._calls = self._tellers()

    @property
    def cell_length(self) -> int:
        return max(SECOND, int(CELL_SPANS / max(1e-9, self._busiest * self._spans_each) * SECOND))

    @property
    def reach(self) -> int:
        return max((entry.timeout for entry in self._entries), default=0)

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
        if walk.served.rows:
            yield self._requests.told(walk.served)
        if walk.called.rows:
            yield self._calls.told(walk.called)

    def _enter(self, walk: Walk, entry: Entry, times: NDArray[np.int64], streams: Streams) -> None:
        path = f"{streams.path}/{entry.number}"
        keys = streams(f"requests/{entry.number}").integers(0, 2**64, len(times), np.uint64)
        source = luck.bits(keys, streams.seed, f"{path}/client")
        edges = np.cumsum(self.graph.shares)
        regions = np.minimum(np.searchsorted(edges, luck.share(source, 0)), len(edges) - 1)
        requests = Requests.of(keys, regions, streams.seed)
        clients = CLIENT + (luck.whole(source) ** 3 * len(self._clients)).astype(np.intp)
        walk.enter(entry.route, requests, times, clients, entry.timeout, path)

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
        spans = [0.0] * len(self.graph.routes)
        for number in sorted(range(len(spans)), key=lambda route: -self.graph.levels[route]):
            calls = (edge for edge in self.graph.edges if edge.caller == number)
            spans[number] = 1 + sum(edge.probability * (1 + spans[edge.callee]) for edge in calls)
        return sum(spans[entry.route] for entry in self._entries) / max(1, len(self._entries))

    def _make_scene(self) -> Scene:
        weather = Weather.calm(self.graph.places, self._setting.start, self._setting.end)
        presence = Presence(self.graph, weather.changes)
        return Scene(self.graph, self._conditions, weather, weather, presence, self._setting.start, self._setting.end)

    def _tellers(self) -> tuple[RequestTeller, CallTeller]:
        setting = self._setting
        hosts = {host.name: host for host in setting.world.hosts}
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
