"""Spans become columns: of ``service.request`` and ``service.call``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator import Coded, Durations, Happened, Host, Identifiers, Integers, Outsider, Vocabulary
from simulator_services.graph.nodes import Graph, RouteNode
from simulator_services.graph.presence import Presence
from simulator_services.walk import luck, outcomes
from simulator_services.walk.requests import CLIENT, Spans

Codes = NDArray[np.uint32]
Arrays = Mapping[str, NDArray[Any]]
Vocabularies = Callable[[str, str], Vocabulary]


class Teller:
    """Knows the codes of everything that is the same for all spans of a route or an instance."""

    def __init__(
        self,
        event: str,
        graph: Graph,
        presence: Presence,
        vocabulary: Vocabularies,
        hosts: Mapping[str, Host],
        clients: Sequence[Outsider],
        externals: Mapping[int, Outsider],
    ) -> None:
        self._event, self._graph, self._presence, self._vocabulary = event, graph, presence, vocabulary
        self._hosts = [hosts[each.name] for each in graph.instances]
        self._clients, self._externals = clients, externals
        self.asking = event == "service.call"
        service_of = [each.service for each in graph.instances]
        self._tables: dict[str, Codes] = {
            "host": self._codes("host", self._hosts),
            "service": self._codes("service", [graph.services[each].name for each in service_of]),
            "region": self._codes("region", [graph.regions[each.region] for each in graph.instances]),
            "version": self._codes("version", presence.versions),
        }
        self._outcomes = self._said()

    def code(self, field: str, value: Any) -> int:
        return self._vocabulary(self._event, field).code(value)

    def coded(self, field: str, codes: NDArray[Any]) -> Coded:
        return Coded(codes.astype(np.uint32, copy=False), self._vocabulary(self._event, field))

    def of_route(self, field: str, value: Callable[[RouteNode], Any]) -> Codes:
        """Return the codes of what a field says, by route."""
        return self._codes(field, [value(route) for route in self._graph.routes])

    def common(self, spans: Arrays) -> dict[str, Any]:
        """Return the columns that both event types have."""
        instances, starts = spans["instances"], spans["starts"]
        said = (spans["route"].astype(np.intp), spans["outcomes"])
        return {
            "host": self.coded("host", self._tables["host"][instances]),
            "service": self.coded("service", self._tables["service"][instances]),
            "region": self.coded("region", self._tables["region"][instances]),
            "version": self.coded("version", self._tables["version"][self._presence.version(instances, starts)]),
            "trace": trace_ids(spans["high"], spans["low"]),
            "span": span_ids(spans["spans"]),
            "parent": span_ids(spans["parents"]),
            "status": self.coded("status", self._outcomes["status"][said]),
            "error": self.coded("error", self._outcomes["error"][said]),
            "failed": self.coded("failed", self._outcomes["failed"][said]),
            "duration": Durations(spans["durations"]),
        }

    def endpoints(self, field: str) -> Codes:
        """Return the codes of instances, then those of the clients outside."""
        return self._codes(field, [*self._hosts, *self._clients])

    def externals(self, field: str) -> Codes:
        """Return the codes of the services outside, by route; 0 elsewhere."""
        return np.array(
            [
                self.code(field, self._externals[route.service]) if route.service in self._externals else 0
                for route in self._graph.routes
            ],
            np.uint32,
        )

    def _codes(self, field: str, values: Sequence[Any]) -> Codes:
        vocabulary = self._vocabulary(self._event, field)
        return np.array([vocabulary.code(value) for value in values], np.uint32)

    def _said(self) -> dict[str, Codes]:
        """Return the codes of status, error and failed, by route and outcome."""
        shape = (len(self._graph.routes), outcomes.OUTCOMES)
        tables = {name: np.zeros(shape, np.uint32) for name in ("status", "error", "failed")}
        for route in self._graph.routes:
            for outcome in range(outcomes.OUTCOMES):
                ok = route.described.status or 200
                status, error = outcomes.said(outcome, self._protocol(route), asking=self.asking, ok=ok)
                tables["status"][route.number, outcome] = self.code("status", status)
                tables["error"][route.number, outcome] = self.code("error", error)
                tables["failed"][route.number, outcome] = self.code("failed", int(error is not None))
        return tables

    def _protocol(self, route: RouteNode) -> str:
        return asked_in(route) if self.asking else route.protocol


def asked_in(route: RouteNode) -> str:
    """Return the protocol that a route is asked in: functions over HTTP."""
    return "http" if route.protocol == "function" else route.protocol


class RequestTeller:
    """Tells ``service.request``."""

    def __init__(self, teller: Teller, outlet: int) -> None:
        self._teller, self._outlet = teller, outlet
        graph = teller._graph
        systems = {route: graph.services[queue].system or None for queue, route in graph.consumers}
        self._routes = {
            "kind": teller.of_route("kind", lambda route: "consumer" if route.method == "process" else "server"),
            "protocol": teller.of_route("protocol", lambda route: route.protocol),
            "system": teller.of_route("system", lambda route: systems.get(route.number)),
            "method": teller.of_route("method", lambda route: route.method),
            "route": teller.of_route("route", lambda route: route.path),
        }
        nobody = teller.code("caller", None)
        callers = [teller.code("caller", graph.services[each.service].name) for each in graph.instances]
        self._callers = np.array([*callers, nobody], np.uint32)
        self._sources = teller.endpoints("source")
        self._sizes = np.array([route.described.bytes_ for route in graph.routes], np.float64)

    def told(self, spans: Spans) -> Happened:
        """Return the events of a cell."""
        teller, rows = self._teller, spans.joined()
        route, sources = rows["route"], rows["sources"]
        inside = len(self._callers) - 1
        outside = sources >= CLIENT
        size = self._sizes[route] * np.exp(0.9 * luck.normal(rows["size"]))
        columns: dict[str, Any] = teller.common(rows) | {
            "root": teller.coded("root", self._flags("root")[rows["roots"]]),
            "link_trace": trace_ids(rows["link_high"], rows["link_low"]),
            "link_span": span_ids(rows["link_spans"]),
            "caller": teller.coded("caller", self._callers[np.where(outside, inside, sources)]),
            "source": teller.coded("source", self._sources[np.where(outside, sources - CLIENT + inside, sources)]),
            "source_port": source_ports(rows["size"]),
            "bytes": Integers(size.astype(np.int64)),
            "cold": teller.coded("cold", self._flags("cold")[(rows["cold"] > 0).astype(np.intp)]),
            "cold_duration": Durations(rows["cold"]),
            **{name: teller.coded(name, table[route]) for name, table in self._routes.items()},
        }
        return Happened(self._outlet, rows["starts"], columns, rows["acts"].astype(np.int64))

    def _flags(self, field: str) -> Codes:
        return np.array([self._teller.code(field, 0), self._teller.code(field, 1)], np.uint32)


class CallTeller:
    """Tells ``service.call``."""

    def __init__(self, teller: Teller, outlet: int) -> None:
        self._teller, self._outlet = teller, outlet
        graph = teller._graph
        kinds = [graph.services[route.service] for route in graph.routes]
        self._routes = {
            "kind": teller.of_route("kind", lambda route: "producer" if route.method == "publish" else "client"),
            "peer": teller.of_route("peer", lambda route: kinds[route.number].name),
            "peer_kind": teller.of_route("peer_kind", lambda route: kinds[route.number].kind),
            "port": teller.of_route("port", lambda route: kinds[route.number].port),
            "system": teller.of_route("system", lambda route: kinds[route.number].system or None),
            "protocol": teller.of_route("protocol", asked_in),
            "method": teller.of_route("method", lambda route: route.method),
            "route": teller.of_route("route", lambda route: route.path),
        }
        self._peers, self._externals = teller.endpoints("peer_host"), teller.externals("peer_host")

    def told(self, spans: Spans) -> Happened:
        """Return the events of a cell."""
        teller, rows = self._teller, spans.joined()
        route, peers = rows["route"], rows["peers"]
        hosts = np.where(peers < 0, self._externals[route], self._peers[np.maximum(peers, 0)])
        attempts = np.array([teller.code("attempt", number) for number in range(12)], np.uint32)
        columns: dict[str, Any] = teller.common(rows) | {
            "peer_host": teller.coded("peer_host", hosts),
            "attempt": teller.coded("attempt", attempts[rows["attempt"]]),
            **{name: teller.coded(name, table[route]) for name, table in self._routes.items()},
        }
        return Happened(self._outlet, rows["starts"], columns, rows["acts"].astype(np.int64))


def source_ports(source: NDArray[Any]) -> Integers:
    return Integers((32768 + (source & np.uint64(0xFFFF)) % 28232).astype(np.int64))


def trace_ids(high: NDArray[Any], low: NDArray[Any]) -> Identifiers:
    both = np.stack([high, low], axis=1).astype(">u8")
    return Identifiers(both.view(np.uint8).reshape(len(high), 16))


def span_ids(ids: NDArray[Any]) -> Identifiers:
    return Identifiers(ids.astype(">u8").view(np.uint8).reshape(len(ids), 8))
