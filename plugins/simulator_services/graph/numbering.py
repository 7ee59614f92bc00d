"""Numbering a description: every service, route, call and instance gets a number, in the order they are written in."""

from __future__ import annotations

from collections.abc import Iterator
from math import log

from simulator_services.graph.instances import instance_names, regions_of, runs_in
from simulator_services.graph.nodes import Edge, Graph, Instance, RouteNode, ServiceNode, Step
from simulator_services.language.description import Call, Publish, Route, Service, Services, Together
from simulator_services.language.kinds import (
    cpu_of,
    instances_of,
    memory_limit_of,
    method_of,
    p50_of,
    p99_of,
    port_of,
    usual,
)
from simulator_services.language.words import Target

_Z99 = 2.3263478740408408
_WRITES = ("INSERT", "UPDATE", "DELETE", "UPSERT", "SET", "POST", "PUT", "PATCH", "publish", "process")


def graph_of(described: Services) -> Graph:
    """Number everything. The description has to be free of complaints: see ``checks.checking``."""
    return _Maker(described).graph()


class _Maker:
    def __init__(self, described: Services) -> None:
        self.described = described
        self.regions = tuple(regions_of(described))
        self.services = tuple(self._services())
        self.numbers = {each.name: each.number for each in self.services}
        self.routes: list[RouteNode] = []
        self.known: dict[tuple[int, str], int] = {}
        self.edges: list[Edge] = []
        self.groups = 0

    def graph(self) -> Graph:
        for service in self.services:
            for name in service.described.routes:
                self._route(service.number, str(name))
        steps, done = [], 0
        while done < len(self.routes):  # calls add routes of databases and such that nobody described
            steps.append(tuple(self._steps(self.routes[done])))
            done += 1
        missing: list[tuple[Edge, ...]] = [
            tuple(edge for edge in self.edges if edge.missed == number) for number in range(len(self.edges))
        ]
        entries = tuple(self._route_of(traffic.to) for traffic in self.described.traffic)
        while len(steps) < len(self.routes):
            steps.append(())
        shares = [region.share for region in regions_of(self.described).values()]
        return Graph(
            described=self.described,
            regions=self.regions,
            shares=tuple(share / (sum(shares) or 1.0) for share in shares),
            services=self.services,
            routes=tuple(self.routes),
            edges=tuple(self.edges),
            steps=tuple(steps),
            missing=tuple(missing),
            instances=tuple(self._instances()),
            entries=entries,
            consumers=tuple(self._consumers()),
        )

    def _services(self) -> Iterator[ServiceNode]:
        for number, (name, service) in enumerate(self.described.services.items()):
            plain = usual(service)
            yield ServiceNode(
                number=number,
                name=str(name),
                described=service,
                regions=tuple(self.regions.index(each) for each in runs_in(self.described, service)),
                port=port_of(service),
                system=service.system or plain.system,
                workers=service.workers or plain.workers,
                backlog=plain.backlog if service.backlog is None else service.backlog,
                memory_limit=memory_limit_of(service),
                instances=instances_of(service),
            )

    def _route_of(self, target: Target) -> int:
        return self._route(self.numbers[target.service], target.route)

    def _route(self, service: int, name: str) -> int:
        found = self.known.get((service, name))
        if found is not None:
            return found
        node = self.services[service]
        route = next((each for key, each in node.described.routes.items() if key == name), Route())
        p50, p99 = p50_of(node.described, route), p99_of(node.described, route)
        method, path = method_of(node.described, name)
        number = self.known[service, name] = len(self.routes)
        self.routes.append(
            RouteNode(
                number=number,
                service=service,
                name=name,
                method=method,
                path=path,
                mu=log(p50),
                sigma=log(p99 / p50) / _Z99,
                described=route,
                cpu=cpu_of(node.described, route),
                writes=method in _WRITES,
                protocol=_protocol(node.described, method),
            )
        )
        return number

    def _steps(self, route: RouteNode) -> Iterator[Step]:
        for call in route.described.calls:
            calls = call.together if isinstance(call, Together) else (call,)
            group = self.groups
            self.groups += 1
            yield Step(tuple(self._edge(route.number, each, group, None) for each in calls))

    def _edge(self, caller: int, call: Call | Publish | Target, group: int, missed: int | None) -> Edge:
        number = len(self.edges)
        if isinstance(call, Publish):
            callee = self._route(self.numbers[str(call.publish)], f"publish {call.publish}")
            edge = Edge(number, caller, callee, call.probability, call.timeout, 0, 0, False, None, group, None, True)
            self.edges.append(edge)
            return edge
        if not isinstance(call, Call):
            call = Call(call=call)
        edge = Edge(
            number=number,
            caller=caller,
            callee=self._route_of(call.call),
            probability=call.probability,
            timeout=call.timeout,
            retries=call.retries,
            backoff=call.backoff,
            fallback=call.fallback,
            breaker=call.breaker,
            group=group,
            missed=missed,
        )
        self.edges.append(edge)
        for each in call.on_miss:
            self.groups += 1
            self._edge(caller, each, self.groups - 1, number)
        return edge

    def _instances(self) -> Iterator[Instance]:
        number = 0
        for service in self.services:
            for region in service.regions:
                names = instance_names(self.described, service.name, service.described, self.regions[region])
                for ordinal, name in enumerate(names):
                    yield Instance(
                        number=number,
                        name=name,
                        service=service.number,
                        region=region,
                        place=service.number * len(self.regions) + region,
                        ordinal=ordinal,
                        rank=ordinal / max(1, service.instances),
                        standby=ordinal >= service.instances,
                    )
                    number += 1

    def _consumers(self) -> Iterator[tuple[int, int]]:
        for route in self.routes:
            if route.method == "process" and route.path in self.numbers:
                yield self.numbers[route.path], route.number


def _protocol(service: Service, method: str) -> str:
    if method == "process":
        return "messaging"
    named = {"database": "database", "cache": "database", "queue": "messaging", "function": "function"}
    return named.get(service.kind, service.protocol)
