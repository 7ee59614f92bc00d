"""The renderers: traces and logs of services, in both encodings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from simulator import LogSource, Record, Renderer
from simulator_otel import formats, logs, traces
from simulator_otel.entries import ENTRIES, exception
from simulator_otel.spans import SPANS
from simulator_otel.values import JSON_FILTERS, PROTOBUF_FILTERS

_LOG, _LOG_RESOURCE = "resourceLogs.scopeLogs.logRecords", "resourceLogs.resource.attributes"
_SPAN, _SPAN_RESOURCE = "resourceSpans.scopeSpans.spans", "resourceSpans.resource.attributes"


def _templates(
    events: Sequence[str], records: Callable[..., tuple[Record, ...]], *, binary: bool
) -> Mapping[str, tuple[Record, ...]]:
    return {event: records(event, binary=binary) for event in dict.fromkeys(events)}


def _entities(resource: str) -> Mapping[str, str]:
    return {"service": f"{resource}.service.name", "host": f"{resource}.service.instance.id"}


def _renderer(signal: str, *, binary: bool) -> Renderer:
    of_traces = signal == "traces"
    form = formats.TRACES if of_traces else formats.LOGS
    record, resource = (_SPAN, _SPAN_RESOURCE) if of_traces else (_LOG, _LOG_RESOURCE)
    filters = PROTOBUF_FILTERS if binary else JSON_FILTERS
    return Renderer(
        name=f"{'otlp_protobuf' if binary else 'otlp'}.{signal}",
        title=f"{'spans' if of_traces else 'log records'} of services, in OTLP/{'protobuf' if binary else 'JSON'}",
        format=formats.PROTOBUF.name if binary else form.name,
        templates=_templates(
            [each.event for each in (SPANS if of_traces else ENTRIES)],
            traces.records if of_traces else logs.records,
            binary=binary,
        ),
        lasts="duration",
        log_sources=() if binary else (LogSource(product="opentelemetry", service=signal),),
        fields={
            "service.*": f"{resource}.service.*",
            "cloud.*": f"{resource}.cloud.*",
            "k8s.pod.name": f"{resource}.k8s.pod.name",
            "body": f"{record}.body.stringValue",
            "*": f"{record}.attributes.*",
        },
        entities=_entities(resource),
        filters={**filters, "exception": exception},
    )


RENDERERS = tuple(_renderer(signal, binary=binary) for signal in ("traces", "logs") for binary in (False, True))
