"""The metrics of services: what their clients, servers and machines would count and measure.

Named and bucketed as OpenTelemetry's semantic conventions have it, and for Prometheus as the
exporter calls it that people run for the purpose: client libraries, node_exporter, cAdvisor,
kube-state-metrics, blackbox_exporter. ``version`` is the one that ran: a rollout ends its series.
"""

from __future__ import annotations

from collections.abc import Mapping

from simulator import Measure, Metric

REQUEST, CALL, MEASURED, STARTED = "service.request", "service.call", "instance.measured", "instance.started"
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)
DATABASE_SECONDS = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10)
_VERSION = {"version": "version"}
_ERROR = {"error.type": "error"}
_CODES = (
    "('OK', 'CANCELLED', 'UNKNOWN', 'INVALID_ARGUMENT', 'DEADLINE_EXCEEDED', 'NOT_FOUND', 'ALREADY_EXISTS',"
    " 'PERMISSION_DENIED', 'RESOURCE_EXHAUSTED', 'FAILED_PRECONDITION', 'ABORTED', 'OUT_OF_RANGE', 'UNIMPLEMENTED',"
    " 'INTERNAL', 'UNAVAILABLE', 'DATA_LOSS', 'UNAUTHENTICATED')[status]|default(status)"
)
_HTTP = {"http.request.method": "method", "http.response.status_code": "status or ''", **_ERROR, **_VERSION}
_RPC = {"rpc.system.name": "'grpc'", "rpc.method": "route", "rpc.response.status_code": _CODES, **_ERROR, **_VERSION}
_PEER = {"server.address": "peer"}
_ANSWERED = {"method": "method", "route": "route", "code": "status", **_VERSION}
_SENT = {"messaging.destination.name": "peer", **_ERROR, **_VERSION}
_SERVED = "kind == 'server' and protocol == 'http'"


def _timed(
    name: str, told: str, event: str, labels: Mapping[str, str], when: str, buckets: tuple[float, ...] = SECONDS
) -> Metric:
    return Metric(
        name, "histogram", told, (Measure(event, "duration", labels, when, lasts="duration"),), "s", buckets
    )  # fmt: skip


def _looked_at(
    name: str,
    value: str,
    unit: str,
    told: str,
    prometheus: str = "",
    when: str = "",
    labels: Mapping[str, str] = _VERSION,
    per: int = 1,
) -> Metric:
    """Return a gauge of what an instance has when it is looked at."""
    names = {"prometheus": prometheus} if prometheus else {}
    return Metric(name, "gauge", told, (Measure(MEASURED, value, labels, when),), unit, per=per, names=names)


def _used(name: str, measures: Mapping[str, Mapping[str, str]], unit: str, told: str, prometheus: str) -> Metric:
    """Return a counter of what an instance used since it was last looked at: fields, with their labels."""
    found = tuple(Measure(MEASURED, field, labels) for field, labels in measures.items())
    return Metric(name, "counter", told, found, unit, names={"prometheus": prometheus})


