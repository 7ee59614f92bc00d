"""What a description leaves out, by the kind of service."""

from __future__ import annotations

from dataclasses import dataclass

from simulator import Nanoseconds
from simulator_services.language.description import Route, Service
from simulator_services.language.words import MILLISECOND


@dataclass(frozen=True, slots=True)
class Usual:
    """What services of a kind are like when nothing is said of them."""

    instances: int
    workers: int
    backlog: int
    port: int
    p50: int
    system: str = ""
    cpu_share: float = 0.2  # of p50 is processor time


USUAL = {
    "service": Usual(2, 64, 256, 8080, 4 * MILLISECOND),
    "database": Usual(1, 200, 400, 5432, 2 * MILLISECOND, "postgresql", 0.4),
    "cache": Usual(1, 2000, 4000, 6379, MILLISECOND // 4, "redis", 0.1),
    "queue": Usual(1, 2000, 8000, 9092, MILLISECOND, "kafka", 0.1),
    "function": Usual(2, 1, 0, 443, 20 * MILLISECOND),
    "external": Usual(0, 10_000, 10_000, 443, 60 * MILLISECOND),
}
PORTS = {"mysql": 3306, "mariadb": 3306, "mongodb": 27017, "memcached": 11211, "rabbitmq": 5672, "mssql": 1433}
FUNCTION_MOST = 20  # instances of a function in a region, without `autoscale`


def usual(service: Service) -> Usual:
    return USUAL[service.kind]


def instances_of(service: Service) -> int:
    """Return how many instances a service has in each of its regions at the start."""
    return usual(service).instances if service.instances is None or service.kind == "external" else service.instances


def most_of(service: Service) -> int:
    """Return how many it can have."""
    if service.kind == "external":
        return 0
    if service.autoscale:
        return max(service.autoscale.most, instances_of(service))
    return max(FUNCTION_MOST, instances_of(service)) if service.kind == "function" else instances_of(service)


def memory_limit_of(service: Service) -> int:
    return service.memory_limit or 2 * service.memory + (64 << 20)


def port_of(service: Service) -> int:
    if service.port is not None:
        return service.port
    return PORTS.get(service.system or "", usual(service).port)


def p50_of(service: Service, route: Route) -> Nanoseconds:
    return route.p50 if route.p50 is not None else Nanoseconds(usual(service).p50)


def p99_of(service: Service, route: Route) -> Nanoseconds:
    p50 = p50_of(service, route)
    return max(p50, route.p99) if route.p99 is not None else Nanoseconds(8 * p50)


def cpu_of(service: Service, route: Route) -> int:
    return route.cpu if route.cpu is not None else int(p50_of(service, route) * usual(service).cpu_share)


def method_of(service: Service, route: str) -> tuple[str, str]:
    """Return the method that a route is asked with, and the route without it."""
    first, _, rest = route.partition(" ")
    if rest:
        return first, rest
    methods = {"database": "QUERY", "cache": "GET", "queue": "publish"}
    return methods.get(service.kind, "POST"), first
