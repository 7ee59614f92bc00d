"""OTLP: spans, log records and data points in protobuf, per core, against OpenTelemetry's SDK and protobuf's classes.

    python benchmarks/otlp.py [--json] [--rounds 5] [--batches 6]

The records are those of the renderers that ship, tag included: each a request of its own, after its
length. In each round everything runs once, one after the other:

- ours: columns are sampled in batches of 16,384 rows (Philox; Zipf categories, Poisson times,
  log-normal durations) and rendered to bytes;
- protobuf: the same messages are built in Python with the classes of ``opentelemetry-proto`` (upb),
  from plain Python values ready at hand, and serialised; the bytes are asserted to be ours;
- the SDK: spans with the same attributes are started and ended, and encoded by its OTLP exporter in
  batches of 512, with no network behind it.

Figures are CPU seconds (user and system), medians of the rounds; ratios are medians of the
ratios within a round.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from google.protobuf.internal.encoder import _VarintBytes
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.trace import SpanKind, Status, StatusCode

from simulator import Host, Metric, Outsider, Series, Tag
from simulator.events.columns import Coded, Column, Durations, Identifiers, Integers, Numbers, Times, Vocabulary
from simulator.plugin_manager import load_plugins
from simulator.telemetry.messages.compiled import CompiledMessage
from simulator.telemetry.metrics.samples import NUMBER
from simulator.telemetry.streams import compiled_record
from simulator.telemetry.templates import named_backend

BATCH = 16_384
PEER_ROWS = 4_096
START = 1_767_225_600_000_000_000
TAG = Tag("r1a2b3c4d", "benchmark")
SCHEMA = "https://opentelemetry.io/schemas/1.44.0"
SCOPE = "go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
SERVICES = [f"service-{number}" for number in range(20)]
Draw = np.random.Generator
Row = Mapping[str, Any]


def zipf(values: list[Any], exponent: float = 1.1) -> Callable[[Draw], Column]:
    """Draw values by rank, with a table that has places for each as its share allows."""
    weights = 1 / np.arange(1, len(values) + 1) ** exponent
    edges = np.cumsum(weights) / weights.sum()
    places = 65_536 if len(values) > 256 else 4_096
    table = np.searchsorted(edges, (np.arange(places) + 0.5) / places).astype(np.uint16)
    unused, vocabulary = (65_536 // places).bit_length() - 1, Vocabulary(values)

    def draws(draw: Draw) -> Column:
        places = draw.bit_generator.random_raw(BATCH // 4).view(np.uint16) >> unused
        return Coded(table[places].astype(np.uint32), vocabulary)

    return draws


def identifiers(width: int) -> Callable[[Draw], Column]:
    def draws(draw: Draw) -> Column:
        return Identifiers(draw.bit_generator.random_raw(BATCH * width // 8).view(np.uint8).reshape(BATCH, width))

    return draws


def poisson(draw: Draw) -> Column:
    return Times(START + np.cumsum(draw.standard_exponential(BATCH) * 1e6).astype(np.int64))


def durations(draw: Draw) -> Column:
    return Durations(np.exp(draw.standard_normal(BATCH, np.float32) * 1.2 + 16.5).astype(np.int64))


def sizes(draw: Draw) -> Column:
    return Integers(np.exp(draw.standard_normal(BATCH, np.float32) * 1.2 + 8).astype(np.int64))


def ports(draw: Draw) -> Column:
    return Integers(32_768 + (draw.bit_generator.random_raw(BATCH // 4).view(np.uint16) >> 2).astype(np.int64))


def _instances() -> list[Host]:
    return [
        Host(
            f"{service}-7c9f-{number}", f"10.1.{place}.{number}", "linux", f"{service}-{number}.bench.test",
            attributes={"service": service, "kind": "service", "namespace": "shop", "region": "eu-1"},
        )
        for place, service in enumerate(SERVICES) for number in range(3)
    ]  # fmt: skip


DRAWS: Mapping[str, Callable[[Draw], Column]] = {
    "host": zipf(_instances(), 0.6),
    "version": zipf(["1.4.2", "1.5.0"], 3.0),
    "trace": identifiers(16),
    "span": identifiers(8),
    "parent": identifiers(8),
    "root": zipf([0, 1], 2.5),
    "source": zipf([Outsider(f"o{n}", f"198.51.100.{n}") for n in range(200)]),
    "source_port": ports,
    "method": zipf(["GET", "POST", "PUT"], 3.0),
    "route": zipf([f"/shop/products/{n}/{{id}}" for n in range(60)]),
    "status": zipf([200, 404, 500, 503], 3.0),
    "error": zipf([None]),
    "failed": zipf([0]),
    "protocol": zipf(["http"]),
    "duration": durations,
    "bytes": sizes,
    "time": poisson,
}


def _series() -> list[Series]:
    metric = Metric("http.requests", "counter", "Requests that an HTTP server has answered.", (), "{request}")
    labels = [
        {"method": method, "route": f"/shop/products/{n}/{{id}}", "code": "200", "version": "1.4.2"}
        for method in ("GET", "POST") for n in range(10)
    ]  # fmt: skip
    return [Series(metric, each, host) for host in _instances() for each in labels]


def whose(draw: Draw) -> dict[str, Column]:
    """Return series and, of each, its host."""
    series = _ALL_SERIES(draw)
    assert isinstance(series, Coded)
    return {"series": series, "host": Coded(_HOST_OF_SERIES[series.codes], _HOSTS)}


_ALL_SERIES = zipf(_series(), 0.2)
_HOSTS = Vocabulary(_instances())
_HOST_OF_SERIES = np.repeat(np.arange(len(_HOSTS), dtype=np.uint32), 20)


def values(draw: Draw) -> Column:
    return Numbers(draw.integers(0, 1_000_000, BATCH).astype(np.float64))


def starts(_: Draw) -> Column:
    return Times(np.full(BATCH, START - 3_600_000_000_000))


POINTS: Mapping[str, Callable[[Draw], Column]] = {"time": poisson, "start": starts, "value": values}


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


@dataclass(frozen=True)
class Work:
    """Records of one kind: ours, and built by protobuf's classes."""

    name: str
    message: CompiledMessage
    built: Callable[[Row], bytes]

    draws: Mapping[str, Callable[[Draw], Column]]

    def columns(self, draw: Draw) -> dict[str, Column]:
        found = whose(draw) if self.name == "metric_points" else {}
        return found | {name: self.draws[name](draw) for name in sorted(self.message.fields - found.keys())}

    def ours(self, batches: int) -> None:
        draw, backend = np.random.Generator(np.random.Philox(1)), named_backend("numba")
        for _ in range(batches):
            self.message.render(self.columns(draw), BATCH, backend)