_SERVERS = (
    Metric(
        "http.requests",
        "counter",
        "Requests that an HTTP server has answered.",
        (
            Measure(
                REQUEST, "", {"method": "method", "route": "route", "code": "status", **_VERSION}, _SERVED, "duration"
            ),
        ),
    ),
    _timed(
        "http.server.request.duration",
        "How long an HTTP server took to answer.",
        REQUEST,
        {**_HTTP, "http.route": "route"},
        _SERVED,
    ),
    Metric(
        "http.server.active_requests",
        "updown",
        "Requests that an HTTP server is answering.",
        (
            Measure(REQUEST, "", {"http.request.method": "method", **_VERSION}, _SERVED),
            Measure(REQUEST, "-1", {"http.request.method": "method", **_VERSION}, _SERVED, "duration"),
        ),
        "{request}",
    ),
    _timed(
        "rpc.server.call.duration",
        "How long a gRPC server took to answer.",
        REQUEST,
        _RPC,
        "kind == 'server' and protocol == 'grpc'",
    ),
    _timed(
        "messaging.process.duration",
        "How long a consumer took for a message.",
        REQUEST,
        {"messaging.destination.name": "route", "messaging.operation.name": "method", **_ERROR, **_VERSION},
        "kind == 'consumer'",
    ),
    Metric(
        "faas.coldstarts",
        "counter",
        "Times that an instance had to be started for a request.",
        (Measure(REQUEST, "", _VERSION, "cold == 1"),),
        "{coldstart}",
    ),
    Metric(
        "faas.init_duration",
        "histogram",
        "How long it took to start an instance for a request.",
        (Measure(REQUEST, "cold_duration", _VERSION, "cold == 1", "cold_duration"),),
        "s",
        SECONDS,
    ),
)
_CLIENTS = (
    _timed(
        "http.client.request.duration",
        "How long an HTTP client waited for the answer.",
        CALL,
        {**_HTTP, **_PEER},
        "kind == 'client' and protocol == 'http'",
    ),
    _timed(
        "rpc.client.call.duration",
        "How long a gRPC client waited for the answer.",
        CALL,
        {**_RPC, **_PEER},
        "kind == 'client' and protocol == 'grpc'",
    ),
    _timed(
        "db.client.operation.duration",
        "How long a database or a cache took to answer.",
        CALL,
        {"db.system.name": "system", "db.operation.name": "method", **_PEER, **_ERROR, **_VERSION},
        "protocol == 'database'",
        DATABASE_SECONDS,
    ),
    Metric(
        "messaging.client.sent.messages",
        "counter",
        "Messages that a producer has sent.",
        (
            Measure(
                CALL, "", {"messaging.destination.name": "peer", **_ERROR, **_VERSION}, "kind == 'producer'", "duration"
            ),
        ),
        "{message}",
    ),
    Metric(
        "client.retries",
        "counter",
        "Calls that repeated one that had failed.",
        (Measure(CALL, "", {**_PEER, **_VERSION}, "attempt > 1"),),
    ),
)
_POOLS = (
    Metric(
        "db.client.connection.count",
        "gauge",
        "Connections of the pool, by what they are doing.",
        (
            Measure(MEASURED, "pool_in_use", {"db.client.connection.state": "'used'", **_VERSION}, "pool_size > 0"),
            Measure(
                MEASURED,
                "pool_size - pool_in_use",
                {"db.client.connection.state": "'idle'", **_VERSION},
                "pool_size > 0",
            ),
        ),
        "{connection}",
        names={"prometheus": "db_client_connections_usage"},  # _count is for histograms there
    ),
    _looked_at(
        "db.client.connection.max",
        "pool_size",
        "{connection}",
        "Most connections of the pool.",
        "db_client_connections_max",
        "pool_size > 0",
    ),
    _looked_at(
        "db.client.connection.pending_requests",
        "pool_waiting",
        "{request}",
        "Requests that wait for a connection of the pool.",
        "db_client_connections_pending_requests",
        "pool_size > 0",
    ),
    _looked_at("http.requests_in_flight", "in_flight", "{request}", "Requests that are handled now."),
    _looked_at("server.workers", "workers", "{worker}", "Most requests that are handled at once.", when="workers > 0"),
    _looked_at("queue.depth", "queue_depth", "{message}", "Messages, or requests, that wait."),
    _looked_at("queue.oldest.age", "queue_age", "s", "How long the oldest message, or request, has waited."),
)
_MACHINES = (
    _used(
        "process.cpu.time", {"cpu": _VERSION}, "s", "Processor time used.", "process_cpu_seconds_total"
    ),
    _used(
        "system.cpu.time",
        {"cpu": {"cpu": "'0'", "mode": "'user'"}, "cpu_stolen": {"cpu": "'0'", "mode": "'steal'"}},
        "s",
        "Processor time by what it was spent on.",
        "node_cpu_seconds_total",
    ),
    _looked_at(
        "k8s.container.cpu.limit",
        "cpu_limit",
        "{cpu}",
        "Processors that the container may use.",
        "kube_pod_container_resource_limits",
        labels={"resource": "'cpu'", "unit": "'core'", "container": "service"},
        per=1000,
    ),
    _looked_at("process.memory.usage", "memory", "By", "Memory in use.", "process_resident_memory_bytes"),
    _looked_at(
        "container.memory.working_set",
        "memory",
        "By",
        "Memory that the container cannot do without.",
        "container_memory_working_set_bytes",
        labels={"container": "service"},
    ),
    _looked_at(
        "container.memory.limit",
        "memory_limit",
        "By",
        "Memory that the container may use.",
        "container_spec_memory_limit_bytes",
        "memory_limit > 0",
        {"container": "service"},
    ),
    _looked_at(
        "system.filesystem.available",
        "disk_size - disk",
        "By",
        "Bytes that are free on the disk.",
        "node_filesystem_avail_bytes",
        "disk_size > 0",
        {"mountpoint": "'/data'", "fstype": "'ext4'"},
    ),
    _looked_at(
        "system.filesystem.limit",
        "disk_size",
        "By",
        "Bytes that the disk has.",
        "node_filesystem_size_bytes",
        "disk_size > 0",
        {"mountpoint": "'/data'", "fstype": "'ext4'"},
    ),
    _used(
        "system.network.received", {"received": {"device": "'eth0'"}}, "By", "Bytes that came in.",
        "node_network_receive_bytes_total",
    ),
    _used(
        "system.network.sent", {"sent": {"device": "'eth0'"}}, "By", "Bytes that went out.",
        "node_network_transmit_bytes_total",
    ),
    _used(
        "system.network.dropped", {"packets_lost": {"device": "'eth0'"}}, "{packet}", "Packets that were lost.",
        "node_network_receive_drop_total",
    ),
    _looked_at(
        "system.clock.offset", "clock_offset", "s", "How far the clock is off.", "node_timex_offset_seconds", labels={}
    ),
    _looked_at(
        "tls.certificate.expiry",
        "certificate_expires",
        "s",
        "When the first certificate expires, in seconds since 1970.",
        "probe_ssl_earliest_cert_expiry",
        "certificate_expires > 0",
        {},
    ),
    Metric(
        "k8s.container.restart.count",
        "counter",
        "How often the container was started again.",
        (
            Measure(STARTED, "restarts", {"container": "service"}),
            Measure(MEASURED, "0", {"container": "service"}),  # known to be none before there is one
        ),
        "{restart}",
        names={"prometheus": "kube_pod_container_status_restarts_total"},
    ),
)  # fmt: skip
METRICS = (*_SERVERS, *_CLIENTS, *_POOLS, *_MACHINES)
