"""A receiver of OTLP over HTTP for tests, with opentelemetry-proto as the reader."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from google.protobuf.json_format import ParseDict
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

Labels = frozenset[tuple[str, Any]]


@dataclass
class Received:
    """What came in: requests in their order, and the headers of each."""

    metrics: list[ExportMetricsServiceRequest] = field(default_factory=list)
    traces: list[ExportTraceServiceRequest] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    url: str = ""

    @property
    def resources(self) -> list[dict[str, Any]]:
        parts = [part for each in self.metrics for part in each.resource_metrics]
        parts += [part for each in self.traces for part in each.resource_spans]
        return [_labels(part.resource.attributes) for part in parts]

    @property
    def points(self) -> dict[str, dict[Labels, Any]]:
        """Return metric → labels → its last point. Units are part of the name: ``feint.output (By)``."""
        found: dict[str, dict[Labels, Any]] = {}
        for request in self.metrics:
            for metric in request.resource_metrics[0].scope_metrics[0].metrics:
                kind = metric.WhichOneof("data")
                for point in getattr(metric, kind).data_points:
                    labels = frozenset(_labels(point.attributes).items())
                    found.setdefault(f"{metric.name} ({metric.unit})", {})[labels] = point
        return found

    def total(self, name: str, **labels: str) -> float:
        """Return the sum of a counter over all labels but these."""
        return sum(
            point.as_int or point.as_double
            for found, points in self.points.items()
            for have, point in points.items()
            if found.startswith(f"{name} ") and labels.items() <= dict(have).items()
        )

    @property
    def spans(self) -> dict[str, Span]:
        parts = [part for each in self.traces for part in each.resource_spans]
        return {span.name: span for part in parts for scope in part.scope_spans for span in scope.spans}

    def read(self, line: str) -> None:
        """Take in a line of OTLP/JSON, whose ids are hex where the JSON of protocol buffers has base64."""
        document = json.loads(line)
        if "resourceMetrics" in document:
            self.metrics.append(ParseDict(document, ExportMetricsServiceRequest()))
            return
        spans = document["resourceSpans"][0]["scopeSpans"][0]["spans"]
        keys = "traceId", "spanId", "parentSpanId"
        ids = [[bytes.fromhex(span.pop(key, "")) for key in keys] for span in spans]
        request = ParseDict(document, ExportTraceServiceRequest())
        for span, (trace, own, parent) in zip(request.resource_spans[0].scope_spans[0].spans, ids, strict=True):
            span.trace_id, span.span_id, span.parent_span_id = trace, own, parent
        self.traces.append(request)


def _labels(attributes: Any) -> dict[str, Any]:
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in attributes}


@contextmanager
def receiver(status: int = 200, headers: dict[str, str] | None = None, wait: float = 0) -> Iterator[Received]:
    """Receive until the block ends; answer with this status and these headers, after a while."""
    received, closing = Received(), threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.headers.append({key.lower(): value for key, value in self.headers.items()})
            if self.path.endswith("/v1/metrics"):
                received.metrics.append(ExportMetricsServiceRequest.FromString(body))
            else:
                assert self.path.endswith("/v1/traces"), self.path
                received.traces.append(ExportTraceServiceRequest.FromString(body))
            until = time.monotonic() + wait
            while time.monotonic() < until and not closing.wait(0.05):
                pass
            try:
                self.send_response(status)
                for key, value in {"Content-Length": "0", **(headers or {})}.items():
                    self.send_header(key, value)
                self.end_headers()
            except OSError:
                return  # it was waited for no longer

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    received.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield received
    finally:
        closing.set()
        server.shutdown()
        server.server_close()
        thread.join()