def works() -> Iterator[Work]:
    plugins = load_plugins()
    request = plugins.event_types["service.request"]
    for name, signal, event, built, draws in (
        ("spans", "traces", request, built_span, DRAWS),
        ("logs", "logs", request, built_log, DRAWS),
        ("metric_points", "metrics", NUMBER, built_point, POINTS),
    ):
        renderer = plugins.renderers[f"otlp_protobuf.{signal}"]
        record = renderer.records(event.name)[0]  # the first: of HTTP, of requests that went well, of counters
        message = compiled_record(renderer, event, record, plugins.format_of(renderer), TAG)
        assert isinstance(message, CompiledMessage)
        yield Work(name, message, built, draws)


def cpu(job: Callable[[], object]) -> float:
    """Return the CPU seconds, of this process and in the kernel, that a job takes."""
    before = time.process_time()
    job()
    return time.process_time() - before


def round_of(work: Work, rows: list[Row], batches: int) -> dict[str, float]:
    """Return the CPU seconds a record of each contestant."""
    found = {
        "ours": cpu(lambda: work.ours(batches)) / (batches * BATCH),
        "protobuf": cpu(lambda: [work.built(row) for row in rows]) / len(rows),
    }
    if work.name == "spans":
        found["sdk"] = cpu(lambda: with_the_sdk(rows)) / len(rows)
    return found


def prepared(work: Work) -> tuple[list[Row], float]:
    """Return rows of plain values, and the bytes a record; what is built of them are asserted to be our bytes."""
    draw = np.random.Generator(np.random.Philox(1))
    columns = {name: each(draw) for name, each in work.draws.items()} | work.columns(draw)
    rows: list[Row] = [{name: each.row(row) for name, each in columns.items()} for row in range(PEER_ROWS)]
    if work.name == "spans":
        rows = [{**row, "attributes": span_attributes(row)} for row in rows]
    rendered = work.message.render(columns, BATCH, named_backend("numba"))
    assert rendered.rows()[:PEER_ROWS] == [work.built(row) for row in rows]
    return rows, len(rendered.data) / BATCH


def measured(rounds: int, batches: int) -> dict[str, Any]:
    """Run all rounds, and return nanoseconds a record and the ratios."""
    answer: dict[str, Any] = {"nanoseconds_per_record": {}, "bytes_per_record": {}, "ratios": {}, "rounds": rounds}
    for work in works():
        rows, answer["bytes_per_record"][work.name] = prepared(work)
        work.ours(batches)  # fills tables and caches, as the first batches of any run do
        found = [round_of(work, rows, batches) for _ in range(rounds)]
        for name in found[0]:
            median = statistics.median(each[name] for each in found)
            answer["nanoseconds_per_record"][f"{work.name}_{name}"] = median * 1e9
            if name != "ours":
                ratio = statistics.median(each[name] / each["ours"] for each in found)
                answer["ratios"][f"otlp_{work.name}_vs_{name}"] = ratio
    return {**answer, "cores": os.cpu_count()}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--json", action="store_true", help="print one JSON object")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--batches", type=int, default=6, help="of 16,384 rows, in each round")
    given = options.parse_args()
    answer = measured(given.rounds, given.batches)
    if given.json:
        print(json.dumps(answer))
        return
    for name, figure in answer["nanoseconds_per_record"].items():
        size = answer["bytes_per_record"][name.rpartition("_")[0]]
        print(f"{name:24} {figure:9.0f} ns/record {1e3 / figure:8.2f} M records/s/core, {size:.0f} bytes each")
    for name, ratio in answer["ratios"].items():
        print(f"{name:30} {ratio:7.1f}")


if __name__ == "__main__":
    main()
