"""What happens in a graph of services: requests, calls between them, and what becomes of their instances.

``host`` is always the instance: a machine, pod or function of the world, with the
service it runs in ``host.attributes.service``.
"""

from __future__ import annotations

from simulator import EventType, Field

_WHOSE = (
    Field("host", "host", required=True, help="the instance"),
    Field("service", "text", help="what it is an instance of"),
    Field("version", "text", help="that it runs at the time"),
    Field("region", "text"),
)
_TRACE = (
    Field("trace", "identifier", width=16, inherits="trace", help="W3C trace id"),
    Field("span", "identifier", width=8, inherits="", help="id of this span"),
    Field("parent", "identifier", width=8, inherits="span", help="id of the span that caused it; zeros in a root"),
)
_OUTCOME = (
    Field("status", "code", 200, help="HTTP status, or gRPC code; 0 where the protocol has none"),
    Field("error", "text", help="what went wrong, as OpenTelemetry's error.type: 500, timeout, …; none: nothing"),
    Field("failed", "code", 0, help="1 where error is given"),
    Field("duration", "duration", {"lognormal": {"p50": "20ms", "p99": "200ms"}}),
)

EVENT_TYPES = (
    EventType(
        "service.request",
        "An instance of a service handled a request (a server span), or a message (a consumer span)",
        (
            *_WHOSE,
            *_TRACE,
            Field("root", "code", 1, help="1 where it begins its trace"),
            Field("link_trace", "identifier", width=16, inherits="", help="trace that sent the message; zeros if none"),
            Field("link_span", "identifier", width=8, inherits="", help="span that sent the message; zeros if none"),
            Field("caller", "text", help="the service that asked; none from outside"),
            Field("source", "endpoint", help="the instance or the client outside that asked"),
            Field("source_port", "integer", {"integer": {"min": 32768, "max": 60999}}),
            Field("kind", "text", "server", help="server or consumer"),
            Field("protocol", "text", "http", help="http, grpc, messaging or function"),
            Field("system", "text", help="of the queue that a message comes from: kafka, aws_sqs, …; else none"),
            Field("method", "text", "GET", help="HTTP method; POST in gRPC; process for messages"),
            Field("route", "text", "/", help="/cart/{id}, or shop.Cart/AddItem, or a queue's name"),
            *_OUTCOME,
            Field("bytes", "integer", {"lognormal": {"p50": 2400, "p99": 60000}}, help="of the answer's body"),
            Field("cold", "code", 0, help="1 where an instance had to be started for it"),
            Field("cold_duration", "duration", "0s", help="of which: starting the instance"),
        ),
    ),
    EventType(
        "service.unanswered",
        "A request from outside reached no instance: there was none, or nobody trusts its certificate any more",
        (
            Field("host", "host", required=True, help="an instance that it could have gone to"),
            Field("service", "text", help="what it is an instance of"),
            Field("region", "text"),
            Field("trace", "identifier", width=16, inherits="trace", help="W3C trace id"),
            Field("root", "code", 1, help="1: it begins its trace, and ends it"),
            Field("source", "endpoint", help="the client outside that asked"),
            Field("source_port", "integer", {"integer": {"min": 32768, "max": 60999}}),
            Field("protocol", "text", "http", help="http or grpc"),
            Field("method", "text", "GET", help="HTTP method; POST in gRPC"),
            Field("route", "text", "/", help="/cart/{id}, or shop.Cart/AddItem"),
            Field("status", "code", 503, help="of what stands before the instances; 0 where there was no handshake"),
            Field("error", "text", "refused", help="refused or certificate_expired"),
            Field("failed", "code", 1),
            Field("duration", "duration", {"lognormal": {"p50": "1ms", "p99": "3ms"}}),
        ),
    ),
    EventType(
        "service.call",
        "A service asked another, a database, a cache, a queue or the outside (a client or producer span)",
        (
            *_WHOSE,
            *_TRACE,
            Field("kind", "text", "client", help="client or producer"),
            Field("peer", "text", required=True, help="what was asked"),
            Field("peer_kind", "text", "service", help="service, database, cache, queue, function or external"),
            Field("peer_host", "endpoint", help="the instance that was asked"),
            Field("port", "code", 443),
            Field("system", "text", help="of databases, caches, queues: postgresql, redis, kafka, …"),
            Field("protocol", "text", "http", help="http, grpc, database or messaging"),
            Field("method", "text", "GET", help="HTTP method; POST in gRPC; SELECT, GET, publish"),
            Field("route", "text", "/"),
            Field("attempt", "code", 1, help="1 for the first, 2 for its first repetition"),
            *_OUTCOME,
        ),
    ),
    EventType(
        "instance.measured",
        "An instance was looked at: what it uses and how full it is, at that moment",
        (
            *_WHOSE,
            Field("kind", "text", "service", help="service, database, cache, queue, function"),
            Field("cpu", "duration", "0s", help="processor time that it used since it was last looked at"),
            Field("cpu_stolen", "duration", "0s", help="processor time taken by others since it was last looked at"),
            Field("cpu_limit", "integer", 1000, help="thousandths of a core"),
            Field("memory", "integer", 0, help="bytes in use"),
            Field("memory_limit", "integer", 0),
            Field("disk", "integer", 0, help="bytes in use"),
            Field("disk_size", "integer", 0, help="0: it has no disk of its own"),
            Field("in_flight", "integer", 0, help="requests being handled"),
            Field("workers", "integer", 0, help="most requests that it handles at once"),
            Field("pool_in_use", "integer", 0, help="connections taken from its pool"),
            Field("pool_size", "integer", 0, help="0: it has no pool"),
            Field("pool_waiting", "integer", 0, help="requests that wait for a connection"),
            Field("queue_depth", "integer", 0, help="messages that wait (queues) or requests that wait (services)"),
            Field("queue_age", "duration", "0s", help="how long the oldest of them has waited"),
            Field("certificate_expires", "integer", 0, help="seconds since the epoch; 0: it has none"),
            Field("received", "integer", 0, help="bytes since it was last looked at"),
            Field("sent", "integer", 0, help="bytes since it was last looked at"),
            Field("packets_lost", "integer", 0, help="since it was last looked at"),
            Field("clock_offset", "duration", "0s", help="how far its clock is off"),
        ),
    ),
    EventType(
        "instance.started",
        "An instance came up: its counters start at zero",
        (
            *_WHOSE,
            Field("kind", "text", "service"),
            Field("restarts", "integer", 0, help="how often it was started again in this place"),
            Field("reason", "text", "Started", help="Started, Restarted, RolledOut, RolledBack, ScaledUp"),
            Field("startup", "duration", "2s", help="from the decision to start to being ready"),
        ),
    ),
    EventType(
        "instance.stopped",
        "An instance went down",
        (
            *_WHOSE,
            Field("kind", "text", "service"),
            Field("reason", "text", "Completed", help="Completed, Error, OOMKilled, Evicted, NodeLost, ScaledDown"),
            Field("exit_code", "code", 0, help="137 after SIGKILL, 143 after SIGTERM"),
            Field("restarts", "integer", 0, help="how often it was started again in this place until now"),
        ),
    ),
    EventType(
        "service.deployed",
        "Somebody rolled a version out, or back, on a share of a service's instances",
        (
            Field("host", "host", required=True, help="an instance that it is rolled out on"),
            Field("service", "text", required=True),
            Field("version", "text", required=True, help="that is rolled out"),
            Field("previous", "text", help="that ran before"),
            Field("region", "text"),
            Field("user", "user", help="who did it; none: the pipeline"),
            Field("instances", "integer", 1, help="how many instances get it"),
            Field("of", "integer", 1, help="how many there are"),
            Field("reason", "text", "rollout", help="rollout, canary, rollback"),
        ),
    ),
    EventType(
        "service.scaled",
        "The number of a service's instances was changed",
        (
            Field("host", "host", required=True, help="an instance of it"),
            Field("service", "text", required=True),
            Field("region", "text"),
            Field("before", "integer", 1),
            Field("after", "integer", 1),
            Field("reason", "text", "cpu resource utilization (percentage of request) above target"),
        ),
    ),
)
