"""The renderers: traces, logs and metrics of services, each in both encodings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from simulator import LogSource, Record, Renderer, Sampling
from simulator_otel import formats, logs, points, traces
from simulator_otel.formats import OtlpJson
from simulator_otel.log_conventions import ENTRIES, exception
from simulator_otel.span_conventions import SPANS
from simulator_otel.values import JSON_FILTERS, PROTOBUF_FILTERS

_MINUTE = 60_000_000_000  # how often OpenTelemetry's SDKs export metrics if nobody says otherwise


@dataclass(frozen=True, slots=True)
class _Signal:
    """What there is to be told: of which events, by which records, and where a record lies in a line of JSON."""

    name: str
    title: str
    form: OtlpJson
    record: str
    events: tuple[str, ...]
    records: Callable[..., tuple[Record, ...]]
    metrics: Sampling | None = None

    def renderer(self, *, binary: bool) -> Renderer:
        resource = self.form.resource
        return Renderer(
            name=f"{'otlp_protobuf' if binary else 'otlp'}.{self.name}",
            title=f"{self.title}, in OTLP/{'protobuf' if binary else 'JSON'}",
            format=formats.PROTOBUF.name if binary else self.form.name,
            templates={event: self.records(event, binary=binary) for event in self.events},
            lasts="" if self.metrics else "duration",
            log_sources=() if binary else (LogSource(product="opentelemetry", service=self.name),),
            fields={
                "service.*": f"{resource}.service.*",
                "cloud.*": f"{resource}.cloud.*",
                "k8s.pod.name": f"{resource}.k8s.pod.name",
                "name": f"{self.record}.name",
                "body": f"{self.record}.body.stringValue",
                "severity": f"{self.record}.severityText",
                "event_name": f"{self.record}.eventName",
                "trace_id": f"{self.record}.traceId",
                "*": f"{self.record}.attributes.*",
            },
            entities={"service": f"{resource}.service.name", "host": f"{resource}.service.instance.id"},
            filters={
                **(PROTOBUF_FILTERS if binary else JSON_FILTERS),
                "exception": exception,
                "labels": points.labels,
            },
            metrics=self.metrics,
        )


_SIGNALS = (
    _Signal(
        "traces",
        "spans of services",
        formats.TRACES,
        "resourceSpans.scopeSpans.spans",
        tuple(dict.fromkeys(span.event for span in SPANS)),
        traces.records,
    ),
    _Signal(
        "logs",
        "log records of services",
        formats.LOGS,
        "resourceLogs.scopeLogs.logRecords",
        tuple(dict.fromkeys(entry.event for entry in ENTRIES)),
        logs.records,
    ),
    _Signal(
        "metrics",
        "metrics of services",
        formats.METRICS,
        "resourceMetrics.scopeMetrics.metrics",
        ("sample.number", "sample.histogram"),
        points.records,
        Sampling(
            interval=_MINUTE,
            shape="histograms",
            target="'service' in host.attributes",
            started="instance.started",
            stopped="instance.stopped",
            gone="reason == 'ScaledDown'",
        ),
    ),
)

RENDERERS = tuple(signal.renderer(binary=binary) for signal in _SIGNALS for binary in (False, True))
