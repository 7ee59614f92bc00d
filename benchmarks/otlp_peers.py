"""OTLP as others make it: messages built of opentelemetry-proto's classes, and spans of the SDK, from plain values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from google.protobuf.internal.encoder import _VarintBytes
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.trace import SpanKind, Status, StatusCode

from simulator import Host, Tag

TAG = Tag("r1a2b3c4d", "benchmark")
SCHEMA = "https://opentelemetry.io/schemas/1.44.0"
SCOPE = "go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
Row = Mapping[str, Any]


def _attribute(into: Any, key: str, value: object) -> None:
    found = into.add()
    found.key = key
    if isinstance(value, str):
        found.value.string_value = value
    else:
        found.value.int_value = value


def _resource(into: Any, row: Row) -> None:
    host = row["host"]
    for key, value in resource_of(host, row["version"]).items():
        _attribute(into.attributes, key, value)


def resource_of(host: Host, version: str) -> dict[str, str]:
    return {
        "deployment.environment.name": "test",
        "feint.run": TAG.run,
        "feint.playbook": TAG.playbook,
        "service.name": host.attributes["service"],
        "service.instance.id": host.name,
        "service.namespace": host.attributes["namespace"],
        "k8s.pod.name": host.name,
        "cloud.region": host.attributes["region"],
        "telemetry.sdk.name": "opentelemetry",
        "telemetry.sdk.language": "go",
        "telemetry.sdk.version": "1.44.0",
        "service.version": version,
    }


def span_attributes(row: Row) -> dict[str, str | int]:
    from simulator_otel.values import concrete

    failed = {"error.type": row["error"] or "_OTHER"} if row["status"] >= 500 else {}
    return {
        "http.request.method": row["method"],
        "url.scheme": "http",
        "url.path": concrete(row["route"]),
        "http.route": row["route"],
        "http.response.status_code": row["status"],
        **failed,
        "network.protocol.name": "http",
        "network.protocol.version": "1.1",
        "server.address": row["host"].attributes["service"],
        "client.address": row["source"].ip,
        "client.port": row["source_port"],
    }


def built_span(row: Row) -> bytes:
    """Build a request with one span, and serialise it."""
    request = ExportTraceServiceRequest()
    told = request.resource_spans.add()
    _resource(told.resource, row)
    told.schema_url = SCHEMA
    scoped = told.scope_spans.add()
    scoped.scope.name, scoped.scope.version, scoped.schema_url = SCOPE, "0.69.0", SCHEMA
    span = scoped.spans.add()
    span.trace_id, span.span_id = row["trace"], row["span"]
    if not row["root"]:
        span.parent_span_id = row["parent"]
    span.name, span.kind = f"{row['method']} {row['route']}", 2
    span.start_time_unix_nano, span.end_time_unix_nano = row["time"], row["time"] + row["duration"]
    for key, value in row["attributes"].items():
        _attribute(span.attributes, key, value)
    if row["status"] >= 500:
        span.status.code = 2
    span.flags = 0x101 if row["root"] else 0x301
    return _delimited(request)


def built_log(row: Row) -> bytes:
    """Build a request with one log record, and serialise it."""
    request = ExportLogsServiceRequest()
    told = request.resource_logs.add()
    _resource(told.resource, row)
    told.schema_url = SCHEMA
    scoped = told.scope_logs.add()
    scoped.scope.name, scoped.scope.version, scoped.schema_url = "app", "0.69.0", SCHEMA
    log = scoped.log_records.add()
    end = row["time"] + row["duration"]
    log.time_unix_nano = log.observed_time_unix_nano = end
    log.severity_number, log.severity_text = 9, "INFO"
    log.body.string_value = f"{row['method']} {row['route']} {row['status']} in {row['duration'] // 1_000_000} ms"
    _attribute(log.attributes, "http.route", row["route"])
    _attribute(log.attributes, "http.request.method", row["method"])
    _attribute(log.attributes, "http.response.status_code", row["status"])
    _attribute(log.attributes, "http.response.body.size", row["bytes"])
    log.trace_id, log.span_id, log.flags = row["trace"], row["span"], 1
    return _delimited(request)


def built_point(row: Row) -> bytes:
    """Build a request with one data point of a counter, and serialise it."""
    series = row["series"]
    request = ExportMetricsServiceRequest()
    told = request.resource_metrics.add()
    _resource(told.resource, {**row, "version": series.labels["version"]})
    told.schema_url = SCHEMA
    scoped = told.scope_metrics.add()
    scoped.scope.name, scoped.scope.version, scoped.schema_url = "go.opentelemetry.io/otel/metric", "0.69.0", SCHEMA
    metric = scoped.metrics.add()
    metric.name, metric.description, metric.unit = series.metric.name, series.metric.help, series.metric.unit
    metric.sum.aggregation_temporality, metric.sum.is_monotonic = 2, True
    point = metric.sum.data_points.add()
    point.start_time_unix_nano, point.time_unix_nano, point.as_double = row["start"], row["time"], row["value"]
    for key, value in series.labels.items():
        if key != "version":
            _attribute(point.attributes, key, value)
    return _delimited(request)


def _delimited(request: Any) -> bytes:
    data: bytes = request.SerializeToString()
    return bytes(_VarintBytes(len(data))) + data


class Kept(SpanProcessor):
    """Keeps ended spans until there are 512, and encodes them."""

    def __init__(self) -> None:
        self.spans: list[ReadableSpan] = []
        self.bytes = 0

    def on_end(self, span: ReadableSpan) -> None:
        self.spans.append(span)
        if len(self.spans) == 512:
            self.bytes += len(encode_spans(self.spans).SerializeToString())
            self.spans.clear()


def with_the_sdk(rows: list[Row]) -> None:
    """Start and end a span for each row."""
    kept = Kept()
    provider = TracerProvider(
        resource=Resource(resource_of(rows[0]["host"], rows[0]["version"])), shutdown_on_exit=False
    )
    provider.add_span_processor(kept)
    tracer = provider.get_tracer(SCOPE, "0.69.0", SCHEMA)
    for row in rows:
        span = tracer.start_span(
            f"{row['method']} {row['route']}",
            kind=SpanKind.SERVER,
            attributes=row["attributes"],
            start_time=row["time"],
        )
        if row["status"] >= 500:
            span.set_status(Status(StatusCode.ERROR))
        span.end(row["time"] + row["duration"])
    assert kept.bytes
