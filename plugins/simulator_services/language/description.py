"""A graph of services as a world's file describes it. Nearly everything has a default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from simulator import NOWHERE, Arrivals, Bytes, Help, Nanoseconds, Place, Range, Share, Word
from simulator_services.language.words import MILLISECOND, MINUTE, SECOND, RouteName, ServiceName, Target

MIB = 1 << 20
Kind = Literal["service", "database", "cache", "queue", "function", "external"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaker:
    """Calls are not made while too many of them fail."""

    noun: ClassVar[str] = "a circuit breaker"
    failures: Annotated[Share, Help("opens when so many fail")] = Share(0.5)
    open_for: Annotated[Nanoseconds, Range(above=0)] = Nanoseconds(30 * SECOND)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call that a route makes and waits for."""

    noun: ClassVar[str] = "a call"
    call: Target
    probability: Share = Share(1.0)
    timeout: Annotated[Nanoseconds, Range(min=MILLISECOND), Help("for each attempt")] = Nanoseconds(5 * SECOND)
    retries: Annotated[int, Range(min=0, max=10), Help("attempts after the first that failed")] = 0
    backoff: Annotated[Nanoseconds, Help("before the first repetition; doubles")] = Nanoseconds(50 * MILLISECOND)
    fallback: Annotated[bool, Help("goes on without it when it fails")] = False
    breaker: Breaker | None = None
    on_miss: Annotated[tuple[Call | Target, ...], Help("of a cache: calls when it has no answer")] = ()
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish:
    """A message that a route sends to a queue. Whoever has a route ``process <queue>`` gets it, in a new trace."""

    noun: ClassVar[str] = "a message"
    publish: ServiceName
    probability: Share = Share(1.0)
    timeout: Annotated[Nanoseconds, Range(min=MILLISECOND)] = Nanoseconds(5 * SECOND)
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """Calls that are made at the same time; the slowest decides."""

    noun: ClassVar[str] = "calls at the same time"
    together: tuple[Call | Target, ...]
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Something a service can be asked for. ``p50`` and ``p99`` are of its own work, without calls and waiting."""

    noun: ClassVar[str] = "a route"
    p50: Annotated[Nanoseconds | None, Range(min=10_000), Help("of its own work; from the kind of service")] = None
    p99: Annotated[Nanoseconds | None, Range(min=10_000), Help("of its own work; 8 times p50 when not given")] = None
    slow: Annotated[Share, Help("how many take `slow_factor` times as long")] = Share(0.005)
    slow_factor: Annotated[float, Range(min=1, max=1000)] = 8.0
    errors: Annotated[Share, Help("how many fail by themselves, always")] = Share(0.0005)
    status: Annotated[int | None, Range(min=100, max=599), Help("HTTP status of a success")] = None
    bytes_: Annotated[Bytes, Help("of an answer, in the middle")] = Bytes(2400)
    cpu: Annotated[Nanoseconds | None, Help("processor time for one; a fifth of p50 when not given")] = None
    calls: Annotated[tuple[Call | Publish | Together | Target, ...], Help("in this order")] = ()
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """Connections to a database that requests of one instance share."""

    noun: ClassVar[str] = "a pool"
    to: ServiceName
    size: Annotated[int, Range(min=1, max=10_000), Help("of each instance")] = 20
    timeout: Annotated[Nanoseconds, Range(min=MILLISECOND), Help("longest wait for one")] = Nanoseconds(SECOND)


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """A disk that each instance has."""

    noun: ClassVar[str] = "a disk"
    size: Bytes
    used: Annotated[Share, Help("at the start")] = Share(0.4)
    growth: Annotated[Bytes, Help("each hour")] = Bytes(0)
    per_request: Bytes = Bytes(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Autoscale:
    """More instances when the processors are busy, fewer when they are not."""

    noun: ClassVar[str] = "autoscaling"
    most: Annotated[int, Range(min=1, max=200), Help("instances in each region")]
    target: Annotated[Share, Range(min=0.05, max=0.95), Help("use of the processors to keep")] = Share(0.6)
    every: Annotated[Nanoseconds, Range(min=SECOND)] = Nanoseconds(15 * SECOND)
    cooldown: Annotated[Nanoseconds, Help("before instances are taken away")] = Nanoseconds(5 * MINUTE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cold:
    """How a function starts."""

    noun: ClassVar[str] = "a cold start"
    p50: Annotated[Nanoseconds, Range(min=MILLISECOND)] = Nanoseconds(600 * MILLISECOND)
    p99: Annotated[Nanoseconds, Range(min=MILLISECOND)] = Nanoseconds(2500 * MILLISECOND)
    keep_warm: Annotated[Nanoseconds, Range(min=SECOND)] = Nanoseconds(10 * MINUTE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service, and what one instance of it can bear."""

    noun: ClassVar[str] = "a service"
    kind: Kind = "service"
    instances: Annotated[int | None, Range(min=1, max=200), Help("in each region; 2, of databases and such 1")] = None
    regions: Annotated[tuple[Word, ...], Help("where it runs; everywhere when not given")] = ()
    version: str = "1.0.0"
    namespace: str | None = None
    network: Word | None = None
    protocol: Literal["http", "grpc"] = "http"
    port: Annotated[int | None, Range(min=1, max=65535)] = None
    system: Annotated[str | None, Help("of databases, caches, queues: postgresql, redis, kafka, …")] = None
    workers: Annotated[int | None, Range(min=1, max=100_000), Help("requests that an instance handles at once")] = None
    backlog: Annotated[int | None, Range(min=0, max=1_000_000), Help("requests that wait; more are refused")] = None
    cores: Annotated[float, Range(min=0.05, max=256)] = 2.0
    memory: Annotated[Bytes, Help("in use when nothing happens")] = Bytes(180 * MIB)
    memory_limit: Annotated[Bytes | None, Help("twice `memory` and 64 MiB when not given")] = None
    startup: Annotated[Nanoseconds, Range(min=100 * MILLISECOND)] = Nanoseconds(8 * SECOND)
    disk: Disk | None = None
    certificate: Annotated[Nanoseconds, Help("expires so long after the start of a run; 0s: it has none")] = (
        Nanoseconds(61 * 1440 * MINUTE)
    )
    pool: Pool | None = None
    hit_rate: Annotated[Share, Help("of a cache that is warm")] = Share(0.95)
    keys: Annotated[int, Range(min=1), Help("of a cache: how many answers make it warm")] = 20_000
    ttl: Annotated[Nanoseconds, Range(min=SECOND), Help("of a cache's answers")] = Nanoseconds(5 * MINUTE)
    capacity: Annotated[int, Range(min=1), Help("messages that a queue holds")] = 1_000_000
    cold: Annotated[Cold, Help("of a function")] = Cold()
    autoscale: Autoscale | None = None
    routes: Mapping[RouteName, Route] = field(default_factory=dict)
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A region, and how much of the traffic comes in there."""

    noun: ClassVar[str] = "a region"
    share: Annotated[float, Range(min=0), Help("of the traffic, beside that of the others")] = 1.0
    network: Word | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """Requests from outside."""

    noun: ClassVar[str] = "traffic"
    to: Target
    arrivals: Annotated[Arrivals, Help("when: {poisson: 20/s}, {profile: {rate: 20/s, shape: web}}, …")]
    timeout: Annotated[Nanoseconds, Range(min=MILLISECOND), Help("how long clients wait")] = Nanoseconds(30 * SECOND)
    retries: Annotated[int, Range(min=0, max=5), Help("of clients whose request failed, as new traces")] = 0
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """A graph of services, and the traffic that comes to it."""

    noun: ClassVar[str] = "a graph of services"
    services: Mapping[ServiceName, Service]
    traffic: tuple[Traffic, ...]
    regions: Annotated[Mapping[Word, Region], Help("one, called main, when not given")] = field(default_factory=dict)
    namespace: str = "default"
    network: Annotated[Word | None, Help("of the world, where its instances are")] = None
    clients: Annotated[str, Help("role of the outsiders who ask")] = "client"
    place: Place = NOWHERE
