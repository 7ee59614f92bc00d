"""What the SDK measured as OTLP/JSON, one request a line, as collectors read it from a file.

The file form of the protocol buffers: 64-bit integers are strings, ids are hex.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opentelemetry.sdk.metrics.export import Metric, MetricsData
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import ReadableSpan

Document = dict[str, Any]


def metrics_line(data: MetricsData) -> bytes:
    """Return a request of metrics."""
    resources = [
        {
            "resource": _resource(each.resource),
            "scopeMetrics": [
                {"scope": _scope(part.scope), "metrics": [_metric(metric) for metric in part.metrics]}
                for part in each.scope_metrics
            ],
        }
        for each in data.resource_metrics
    ]
    return _line({"resourceMetrics": resources})


def spans_line(spans: Sequence[ReadableSpan]) -> bytes:
    """Return a request of spans; those of one export have one resource and one scope."""
    resources = [
        {
            "resource": _resource(spans[0].resource),
            "scopeSpans": [{"scope": _scope(spans[0].instrumentation_scope), "spans": [_span(each) for each in spans]}],
        }
    ]
    return _line({"resourceSpans": resources})


def _line(document: Document) -> bytes:
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def _resource(resource: Resource) -> Document:
    return {"attributes": _attributes(resource.attributes)}


def _scope(scope: Any) -> Document:
    return {"name": scope.name, "version": scope.version}


def _attributes(attributes: Mapping[str, Any] | None) -> list[Document]:
    return [
        {"key": key, "value": {"intValue": str(value)} if isinstance(value, int) else {"stringValue": str(value)}}
        for key, value in (attributes or {}).items()
    ]


def _metric(metric: Metric) -> Document:
    told: Document = {"name": metric.name, "description": metric.description, "unit": metric.unit}
    data: Any = metric.data
    points = [_point(each) for each in data.data_points]
    kind = type(data).__name__.lower()  # sum, gauge, histogram
    held: Document = {"dataPoints": points}
    if kind != "gauge":
        held["aggregationTemporality"] = int(data.aggregation_temporality)
    if kind == "sum":
        held["isMonotonic"] = data.is_monotonic
    return {**told, kind: held}


def _point(point: Any) -> Document:
    told: Document = {"attributes": _attributes(point.attributes), "timeUnixNano": str(point.time_unix_nano)}
    if point.start_time_unix_nano is not None:
        told["startTimeUnixNano"] = str(point.start_time_unix_nano)
    if not hasattr(point, "bucket_counts"):
        return {**told, **({"asInt": str(point.value)} if isinstance(point.value, int) else {"asDouble": point.value})}
    return {
        **told,
        "count": str(point.count),
        "sum": point.sum,
        "bucketCounts": [str(each) for each in point.bucket_counts],
        "explicitBounds": list(point.explicit_bounds),
        "min": point.min,
        "max": point.max,
    }


def _span(span: ReadableSpan) -> Document:
    assert span.context is not None
    told: Document = {
        "traceId": f"{span.context.trace_id:032x}",
        "spanId": f"{span.context.span_id:016x}",
        "name": span.name,
        "kind": span.kind.value + 1,
        "startTimeUnixNano": str(span.start_time),
        "endTimeUnixNano": str(span.end_time),
        "attributes": _attributes(span.attributes),
        "status": {"code": span.status.status_code.value},
    }
    if span.parent is not None:
        told["parentSpanId"] = f"{span.parent.span_id:016x}"
    return told
